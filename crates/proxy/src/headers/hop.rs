//! Headers that are for one connection only (RFC 9110, 7.6.1), and the one kind of upgrade that goes
//! through.

use http::header::{
    CONNECTION, CONTENT_LENGTH, HOST, HeaderMap, HeaderName, HeaderValue, PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION, TE, TRANSFER_ENCODING, UPGRADE,
};
use http::request::Parts;
use http::{Method, Version};

use super::tokens;

/// Removes the headers of the connection, and those that `Connection` names.
pub(crate) fn strip(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> =
        tokens(headers, &CONNECTION).filter_map(|name| name.parse().ok()).collect();
    for name in named {
        // They say whom the message is for and where it ends: nobody can make them go away.
        if name != HOST && name != CONTENT_LENGTH {
            headers.remove(name);
        }
    }
    for name in [
        CONNECTION,
        PROXY_AUTHENTICATE,
        PROXY_AUTHORIZATION,
        TE,
        TRANSFER_ENCODING,
        UPGRADE,
        HeaderName::from_static("keep-alive"),
        HeaderName::from_static("proxy-connection"),
    ] {
        headers.remove(name);
    }
}

/// Whether the body is framed as we can carry it: `chunked` is undone, and nothing else would be.
pub(crate) fn is_chunked_alone(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(TRANSFER_ENCODING).iter();
    let chunked = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"chunked");
    values.next().is_none_or(chunked) && values.next().is_none()
}

/// A protocol that both ends may go on with.
pub(crate) struct Upgrade(HeaderValue);

/// The upgrade that a request asks for: only to a WebSocket. `h2c` would carry requests past
/// everything that is checked here.
pub(crate) fn upgrade_of(parts: &Parts) -> Option<Upgrade> {
    let asks = parts.method == Method::GET
        && parts.version == Version::HTTP_11
        && tokens(&parts.headers, &CONNECTION).any(|token| token == "upgrade");
    upgrade_in(&parts.headers).filter(|_| asks)
}

fn upgrade_in(headers: &HeaderMap) -> Option<Upgrade> {
    let protocol = headers.get(UPGRADE)?;
    protocol.as_bytes().eq_ignore_ascii_case(b"websocket").then(|| Upgrade(protocol.clone()))
}

impl Upgrade {
    /// Says it to the other end.
    pub(crate) fn apply(self, headers: &mut HeaderMap) {
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, self.0);
    }

    /// Of a response that agrees.
    pub(crate) fn agreed(headers: &HeaderMap) -> Option<Self> {
        upgrade_in(headers)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn what_is_for_the_connection_ends() {
        let mut all = headers(&[
            ("connection", "X-One, close"),
            ("connection", "x-two,host,Content-Length"),
            ("x-one", "1"),
            ("x-two", "2"),
            ("x-three", "3"),
            ("host", "example.com"),
            ("content-length", "4"),
            ("keep-alive", "timeout=5"),
            ("proxy-connection", "keep-alive"),
            ("te", "gzip"),
            ("transfer-encoding", "chunked"),
            ("upgrade", "h2c"),
        ]);
        strip(&mut all);
        let left = headers(&[("x-three", "3"), ("host", "example.com"), ("content-length", "4")]);
        assert_eq!(all, left);
    }

    #[test]
    fn only_one_chunked() {
        let framed = |values: &[&'static str]| {
            let pairs: Vec<_> = values.iter().map(|value| ("transfer-encoding", *value)).collect();
            is_chunked_alone(&headers(&pairs))
        };
        assert!(framed(&[]) && framed(&["chunked"]) && framed(&["Chunked"]));
        assert!(!framed(&["gzip, chunked"]) && !framed(&["chunked", "chunked"]));
        assert!(!framed(&["identity"]) && !framed(&["chunked, chunked"]));
    }
}
