//! Values from Rust's types, and from the parts that values are made of.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use crate::value::{
    BigDecimal, Date, DateTime, Hash, Integer, Rational, RubyString, Symbol, Time, TimeWithZone,
    Value,
};

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

impl From<Symbol> for Value {
    fn from(symbol: Symbol) -> Self {
        Self::Symbol(symbol)
    }
}

impl From<Date> for Value {
    fn from(date: Date) -> Self {
        Self::Date(date)
    }
}

impl From<Time> for Value {
    fn from(time: Time) -> Self {
        Self::Time(Box::new(time))
    }
}

impl From<TimeWithZone> for Value {
    fn from(time: TimeWithZone) -> Self {
        Self::TimeWithZone(Box::new(time))
    }
}

impl From<DateTime> for Value {
    fn from(time: DateTime) -> Self {
        Self::DateTime(Box::new(time))
    }
}

impl From<BigDecimal> for Value {
    fn from(number: BigDecimal) -> Self {
        Self::BigDecimal(Box::new(number))
    }
}

impl From<Rational> for Value {
    fn from(number: Rational) -> Self {
        Self::Rational(Box::new(number))
    }
}
