//! Where extractors get the app from: the layer, the router's state, or what a user of this crate
//! makes up.

use axum::extract::{FromRef, FromRequestParts, State};
use http::request::Parts;

use crate::app::RailsApp;
use crate::error::MissingApp;
use crate::request::RequestCookies;

/// Where an extractor gets its [`RailsApp`] from: its last type parameter.
///
/// * [`RailsApp`], if it is not said: from a [`RailsLayer`](crate::RailsLayer) on the router.
/// * [`State<RailsApp>`](State): from the router's state, by [`FromRef`]; no layer is needed.
/// * A type of yours: where one process serves several apps, say, by the request's host.
///
/// ```
/// use axum::extract::{FromRef, State};
/// use axum::{Router, routing::get};
/// # use railjar::SecretKeyBase;
/// # use railjar::rails::{Profile, Version};
/// use railjar_axum::{RailsApp, SessionStore};
///
/// #[derive(Clone)]
/// struct AppState {
///     rails: RailsApp,
/// }
///
/// impl FromRef<AppState> for RailsApp {
///     fn from_ref(state: &AppState) -> Self {
///         state.rails.clone()
///     }
/// }
///
/// // One alias for all handlers.
/// type SessionJar = railjar_axum::SessionJar<State<RailsApp>>;
///
/// async fn id(session: SessionJar) -> String {
///     session.session_id().unwrap_or("none yet").to_owned()
/// }
///
/// # let secret = SecretKeyBase::new("the text of secret_key_base")?;
/// # let rails = RailsApp::new(&Profile::new(Version::V7_1), &secret, SessionStore::new("_app_session"))?;
/// let router: Router = Router::new().route("/", get(id)).with_state(AppState { rails });
/// # Ok::<(), railjar::ConfigError>(())
/// ```
pub trait AppSource<S> {
    /// The app for this request.
    ///
    /// # Errors
    /// [`MissingApp`] where there is none, which becomes an answer with status 500.
    fn app(parts: &Parts, state: &S) -> Result<RailsApp, MissingApp>;
}

impl<S> AppSource<S> for RailsApp {
    fn app(parts: &Parts, _state: &S) -> Result<RailsApp, MissingApp> {
        parts.extensions.get::<RequestCookies>().map(|it| it.app().clone()).ok_or(MissingApp)
    }
}

impl<S> AppSource<S> for State<RailsApp>
where
    RailsApp: FromRef<S>,
{
    fn app(_parts: &Parts, state: &S) -> Result<RailsApp, MissingApp> {
        Ok(RailsApp::from_ref(state))
    }
}

/// The request's cookies: those that the layer or an earlier extractor made, if they are of the
/// same app.
pub(super) fn cookies<S, A: AppSource<S>>(
    parts: &mut Parts,
    state: &S,
) -> Result<RequestCookies, MissingApp> {
    let app = A::app(parts, state)?;
    if let Some(known) = parts.extensions.get::<RequestCookies>().filter(|it| it.app().is(&app)) {
        return Ok(known.clone());
    }
    let cookies = RequestCookies::new(app, &parts.headers);
    parts.extensions.insert(cookies.clone());
    Ok(cookies)
}

/// From the layer.
impl<S: Sync> FromRequestParts<S> for RequestCookies {
    type Rejection = MissingApp;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, MissingApp> {
        cookies::<S, RailsApp>(parts, state)
    }
}

/// From the layer.
impl<S: Sync> FromRequestParts<S> for RailsApp {
    type Rejection = MissingApp;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, MissingApp> {
        <Self as AppSource<S>>::app(parts, state)
    }
}

/// The path and query that the client asked for: a nested router sees only the end of the path.
pub(super) fn original_uri(parts: &Parts) -> &http::Uri {
    parts.extensions.get::<axum::extract::OriginalUri>().map_or(&parts.uri, |original| &original.0)
}
