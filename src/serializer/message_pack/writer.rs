//! Writes a tree as the gem's packer does with Rails' extensions.
//!
//! MessagePack has no links: what occurs more than once is written as often, within bounds.

mod extension;

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use crate::error::SealError;
use crate::serializer::message_pack::extension::{Extensions, Kind};
use crate::serializer::message_pack::head::{
    close_extension, write_array, write_bytes, write_float, write_map, write_signed, write_text,
    write_unsigned,
};
use crate::serializer::message_pack::{LIMITS, MAX_NESTING, SIGNATURE, big_integer};
use crate::value::{EXPANSION_LIMIT, Encoding, Hash, Integer, Label, Links, RubyString, Value};

type Result<T = (), E = SealError> = core::result::Result<T, E>;

/// Appends `value` to `out`, which is left as it was when that fails.
pub(super) fn write(out: &mut Vec<u8>, value: &Value, extensions: &Extensions) -> Result {
    let before = out.len();
    out.extend_from_slice(&SIGNATURE);
    let mut writer = Writer {
        out,
        extensions: *extensions,
        root: value,
        links: None,
        open: BTreeSet::new(),
        seen: BTreeSet::new(),
        depth: 0,
        budget: EXPANSION_LIMIT,
    };
    let written = writer.value(value);
    if written.is_err() {
        out.truncate(before);
    }
    written
}

struct Writer<'o, 'v> {
    out: &'o mut Vec<u8>,
    extensions: Extensions,
    root: &'v Value,
    /// Where the links of `root` lead, once there was one.
    links: Option<Links<'v>>,
    /// The labels of the values that are being written.
    open: BTreeSet<Label>,
    /// Where the long strings lie that were written.
    seen: BTreeSet<usize>,
    depth: usize,
    /// What may still be written more than once, in bytes.
    budget: usize,
}

/// A shorter string is hardly longer than the link to it.
const SHORT: usize = 64;

impl<'v> Writer<'_, 'v> {
    fn value(&mut self, value: &'v Value) -> Result {
        if !self.open.is_empty() {
            self.spend(8)?;
        }
        match value {
            Value::Nil => self.out.push(0xc0),
            Value::Bool(false) => self.out.push(0xc2),
            Value::Bool(true) => self.out.push(0xc3),
            Value::Integer(integer) => self.integer(integer)?,
            Value::Float(float) => write_float(self.out, *float),
            Value::String(string) => self.string(string)?,
            Value::Array(values) => self.array(values.len(), values)?,
            Value::Hash(hash) => self.hash(hash)?,
            Value::Shared(shared) => {
                let new = self.open.insert(shared.label);
                self.value(&shared.value)?;
                if new {
                    self.open.remove(&shared.label);
                }
            }
            Value::Link(label) => self.link(*label)?,
            typed => self.typed(typed)?,
        }
        Ok(())
    }

    fn integer(&mut self, integer: &Integer) -> Result {
        // The gem takes the lowest of 64 bits for one that needs more.
        match (integer.to_i64().filter(|small| *small != i64::MIN), integer.to_u64()) {
            (Some(small), _) => write_signed(self.out, small),
            (None, Some(large)) => write_unsigned(self.out, large),
            (None, None) => {
                let start = self.out.len();
                fits(big_integer::write(self.out, integer, LIMITS.integer))?;
                fits(close_extension(self.out, Kind::Integer, start))?;
            }
        }
        Ok(())
    }

    /// Binary is bytes; all else is UTF-8, converted where it is not.
    fn string(&mut self, string: &RubyString) -> Result {
        self.count_string(string)?;
        let bytes = string.as_bytes();
        let encoding = string.encoding();
        let as_is = matches!(encoding, Encoding::UTF_8 | Encoding::US_ASCII)
            || (encoding.is_ascii_compatible() && bytes.is_ascii());
        fits(match string.to_utf8() {
            _ if encoding == Encoding::BINARY => write_bytes(self.out, bytes),
            _ if as_is => write_text(self.out, bytes),
            converted => converted.and_then(|text| write_text(self.out, text.as_bytes())),
        })
    }

    fn array(&mut self, count: usize, values: impl IntoIterator<Item = &'v Value>) -> Result {
        fits(write_array(self.out, count))?;
        self.within(usize::from(count > 0), |writer| {
            values.into_iter().try_for_each(|value| writer.value(value))
        })
    }

    fn hash(&mut self, hash: &'v Hash) -> Result {
        fits(write_map(self.out, hash.len()))?;
        self.within(usize::from(!hash.is_empty()), |writer| {
            hash.iter().try_for_each(|(key, value)| {
                writer.value(key)?;
                writer.value(value)
            })
        })
    }

    fn link(&mut self, label: Label) -> Result {
        let target = self.links().get(label).ok_or(SealError::Unrepresentable)?;
        // Ruby itself would go on until its stack is full.
        if !self.open.insert(label) {
            return Err(SealError::TooDeep);
        }
        let written = self.value(target);
        self.open.remove(&label);
        written
    }

    fn links(&mut self) -> &Links<'v> {
        let root = self.root;
        self.links.get_or_insert_with(|| Links::of(root))
    }

    /// So many levels deeper: Rails' writer knows no limit, but its reader does.
    fn within(&mut self, levels: usize, write: impl FnOnce(&mut Self) -> Result) -> Result {
        let outer = self.depth;
        self.depth = outer.saturating_add(levels);
        if self.depth > MAX_NESTING {
            return Err(SealError::TooDeep);
        }
        write(self)?;
        self.depth = outer;
        Ok(())
    }

    /// Counts a string that may be written more than once.
    fn count_string(&mut self, string: &RubyString) -> Result {
        let length = string.as_bytes().len();
        if length < SHORT {
            return Ok(());
        }
        let again = string.shared_address().is_some_and(|address| !self.seen.insert(address));
        if again || !self.open.is_empty() { self.spend(length) } else { Ok(()) }
    }

    fn spend(&mut self, bytes: usize) -> Result {
        self.budget = self.budget.checked_sub(bytes).ok_or(SealError::Unrepresentable)?;
        Ok(())
    }
}

/// Lengths over 32 bits, and strings that cannot be converted, cannot be said.
fn fits(written: Option<()>) -> Result {
    written.ok_or(SealError::Unrepresentable)
}
