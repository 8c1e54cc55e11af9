//! `cookies.signed` and `cookies.encrypted` of one request, as a jar that must be returned.

use std::fmt;
use std::marker::PhantomData;

use cookie::{Cookie, Expiration};
use http::HeaderValue;
use railjar::cookies::{CookieName, Jar};
use railjar::{Cookies, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::app::RailsApp;
use crate::error::{Unreadable, WriteError};
use crate::request::RequestCookies;
use crate::session::header;
use crate::store::named;

/// `cookies.signed`: see [`CookieJar`].
pub type SignedCookies<A = RailsApp> = CookieJar<Signed, A>;

/// `cookies.encrypted`: see [`CookieJar`].
pub type EncryptedCookies<A = RailsApp> = CookieJar<Encrypted, A>;

/// `cookies.signed` or `cookies.encrypted` of one request. **It must be returned from the
/// handler**, as a part of the answer, or what was written is lost.
///
/// ```
/// # use http::HeaderMap;
/// # use railjar::SecretKeyBase;
/// # use railjar::rails::{Profile, Version};
/// # use railjar_axum::{Cookie, RailsApp, RequestCookies, SessionStore};
/// # let secret = SecretKeyBase::new("the text of secret_key_base")?;
/// # let app = RailsApp::new(&Profile::new(Version::V7_1), &secret, SessionStore::new("_app_session"))?;
/// # let request = RequestCookies::new(app, &HeaderMap::new());
/// let jar = request.encrypted();
/// assert_eq!(jar.get::<Vec<String>>("prefs")?, None);
///
/// // cookies.encrypted[:prefs] = { value: ["dark"], httponly: true }
/// let jar = jar.add(Cookie::build("prefs").http_only(true), &["dark"])?;
/// assert_eq!(jar.get::<Vec<String>>("prefs")?, Some(vec!["dark".to_owned()]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a jar that is not returned from the handler writes nothing"]
pub struct CookieJar<K, A = RailsApp> {
    request: RequestCookies,
    written: Vec<Written>,
    source: PhantomData<fn() -> (K, A)>,
}

/// A cookie that will be sent.
struct Written {
    name: String,
    /// As the jar sees it; `None` for a removal.
    wire: Option<String>,
    header: HeaderValue,
}

/// The kind of [`SignedCookies`].
#[derive(Clone, Copy, Debug)]
pub enum Signed {}

/// The kind of [`EncryptedCookies`].
#[derive(Clone, Copy, Debug)]
pub enum Encrypted {}

/// Which of an app's jars: [`Signed`] or [`Encrypted`].
pub trait JarKind: sealed::Sealed {
    #[doc(hidden)]
    fn of<'c>(cookies: &'c Cookies, name: &'c str) -> Jar<'c>;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Signed {}
    impl Sealed for super::Encrypted {}
}

impl JarKind for Signed {
    fn of<'c>(cookies: &'c Cookies, name: &'c str) -> Jar<'c> {
        cookies.signed(name)
    }
}

impl JarKind for Encrypted {
    fn of<'c>(cookies: &'c Cookies, name: &'c str) -> Jar<'c> {
        cookies.encrypted(name)
    }
}

impl<K: JarKind, A> CookieJar<K, A> {
    pub(crate) fn new(request: RequestCookies) -> Self {
        Self { request, written: Vec::new(), source: PhantomData }
    }

    /// The cookie's value, or `None` if there is no such cookie. What was added or removed counts.
    ///
    /// # Errors
    /// [`Unreadable`] for a cookie that is there and cannot be read, or whose value is no `T`.
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Unreadable> {
        let app = self.request.app();
        let jar = K::of(app.cookies(), name);
        let opened = match self.written.iter().find(|written| written.name == name) {
            Some(Written { wire: None, .. }) => return Ok(None),
            Some(Written { wire: Some(wire), .. }) => jar.open(wire.as_bytes(), app.now())?,
            None => match self.request.find(name) {
                None => return Ok(None),
                Some(value) => jar.open(&value, app.now())?,
            },
        };
        Ok(Some(opened.deserialize()?))
    }

    /// Writes a cookie: its name and its attributes from `cookie`, whose own value does not count.
    /// As in Rails, the path is `/` and `SameSite` is the app's, unless the cookie has its own; an
    /// expiry is written into the value too, from `Expires` or `Max-Age`.
    ///
    /// # Errors
    /// [`WriteError::Seal`], with [`CookieOverflow`](railjar::SealError::CookieOverflow) if the
    /// cookie has over 4096 bytes; the other cookies of this jar are lost then.
    pub fn add<T: Serialize + ?Sized>(
        mut self,
        cookie: impl Into<Cookie<'static>>,
        value: &T,
    ) -> Result<Self, WriteError> {
        let cookie = self.with_defaults(cookie.into());
        let app = self.request.app();
        let expires = expiry(&cookie, app.now());
        let name = cookie.name().to_owned();
        let sealed = K::of(app.cookies(), &name).seal(value, expires, &mut app.entropy_source())?;
        let wire = Some(sealed.as_str().to_owned());
        let header = header(&named(cookie, &sealed)?)?;
        self.written(Written { name: name.clone(), wire, header });
        Ok(self)
    }

    /// `cookies.delete`: makes the browser forget the cookie with this name, path (`/` if it has
    /// none) and domain.
    ///
    /// # Errors
    /// [`WriteError::Name`] for a name that the app's Rack does not write.
    pub fn remove(mut self, cookie: impl Into<Cookie<'static>>) -> Result<Self, WriteError> {
        let mut cookie = self.with_defaults(cookie.into());
        let name = cookie.name().to_owned();
        let rules = self.request.app().cookies().set_cookie_name();
        let pair = rules.pair(&CookieName::new(name.as_str())?, b"")?;
        cookie.set_name(pair.trim_end_matches('=').to_owned());
        cookie.make_removal();
        let header = header(&cookie)?;
        self.written(Written { name, wire: None, header });
        Ok(self)
    }

    /// The `Set-Cookie` headers to send. As a part of an axum response it adds them itself.
    pub fn set_cookies(&self) -> impl Iterator<Item = &HeaderValue> {
        self.written.iter().map(|written| &written.header)
    }

    fn with_defaults(&self, mut cookie: Cookie<'static>) -> Cookie<'static> {
        if cookie.path().is_none() {
            cookie.set_path("/");
        }
        if cookie.same_site().is_none() {
            cookie.set_same_site(self.request.app().same_site());
        }
        cookie
    }

    fn written(&mut self, new: Written) {
        self.written.retain(|written| written.name != new.name);
        self.written.push(new);
    }
}

/// When a browser forgets the cookie; `Max-Age` counts first (RFC 6265, 5.3).
fn expiry(cookie: &Cookie<'_>, now: Timestamp) -> Option<Timestamp> {
    if let Some(age) = cookie.max_age() {
        return Some(now.plus_seconds(age.whole_seconds()));
    }
    match cookie.expires()? {
        Expiration::DateTime(at) => Some(Timestamp::from_unix_seconds(at.unix_timestamp())),
        Expiration::Session => None,
    }
}

// Cookies stay out of logs.
impl<K, A> fmt::Debug for CookieJar<K, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.written.iter().map(|written| &written.name).collect::<Vec<_>>();
        f.debug_struct("CookieJar").field("written", &names).finish_non_exhaustive()
    }
}
