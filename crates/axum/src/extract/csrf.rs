//! Extractors for requests that must come from the app's own pages.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use axum::body::Body;
use axum::extract::rejection::{FormRejection, RawFormRejection};
use axum::extract::{Form, FromRequest, FromRequestParts, RawForm, Request};
use http::Method;
use http::request::Parts;
use railjar::messages::CsrfMatch;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::source::{AppSource, cookies, original_uri};
use crate::app::RailsApp;
use crate::csrf::CsrfRefusal;

/// A request that may change something: its CSRF token, in the header `X-CSRF-Token`, was made for
/// this session. For JSON and the like; for forms there is [`ProtectedForm`]. As in Rails, `GET` and
/// `HEAD` need no token.
#[derive(Clone, Copy)]
pub struct Verified<A = RailsApp> {
    found: Option<CsrfMatch>,
    source: PhantomData<fn() -> A>,
}

impl<A> Verified<A> {
    /// What kind of token it was; `None` if none was needed.
    #[must_use]
    pub fn found(&self) -> Option<CsrfMatch> {
        self.found
    }
}

/// A form whose CSRF token, in the field `authenticity_token` or in the header `X-CSRF-Token`, was
/// made for this session, by Rails or by
/// [`authenticity_token`](crate::SessionJar::authenticity_token).
///
/// The method that a token is for is the one in Rails' field `_method`, if the form has it.
///
/// ```
/// use railjar_axum::ProtectedForm;
///
/// #[derive(serde::Deserialize)]
/// struct Comment {
///     text: String,
/// }
///
/// async fn create(comment: ProtectedForm<Comment>) -> String {
///     comment.text.clone()
/// }
/// ```
#[derive(Clone)]
pub struct ProtectedForm<T, A = RailsApp> {
    value: T,
    source: PhantomData<fn() -> A>,
}

impl<T, A> ProtectedForm<T, A> {
    /// The form.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T, A> Deref for ProtectedForm<T, A> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// Why a form was refused.
#[derive(Debug)]
#[non_exhaustive]
pub enum FormRefusal {
    /// It is not taken for one of the app's own.
    Csrf(CsrfRefusal),
    /// The body is no form, or too long.
    Body(RawFormRejection),
    /// The form is no `T`.
    Form(FormRejection),
}

impl<S: Sync, A: AppSource<S>> FromRequestParts<S> for Verified<A> {
    type Rejection = CsrfRefusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, CsrfRefusal> {
        let method = parts.method.clone();
        let found = verify::<S, A>(parts, state, &method, None)?;
        Ok(Self { found, source: PhantomData })
    }
}

impl<S, T, A> FromRequest<S> for ProtectedForm<T, A>
where
    S: Send + Sync,
    T: DeserializeOwned,
    A: AppSource<S>,
{
    type Rejection = FormRefusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, FormRefusal> {
        let (mut parts, body) = request.into_parts();
        let with_body = |parts: &Parts, body| Request::from_parts(parts.clone(), body);
        let RawForm(bytes) = RawForm::from_request(with_body(&parts, body), state)
            .await
            .map_err(FormRefusal::Body)?;
        let form = |parts: &Parts| with_body(parts, Body::from(bytes.clone()));

        let Form(fields) =
            Form::<Fields>::from_request(form(&parts), state).await.map_err(FormRefusal::Form)?;
        let method = fields.method(&parts.method);
        let token = fields.authenticity_token.as_deref();
        verify::<S, A>(&mut parts, state, &method, token).map_err(FormRefusal::Csrf)?;

        let Form(value) =
            Form::<T>::from_request(form(&parts), state).await.map_err(FormRefusal::Form)?;
        Ok(Self { value, source: PhantomData })
    }
}

/// What Rails puts into its forms.
#[derive(Deserialize)]
struct Fields {
    authenticity_token: Option<String>,
    #[serde(rename = "_method")]
    method: Option<String>,
}

impl Fields {
    /// `Rack::MethodOverride`, which a `POST` alone may use. No override makes a request one that
    /// needs no token.
    fn method(&self, sent: &Method) -> Method {
        let named = self.method.as_deref().filter(|_| sent == Method::POST);
        let known = [Method::PUT, Method::PATCH, Method::DELETE];
        let found = known
            .into_iter()
            .find(|method| named.is_some_and(|named| named.eq_ignore_ascii_case(method.as_str())));
        found.unwrap_or_else(|| sent.clone())
    }
}

fn verify<S, A: AppSource<S>>(
    parts: &mut Parts,
    state: &S,
    method: &Method,
    form_token: Option<&str>,
) -> Result<Option<CsrfMatch>, CsrfRefusal> {
    let cookies = cookies::<S, A>(parts, state)?;
    cookies.verify(method, original_uri(parts), &parts.headers, form_token)
}

impl<A> fmt::Debug for Verified<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified").field("found", &self.found).finish()
    }
}

impl<T: fmt::Debug, A> fmt::Debug for ProtectedForm<T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ProtectedForm").field(&self.value).finish()
    }
}

impl fmt::Display for FormRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Csrf(error) => error.fmt(f),
            Self::Body(error) => error.fmt(f),
            Self::Form(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for FormRefusal {}
