//! What a request and a response look like on the other side.

use std::time::Duration;

use http_body_util::BodyExt as _;
use tokio::sync::mpsc;

use crate::support::{Client, Proxy, Server, page, pass_through, raw_server};

#[tokio::test]
async fn a_request_arrives_as_it_was_but_for_what_is_ours() {
    let server = Server::echo().await;
    let proxy = Proxy::start(&pass_through(&[server.address], "")).await;
    let reply = proxy
        .client()
        .await
        .ask(
            "POST /a/../b?c=%20d HTTP/1.1\r\nHost: example.com:81\r\nContent-Length: 5\r\n\
             Connection: x-mine, keep-alive\r\nX-Mine: 1\r\nKeep-Alive: timeout=5\r\n\
             Proxy-Connection: keep-alive\r\nProxy-Authorization: Basic x\r\nTE: gzip\r\n\
             X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Port: 1\r\n\
             Forwarded: for=1.2.3.4\r\nClient-IP: 1.2.3.4\r\nX_Forwarded_For: 1.2.3.4\r\n\
             Cookie: a=1\r\nCookie: b=2\r\nX-Other: y\r\nX-Other: z\r\n\r\nhello",
        )
        .await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("via"), Some("1.1 railjar"));
    assert_eq!(
        reply.body,
        "POST /a/../b?c=%20d\n\
         content-length: 5\n\
         cookie: a=1; b=2\n\
         forwarded: for=127.0.0.1;host=\"example.com:81\";proto=http\n\
         host: example.com:81\n\
         via: 1.1 railjar\n\
         x-forwarded-for: 127.0.0.1\n\
         x-forwarded-host: example.com:81\n\
         x-forwarded-proto: http\n\
         x-other: y\n\
         x-other: z\n\
         hello"
    );
}

#[tokio::test]
async fn forwarded_headers_of_those_who_are_trusted() {
    let server = Server::echo().await;
    let config = |policy| {
        let more = format!("[forwarded]\ntrusted = [\"127.0.0.0/8\"]\nfrom_trusted = \"{policy}\"");
        pass_through(&[server.address], &more)
    };
    let request = "GET / HTTP/1.1\r\nHost: a.example\r\nX-Forwarded-For: 1.2.3.4\r\n\
                   X-Forwarded-Proto: https\r\nForwarded: for=1.2.3.4\r\n\r\n";
    let proxy = Proxy::start(&config("append")).await;
    let body = proxy.client().await.ask(request).await.body;
    assert!(body.contains("x-forwarded-for: 1.2.3.4, 127.0.0.1\n"), "{body}");
    assert!(body.contains("x-forwarded-proto: https\n"), "{body}");
    assert!(body.contains("x-forwarded-host: a.example"), "{body}");
    assert!(body.contains("forwarded: for=1.2.3.4, for=127.0.0.1;host=\"a.example\""), "{body}");
    proxy.reload(&config("trust")).await;
    let body = proxy.client().await.ask(request).await.body;
    assert!(body.contains("x-forwarded-for: 1.2.3.4\n"), "{body}");
    assert!(body.contains("\nforwarded: for=1.2.3.4\n"), "{body}");
    assert!(body.contains("x-forwarded-host: a.example"), "{body}");
}

#[tokio::test]
async fn headers_of_the_connection_do_not_come_back() {
    let (address, _server) = raw_server(|stream| async {
        let mut client = Client::over(stream);
        client.until(b"\r\n\r\n").await;
        client
            .send(
                "HTTP/1.1 200 OK\r\nConnection: x-hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=1\r\n\
                 Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nServer: test\r\nContent-Length: 2\r\n\r\nok",
            )
            .await;
        client.rest().await;
    })
    .await;
    let proxy = Proxy::start(&pass_through(&[address], "")).await;
    let reply = proxy.get("/").await;
    assert_eq!(reply.body, "ok");
    assert_eq!((reply.header("x-hop"), reply.header("keep-alive")), (None, None));
    assert_eq!(reply.header("server"), Some("test"));
    assert_eq!(reply.headers("set-cookie").collect::<Vec<_>>(), ["a=1", "b=2"]);
}

#[tokio::test]
async fn connections_are_kept_on_both_sides() {
    let server = Server::named("page").await;
    let proxy = Proxy::start(&pass_through(&[server.address], "")).await;
    let mut client = proxy.client().await;
    for _ in 0..20 {
        assert_eq!(client.get("/").await.body, "page");
    }
    for _ in 0..5 {
        assert_eq!(proxy.get("/").await.body, "page");
    }
    assert_eq!((server.requests(), server.connections()), (25, 1));
}

#[tokio::test]
async fn bodies_flow_both_ways_at_once() {
    let (got, mut gets) = mpsc::unbounded_channel();
    let server = Server::start(move |request| {
        let got = got.clone();
        async move {
            let mut body = request.into_body();
            let (sender, receiver) = mpsc::channel::<String>(1);
            tokio::spawn(async move {
                while let Some(Ok(frame)) = body.frame().await {
                    let text = String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap();
                    got.send(text.clone()).unwrap();
                    sender.send(text).await.unwrap();
                }
            });
            page("").map(|_| http_body_util::BodyExt::boxed(Channel(receiver)))
        }
    })
    .await;
    let proxy = Proxy::start(&pass_through(&[server.address], "")).await;
    let mut client = proxy.client().await;
    let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    client.send(head).await;
    client.send("5\r\nfirst\r\n").await;
    assert_eq!(gets.recv().await.unwrap(), "first");
    let head = client.until(b"\r\n\r\n").await.unwrap();
    assert!(head.starts_with(b"HTTP/1.1 200 OK"));
    assert_eq!(client.chunk().await.unwrap(), b"first");
    client.send("6\r\nsecond\r\n").await;
    assert_eq!(gets.recv().await.unwrap(), "second");
    assert_eq!(client.chunk().await.unwrap(), b"second");
    client.send("0\r\n\r\n").await;
    assert_eq!(client.chunk().await.unwrap(), b"");
}

/// A body of what comes through a channel.
struct Channel(mpsc::Receiver<String>);

impl http_body::Body for Channel {
    type Data = bytes::Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<bytes::Bytes>, Self::Error>>> {
        let text = self.0.poll_recv(context);
        text.map(|text| text.map(|text| Ok(http_body::Frame::data(text.into()))))
    }
}

#[tokio::test]
async fn a_long_body_takes_no_memory() {
    let (address, _server) = raw_server(|stream| async {
        let mut client = Client::over(stream);
        client.until(b"\r\n\r\n").await;
        let length = 256 << 20;
        client.send(&format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n")).await;
        let block = "x".repeat(1 << 20);
        for _ in 0..256 {
            client.send(&block).await;
        }
        client.rest().await;
    })
    .await;
    let proxy = Proxy::start(&pass_through(&[address], "")).await;
    let mut client = proxy.client().await;
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    client.until(b"\r\n\r\n").await.unwrap();
    for _ in 0..256 {
        client.exactly(1 << 20).await.unwrap();
    }
    let status = std::fs::read_to_string(format!("/proc/{}/status", proxy.pid())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let peak: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(peak < 40 << 10, "{peak} KB");
}

#[tokio::test]
async fn trailers_pass() {
    let server = Server::echo().await;
    let proxy = Proxy::start(&pass_through(&[server.address], "")).await;
    let reply = proxy
        .client()
        .await
        .ask(
            "POST / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nTrailer: X-Sum\r\n\
             Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nX-Sum: 1\r\n\r\n",
        )
        .await;
    assert!(reply.body.contains("te: trailers\n"), "{}", reply.body);
    assert!(reply.body.contains("connection: te\n"), "{}", reply.body);
    assert!(reply.body.contains("trailer x-sum: 1\nab"), "{}", reply.body);
}

#[tokio::test]
async fn who_expects_100_is_told_to_go_on() {
    let server = Server::echo().await;
    let proxy = Proxy::start(&pass_through(&[server.address], "")).await;
    let mut client = proxy.client().await;
    let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n";
    client.send(head).await;
    assert_eq!(client.until(b"\r\n\r\n").await.unwrap(), b"HTTP/1.1 100 Continue\r\n\r\n");
    let reply = client.ask("ok").await;
    assert!(reply.body.ends_with("\nok") && !reply.body.contains("expect"), "{}", reply.body);
}

#[tokio::test]
async fn responses_without_bodies() {
    let (address, _server) = raw_server(|stream| async {
        let mut client = Client::over(stream);
        while let Some(head) = client.until(b"\r\n\r\n").await {
            let head = String::from_utf8(head).unwrap();
            client
                .send(match head.split(' ').nth(1).unwrap() {
                    "/204" => "HTTP/1.1 204 No Content\r\n\r\n",
                    "/304" => "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
                    _ => "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
                })
                .await;
        }
    })
    .await;
    let proxy = Proxy::start(&pass_through(&[address], "")).await;
    let mut client = proxy.client().await;
    for (request, line) in [
        ("HEAD /head", "HTTP/1.1 200 OK"),
        ("GET /204", "HTTP/1.1 204 No Content"),
        ("GET /304", "HTTP/1.1 304 Not Modified"),
        ("HEAD /again", "HTTP/1.1 200 OK"),
    ] {
        client.send(&format!("{request} HTTP/1.1\r\nHost: a\r\n\r\n")).await;
        let head = String::from_utf8(client.until(b"\r\n\r\n").await.unwrap()).unwrap();
        assert!(head.starts_with(line), "{head}");
        assert_eq!(head.contains("content-length: 9"), request.starts_with("HEAD"), "{head}");
    }
    proxy.wait_for(4, "\"ended\":\"whole\"").await;
}

#[tokio::test]
async fn a_client_of_http_1_0() {
    let server = Server::echo().await;
    let proxy = Proxy::start(&pass_through(&[server.address], "")).await;
    let mut client = proxy.client().await;
    client.send("GET / HTTP/1.0\r\n\r\n").await;
    let reply = client.rest().await;
    assert!(reply.starts_with("HTTP/1.0 200 OK"), "{reply}");
    assert!(reply.contains("via: 1.0 railjar"), "{reply}");
}

#[tokio::test]
async fn a_client_that_goes_away_frees_the_upstream() {
    let (gone, mut went) = mpsc::unbounded_channel();
    let (address, _server) = raw_server(move |stream| {
        let gone = gone.clone();
        async move {
            let mut client = Client::over(stream);
            client.until(b"\r\n\r\n").await;
            client.rest().await;
            gone.send(()).unwrap();
        }
    })
    .await;
    let proxy = Proxy::start(&pass_through(&[address], "")).await;
    let mut client = proxy.client().await;
    client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    drop(client);
    tokio::time::timeout(Duration::from_secs(2), went.recv()).await.unwrap().unwrap();
    proxy.wait_for(1, "\"status\":499").await;
}
