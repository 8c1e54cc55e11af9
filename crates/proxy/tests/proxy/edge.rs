//! The library's decision, over the wire: verdicts, repairs both ways, and what the log says of them.

use railjar::cookies::Cookies;
use railjar::entropy::SystemEntropy;
use railjar::rails::{Profile, Version};
use railjar::{SecretKeyBase, Serializer, Session, Timestamp, Value};

use crate::support::{Proxy, SECRET, Server, page, pass_through, with_edge};

pub(crate) fn old() -> Cookies {
    cookies(Profile::new(Version::V6_1).cookies_serializer(Serializer::Json))
}

pub(crate) fn new() -> Cookies {
    cookies(Profile::new(Version::V7_2))
}

fn cookies(profile: Profile) -> Cookies {
    profile.cookies(&SecretKeyBase::new(SECRET).unwrap()).unwrap()
}

/// `name=value` of a session: a user's, or a guest's.
pub(crate) fn session(cookies: &Cookies, user: Option<i64>) -> String {
    let mut session = Session::new(&mut SystemEntropy).unwrap();
    if let Some(user) = user {
        let key = vec![Value::from(vec![Value::from(user)]), Value::from("$2a$12$salt")];
        session.insert("warden.user.user.key", key);
    }
    let sealed = cookies.session("_app_session").seal(&session, None, &mut SystemEntropy).unwrap();
    sealed.set_cookie_pair().unwrap()
}

/// Whether a header, `Cookie` or `Set-Cookie`, has a session that this app reads.
pub(crate) fn reads(cookies: &Cookies, header: &str) -> bool {
    let value = cookies.find(header.as_bytes(), "_app_session").unwrap();
    let now = Timestamp::from_unix_seconds(2_000_000_000);
    cookies.session("_app_session").open(&value, now).is_ok()
}

fn get(cookie: &str) -> String {
    format!("GET / HTTP/1.1\r\nHost: a\r\nCookie: {cookie}\r\n\r\n")
}

fn line<'b>(body: &'b str, name: &str) -> Option<&'b str> {
    body.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

#[tokio::test]
async fn the_server_is_told_who_is_there() {
    let server = Server::echo().await;
    let proxy = Proxy::start(&with_edge(&[(server.address, "old")], "")).await;
    for (cookie, verdict, cache) in [
        ("theme=dark".to_owned(), "absent", "cacheable"),
        (session(&old(), None), "guest", "cacheable"),
        (session(&old(), Some(42)), "signed-in", "signed-in"),
        (session(&new(), Some(42)), "signed-in", "signed-in"),
        ("_app_session=nonsense".to_owned(), "unreadable", "unreadable"),
        (
            session(&old(), Some(42)).replace("_app_session=", "_app_session=x"),
            "unreadable",
            "unreadable",
        ),
    ] {
        let spoofed = "X-Railjar-Verdict: signed-in\r\nx_railjar_verdict: signed-in\r\n\
                       X-Railjar-Scope: admin\r\n\r\n";
        let request = get(&cookie).replacen("\r\n\r\n", &format!("\r\n{spoofed}"), 1);
        let body = proxy.client().await.ask(&request).await.body;
        assert_eq!(line(&body, "x-railjar-verdict"), Some(verdict), "{body}");
        assert_eq!(line(&body, "x-railjar-cache"), Some(cache), "{body}");
        let scope = (verdict == "signed-in").then_some("user");
        assert_eq!(line(&body, "x-railjar-scope"), scope, "{body}");
        assert_eq!(body.matches("verdict").count(), 1, "{body}");
    }
}

#[tokio::test]
async fn each_server_gets_the_session_that_it_reads() {
    let servers = [Server::echo().await, Server::echo().await];
    let pools = [(servers[0].address, "old"), (servers[1].address, "new")];
    let proxy = Proxy::start(&with_edge(&pools, "")).await;
    for writer in [old(), new()] {
        let cookie = format!("a=1; {}; b=2", session(&writer, Some(42)));
        for _ in 0..4 {
            let before = servers[0].requests();
            let body = proxy.client().await.ask(&get(&cookie)).await.body;
            let reader = if servers[0].requests() > before { old() } else { new() };
            let got = line(&body, "cookie").unwrap();
            assert!(reads(&reader, got), "{body}");
            assert!(got.starts_with("a=1; ") && got.ends_with("; b=2"), "{body}");
            assert_eq!(line(&body, "x-railjar-verdict"), Some("signed-in"));
        }
    }
    proxy.wait_for(8, "railjar_proxy::request").await;
    let metrics = proxy.metrics().await;
    for line in [
        "railjar_verdicts_total{kind=\"signed-in\"} 8",
        "railjar_events_total{kind=\"resealed\"} 4",
        "railjar_opened_total{cookie=\"_app_session\",format=\"old\",recipe=\"primary\"} 4",
        "railjar_opened_total{cookie=\"_app_session\",format=\"new\",recipe=\"primary\"} 4",
    ] {
        assert!(metrics.contains(line), "{line} is not in\n{metrics}");
    }
}

#[tokio::test]
async fn a_request_that_is_tried_again_gets_the_other_server_s_session() {
    let (broken, _task) = crate::support::raw_server(|stream| async {
        crate::support::Client::over(stream).until(b"\r\n\r\n").await;
    })
    .await;
    let server = Server::echo().await;
    let more = "[health]\nfailures = 100";
    let pools = [(broken, "old"), (server.address, "new")];
    let proxy = Proxy::start(&with_edge(&pools, more)).await;
    for _ in 0..4 {
        let cookie = session(&old(), Some(42));
        let body = proxy.client().await.ask(&get(&cookie)).await.body;
        assert!(reads(&new(), line(&body, "cookie").unwrap()), "{body}");
    }
    assert!(!proxy.lines("\"attempts\":2").is_empty());
}

#[tokio::test]
async fn browsers_get_the_format_that_they_should_hold() {
    let cookie = format!("{}; path=/; HttpOnly; SameSite=Lax", session(&new(), Some(42)));
    let set = cookie.clone();
    let server = Server::start(move |_| {
        let set = set.clone();
        async move {
            let mut page = page("logged in");
            page.headers_mut().append("set-cookie", "a=1".parse().unwrap());
            page.headers_mut().append("set-cookie", set.parse().unwrap());
            page
        }
    })
    .await;
    let config = with_edge(&[(server.address, "new")], "");
    let proxy = Proxy::start(&config).await;
    let reply = proxy.get("/").await;
    assert_eq!(reply.headers("set-cookie").collect::<Vec<_>>(), ["a=1", &cookie]);
    proxy
        .reload(&config.replace("[edge.session]", "edge.browser_format = \"old\"\n[edge.session]"))
        .await;
    let lines = proxy.lines("the old one stays");
    // A key of a table stands before its sub-tables.
    assert_eq!(lines.len(), 1, "{lines:?}");
    proxy
        .reload(
            &config.replace("[edge.session]", "[edge]\nbrowser_format = \"old\"\n[edge.session]"),
        )
        .await;
    let reply = proxy.get("/").await;
    let set: Vec<_> = reply.headers("set-cookie").collect();
    assert!(set[1].ends_with("; path=/; HttpOnly; SameSite=Lax"), "{set:?}");
    assert!(reads(&old(), set[1]) && !reads(&new(), set[1]), "{set:?}");
    proxy.wait_for(2, "\"then\":\"signed-in\"").await;
}

#[tokio::test]
async fn the_log_says_it_and_shows_no_cookie() {
    let server = Server::echo().await;
    let proxy = Proxy::start(&with_edge(&[(server.address, "old")], "")).await;
    let cookie = session(&new(), Some(42));
    proxy.client().await.ask(&get(&cookie)).await;
    proxy.client().await.ask(&get("_app_session=nonsense--123")).await;
    proxy.wait_for(2, "railjar_proxy::request").await;
    let lines = proxy.lines("railjar_proxy::request");
    for (line, parts) in lines.iter().zip([
        ["\"verdict\":\"signed-in\"", "\"scope\":\"user\"", "\"repair\":\"resealed\""],
        ["\"verdict\":\"unreadable\"", "\"refusal\":\"", "\"cacheable\":\"unreadable\""],
    ]) {
        parts.iter().for_each(|part| assert!(line.contains(part), "{part} is not in {line}"));
    }
    let value = cookie.split_once('=').unwrap().1;
    for hidden in [&value[..20], "nonsense", "warden", SECRET] {
        assert_eq!(proxy.lines(hidden), Vec::<String>::new());
    }
    let metrics = proxy.metrics().await;
    assert!(metrics.contains("railjar_refusals_total{kind="), "{metrics}");
}

#[tokio::test]
async fn pass_through_changes_no_cookie() {
    let server = Server::echo().await;
    let proxy = Proxy::start(&pass_through(&[server.address], "")).await;
    let cookie = session(&new(), Some(42));
    let body = proxy.client().await.ask(&get(&cookie)).await.body;
    assert_eq!(line(&body, "cookie"), Some(&*cookie));
    assert_eq!(line(&body, "x-railjar-verdict"), None);
}
