//! What a Rails session holds: its id, and who is logged in. Mirrors
//! `action_dispatch/middleware/session/cookie_store.rb`, and for the users
//! `warden/session_serializer.rb`, which Devise builds on.
//!
//! A session is the hash inside a session cookie; [`Cookies::session`](crate::Cookies::session) is
//! the jar.

use alloc::string::String;
use core::fmt;

use serde::Serialize;

use crate::entropy::{Entropy, EntropyUnavailable};
use crate::error::SerializationError;
use crate::message::Opened;
use crate::value::{Hash, Value};

const SESSION_ID: &str = "session_id";

/// A session: a hash with strings for keys.
///
/// ```
/// # #[cfg(feature = "getrandom")] {
/// use railjar::entropy::SystemEntropy;
/// use railjar::rails::{Profile, Version};
/// use railjar::{SecretKeyBase, Session, Timestamp};
///
/// let now = Timestamp::from_unix_seconds(1_750_000_000);
/// let cookies = Profile::new(Version::V7_1).cookies(&SecretKeyBase::new("the secret")?)?;
/// let jar = cookies.session("_app_session");
///
/// let mut session = Session::new(&mut SystemEntropy)?;
/// session.insert("locale", "pt-BR");
/// let cookie = jar.seal(&session, None, &mut SystemEntropy)?;
///
/// let session = Session::read(&jar.open(cookie.as_bytes(), now)?)?;
/// assert_eq!(session.session_id().map(str::len), Some(32));
/// assert_eq!(session.warden_users().count(), 0); // a guest
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Session(Hash);

impl Session {
    /// A new session with an id of its own: 32 digits of hexadecimal, as `SecureRandom.hex(16)`
    /// gives them (`session/abstract_store.rb#generate_sid`).
    ///
    /// # Errors
    /// [`EntropyUnavailable`] when `entropy` fails.
    pub fn new(entropy: &mut impl Entropy) -> Result<Self, EntropyUnavailable> {
        let mut id = [0; 16];
        entropy.fill(&mut id)?;
        let digits = id.iter().flat_map(|byte| [byte >> 4, byte & 0x0f]);
        let id: String =
            digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect();
        Ok(Self([(SESSION_ID, id)].into_iter().collect()))
    }

    /// The session in an opened session cookie.
    ///
    /// # Errors
    /// What [`Opened::to_value`] refuses, and [`SerializationError::Mismatch`] for a value that is
    /// no hash.
    pub fn read(opened: &Opened<'_>) -> Result<Self, SerializationError> {
        match opened.to_value()? {
            Value::Hash(hash) => Ok(Self(hash)),
            _ => Err(SerializationError::Mismatch),
        }
    }

    /// The session's id, by which Rails knows it again when its content changes.
    #[must_use]
    pub fn session_id(&self) -> Option<&str> {
        self.get(SESSION_ID)?.as_str()
    }

    /// What stands under `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// Puts `value` under `key`, and returns what it replaces.
    pub fn insert(&mut self, key: impl Into<String>, value: impl Into<Value>) -> Option<Value> {
        self.0.insert(key.into(), value)
    }

    /// Takes out what stands under `key`, and returns it.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        self.0.remove(key)
    }

    /// Who is logged in: at most one user for each scope, in the session's order. None at all is a
    /// guest, as far as Warden goes.
    pub fn warden_users(&self) -> impl Iterator<Item = WardenUser<'_>> {
        self.0.iter().filter_map(|(name, key)| {
            let scope = name.as_str()?.strip_prefix("warden.user.")?.strip_suffix(".key")?;
            // A log-out leaves nil.
            (!key.is_nil()).then_some(WardenUser { scope, key })
        })
    }

    /// All of it, in order.
    #[must_use]
    pub fn as_hash(&self) -> &Hash {
        &self.0
    }
}

impl Serialize for Session {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

// Its id, its CSRF token and Warden's salt, part of a password's hash, stay out of logs.
impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Session([{} entries])", self.0.len())
    }
}

impl From<Hash> for Session {
    fn from(hash: Hash) -> Self {
        Self(hash)
    }
}

/// A user that Warden has logged in: what stands under `warden.user.SCOPE.key`.
#[derive(Clone, Copy, PartialEq)]
pub struct WardenUser<'s> {
    scope: &'s str,
    key: &'s Value,
}

impl<'s> WardenUser<'s> {
    /// Warden's scope: `"user"`, `"admin"`.
    #[must_use]
    pub fn scope(&self) -> &'s str {
        self.scope
    }

    /// What the app's `serialize_into_session` made of the user.
    #[must_use]
    pub fn key(&self) -> &'s Value {
        self.key
    }

    /// The record's id where Devise wrote the key: it writes `[record.to_key, salt]`
    /// (`devise/models/authenticatable.rb#serialize_into_session`), and `to_key` is a list of one
    /// id, or of several for a composite primary key.
    #[must_use]
    pub fn devise_id(&self) -> Option<&'s [Value]> {
        match self.key.as_array()? {
            [id, _salt] => id.as_array().filter(|id| !id.is_empty()),
            _ => None,
        }
    }
}

impl fmt::Debug for WardenUser<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WardenUser").field("scope", &self.scope).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serializer::json;
    use alloc::vec::Vec;

    fn session(json: &str) -> Session {
        match json::from_slice(json.as_bytes()).unwrap() {
            Value::Hash(hash) => Session::from(hash),
            _ => panic!("not a hash"),
        }
    }

    #[test]
    fn users_are_found_by_their_scope() {
        let session = session(
            r#"{"session_id":"s","warden.user.user.key":[[42],"$2a$11$"],
                "warden.user.admin.key":7,"warden.user.gone.key":null,
                "warden.user.user.session":{"last_request_at":1}}"#,
        );
        assert_eq!(session.session_id(), Some("s"));
        let users: Vec<_> = session.warden_users().collect();
        let scopes: Vec<_> = users.iter().map(WardenUser::scope).collect();
        assert_eq!(scopes, ["user", "admin"]);
        assert_eq!(users[0].devise_id(), Some(&[Value::from(42)][..]));
        assert_eq!((users[1].devise_id(), users[1].key()), (None, &Value::from(7)));
    }

    #[test]
    fn keys_of_any_other_shape_are_no_devise_id() {
        for key in ["42", "[]", "[42]", "[[],\"x\"]", "[42,\"x\"]", "{}", "[[1],2,3]"] {
            let text = alloc::format!(r#"{{"warden.user.user.key":{key}}}"#);
            let session = session(&text);
            assert_eq!(session.warden_users().next().and_then(|user| user.devise_id()), None);
        }
    }

    struct Fixed;

    impl Entropy for Fixed {
        fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyUnavailable> {
            out.fill(0x0f);
            Ok(())
        }
    }

    #[test]
    fn a_key_is_removed_and_the_others_stay() {
        let mut session = session(r#"{"session_id":"s","a":1,"b":2}"#);
        assert_eq!(session.remove("a"), Some(Value::from(1)));
        assert_eq!(session.remove("a"), None);
        assert_eq!((session.session_id(), session.as_hash().len()), (Some("s"), 2));
    }

    #[test]
    fn a_new_session_has_an_id_and_nothing_else() {
        let session = Session::new(&mut Fixed).unwrap();
        assert_eq!(session.session_id(), Some("0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f"));
        assert_eq!(session.as_hash().len(), 1);
    }
}
