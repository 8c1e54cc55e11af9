//! Writing the `name=value` of a `Set-Cookie` header as Rack does
//! (`rack/utils.rb#set_cookie_header`), and changing the value inside a header that an app wrote
//! without touching another byte.
//!
//! Attributes (path, expires, `SameSite`, …) are the consumer's: the `cookie` crate writes them
//! well but needs std, which this library does not have (0.18.2 has no `no_std`, and does not build
//! for a target without std).

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::cookies::escape;
use crate::cookies::name::CookieName;
use crate::error::ConfigError;

/// What Rack does with a cookie's name when it writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SetCookieName {
    /// It is escaped like the value (Rack 1.4 to 3.1).
    Escaped,
    /// It is written as it is, and refused if it is no [token](CookieName::is_token)
    /// (Rack 3.2 and later, which raise ArgumentError).
    Validated,
}

impl SetCookieName {
    /// `name=value`, both as this Rack writes them. `value` is not yet escaped. The result is ASCII
    /// and cannot break out of a header.
    ///
    /// ```
    /// # use railjar::cookies::{CookieName, SetCookieName};
    /// let name = CookieName::new("s")?;
    /// assert_eq!(SetCookieName::Validated.pair(&name, b"ab+/c==--de")?, "s=ab%2B%2Fc%3D%3D--de");
    /// # Ok::<(), railjar::ConfigError>(())
    /// ```
    ///
    /// # Errors
    /// [`ConfigError::CookieName`] under [`Validated`](Self::Validated), if the name is no token.
    pub fn pair(self, name: &CookieName<'_>, value: &[u8]) -> Result<String, ConfigError> {
        let mut pair = match self {
            Self::Escaped => escape::escape(name.as_bytes()),
            Self::Validated if name.is_token() => name.as_str().into(),
            Self::Validated => return Err(ConfigError::CookieName),
        };
        pair.push('=');
        pair.push_str(&escape::escape(value));
        Ok(pair)
    }
}

/// A `Set-Cookie` header's value as an app wrote it, cut but not changed.
///
/// ```
/// # use railjar::cookies::set_cookie::{SetCookie, SetCookieName};
/// let header = b"s=old%3D; path=/; expires=Mon, 02 Jan 2090 03:04:05 GMT; HttpOnly";
/// let cookie = SetCookie::parse(header).ok_or("no cookie")?;
/// assert_eq!(*cookie.name(SetCookieName::Escaped), *b"s");
/// assert_eq!(*cookie.value(), *b"old=");
/// assert_eq!(
///     cookie.replace_value(b"new="),
///     b"s=new%3D; path=/; expires=Mon, 02 Jan 2090 03:04:05 GMT; HttpOnly",
/// );
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy)]
pub struct SetCookie<'h> {
    name: &'h [u8],
    before_value: &'h [u8],
    value: &'h [u8],
    after_value: &'h [u8],
}

impl<'h> SetCookie<'h> {
    /// Finds the name and the value, where a user agent would: white space around them is not part
    /// of them (RFC 6265, 5.2). `None` if there is no `=` before the first `;`.
    #[must_use]
    pub fn parse(header: &'h [u8]) -> Option<Self> {
        let pair = header.split(|&byte| byte == b';').next()?;
        let equals = pair.iter().position(|&byte| byte == b'=')?;
        let (name, from_equals) = pair.split_at_checked(equals)?;
        let value = from_equals.strip_prefix(b"=")?.trim_ascii_start();
        let start = pair.len().checked_sub(value.len())?;
        let value = value.trim_ascii_end();
        let (before_value, rest) = header.split_at_checked(start)?;
        let (_, after_value) = rest.split_at_checked(value.len())?;
        Some(Self { name: name.trim_ascii(), before_value, value, after_value })
    }

    /// The name, unescaped if the Rack that wrote it escapes names.
    #[must_use]
    pub fn name(&self, rules: SetCookieName) -> Cow<'h, [u8]> {
        match rules {
            SetCookieName::Escaped => escape::unescape(self.name),
            SetCookieName::Validated => Cow::Borrowed(self.name),
        }
    }

    /// The value, unescaped: any bytes.
    #[must_use]
    pub fn value(&self) -> Cow<'h, [u8]> {
        escape::unescape(self.value)
    }

    /// The same header's value with `new_value`, which is not yet escaped, in the place of its
    /// value. Every other byte (attributes, their order and spelling) stays.
    #[must_use]
    pub fn replace_value(&self, new_value: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend_from_slice(self.before_value);
        escape::escape_into(&mut out, new_value);
        out.extend_from_slice(self.after_value);
        out
    }
}

// The value is a session cookie: it stays out of logs.
impl fmt::Debug for SetCookie<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetCookie").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_validated_name_must_be_a_token() {
        let token = CookieName::new("a%+b").unwrap();
        let other = CookieName::new("a[b]").unwrap();
        assert_eq!(SetCookieName::Validated.pair(&token, b" ").as_deref(), Ok("a%+b=+"));
        assert_eq!(SetCookieName::Validated.pair(&other, b""), Err(ConfigError::CookieName));
        assert_eq!(SetCookieName::Escaped.pair(&token, b" ").as_deref(), Ok("a%25%2Bb=+"));
        assert_eq!(SetCookieName::Escaped.pair(&other, b"").as_deref(), Ok("a%5Bb%5D="));
    }

    #[test]
    fn what_was_written_is_read_back() {
        for rules in [SetCookieName::Escaped, SetCookieName::Validated] {
            let name = CookieName::new("a%5Bb%5D+").unwrap();
            let header = rules.pair(&name, b"a b+;\r\n=\xff").unwrap();
            let cookie = SetCookie::parse(header.as_bytes()).unwrap();
            assert_eq!(*cookie.name(rules), *name.as_bytes());
            assert_eq!(*cookie.value(), *b"a b+;\r\n=\xff");
        }
    }

    #[test]
    fn replacing_touches_nothing_else() {
        for (header, replaced) in [
            ("a=1", "a=%3B"),
            ("a=", "a=%3B"),
            ("a=; path=/", "a=%3B; path=/"),
            ("a=1;path=/;;x=a=1 ", "a=%3B;path=/;;x=a=1 "),
            (" a = 1 ; path=/", " a = %3B ; path=/"),
            ("a=b=c; d", "a=%3B; d"),
            ("=1", "=%3B"),
            ("a= ;", "a= %3B;"),
        ] {
            let cookie = SetCookie::parse(header.as_bytes()).unwrap();
            assert_eq!(cookie.replace_value(b";"), replaced.as_bytes(), "{header}");
        }
        for header in ["", "a", "a; b=1", ";", "; a=1"] {
            assert!(SetCookie::parse(header.as_bytes()).is_none(), "{header}");
        }
    }
}
