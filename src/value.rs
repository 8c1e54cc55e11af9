//! The Ruby-faithful tree in which all serializers meet.
//!
//! It holds what Ruby's own values tell apart and JSON's do not: integers of any size beside
//! floats, strings that are only bytes, hashes with any key, in order. [`Display`](core::fmt::Display)
//! is Ruby's `inspect`.

mod bridge;
mod float;
mod hash;
mod inspect;
mod integer;
mod order;
mod serialize;
mod string;

use alloc::string::String;
use alloc::vec::Vec;

pub use crate::value::hash::Hash;
pub use crate::value::integer::{Integer, ParseIntegerError};
pub use crate::value::string::RubyString;

pub(crate) use crate::value::float::{Digits, RubyFloat};
pub(crate) use crate::value::integer::INTEGER_TOKEN;

/// A value as Ruby sees it.
///
/// Equality is identity of what is written: hashes with the same pairs in another order differ,
/// `0.0` and `-0.0` differ, `1` and `1.0` differ, and a NaN equals a NaN. The order of values is
/// total and arbitrary; it only serves to put them in maps.
///
/// The readers of this crate make no tree deeper than
/// [`json::MAX_NESTING`](crate::serializer::json::MAX_NESTING), so that cloning, comparing, showing
/// and dropping one need little stack. A tree that is built by hand is as deep as its builder likes.
///
/// ```
/// use railjar::value::{Hash, Value};
///
/// let session: Hash = [("user_id", Value::from(42)), ("flash", Value::Nil)].into_iter().collect();
/// let session = Value::Hash(session);
/// assert_eq!(session.get("user_id").and_then(Value::as_i64), Some(42));
/// assert_eq!(session.to_string(), r#"{"user_id"=>42, "flash"=>nil}"#);
/// ```
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum Value {
    /// `nil`.
    #[default]
    Nil,
    /// `true` or `false`.
    Bool(bool),
    /// An `Integer` of any size.
    Integer(Integer),
    /// A `Float`, infinities and NaN included.
    Float(f64),
    /// A `String`.
    String(RubyString),
    /// An `Array`.
    Array(Vec<Value>),
    /// A `Hash`.
    Hash(Hash),
}

impl Value {
    /// Whether this is `nil`.
    #[must_use]
    pub fn is_nil(&self) -> bool {
        matches!(self, Self::Nil)
    }

    /// The boolean, if it is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The integer, if it is one that fits.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        self.as_integer()?.to_i64()
    }

    /// The integer, if it is one.
    #[must_use]
    pub fn as_integer(&self) -> Option<&Integer> {
        match self {
            Self::Integer(value) => Some(value),
            _ => None,
        }
    }

    /// The float, if it is one. An integer is not converted.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Float(value) => Some(*value),
            _ => None,
        }
    }

    /// The text, if it is a string of valid UTF-8.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        self.as_string()?.as_str()
    }

    /// The string, if it is one.
    #[must_use]
    pub fn as_string(&self) -> Option<&RubyString> {
        match self {
            Self::String(value) => Some(value),
            _ => None,
        }
    }

    /// The elements, if it is an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Value]> {
        match self {
            Self::Array(values) => Some(values),
            _ => None,
        }
    }

    /// The hash, if it is one.
    #[must_use]
    pub fn as_hash(&self) -> Option<&Hash> {
        match self {
            Self::Hash(hash) => Some(hash),
            _ => None,
        }
    }

    /// What the hash holds under the string `key`; `None` too when this is not a hash.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.as_hash()?.get(key)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<Integer> for Value {
    fn from(value: Integer) -> Self {
        Self::Integer(value)
    }
}

impl From<i32> for Value {
    fn from(value: i32) -> Self {
        Self::Integer(Integer::from(i64::from(value)))
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(Integer::from(value))
    }
}

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Self::Integer(Integer::from(value))
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::String(RubyString::from(value))
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::String(RubyString::from(value))
    }
}

impl From<RubyString> for Value {
    fn from(value: RubyString) -> Self {
        Self::String(value)
    }
}

impl From<Vec<Value>> for Value {
    fn from(values: Vec<Value>) -> Self {
        Self::Array(values)
    }
}

impl From<Hash> for Value {
    fn from(hash: Hash) -> Self {
        Self::Hash(hash)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Nil, Into::into)
    }
}
