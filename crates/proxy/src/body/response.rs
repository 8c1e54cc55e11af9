//! The response's body on its way to the client. When it is dropped the request is over: its
//! connection goes back to the pool, if it was read to its end, and its line into the log.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf as _, Bytes};
use http_body::{Body as _, Frame, SizeHint};
use hyper::body::Incoming;

use super::Silence;
use crate::record::Record;
use crate::upstream::Lease;

/// What goes to the client.
pub(crate) struct Body {
    content: Content,
    record: Option<Box<Record>>,
}

enum Content {
    /// Our own words.
    Text(Option<Bytes>),
    Upstream(Relayed),
}

struct Relayed {
    inner: Incoming,
    silence: Silence,
    ended: bool,
    lease: Lease,
}

/// The upstream stopped in the middle, or paused for too long: the client must not take what it has
/// for the whole.
#[derive(Debug)]
pub(crate) struct CutShort;

impl std::fmt::Display for CutShort {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the upstream did not finish its response")
    }
}

impl std::error::Error for CutShort {}

impl Body {
    pub(crate) fn text(text: impl Into<Bytes>) -> Self {
        let text = Some(text.into()).filter(|text| !text.is_empty());
        Self { content: Content::Text(text), record: None }
    }

    /// What an upstream sends over the connection that `lease` holds.
    pub(crate) fn relayed(inner: Incoming, silence: Duration, lease: Lease) -> Self {
        let silence = Silence::new(silence);
        let relayed = Relayed { inner, silence, ended: false, lease };
        Self { content: Content::Upstream(relayed), record: None }
    }

    /// With what is to be said when it is over.
    pub(crate) fn recorded(mut self, record: Box<Record>) -> Self {
        self.record = Some(record);
        self
    }
}

impl Body {
    fn count(&mut self, frame: &Frame<Bytes>) {
        if let (Some(record), Some(data)) = (&mut self.record, frame.data_ref()) {
            record.count(data.remaining());
        }
    }
}

impl Relayed {
    fn is_over(&self) -> bool {
        self.ended || self.inner.is_end_stream()
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = CutShort;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CutShort>>> {
        let relayed = match &mut self.content {
            Content::Text(text) => {
                let frame = text.take().map(Frame::data);
                frame.iter().for_each(|frame| self.count(frame));
                return Poll::Ready(frame.map(Ok));
            }
            Content::Upstream(relayed) => relayed,
        };
        match Pin::new(&mut relayed.inner).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => {
                relayed.silence.end();
                self.count(&frame);
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(_))) => {
                relayed.lease.failed();
                Poll::Ready(Some(Err(CutShort)))
            }
            Poll::Ready(None) => {
                relayed.ended = true;
                Poll::Ready(None)
            }
            Poll::Pending if relayed.silence.is_too_long(context) => {
                Poll::Ready(Some(Err(CutShort)))
            }
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.content {
            Content::Text(text) => text.is_none(),
            Content::Upstream(relayed) => relayed.is_over(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.content {
            Content::Text(text) => {
                let length = text.as_ref().map_or(0, Bytes::len);
                SizeHint::with_exact(u64::try_from(length).unwrap_or(u64::MAX))
            }
            Content::Upstream(relayed) => relayed.inner.size_hint(),
        }
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        let over = self.is_end_stream();
        if let Content::Upstream(relayed) = &mut self.content
            && over
        {
            relayed.lease.give_back();
        }
        if let Some(record) = &mut self.record {
            record.end(over);
        }
    }
}
