//! Who is there: what the rules make of the cookies of a request.

use alloc::sync::Arc;
use core::fmt;

use crate::error::OpenError;

/// Who sent a request, as far as its cookies prove it.
///
/// Over several rules the highest counts: signed in, then unreadable, then guest, then absent. What
/// cannot be read is never taken for any of the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// No cookie that a rule looks at.
    Absent,
    /// All cookies that a rule looks at can be read, and none says that somebody is signed in.
    Guest,
    /// A cookie that was verified says so.
    SignedIn(SignedIn),
    /// A cookie that a rule looks at cannot be read, and why: nobody knows who that is.
    Unreadable(OpenError),
}

impl Verdict {
    /// `"absent"`, `"guest"`, `"signed-in"` or `"unreadable"`: these words do not change.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Guest => "guest",
            Self::SignedIn(_) => "signed-in",
            Self::Unreadable(_) => "unreadable",
        }
    }

    /// Who is signed in, if somebody is.
    #[must_use]
    pub fn signed_in(&self) -> Option<&SignedIn> {
        match self {
            Self::SignedIn(signed_in) => Some(signed_in),
            _ => None,
        }
    }
}

/// Somebody who is signed in. Only the edge makes one, from a cookie that it has verified.
///
/// ```compile_fail,E0451
/// let forged = railjar::edge::SignedIn { scope: "admin".into(), user: None };
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SignedIn {
    // Shared: a verdict says again what stands in the list.
    pub(super) scope: Arc<str>,
    pub(super) user: Option<Arc<str>>,
}

impl SignedIn {
    /// Warden's scope (`"user"`, `"admin"`), or the one that the rule gives.
    #[must_use]
    pub fn scope(&self) -> &str {
        &self.scope
    }

    /// The user's key, where it is a number or a text: the record's id, as Devise writes it; the
    /// ids of a composite key are joined by commas. Any text, so mind where it is put.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }
}

// The user's key may be an address: it stays out of logs unless it is asked for.
impl fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedIn").field("scope", &self.scope).finish_non_exhaustive()
    }
}
