//! When a line of a log was written: by the times of the common formats, and of JSON lines.

use memchr::memmem::Finder;

use crate::time::Timestamp;

/// The fields in which JSON lines say their time, the likelier first.
const FIELDS: [&[u8]; 6] = [
    b"\"@timestamp\"",
    b"\"timestamp\"",
    b"\"time\"",
    b"\"ts\"",
    b"\"time_iso8601\"",
    b"\"time_local\"",
];
const MONTHS: [&[u8; 3]; 12] = [
    b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec",
];
/// What is written before a line's time is short.
const HEAD: usize = 64;
/// The year 2200, in seconds: a number beyond it counts smaller units.
const FAR: u64 = 7_258_118_400;

/// Finds the time of a line.
///
/// ```
/// use railjar::Timestamp;
/// use railjar::audit::Moments;
///
/// let moments = Moments::new();
/// let at = Some(Timestamp::from_unix_seconds(971_186_136));
/// assert_eq!(moments.find(b"::1 - - [10/Oct/2000:13:55:36 +0000] \"GET /\""), at);
/// assert_eq!(moments.find(b"2000-10-10T15:55:36.5+02:00 GET /"), at);
/// assert_eq!(moments.find(b"{\"ts\":971186136.5}"), at);
/// assert_eq!(moments.find(b"GET /"), None);
/// ```
#[derive(Clone, Debug)]
pub struct Moments {
    fields: [Finder<'static>; FIELDS.len()],
}

impl Default for Moments {
    fn default() -> Self {
        Self::new()
    }
}

impl Moments {
    /// The finder.
    #[must_use]
    pub fn new() -> Self {
        Self { fields: FIELDS.map(Finder::new) }
    }

    /// The time of a line, in whole seconds: of a JSON line (`@timestamp`, `timestamp`, `time`,
    /// `ts`, `time_iso8601`, `time_local`), of the combined log (`[10/Oct/2000:13:55:36 +0000]`), in
    /// ISO 8601 near the beginning, or the seconds or milliseconds since the epoch at the
    /// beginning. A time without a zone is taken for UTC.
    #[must_use]
    pub fn find(&self, line: &[u8]) -> Option<Timestamp> {
        let line = line.trim_ascii_start();
        let at = match line.first()? {
            b'{' => self.of_json(line),
            b'0'..=b'9' => calendar(line).or_else(|| epoch(line)),
            _ => None,
        };
        at.or_else(|| in_brackets(line)).or_else(|| near_the_start(line))
    }

    fn of_json(&self, line: &[u8]) -> Option<Timestamp> {
        self.fields.iter().find_map(|field| {
            let after = field.find(line)?.checked_add(field.needle().len())?;
            let after = line.get(after..)?.trim_ascii_start().strip_prefix(b":")?;
            let value = after.trim_ascii_start();
            let text = value.strip_prefix(b"\"").unwrap_or(value);
            calendar(text).or_else(|| common(text)).or_else(|| epoch(text))
        })
    }
}

fn in_brackets(line: &[u8]) -> Option<Timestamp> {
    let brackets = memchr::memchr_iter(b'[', line).take(4);
    brackets.filter_map(|at| line.get(at.saturating_add(1)..)).find_map(|text| {
        // Rails' own logger puts ISO 8601 there.
        common(text).or_else(|| calendar(text))
    })
}

fn near_the_start(line: &[u8]) -> Option<Timestamp> {
    let starts = (1..HEAD.min(line.len())).filter(|at| {
        let digit = |at: usize| line.get(at).is_some_and(u8::is_ascii_digit);
        digit(*at) && !digit(at.saturating_sub(1))
    });
    starts.filter_map(|at| line.get(at..)).find_map(calendar)
}

/// `10/Oct/2000:13:55:36 +0000`.
fn common(text: &[u8]) -> Option<Timestamp> {
    let [d1, d2, b'/', m1, m2, m3, b'/', y1, y2, y3, y4, b':', clock @ ..] = text else {
        return None;
    };
    let month = MONTHS.iter().position(|name| **name == [*m1, *m2, *m3])?.checked_add(1)?;
    let month = u8::try_from(month).ok()?;
    let digits = [b'0'.checked_add(month / 10)?, b'0'.checked_add(month % 10)?];
    instant([*y1, *y2, *y3, *y4], digits, [*d1, *d2], clock)
}

/// `2000-10-10T13:55:36.5Z` and its like: with slashes, with a space, without a zone, without the
/// time of the day.
fn calendar(text: &[u8]) -> Option<Timestamp> {
    let [y1, y2, y3, y4, b'-' | b'/', m1, m2, b'-' | b'/', d1, d2, rest @ ..] = text else {
        return None;
    };
    let clock = match rest {
        [b'T' | b't' | b' ', clock @ ..] => clock,
        [b'0'..=b'9', ..] => return None,
        _ => &[],
    };
    let clock = if clock.first().is_some_and(u8::is_ascii_digit) { clock } else { b"00:00:00" };
    instant([*y1, *y2, *y3, *y4], [*m1, *m2], [*d1, *d2], clock)
}

/// Puts the parts into the form that [`Timestamp::parse`] reads. Fractions are left out.
fn instant(year: [u8; 4], month: [u8; 2], day: [u8; 2], clock: &[u8]) -> Option<Timestamp> {
    let ([y1, y2, y3, y4], [m1, m2], [d1, d2]) = (year, month, day);
    let [h1, h2, b':', n1, n2, b':', s1, s2, rest @ ..] = clock else { return None };
    let rest = match rest {
        [b'.' | b',', fraction @ ..] => {
            let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            fraction.get(digits..)?
        }
        rest => rest,
    };
    let [sign, z1, z2, z3, z4] = match rest.strip_prefix(b" ").unwrap_or(rest) {
        [sign @ (b'+' | b'-'), z1, z2, b':', z3, z4, ..]
        | [sign @ (b'+' | b'-'), z1, z2, z3, z4, ..] => [*sign, *z1, *z2, *z3, *z4],
        _ => *b"+0000",
    };
    let text = [
        y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', *h1, *h2, b':', *n1, *n2, b':', *s1, *s2,
        sign, z1, z2, b':', z3, z4,
    ];
    Timestamp::parse(core::str::from_utf8(&text).ok()?)
}

/// Seconds, milliseconds, microseconds or nanoseconds since the epoch, by their size. Fewer than ten
/// digits are another number.
fn epoch(text: &[u8]) -> Option<Timestamp> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let number = core::str::from_utf8(text.get(..digits).filter(|_| digits >= 9)?).ok()?;
    let mut seconds: u64 = number.parse().ok()?;
    while seconds >= FAR {
        seconds /= 1000;
    }
    Some(Timestamp::from_unix_seconds(i64::try_from(seconds).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-24T13:00:01Z.
    const AT: Option<Timestamp> = Some(Timestamp::from_unix_seconds(1_795_525_201));

    #[test]
    fn the_time_is_found_in_every_common_form() {
        for line in [
            "1.2.3.4 - u [24/Nov/2026:13:00:01 +0000] \"GET /[1] HTTP/1.1\" 200 5",
            "1.2.3.4 - u [24/Nov/2026:14:00:01 +0100] \"GET /\" 200",
            "[x] [24/Nov/2026:13:00:01 +0000]",
            "2026-11-24T13:00:01Z GET /",
            "2026-11-24T13:00:01.123456789Z GET /",
            "2026-11-24T08:00:01-05:00 GET /",
            "2026-11-24T08:00:01-0500 GET /",
            "2026-11-24 13:00:01,123 GET /",
            "2026-11-24 13:00:01 +0000 GET /",
            "2026/11/24 13:00:01 [error] 7#7: *1",
            "I, [2026-11-24T13:00:01.123456 #7]  INFO -- : GET /",
            "<134>1 2026-11-24T13:00:01Z host app - - -",
            "  [2026-11-24 13:00:01] GET /",
            "1795525201.123 GET /",
            "1795525201123 GET /",
            r#"{"cookie":"a=1","time":"2026-11-24T13:00:01Z"}"#,
            r#"{"@timestamp" : "2026-11-24T13:00:01.000Z","time":"x"}"#,
            r#"{"ts":1795525201.5}"#,
            r#"{"timestamp":1795525201000}"#,
            r#"{"ts":"1795525201"}"#,
            r#"{"time_local":"24/Nov/2026:13:00:01 +0000"}"#,
            r#"{"timestamp":1795525201000000000}"#,
            r#"{"log":"{\"time\":\"2000-01-01\"}","time":"2026-11-24T13:00:01Z"}"#,
        ] {
            assert_eq!(Moments::new().find(line.as_bytes()), AT, "{line}");
        }
        let day = Moments::new().find(b"2026-11-24 GET /");
        assert_eq!(day, Some(Timestamp::from_unix_seconds(1_795_478_400)));
    }

    #[test]
    fn what_is_no_time_is_none() {
        for line in [
            "",
            "{",
            "GET /2026",
            "12345 GET /",
            "2026-13-24T13:00:01Z",
            "[24/Nov/2026:13:00",
            r#"{"time":12}"#,
            r#"{"time":}"#,
            r#"{"time"#,
            "99/Nov/2026:13:00:01 +0000",
            "99999999999999999999999999",
            "2026-11-243",
            "[[[[[[[",
        ] {
            assert_eq!(Moments::new().find(line.as_bytes()), None, "{line}");
        }
    }
}
