//! Ruby's hashes: ordered, with any key.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::{self, Vec};
use core::cmp::Ordering;
use core::fmt;
use core::mem;
use core::slice;

use crate::value::Value;

/// A Ruby `Hash`: pairs in the order in which their keys first came. A key that comes again
/// replaces the value and keeps its place.
///
/// ```
/// use railjar::value::{Hash, Value};
///
/// let mut hash = Hash::new();
/// hash.insert("a", 1);
/// hash.insert("b", 2);
/// hash.insert("a", 3);
/// assert_eq!(hash.to_string(), r#"{"a"=>3, "b"=>2}"#);
/// assert_eq!(hash.get("b"), Some(&Value::from(2)));
/// ```
#[derive(Clone, Default)]
pub struct Hash {
    entries: Vec<(Value, Value)>,
    /// What few hashes have.
    extra: Option<Box<Extra>>,
}

#[derive(Clone, Default)]
struct Extra {
    /// Where each key is that is a scalar, once there are more than [`SCANNED`] of them; empty
    /// before. A tree: its cost does not depend on luck, and there is no random seed here that a
    /// hash table would need against chosen keys.
    index: BTreeMap<Value, usize>,
    default: Option<Value>,
    comparison: Comparison,
}

/// How a hash tells its keys apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Comparison {
    /// By what they say (`eql?`).
    #[default]
    ByValue,
    /// By which object they are (`compare_by_identity`): two keys may say the same.
    ByIdentity,
}

/// Up to so many entries, looking at each is quicker than an index.
const SCANNED: usize = 16;

impl Hash {
    /// An empty hash.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The number of pairs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no pairs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The value under the string `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        if self.index().is_some() {
            return self.get_by(&Value::from(key));
        }
        let wanted = |(name, _): &&(Value, Value)| name.as_str() == Some(key);
        self.entries.iter().find(wanted).map(|(_, value)| value)
    }

    /// The value under any key.
    #[must_use]
    pub fn get_by(&self, key: &Value) -> Option<&Value> {
        let (_, value) = self.entries.get(self.position(key)?)?;
        Some(value)
    }

    /// Puts `value` under `key`, and returns what it replaces.
    pub fn insert(&mut self, key: impl Into<Value>, value: impl Into<Value>) -> Option<Value> {
        let (key, value) = (key.into(), value.into());
        let known = self.position(&key);
        if let Some((_, old)) = known.and_then(|at| self.entries.get_mut(at)) {
            return Some(mem::replace(old, value));
        }
        self.push(key, value);
        None
    }

    /// Takes `key` and its value out, and returns the value. The others keep their order.
    ///
    /// Of a shared value only the links to it stay (see [`Label`](crate::value::Label)): a hash that
    /// still has any of them cannot be written.
    pub fn remove(&mut self, key: impl Into<Value>) -> Option<Value> {
        let at = self.position(&key.into())?;
        let (key, value) = self.entries.remove(at);
        if let Some(extra) = &mut self.extra {
            extra.index.remove(&key);
            if self.entries.len() <= SCANNED {
                extra.index.clear();
            }
            for place in extra.index.values_mut().filter(|place| **place > at) {
                *place = place.saturating_sub(1);
            }
        }
        Some(value)
    }

    /// As [`insert`](Self::insert), but at a cost that does not grow with the hash: keys that are
    /// no scalars are taken to be different. Ruby never dumps two that are equal.
    pub(crate) fn append(&mut self, key: Value, value: Value) {
        self.entries.push((key, value));
        self.settle_last();
    }

    /// As [`append`](Self::append) of what is read to where it will stay: to move a value about
    /// would cost more than to read a short one.
    pub(crate) fn append_read<E>(
        &mut self,
        read: impl FnOnce(&mut Value, &mut Value) -> Result<(), E>,
    ) -> Result<(), E> {
        self.entries.push((Value::Nil, Value::Nil));
        if let Some((key, value)) = self.entries.last_mut() {
            read(key, value)?;
        }
        self.settle_last();
        Ok(())
    }

    /// Lets the last pair replace an earlier one with its key.
    fn settle_last(&mut self) {
        if self.comparison() == Comparison::ByIdentity {
            return;
        }
        let index = self.extra.as_ref().map(|extra| &extra.index).filter(|index| !index.is_empty());
        let Some(((key, value), earlier)) = self.entries.split_last_mut() else {
            return;
        };
        let known = match index {
            _ if !key.is_scalar() => None,
            Some(index) => index.get(key).copied(),
            None => earlier.iter().position(|(known, _)| known == key),
        };
        match known.and_then(|at| earlier.get_mut(at)) {
            Some((_, old)) => {
                mem::swap(old, value);
                self.entries.pop();
            }
            None => self.index_last(),
        }
    }

    pub(crate) fn reserve(&mut self, pairs: usize) {
        self.entries.reserve(pairs);
    }

    fn push(&mut self, key: Value, value: Value) {
        self.entries.push((key, value));
        if self.comparison() == Comparison::ByValue {
            self.index_last();
        }
    }

    /// Puts the key of the last pair into the index, once there are enough for one.
    fn index_last(&mut self) {
        let Some(((key, _), earlier)) = self.entries.split_last() else {
            return;
        };
        if earlier.len() < SCANNED || !key.is_scalar() {
            return;
        }
        let index = &mut self.extra.get_or_insert_default().index;
        if index.is_empty() {
            let keys = earlier.iter().map(|(key, _)| key);
            let keys = keys.zip(0..).filter(|(key, _)| key.is_scalar());
            index.extend(keys.map(|(key, at)| (key.clone(), at)));
        }
        index.insert(key.clone(), earlier.len());
    }

    /// What Ruby gives for a key that is not there (`Hash#default`).
    #[must_use]
    pub fn default_value(&self) -> Option<&Value> {
        self.extra.as_ref()?.default.as_ref()
    }

    /// Changes what Ruby gives for a key that is not there.
    pub fn set_default(&mut self, default: impl Into<Value>) {
        self.extra.get_or_insert_default().default = Some(default.into());
    }

    /// How it tells its keys apart.
    #[must_use]
    pub fn comparison(&self) -> Comparison {
        self.extra.as_ref().map_or(Comparison::ByValue, |extra| extra.comparison)
    }

    /// An empty hash that tells its keys apart in this way.
    #[must_use]
    #[inline]
    pub fn compared(comparison: Comparison) -> Self {
        let extra = || Box::new(Extra { comparison, ..Extra::default() });
        Self { entries: Vec::new(), extra: (comparison != Comparison::ByValue).then(extra) }
    }

    /// The pairs, in order.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Value, &Value)> + DoubleEndedIterator {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    fn index(&self) -> Option<&BTreeMap<Value, usize>> {
        self.extra.as_ref().map(|extra| &extra.index).filter(|index| !index.is_empty())
    }

    fn position(&self, key: &Value) -> Option<usize> {
        if self.comparison() == Comparison::ByIdentity {
            return None;
        }
        match self.index() {
            Some(index) if key.is_scalar() => index.get(key).copied(),
            _ => self.entries.iter().position(|(known, _)| known == key),
        }
    }
}

impl<K: Into<Value>, V: Into<Value>> FromIterator<(K, V)> for Hash {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut hash = Self::new();
        hash.extend(pairs);
        hash
    }
}

impl<K: Into<Value>, V: Into<Value>> Extend<(K, V)> for Hash {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, pairs: I) {
        for (key, value) in pairs {
            self.insert(key, value);
        }
    }
}

impl IntoIterator for Hash {
    type Item = (Value, Value);
    type IntoIter = vec::IntoIter<(Value, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

impl<'a> IntoIterator for &'a Hash {
    type Item = &'a (Value, Value);
    type IntoIter = slice::Iter<'a, (Value, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.iter()
    }
}

impl Ord for Hash {
    fn cmp(&self, other: &Self) -> Ordering {
        self.entries.cmp(&other.entries).then_with(|| match (&self.extra, &other.extra) {
            (None, None) => Ordering::Equal,
            _ => (self.comparison(), self.default_value())
                .cmp(&(other.comparison(), other.default_value())),
        })
    }
}

impl PartialOrd for Hash {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Hash {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Hash {}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    #[test]
    fn a_key_that_comes_again_keeps_its_place_with_and_without_an_index() {
        for count in [2, SCANNED, SCANNED + 1, 1000] {
            let keys = || (0..count).map(|i| format!("k{i}"));
            let mut hash: Hash = keys().map(|key| (key, 0)).collect();
            assert_eq!(hash.insert("k1", 7), Some(Value::from(0)));
            assert_eq!(hash.len(), count);
            assert_eq!(hash.get("k1"), Some(&Value::from(7)));
            assert_eq!(hash.get("none"), None);
            assert!(hash.iter().map(|(key, _)| key.as_str().unwrap()).eq(keys()));
        }
    }

    #[test]
    fn what_is_removed_is_gone_and_the_rest_is_found() {
        for count in [2, 8, 9, 10, 1000] {
            let mut hash: Hash = (0..count).map(|i| (format!("k{i}"), i)).collect();
            assert_eq!(hash.remove("k1"), Some(Value::from(1)));
            assert_eq!(hash.remove("k1"), None);
            assert_eq!(hash.remove("k0"), Some(Value::from(0)));
            hash.insert("k1", "last");
            assert_eq!(hash.get("k1"), Some(&Value::from("last")));
            let order = (2..count).chain([1]).map(|i| format!("k{i}"));
            assert!(hash.iter().map(|(key, _)| key.as_str().unwrap()).eq(order));
            for i in 2..count {
                assert_eq!(hash.get(&format!("k{i}")), Some(&Value::from(i)));
            }
        }
    }

    #[test]
    fn keys_may_be_anything() {
        let keys = [
            Value::Nil,
            Value::from(1),
            Value::Float(1.0),
            Value::from("1"),
            Value::from(Vec::new()),
        ];
        let hash: Hash = keys.iter().cloned().zip(0..).collect();
        assert_eq!(hash.len(), keys.len());
        for (key, at) in keys.iter().zip(0..) {
            assert_eq!(hash.get_by(key), Some(&Value::from(at)));
        }
    }

    #[test]
    fn a_large_hash_is_built_in_linear_time() {
        let hash: Hash = (0..200_000_i64).map(|i| (i.wrapping_mul(0x9e37_79b9) ^ i, i)).collect();
        assert_eq!(hash.len(), 200_000);
    }
}
