//! The rules by which a cookie says that somebody is signed in.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::edge::kept::KeptCookie;
use crate::edge::verdict::SignedIn;
use crate::messages;
use crate::session::{Session, WardenUser};
use crate::value::{Symbol, Value};

/// Who counts as signed in. An edge may have several rules.
///
/// ```
/// use railjar::edge::{KeptCookie, Rule};
///
/// let rules = [
///     Rule::devise(), // or any app with Warden
///     Rule::devise_scopes(["user", "admin"]), // but not every scope
///     Rule::rails8(), // `bin/rails generate authentication`
///     Rule::session_path(["user_id"]), // session[:user_id] = user.id
///     Rule::session_path(["current_user", "id"]).scope("member"),
///     Rule::cookie(KeptCookie::signed("api_user")).equals("admin"),
/// ];
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Rule {
    pub(super) source: Source,
    test: Test,
    /// The scope of who is found, where Warden does not say it.
    scope: Arc<str>,
}

/// Where to look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// `warden.user.SCOPE.key` in the session, of these scopes or, if there are none, of any.
    Warden(Vec<String>),
    /// What stands at the end of these keys in the session.
    Session(Vec<String>),
    /// The value of another cookie.
    Cookie(KeptCookie),
}

/// What must be found there.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    /// Whatever is not `nil` or `false`.
    Truthy,
    /// Anything, `nil` included.
    Anything,
    /// A number or a text that reads so.
    Equals(String),
}

/// A longer user key is none.
const MAX_KEY: usize = 128;

impl Rule {
    fn new(source: Source) -> Self {
        Self { source, test: Test::Truthy, scope: "user".into() }
    }

    /// Devise, or any app that uses Warden: somebody is signed in, in any scope.
    pub fn devise() -> Self {
        Self::devise_scopes(core::iter::empty::<String>())
    }

    /// Devise, or any app that uses Warden: somebody is signed in, in one of these scopes. None
    /// means any.
    pub fn devise_scopes(scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::new(Source::Warden(scopes.into_iter().map(Into::into).collect()))
    }

    /// Rails 8's authentication generator: the signed cookie `session_id`.
    pub fn rails8() -> Self {
        Self::cookie(KeptCookie::signed(messages::SESSION_ID))
    }

    /// A key of the session, or a path into it.
    pub fn session_path(path: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::new(Source::Session(path.into_iter().map(Into::into).collect()))
    }

    /// A signed or encrypted cookie of its own, which the edge then keeps too.
    pub fn cookie(cookie: KeptCookie) -> Self {
        Self::new(Source::Cookie(cookie))
    }

    /// The scope of whom it finds; `"user"` unless it is said. Warden says its own.
    pub fn scope(self, scope: impl Into<String>) -> Self {
        Self { scope: scope.into().into(), ..self }
    }

    /// What is found must be this number or text. Without it, anything counts but `nil` and `false`.
    pub fn equals(self, text: impl Into<String>) -> Self {
        Self { test: Test::Equals(text.into()), ..self }
    }

    /// That it is there is enough, whatever it is.
    pub fn any_value(self) -> Self {
        Self { test: Test::Anything, ..self }
    }

    pub(super) fn looks_into_session(&self) -> bool {
        !matches!(self.source, Source::Cookie(_))
    }

    /// Whom the rule finds in a session.
    pub(super) fn in_session(&self, session: &Session, found: &mut Vec<SignedIn>) {
        match &self.source {
            Source::Warden(scopes) => {
                let wanted = |user: &WardenUser<'_>| {
                    scopes.is_empty() || scopes.iter().any(|scope| scope == user.scope())
                };
                for user in session.warden_users().filter(wanted) {
                    self.find(user.key(), &user.scope().into(), found);
                }
            }
            Source::Session(path) => {
                let mut path = path.iter();
                let first = path.next().and_then(|key| session.get(key));
                if let Some(value) = path.try_fold(first, |at, key| Some(at?.get(key))).flatten() {
                    self.find(value, &self.scope, found);
                }
            }
            Source::Cookie(_) => {}
        }
    }

    /// Whom the rule finds in the value of a cookie.
    pub(super) fn in_cookie(&self, name: &str, value: &Value, found: &mut Vec<SignedIn>) {
        if let Source::Cookie(cookie) = &self.source
            && cookie.name() == name
        {
            self.find(value, &self.scope, found);
        }
    }

    fn find(&self, value: &Value, scope: &Arc<str>, found: &mut Vec<SignedIn>) {
        let user = user_key(value);
        let user = user.as_deref();
        let counts = match &self.test {
            Test::Truthy => is_truthy(value),
            Test::Anything => true,
            Test::Equals(wanted) => user == Some(wanted),
        };
        let known = |known: &SignedIn| known.scope == *scope && known.user() == user;
        if counts && !found.iter().any(known) {
            found.push(SignedIn { scope: Arc::clone(scope), user: user.map(Arc::from) });
        }
    }
}

fn is_truthy(value: &Value) -> bool {
    !value.is_nil() && value.as_bool() != Some(false)
}

/// A number or a text as it is; of a list, as Devise writes one, the record's id at its head.
fn user_key(value: &Value) -> Option<Cow<'_, str>> {
    let key = match value.as_array() {
        None => scalar(value)?,
        Some([id, ..]) => {
            let ids = id.as_array()?.iter().map(scalar).collect::<Option<Vec<_>>>()?;
            ids.join(",").into()
        }
        Some([]) => return None,
    };
    (1..=MAX_KEY).contains(&key.len()).then_some(key)
}

fn scalar(value: &Value) -> Option<Cow<'_, str>> {
    let integer = value.as_integer().map(|integer| Cow::Owned(integer.to_string()));
    let text = || value.as_str().or_else(|| value.as_symbol().and_then(Symbol::as_str));
    integer.or_else(|| text().map(Cow::Borrowed))
}
