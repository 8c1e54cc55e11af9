//! A client's socket that notes what moves, and gives back first what was read to know the protocol.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};

use crate::activity::Activity;

/// The first bytes of HTTP/2 (RFC 9113, 3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Which protocol is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http1,
    Http2,
}

/// The socket.
pub(crate) struct Socket<S> {
    inner: S,
    first: Bytes,
    activity: Arc<Activity>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Socket<S> {
    pub(crate) fn new(inner: S, activity: Arc<Activity>) -> Self {
        Self { inner, first: Bytes::new(), activity }
    }

    /// Reads until it is certain which protocol this is. What was read is read again afterwards.
    pub(crate) async fn protocol(&mut self) -> io::Result<Protocol> {
        let mut first = Vec::with_capacity(PREFACE.len());
        let mut protocol = Protocol::Http1;
        while PREFACE.starts_with(&first) {
            if first.len() == PREFACE.len() {
                protocol = Protocol::Http2;
                break;
            }
            let left = PREFACE.len().saturating_sub(first.len());
            let mut rest = (&mut self.inner).take(u64::try_from(left).unwrap_or(0));
            if rest.read_buf(&mut first).await? == 0 {
                break;
            }
            self.activity.read();
        }
        self.first = Bytes::from(first);
        Ok(protocol)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Socket<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.first.has_remaining() {
            let length = self.first.len().min(buffer.remaining());
            buffer.put_slice(&self.first.split_to(length));
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        let read = ready!(Pin::new(&mut self.inner).poll_read(context, buffer));
        if buffer.filled().len() > before {
            self.activity.read();
        }
        Poll::Ready(read)
    }
}

impl<S: AsyncWrite + Unpin> Socket<S> {
    fn noted<T>(&self, poll: Poll<T>) -> Poll<T> {
        self.activity.wrote(poll.is_ready());
        poll
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Socket<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.inner).poll_write(context, bytes);
        self.noted(wrote)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.inner).poll_write_vectored(context, slices);
        self.noted(wrote)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.inner).poll_flush(context);
        self.noted(flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}
