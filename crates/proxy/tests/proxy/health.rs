//! Which servers are asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hyper::{Response, StatusCode};

use crate::support::{Client, Proxy, Server, page, pass_through, raw_server};

#[tokio::test]
async fn requests_are_shared_out() {
    let servers = [Server::named("one").await, Server::named("two").await];
    let addresses = [servers[0].address, servers[1].address];
    for balance in ["round_robin", "least_connections"] {
        let before = servers.each_ref().map(Server::requests);
        let config = pass_through(&addresses, "");
        let config = config.replacen("mode =", &format!("balance = \"{balance}\"\nmode ="), 1);
        let proxy = Proxy::start(&config).await;
        for _ in 0..10 {
            proxy.get("/").await;
        }
        for (server, before) in servers.iter().zip(before) {
            assert_eq!(server.requests() - before, 5, "{balance}");
        }
    }
}

#[tokio::test]
async fn least_connections_avoids_the_busy() {
    let slow = Server::start(|_| async {
        tokio::time::sleep(Duration::from_millis(400)).await;
        page("slow")
    })
    .await;
    let quick = Server::named("quick").await;
    let config = pass_through(&[slow.address, quick.address], "");
    let config = config.replacen("mode =", "balance = \"least_connections\"\nmode =", 1);
    let proxy = Proxy::start(&config).await;
    let busy = async { proxy.get("/").await };
    let others = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        for _ in 0..8 {
            proxy.get("/").await;
        }
    };
    tokio::join!(busy, others);
    assert_eq!((slow.requests(), quick.requests()), (1, 8));
}

#[tokio::test]
async fn a_server_that_fails_rests() {
    let (broken, _task) = raw_server(|stream| async {
        Client::over(stream).until(b"\r\n\r\n").await;
    })
    .await;
    let good = Server::named("good").await;
    let more = "[health]\nfailures = 2\ncooldown = \"300ms\"";
    let proxy = Proxy::start(&pass_through(&[broken, good.address], more)).await;
    let state = async |up| {
        let line = format!("railjar_upstream_up{{upstream=\"{broken}\"}} {up}");
        proxy.metrics().await.contains(&line)
    };
    for _ in 0..4 {
        assert_eq!(proxy.get("/").await.body, "good");
    }
    assert!(state(0).await);
    proxy.wait_for(1, "upstream rests").await;
    let retries = proxy.lines("\"attempts\":2").len();
    for _ in 0..4 {
        assert_eq!(proxy.get("/").await.body, "good");
    }
    assert_eq!(proxy.lines("\"attempts\":2").len(), retries);
    tokio::time::sleep(Duration::from_millis(350)).await;
    assert!(state(1).await);
}

#[tokio::test]
async fn a_server_that_fails_its_check_is_not_asked() {
    let well = Arc::new(AtomicBool::new(true));
    let is_well = Arc::clone(&well);
    let checked = Server::start(move |request| {
        let fails = request.uri().path() == "/up" && !is_well.load(Ordering::Relaxed);
        assert!(request.headers().contains_key("host"));
        async move {
            let mut page = page("checked");
            if fails {
                *page.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
            }
            page
        }
    })
    .await;
    let other = Server::start(|_| async { Response::new(page("other").into_body()) }).await;
    let more = "[health]\npath = \"/up\"\ninterval = \"50ms\"\nhost = \"example.com\"";
    let proxy = Proxy::start(&pass_through(&[checked.address, other.address], more)).await;
    well.store(false, Ordering::Relaxed);
    proxy.wait_for(1, "upstream is down").await;
    for _ in 0..4 {
        assert_eq!(proxy.get("/").await.body, "other");
    }
    well.store(true, Ordering::Relaxed);
    proxy.wait_for(1, "upstream is up").await;
    let bodies = [proxy.get("/").await.body, proxy.get("/").await.body];
    assert!(bodies.contains(&"checked".into()), "{bodies:?}");
}
