//! Who is signed in by Warden, or a redirect to where one signs in. Mirrors `authenticate_user!`
//! of Devise, with its `devise/failure_app.rb` and `controllers/store_location.rb`.

use std::fmt;
use std::marker::PhantomData;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::response::{IntoResponse, Redirect, Response};
use http::header::SET_COOKIE;
use http::request::Parts;
use http::{Method, Uri};
use railjar::WardenUser;
use railjar::value::Value;

use super::source::{AppSource, cookies, original_uri};
use crate::app::RailsApp;
use crate::error::{MissingApp, SessionRefusal, Unreadable};
use crate::session::SessionJar;

/// A scope of Warden, and what happens to whoever is not signed in for it.
///
/// ```
/// use railjar_axum::{ReturnTo, SignedIn, WardenScope};
///
/// struct Admin;
///
/// impl WardenScope for Admin {
///     const SCOPE: &str = "admin";
///     const SIGN_IN_PATH: &str = "/admins/sign_in";
///     const RETURN_TO: ReturnTo = ReturnTo::Forget;
/// }
///
/// async fn dashboard(admin: SignedIn<Admin>) -> String {
///     format!("Hello, admin {:?}", admin.id())
/// }
/// ```
pub trait WardenScope {
    /// The scope: `"user"` for Devise's `current_user`.
    const SCOPE: &str;
    /// Where one signs in.
    const SIGN_IN_PATH: &str;
    /// Whether the page that was asked for is kept for after the sign-in.
    const RETURN_TO: ReturnTo = ReturnTo::Remember;
    /// What happens to a request whose session cannot be read.
    const UNREADABLE: WhenUnreadable = WhenUnreadable::Refuse;
}

/// Whether the page that was asked for is kept in the session as Devise keeps it, under
/// `SCOPE_return_to`: Rails then goes there after the sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReturnTo {
    /// For a `GET`.
    Remember,
    /// Never.
    Forget,
}

/// What happens to a request whose session cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhenUnreadable {
    /// It is refused, with [`SignInRefusal::Unreadable`].
    Refuse,
    /// It is sent to the sign-in page, its cookie untouched: Rails, which may well be able to read
    /// it, decides.
    Redirect,
}

/// Devise's `user`, who signs in at `/users/sign_in`.
#[derive(Clone, Copy, Debug)]
pub struct DeviseUser;

impl WardenScope for DeviseUser {
    const SCOPE: &str = "user";
    const SIGN_IN_PATH: &str = "/users/sign_in";
}

/// Who is signed in for a scope. A guest is redirected to the sign-in page;
/// `Option<SignedIn<…>>` is `None` for a guest instead. A session that cannot be read is neither.
///
/// This is what the session says. Whether the user still exists, and whether the password was
/// changed since (the salt in the [`key`](Self::key)), only the app's database knows.
#[derive(Clone)]
pub struct SignedIn<W = DeviseUser, A = RailsApp> {
    key: Value,
    devise_id: Option<Vec<Value>>,
    scope: PhantomData<fn() -> (W, A)>,
}

impl<W, A> SignedIn<W, A> {
    /// What the app's `serialize_into_session` made of the user; `[[id], salt]` by Devise.
    #[must_use]
    pub fn key(&self) -> &Value {
        &self.key
    }

    /// The record's id in Devise's key: one value, or several for a composite primary key.
    #[must_use]
    pub fn devise_id(&self) -> Option<&[Value]> {
        self.devise_id.as_deref()
    }

    /// The user's id where it is one integer, in Devise's key or as the whole key.
    #[must_use]
    pub fn id(&self) -> Option<i64> {
        match self.devise_id() {
            Some([id]) => id.as_i64(),
            Some(_) => None,
            None => self.key.as_i64(),
        }
    }
}

// Devise's key holds a part of the password's hash.
impl<W: WardenScope, A> fmt::Debug for SignedIn<W, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedIn").field("scope", &W::SCOPE).finish_non_exhaustive()
    }
}

/// Why nobody is signed in.
#[derive(Debug)]
#[non_exhaustive]
pub enum SignInRefusal {
    /// The session is a guest's, or there is none. Its answer is the redirect.
    Guest(SignIn),
    /// The session cannot be read.
    Unreadable(Unreadable),
    /// This request was never given an app.
    MissingApp(MissingApp),
}

/// The redirect to the sign-in page, with the session that remembers where to return to.
#[derive(Debug)]
pub struct SignIn {
    path: &'static str,
    session: Option<SessionJar>,
}

impl<S: Sync, W: WardenScope, A: AppSource<S>> FromRequestParts<S> for SignedIn<W, A> {
    type Rejection = SignInRefusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, SignInRefusal> {
        let cookies = cookies::<S, A>(parts, state).map_err(SignInRefusal::MissingApp)?;
        let mut session = match cookies.session_jar() {
            Ok(session) => session,
            Err(refused) => return Err(refusal::<W>(refused)),
        };
        if let Some(found) = Self::find(&session) {
            return Ok(found);
        }
        let remembers = W::RETURN_TO == ReturnTo::Remember && parts.method == Method::GET;
        let session = remembers.then(|| {
            session.insert(format!("{}_return_to", W::SCOPE), path(original_uri(parts)));
            session
        });
        Err(SignInRefusal::Guest(SignIn { path: W::SIGN_IN_PATH, session }))
    }
}

impl<S: Sync, W: WardenScope, A: AppSource<S>> OptionalFromRequestParts<S> for SignedIn<W, A> {
    type Rejection = SignInRefusal;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &S,
    ) -> Result<Option<Self>, SignInRefusal> {
        let cookies = cookies::<S, A>(parts, state).map_err(SignInRefusal::MissingApp)?;
        match cookies.session_jar() {
            Ok(session) => Ok(Self::find(&session)),
            Err(refused) => Err(refusal::<W>(refused)),
        }
    }
}

impl<W: WardenScope, A> SignedIn<W, A> {
    fn find(session: &SessionJar) -> Option<Self> {
        let found = session.warden_users().find(|user| user.scope() == W::SCOPE)?;
        let devise_id = WardenUser::devise_id(&found).map(<[Value]>::to_vec);
        Some(Self { key: found.key().clone(), devise_id, scope: PhantomData })
    }
}

fn refusal<W: WardenScope>(refused: SessionRefusal) -> SignInRefusal {
    let sign_in = SignIn { path: W::SIGN_IN_PATH, session: None };
    match refused {
        SessionRefusal::Unreadable(error) => match W::UNREADABLE {
            WhenUnreadable::Refuse => SignInRefusal::Unreadable(error),
            WhenUnreadable::Redirect => SignInRefusal::Guest(sign_in),
        },
        SessionRefusal::MissingApp(error) => SignInRefusal::MissingApp(error),
        SessionRefusal::Absent => SignInRefusal::Guest(sign_in),
    }
}

/// `extract_path_from_location`: never another host, as a path of two slashes would be.
fn path(uri: &Uri) -> String {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    format!("/{}", path.trim_start_matches(['/', '\\']))
}

impl IntoResponse for SignIn {
    fn into_response(self) -> Response {
        let mut response = Redirect::to(self.path).into_response();
        // A path that is too long for the cookie is forgotten; the redirect is what matters.
        if let Some(Ok(Some(header))) = self.session.map(|session| session.set_cookie()) {
            response.headers_mut().append(SET_COOKIE, header);
        }
        response
    }
}

impl fmt::Display for SignInRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Guest(_) => f.write_str("nobody is signed in"),
            Self::Unreadable(error) => write!(f, "the request has a session, but {error}"),
            Self::MissingApp(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for SignInRefusal {}
