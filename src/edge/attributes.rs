//! The attributes of `Set-Cookie` as far as the edge reads and writes them (RFC 6265, 5.2).

use alloc::string::String;

use crate::time::Timestamp;

/// The `Set-Cookie` that has the browser forget a cookie, as Rack writes it
/// (`rack/utils.rb#delete_set_cookie_header`). The name is as it stands in a header.
pub(super) fn deletion(name: &str, path: &str, domain: Option<&str>) -> String {
    let mut header = [name, "="].concat();
    if let Some(domain) = domain {
        header.push_str("; domain=");
        header.push_str(domain);
    }
    header.push_str("; path=");
    header.push_str(path);
    header.push_str("; max-age=0; expires=Thu, 01 Jan 1970 00:00:00 GMT");
    header
}

/// Whether a `Set-Cookie` header has the browser forget its cookie: `max-age` says so, or without
/// one `expires`. Of several the last counts.
pub(super) fn is_expired(header: &[u8], now: Timestamp) -> bool {
    let (mut max_age, mut expires) = (None, None);
    for attribute in header.split(|&byte| byte == b';').skip(1) {
        let mut halves = attribute.splitn(2, |&byte| byte == b'=');
        let name = halves.next().unwrap_or_default().trim_ascii();
        let value = halves.next().unwrap_or_default().trim_ascii();
        if name.eq_ignore_ascii_case(b"max-age") {
            max_age = is_past_age(value).or(max_age);
        } else if name.eq_ignore_ascii_case(b"expires") {
            expires = date(value).map(|at| at <= now).or(expires);
        }
    }
    max_age.or(expires).unwrap_or(false)
}

/// Zero or less; `None` for what is no number.
fn is_past_age(text: &[u8]) -> Option<bool> {
    let (negative, digits) = match text.strip_prefix(b"-") {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    is_number.then(|| negative || digits.iter().all(|&digit| digit == b'0'))
}

/// `Thu, 01 Jan 1970 00:00:00 GMT`, and with dashes, as old Racks have it.
fn date(text: &[u8]) -> Option<Timestamp> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let text = core::str::from_utf8(text).ok()?;
    let mut words = text.split([' ', '-', ',']).filter(|word| !word.is_empty()).skip(1);
    let (day, month, year, clock) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let month = MONTHS.iter().zip(1_u8..).find(|(name, _)| name.eq_ignore_ascii_case(month))?.1;
    Timestamp::parse(&alloc::format!("{year}-{month:02}-{day:0>2}T{clock}Z"))
}

/// Whether a text can stand as an attribute, or as the value of one.
pub(super) fn is_attribute(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b';')
}

/// Whether a text can stand as a cookie's value as it is (RFC 6265, 4.1.1: `cookie-octet`).
pub(super) fn is_cookie_value(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\",;\\%+".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_750_000_000);

    #[test]
    fn knows_what_a_browser_forgets() {
        for (header, expired) in [
            ("a=1", false),
            ("a=1; path=/; max-age=0", true),
            ("a=1; Max-Age=-5", true),
            ("a=1; max-age=60; expires=Thu, 01 Jan 1970 00:00:00 GMT", false),
            ("a=1; expires=Thu, 01 Jan 1970 00:00:00 GMT", true),
            ("a=1; expires=Thu, 01-Jan-1970 00:00:00 GMT; path=/", true),
            ("a=1; expires=Fri, 02 Jan 2090 03:04:05 -0000", false),
            ("a=1; expires=Fri, 02 Jan 2090 03:04:05 GMT", false),
            ("a=1; expires=whenever; max-age=soon", false),
            ("max-age=0", false),
        ] {
            assert_eq!(is_expired(header.as_bytes(), NOW), expired, "{header}");
        }
        assert!(is_expired(deletion("a", "/", Some("x.test")).as_bytes(), NOW));
    }
}
