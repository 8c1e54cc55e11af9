//! Extractors for the session and the jars, and how they become parts of an answer.

use std::convert::Infallible;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::response::{IntoResponseParts, ResponseParts};
use http::header::SET_COOKIE;
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::source::{AppSource, cookies};
use crate::app::RailsApp;
use crate::error::{MissingApp, SessionRefusal, WriteError};
use crate::jar::{CookieJar, JarKind};
use crate::session::SessionJar;

/// The session of Rails, read into a type of yours. Keys that the type does not have are passed
/// over.
///
/// A request without a session and one with a session that cannot be read are refused, each in its
/// own way ([`SessionRefusal`]). `Option<RailsSession<T>>` is `None` without one, and still refuses
/// the other. `A` is where the app comes from: see [`AppSource`].
#[derive(Clone)]
pub struct RailsSession<T, A = RailsApp> {
    value: T,
    source: PhantomData<fn() -> A>,
}

impl<T, A> RailsSession<T, A> {
    /// What was read.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T, A> Deref for RailsSession<T, A> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

// What the session holds stays out of logs.
impl<T, A> fmt::Debug for RailsSession<T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RailsSession").finish_non_exhaustive()
    }
}

impl<S: Sync, T: DeserializeOwned, A: AppSource<S>> FromRequestParts<S> for RailsSession<T, A> {
    type Rejection = SessionRefusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, SessionRefusal> {
        let value = cookies::<S, A>(parts, state)?.session()?;
        Ok(Self { value, source: PhantomData })
    }
}

impl<S: Sync, T: DeserializeOwned, A: AppSource<S>> OptionalFromRequestParts<S>
    for RailsSession<T, A>
{
    type Rejection = SessionRefusal;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &S,
    ) -> Result<Option<Self>, SessionRefusal> {
        match <Self as FromRequestParts<S>>::from_request_parts(parts, state).await {
            Ok(session) => Ok(Some(session)),
            Err(SessionRefusal::Absent) => Ok(None),
            Err(refused) => Err(refused),
        }
    }
}

impl<S: Sync, A: AppSource<S>> FromRequestParts<S> for SessionJar<A> {
    type Rejection = SessionRefusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, SessionRefusal> {
        Ok(cookies::<S, A>(parts, state)?.session_jar()?.with_source())
    }
}

impl<S: Sync, K: JarKind, A: AppSource<S>> FromRequestParts<S> for CookieJar<K, A> {
    type Rejection = MissingApp;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, MissingApp> {
        Ok(cookies::<S, A>(parts, state)?.jar())
    }
}

impl<A> IntoResponseParts for SessionJar<A> {
    type Error = WriteError;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, WriteError> {
        if let Some(header) = self.set_cookie()? {
            parts.headers_mut().append(SET_COOKIE, header);
        }
        Ok(parts)
    }
}

impl<K: JarKind, A> IntoResponseParts for CookieJar<K, A> {
    type Error = Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Infallible> {
        for header in self.set_cookies() {
            parts.headers_mut().append(SET_COOKIE, header.clone());
        }
        Ok(parts)
    }
}
