//! The app of `examples/session-7.1`, with a clock and an entropy of its own, and requests to it.

use std::sync::atomic::{AtomicU8, Ordering};

use axum::Router;
use axum::body::Body;
use http::header::{COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt as _;
use railjar_axum::railjar::rails::{Profile, Version};
use railjar_axum::railjar::{SecretKeyBase, Timestamp};
use railjar_axum::{RailsApp, RailsLayer, RequestCookies, SessionJar, SessionStore};
use tower::ServiceExt as _;

const SECRET: &str = include_str!("../../../../examples/session-7.1/secret_key_base.txt");
const COOKIE_VALUE: &str = include_str!("../../../../examples/session-7.1/cookie.txt");

pub(crate) const NOW: Timestamp = Timestamp::from_unix_seconds(1_750_000_000);

pub(crate) fn store() -> SessionStore {
    SessionStore::new("_demo_session")
}

pub(crate) fn profile() -> Profile {
    Profile::new(Version::V7_1)
}

pub(crate) fn app() -> RailsApp {
    app_of(&profile(), store())
}

pub(crate) fn app_of(profile: &Profile, store: SessionStore) -> RailsApp {
    let count = AtomicU8::new(0);
    RailsApp::new(profile, &secret(), store).unwrap().clock(|| NOW).entropy(move |out| {
        out.fill(count.fetch_add(1, Ordering::Relaxed));
        Ok(())
    })
}

pub(crate) fn secret() -> SecretKeyBase {
    SecretKeyBase::new(SECRET.trim_end().as_bytes()).unwrap()
}

/// The session of user 42, as Rails wrote it.
pub(crate) fn rails_session() -> String {
    format!("_demo_session={}", COOKIE_VALUE.trim_end())
}

/// A session that holds only this.
pub(crate) fn session_with(app: &RailsApp, change: impl FnOnce(&mut SessionJar)) -> String {
    let mut session = SessionJar::new(app.clone());
    change(&mut session);
    cookie(session.set_cookie().unwrap().unwrap().to_str().unwrap())
}

/// What a browser sends back for a `Set-Cookie`.
pub(crate) fn cookie(header: &str) -> String {
    header.split(';').next().unwrap().to_owned()
}

/// A session that no key made.
pub(crate) fn broken() -> String {
    rails_session().replacen("=x", "=y", 1)
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn set_cookies(&self) -> Vec<&str> {
        self.headers.get_all(SET_COOKIE).iter().map(|it| it.to_str().unwrap()).collect()
    }

    pub(crate) fn location(&self) -> &str {
        self.headers[LOCATION].to_str().unwrap()
    }

    /// The session that this answer writes.
    pub(crate) fn session(&self, app: &RailsApp) -> SessionJar {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, cookie(self.set_cookies()[0]).parse().unwrap());
        RequestCookies::new(app.clone(), &headers).session_jar().unwrap()
    }
}

pub(crate) fn layered(router: Router, app: &RailsApp) -> Router {
    router.layer(RailsLayer::new(app.clone()))
}

pub(crate) async fn get(router: &Router, path: &str, cookies: &[&str]) -> Answer {
    ask(router, request(path, cookies).body(Body::empty()).unwrap()).await
}

/// A request with each of the cookies in a header of its own.
pub(crate) fn request(path: &str, cookies: &[&str]) -> http::request::Builder {
    let request = Request::builder().uri(path).header("host", "app.test");
    cookies.iter().fold(request, |request, cookie| request.header(COOKIE, *cookie))
}

pub(crate) async fn ask(router: &Router, request: Request<Body>) -> Answer {
    let (parts, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let body = String::from_utf8(body.to_vec()).unwrap();
    Answer { status: parts.status, headers: parts.headers, body }
}
