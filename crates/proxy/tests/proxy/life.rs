//! Reloads and the end: no request is dropped.

use std::time::{Duration, Instant};

use crate::support::{Client, Proxy, Server, page, pass_through};

async fn slow(name: &'static str) -> Server {
    Server::start(move |_| async move {
        tokio::time::sleep(Duration::from_millis(300)).await;
        page(name)
    })
    .await
}

#[tokio::test]
async fn the_end_waits_for_responses() {
    let server = slow("slow").await;
    let mut proxy = Proxy::start(&pass_through(&[server.address], "")).await;
    let mut idle = proxy.client().await;
    idle.get("/").await;
    let mut running = proxy.client().await;
    running.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let address = proxy.http();
    proxy.signal("-TERM");
    let reply = running.reply().await;
    assert_eq!(reply.body, "slow");
    assert_eq!(reply.header("connection"), Some("close"));
    assert_eq!(idle.rest().await, "");
    assert!(proxy.ended().await.success());
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
    proxy.wait_for(1, "ended: every request has its response").await;
}

#[tokio::test]
async fn the_end_has_a_deadline() {
    let server = Server::start(|_| async {
        tokio::time::sleep(Duration::from_secs(60)).await;
        page("never")
    })
    .await;
    let config = pass_through(&[server.address], "");
    let config = config.replace("threads = 2", "threads = 2\nshutdown_deadline = \"200ms\"");
    let mut proxy = Proxy::start(&config).await;
    let mut client = proxy.client().await;
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    proxy.signal("-INT");
    assert!(proxy.ended().await.success());
    proxy.wait_for(1, "ended at the deadline").await;
}

#[tokio::test]
async fn no_request_is_lost_at_the_end_under_load() {
    let server = Server::start(|_| async {
        tokio::time::sleep(Duration::from_millis(2)).await;
        page("page")
    })
    .await;
    let mut proxy = Proxy::start(&pass_through(&[server.address], "")).await;
    let address = proxy.http();
    let clients: Vec<_> = (0..16)
        .map(|_| {
            tokio::spawn(async move {
                // A client that was asked to close, or was never let in, lost nothing.
                while let Ok(stream) = tokio::net::TcpStream::connect(address).await {
                    let mut client = Client::over(stream);
                    client.try_send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
                    match client.try_reply().await {
                        Some(reply) => assert_eq!(reply.body, "page"),
                        None => return 1,
                    }
                }
                0
            })
        })
        .collect();
    while server.requests() <= 100 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    proxy.signal("-TERM");
    assert!(proxy.ended().await.success());
    let mut lost = 0;
    for client in clients {
        lost += client.await.unwrap();
    }
    assert_eq!(lost, 0);
}

#[tokio::test]
async fn a_reload_is_for_new_requests() {
    let (old, new) = (slow("old").await, Server::named("new").await);
    let proxy = Proxy::start(&pass_through(&[old.address], "")).await;
    let address = proxy.http();
    let mut running = proxy.client().await;
    running.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    proxy.reload(&pass_through(&[new.address], "")).await;
    assert_eq!(proxy.http(), address);
    assert_eq!(proxy.get("/").await.body, "new");
    assert_eq!(running.reply().await.body, "old");
    // The same connection, the new configuration.
    assert_eq!(running.get("/").await.body, "new");
}

#[tokio::test]
async fn reloads_under_load_lose_nothing() {
    let servers = [Server::named("page").await, Server::named("page").await];
    let configs = [
        pass_through(&[servers[0].address], ""),
        pass_through(&[servers[0].address, servers[1].address], ""),
    ];
    let proxy = Proxy::start(&configs[0]).await;
    let address = proxy.http();
    let clients: Vec<_> = (0..8)
        .map(|_| {
            tokio::spawn(async move {
                let mut client = Client::connect(address).await;
                for _ in 0..200 {
                    assert_eq!(client.get("/").await.body, "page");
                }
            })
        })
        .collect();
    for turn in 0..10 {
        proxy.reload(&configs[(turn + 1) % 2]).await;
    }
    for client in clients {
        client.await.unwrap();
    }
    assert!(proxy.metrics().await.contains("railjar_reloads_total{kind=\"done\"} 10"));
}

#[tokio::test]
async fn a_bad_configuration_changes_nothing() {
    let server = Server::named("page").await;
    let config = pass_through(&[server.address], "");
    let proxy = Proxy::start(&config).await;
    proxy.reload(&config.replace("threads", "treads")).await;
    let lines = proxy.lines("the old one stays");
    assert!(
        lines[0].contains("line 6: unknown field `treads`; try: did you mean threads?"),
        "{lines:?}"
    );
    assert_eq!(proxy.get("/").await.body, "page");
    // An address that somebody else has.
    let taken = format!("listen = [\"127.0.0.1:0\", \"{}\"]", server.address);
    proxy.reload(&config.replace("listen = [\"127.0.0.1:0\"]", &taken)).await;
    assert!(proxy.lines("the old one stays")[1].contains(&server.address.to_string()));
    assert_eq!(proxy.get("/").await.body, "page");
    assert!(proxy.metrics().await.contains("railjar_reloads_total{kind=\"refused\"} 2"));
}

#[tokio::test]
async fn listeners_come_and_go() {
    let server = Server::named("page").await;
    let config = pass_through(&[server.address], "");
    let proxy = Proxy::start(&config).await;
    let before = proxy.http();
    let other = crate::support::nobody().await;
    proxy
        .reload(&config.replace("listen = [\"127.0.0.1:0\"]", &format!("listen = [\"{other}\"]")))
        .await;
    proxy.wait_for(1, "no longer listening").await;
    assert_eq!(Client::connect(other).await.get("/").await.body, "page");
    // Until its last handshakes are over.
    let start = Instant::now();
    while tokio::net::TcpStream::connect(before).await.is_ok() {
        assert!(start.elapsed() < Duration::from_secs(5), "it still listens");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
