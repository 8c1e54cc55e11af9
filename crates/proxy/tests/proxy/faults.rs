//! Servers that are not there, slow, or break: what the client gets, and what is tried again.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::protocols::{http2_over, text};
use crate::support::{Client, Proxy, Server, nobody, pass_through, raw_server};

const POST: &str = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody";

/// A server that reads a request and then does this.
async fn after_the_request(
    reply: impl Into<String>,
) -> (SocketAddr, Arc<AtomicUsize>, JoinSet<()>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let reply = reply.into();
    let (address, task) = raw_server(move |stream| {
        counted.fetch_add(1, Ordering::Relaxed);
        let reply = reply.clone();
        async move {
            let mut client = Client::over(stream);
            client.until(b"\r\n\r\n").await;
            client.try_send(&reply).await;
        }
    })
    .await;
    (address, count, task)
}

#[tokio::test]
async fn who_is_not_there_is_passed_over() {
    let server = Server::echo().await;
    let proxy = Proxy::start(&pass_through(&[nobody().await, server.address], "")).await;
    for _ in 0..4 {
        // Nothing was sent, so that anything can be sent again.
        assert_eq!(proxy.client().await.ask(POST).await.status, 200);
    }
    assert_eq!(server.requests(), 4);
}

#[tokio::test]
async fn nobody_is_there() {
    let proxy = Proxy::start(&pass_through(&[nobody().await, nobody().await], "")).await;
    let reply = proxy.client().await.ask(POST).await;
    assert_eq!((reply.status, &*reply.body), (503, "The application cannot be reached.\n"));
    assert_eq!(reply.header("retry-after"), Some("1"));
    let server = Server::at(nobody().await, |_| async { crate::support::page("ok") }).await;
    proxy.reload(&pass_through(&[server.address], "")).await;
    assert_eq!(proxy.get("/").await.body, "ok");
}

#[tokio::test]
async fn who_closes_without_a_word_is_passed_over_where_that_is_safe() {
    let (broken, count, _task) = after_the_request("").await;
    let server = Server::echo().await;
    let more = "[health]\nfailures = 100";
    let proxy = Proxy::start(&pass_through(&[broken, server.address], more)).await;
    let mut statuses = Vec::new();
    for request in ["GET / HTTP/1.1\r\nHost: a\r\n\r\n", POST] {
        for _ in 0..4 {
            statuses.push(proxy.client().await.ask(request).await.status);
        }
    }
    statuses.sort_unstable();
    // The four that were fetched; of those that submit, the two that went to the good server.
    assert_eq!(statuses, [200, 200, 200, 200, 200, 200, 502, 502]);
    assert_eq!((server.requests(), count.load(Ordering::Relaxed)), (6, 4));
}

#[tokio::test]
async fn half_a_head_is_no_response() {
    for part in ["HTTP/1.1 200 OK\r\nContent-", "SSH-2.0-nonsense\r\n\r\n", "HTTP/1.1 abc\r\n\r\n"]
    {
        let (broken, _, _task) = after_the_request(part).await;
        let proxy = Proxy::start(&pass_through(&[broken], "")).await;
        let reply = proxy.client().await.ask(POST).await;
        assert_eq!(reply.status, 502, "{part}");
        assert_eq!(reply.body, "The application's server gave no valid response.\n");
    }
}

#[tokio::test]
async fn what_cannot_be_carried_is_no_response() {
    for head in [
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    ] {
        let (broken, _, _task) = after_the_request(head).await;
        let proxy = Proxy::start(&pass_through(&[broken], "")).await;
        assert_eq!(proxy.get("/").await.status, 502, "{head}");
    }
}

#[tokio::test]
async fn a_head_that_is_too_long_is_no_response() {
    let cookies = |count| {
        let cookie = format!("Set-Cookie: a={}; path=/\r\n", "x".repeat(4000));
        format!("HTTP/1.1 200 OK\r\n{}Content-Length: 2\r\n\r\nok", cookie.repeat(count))
    };
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "X: 1\r\n".repeat(300));
    // What an app sets in one response fits; what would fill the memory does not.
    for (response, status) in [(cookies(10), 200), (cookies(1000), 502), (many, 502)] {
        let (server, _, _task) = after_the_request(response).await;
        let proxy = Proxy::start(&pass_through(&[server], "")).await;
        assert_eq!(proxy.get("/").await.status, status);
    }
}

#[tokio::test]
async fn a_response_that_breaks_is_not_taken_for_whole() {
    for (head, sent) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", "half"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", "half"),
        // Malformed chunks are as good as none.
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nx\r\n0\r\n\r\n", ""),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf!0\r\n\r\n", ""),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-4\r\nhalf\r\n0\r\n\r\n", ""),
    ] {
        let (broken, count, _task) = after_the_request(head).await;
        let other = Server::named("other").await;
        let proxy = Proxy::start(&pass_through(&[broken, other.address], "")).await;
        let mut client = proxy.client().await;
        client.send("GET /half HTTP/1.1\r\nHost: a\r\n\r\n").await;
        let got = client.rest().await;
        assert!(got.contains(sent) && !got.ends_with("0\r\n\r\n"), "{got}");
        assert!(!got.contains("other"), "{got}");
        proxy.wait_for(1, "\"ended\":\"cut\"").await;
        assert_eq!((count.load(Ordering::Relaxed), other.requests()), (1, 0));
        assert!(proxy.metrics().await.contains("railjar_responses_cut_total 1"));
        // Over HTTP/2 the stream is reset, and the connection goes on.
        proxy.reload(&pass_through(&[broken], "")).await;
        let mut sender = http2_over(TcpStream::connect(proxy.http()).await.unwrap()).await;
        let half = Request::get("http://a/half").body(Full::default()).unwrap();
        let response = sender.send_request(half).await;
        if let Ok(response) = response {
            assert!(response.into_body().collect().await.is_err());
        }
        proxy.reload(&pass_through(&[other.address], "")).await;
        let whole = Request::get("http://a/").body(Full::default()).unwrap();
        assert_eq!(text(sender.send_request(whole).await.unwrap()).await, "other");
    }
}

#[tokio::test]
async fn who_says_nothing_is_not_waited_for() {
    let (address, _silent) = raw_server(|stream| async {
        let mut client = Client::over(stream);
        client.rest().await;
    })
    .await;
    let server = Server::echo().await;
    let more = "[timeouts]\nresponse = \"200ms\"\nbody = \"5s\"";
    let proxy = Proxy::start(&pass_through(&[address, server.address], more)).await;
    let reply = proxy.get("/").await;
    // It may be at work: nobody else is asked.
    assert_eq!((reply.status, &*reply.body), (504, "The application did not respond in time.\n"));
    assert_eq!(server.requests(), 0);
    // The time starts when the request has gone out.
    let (second, _silent) = raw_server(|stream| async {
        let mut client = Client::over(stream);
        client.until(b"xxxx").await;
        client.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
        client.rest().await;
    })
    .await;
    proxy.reload(&pass_through(&[second], more)).await;
    let mut client = proxy.client().await;
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n").await;
    for _ in 0..4 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        client.send("x").await;
    }
    assert_eq!(client.reply().await.body, "ok");
}

#[tokio::test]
async fn who_pauses_in_a_response_is_cut() {
    let (address, _slow) = raw_server(|stream| async {
        let mut client = Client::over(stream);
        client.until(b"\r\n\r\n").await;
        client.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf").await;
        client.rest().await;
    })
    .await;
    let more = "[timeouts]\nbody = \"200ms\"";
    let proxy = Proxy::start(&pass_through(&[address], more)).await;
    let mut client = proxy.client().await;
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert!(client.rest().await.ends_with("half"));
}

#[tokio::test]
async fn a_connection_that_the_server_closed_meanwhile_is_no_failure() {
    let (address, _server) = raw_server(|stream| async {
        let mut client = Client::over(stream);
        client.until(b"\r\n\r\n").await;
        client.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
        // And no more: without a word, as servers do after a while.
    })
    .await;
    let proxy = Proxy::start(&pass_through(&[address], "")).await;
    let mut client = proxy.client().await;
    for _ in 0..50 {
        assert_eq!(client.get("/").await.body, "ok");
    }
    assert!(proxy.metrics().await.contains("railjar_upstream_up{upstream=\""));
}

#[tokio::test]
async fn an_answer_before_the_body_is_there() {
    let (address, _server) = raw_server(|stream| async {
        let mut client = Client::over(stream);
        client.until(b"\r\n\r\n").await;
        client.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno").await;
        client.rest().await;
    })
    .await;
    let proxy = Proxy::start(&pass_through(&[address], "")).await;
    let mut client = proxy.client().await;
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nab").await;
    let reply = client.reply().await;
    assert_eq!((reply.status, &*reply.body), (403, "no"));
}
