//! Ruby's sets.

use crate::value::{Hash, Value};

/// A Ruby `Set`: different values in order. It is a hash whose values are `true`, in Ruby and here.
///
/// ```
/// use railjar::value::{Set, Value};
///
/// let set: Set = [1, 2, 1].into_iter().collect();
/// assert_eq!(set.len(), 2);
/// assert_eq!(Value::from(set).to_string(), "#<Set: {1, 2}>");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Set(Hash);

impl Set {
    /// The number of its elements.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Its elements, in order.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Value> + DoubleEndedIterator {
        self.0.iter().map(|(element, _)| element)
    }

    /// The hash that it is in Ruby.
    pub(crate) fn as_hash(&self) -> &Hash {
        &self.0
    }

    /// Takes a hash, if each of its values is `true`.
    pub(crate) fn from_hash(hash: Hash) -> Result<Self, Hash> {
        let only_true = hash.iter().all(|(_, value)| matches!(value, Value::Bool(true)));
        if only_true { Ok(Self(hash)) } else { Err(hash) }
    }
}

impl<V: Into<Value>> FromIterator<V> for Set {
    fn from_iter<I: IntoIterator<Item = V>>(elements: I) -> Self {
        let mut hash: Hash = elements.into_iter().map(|element| (element, true)).collect();
        hash.set_default(Value::Bool(false));
        Self(hash)
    }
}

impl From<Set> for Value {
    fn from(set: Set) -> Self {
        Self::Set(alloc::boxed::Box::new(set))
    }
}
