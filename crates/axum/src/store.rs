//! The session cookie as the app's `config.session_store :cookie_store, …` describes it.

use std::borrow::Cow;
use std::time::Duration;

use cookie::{Cookie, SameSite};
use railjar::Timestamp;
use railjar::cookies::SealedCookie;
use railjar::rails::CookieKind;

use crate::error::WriteError;

/// The options of `config.session_store :cookie_store`: the cookie's name, and its attributes.
///
/// As in Rails, the path is `/`, scripts cannot see the cookie (`HttpOnly`), and it ends with the
/// browser's session. `SameSite` is `cookies_same_site_protection` of the app's profile.
///
/// ```
/// use std::time::Duration;
/// use railjar_axum::SessionStore;
///
/// // config.session_store :cookie_store, key: "_app_session", secure: true, expire_after: 2.weeks
/// let store = SessionStore::new("_app_session")
///     .secure()
///     .expire_after(Duration::from_secs(14 * 24 * 60 * 60));
/// assert_eq!(store.key(), "_app_session");
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct SessionStore {
    key: Cow<'static, str>,
    kind: Option<CookieKind>,
    path: Cow<'static, str>,
    domain: Option<Cow<'static, str>>,
    secure: bool,
    http_only: bool,
    same_site: Option<SameSite>,
    expire_after: Option<Duration>,
}

impl SessionStore {
    /// A store under this name: `key:`.
    pub fn new(key: impl Into<Cow<'static, str>>) -> Self {
        Self {
            key: key.into(),
            kind: None,
            path: Cow::Borrowed("/"),
            domain: None,
            secure: false,
            http_only: true,
            same_site: None,
            expire_after: None,
        }
    }

    /// The cookie's name.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Which jar the session is in, for an app that does not keep it where Rails does: encrypted,
    /// and in Rails 3.2 signed.
    pub fn kind(self, kind: CookieKind) -> Self {
        Self { kind: Some(kind), ..self }
    }

    /// `path:`.
    pub fn path(self, path: impl Into<Cow<'static, str>>) -> Self {
        Self { path: path.into(), ..self }
    }

    /// `domain:`, which must be the same as in Rails: with another one the browser keeps both
    /// cookies, and Rails reads the wrong one.
    pub fn domain(self, domain: impl Into<Cow<'static, str>>) -> Self {
        Self { domain: Some(domain.into()), ..self }
    }

    /// `secure: true`, and `config.force_ssl`: the cookie is only sent over TLS.
    pub fn secure(self) -> Self {
        Self { secure: true, ..self }
    }

    /// `httponly: false`: scripts can read the cookie.
    pub fn visible_to_scripts(self) -> Self {
        Self { http_only: false, ..self }
    }

    /// `same_site:`, where it is not the app's `cookies_same_site_protection`.
    pub fn same_site(self, same_site: SameSite) -> Self {
        Self { same_site: Some(same_site), ..self }
    }

    /// `expire_after:`. Each write then begins this time anew.
    pub fn expire_after(self, duration: Duration) -> Self {
        Self { expire_after: Some(duration), ..self }
    }

    pub(crate) fn jar_kind(&self) -> Option<CookieKind> {
        self.kind
    }

    /// The app's own `SameSite`, unless the store has one.
    pub(crate) fn default_same_site(&mut self, same_site: Option<SameSite>) {
        self.same_site = self.same_site.or(same_site);
    }

    /// When a session that is written now expires.
    pub(crate) fn expiry(&self, now: Timestamp) -> Option<Timestamp> {
        let seconds = i64::try_from(self.expire_after?.as_secs()).unwrap_or(i64::MAX);
        Some(now.plus_seconds(seconds))
    }

    /// The cookie with its attributes.
    pub(crate) fn cookie(
        &self,
        sealed: &SealedCookie<'_>,
        expires: Option<Timestamp>,
    ) -> Result<Cookie<'static>, WriteError> {
        let mut cookie = named(Cookie::new("", ""), sealed)?;
        cookie.set_path(self.path.clone());
        cookie.set_http_only(self.http_only);
        cookie.set_secure(self.secure.then_some(true));
        cookie.set_same_site(self.same_site);
        if let Some(domain) = &self.domain {
            cookie.set_domain(domain.clone());
        }
        if let Some(at) = expires {
            let at = cookie::time::OffsetDateTime::from_unix_timestamp(at.unix_seconds());
            cookie.set_expires(at.map_err(|_| WriteError::Expiry)?);
        }
        Ok(cookie)
    }
}

/// The cookie under its name and with its value, both as the app's Rack writes them.
pub(crate) fn named(
    mut cookie: Cookie<'static>,
    sealed: &SealedCookie<'_>,
) -> Result<Cookie<'static>, WriteError> {
    let pair = sealed.set_cookie_pair()?;
    // Both halves are escaped: the first `=` is the one between them.
    let (name, value) = pair.split_once('=').unwrap_or((&pair, ""));
    cookie.set_name(name.to_owned());
    cookie.set_value(value.to_owned());
    Ok(cookie)
}
