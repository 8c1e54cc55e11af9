//! Protection against forged requests, as Rails does it: the origin first, then the token. Mirrors
//! `verified_request?` of `action_controller/metal/request_forgery_protection.rb`.

use std::fmt;

use http::header::{HOST, HeaderMap, ORIGIN};
use http::{Method, Uri};
use railjar::FormatError;
use railjar::messages::{CsrfForm, CsrfMatch};

use crate::error::{MissingApp, SessionRefusal, Unreadable, WriteError};
use crate::request::RequestCookies;
use crate::session::SessionJar;

/// The key in the session.
const SESSION_KEY: &str = "_csrf_token";
/// The header that Rails' own scripts send.
const HEADER: &str = "x-csrf-token";

/// How the `Origin` of a request that changes something is judged. Without the header it passes, as
/// in Rails; `null` never does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OriginCheck {
    /// Its host and port must be those of the `Host` header. Rails compares the scheme too, which
    /// nobody here knows behind a proxy.
    #[default]
    SameHost,
    /// It must be one of these, as `"https://example.com"`.
    Origins(Vec<String>),
    /// `forgery_protection_origin_check = false`.
    Off,
}

/// Why a request is not taken for one of the app's own pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CsrfRefusal {
    /// It has no session that a token could be made for.
    NoSession,
    /// It has a session that cannot be read.
    Unreadable(Unreadable),
    /// It comes from another origin.
    Origin,
    /// It has no token.
    NoToken,
    /// Its token was made for another session or another form, or is none at all.
    BadToken,
    /// This request was never given an app.
    MissingApp(MissingApp),
}

impl RequestCookies {
    /// Whether a request comes from a page of the app: its origin is the app's, and one of its
    /// tokens was made for this session, by Rails or here. `GET` and `HEAD` need none, and give
    /// `None`.
    ///
    /// `form_token` is the form's field `authenticity_token`; the header `X-CSRF-Token` is looked
    /// at too. `uri` is what the client asked for, with its whole path.
    ///
    /// # Errors
    /// [`CsrfRefusal`].
    pub fn verify(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        form_token: Option<&str>,
    ) -> Result<Option<CsrfMatch>, CsrfRefusal> {
        if [Method::GET, Method::HEAD].contains(method) {
            return Ok(None);
        }
        if !self.app().origin_check().allows(uri, headers) {
            return Err(CsrfRefusal::Origin);
        }
        self.opened_session()?;
        let session = self.session_jar()?;
        let real = session.get(SESSION_KEY).ok_or(CsrfRefusal::NoSession)?;
        let real = real.as_str().ok_or(CsrfRefusal::BadToken)?;
        let real = self.app().csrf().session_token(real.as_bytes())?;
        let sent = [form_token.map(str::as_bytes), headers.get(HEADER).map(|it| it.as_bytes())];
        let mut result = Err(CsrfRefusal::NoToken);
        for token in sent.into_iter().flatten() {
            match real.verify(token, uri.path(), method.as_str()) {
                Ok(found) => return Ok(Some(found)),
                Err(refused) => result = Err(refused.into()),
            }
        }
        result
    }
}

impl<A> SessionJar<A> {
    /// `form_authenticity_token`: a token for a form's field `authenticity_token`, or for the
    /// header `X-CSRF-Token`, which Rails accepts and [`RequestCookies::verify`] does. It belongs
    /// to this session, which gets its `_csrf_token` with the first one: return the session, or
    /// nobody will know the token.
    ///
    /// # Errors
    /// [`WriteError::CsrfToken`] if the session has a `_csrf_token` that this app's version would
    /// not have made, and [`SealError::Entropy`](railjar::SealError::Entropy).
    pub fn authenticity_token(&mut self, form: CsrfForm<'_>) -> Result<String, WriteError> {
        let app = self.app().clone();
        let entropy = &mut app.entropy_source();
        let real = match self.get(SESSION_KEY) {
            Some(value) if !value.is_nil() => {
                value.as_str().ok_or(WriteError::CsrfToken)?.to_owned()
            }
            _ => {
                let real = app.csrf().generate_session_token(entropy)?;
                self.insert(SESSION_KEY, real.as_str());
                real
            }
        };
        let real = app.csrf().session_token(real.as_bytes()).map_err(|_| WriteError::CsrfToken)?;
        Ok(real.authenticity_token(form, entropy)?)
    }
}

impl OriginCheck {
    /// `valid_request_origin?`
    fn allows(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        let mut origins = headers.get_all(ORIGIN).iter();
        let (Some(origin), None) = (origins.next(), origins.next()) else {
            return *self == Self::Off || headers.get(ORIGIN).is_none();
        };
        let Ok(origin) = origin.to_str() else { return *self == Self::Off };
        match self {
            Self::Off => true,
            Self::Origins(known) => known.iter().any(|known| known.eq_ignore_ascii_case(origin)),
            Self::SameHost => {
                let host = headers.get(HOST).and_then(|host| host.to_str().ok());
                let host = host.or_else(|| uri.authority().map(|authority| authority.as_str()));
                same_host(origin, host.unwrap_or_default())
            }
        }
    }
}

fn same_host(origin: &str, host: &str) -> bool {
    let Some((scheme, authority)) = origin.split_once("://") else { return false };
    let default_port = if scheme.eq_ignore_ascii_case("https") { ":443" } else { ":80" };
    let without_port = |text: &'_ str| text.strip_suffix(default_port).unwrap_or(text).to_owned();
    !host.is_empty() && without_port(authority).eq_ignore_ascii_case(&without_port(host))
}

impl From<SessionRefusal> for CsrfRefusal {
    fn from(refused: SessionRefusal) -> Self {
        match refused {
            SessionRefusal::Absent => Self::NoSession,
            SessionRefusal::Unreadable(error) => Self::Unreadable(error),
            SessionRefusal::MissingApp(error) => Self::MissingApp(error),
        }
    }
}

impl From<FormatError> for CsrfRefusal {
    fn from(_: FormatError) -> Self {
        Self::BadToken
    }
}

impl From<MissingApp> for CsrfRefusal {
    fn from(error: MissingApp) -> Self {
        Self::MissingApp(error)
    }
}

impl fmt::Display for CsrfRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSession => f.write_str("the request has no session with a CSRF token"),
            Self::Unreadable(error) => write!(f, "the request has a session, but {error}"),
            Self::Origin => f.write_str("the request comes from another origin"),
            Self::NoToken => f.write_str("the request has no CSRF token"),
            Self::BadToken => f.write_str("the request's CSRF token is not this session's"),
            Self::MissingApp(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for CsrfRefusal {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_of_a_host_whatever_its_default_port() {
        for (origin, host) in [
            ("https://example.com", "example.com"),
            ("https://EXAMPLE.com", "example.com:443"),
            ("http://example.com:80", "example.com"),
            ("http://127.0.0.1:3000", "127.0.0.1:3000"),
            ("http://[::1]:3000", "[::1]:3000"),
        ] {
            assert!(same_host(origin, host), "{origin} {host}");
        }
        for (origin, host) in [
            ("null", "null"),
            ("null", ""),
            ("https://", ""),
            ("https://example.com", "example.com:80"),
            ("https://example.com.evil.test", "example.com"),
            ("https://evil.test", "example.com"),
            ("http://example.com:81", "example.com"),
            ("example.com", "example.com"),
        ] {
            assert!(!same_host(origin, host), "{origin} {host}");
        }
    }
}
