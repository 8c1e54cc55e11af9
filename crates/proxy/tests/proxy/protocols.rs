//! HTTP/2 and WebSockets.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty, Full};
use hyper::client::conn::http2;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{Proxy, Server, page, pass_through};

pub(crate) type Sender = http2::SendRequest<Full<Bytes>>;

pub(crate) async fn http2_over(io: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Sender {
    let handshake = http2::handshake(TokioExecutor::new(), TokioIo::new(io));
    let (sender, connection) = handshake.await.unwrap();
    tokio::spawn(connection);
    sender
}

pub(crate) async fn text(response: Response<hyper::body::Incoming>) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

#[tokio::test]
async fn http2_without_tls_by_prior_knowledge() {
    let server = Server::echo().await;
    let proxy = Proxy::start(&pass_through(&[server.address], "")).await;
    let mut sender = http2_over(TcpStream::connect(proxy.http()).await.unwrap()).await;
    let request = || Request::post("http://example.com/path?q").header("cookie", "a=1");
    let request = request().header("cookie", "b=2").body(Full::new(Bytes::from("body"))).unwrap();
    let response = sender.send_request(request).await.unwrap();
    assert_eq!(response.headers().get("via").unwrap(), "1.1 railjar");
    let body = text(response).await;
    assert!(body.starts_with("POST /path?q\n") && body.ends_with("\nbody"), "{body}");
    assert!(body.contains("host: example.com\n"), "{body}");
    assert!(body.contains("cookie: a=1; b=2\n"), "{body}");
    assert!(body.contains("via: 2 railjar\n"), "{body}");
    let many = (0..50).map(|number| {
        let request = Request::get(format!("http://example.com/{number}")).body(Full::default());
        let response = sender.send_request(request.unwrap());
        async move { text(response.await.unwrap()).await.starts_with(&format!("GET /{number}\n")) }
    });
    for right in many.collect::<Vec<_>>() {
        assert!(right.await);
    }
}

#[tokio::test]
async fn http2_refuses_what_http1_does() {
    let server = Server::echo().await;
    let limits = "[limits]\nheaders = 20\nbody_bytes = 10";
    let proxy = Proxy::start(&pass_through(&[server.address], limits)).await;
    let mut sender = http2_over(TcpStream::connect(proxy.http()).await.unwrap()).await;
    let request = || Request::builder().uri("http://example.com/");
    let many = (0..30).fold(request(), |request, n| request.header(format!("x-{n}"), "1"));
    for (request, status) in [
        (request().method("TRACE"), 405),
        (request().header("host", "other.example"), 400),
        (many, 431),
        (request().header("x-long", "x".repeat(40_000)), 431),
        (request().header("expect", "tea"), 417),
    ] {
        let request = request.body(Full::default()).unwrap();
        assert_eq!(sender.send_request(request).await.unwrap().status(), status);
    }
    let long = request().method("POST").body(Full::new(Bytes::from("longer than ten"))).unwrap();
    assert_eq!(sender.send_request(long).await.unwrap().status(), 413);
    assert_eq!(server.requests(), 0);
}

/// A server that agrees to any upgrade, and then sends back what it gets.
async fn upgrading() -> Server {
    Server::start(|mut request| async move {
        let Some(protocol) = request.headers().get("upgrade").cloned() else {
            return page("no upgrade");
        };
        let upgrade = hyper::upgrade::on(&mut request);
        tokio::spawn(async move {
            let mut io = TokioIo::new(upgrade.await.unwrap());
            let mut buffer = [0; 64];
            while let Ok(length @ 1..) = io.read(&mut buffer).await {
                io.write_all(&buffer[..length]).await.unwrap();
            }
        });
        let mut response = Response::new(Empty::new().boxed());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        response.headers_mut().insert("upgrade", protocol);
        response.headers_mut().insert("connection", "upgrade".parse().unwrap());
        response
    })
    .await
}

const WEBSOCKET: &str = "GET /cable HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\n\
                         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

#[tokio::test]
async fn a_websocket_passes() {
    let server = upgrading().await;
    let mut proxy = Proxy::start(&pass_through(&[server.address], "")).await;
    let mut client = proxy.client().await;
    client.send(WEBSOCKET).await;
    let head = String::from_utf8(client.until(b"\r\n\r\n").await.unwrap()).unwrap();
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    assert!(head.contains("upgrade: websocket") && head.contains("connection: upgrade"), "{head}");
    for message in ["one", "two"] {
        client.send(message).await;
        assert_eq!(client.exactly(3).await.unwrap(), message.as_bytes());
    }
    // It would never end by itself, and does not keep the proxy from ending.
    proxy.signal("-TERM");
    assert!(proxy.ended().await.success());
    assert_eq!(client.rest().await, "");
}

#[tokio::test]
async fn no_other_upgrade_passes() {
    let server = upgrading().await;
    let proxy = Proxy::start(&pass_through(&[server.address], "")).await;
    for head in [
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n",
        "Connection: Upgrade\r\nUpgrade: tls/1.0\r\n",
        // Not meant for this hop.
        "Upgrade: websocket\r\n",
    ] {
        let request = format!("GET / HTTP/1.1\r\nHost: a\r\n{head}\r\n");
        let reply = proxy.client().await.ask(&request).await;
        assert_eq!((reply.status, &*reply.body), (200, "no upgrade"));
    }
}
