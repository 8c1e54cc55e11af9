//! Looking into a value. All of these look through labels and decorations.

use crate::value::{Decorated, Hash, Integer, Object, RubyString, Symbol, Time, Value};

impl Value {
    /// Whether this is `nil`.
    #[must_use]
    pub fn is_nil(&self) -> bool {
        matches!(self, Self::Nil)
    }

    /// The boolean, if it is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self.core() {
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
        match self.core() {
            Self::Integer(value) => Some(value),
            _ => None,
        }
    }

    /// The float, if it is one. An integer is not converted.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        match self.core() {
            Self::Float(value) => Some(*value),
            _ => None,
        }
    }

    /// The text, if it is a string of valid UTF-8. A symbol is none.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        self.as_string()?.as_str()
    }

    /// The string, if it is one.
    #[must_use]
    pub fn as_string(&self) -> Option<&RubyString> {
        match self.core() {
            Self::String(value) => Some(value),
            _ => None,
        }
    }

    /// The elements, if it is an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Value]> {
        match self.core() {
            Self::Array(values) => Some(values),
            _ => None,
        }
    }

    /// The hash, if it is one.
    #[must_use]
    pub fn as_hash(&self) -> Option<&Hash> {
        match self.core() {
            Self::Hash(hash) => Some(hash),
            _ => None,
        }
    }

    /// What the hash holds under the string `key`; `None` too when this is not a hash.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.as_hash()?.get(key)
    }

    /// The symbol, if it is one.
    #[must_use]
    pub fn as_symbol(&self) -> Option<&Symbol> {
        match self.core() {
            Self::Symbol(symbol) => Some(symbol),
            _ => None,
        }
    }

    /// The time, if it is a `Time` or a `TimeWithZone`.
    #[must_use]
    pub fn as_time(&self) -> Option<&Time> {
        match self.core() {
            Self::Time(time) => Some(time),
            Self::TimeWithZone(time) => Some(&time.utc),
            _ => None,
        }
    }

    /// The object, if it is one of a class without a variant of its own.
    #[must_use]
    pub fn as_object(&self) -> Option<&Object> {
        match self.core() {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The value without its label, subclass, instance variables and modules.
    #[must_use]
    pub fn core(&self) -> &Self {
        let mut value = self;
        loop {
            value = match value {
                Self::Shared(shared) => &shared.value,
                Self::Decorated(decorated) => &decorated.value,
                _ => return value,
            };
        }
    }

    /// What it is besides its core value, if anything.
    #[must_use]
    pub fn as_decorated(&self) -> Option<&Decorated> {
        match self {
            Self::Decorated(decorated) => Some(decorated),
            Self::Shared(shared) => shared.value.as_decorated(),
            _ => None,
        }
    }

    /// Whether it holds no other values, and equals what says the same.
    pub(crate) fn is_scalar(&self) -> bool {
        match self {
            Self::Float(float) => !float.is_nan(),
            Self::Nil | Self::Bool(_) | Self::Integer(_) | Self::String(_) | Self::Symbol(_) => {
                true
            }
            Self::Time(_) | Self::Date(_) | Self::DateTime(_) | Self::BigDecimal(_) => true,
            _ => false,
        }
    }
}
