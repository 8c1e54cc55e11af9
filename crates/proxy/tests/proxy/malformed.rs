//! Requests of two meanings, and requests of none: each is answered as RFC 9110 and 9112 say, and
//! none reaches a server as two.

use crate::support::{Client, Proxy, Server, pass_through};

const HOST: &str = "Host: a\r\n";

#[tokio::test]
async fn what_is_malformed_is_refused() {
    let server = Server::echo().await;
    let proxy = Proxy::start(&pass_through(&[server.address], "")).await;
    for (request, status) in [
        // Lengths (RFC 9112, 6.3).
        (
            format!(
                "POST / HTTP/1.1\r\n{HOST}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"
            ),
            400,
        ),
        (format!("POST / HTTP/1.1\r\n{HOST}Content-Length: 5, 6\r\n\r\nhello!"), 400),
        (format!("POST / HTTP/1.1\r\n{HOST}Content-Length: +5\r\n\r\nhello"), 400),
        (format!("POST / HTTP/1.1\r\n{HOST}Content-Length: -5\r\n\r\nhello"), 400),
        (format!("POST / HTTP/1.1\r\n{HOST}Content-Length: 5x\r\n\r\nhello"), 400),
        (format!("POST / HTTP/1.1\r\n{HOST}Content-Length: 99999999999999999999\r\n\r\n"), 400),
        // Transfer codings (6.1): the last must be chunked, and we undo no other.
        (format!("POST / HTTP/1.1\r\n{HOST}Transfer-Encoding: gzip\r\n\r\n"), 400),
        (format!("POST / HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked, identity\r\n\r\n"), 400),
        (format!("POST / HTTP/1.1\r\n{HOST}Transfer-Encoding: xchunked\r\n\r\n"), 400),
        (
            format!("POST / HTTP/1.1\r\n{HOST}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
            501,
        ),
        (
            format!(
                "POST / HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
            ),
            501,
        ),
        (format!("POST / HTTP/1.0\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400),
        // Field lines (5.1, 5.2).
        (format!("GET / HTTP/1.1\r\n{HOST}X-Folded: a\r\n b\r\n\r\n"), 400),
        (format!("POST / HTTP/1.1\r\n{HOST}Content-Length : 5\r\n\r\nhello"), 400),
        (format!("POST / HTTP/1.1\r\n{HOST}Transfer-Encoding\x0b: chunked\r\n\r\n0\r\n\r\n"), 400),
        (format!("GET / HTTP/1.1\r\n{HOST}X-Bad: a\0b\r\n\r\n"), 400),
        (format!("GET / HTTP/1.1\r\n{HOST}No colon\r\n\r\n"), 400),
        (format!("GET / HTTP/1.1\r\n {HOST}\r\n"), 400),
        // The request line (3).
        (format!("GET  / HTTP/1.1\r\n{HOST}\r\n"), 400),
        (format!("GET / HTTP/1.1 \r\n{HOST}\r\n"), 400),
        (format!("GET / HTTP/3.0\r\n{HOST}\r\n"), 400),
        (format!("GET HTTP/1.1\r\n{HOST}\r\n"), 400),
        (format!("G@T / HTTP/1.1\r\n{HOST}\r\n"), 400),
        (format!("GET a HTTP/1.1\r\n{HOST}\r\n"), 400),
        (format!("GET * HTTP/1.1\r\n{HOST}\r\n"), 400),
        (format!("GET / HTTP/1.1 x\r\n{HOST}\r\n"), 400),
        // The host (3.2), and RFC 9110, 4.2.4.
        ("GET / HTTP/1.1\r\n\r\n".into(), 400),
        (format!("GET / HTTP/1.1\r\n{HOST}{HOST}\r\n"), 400),
        ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n".into(), 400),
        ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n".into(), 400),
        ("GET / HTTP/1.1\r\nHost: user@a\r\n\r\n".into(), 400),
        (format!("GET http://user@a/ HTTP/1.1\r\n{HOST}\r\n"), 400),
        (format!("GET ftp://a/ HTTP/1.1\r\n{HOST}\r\n"), 400),
        // Methods that are not for us.
        (format!("CONNECT a:443 HTTP/1.1\r\n{HOST}\r\n"), 405),
        (format!("TRACE / HTTP/1.1\r\n{HOST}\r\n"), 405),
        (format!("POST / HTTP/1.1\r\n{HOST}Expect: tea\r\nContent-Length: 1\r\n\r\n"), 417),
    ] {
        let mut client = proxy.client().await;
        // What follows must never be answered as another's request.
        client.send(&format!("{request}GET /smuggled HTTP/1.1\r\n{HOST}\r\n")).await;
        let reply = client.reply().await;
        assert_eq!(reply.status, status, "{request:?}\n{reply:?}");
        if !request.starts_with("TRACE") {
            assert_eq!(client.rest().await, "", "{request:?}: it must close");
        }
    }
    // Behind TRACE, whose end is certain, another request may follow.
    assert!(server.requests() <= 1, "{}", server.requests());
    assert!(proxy.lines("/smuggled").len() <= 1);
}

#[tokio::test]
async fn both_lengths_are_read_as_chunked_and_nothing_follows() {
    let server = Server::echo().await;
    let proxy = Proxy::start(&pass_through(&[server.address], "")).await;
    for head in [
        "Content-Length: 3\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 3",
    ] {
        let mut client = proxy.client().await;
        let request = format!("POST / HTTP/1.1\r\n{HOST}{head}\r\n\r\n2\r\nab\r\n0\r\n\r\n");
        client.send(&format!("{request}GET /smuggled HTTP/1.1\r\n{HOST}\r\n")).await;
        let reply = client.reply().await;
        assert!(reply.body.ends_with("\nab"), "{reply:?}");
        assert!(!reply.body.contains("content-length"), "{reply:?}");
        assert_eq!(client.rest().await, "", "it must close (RFC 9112, 6.1)");
    }
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn bad_chunks_end_the_request() {
    let server = Server::echo().await;
    let proxy = Proxy::start(&pass_through(&[server.address], "")).await;
    for chunks in [
        "x\r\nab\r\n0\r\n\r\n",
        "-1\r\n\r\n",
        "2\r\nabc\r\n0\r\n\r\n",
        "ffffffffffffffffff\r\nab",
        "2;\n\r\nab\r\n0\r\n\r\n",
        "0\n\n",
    ] {
        let mut client = proxy.client().await;
        let head = format!("POST / HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n");
        client.send(&format!("{head}{chunks}GET /smuggled HTTP/1.1\r\n{HOST}\r\n")).await;
        let reply = client.try_reply().await;
        assert!(reply.as_ref().is_none_or(|reply| reply.status == 400), "{chunks:?} {reply:?}");
        assert_eq!(client.rest().await, "", "{chunks:?}");
    }
    assert_eq!(proxy.lines("/smuggled"), Vec::<String>::new());
}

#[tokio::test]
async fn the_target_decides_about_the_host() {
    let server = Server::echo().await;
    let proxy = Proxy::start(&pass_through(&[server.address], "")).await;
    for (target, host, line, header) in [
        ("http://one.example/a?b", "two.example", "GET /a?b\n", "\nhost: one.example\n"),
        ("http://one.example", "one.example", "GET /\n", "\nhost: one.example\n"),
        ("/a", "", "GET /a\n", "\nhost: \n"),
        ("//two.example/a", "one.example", "GET //two.example/a\n", "\nhost: one.example\n"),
        ("/a", "[::1]:80", "GET /a\n", "\nhost: [::1]:80\n"),
    ] {
        let request = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        let body = proxy.client().await.ask(&request).await.body;
        assert!(body.starts_with(line), "{request}\n{body}");
        assert!(body.contains(header), "{request}\n{body}");
    }
}

#[tokio::test]
async fn options_may_be_for_us() {
    let server = Server::echo().await;
    let proxy = Proxy::start(&pass_through(&[server.address], "")).await;
    let ask = async |more: &str| {
        let request = format!("OPTIONS * HTTP/1.1\r\n{HOST}{more}\r\n");
        proxy.client().await.ask(&request).await
    };
    let ours = ask("Max-Forwards: 0\r\n").await;
    assert_eq!(ours.header("allow"), Some("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"));
    assert_eq!(server.requests(), 0);
    let body = ask("Max-Forwards: 2\r\n").await.body;
    assert!(body.starts_with("OPTIONS *\n") && body.contains("max-forwards: 1\n"), "{body}");
}

#[tokio::test]
async fn an_own_answer_is_short_and_never_stored() {
    let server = Server::echo().await;
    let proxy = Proxy::start(&pass_through(&[server.address], "")).await;
    let mut client: Client = proxy.client().await;
    let reply = client.ask(&format!("TRACE / HTTP/1.1\r\n{HOST}\r\n")).await;
    assert_eq!(reply.body, "This method does not pass this proxy.\n");
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert_eq!(reply.header("content-type"), Some("text/plain; charset=utf-8"));
    // Its end is certain, so that the next request may follow.
    assert_eq!(client.get("/").await.status, 200);
}
