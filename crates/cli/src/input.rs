//! The message or cookie to open, in whichever of its forms it was copied: bare, as `NAME=VALUE`,
//! or as a whole header.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use railjar::Cookies;
use railjar::cookies::{RackCookies, SetCookie, SetCookieName, escape, header};

use crate::error::{self, Error};

/// The longest input that is read, in bytes.
const LONGEST: u64 = 1 << 24;

/// A cookie, found in its input.
pub(crate) struct Cookie {
    /// Its name, where the input has one.
    pub(crate) name: Option<String>,
    pub(crate) value: Vec<u8>,
    /// Whether it was unescaped.
    pub(crate) unescaped: bool,
}

/// The bytes of an argument, of a file, or of standard input.
pub(crate) fn read(argument: Option<&str>, file: Option<&Path>) -> Result<Vec<u8>, Error> {
    match (argument, file) {
        (Some(text), _) if text != "-" => Ok(text.into()),
        (_, Some(path)) => {
            let name = path.display().to_string();
            let file = File::open(path).map_err(|error| error::io(&name, &error))?;
            bounded(file, &name)
        }
        _ => bounded(io::stdin().lock(), "standard input"),
    }
}

fn bounded(source: impl io::Read, name: &str) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let mut source = source.take(LONGEST);
    source.read_to_end(&mut bytes).map_err(|error| error::io(name, &error))?;
    if source.limit() == 0 {
        return Err(Error::new(format!("{name} is over 16 MiB")));
    }
    Ok(bytes)
}

/// Finds the cookie in `text`: the one called `name`, or without a name the only one that looks
/// like a Rails message.
pub(crate) fn cookie(text: &[u8], name: Option<&str>, app: &Cookies) -> Result<Cookie, Error> {
    let text = text.trim_ascii();
    if let Some(header) = strip_field(text, b"set-cookie:") {
        let cookie =
            SetCookie::parse(header).ok_or_else(|| Error::new("the header has no cookie"))?;
        let found = cookie.name(SetCookieName::Escaped);
        return Ok(Cookie {
            name: Some(String::from_utf8_lossy(&found).into_owned()),
            unescaped: true,
            value: cookie.value().into_owned(),
        });
    }
    let header = match strip_field(text, b"cookie:") {
        Some(header) => header,
        None if is_pair(text) => text,
        None => return Ok(bare(text)),
    };
    let name = match name {
        Some(name) => name.to_owned(),
        None => only_message(header)?,
    };
    match app.find(header, &name) {
        Some(value) => Ok(Cookie { unescaped: true, value: value.into_owned(), name: Some(name) }),
        None => Err(Error::new(format!("the header has no cookie {name:?}"))
            .hint(format!("--cookie with one of {}", names(header, |_| true).join(", ")))),
    }
}

fn bare(text: &[u8]) -> Cookie {
    // A message has no `%` of its own, but a raw one has `+`, which unescaping would turn into a
    // space.
    let unescaped = text.contains(&b'%');
    let value = if unescaped { escape::unescape(text) } else { Cow::Borrowed(text) };
    Cookie { name: None, unescaped, value: value.into_owned() }
}

/// What follows the name of a header field.
pub(crate) fn strip_field<'t>(text: &'t [u8], field: &[u8]) -> Option<&'t [u8]> {
    let (start, rest) = text.split_at_checked(field.len())?;
    start.eq_ignore_ascii_case(field).then(|| rest.trim_ascii_start())
}

/// Whether the text is `NAME=VALUE`. In a bare message an `=` is followed by another, by `--`, or
/// by nothing.
pub(crate) fn is_pair(text: &[u8]) -> bool {
    let equals = text.iter().position(|byte| *byte == b'=');
    let after = equals.and_then(|at| text.get(at.saturating_add(1)));
    after.is_some_and(|after| !matches!(after, b'=' | b'-'))
}

/// The name of the only cookie that looks like a message.
fn only_message(header: &[u8]) -> Result<String, Error> {
    let mut found = names(header, |value| value.windows(2).any(|pair| pair == b"--"));
    match (found.pop(), found.is_empty()) {
        (Some(name), true) => Ok(name),
        (None, _) => Err(Error::new("no cookie of the header looks like one that Rails signed")
            .hint("copy the value of the app's session cookie, and give its name by --cookie")),
        (Some(last), false) => {
            found.push(last);
            Err(Error::new("the header has more than one cookie that Rails may have signed")
                .hint(format!("--cookie with one of {}", found.join(", "))))
        }
    }
}

fn names(header: &[u8], wanted: impl Fn(&[u8]) -> bool) -> Vec<String> {
    header::cookies(header, RackCookies::SinceRack2_2)
        .filter(|pair| pair.value().is_some_and(|value| wanted(&value)))
        .map(|pair| String::from_utf8_lossy(&pair.name()).escape_debug().to_string())
        .collect()
}

#[cfg(test)]
mod tests {
    use railjar::SecretKeyBase;
    use railjar::rails::{Profile, Version};

    use super::*;

    fn find(text: &str, name: Option<&str>) -> Result<(Option<String>, String), String> {
        let base = SecretKeyBase::new("secret").unwrap();
        let app = Profile::new(Version::V7_1).cookies(&base).unwrap();
        let cookie = cookie(text.as_bytes(), name, &app).map_err(|error| error.to_string())?;
        Ok((cookie.name, String::from_utf8(cookie.value).unwrap()))
    }

    #[test]
    fn a_cookie_is_found_in_every_form_that_it_is_copied_in() {
        let bare = Ok((None, "a+/=--b==--c".to_owned()));
        let named = Ok((Some("s".to_owned()), "a+/=--b==--c".to_owned()));
        assert_eq!(find("a+/=--b==--c\n", None), bare);
        assert_eq!(find("a%2B%2F%3D--b%3D%3D--c", Some("s")), bare);
        assert_eq!(find("s=a%2B%2F%3D--b%3D%3D--c", None), named);
        assert_eq!(find("Cookie: t=1; s=a%2B%2F%3D--b%3D%3D--c; u=x", None), named);
        assert_eq!(find("cookie:t=1--2; s=a%2B%2F%3D--b%3D%3D--c", Some("s")), named);
        assert_eq!(find("Set-Cookie: s=a%2B%2F%3D--b%3D%3D--c; path=/", None), named);
    }

    #[test]
    fn what_is_not_clear_is_asked() {
        let error = find("a=1--2; b=3--4; c=5", None).unwrap_err();
        assert!(error.contains("one of a, b"), "{error}");
        let error = find("a=1--2; b=3", Some("z")).unwrap_err();
        assert!(error.contains("one of a, b"), "{error}");
        assert!(find("a=1; b=3", None).is_err());
        assert!(find("Set-Cookie: x", None).is_err());
    }
}
