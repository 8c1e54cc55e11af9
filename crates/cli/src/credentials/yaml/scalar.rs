//! Which scalars Ruby reads as a `String`, as Psych 4 and 5 do (`psych/scalar_scanner.rb`).

use saphyr_parser::{ScalarStyle, Tag};

/// Whether Ruby reads it as a `String`. Of a date that the calendar does not have it says no, where
/// Psych gives the text: quotes make it certain, to Ruby too.
pub(super) fn is_text(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> bool {
    if let Some(tag) = tag {
        return tag.suffix == "str" && (tag.is_yaml_core_schema() || tag.handle == "!");
    }
    style != ScalarStyle::Plain || !(is_word(text) || is_number(text) || is_time(text))
}

/// Null, a boolean or a symbol.
fn is_word(text: &str) -> bool {
    let words = ["", "~", "null", "yes", "true", "on", "no", "false", "off"];
    words.contains(&&*text.to_ascii_lowercase()) || (text.starts_with(':') && text.len() > 1)
}

fn is_number(text: &str) -> bool {
    let number = text.strip_prefix(['-', '+']).unwrap_or(text);
    is_integer(number)
        || is_float(number)
        || is_base_60(number)
        || number.eq_ignore_ascii_case(".inf")
        || text.eq_ignore_ascii_case(".nan")
}

/// `INTEGER_LEGACY`.
fn is_integer(number: &str) -> bool {
    let all = |rest: &str, of: &dyn Fn(char) -> bool| {
        !rest.is_empty() && rest.chars().all(|char| of(char) || matches!(char, '_' | ','))
    };
    match number.strip_prefix('0') {
        Some("") => true,
        Some(rest) => match (rest.strip_prefix('x'), rest.strip_prefix('b')) {
            (Some(rest), _) => all(rest, &|char| char.is_ascii_hexdigit()),
            (_, Some(rest)) => all(rest, &|char| matches!(char, '0' | '1')),
            _ => all(rest, &|char| matches!(char, '0'..='7')),
        },
        // One sign between digits.
        None => number.split([',', '_']).all(is_digits),
    }
}

/// `FLOAT`: there is a point, and a sign in the exponent.
fn is_float(number: &str) -> bool {
    let Some((whole, rest)) = number.split_once('.') else { return false };
    let (fraction, exponent) = match rest.split_once(['e', 'E']) {
        Some((fraction, exponent)) => (fraction, Some(exponent)),
        None => (rest, None),
    };
    let exponent =
        exponent.is_none_or(|exponent| exponent.strip_prefix(['-', '+']).is_some_and(is_digits));
    let is_whole = whole.is_empty()
        || (whole.starts_with(|first: char| first.is_ascii_digit())
            && whole.chars().all(|char| char.is_ascii_digit() || matches!(char, '_' | ',')));
    let is_fraction = fraction.is_empty() || is_digits(fraction);
    is_whole && is_fraction && exponent && number != "."
}

/// `1:30`, `1:30:20`, `1:30:20.5`: hours and minutes.
fn is_base_60(number: &str) -> bool {
    let (number, fraction) = number.split_once('.').unwrap_or((number, ""));
    let mut parts = number.split(':');
    let first = parts.next().unwrap_or_default();
    let rest: Vec<_> = parts.collect();
    let minutes =
        |part: &&str| is_digits(part) && (part.len() == 1 || (part.len() == 2 && **part < *"60"));
    first.starts_with(|char: char| char.is_ascii_digit())
        && first.chars().chain(fraction.chars()).all(|char| char.is_ascii_digit() || char == '_')
        && (rest.len() == 1 || rest.len() == 2)
        && rest.iter().all(minutes)
}

/// A date, or one with a time.
fn is_time(text: &str) -> bool {
    let (date, time) = match text.split_once(['T', 't', ' ', '\t']) {
        Some((date, time)) => (date, Some(time.trim_ascii_start())),
        None => (text, None),
    };
    let mut parts = date.split('-').map(|part| part.parse().ok().filter(|_| is_digits(part)));
    let (year, month, day): (_, Option<u32>, Option<u32>) = match (parts.next(), parts.next()) {
        (Some(year), Some(month)) => (year, month, parts.next().flatten()),
        _ => return false,
    };
    let is_date = date.find('-') == Some(4) && year.is_some() && parts.next().is_none();
    let in_range = |part: Option<u32>, last| part.is_some_and(|part| part <= last);
    let is_time = |time: &str| time.starts_with(|first: char| first.is_ascii_digit());
    is_date && in_range(month, 12) && in_range(day, 31) && time.is_none_or(is_time)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Psych 4.0 answers, but for `2001-02-30` and the `z` of a time, which make it text.
    #[test]
    fn numbers_and_dates_are_what_psych_takes_for_them() {
        for other in [
            "12345",
            "1_000",
            "1,000",
            "1,00",
            "0x1f",
            "-0x1F",
            "0x1,f",
            "0b11",
            "0b1_",
            "017",
            "0_7",
            "0,",
            "00",
            "0",
            "-0",
            "+12",
            "-3",
            "1.",
            ".5",
            "1.5",
            "1_000.5",
            "1.5e+3",
            "1.e+3",
            "1:30",
            "1:5",
            "1:30:20",
            "1:30.5",
            "1:30:20.5",
            "12345:30",
            "-.inf",
            "+.Inf",
            ".NaN",
            "2001-01-01",
            "2001-1-1",
            "2001-02-30",
            "2001-01-01 10:00:00 +01:00",
            "2001-01-01T10:00:00Z",
            "2001-01-01t10:00:00z",
            "yes",
            "On",
            "NULL",
            "~",
            ":a",
        ] {
            assert!(!is_text(other, ScalarStyle::Plain, None), "{other}");
            assert!(is_text(other, ScalarStyle::SingleQuoted, None), "{other}");
        }
        for text in [
            ".",
            "-.",
            "+.",
            "1.5e3",
            "089",
            "0912345",
            "1__0",
            "1_",
            "1,,0",
            "1,_0",
            "1-2",
            "00ff",
            "123abc",
            "12e4",
            "12345e67890",
            "5e",
            "0o17",
            "0xzz",
            "0x",
            "0b",
            "0b12",
            "1:60",
            "1:2:3:4",
            "-.nan",
            "2001-13-01",
            "1.5,0",
            "-2001-01-01",
            "1.2.3",
            ".1_0",
            "1.1_0",
            "y",
            "n",
            "12 34",
            "1.5 a",
            "deadbeef",
            ":",
            "2001-01-01 x",
        ] {
            assert!(is_text(text, ScalarStyle::Plain, None), "{text}");
        }
    }
}
