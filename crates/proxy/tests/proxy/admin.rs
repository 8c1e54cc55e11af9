//! The listener for whoever runs it, and the log.

use std::time::Duration;

use crate::support::{Client, Proxy, Server, nobody, page, pass_through};

#[tokio::test]
async fn health_and_metrics() {
    let server = Server::named("page").await;
    let proxy = Proxy::start(&pass_through(&[server.address], "")).await;
    let mut admin = Client::connect(proxy.admin()).await;
    assert_eq!(admin.get("/health").await.body, "ok\n");
    assert_eq!(admin.get("/ready").await.body, "ready\n");
    assert_eq!(admin.get("/other").await.status, 404);
    let post = "POST /health HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(admin.ask(post).await.status, 405);
    for _ in 0..3 {
        proxy.get("/").await;
    }
    proxy.client().await.ask("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    proxy.wait_for(4, "railjar_proxy::request").await;
    let metrics = admin.get("/metrics").await;
    assert!(metrics.header("content-type").unwrap().starts_with("application/openmetrics-text"));
    let address = server.address;
    for line in [
        &*format!("railjar_requests_total{{status=\"200\",upstream=\"{address}\"}} 3"),
        "railjar_requests_total{status=\"405\",upstream=\"none\"} 1",
        &format!("railjar_request_seconds_count{{upstream=\"{address}\"}} 3"),
        &format!("railjar_upstream_up{{upstream=\"{address}\"}} 1"),
        &format!("railjar_upstream_requests{{upstream=\"{address}\"}} 0"),
        "railjar_responses_cut_total 0",
        "railjar_retries_total 0",
    ] {
        assert!(metrics.body.contains(line), "{line} is not in\n{}", metrics.body);
    }
    // These pages are nobody else's.
    assert_eq!(proxy.get("/metrics").await.body, "page");
}

#[tokio::test]
async fn it_is_not_ready_without_servers_or_when_it_ends() {
    let more = "[health]\npath = \"/up\"";
    let proxy = Proxy::start(&pass_through(&[nobody().await], more)).await;
    proxy.wait_for(1, "upstream is down").await;
    let reply = Client::connect(proxy.admin()).await.get("/ready").await;
    assert_eq!((reply.status, &*reply.body), (503, "no upstream is up\n"));

    let slow = Server::start(|_| async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        page("slow")
    })
    .await;
    let proxy = Proxy::start(&pass_through(&[slow.address], "")).await;
    let mut running = proxy.client().await;
    running.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    proxy.signal("-TERM");
    proxy.wait_for(1, "ending").await;
    let reply = Client::connect(proxy.admin()).await.get("/ready").await;
    assert_eq!((reply.status, &*reply.body), (503, "draining\n"));
    assert_eq!(running.reply().await.body, "slow");
}

#[tokio::test]
async fn a_line_for_each_request() {
    let server = Server::named("page").await;
    let proxy = Proxy::start(&pass_through(&[server.address], "")).await;
    let secret = "GET /path?token=secret HTTP/1.1\r\nHost: a\r\nCookie: a=secret\r\n\
                  Authorization: secret\r\n\r\n";
    proxy.client().await.ask(secret).await;
    proxy.wait_for(1, "railjar_proxy::request").await;
    let line = &proxy.lines("railjar_proxy::request")[0];
    for part in [
        "\"method\":\"GET\"",
        "\"path\":\"/path\"",
        "\"status\":200",
        "\"bytes\":4",
        "\"client\":\"127.0.0.1\"",
        "\"pool\":\"all\"",
        "\"attempts\":1",
        "\"ended\":\"whole\"",
        "\"head_ms\":",
        &format!("\"upstream\":\"{}\"", server.address),
    ] {
        assert!(line.contains(part), "{part} is not in {line}");
    }
    assert_eq!(proxy.lines("secret"), Vec::<String>::new());
}
