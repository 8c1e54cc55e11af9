//! The flash: what a session keeps for the next request. Mirrors
//! `action_dispatch/middleware/flash.rb`: `FlashHash.from_session_value` and `to_session_value`.

use alloc::vec::Vec;

use crate::value::{Hash, Symbol, Value};

/// The class of the object that versions before 4.1 kept in the session.
const CLASS: &str = "ActionDispatch::Flash::FlashHash";

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

    /// What the session holds, but for what is to be discarded. Anything that is no flash is an
    /// empty one, as in Rails.
    ///
    /// From 4.1 on that is a hash; before, Rails dumped its `FlashHash` as it was, and later
    /// versions still read it.
    #[must_use]
    pub fn from_session_value(value: &Value) -> Self {
        let stored = match value.as_object() {
            Some(object) if object.class.is(CLASS) => (object.get("@flashes"), object.get("@used")),
            Some(_) => return Self::new(),
            None => (value.get("flashes"), value.get("discard")),
        };
        let (Some(flashes), discard) = stored else { return Self::new() };
        let Some(flashes) = flashes.as_hash() else { return Self::new() };
        let kept = flashes.iter().filter(|(key, _)| !discard.is_some_and(|of| holds(of, key)));
        Self(kept.map(|(key, value)| (stringified(key), value.clone())).collect())
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

/// Whether a list or a set has the element.
fn holds(elements: &Value, wanted: &Value) -> bool {
    match elements.core() {
        Value::Array(elements) => elements.contains(wanted),
        Value::Set(elements) => elements.iter().any(|element| element == wanted),
        _ => false,
    }
}

/// `stringify_keys`, for the symbols that versions before 4.1 kept messages under.
fn stringified(key: &Value) -> Value {
    match key.as_symbol().and_then(Symbol::as_str) {
        Some(name) => Value::from(name),
        None => key.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serializer::json;
    use crate::value::{Object, Set};

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
    fn the_object_of_old_versions_is_read() {
        let flashes: Hash = [("notice", "Saved."), ("seen", "Old.")]
            .map(|(k, v)| (Symbol::from(k), v))
            .into_iter()
            .collect();
        let used: Set = [Symbol::from("seen")].into_iter().collect();
        let object = |class: &str| {
            let ivars =
                [("@used", Value::from(used.clone())), ("@flashes", flashes.clone().into())];
            Value::from(Object::new(class, ivars))
        };
        let flash = Flash::from_session_value(&object("ActionDispatch::Flash::FlashHash"));
        assert_eq!(flash, Flash([("notice", "Saved.")].into_iter().collect()));
        assert_eq!(Flash::from_session_value(&object("Other")), Flash::new());
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
