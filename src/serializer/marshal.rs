//! Ruby's Marshal 4.8, read and written as data: no object is ever built, no class looked up.
//! Mirrors `marshal.c` of Ruby, and the `marshal_dump`, `_dump` and instance variables of the core
//! and Active Support classes that [`Value`] has variants for.
//!
//! Reading is bounded by [`Limits`], in depth, count and size; nothing that input claims is
//! believed before it is there.

mod cursor;
mod de;
mod known;
mod number;
mod reader;
mod time;
mod writer;

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::error::{SealError, SerializationError};
use crate::value::Value;

pub(crate) use crate::serializer::marshal::reader::Trailing;

/// The version that is written: 4.8, Ruby's since 1.8.
const VERSION: [u8; 2] = [4, 8];

/// How deep values may be inside each other, in writing and by default in reading.
pub const MAX_NESTING: usize = 100;

/// Who else reads and writes a dump.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    /// Ruby.
    Ruby,
    /// Nobody: it has forms of its own for what Ruby has not (see [`known::carry`]).
    Packed,
}

/// How much a reader takes before it refuses. The defaults are far beyond any cookie, and keep a
/// reader's memory at a small multiple of its input.
///
/// ```
/// use railjar::serializer::marshal::{self, Limits};
///
/// let bytes = b"\x04\x08[\x07i\x06[\x00"; // [1, []]
/// assert!(marshal::read(bytes, &Limits::default()).is_ok());
/// assert!(marshal::read(bytes, &Limits::default().depth(1)).is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Limits {
    pub(super) depth: usize,
    pub(super) values: usize,
    pub(super) string: usize,
    pub(super) integer: usize,
    pub(super) memory: usize,
}

impl Limits {
    /// 100 deep, a million values, strings of 16 MiB, integers of 8192 bits, 64 MiB in all.
    pub const DEFAULT: Self =
        Self { depth: 100, values: 1 << 20, string: 1 << 24, integer: 1 << 10, memory: 1 << 26 };

    /// How deep values may be inside each other. Reading takes stack in proportion, so more than a
    /// few hundred needs a thread with a large one.
    pub const fn depth(self, depth: usize) -> Self {
        Self { depth, ..self }
    }

    /// How many values there may be.
    pub const fn values(self, values: usize) -> Self {
        Self { values, ..self }
    }

    /// How long one string, symbol or name may be, in bytes.
    pub const fn string(self, bytes: usize) -> Self {
        Self { string: bytes, ..self }
    }

    /// How long one integer may be, in bytes. Turning it into decimal digits takes time in
    /// proportion to the square.
    pub const fn integer(self, bytes: usize) -> Self {
        Self { integer: bytes, ..self }
    }

    /// How much memory all that is read may take, in bytes, roughly.
    pub const fn memory(self, bytes: usize) -> Self {
        Self { memory: bytes, ..self }
    }

    /// For what this crate wrote itself, but for the depth, which costs stack.
    const UNLIMITED: Self = Self {
        values: usize::MAX,
        string: usize::MAX,
        integer: usize::MAX,
        memory: usize::MAX,
        ..Self::DEFAULT
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Reads a value, which must be all that there is.
///
/// # Errors
/// [`SerializationError::MalformedPart`] for what is no Marshal 4.8, or ends too early, or goes on
/// after the value (Ruby would not look); [`TooDeep`](SerializationError::TooDeep) and
/// [`TooLarge`](SerializationError::TooLarge) beyond `limits`.
///
/// ```
/// use railjar::serializer::marshal::{self, Limits};
///
/// let value = marshal::read(b"\x04\x08{\x06:\x0cuser_idi/", &Limits::default())?;
/// assert_eq!(value.to_string(), "{:user_id=>42}");
/// assert_eq!(marshal::to_vec(&value).unwrap(), b"\x04\x08{\x06:\x0cuser_idi/");
/// # Ok::<(), railjar::SerializationError>(())
/// ```
pub fn read(bytes: &[u8], limits: &Limits) -> Result<Value, SerializationError> {
    reader::read(bytes, limits, Trailing::Refuse)
}

/// Reads into a type of yours, straight from the bytes; it may borrow from them.
///
/// What has no counterpart in serde is given as Rails would give it in JSON (see
/// [`Value::as_json`]): symbols and names as strings, sets as sequences, objects as maps of their
/// instance variables without the `@`. Strings that are not text are given as bytes. A time is
/// given as ISO 8601 text with nanoseconds; to a type that asks for a number, in seconds since the
/// epoch.
///
/// # Errors
/// Those of [`read`], and [`SerializationError::Mismatch`] when the value is not a `T`.
///
/// ```
/// use railjar::serializer::marshal::{self, Limits};
///
/// #[derive(serde::Deserialize)]
/// struct Session { user_id: u32 }
///
/// let session: Session = marshal::from_slice(b"\x04\x08{\x06:\x0cuser_idi/", &Limits::default())?;
/// assert_eq!(session.user_id, 42);
/// # Ok::<(), railjar::SerializationError>(())
/// ```
pub fn from_slice<'de, T: Deserialize<'de>>(
    bytes: &'de [u8],
    limits: &Limits,
) -> Result<T, SerializationError> {
    de::from_slice(bytes, limits, Trailing::Refuse)
}

/// Writes a value as Ruby would dump it.
///
/// Maps become hashes with string keys, `None` and `()` become `nil`, bytes a binary string; a
/// [`Symbol`](crate::value::Symbol) and every other [`Value`] arrives as what it is.
///
/// # Errors
/// [`SealError::Unrepresentable`] for what Marshal cannot say (links to nothing, times before 1900)
/// or this crate does not know (the parts of a [`Value::Uri`], the offset of a
/// [`Value::TimeWithZone`] or [`Value::TimeZone`] that MessagePack has by name alone), integers of more than 8192 bits, and when `value`'s own `Serialize`
/// fails; [`SealError::TooDeep`] beyond the depth that is read by default.
pub fn to_vec<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, SealError> {
    let mut out = Vec::new();
    write(&mut out, value)?;
    Ok(out)
}

/// Appends `value` to `out`, which is left as it was when that fails.
pub(crate) fn write<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) -> Result<(), SealError> {
    write_value(out, &crate::serializer::to_value(value)?)
}

/// The same of a tree.
pub(crate) fn write_value(out: &mut Vec<u8>, value: &Value) -> Result<(), SealError> {
    let before = out.len();
    out.extend_from_slice(&VERSION);
    let written = writer::write(out, value, Dialect::Ruby);
    if written.is_err() {
        out.truncate(before);
    }
    written
}

/// A tree as bytes that only [`unpack`] reads: how one goes through serde in one piece.
pub(crate) fn pack(value: &Value) -> Result<Vec<u8>, SealError> {
    let mut out = Vec::from(VERSION);
    writer::write(&mut out, value, Dialect::Packed)?;
    Ok(out)
}

/// Reads what [`pack`] wrote. Labels are numbered from `first` on, which is moved past them.
pub(crate) fn unpack(bytes: &[u8], first: &mut u32) -> Result<Value, SerializationError> {
    reader::read_packed(bytes, &Limits::UNLIMITED, first)
}

/// Reads, whatever follows.
pub(crate) fn read_with(
    bytes: &[u8],
    limits: &Limits,
    trailing: Trailing,
) -> Result<Value, SerializationError> {
    reader::read(bytes, limits, trailing)
}

/// As [`from_slice`], whatever follows.
pub(crate) fn from_slice_with<'de, T: Deserialize<'de>>(
    bytes: &'de [u8],
    limits: &Limits,
    trailing: Trailing,
) -> Result<T, SerializationError> {
    de::from_slice(bytes, limits, trailing)
}
