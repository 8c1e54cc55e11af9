//! Signed in, or a redirect.

use axum::Router;
use axum::routing::get;
use http::{Method, StatusCode};
use railjar_axum::{ReturnTo, SignedIn, WardenScope, WhenUnreadable};

use super::app::{self, ask, broken, layered, rails_session, request, session_with};

struct Admin;

impl WardenScope for Admin {
    const SCOPE: &str = "admin";
    const SIGN_IN_PATH: &str = "/admin/login";
    const RETURN_TO: ReturnTo = ReturnTo::Forget;
    const UNREADABLE: WhenUnreadable = WhenUnreadable::Redirect;
}

async fn user(user: SignedIn) -> String {
    format!("{:?} {}", user.id(), user.key())
}

async fn maybe(user: Option<SignedIn>) -> String {
    format!("{:?}", user.and_then(|user| user.id()))
}

async fn admin(admin: SignedIn<Admin>) -> String {
    format!("{:?}", admin.id())
}

fn router() -> Router {
    Router::new()
        .nest("/pages", Router::new().route("/user", get(user).post(user)))
        .route("/maybe", get(maybe))
        .route("/admin", get(admin))
}

#[tokio::test]
async fn who_is_signed_in_gets_the_page() {
    let app = app::app();
    let router = layered(router(), &app);
    let session = rails_session();
    let answer = app::get(&router, "/pages/user", &[&session]).await;
    assert_eq!(answer.body, r#"Some(42) [[42], "$2a$11$abcdefghijklmnopqrstuv"]"#);
    assert_eq!(app::get(&router, "/maybe", &[&session]).await.body, "Some(42)");

    let plain = session_with(&app, |session| drop(session.insert("warden.user.admin.key", 7)));
    assert_eq!(app::get(&router, "/admin", &[&plain]).await.body, "Some(7)");
    assert_eq!(app::get(&router, "/maybe", &[&plain]).await.body, "None");
}

#[tokio::test]
async fn a_guest_is_redirected_and_rails_knows_where_to_return_to() {
    let app = app::app();
    let router = layered(router(), &app);
    let guest = session_with(&app, |session| drop(session.insert("locale", "de")));
    for cookies in [&[][..], &[guest.as_str()]] {
        let answer = app::get(&router, "/pages/user?a=1&b=/", cookies).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        assert_eq!(answer.location(), "/users/sign_in");
        let session = answer.session(&app);
        assert_eq!(session.get("user_return_to").unwrap().as_str(), Some("/pages/user?a=1&b=/"));
        assert_eq!(session.get("locale").is_some(), cookies.len() == 1);
        assert_eq!(app::get(&router, "/maybe", cookies).await.body, "None");
    }
}

#[tokio::test]
async fn what_cannot_be_returned_to_is_not_remembered() {
    let router = layered(router(), &app::app());
    let post = request("/pages/user", &[]).method(Method::POST).body("".into()).unwrap();
    let answer = ask(&router, post).await;
    assert_eq!((answer.status, answer.set_cookies().len()), (StatusCode::SEE_OTHER, 0));
    let answer = app::get(&router, "/admin", &[]).await;
    assert_eq!((answer.location(), answer.set_cookies().len()), ("/admin/login", 0));
    // Too long for a cookie.
    let long = format!("/pages/user?{}", "x".repeat(4096));
    let answer = app::get(&router, &long, &[]).await;
    assert_eq!((answer.status, answer.set_cookies().len()), (StatusCode::SEE_OTHER, 0));
}

#[tokio::test]
async fn a_path_never_leads_to_another_host() {
    let app = app::app();
    let router = layered(Router::new().fallback(user), &app);
    for (path, kept) in [("//evil.test/x", "/evil.test/x"), ("/a//b", "/a//b"), ("/", "/")] {
        let session = app::get(&router, path, &[]).await.session(&app);
        assert_eq!(session.get("user_return_to").unwrap().as_str(), Some(kept));
    }
}

#[tokio::test]
async fn an_unreadable_session_is_no_guests() {
    let router = layered(router(), &app::app());
    for path in ["/pages/user", "/maybe"] {
        let answer = app::get(&router, path, &[&broken()]).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
        assert!(answer.set_cookies().is_empty());
    }
    // Where the scope says so, Rails decides, and finds the cookie as it was.
    let answer = app::get(&router, "/admin", &[&broken()]).await;
    assert_eq!((answer.location(), answer.set_cookies().len()), ("/admin/login", 0));
}
