//! The session: typed, to change, written again.

use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::get;
use http::StatusCode;
use railjar_axum::railjar::rails::{CookieKind, Profile, Rotation, Version};
use railjar_axum::railjar::{Digest, OpenError, Serializer, Timestamp};
use railjar_axum::{RailsApp, RailsSession, Reissue, SessionJar, SessionRefusal, SessionStore};
use serde::{Deserialize, Serialize};

use super::app::{self, NOW, app_of, broken, layered, profile, rails_session, session_with, store};

#[derive(Deserialize)]
struct Session {
    locale: String,
}

async fn locale(session: RailsSession<Session>) -> String {
    session.locale.clone()
}

async fn maybe(session: Option<RailsSession<Session>>) -> String {
    session.map_or("none".into(), |it| it.into_inner().locale)
}

async fn by_hand(session: Result<RailsSession<Session>, SessionRefusal>) -> &'static str {
    match session {
        Ok(_) => "read",
        Err(SessionRefusal::Absent) => "absent",
        Err(SessionRefusal::Unreadable(refused)) => match refused.error() {
            OpenError::Format(_) => "unreadable",
            _ => "of another kind",
        },
        Err(_) => "no app",
    }
}

fn readers() -> Router {
    Router::new()
        .route("/", get(locale))
        .route("/maybe", get(maybe))
        .route("/by-hand", get(by_hand))
}

#[tokio::test]
async fn a_typed_session_is_read() {
    let router = layered(readers(), &app::app());
    let session = rails_session();
    for cookies in [&[session.as_str()][..], &["theme=dark", &session]] {
        assert_eq!(app::get(&router, "/", cookies).await.body, "pt-BR");
        assert_eq!(app::get(&router, "/maybe", cookies).await.body, "pt-BR");
    }
}

#[tokio::test]
async fn absent_and_unreadable_are_two_things() {
    let router = layered(readers(), &app::app());
    let (absent, broken) = (["theme=dark"], broken());
    let unreadable = [broken.as_str()];
    let (no, bad) = (StatusCode::UNAUTHORIZED, StatusCode::BAD_REQUEST);
    for (path, cookies, status, body) in [
        ("/", &absent, no, "There is no session."),
        ("/", &unreadable, bad, "A cookie of this site cannot be read."),
        ("/maybe", &absent, StatusCode::OK, "none"),
        ("/maybe", &unreadable, bad, "A cookie of this site cannot be read."),
        ("/by-hand", &absent, StatusCode::OK, "absent"),
        ("/by-hand", &unreadable, StatusCode::OK, "unreadable"),
    ] {
        let answer = app::get(&router, path, cookies).await;
        assert_eq!((answer.status, answer.body.as_str()), (status, body), "{path}");
        assert!(answer.set_cookies().is_empty());
    }
}

#[tokio::test]
async fn a_session_of_another_type_is_unreadable() {
    let app = app::app();
    let cookie = session_with(&app, |session| drop(session.insert("locale", 1)));
    let answer = app::get(&layered(readers(), &app), "/maybe", &[&cookie]).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn without_an_app_the_answer_says_what_to_do() {
    let answer = app::get(&readers(), "/", &[]).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(answer.body.ends_with("add a RailsLayer to the router"), "{}", answer.body);
}

#[tokio::test]
async fn the_app_may_come_from_the_state() {
    async fn handler(session: RailsSession<Session, State<RailsApp>>) -> String {
        session.locale.clone()
    }
    let router = Router::new().route("/", get(handler)).with_state(app::app());
    assert_eq!(app::get(&router, "/", &[&rails_session()]).await.body, "pt-BR");
}

async fn change(mut session: SessionJar) -> impl IntoResponse {
    session.insert("locale", "de");
    session.insert_flash("notice", "Saved.");
    (session, "changed")
}

#[tokio::test]
async fn what_is_not_changed_stays() {
    let app = app::app();
    let router = layered(Router::new().route("/", get(change)), &app);
    let answer = app::get(&router, "/", &[&rails_session()]).await;
    assert_eq!(answer.body, "changed");
    let [header] = answer.set_cookies()[..] else { panic!("not one cookie") };
    assert!(header.starts_with("_demo_session="));
    assert!(header.ends_with("; HttpOnly; SameSite=Lax; Path=/"), "{header}");

    let session = answer.session(&app);
    assert_eq!(session.session_id(), Some("a5999530fed6cbe6fc60d0dfcedde865"));
    let keys = session.as_session().as_hash().iter().map(|(key, _)| key.as_str().unwrap());
    assert_eq!(
        keys.collect::<Vec<_>>(),
        [
            "session_id",
            "_csrf_token",
            "warden.user.user.key",
            "user_return_to",
            "cart",
            "locale",
            "flash"
        ]
    );
    assert_eq!(session.get("locale").unwrap().as_str(), Some("de"));
    assert_eq!(session.flash().get("notice").unwrap().as_str(), Some("Saved."));
    let flash = session.get("flash").unwrap();
    assert_eq!(flash.to_string(), r#"{"discard"=>[], "flashes"=>{"notice"=>"Saved."}}"#);
}

#[tokio::test]
async fn a_new_session_gets_an_id_and_an_unreadable_one_is_left_alone() {
    let app = app::app();
    let router = layered(Router::new().route("/", get(change)), &app);
    let session = app::get(&router, "/", &[]).await.session(&app);
    assert_eq!(session.session_id().unwrap().len(), 32);
    assert_eq!(session.get("locale").unwrap().as_str(), Some("de"));

    let answer = app::get(&router, "/", &[&broken()]).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.set_cookies().is_empty());
}

#[tokio::test]
async fn what_is_only_read_is_not_written() {
    async fn handler(session: SessionJar) -> impl IntoResponse {
        let id = session.session_id().unwrap_or("none").to_owned();
        (session, id)
    }
    let router = layered(Router::new().route("/", get(handler)), &app::app());
    for cookies in [&[][..], &[rails_session().as_str()]] {
        assert!(app::get(&router, "/", cookies).await.set_cookies().is_empty());
    }
}

#[tokio::test]
async fn a_session_over_4096_bytes_is_reported() {
    async fn handler(mut session: SessionJar) -> impl IntoResponse {
        session.insert("essay", "x".repeat(4096));
        (session, "saved")
    }
    let router = layered(Router::new().route("/", get(handler)), &app::app());
    let answer = app::get(&router, "/", &[&rails_session()]).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(answer.body.starts_with("A cookie could not be written: "), "{}", answer.body);
    assert!(answer.body.contains("4096"), "{}", answer.body);
    assert!(answer.set_cookies().is_empty());
}

#[test]
fn a_flash_that_is_taken_is_gone() {
    let mut session = SessionJar::<RailsApp>::new(app::app());
    session.insert_flash("notice", "1");
    session.insert_flash("alert", "2");
    assert_eq!(session.flash().as_hash().len(), 2);
    assert_eq!(session.take_flash().as_hash().len(), 2);
    assert_eq!((session.take_flash().as_hash().len(), session.get("flash")), (0, None));
}

#[test]
fn fields_go_over_keys() {
    #[derive(Serialize)]
    struct Fields {
        locale: &'static str,
        page: Option<u64>,
    }
    let mut session = SessionJar::<RailsApp>::new(app::app());
    session.insert("cart", 1);
    session.insert("locale", "en");
    session.merge(&Fields { locale: "fr", page: Some(u64::MAX) }).unwrap();
    let text = session.as_session().as_hash().to_string();
    assert_eq!(text, r#"{"cart"=>1, "locale"=>"fr", "page"=>18446744073709551615}"#);
    assert!(session.merge("text").is_err());
}

#[test]
fn a_reset_leaves_nothing() {
    let app = app::app();
    let cookie = session_with(&app, |session| {
        session.insert("warden.user.user.key", 1);
        session.insert("session_id", "old");
        session.reset();
    });
    let mut headers = http::HeaderMap::new();
    headers.insert("cookie", cookie.parse().unwrap());
    let session = railjar_axum::RequestCookies::new(app, &headers).session_jar().unwrap();
    assert_eq!(session.warden_users().count(), 0);
    assert!(session.session_id().is_some_and(|id| id != "old"));
}

#[tokio::test]
async fn the_expiry_is_kept_or_begins_anew() {
    const WEEK: u64 = 7 * 24 * 60 * 60;
    let after = |seconds| store().expire_after(std::time::Duration::from_secs(seconds));
    // As another server with `expire_after` wrote it, an hour ago.
    let then = NOW.plus_seconds(-3600);
    let writer = app_of(&profile(), after(WEEK)).clock(move || then);
    let cookie = session_with(&writer, |session| drop(session.insert("a", 1)));

    for (store, expires) in [
        (store(), Timestamp::from_unix_seconds(1_750_000_000 - 3600 + 604_800)),
        (after(60), NOW.plus_seconds(60)),
    ] {
        let app = app_of(&profile(), store);
        let router = layered(Router::new().route("/", get(change)), &app);
        let answer = app::get(&router, "/", &[&cookie]).await;
        let mut headers = http::HeaderMap::new();
        headers.insert("cookie", app::cookie(answer.set_cookies()[0]).parse().unwrap());
        let written = railjar_axum::RequestCookies::new(app, &headers);
        assert_eq!(written.opened_session().unwrap().expires_at(), Some(expires));
        assert!(answer.set_cookies()[0].contains("; Expires="), "{:?}", answer.set_cookies());
    }
    // And an expired session is unreadable, not absent.
    let late = app::app().clock(|| NOW.plus_seconds(604_800));
    let answer = app::get(&layered(readers(), &late), "/by-hand", &[&cookie]).await;
    assert_eq!(answer.body, "of another kind");
}

#[test]
fn attributes_are_the_stores() {
    let set_cookie = |store: SessionStore, profile: &Profile| {
        let mut session = SessionJar::<RailsApp>::new(app_of(profile, store));
        session.insert("a", 1);
        let header = session.set_cookie().unwrap().unwrap();
        header.to_str().unwrap().split_once("; ").unwrap().1.to_owned()
    };
    let full = store().secure().domain("example.test").path("/app").visible_to_scripts();
    assert_eq!(
        set_cookie(full, &profile()),
        "SameSite=Lax; Secure; Path=/app; Domain=example.test"
    );
    let old = Profile::without_defaults(Version::V7_1);
    assert_eq!(set_cookie(store(), &old), "HttpOnly; Path=/");
    let strict = store().same_site(cookie::SameSite::Strict);
    assert_eq!(set_cookie(strict, &profile()), "HttpOnly; SameSite=Strict; Path=/");

    let mut session = SessionJar::<RailsApp>::new(app_of(&profile(), store().domain("a\r\nb")));
    session.insert("a", 1);
    assert!(session.set_cookie().is_err());
    assert!(RailsApp::new(&profile(), &app::secret(), SessionStore::new("")).is_err());
}

#[tokio::test]
async fn a_session_may_be_signed() {
    let app = app_of(&profile(), store().kind(CookieKind::Signed));
    let cookie = session_with(&app, |session| drop(session.insert("locale", "de")));
    assert_eq!(app::get(&layered(readers(), &app), "/", &[&cookie]).await.body, "de");
    // Where the app keeps it: not in the other jar.
    let answer = app::get(&layered(readers(), &app), "/by-hand", &[&rails_session()]).await;
    assert_eq!(answer.body, "unreadable");
}

#[tokio::test]
async fn a_session_is_written_again_where_that_is_wanted() {
    let old = Profile::load_defaults(Version::V7_1, Version::V6_1).unwrap();
    let old = app_of(&old.cookies_serializer(Serializer::Json), store());
    let cookie = session_with(&old, |session| drop(session.insert("locale", "de")));
    let rotating = profile().rotate(Rotation::new().key_generator_hash_digest_class(Digest::Sha1));

    for (reissue, path, written) in [
        (Reissue::Never, "/", 0),
        (Reissue::WhenRead, "/", 1),
        (Reissue::WhenRead, "/unread", 0),
        (Reissue::WhenRead, "/change", 1),
    ] {
        let app = app_of(&rotating, store()).reissue(reissue);
        let routes = readers().route("/unread", get(|| async {})).route("/change", get(change));
        let answer = app::get(&layered(routes, &app), path, &[&cookie]).await;
        assert_eq!(answer.set_cookies().len(), written, "{reissue:?} {path}");
        if written == 1 {
            // In the format of today, with the same in it.
            let locale = answer.session(&app::app()).get("locale").cloned().unwrap();
            assert_eq!(locale.as_str(), Some("de"));
        }
    }
}

#[test]
fn nothing_of_a_session_is_shown() {
    let mut session = SessionJar::<RailsApp>::new(app::app());
    session.insert("secret-key", "secret-value");
    let shown = format!("{session:?} {:?}", session.app());
    assert!(!shown.contains("secret-"), "{shown}");
}
