//! What is too long, too much or too slow.

use std::time::{Duration, Instant};

use crate::support::{Client, Proxy, Server, pass_through, raw_server};

#[tokio::test]
async fn heads_have_a_limit() {
    let server = Server::echo().await;
    let limits = "[limits]\nheader_bytes = \"16KB\"\nheaders = 50";
    let proxy = Proxy::start(&pass_through(&[server.address], limits)).await;
    let head = |header: String| format!("GET / HTTP/1.1\r\nHost: a\r\n{header}\r\n");
    let many = |count| (0..count).map(|n| format!("X-{n}: 1\r\n")).collect::<String>();
    for (request, status) in [
        (head(format!("Cookie: a={}\r\n", "x".repeat(15_000))), 200),
        (head(format!("Cookie: a={}\r\n", "x".repeat(17_000))), 431),
        (head(format!("Cookie: a={}\r\n", "x".repeat(1 << 20))), 431),
        (head(many(40)), 200),
        (head(many(60)), 431),
        (format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(17_000)), 431),
        (format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(1 << 17)), 431),
    ] {
        let mut client = proxy.client().await;
        client.try_send(&request).await;
        // A kernel that is still sent to resets the connection, and the answer with it.
        let reply = client.try_reply().await;
        let found = reply.map_or(431, |reply| reply.status);
        assert_eq!(found, status, "{} bytes", request.len());
    }
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn bodies_have_a_limit() {
    let server = Server::echo().await;
    let limits = "[limits]\nbody_bytes = 10";
    let proxy = Proxy::start(&pass_through(&[server.address], limits)).await;
    let post = "POST / HTTP/1.1\r\nHost: a\r\n";
    let chunked = format!("{post}Transfer-Encoding: chunked\r\n\r\n");
    for (request, status) in [
        (format!("{post}Content-Length: 10\r\n\r\n0123456789"), 200),
        (format!("{post}Content-Length: 11\r\n\r\n"), 413),
        (format!("{chunked}a\r\n0123456789\r\n0\r\n\r\n"), 200),
        (format!("{chunked}6\r\n012345\r\n5\r\n67890\r\n0\r\n\r\n"), 413),
    ] {
        assert_eq!(proxy.client().await.ask(&request).await.status, status, "{request}");
    }
}

#[tokio::test]
async fn a_slow_client_is_not_waited_for() {
    let server = Server::echo().await;
    let limits = "[timeouts]\nheader = \"200ms\"\nbody = \"200ms\"\nidle = \"600ms\"";
    let proxy = Proxy::start(&pass_through(&[server.address], limits)).await;
    let slow_head = async {
        let mut client = proxy.client().await;
        client.send("GET / HTTP/1.1\r\nHo").await;
        let reply = client.reply().await;
        assert_eq!(reply.status, 408);
        assert_eq!(client.rest().await, "");
    };
    let drops = async {
        // A byte now and then does not help.
        let mut client = proxy.client().await;
        let start = Instant::now();
        while start.elapsed() < Duration::from_millis(500) {
            client.try_send("G").await;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let reply = client.try_reply().await;
        assert!(reply.is_none_or(|reply| reply.status == 408));
    };
    let second_head = async {
        let mut client = proxy.client().await;
        assert_eq!(client.get("/").await.status, 200);
        client.send("GET / HTT").await;
        assert_eq!(client.reply().await.status, 408);
    };
    let idle = async {
        let mut client = proxy.client().await;
        assert_eq!(client.get("/").await.status, 200);
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(client.get("/").await.status, 200);
        let start = Instant::now();
        assert_eq!(client.rest().await, "");
        assert!(start.elapsed() > Duration::from_millis(500), "{:?}", start.elapsed());
    };
    let body = async {
        let mut client = proxy.client().await;
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab").await;
        assert_eq!(client.reply().await.status, 408);
        assert_eq!(client.rest().await, "");
    };
    let steady = async {
        // Slow, but never silent for long.
        let mut client = proxy.client().await;
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n").await;
        for _ in 0..6 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            client.send("x").await;
        }
        assert_eq!(client.reply().await.status, 200);
    };
    tokio::join!(slow_head, drops, second_head, idle, body, steady);
}

#[tokio::test]
async fn who_does_not_read_is_left() {
    let (address, _server) = raw_server(|stream| async {
        let mut client = Client::over(stream);
        client.until(b"\r\n\r\n").await;
        client.send("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n").await;
        let block = "x".repeat(100_000);
        for _ in 0..1000 {
            client.try_send(&block).await;
        }
    })
    .await;
    let limits = "[timeouts]\nbody = \"300ms\"\nheader = \"300ms\"";
    let proxy = Proxy::start(&pass_through(&[address], limits)).await;
    let mut client = proxy.client().await;
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    proxy.wait_for(1, "\"ended\":\"cut\"").await;
    assert!(client.rest().await.len() < 100_000_000);
}
