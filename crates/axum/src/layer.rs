//! The tower layer: gives every request its [`RequestCookies`], and writes a session again where
//! the app says so.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use crate::app::RailsApp;
use crate::request::RequestCookies;

/// Puts [`RequestCookies`] into the extensions of each request. Nothing is read before something
/// asks for it.
///
/// Under [`Reissue::WhenRead`](crate::Reissue::WhenRead), a session that was read and should be
/// written again is, unless the answer writes it already.
///
/// ```
/// # use std::convert::Infallible;
/// # use railjar::SecretKeyBase;
/// # use railjar::rails::{Profile, Version};
/// # use railjar_axum::{RailsApp, SessionStore};
/// # let secret = SecretKeyBase::new("the text of secret_key_base")?;
/// # let app = RailsApp::new(&Profile::new(Version::V7_1), &secret, SessionStore::new("_app_session"))?;
/// use http::{Request, Response};
/// use railjar_axum::{RailsLayer, RequestCookies, SessionRefusal};
/// use tower::{ServiceBuilder, service_fn};
///
/// // Any service over `http::Request`: hyper, tonic, …
/// let service = ServiceBuilder::new().layer(RailsLayer::new(app)).service(service_fn(
///     async |request: Request<()>| {
///         let cookies = request.extensions().get::<RequestCookies>().expect("RailsLayer");
///         let body = match cookies.session_jar() {
///             Ok(session) if session.warden_users().count() > 0 => "a user",
///             Ok(_) => "a guest",
///             Err(_) => "neither",
///         };
///         Ok::<_, Infallible>(Response::new(body))
///     },
/// ));
/// # drop(service);
/// # Ok::<(), railjar::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct RailsLayer(RailsApp);

impl RailsLayer {
    /// A layer for this app.
    pub fn new(app: RailsApp) -> Self {
        Self(app)
    }
}

impl<S> Layer<S> for RailsLayer {
    type Service = RailsService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        RailsService { app: self.0.clone(), inner }
    }
}

/// The service that [`RailsLayer`] makes.
#[derive(Clone, Debug)]
pub struct RailsService<S> {
    app: RailsApp,
    inner: S,
}

impl<S, B, R> Service<Request<B>> for RailsService<S>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = RailsFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let cookies = RequestCookies::new(self.app.clone(), request.headers());
        request.extensions_mut().insert(cookies.clone());
        RailsFuture { inner: self.inner.call(request), cookies }
    }
}

pin_project! {
    /// The answer of [`RailsService`].
    #[derive(Debug)]
    pub struct RailsFuture<F> {
        #[pin]
        inner: F,
        cookies: RequestCookies,
    }
}

impl<F, R, E> Future for RailsFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut answer = ready!(this.inner.poll(cx));
        if let Ok(response) = &mut answer {
            // The cookie in the browser is as good as it was: a rotation reads it again next time.
            drop(this.cookies.reissue(response.headers_mut()));
        }
        Poll::Ready(answer)
    }
}
