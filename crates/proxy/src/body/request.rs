//! The request's body on its way to an upstream.

use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf as _, Bytes};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::Instant;

use super::Silence;

/// Why a request's body did not reach its end, though the upstream took it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Broken {
    /// The client paused for too long.
    Slow = 1,
    /// It became longer than the limit.
    TooLarge = 2,
    /// The client went away, or its framing was wrong.
    Client = 3,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Slow => "the client paused for too long",
            Self::TooLarge => "the body is longer than the limit",
            Self::Client => "the client did not finish the body",
        })
    }
}

impl std::error::Error for Broken {}

/// How far the body is, seen from beside it.
pub(crate) struct Progress {
    broken: AtomicU8,
    /// When a part of it went out last.
    moved: Mutex<Instant>,
}

impl Progress {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { broken: AtomicU8::new(0), moved: Mutex::new(Instant::now()) })
    }

    pub(crate) fn broken(&self) -> Option<Broken> {
        [Broken::Slow, Broken::TooLarge, Broken::Client]
            .into_iter()
            .find(|broken| *broken as u8 == self.broken.load(Ordering::Relaxed))
    }

    pub(crate) fn moved(&self) -> Instant {
        *self.moved.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) {
        *self.moved.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }
}

/// The body; empty where a request has none.
pub(crate) struct RequestBody {
    streaming: Option<Streaming>,
}

struct Streaming {
    inner: Incoming,
    silence: Silence,
    left: u64,
    progress: Arc<Progress>,
}

impl RequestBody {
    pub(crate) const EMPTY: Self = Self { streaming: None };

    /// `limit` in bytes; `silence` is the longest pause.
    pub(crate) fn new(
        inner: Incoming,
        limit: u64,
        silence: Duration,
        progress: Arc<Progress>,
    ) -> Self {
        if inner.is_end_stream() {
            return Self::EMPTY;
        }
        let silence = Silence::new(silence);
        Self { streaming: Some(Streaming { inner, silence, left: limit, progress }) }
    }

    /// Whether there is none, so that the request can be sent again.
    pub(crate) fn is_empty(&self) -> bool {
        self.streaming.is_none()
    }
}

impl Streaming {
    fn fail(&self, broken: Broken) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        self.progress.broken.store(broken as u8, Ordering::Relaxed);
        Poll::Ready(Some(Err(broken)))
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        let Some(body) = &mut self.streaming else { return Poll::Ready(None) };
        match Pin::new(&mut body.inner).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => {
                body.silence.end();
                body.progress.now();
                let length = frame.data_ref().map_or(0, |data| data.remaining());
                match body.left.checked_sub(u64::try_from(length).unwrap_or(u64::MAX)) {
                    Some(left) => body.left = left,
                    None => return body.fail(Broken::TooLarge),
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(_))) => body.fail(Broken::Client),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending if body.silence.is_too_long(context) => body.fail(Broken::Slow),
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.streaming.as_ref().is_none_or(|body| body.inner.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.streaming
            .as_ref()
            .map_or_else(|| SizeHint::with_exact(0), |body| body.inner.size_hint())
    }
}
