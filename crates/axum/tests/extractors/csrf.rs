//! Tokens and origins. `tests/live/axum.rb` asks Rails about the tokens.

use axum::Router;
use axum::body::Body;
use axum::routing::{get, post};
use http::{Method, StatusCode};
use railjar_axum::railjar::messages::{CsrfForm, CsrfMatch};
use railjar_axum::{OriginCheck, ProtectedForm, RailsApp, SessionJar, Verified};
use serde::Deserialize;

use super::app::{self, Answer, ask, broken, layered, rails_session, request, session_with};

#[derive(Deserialize)]
struct Comment {
    text: String,
}

async fn comment(form: ProtectedForm<Comment>) -> String {
    form.text.clone()
}

async fn api(verified: Verified) -> String {
    format!("{:?}", verified.found())
}

fn router(app: &RailsApp) -> Router {
    let forms = Router::new().route("/comments", get(comment).post(comment));
    layered(Router::new().nest("/blog", forms).route("/api", post(api).get(api)), app)
}

/// The session that made the token, and the token.
fn token(app: &RailsApp, form: CsrfForm<'_>) -> (String, String) {
    let mut token = String::new();
    let session = session_with(app, |session| token = session.authenticity_token(form).unwrap());
    (session, token)
}

const FORM: CsrfForm<'_> = CsrfForm::To { action: "/blog/comments", method: "post", page: "/blog" };

async fn submit(router: &Router, session: &str, body: &str, headers: &[(&str, &str)]) -> Answer {
    let request = request("/blog/comments", &[session])
        .method(Method::POST)
        .header("content-type", "application/x-www-form-urlencoded");
    let request =
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    ask(router, request.body(Body::from(body.to_owned())).unwrap()).await
}

#[tokio::test]
async fn a_form_with_its_token_is_taken() {
    let app = app::app();
    let router = router(&app);
    for form in [FORM, CsrfForm::Any] {
        let (session, token) = token(&app, form);
        let body = format!("text=hello&authenticity_token={token}");
        assert_eq!(submit(&router, &session, &body, &[]).await.body, "hello");
        let headers = [("x-csrf-token", token.as_str())];
        assert_eq!(submit(&router, &session, "text=hello", &headers).await.body, "hello");
    }
}

#[tokio::test]
async fn a_token_belongs_to_its_session_and_its_form() {
    let app = app::app();
    let router = router(&app);
    let (session, own) = token(&app, FORM);
    let delete = CsrfForm::To { action: "/blog/comments", method: "delete", page: "/" };
    let other_form = CsrfForm::To { action: "/blog", method: "post", page: "/" };
    for body in [
        "text=hello".to_owned(),
        "text=hello&authenticity_token=".to_owned(),
        "text=hello&authenticity_token=junk".to_owned(),
        format!("text=hello&authenticity_token={}", token(&app, FORM).1),
        format!("text=hello&authenticity_token={}", token(&app, CsrfForm::Any).1),
        format!("text=hello&authenticity_token={own}&_method=delete"),
    ] {
        let answer = submit(&router, &session, &body, &[]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    }
    for (form, method, status) in [
        (delete, "delete", StatusCode::OK),
        (delete, "DELETE", StatusCode::OK),
        (delete, "post", StatusCode::UNPROCESSABLE_ENTITY),
        (delete, "get", StatusCode::UNPROCESSABLE_ENTITY),
        (other_form, "post", StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let (session, token) = token(&app, form);
        let body = format!("text=hello&authenticity_token={token}&_method={method}");
        assert_eq!(submit(&router, &session, &body, &[]).await.status, status, "{method}");
    }
}

#[tokio::test]
async fn a_session_without_a_token_takes_none() {
    let app = app::app();
    let router = router(&app);
    let (_, token) = token(&app, FORM);
    let body = format!("text=hello&authenticity_token={token}");
    let empty = session_with(&app, |session| drop(session.insert("a", 1)));
    let nil = session_with(&app, |session| drop(session.insert("_csrf_token", None::<bool>)));
    for session in ["a=b", &empty, &nil] {
        let answer = submit(&router, session, &body, &[]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(submit(&router, &broken(), &body, &[]).await.status, StatusCode::BAD_REQUEST);
    // And a body that is no `Comment` is refused as axum refuses it, but only after its token.
    let answer = submit(&router, &empty, "other=1", &[]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn reading_needs_no_token() {
    let router = router(&app::app());
    assert_eq!(app::get(&router, "/blog/comments?text=hi", &[]).await.body, "hi");
    assert_eq!(app::get(&router, "/api", &[]).await.body, "None");
}

#[tokio::test]
async fn scripts_send_a_header() {
    let app = app::app();
    let router = router(&app);
    let (session, token) = token(&app, CsrfForm::Any);
    let send = |token: Option<&str>| {
        let request = request("/api", &[&session]).method(Method::POST);
        let request = token.into_iter().fold(request, |it, token| it.header("x-csrf-token", token));
        request.body(Body::empty()).unwrap()
    };
    assert_eq!(
        ask(&router, send(Some(&token))).await.body,
        format!("{:?}", Some(CsrfMatch::Global))
    );
    assert_eq!(ask(&router, send(None)).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn the_origin_counts_before_the_token() {
    let allowed = OriginCheck::Origins(vec!["https://www.test".into()]);
    for (check, origin, taken) in [
        (OriginCheck::SameHost, "https://app.test", true),
        (OriginCheck::SameHost, "http://app.test", true),
        (OriginCheck::SameHost, "https://evil.test", false),
        (OriginCheck::SameHost, "https://app.test:8443", false),
        (OriginCheck::SameHost, "null", false),
        (allowed.clone(), "https://www.test", true),
        (allowed, "https://app.test", false),
        (OriginCheck::Off, "https://evil.test", true),
    ] {
        let app = app::app().origins(check.clone());
        let (session, token) = token(&app, FORM);
        let body = format!("text=hello&authenticity_token={token}");
        let answer = submit(&router(&app), &session, &body, &[("origin", origin)]).await;
        assert_eq!(answer.status == StatusCode::OK, taken, "{check:?} {origin}");
        let twice = [("origin", origin), ("origin", "https://evil.test")];
        let answer = submit(&router(&app), &session, &body, &twice).await;
        assert_eq!(answer.status == StatusCode::OK, check == OriginCheck::Off);
    }
}

#[test]
fn the_sessions_own_token_is_kept_and_another_kind_is_an_error() {
    let app = app::app();
    let mut headers = http::HeaderMap::new();
    headers.insert("cookie", rails_session().parse().unwrap());
    let request = railjar_axum::RequestCookies::new(app.clone(), &headers);
    let mut session = request.session_jar().unwrap();
    session.authenticity_token(FORM).unwrap();
    assert!(!session.is_changed());

    let mut session = SessionJar::<RailsApp>::new(app);
    session.insert("_csrf_token", "not a token");
    assert!(session.authenticity_token(FORM).is_err());
}
