//! Headers on their way through (RFC 9110, 7.6): what is meant for this connection ends here, and
//! what says where a request came from is ours to say.

mod forwarded;
mod hop;

use http::header::{COOKIE, EXPECT, HOST, HeaderMap, HeaderName, HeaderValue, VIA};
use http::request::Parts;
use http::{Version, header};

pub(crate) use self::hop::{Upgrade, is_chunked_alone, strip, upgrade_of};
use crate::client::Client;
use crate::config::Forwarded;

/// The values of a list header, cut at the commas and in lower case.
pub(crate) fn tokens(headers: &HeaderMap, name: &HeaderName) -> impl Iterator<Item = String> {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    let tokens = values.flat_map(|value| value.split(','));
    tokens.map(|token| token.trim().to_ascii_lowercase()).filter(|token| !token.is_empty())
}

/// Makes a client's request head into the one that upstreams get, but for what depends on the
/// upstream.
pub(crate) fn prepare(parts: &mut Parts, client: &Client, host: &HeaderValue, rules: &Forwarded) {
    let upgrade = upgrade_of(parts);
    let trailers = tokens(&parts.headers, &header::TE).any(|token| token == "trailers");
    strip(&mut parts.headers);
    remove_underscored(&mut parts.headers);
    join_cookies(&mut parts.headers);
    // Answered here: hyper sends 100 Continue when the body is asked for.
    parts.headers.remove(EXPECT);
    parts.headers.insert(HOST, host.clone());
    forwarded::apply(&mut parts.headers, client, host, rules);
    pass_via(&mut parts.headers, parts.version);
    match upgrade {
        Some(upgrade) => upgrade.apply(&mut parts.headers),
        None if trailers => {
            parts.headers.insert(header::TE, HeaderValue::from_static("trailers"));
            parts.headers.insert(header::CONNECTION, HeaderValue::from_static("te"));
        }
        None => {}
    }
    parts.version = Version::HTTP_11;
}

/// Says that the message came through here.
pub(crate) fn pass_via(headers: &mut HeaderMap, received: Version) {
    headers.append(
        VIA,
        HeaderValue::from_static(match received {
            Version::HTTP_10 => "1.0 railjar",
            Version::HTTP_2 => "2 railjar",
            _ => "1.1 railjar",
        }),
    );
}

/// Rack knows headers by names in which `-` has become `_`: `X_Forwarded_For` would be taken for
/// `X-Forwarded-For`, past everything that is checked here.
fn remove_underscored(headers: &mut HeaderMap) {
    let underscored = |name: &&HeaderName| name.as_str().contains('_');
    let names: Vec<HeaderName> = headers.keys().filter(underscored).cloned().collect();
    for name in names {
        headers.remove(name);
    }
}

/// One header, as HTTP/1.1 has it: HTTP/2 may cut it into many (RFC 9113, 8.2.3), and a server would
/// join them by commas.
fn join_cookies(headers: &mut HeaderMap) {
    if headers.get_all(COOKIE).iter().nth(1).is_none() {
        return;
    }
    let all: Vec<&[u8]> = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes).collect();
    if let Ok(joined) = HeaderValue::from_bytes(&all.join(b"; ".as_slice())) {
        headers.insert(COOKIE, joined);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_become_one_header() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=1"));
        join_cookies(&mut headers);
        assert_eq!(headers.get(COOKIE), Some(&HeaderValue::from_static("a=1")));
        headers.append(COOKIE, HeaderValue::from_static("b=2; c=3"));
        join_cookies(&mut headers);
        assert_eq!(headers.get(COOKIE), Some(&HeaderValue::from_static("a=1; b=2; c=3")));
        assert_eq!(headers.len(), 1);
    }
}
