//! The cookies of one request: read when something asks for them, and the session only once.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, OnceLock};

use http::header::{COOKIE, HeaderMap, HeaderValue, SET_COOKIE};
use railjar::cookies::SetCookie;
use railjar::{OpenError, Opened};
use serde::de::DeserializeOwned;

use crate::app::{RailsApp, Reissue};
use crate::error::{SessionRefusal, Unreadable, WriteError};
use crate::jar::{CookieJar, EncryptedCookies, JarKind, SignedCookies};
use crate::session::SessionJar;

/// The cookies of one request. [`RailsLayer`](crate::RailsLayer) puts this into the request's
/// extensions; it is cheap to clone, and all clones read once.
///
/// ```
/// use http::HeaderMap;
/// # use railjar::SecretKeyBase;
/// # use railjar::rails::{Profile, Version};
/// # use railjar_axum::{RailsApp, RequestCookies, SessionRefusal, SessionStore};
/// # let secret = SecretKeyBase::new("the text of secret_key_base")?;
/// # let app = RailsApp::new(&Profile::new(Version::V7_1), &secret, SessionStore::new("_app_session"))?;
/// let mut headers = HeaderMap::new();
/// headers.insert("cookie", "_app_session=from-another-app; theme=dark".parse()?);
///
/// let cookies = RequestCookies::new(app, &headers);
/// // Neither a guest nor a user:
/// assert!(matches!(cookies.session_jar(), Err(SessionRefusal::Unreadable(_))));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct RequestCookies(Arc<Inner>);

struct Inner {
    app: RailsApp,
    headers: Vec<HeaderValue>,
    joined: OnceLock<Vec<u8>>,
    session: OnceLock<Option<Result<Opened<'static>, OpenError>>>,
}

impl RequestCookies {
    /// The cookies in these headers, of which nothing is read yet.
    #[must_use]
    pub fn new(app: RailsApp, headers: &HeaderMap) -> Self {
        let headers = headers.get_all(COOKIE).iter().cloned().collect();
        Self(Arc::new(Inner { app, headers, joined: OnceLock::new(), session: OnceLock::new() }))
    }

    /// The app they are read for.
    #[must_use]
    pub fn app(&self) -> &RailsApp {
        &self.0.app
    }

    /// A cookie's value as the app's Rack reads it: unescaped, of duplicates the first.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<Cow<'_, [u8]>> {
        self.0.app.cookies().find(self.header(), name)
    }

    /// All `Cookie` headers as one, as a server does before Rack sees them (RFC 9113, 8.2.3).
    fn header(&self) -> &[u8] {
        match self.0.headers.as_slice() {
            [] => b"",
            [one] => one.as_bytes(),
            all => self.0.joined.get_or_init(|| {
                all.iter().map(HeaderValue::as_bytes).collect::<Vec<_>>().join(&b"; "[..])
            }),
        }
    }

    /// The session's cookie, opened but not parsed: the first call opens it, later ones and those
    /// of clones get the same.
    ///
    /// # Errors
    /// [`SessionRefusal::Absent`] and [`SessionRefusal::Unreadable`].
    pub fn opened_session(&self) -> Result<&Opened<'static>, SessionRefusal> {
        let app = &self.0.app;
        let opened = self.0.session.get_or_init(|| {
            let value = self.find(app.session_store().key())?;
            Some(app.session_jar().open(&value, app.now()))
        });
        match opened {
            None => Err(SessionRefusal::Absent),
            Some(Ok(opened)) => Ok(opened),
            Some(Err(error)) => Err(Unreadable::from(*error).into()),
        }
    }

    /// The session, read into a type of yours. Keys that the type does not have are passed over.
    ///
    /// # Errors
    /// As [`opened_session`](Self::opened_session); a session that is no `T` is unreadable too.
    pub fn session<T: DeserializeOwned>(&self) -> Result<T, SessionRefusal> {
        Ok(self.opened_session()?.deserialize().map_err(Unreadable::from)?)
    }

    /// The session to change; a new one if the request has none.
    ///
    /// # Errors
    /// [`SessionRefusal::Unreadable`]: to write over a session that Rails may well read would log
    /// its user out. [`SessionJar::new`] does so, where that is wanted.
    pub fn session_jar(&self) -> Result<SessionJar, SessionRefusal> {
        match self.opened_session() {
            Ok(opened) => Ok(SessionJar::read(self.0.app.clone(), opened)?),
            Err(SessionRefusal::Absent) => Ok(SessionJar::new(self.0.app.clone())),
            Err(refused) => Err(refused),
        }
    }

    /// `cookies.signed`.
    pub fn signed(&self) -> SignedCookies {
        self.jar()
    }

    /// `cookies.encrypted`.
    pub fn encrypted(&self) -> EncryptedCookies {
        self.jar()
    }

    pub(crate) fn jar<K: JarKind, A>(&self) -> CookieJar<K, A> {
        CookieJar::new(self.clone())
    }

    /// Writes the session again if it was read, should be written again, and is not written by
    /// this answer already.
    pub(crate) fn reissue(&self, response: &mut HeaderMap) -> Result<(), WriteError> {
        let due = self.0.app.reissue_policy() == Reissue::WhenRead
            && matches!(self.0.session.get(), Some(Some(Ok(opened))) if opened.must_reissue())
            && !self.is_written(response);
        // What cannot be parsed is not written again.
        if let Some(session) = due.then(|| self.session_jar().ok()).flatten() {
            response.extend(session.set_cookie()?.map(|header| (SET_COOKIE, header)));
        }
        Ok(())
    }

    fn is_written(&self, response: &HeaderMap) -> bool {
        let app = &self.0.app;
        let (rules, name) = (app.cookies().set_cookie_name(), app.session_store().key().as_bytes());
        response
            .get_all(SET_COOKIE)
            .iter()
            .filter_map(|header| SetCookie::parse(header.as_bytes()))
            .any(|cookie| *cookie.name(rules) == *name)
    }
}

// Who has a session's cookie is signed in: it stays out of logs.
impl fmt::Debug for RequestCookies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestCookies").finish_non_exhaustive()
    }
}
