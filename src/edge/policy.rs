//! What the edge does where there is a choice.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// The choices of an edge.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Policies {
    /// What becomes of a cookie that no format reads.
    pub unreadable: Unreadable,
    /// What becomes of a cookie that the server can read only in another serializer, which cannot
    /// say all that it holds.
    pub lossy: Lossy,
    /// What becomes of a cookie that the server reads by a rotation, and so would write again.
    pub rotated: Rotated,
    /// The session keys that change no page; a guest whose session has any other is not answered
    /// from a cache. `session_id` unless it is said. Who adds `_csrf_token` says that no page that
    /// is cached shows one.
    pub harmless_session_keys: Vec<String>,
}

/// What becomes of a cookie that no format reads, on its way to a server whose format is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Unreadable {
    /// It is passed as it is.
    #[default]
    Pass,
    /// The server does not see it.
    Strip,
    /// The server does not see it, and the browser is told to forget it.
    Expire,
}

/// What becomes of a cookie whose value the server's serializer cannot say: a symbol, a time or an
/// object of Marshal in JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lossy {
    /// It is passed as it is. (Rails 6.1 with `:json` raises on every request that brings Marshal.)
    #[default]
    Pass,
    /// The server does not see it.
    Strip,
    /// It becomes what Rails' own `:hybrid` makes of it: symbols and times become strings, and so
    /// on (see [`Value::as_json`](crate::Value::as_json)).
    Convert,
}

/// What becomes of a cookie that the server reads by a rotation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Rotated {
    /// It is passed as it is: Rails writes it again, without its expiry and its attributes unless
    /// it is the session.
    #[default]
    Pass,
    /// It is sealed as the server itself would: Rails then leaves the browser's as it is.
    Reseal,
}

impl Default for Policies {
    fn default() -> Self {
        Self {
            unreadable: Unreadable::default(),
            lossy: Lossy::default(),
            rotated: Rotated::default(),
            harmless_session_keys: vec!["session_id".into()],
        }
    }
}
