//! What the proxy says itself, where no upstream does: short plain text, never stored.

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode, Version};

use crate::body::Body;

/// An answer of our own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// One sentence.
    pub(crate) text: &'static str,
    rest: Rest,
}

/// What becomes of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rest {
    /// The next request may follow.
    Keep,
    /// Where this message ends is not sure, or not worth reading.
    Close,
}

/// What reaches an upstream.
const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

impl Answer {
    pub(crate) const METHOD: Self =
        Self::keep(StatusCode::METHOD_NOT_ALLOWED, "This method does not pass this proxy.\n");
    /// What follows was meant for a tunnel, and is no request.
    pub(crate) const CONNECT: Self =
        Self::close(StatusCode::METHOD_NOT_ALLOWED, "There is no tunnel through this proxy.\n");
    pub(crate) const OPTIONS: Self = Self::keep(StatusCode::OK, "");
    pub(crate) const TOO_LARGE: Self =
        Self::close(StatusCode::PAYLOAD_TOO_LARGE, "The request's body is too long.\n");
    pub(crate) const SLOW_BODY: Self =
        Self::close(StatusCode::REQUEST_TIMEOUT, "The request's body did not come in time.\n");
    pub(crate) const BODY: Self = Self::bad("The request's body is malformed or incomplete.\n");
    pub(crate) const HEADERS: Self = Self::close(
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        "The request has too many header fields.\n",
    );
    pub(crate) const CODING: Self = Self::close(
        StatusCode::NOT_IMPLEMENTED,
        "A body with another transfer coding than chunked does not pass this proxy.\n",
    );
    pub(crate) const EXPECTATION: Self =
        Self::close(StatusCode::EXPECTATION_FAILED, "Only 100-continue can be expected.\n");
    pub(crate) const BAD_GATEWAY: Self =
        Self::keep(StatusCode::BAD_GATEWAY, "The application's server gave no valid response.\n");
    pub(crate) const UNAVAILABLE: Self =
        Self::keep(StatusCode::SERVICE_UNAVAILABLE, "The application cannot be reached.\n");
    pub(crate) const TIMEOUT: Self =
        Self::keep(StatusCode::GATEWAY_TIMEOUT, "The application did not respond in time.\n");

    pub(crate) const fn bad(text: &'static str) -> Self {
        Self::close(StatusCode::BAD_REQUEST, text)
    }

    pub(crate) const fn keep(status: StatusCode, text: &'static str) -> Self {
        Self { status, text, rest: Rest::Keep }
    }

    const fn close(status: StatusCode, text: &'static str) -> Self {
        Self { status, text, rest: Rest::Close }
    }

    /// For a client of this version.
    pub(crate) fn response(self, version: Version) -> Response<Body> {
        let mut response = Response::new(Body::text(Bytes::from_static(self.text.as_bytes())));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if !self.text.is_empty() {
            let plain = HeaderValue::from_static("text/plain; charset=utf-8");
            headers.insert(CONTENT_TYPE, plain);
        }
        if [Self::METHOD, Self::CONNECT, Self::OPTIONS].contains(&self) {
            headers.insert(ALLOW, HeaderValue::from_static(METHODS));
        }
        if self == Self::UNAVAILABLE {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        // HTTP/2 ends the stream alone, and has no such header.
        if self.rest == Rest::Close && version != Version::HTTP_2 {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}
