//! Cookie names, and the purpose that Rails binds to them: `cookie.<name>`
//! (`action_dispatch/middleware/cookies.rb#cookie_metadata`).

use alloc::borrow::Cow;
use alloc::string::String;

use crate::error::ConfigError;

const PURPOSE_PREFIX: &str = "cookie.";

/// The name of a cookie, as the app says it: `_app_session`, not yet escaped for a header.
///
/// Any text but the empty one: Rails takes `"a[b]"` or `"é"` too, and Rack up to 3.1 writes them
/// escaped. Only a [token](Self::is_token) travels unchanged through every Rack, though: from 2.1
/// Rack no longer unescapes names when it reads, and from 3.2 it refuses to write any but tokens.
///
/// ```
/// # use railjar::cookies::CookieName;
/// let name = CookieName::new("_app_session")?;
/// assert!(name.is_token());
/// assert_eq!(name.purpose(), "cookie._app_session");
/// # Ok::<(), railjar::ConfigError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CookieName<'n>(Cow<'n, str>);

impl<'n> CookieName<'n> {
    /// The name, borrowed or owned.
    ///
    /// # Errors
    /// [`ConfigError::CookieName`] for the empty name.
    pub fn new(name: impl Into<Cow<'n, str>>) -> Result<Self, ConfigError> {
        let name = name.into();
        if name.is_empty() {
            return Err(ConfigError::CookieName);
        }
        Ok(Self(name))
    }

    /// The name as the app says it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as bytes of UTF-8.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The same name, owning its text.
    #[must_use]
    pub fn into_owned(self) -> CookieName<'static> {
        CookieName(Cow::Owned(self.0.into_owned()))
    }

    /// Whether the name is a token (RFC 6265, 4.1.1): the only names that Rack 3.2 writes.
    #[must_use]
    pub fn is_token(&self) -> bool {
        self.as_bytes().iter().all(|&byte| is_token_byte(byte))
    }

    /// The purpose of a cookie under this name: `cookie.<name>`.
    #[must_use]
    pub fn purpose(&self) -> String {
        let mut purpose = String::with_capacity(PURPOSE_PREFIX.len().saturating_add(self.0.len()));
        purpose.push_str(PURPOSE_PREFIX);
        purpose.push_str(&self.0);
        purpose
    }

    /// Whether `purpose` is [this name's](Self::purpose). Allocates nothing.
    #[must_use]
    pub fn purpose_matches(&self, purpose: &str) -> bool {
        purpose.strip_prefix(PURPOSE_PREFIX) == Some(&self.0)
    }
}

/// `rack/utils.rb` VALID_COOKIE_KEY, which is RFC 7230's `tchar`.
fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> CookieName<'_> {
        CookieName::new(text).unwrap()
    }

    #[test]
    fn takes_any_name_but_the_empty_one() {
        assert_eq!(CookieName::new(""), Err(ConfigError::CookieName));
        for text in ["a", "_app_session", "__Host-a", "a[b]", "é", "a=b; c"] {
            assert_eq!(name(text).as_str(), text);
        }
    }

    #[test]
    fn knows_tokens() {
        for text in ["a", "_app_session", "__Secure-x.y", "!#$%&'*+-.^_`|~"] {
            assert!(name(text).is_token(), "{text}");
        }
        for text in ["a[b]", "é", "a b", "a=b", "a;", "a,b", "\"a\"", "a\n", "a/b", "a@b"] {
            assert!(!name(text).is_token(), "{text}");
        }
    }

    #[test]
    fn matches_only_its_own_purpose() {
        let name = name("prefs");
        assert!(name.purpose_matches(&name.purpose()));
        for purpose in ["", "cookie.", "prefs", "cookie.pref", "cookie.prefs2", "Cookie.prefs"] {
            assert!(!name.purpose_matches(purpose), "{purpose}");
        }
    }
}
