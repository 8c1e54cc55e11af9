//! `X-Forwarded-*` and `Forwarded` (RFC 7239): who asked, by which protocol, for which host.

use http::header::{FORWARDED, HeaderMap, HeaderName, HeaderValue};

use crate::client::Client;
use crate::config::{Forwarded, Policy};

const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// Rack and Rails believe these too, and `Client-IP` beside another `X-Forwarded-For` makes Rails
/// raise `IpSpoofAttackError`.
const OTHERS: [HeaderName; 5] = [
    HeaderName::from_static("x-forwarded-ssl"),
    HeaderName::from_static("x-forwarded-scheme"),
    HeaderName::from_static("x-forwarded-port"),
    HeaderName::from_static("client-ip"),
    HeaderName::from_static("x-real-ip"),
];

/// Writes them by the rules.
pub(super) fn apply(
    headers: &mut HeaderMap,
    client: &Client,
    host: &HeaderValue,
    rules: &Forwarded,
) {
    let is_trusted = rules.trusted.iter().any(|network| network.contains(&client.ip));
    let policy = if is_trusted { rules.from_trusted } else { rules.from_others };
    let address = client.ip.to_string();
    let proto = HeaderValue::from_static(client.scheme());
    let element = element(client, host);
    match policy {
        Policy::Replace => {
            OTHERS.iter().for_each(|name| drop(headers.remove(name)));
            put(headers, FOR, &address);
            headers.insert(PROTO, proto);
            headers.insert(HOST, host.clone());
            put(headers, FORWARDED, &element);
        }
        Policy::Append => {
            add(headers, FOR, &address);
            headers.entry(PROTO).or_insert(proto);
            headers.entry(HOST).or_insert(host.clone());
            add(headers, FORWARDED, &element);
        }
        Policy::Trust => {
            if !headers.contains_key(FOR) {
                put(headers, FOR, &address);
            }
            headers.entry(PROTO).or_insert(proto);
            headers.entry(HOST).or_insert(host.clone());
            if !headers.contains_key(FORWARDED) {
                put(headers, FORWARDED, &element);
            }
        }
    }
}

/// `for=…;host="…";proto=…`.
fn element(client: &Client, host: &HeaderValue) -> String {
    let node = match client.ip.is_ipv6() {
        true => format!("\"[{}]\"", client.ip),
        false => client.ip.to_string(),
    };
    // A host was checked to have no quotes.
    let host = host.to_str().unwrap_or("");
    format!("for={node};host=\"{host}\";proto={}", client.scheme())
}

fn put(headers: &mut HeaderMap, name: HeaderName, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        headers.insert(name, value);
    }
}

/// Behind all that are there, in one header.
fn add(headers: &mut HeaderMap, name: HeaderName, text: &str) {
    let there = headers.get_all(&name).iter().map(HeaderValue::as_bytes);
    let all: Vec<&[u8]> = there.chain([text.as_bytes()]).collect();
    if let Ok(value) = HeaderValue::from_bytes(&all.join(b", ".as_slice())) {
        headers.insert(name, value);
    }
}
