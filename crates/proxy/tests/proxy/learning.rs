//! Servers whose format is found out.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::edge::{new, old, reads, session};
use crate::support::{Proxy, Server, nobody, page, with_edge};

/// What a server answers: its header, and the cookie that it sets.
#[derive(Clone, Default)]
struct Says {
    header: Option<&'static str>,
    sets: Option<String>,
}

/// A server that shows the cookie that it got, and says what it is told to say.
async fn telling(address: std::net::SocketAddr, says: &Arc<Mutex<Says>>) -> Server {
    let says = Arc::clone(says);
    Server::at(address, move |request| {
        let Says { header, sets } = says.lock().unwrap().clone();
        async move {
            let cookie = request.headers().get("cookie");
            let got = cookie.map_or("", |cookie| cookie.to_str().unwrap()).to_owned();
            let mut page = page(got);
            if let Some(header) = header {
                page.headers_mut().insert("x-railjar-format", header.parse().unwrap());
            }
            if let Some(sets) = sets {
                page.headers_mut().insert("set-cookie", sets.parse().unwrap());
            }
            page
        }
    })
    .await
}

fn any() -> std::net::SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

async fn ask(proxy: &Proxy, cookie: &str) -> crate::support::Reply {
    let request = format!("GET / HTTP/1.1\r\nHost: a\r\nCookie: {cookie}\r\n\r\n");
    proxy.client().await.ask(&request).await
}

#[tokio::test]
async fn by_a_header() {
    let says = Arc::default();
    let server = telling(any(), &says).await;
    let proxy = Proxy::start(&with_edge(&[(server.address, "learned")], "")).await;
    let cookie = session(&old(), Some(42));
    // Until then every cookie passes as it is.
    assert_eq!(ask(&proxy, &cookie).await.body, cookie);
    for (header, format) in [("format=new", new()), ("format=old", old())] {
        says.lock().unwrap().header = Some(header);
        let reply = ask(&proxy, &cookie).await;
        assert_eq!(reply.header("x-railjar-format"), None);
        assert!(reads(&format, &ask(&proxy, &cookie).await.body), "{header}");
    }
    says.lock().unwrap().header =
        Some("rails=7.2; cookies_serializer=json; key_generator_hash_digest_class=SHA256");
    ask(&proxy, &cookie).await;
    assert!(reads(&new(), &ask(&proxy, &cookie).await.body));
    says.lock().unwrap().header = Some("rails=5.2");
    ask(&proxy, &cookie).await;
    assert_eq!(ask(&proxy, &cookie).await.body, cookie);
    proxy.wait_for(1, "fits none").await;
    let metrics = proxy.metrics().await;
    assert!(metrics.contains("format=\"\",known=\"unknown\"} 1"), "{metrics}");
}

#[tokio::test]
async fn by_the_cookies_that_it_sets() {
    let says: Arc<Mutex<Says>> = Arc::default();
    let server = telling(any(), &says).await;
    let proxy = Proxy::start(&with_edge(&[(server.address, "learned")], "")).await;
    for (mine, other) in [(new(), old()), (old(), new())] {
        says.lock().unwrap().sets = Some(format!("{}; path=/", session(&mine, None)));
        proxy.get("/").await;
        let cookie = session(&other, Some(42));
        assert!(reads(&mine, &ask(&proxy, &cookie).await.body));
    }
    proxy.wait_for(2, "upstream showed its format").await;
    // What it says outweighs that.
    says.lock().unwrap().header = Some("format=new");
    proxy.get("/").await;
    assert!(reads(&new(), &ask(&proxy, &session(&old(), None)).await.body));
}

#[tokio::test]
async fn by_a_probe_when_it_starts_and_starts_again() {
    let address = nobody().await;
    let more = "[learn]\npath = \"/up\"\n[health]\ninterval = \"50ms\"\nfailures = 100";
    let proxy = Proxy::start(&with_edge(&[(address, "learned")], more)).await;
    let cookie = session(&old(), Some(42));
    assert_eq!(ask(&proxy, &cookie).await.status, 503);
    let says = Arc::new(Mutex::new(Says { header: Some("format=new"), sets: None }));
    let server = telling(address, &says).await;
    proxy.wait_for(1, "upstream said its format").await;
    // The very first request that is not a probe.
    assert!(reads(&new(), &ask(&proxy, &cookie).await.body));
    drop(server);
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(ask(&proxy, &cookie).await.status, 503);
    says.lock().unwrap().header = Some("format=old");
    let _server = telling(address, &says).await;
    proxy.wait_for(2, "upstream said its format").await;
    assert!(reads(&old(), &ask(&proxy, &session(&new(), Some(42))).await.body));
}

#[tokio::test]
async fn what_was_learned_outlives_a_reload() {
    let says = Arc::new(Mutex::new(Says { header: Some("format=new"), sets: None }));
    let server = telling(any(), &says).await;
    let config = with_edge(&[(server.address, "learned")], "");
    let proxy = Proxy::start(&config).await;
    proxy.get("/").await;
    says.lock().unwrap().header = None;
    proxy.reload(&config).await;
    let cookie = session(&old(), Some(42));
    assert!(reads(&new(), &ask(&proxy, &cookie).await.body));
    // The name means nothing any more.
    proxy.reload(&config.replace("edge.formats.new", "edge.formats.newer")).await;
    assert_eq!(ask(&proxy, &cookie).await.body, cookie);
}

#[tokio::test]
async fn a_restart_is_noticed_by_its_closed_connections() {
    let says = Arc::new(Mutex::new(Says { header: Some("format=new"), sets: None }));
    let server = telling(any(), &says).await;
    let address = server.address;
    let proxy = Proxy::start(&with_edge(&[(address, "learned")], "")).await;
    let cookie = session(&old(), Some(42));
    ask(&proxy, &cookie).await;
    assert!(reads(&new(), &ask(&proxy, &cookie).await.body));
    drop(server);
    tokio::time::sleep(Duration::from_millis(50)).await;
    says.lock().unwrap().header = Some("format=old");
    let _server = telling(address, &says).await;
    // Nobody asked it between: the first request gets the safe choice, not the wrong one.
    assert_eq!(ask(&proxy, &cookie).await.body, cookie);
    assert_eq!(ask(&proxy, &cookie).await.body, cookie);
    assert!(reads(&old(), &ask(&proxy, &session(&new(), Some(42))).await.body));
}

/// A server that says `format`, and answers its probe only when it may.
async fn starting(address: std::net::SocketAddr, format: &str, may: &Arc<AtomicBool>) -> Server {
    let (format, may) = (format.to_owned(), Arc::clone(may));
    Server::at(address, move |request| {
        let hangs = request.uri().path() == "/up" && !may.load(Ordering::Relaxed);
        let (format, mut page) = (format.clone(), page(format.clone()));
        async move {
            if hangs {
                std::future::pending::<()>().await;
            }
            page.headers_mut().insert("x-railjar-format", format.parse().unwrap());
            page
        }
    })
    .await
}

#[tokio::test]
async fn nobody_asks_a_server_before_its_probe_if_another_is_ready() {
    for balance in ["round_robin", "least_connections"] {
        let [yes, may] = [true, false].map(|may| Arc::new(AtomicBool::new(may)));
        let ready = starting(any(), "format=old", &yes).await;
        let late = starting(any(), "format=new", &may).await;
        let address = late.address;
        let pools = [(address, "learned"), (ready.address, "learned")];
        let more = "[learn]\npath = \"/up\"\n[health]\ninterval = \"50ms\"\ntimeout = \"100ms\"";
        let config = format!("balance = \"{balance}\"\n{}", with_edge(&pools, more));
        let proxy = Proxy::start(&config.replace("name = \"learned\"", "name = \"all\"")).await;
        let all_from = async |format: &str| {
            for _ in 0..6 {
                assert_eq!(proxy.get("/").await.body, format, "{balance}");
            }
        };
        proxy.wait_for(1, "upstream said its format").await;
        all_from("format=old").await;

        may.store(true, Ordering::Relaxed);
        proxy.wait_for(2, "upstream said its format").await;
        let first = proxy.get("/").await.body;
        assert_ne!(proxy.get("/").await.body, first, "{balance}");

        // The same when it is restarted: its open connections tell.
        drop(late);
        may.store(false, Ordering::Relaxed);
        all_from("format=old").await;
        let _late = starting(address, "format=new", &may).await;
        all_from("format=old").await;

        // Where nobody is ready, whoever is up is asked.
        drop(ready);
        all_from("format=new").await;
    }
}
