//! Servers to put behind the proxy.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

pub(crate) type Page = Response<BoxBody<Bytes, Infallible>>;

/// A response with this text.
pub(crate) fn page(text: impl Into<Bytes>) -> Page {
    Response::new(Full::new(text.into()).boxed())
}

/// A server that answers by a function. It ends, with its connections, when it is dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    connections: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
    _task: JoinSet<()>,
}

impl Server {
    pub(crate) async fn start<F, A>(answer: F) -> Self
    where
        F: Fn(Request<Incoming>) -> A + Send + Sync + 'static,
        A: Future<Output = Page> + Send + 'static,
    {
        Self::at("127.0.0.1:0".parse().unwrap(), answer).await
    }

    pub(crate) async fn at<F, A>(address: SocketAddr, answer: F) -> Self
    where
        F: Fn(Request<Incoming>) -> A + Send + Sync + 'static,
        A: Future<Output = Page> + Send + 'static,
    {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (connections, requests) = <(Arc<AtomicUsize>, Arc<AtomicUsize>)>::default();
        let (accepted, asked) = (Arc::clone(&connections), Arc::clone(&requests));
        let answer = Arc::new(answer);
        let mut task = JoinSet::new();
        task.spawn(async move {
            let mut open = JoinSet::new();
            loop {
                let stream = listener.accept().await.unwrap().0;
                accepted.fetch_add(1, Ordering::Relaxed);
                let (answer, asked) = (Arc::clone(&answer), Arc::clone(&asked));
                let service = service_fn(move |request| {
                    asked.fetch_add(1, Ordering::Relaxed);
                    let page = answer(request);
                    async move { Ok::<_, Infallible>(page.await) }
                });
                open.spawn(async move {
                    let io = TokioIo::new(stream);
                    let connection = http1::Builder::new().serve_connection(io, service);
                    let _ = connection.with_upgrades().await;
                });
            }
        });
        Self { address, connections, requests, _task: task }
    }

    /// One that says its name.
    pub(crate) async fn named(name: &'static str) -> Self {
        Self::start(move |_| async move { page(name) }).await
    }

    /// One that says what it got: the request line, the headers in order of name, the body.
    pub(crate) async fn echo() -> Self {
        Self::start(echo).await
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }
}

async fn echo(request: Request<Incoming>) -> Page {
    let (parts, body) = request.into_parts();
    let body = body.collect().await;
    let mut lines = vec![format!("{} {}", parts.method, parts.uri)];
    let mut headers: Vec<_> = parts
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    headers.sort();
    lines.append(&mut headers);
    match body {
        Ok(body) => {
            for (name, value) in body.trailers().into_iter().flatten() {
                lines.push(format!("trailer {name}: {}", value.to_str().unwrap()));
            }
            lines.push(String::from_utf8(body.to_bytes().to_vec()).unwrap());
        }
        Err(_) => lines.push("the body broke".into()),
    }
    page(lines.join("\n"))
}

/// A server for what HTTP libraries do not do: each connection is a function's.
pub(crate) async fn raw_server<F, A>(serve: F) -> (SocketAddr, JoinSet<()>)
where
    F: Fn(TcpStream) -> A + Send + 'static,
    A: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut task = JoinSet::new();
    task.spawn(async move {
        let mut open = JoinSet::new();
        loop {
            let stream = listener.accept().await.unwrap().0;
            open.spawn(serve(stream));
        }
    });
    (address, task)
}
