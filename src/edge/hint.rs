//! Login hints: plain cookies that tell caches and scripts that somebody is signed in. They prove
//! nothing, and the edge never believes one; it keeps them in step with the session.

use alloc::string::String;
use alloc::vec::Vec;

use crate::cookies::CookieName;
use crate::edge::attributes::{is_attribute, is_cookie_value};
use crate::edge::verdict::SignedIn;
use crate::error::ConfigError;

/// A login hint, such as `user_credentials=1`.
///
/// ```
/// use railjar::edge::Hint;
///
/// let hint = Hint::new("admin_credentials").scopes(["admin"]).attributes("max-age=31536000; secure");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Hint {
    name: String,
    value: String,
    scopes: Vec<String>,
    path: String,
    domain: Option<String>,
    attributes: String,
}

/// A hint of one [`Edge`](super::Edge). [`Edge::hint_name`](super::Edge::hint_name) has its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HintId(pub(super) usize);

impl Hint {
    /// A hint with the value `1`, for who is signed in in any scope.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: "1".into(),
            scopes: Vec::new(),
            path: "/".into(),
            domain: None,
            attributes: String::new(),
        }
    }

    /// Its value.
    pub fn value(self, value: impl Into<String>) -> Self {
        Self { value: value.into(), ..self }
    }

    /// The scopes that it tells of; none means any.
    pub fn scopes(self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { scopes: scopes.into_iter().map(Into::into).collect(), ..self }
    }

    /// Its path; `/` unless it is said.
    pub fn path(self, path: impl Into<String>) -> Self {
        Self { path: path.into(), ..self }
    }

    /// Its domain.
    pub fn domain(self, domain: impl Into<String>) -> Self {
        Self { domain: Some(domain.into()), ..self }
    }

    /// What else `Set-Cookie` says of it: `max-age=31536000; secure; SameSite=Lax`.
    pub fn attributes(self, attributes: impl Into<String>) -> Self {
        Self { attributes: attributes.into(), ..self }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if !CookieName::new(&*self.name)?.is_token() {
            return Err(ConfigError::CookieName);
        }
        let checks = [
            ("hint value", is_cookie_value(&self.value)),
            ("path", is_attribute(&self.path)),
            ("domain", self.domain.as_deref().is_none_or(is_attribute)),
            ("attributes", self.attributes.split(';').all(is_attribute)),
        ];
        match checks.into_iter().find(|(_, valid)| !valid) {
            Some((what, _)) => Err(ConfigError::Invalid { what }),
            None => Ok(()),
        }
    }

    /// Whether it is to be there.
    pub(super) fn tells_of(&self, signed_in: &[SignedIn]) -> bool {
        let told = |scope: &str| self.scopes.is_empty() || self.scopes.iter().any(|s| s == scope);
        signed_in.iter().any(|who| told(who.scope()))
    }

    /// `name=value`.
    pub(super) fn pair(&self) -> String {
        [&self.name, "=", &self.value].concat()
    }

    /// The `Set-Cookie` that puts it there.
    pub(super) fn set(&self) -> String {
        let mut header = [&self.pair(), "; path=", &self.path].concat();
        for (key, value) in [("; domain=", self.domain.as_deref())] {
            if let Some(value) = value {
                header.push_str(key);
                header.push_str(value);
            }
        }
        if !self.attributes.is_empty() {
            header.push_str("; ");
            header.push_str(&self.attributes);
        }
        header
    }

    /// The `Set-Cookie` that takes it away.
    pub(super) fn delete(&self) -> String {
        super::attributes::deletion(&self.name, &self.path, self.domain.as_deref())
    }
}
