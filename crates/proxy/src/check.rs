//! What a request must be before it is carried (RFC 9110, 9112 and 9113): of one meaning to everyone
//! who reads it.

use http::header::{CONTENT_LENGTH, EXPECT, HOST, HeaderValue, MAX_FORWARDS};
use http::request::Parts;
use http::uri::{Authority, PathAndQuery, Scheme, Uri};
use http::{Method, Version};

use crate::answer::Answer;
use crate::config::Limits;
use crate::headers::is_chunked_alone;

/// Checks a request's head, and makes its target a path. Returns the host that is asked.
///
/// # Errors
/// The [`Answer`] for one that is not carried.
pub(crate) fn check(parts: &mut Parts, limits: &Limits) -> Result<HeaderValue, Answer> {
    if parts.headers.len() > limits.headers {
        return Err(Answer::HEADERS);
    }
    if parts.method == Method::CONNECT {
        return Err(Answer::CONNECT);
    }
    if parts.method == Method::TRACE {
        return Err(Answer::METHOD);
    }
    if !is_chunked_alone(&parts.headers) {
        return Err(Answer::CODING);
    }
    let length = parts.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    if length.is_some_and(|length| length.parse().is_ok_and(|n: u64| n > limits.body_bytes.0)) {
        return Err(Answer::TOO_LARGE);
    }
    let expectation = parts.headers.get(EXPECT).map(HeaderValue::as_bytes);
    if expectation.is_some_and(|expected| !expected.eq_ignore_ascii_case(b"100-continue")) {
        return Err(Answer::EXPECTATION);
    }
    let host = host(parts)?;
    forwards(parts)?;
    parts.uri = target(parts)?;
    Ok(host)
}

/// The host: of the target where it names one (RFC 9112, 3.2.2), or else of the header.
fn host(parts: &Parts) -> Result<HeaderValue, Answer> {
    let mut headers = parts.headers.get_all(HOST).iter();
    let header = headers.next();
    if headers.next().is_some() {
        return Err(Answer::bad("The request has more than one Host.\n"));
    }
    if header.is_some_and(|header| !header.is_empty() && !is_host(header.as_bytes())) {
        return Err(Answer::bad("The request's Host is malformed.\n"));
    }
    if header.is_none() && parts.version == Version::HTTP_11 {
        return Err(Answer::bad("The request has no Host.\n"));
    }
    let Some(authority) = parts.uri.authority() else {
        return match header {
            None if parts.version == Version::HTTP_2 => {
                Err(Answer::bad("The request has no authority.\n"))
            }
            header => Ok(header.cloned().unwrap_or(HeaderValue::from_static(""))),
        };
    };
    let authority = authority.as_str();
    // Without a scheme it is the form that CONNECT has.
    if parts.uri.scheme().is_none() || !is_host(authority.as_bytes()) {
        return Err(Answer::bad("The request's target is malformed.\n"));
    }
    // RFC 9113, 8.3.1. HTTP/1.1 says to go by the target (RFC 9112, 3.2.2).
    let differs =
        |header: &HeaderValue| !header.as_bytes().eq_ignore_ascii_case(authority.as_bytes());
    if parts.version == Version::HTTP_2 && header.is_some_and(differs) {
        return Err(Answer::bad("The request's Host is not its authority.\n"));
    }
    HeaderValue::from_str(authority).map_err(|_| Answer::bad("The target is malformed.\n"))
}

/// A host and perhaps a port. No user: RFC 9110, 4.2.4 takes one for an attempt to deceive.
fn is_host(text: &[u8]) -> bool {
    let authority = Authority::try_from(text);
    authority.is_ok_and(|authority| {
        !text.contains(&b'@') && !text.contains(&b'"') && !authority.host().is_empty()
    })
}

/// `OPTIONS` may be for us (RFC 9110, 7.6.2).
fn forwards(parts: &mut Parts) -> Result<(), Answer> {
    if parts.method != Method::OPTIONS {
        return Ok(());
    }
    let left = parts.headers.get(MAX_FORWARDS).and_then(|left| left.to_str().ok());
    let Some(left) = left.and_then(|left| left.parse::<u32>().ok()) else { return Ok(()) };
    match left.checked_sub(1) {
        None => Err(Answer::OPTIONS),
        Some(left) => {
            parts.headers.insert(MAX_FORWARDS, HeaderValue::from(left));
            Ok(())
        }
    }
}

/// The target as an upstream gets it: a path and a query, or `*`.
fn target(parts: &Parts) -> Result<Uri, Answer> {
    let wrong = Answer::bad("The request's target is malformed.\n");
    let scheme = parts.uri.scheme();
    if scheme.is_some_and(|scheme| *scheme != Scheme::HTTP && *scheme != Scheme::HTTPS) {
        return Err(wrong);
    }
    let path = parts.uri.path_and_query().cloned();
    let path = path.unwrap_or(PathAndQuery::from_static("/"));
    let is_star = path.as_str() == "*" && parts.method == Method::OPTIONS;
    if is_star || path.as_str().starts_with('/') {
        return Ok(Uri::from(path));
    }
    Err(wrong)
}
