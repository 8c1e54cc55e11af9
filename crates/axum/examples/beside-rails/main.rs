//! An axum app beside the Rails app in `config.ru`: one session, one flash, one protection against
//! forged requests. The README beside it says how to run both.

use std::env;
use std::error::Error;
use std::fmt::Write as _;

use axum::response::{Html, IntoResponse, Redirect};
use axum::routing::{get, post};
use axum::{Extension, Router};
use railjar_axum::railjar::SecretKeyBase;
use railjar_axum::railjar::messages::CsrfForm;
use railjar_axum::railjar::rails::{Profile, Version};
use railjar_axum::railjar::serializer::Serializer;
use railjar_axum::{
    EncryptedCookies, OriginCheck, ProtectedForm, RailsApp, RailsLayer, SessionJar, SessionStore,
    SignedCookies, SignedIn, Verified, WardenScope, WriteError,
};
use serde::Deserialize;
use serde_json::json;

/// Where the Rails app is.
#[derive(Clone)]
struct RailsUrl(String);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let rails_url = env::var("RAILS_URL").unwrap_or_else(|_| "http://127.0.0.1:3000".into());
    let listen = env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:3001".into());

    let secret = SecretKeyBase::new(env::var("SECRET_KEY_BASE")?.into_bytes())?;
    let version = Version::from_name(&env::var("RAILS_VERSION").unwrap_or_else(|_| "7.2".into()))?;
    let serializer = env::var("COOKIES_SERIALIZER").unwrap_or_else(|_| "json".into());
    let profile = Profile::new(version).cookies_serializer(Serializer::from_name(&serializer)?);
    let origins = vec![rails_url.clone(), format!("http://{listen}")];
    let app = RailsApp::new(&profile, &secret, SessionStore::new("_beside_session"))?
        .origins(OriginCheck::Origins(origins));

    let router = Router::new()
        .route("/axum", get(page))
        .route("/axum/whoami", get(whoami))
        .route("/axum/locale", post(locale))
        .route("/axum/api/locale", post(api_locale))
        .route("/axum/members", get(members))
        // Behind one proxy, this path would be Rails' own.
        .route("/sign_in", get(sign_in))
        .layer(Extension(RailsUrl(rails_url)))
        .layer(RailsLayer::new(app));
    let listener = tokio::net::TcpListener::bind(&listen).await?;
    println!("listening on http://{}/axum", listener.local_addr()?);
    Ok(axum::serve(listener, router).await?)
}

/// Shows the flash, and a form for each of the two apps.
async fn page(
    Extension(RailsUrl(rails)): Extension<RailsUrl>,
    user: Option<SignedIn>,
    mut session: SessionJar,
) -> Result<impl IntoResponse, WriteError> {
    let mut html = format!("<h1>axum</h1><p>User {:?}</p>", user.and_then(|user| user.id()));
    for (key, message) in session.take_flash().as_hash() {
        if let (Some(key), Some(message)) = (key.as_str(), message.as_str()) {
            let _ = write!(html, r#"<p class="{}">{}</p>"#, escape(key), escape(message));
        }
    }
    for (action, field) in
        [("/axum/locale".to_owned(), "locale"), (format!("{rails}/comments"), "text")]
    {
        let form = CsrfForm::To { action: &action, method: "post", page: "/axum" };
        let token = session.authenticity_token(form)?;
        let _ = write!(
            html,
            r#"<form action="{action}" method="post">
               <input type="hidden" name="authenticity_token" value="{token}">
               <input name="{field}"><button>Send to {action}</button></form>"#
        );
    }
    let _ = write!(html, r#"<a href="{rails}/">Rails</a> <a href="/axum/members">Members</a>"#);
    Ok((session, Html(html)))
}

/// What this app sees of Rails' cookies, and a token for scripts.
async fn whoami(
    user: Option<SignedIn>,
    mut session: SessionJar,
    encrypted: EncryptedCookies,
    signed: SignedCookies,
) -> Result<impl IntoResponse, axum::response::Response> {
    let theme: Option<serde_json::Value> =
        encrypted.get("theme").map_err(IntoResponse::into_response)?;
    let seen = signed.add("seen", "axum").map_err(IntoResponse::into_response)?;
    let token = session.authenticity_token(CsrfForm::Any).map_err(IntoResponse::into_response)?;
    let body = json!({
        "user": user.and_then(|user| user.id()),
        "locale": session.get("locale").and_then(|locale| locale.as_str()),
        "session_id": session.session_id(),
        "theme": theme,
        "token": token,
    });
    Ok((session, seen, body.to_string()))
}

#[derive(Deserialize)]
struct Locale {
    locale: String,
}

/// A form, on a page of Rails or of this app.
async fn locale(
    Extension(RailsUrl(rails)): Extension<RailsUrl>,
    mut session: SessionJar,
    form: ProtectedForm<Locale>,
) -> impl IntoResponse {
    choose(&mut session, &form.locale);
    (session, Redirect::to(&rails))
}

/// The same for scripts, with the token in the header `X-CSRF-Token`.
async fn api_locale(_: Verified, mut session: SessionJar, locale: String) -> impl IntoResponse {
    choose(&mut session, &locale);
    (session, "saved")
}

fn choose(session: &mut SessionJar, locale: &str) {
    session.insert("locale", locale);
    session.insert_flash("notice", format!("axum saved {locale}."));
}

/// Who signs in for this page does so in Rails, and comes back.
struct Member;

impl WardenScope for Member {
    const SCOPE: &str = "user";
    const SIGN_IN_PATH: &str = "/sign_in";
}

async fn members(user: SignedIn<Member>) -> String {
    format!("Hello, user {:?}", user.id())
}

async fn sign_in(Extension(RailsUrl(rails)): Extension<RailsUrl>) -> Redirect {
    Redirect::to(&format!("{rails}/sign_in"))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
