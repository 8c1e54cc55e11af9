//! To and from `serde_json::Value`.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use serde_json::{Map, Number, Value as Json};

use crate::error::SealError;
use crate::value::{Comparison, Encoding, Integer, RubyString, Value};

/// Lossless, but for the order of a map's keys, which `serde_json` keeps only with its feature
/// `preserve_order`.
///
/// # Errors
/// [`SealError::Unrepresentable`] for what the other cannot hold: integers beyond `i64` and `u64`,
/// infinities and NaN, strings that are not UTF-8, keys that are not strings, and all of Ruby's own
/// types. [`Value::as_json`] turns these into what can be held.
impl TryFrom<&Value> for Json {
    type Error = SealError;

    fn try_from(value: &Value) -> Result<Self, SealError> {
        Ok(match value {
            Value::Nil => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Integer(value) => integer(value).ok_or(SealError::Unrepresentable)?,
            Value::Float(value) => {
                Self::Number(Number::from_f64(*value).ok_or(SealError::Unrepresentable)?)
            }
            Value::String(value) => Self::String(text(value)?),
            Value::Array(values) => {
                Self::Array(values.iter().map(Self::try_from).collect::<Result<Vec<_>, _>>()?)
            }
            Value::Hash(hash)
                if hash.default_value().is_none() && hash.comparison() == Comparison::ByValue =>
            {
                let mut map = Map::new();
                for (key, value) in hash {
                    let key = key.as_string().ok_or(SealError::Unrepresentable)?;
                    map.insert(text(key)?, Self::try_from(value)?);
                }
                Self::Object(map)
            }
            _ => return Err(SealError::Unrepresentable),
        })
    }
}

impl Value {
    /// Whether JSON text can say all of this value: what is left after nil, booleans, integers of any
    /// size, finite floats, strings in UTF-8 or US-ASCII, arrays, and hashes whose keys are such strings and
    /// that have no default and no `compare_by_identity`, is more than JSON knows.
    /// [`json_losses`](Self::json_losses) says what that is.
    #[must_use]
    pub fn fits_json(&self) -> bool {
        match self {
            Self::Nil | Self::Bool(_) | Self::Integer(_) => true,
            Self::Float(value) => value.is_finite(),
            Self::String(value) => value.is_json_text(),
            Self::Array(values) => values.iter().all(Self::fits_json),
            Self::Hash(hash) => {
                let is_text = |key: &Self| matches!(key, Self::String(_)) && key.fits_json();
                hash.default_value().is_none()
                    && hash.comparison() == Comparison::ByValue
                    && hash.iter().all(|(key, value)| is_text(key) && value.fits_json())
            }
            _ => false,
        }
    }
}

impl RubyString {
    /// Whether JSON has it as it is.
    pub(crate) fn is_json_text(&self) -> bool {
        let known = [Encoding::UTF_8, Encoding::US_ASCII].contains(&self.encoding());
        known && self.as_str().is_some()
    }
}

fn integer(value: &Integer) -> Option<Json> {
    value.to_i64().map(Json::from).or_else(|| value.to_u64().map(Json::from))
}

fn text(value: &RubyString) -> Result<String, SealError> {
    let utf8 = value.encoding() == Encoding::UTF_8;
    value.as_str().filter(|_| utf8).map(String::from).ok_or(SealError::Unrepresentable)
}

/// Lossless for what JSON can say: under `serde_json`'s feature `arbitrary_precision` too,
/// integers of any size arrive in full, while a number with a point or an exponent becomes the
/// nearest float, as in Ruby.
impl From<Json> for Value {
    fn from(json: Json) -> Self {
        match json {
            Json::Null => Self::Nil,
            Json::Bool(value) => Self::Bool(value),
            Json::Number(number) => from_number(&number),
            Json::String(text) => Self::from(text),
            Json::Array(values) => Self::Array(values.into_iter().map(Self::from).collect()),
            Json::Object(map) => Self::Hash(map.into_iter().collect()),
        }
    }
}

fn from_number(number: &Number) -> Value {
    if let Some(value) = number.as_i64() {
        return Value::from(value);
    }
    let text = number.to_string();
    match text.parse::<Integer>() {
        Ok(value) => Value::Integer(value),
        // Always a number: the nearest float, or an infinity.
        Err(_) => Value::Float(text.parse().unwrap_or(f64::NAN)),
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;
    use crate::value::Hash;

    #[test]
    fn what_json_can_say_comes_back() {
        let hash: Hash = [
            ("nil", Value::Nil),
            ("yes", Value::from(true)),
            ("max", Value::from(u64::MAX)),
            ("min", Value::from(i64::MIN)),
            ("zero", Value::Float(-0.0)),
            ("float", Value::Float(1e16)),
            ("text", Value::from("é")),
            ("list", Value::from(vec![Value::from(1), Value::from(Hash::new())])),
        ]
        .into_iter()
        .collect();
        // Without `preserve_order` the keys come back sorted.
        let sorted = |hash: Hash| {
            let mut pairs: Vec<_> = hash.into_iter().collect();
            pairs.sort();
            pairs
        };
        let json = Json::try_from(&Value::Hash(hash.clone())).unwrap();
        let Value::Hash(back) = Value::from(json) else { panic!("not a hash") };
        assert_eq!(sorted(back), sorted(hash));
    }

    #[test]
    fn what_json_cannot_say_is_refused() {
        let big = Value::Integer("18446744073709551616".parse().unwrap());
        let bytes = Value::String(RubyString::from(vec![0xff]));
        let key: Hash = [(1, 1)].into_iter().collect();
        // Two of its keys could say the same.
        let same = Hash::compared(Comparison::ByIdentity);
        let floats = [f64::NAN, f64::INFINITY].map(Value::from);
        for value in [big, bytes, key.into(), same.into()].into_iter().chain(floats) {
            assert_eq!(Json::try_from(&value), Err(SealError::Unrepresentable));
        }
    }

    #[test]
    fn numbers_of_any_size_arrive() {
        for text in ["1180591620717411303424", "-1180591620717411303424"] {
            let json: Json = serde_json::from_str(text).unwrap();
            assert_eq!(Value::from(json), Value::Integer(text.parse().unwrap()));
        }
        let json: Json = serde_json::from_str("[1e2,-0.0,1.5,1E400]").unwrap();
        let floats = [100.0, -0.0, 1.5, f64::INFINITY].map(Value::Float);
        assert_eq!(Value::from(json), Value::from(floats.to_vec()));
    }
}
