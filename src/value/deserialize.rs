//! Ruby's types as fields of typed structs, read from any format.

use alloc::string::ToString as _;
use alloc::vec::Vec;
use core::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::time::Timestamp;
use crate::value::{Encoding, Hash, Integer, RubyString, Symbol, Time, Value};

/// Text as UTF-8, bytes as a binary string.
impl<'de> Deserialize<'de> for RubyString {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = RubyString;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<RubyString, E> {
                Ok(RubyString::from(text))
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<RubyString, E> {
                Ok(RubyString::new(bytes, Encoding::BINARY))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// From its name: JSON has strings where Marshal has symbols.
impl<'de> Deserialize<'de> for Symbol {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        RubyString::deserialize(deserializer).map(Self::new)
    }
}

/// From ISO 8601 text, as which a Marshal time is given and which JSON has.
impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = RubyString::deserialize(deserializer)?;
        let time = text.as_str().and_then(Self::parse);
        time.ok_or_else(|| de::Error::custom("not an ISO 8601 time"))
    }
}

impl Time {
    /// Reads ISO 8601 text: in UTC where it ends in `Z`, else at its offset. `None` for any other.
    ///
    /// ```
    /// use railjar::value::Time;
    ///
    /// let time = Time::parse("2026-01-02T03:04:05.678+05:30").unwrap();
    /// assert_eq!(time.to_string(), "2026-01-02 03:04:05.678 +0530");
    /// assert_eq!(time.timestamp().to_string(), "2026-01-01T21:34:05.678Z");
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let at = Timestamp::parse(text)?;
        let (seconds, nanoseconds) = (at.unix_seconds(), at.subsec_nanos());
        let text = text.trim();
        if text.ends_with(['Z', 'z']) {
            return Self::utc(seconds, nanoseconds);
        }
        // The local clock is the same text, taken for UTC.
        let clock = text.get(..text.rfind(['+', '-'])?)?;
        let local = Timestamp::parse(&[clock, "Z"].concat())?;
        let offset = local.unix_seconds().checked_sub(seconds)?;
        Self::at(seconds, nanoseconds, i32::try_from(offset).ok()?)
    }
}

/// What serde can say of it. Symbols, times and the like are strings then:
/// opened messages have `to_value`, which reads them as what they are.
impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Anything)
    }
}

struct Anything;

/// One method for each type that a value is made of directly.
macro_rules! from {
    ($($method:ident($type:ty)),* $(,)?) => {
        $(fn $method<E: de::Error>(self, value: $type) -> Result<Value, E> {
            Ok(Value::from(value))
        })*
    };
}

impl<'de> Visitor<'de> for Anything {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    from!(
        visit_bool(bool),
        visit_i64(i64),
        visit_u64(u64),
        visit_f64(f64),
        visit_str(&str),
        visit_string(alloc::string::String)
    );

    fn visit_i128<E: de::Error>(self, value: i128) -> Result<Value, E> {
        Ok(Value::Integer(Integer::from(value)))
    }

    fn visit_u128<E: de::Error>(self, value: u128) -> Result<Value, E> {
        value.to_string().parse().map(Value::Integer).map_err(E::custom)
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Value, E> {
        Ok(Value::String(RubyString::new(bytes, Encoding::BINARY)))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Nil)
    }

    fn visit_none<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Nil)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Value::deserialize(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<Value, D::Error> {
        Value::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = elements.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut pairs: A) -> Result<Value, A::Error> {
        let mut hash = Hash::new();
        while let Some((key, value)) = pairs.next_entry()? {
            hash.append(key, value);
        }
        Ok(Value::Hash(hash))
    }
}
