//! The flash: what a session keeps for the next request. Mirrors
//! `action_dispatch/middleware/flash.rb`: `FlashHash.from_session_value` and `to_session_value`.

use alloc::vec::Vec;

use crate::value::{Hash, Value};

/// The messages under a session's key `flash`.
///
/// ```
/// use railjar::messages::Flash;
/// use railjar::value::{Hash, Value};
///
/// let kept: Hash = [("notice", "Saved."), ("alert", "Old.")].into_iter().collect();
/// let stored: Hash = [
///     ("discard", Value::from(vec![Value::from("alert")])),
///     ("flashes", Value::Hash(kept)),
/// ]
/// .into_iter()
/// .collect();
///
/// let flash = Flash::from_session_value(&Value::Hash(stored));
/// assert_eq!(flash.get("notice").and_then(Value::as_str), Some("Saved."));
/// assert_eq!(flash.get("alert"), None); // it was shown already
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flash(Hash);

impl Flash {
    /// The key in the session.
    pub const KEY: &'static str = "flash";

    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What the session holds, but for what is to be discarded. Anything that is no flash of 4.0
    /// or later is an empty one, as in Rails.
    #[must_use]
    pub fn from_session_value(value: &Value) -> Self {
        let Some(Value::Hash(flashes)) = value.get("flashes") else { return Self::new() };
        let discard = value.get("discard").and_then(Value::as_array).unwrap_or_default();
        let kept = flashes.iter().filter(|(key, _)| !discard.contains(key));
        Self(kept.map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    /// What a session is to hold for the next request; `None` where there is nothing to keep, and
    /// the key does not belong into the session.
    #[must_use]
    pub fn to_session_value(&self) -> Option<Value> {
        if self.0.is_empty() {
            return None;
        }
        let discard = ("discard", Value::from(Vec::new()));
        let stored = [discard, ("flashes", Value::Hash(self.0.clone()))];
        Some(Value::Hash(stored.into_iter().collect()))
    }

    /// The message under `key`: `"notice"`, `"alert"`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// Puts a message under `key`, and returns what it replaces.
    pub fn insert(&mut self, key: &str, message: impl Into<Value>) -> Option<Value> {
        self.0.insert(key, message)
    }

    /// All messages, in order.
    #[must_use]
    pub fn as_hash(&self) -> &Hash {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serializer::json;

    fn value(json: &str) -> Value {
        json::from_slice(json.as_bytes()).unwrap()
    }

    #[test]
    fn what_was_shown_is_gone() {
        let flash = Flash::from_session_value(&value(
            r#"{"discard":["a"],"flashes":{"a":"1","notice":{"x":[1]}}}"#,
        ));
        assert_eq!(flash.as_hash().len(), 1);
        let stored = flash.to_session_value().unwrap();
        assert_eq!(stored, value(r#"{"discard":[],"flashes":{"notice":{"x":[1]}}}"#));
        assert_eq!(Flash::from_session_value(&stored), flash);
    }

    #[test]
    fn anything_else_is_an_empty_flash() {
        for other in ["null", "1", "[]", "{}", r#"{"flashes":[1]}"#, r#"{"discard":[]}"#] {
            assert_eq!(
                Flash::from_session_value(&value(other)).to_session_value(),
                None,
                "{other}"
            );
        }
    }
}
