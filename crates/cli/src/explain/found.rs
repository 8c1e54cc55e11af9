//! The cookies of the input: one that stands alone, all of a header, or all of a HAR file.

use std::borrow::Cow;

use railjar::cookies::{RackCookies, SetCookie, SetCookieName, escape, header};
use serde::Deserialize;

use crate::error::Error;
use crate::input;

/// A cookie, as Rails' jar would see it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Cookie {
    pub(crate) name: Option<String>,
    pub(crate) value: Vec<u8>,
    /// Whether it was unescaped.
    pub(crate) unescaped: bool,
}

/// Every cookie of `text`, each once; of more than one, only those called `name`, if it is given.
pub(crate) fn cookies(text: &[u8], name: Option<&str>) -> Result<Vec<Cookie>, Error> {
    let trimmed = text.trim_ascii();
    let mut found = Vec::new();
    if let Some(header) = input::strip_field(trimmed, b"set-cookie:") {
        found.extend(of_set_cookie(header));
    } else if let Some(header) = input::strip_field(trimmed, b"cookie:") {
        found.extend(of_cookie(header));
    } else if let Some(har) = har(trimmed) {
        of_har(har, &mut found);
    } else if input::is_pair(trimmed) && is_header(trimmed) {
        found.extend(of_cookie(trimmed));
    } else {
        // One newline at the end is the file's or the shell's.
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        return Ok(vec![bare(text.strip_suffix(b"\r").unwrap_or(text))]);
    }
    if let Some(name) = name {
        found.retain(|cookie| cookie.name.as_deref() == Some(name));
    }
    match (found.is_empty(), name) {
        (false, _) => Ok(found),
        (true, None) => Err(Error::new("there is no cookie in it")),
        (true, Some(name)) => Err(Error::new(format!("there is no cookie {name:?} in it"))
            .hint("leave out --cookie, to see every cookie that is there")),
    }
}

/// Whether the text before the first `=` can be a cookie's name, and not a piece of JSON.
fn is_header(text: &[u8]) -> bool {
    !matches!(text.first(), Some(b'{' | b'[' | b'"' | b'\''))
}

fn bare(text: &[u8]) -> Cookie {
    // A message has no `%` of its own, and a raw one has `+`, which unescaping would lose.
    let unescaped = text.contains(&b'%');
    let value = if unescaped { escape::unescape(text) } else { Cow::Borrowed(text) };
    Cookie { name: None, value: value.into_owned(), unescaped }
}

fn of_cookie(header: &[u8]) -> impl Iterator<Item = Cookie> {
    header::cookies(header, RackCookies::SinceRack2_2).filter_map(|pair| {
        let value = pair.value()?;
        Some(Cookie {
            name: Some(String::from_utf8_lossy(&pair.name()).into_owned()),
            unescaped: pair.raw_value() != Some(&*value),
            value: value.into_owned(),
        })
    })
}

fn of_set_cookie(header: &[u8]) -> Option<Cookie> {
    let cookie = SetCookie::parse(header)?;
    let name = cookie.name(SetCookieName::Escaped);
    let name = Some(String::from_utf8_lossy(&name).into_owned());
    Some(Cookie { name, unescaped: true, value: cookie.value().into_owned() })
}

/// What is read of a HAR file.
#[derive(Deserialize)]
struct Har {
    log: Log,
}

#[derive(Deserialize)]
struct Log {
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    request: Side,
    #[serde(default)]
    response: Side,
}

#[derive(Default, Deserialize)]
struct Side {
    #[serde(default)]
    headers: Vec<Header>,
}

#[derive(Deserialize)]
struct Header {
    name: String,
    value: String,
}

fn har(text: &[u8]) -> Option<Har> {
    text.starts_with(b"{").then(|| serde_json::from_slice(text).ok())?
}

/// The headers of every request and response, which hold the cookies as they were sent.
fn of_har(har: Har, found: &mut Vec<Cookie>) {
    let sides = har.log.entries.into_iter().flat_map(|entry| [entry.request, entry.response]);
    for Header { name, value } in sides.flat_map(|side| side.headers) {
        let cookies: Vec<_> = match name.to_ascii_lowercase().as_str() {
            "cookie" => of_cookie(value.as_bytes()).collect(),
            // Browsers join several by newlines.
            "set-cookie" => {
                value.lines().filter_map(|line| of_set_cookie(line.as_bytes())).collect()
            }
            _ => continue,
        };
        for cookie in cookies {
            if !found.contains(&cookie) {
                found.push(cookie);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<(Option<String>, String)> {
        let found = cookies(text.as_bytes(), None).unwrap().into_iter();
        found.map(|it| (it.name, String::from_utf8(it.value).unwrap())).collect()
    }

    #[test]
    fn every_cookie_is_found_in_every_form() {
        let named = |name: &str, value: &str| (Some(name.to_owned()), value.to_owned());
        assert_eq!(names("a+b=--c\n"), [(None, "a+b=--c".into())]);
        assert_eq!(names("a%2Bb"), [(None, "a+b".into())]);
        assert_eq!(names("s=a%2Bb"), [named("s", "a+b")]);
        assert_eq!(names("Cookie: s=1; t=2"), [named("s", "1"), named("t", "2")]);
        assert_eq!(names("Set-Cookie: s=1; path=/"), [named("s", "1")]);
        let har = r#"{"log":{"entries":[
            {"request":{"headers":[{"name":"Cookie","value":"s=1; t=2"}]},
             "response":{"headers":[{"name":"set-cookie","value":"s=3; path=/\nu=4"}]}},
            {"request":{"headers":[{"name":"cookie","value":"s=1"}]},"response":{}}]}}"#;
        let all = [named("s", "1"), named("t", "2"), named("s", "3"), named("u", "4")];
        assert_eq!(names(har), all);
        assert_eq!(names("{\"log\":1}"), [(None, "{\"log\":1}".into())]);
    }
}
