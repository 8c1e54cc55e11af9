//! `cookies.signed` and `cookies.encrypted`.

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::StatusCode;
use railjar_axum::cookie::time::{Duration, OffsetDateTime};
use railjar_axum::{Cookie, EncryptedCookies, SignedCookies};

use super::app::{self, NOW, cookie, layered};

async fn write(encrypted: EncryptedCookies, signed: SignedCookies) -> Response {
    let at = OffsetDateTime::from_unix_timestamp(NOW.plus_seconds(60).unix_seconds()).unwrap();
    let encrypted = encrypted
        .add("prefs", &["dark"])
        .and_then(|jar| jar.add(Cookie::build("short").expires(at).http_only(true), &1))
        .and_then(|jar| jar.add(Cookie::build("age").max_age(Duration::minutes(1)).path("/x"), &2))
        .and_then(|jar| jar.add("prefs", &["light"]))
        .and_then(|jar| jar.remove("old"))
        .unwrap();
    assert_eq!(encrypted.get::<Vec<String>>("prefs").unwrap(), Some(vec!["light".into()]));
    assert_eq!(encrypted.get::<String>("old").unwrap(), None);
    (encrypted, signed.add("seen", &true).unwrap(), "written").into_response()
}

async fn read(encrypted: EncryptedCookies, signed: SignedCookies) -> Response {
    let prefs = match encrypted.get::<Vec<String>>("prefs") {
        Ok(prefs) => prefs,
        Err(unreadable) => return unreadable.into_response(),
    };
    let short: Option<i64> = encrypted.get("short").unwrap_or(Some(-1));
    let age: Option<i64> = encrypted.get("age").unwrap_or(Some(-1));
    let seen: Option<bool> = signed.get("seen").unwrap();
    format!("{prefs:?} {short:?} {age:?} {seen:?}").into_response()
}

fn router() -> Router {
    Router::new().route("/write", get(write)).route("/read", get(read))
}

#[tokio::test]
async fn what_is_written_is_read() {
    let app = app::app();
    let answer = app::get(&layered(router(), &app), "/write", &["old=1"]).await;
    let attributes: Vec<_> = answer
        .set_cookies()
        .iter()
        .map(|header| {
            let (name, rest) = header.split_once('=').unwrap();
            (name, rest.split_once("; ").unwrap().1)
        })
        .collect();
    assert_eq!(
        attributes[..3],
        [
            ("short", "HttpOnly; SameSite=Lax; Path=/; Expires=Sun, 15 Jun 2025 15:07:40 GMT"),
            ("age", "SameSite=Lax; Path=/x; Max-Age=60"),
            ("prefs", "SameSite=Lax; Path=/"),
        ]
    );
    let (name, removal) = attributes[3];
    assert!(name == "old" && removal.contains("Path=/; Max-Age=0; Expires="), "{removal}");
    assert_eq!(attributes[4], ("seen", "SameSite=Lax; Path=/"));

    let cookies: Vec<_> = answer.set_cookies().into_iter().map(cookie).collect();
    let cookies: Vec<_> = cookies.iter().map(String::as_str).collect();
    let answer = app::get(&layered(router(), &app), "/read", &cookies).await;
    assert_eq!(answer.body, r#"Some(["light"]) Some(1) Some(2) Some(true)"#);

    // The expiry stands in the value too, from either attribute.
    let later = app.clock(|| NOW.plus_seconds(60));
    let answer = app::get(&layered(router(), &later), "/read", &cookies).await;
    assert_eq!(answer.body, r#"Some(["light"]) Some(-1) Some(-1) Some(true)"#);
}

#[tokio::test]
async fn an_absent_cookie_is_none_and_an_unreadable_one_a_refusal() {
    let router = layered(router(), &app::app());
    let answer = app::get(&router, "/read", &[]).await;
    assert_eq!(answer.body, "None None None None");
    for cookie in ["prefs=junk", "prefs="] {
        let answer = app::get(&router, "/read", &[cookie]).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{cookie}");
    }
}

#[tokio::test]
async fn a_cookie_over_4096_bytes_is_an_error() {
    async fn handler(jar: EncryptedCookies) -> Response {
        jar.add("prefs", &"x".repeat(4096)).map(|jar| (jar, "")).into_response()
    }
    let router = layered(Router::new().route("/", get(handler)), &app::app());
    let answer = app::get(&router, "/", &[]).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(answer.set_cookies().is_empty());
}
