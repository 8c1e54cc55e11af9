//! Many users at once, while servers break, pause, restart as another version, and the configuration
//! is read again: each is answered as who he is, and nobody's session is lost.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use railjar::cookies::Cookies;
use railjar::{Session, Timestamp};

use crate::edge::{new, old, session};
use crate::support::{Client, Proxy, Server, page, raw_server, with_edge};

const USERS: i64 = 24;
/// Keys are derived once.
static OLD: LazyLock<Cookies> = LazyLock::new(old);
static NEW: LazyLock<Cookies> = LazyLock::new(new);
const NOW: Timestamp = Timestamp::from_unix_seconds(2_000_000_000);

/// The user whose session a header has, `Cookie` or `Set-Cookie`, as this app reads it.
fn user(cookies: &Cookies, header: &str) -> Option<i64> {
    let value = cookies.find(header.as_bytes(), "_app_session")?;
    let opened = cookies.session("_app_session").open(&value, NOW).ok()?;
    let session = Session::read(&opened).ok()?;
    let id = session.warden_users().next()?.devise_id()?.first()?.to_string();
    id.parse().ok()
}

/// A server of one version: it says whom it sees and whom the proxy sees, after a while that differs,
/// and writes the session again.
async fn app(address: SocketAddr, format: &'static str) -> Server {
    let turn = Arc::new(AtomicUsize::new(0));
    Server::at(address, move |request| {
        let turn = turn.fetch_add(1, Ordering::Relaxed);
        async move {
            let cookies: &Cookies = if format == "old" { &OLD } else { &NEW };
            let header = |name| Some(request.headers().get(name)?.to_str().unwrap().to_owned());
            let seen = header("cookie").and_then(|cookie| user(cookies, &cookie));
            let told = header("x-railjar-user");
            tokio::time::sleep(Duration::from_millis([0, 1, 7, 0][turn % 4])).await;
            let mut page = page(format!("{seen:?} {told:?}"));
            let headers = page.headers_mut();
            headers.insert("x-railjar-format", format!("format={format}").parse().unwrap());
            if let Some(seen) = seen {
                let again = format!("{}; path=/", session(cookies, Some(seen)));
                headers.insert("set-cookie", again.parse().unwrap());
            }
            page
        }
    })
    .await
}

/// What the users met.
#[derive(Default)]
struct Day {
    over: AtomicBool,
    answered: AtomicUsize,
    cut: AtomicUsize,
}

impl Day {
    /// Waits for so many more answers.
    async fn go_on(&self, answers: usize) {
        let (start, enough) = (Instant::now(), self.answered.load(Ordering::Relaxed) + answers);
        while self.answered.load(Ordering::Relaxed) < enough {
            assert!(start.elapsed() < Duration::from_secs(30), "nobody is answered");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// Asks again and again as one user.
async fn visit(proxy: SocketAddr, id: i64, day: Arc<Day>) {
    let mut cookie = session(if id % 2 == 0 { &OLD } else { &NEW }, Some(id));
    let mut client = Client::connect(proxy).await;
    while !day.over.load(Ordering::Relaxed) {
        client
            .try_send(&format!("GET /{id} HTTP/1.1\r\nHost: a\r\nCookie: {cookie}\r\n\r\n"))
            .await;
        let Some(reply) = client.try_reply().await else {
            day.cut.fetch_add(1, Ordering::Relaxed);
            client = Client::connect(proxy).await;
            continue;
        };
        assert_eq!((reply.status, &*reply.body), (200, &*format!("Some({id}) Some(\"{id}\")")));
        let set: Vec<_> = reply.headers("set-cookie").collect();
        let [set] = set[..] else { panic!("{set:?}") };
        assert!([&OLD, &NEW].iter().any(|app| user(app, set) == Some(id)), "{id}");
        cookie = set.split(';').next().unwrap().to_owned();
        day.answered.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_is_answered_as_who_he_is_whatever_breaks() {
    let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
    let steady = [app(any, "old").await, app(any, "new").await];
    // Killed in the middle of a response, or before it.
    let kills = Arc::new(AtomicUsize::new(0));
    let killed = Arc::clone(&kills);
    let (broken, _task) = raw_server(move |stream| {
        let turn = killed.fetch_add(1, Ordering::Relaxed);
        async move {
            let mut client = Client::over(stream);
            client.until(b"\r\n\r\n").await;
            if turn.is_multiple_of(2) {
                client.try_send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nSome(").await;
            }
        }
    })
    .await;
    let mut changing = app(any, "old").await;
    let address = changing.address;
    let pools = [
        (steady[0].address, "old"),
        (steady[1].address, "new"),
        (address, "learned"),
        (broken, "old"),
    ];
    let config = with_edge(
        &pools,
        "[learn]\npath = \"/up\"\n[health]\ninterval = \"50ms\"\nfailures = 1000000\n[retry]\nattempts = 9",
    );
    let config = config.replace("[edge.headers]", "[edge.headers]\nuser = \"X-Railjar-User\"");
    let proxy = Proxy::start(&config).await;
    proxy.wait_for(1, "upstream said its format").await;
    let day = Arc::new(Day::default());
    let users: Vec<_> =
        (1..=USERS).map(|id| tokio::spawn(visit(proxy.http(), id, Arc::clone(&day)))).collect();
    for version in ["new", "old", "new"] {
        day.go_on(100).await;
        proxy.reload(&config).await;
        drop(changing);
        day.go_on(30).await;
        changing = app(address, version).await;
        while changing.requests() < 10 {
            day.go_on(10).await;
        }
    }
    day.over.store(true, Ordering::Relaxed);
    for user in users {
        user.await.unwrap();
    }
    // The half of those that the broken server got; the others were sent to the next.
    let (cut, kills) = (day.cut.load(Ordering::Relaxed), kills.load(Ordering::Relaxed));
    assert!(cut > 0 && cut < kills, "{cut} of {kills}");
}
