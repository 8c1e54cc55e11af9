//! Extensions as values: the `read_…` methods of `extensions.rb`.

use alloc::boxed::Box;

use crate::serializer::message_pack::big_integer;
use crate::serializer::message_pack::cursor::{Cursor, Extension, Result, Token};
use crate::serializer::message_pack::extension::{IpAddress, Kind, SafeBuffer};
use crate::serializer::message_pack::reader::{
    read_elements, read_integer, read_small, read_string, read_value,
};
use crate::value::{
    BigDecimal, Bound, Complex, DURATION_PARTS, Date, DateTime, Decorated, Duration, Encoding,
    Fields, Hash, Integer, Range, Rational, Regexp, RubyString, Set, Symbol, Time, TimeWithZone,
    Value,
};

const NANOS_PER_SECOND: i128 = 1_000_000_000;
const SECONDS_PER_DAY: i128 = 86_400;

/// Reads what `extension`, the last token, is.
pub(in crate::serializer::message_pack) fn read_extension<'a>(
    cursor: &mut Cursor<'a>,
    extension: Extension<'a>,
) -> Result<Value> {
    let Extension { kind, body, .. } = extension;
    let part = kind.part();
    // The gem gives the content of these to Ruby without an encoding.
    let text = || RubyString::new(body, Encoding::BINARY);
    let extensions = *cursor.extensions();
    Ok(match kind {
        Kind::Symbol => Value::Symbol(Symbol::new(RubyString::new(body, Encoding::UTF_8))),
        Kind::Integer => {
            // One byte is the sign.
            if body.len() > cursor.integer_limit().saturating_add(1) {
                return Err(cursor.too_large(part));
            }
            big_integer::read(body).map(Value::Integer).ok_or_else(|| cursor.malformed(part))?
        }
        Kind::BigDecimal => {
            big_decimal(body).map(Value::from).ok_or_else(|| cursor.malformed(part))?
        }
        Kind::TimeZone => Value::TimeZone(text()),
        Kind::Uri => Value::Uri(text()),
        Kind::Pathname => Value::Pathname(text()),
        Kind::Regexp => Value::from(Regexp::compiled(body)),
        Kind::IpAddr if extensions.ip_address == IpAddress::Text => Value::IpAddr(text()),
        Kind::SafeBuffer if extensions.safe_buffer != SafeBuffer::String => {
            Value::from(Decorated::html_safe(text()))
        }
        _ => cursor.inside(extension, |content| read_content(content, kind))?,
    })
}

/// Reads the values inside an extension.
fn read_content(content: &mut Cursor<'_>, kind: Kind) -> Result<Value> {
    let part = kind.part();
    Ok(match kind {
        Kind::Rational => Value::from(rational(content, part)?),
        Kind::Complex => {
            let real = number(content, part)?;
            Value::from(Complex { real, imaginary: number(content, part)? })
        }
        Kind::DateTime => Value::from(date_time(content, part)?),
        Kind::Date => Value::from(Date::from_julian_day(read_small(content, part)?)),
        Kind::Time => Value::from(time(content, part)?),
        Kind::TimeWithZone => {
            let utc = time(content, part)?;
            if utc.utc_offset() != 0 {
                return Err(content.malformed(part));
            }
            let utc = Time::utc(utc.unix_seconds(), utc.subsec_nanos());
            let utc = utc.ok_or_else(|| content.malformed(part))?;
            Value::from(TimeWithZone { utc, zone: read_string(content, part)?, local: None })
        }
        Kind::Duration => Value::from(duration(content, part)?),
        Kind::Range => {
            let begin = read_value(content)?;
            let end = read_value(content)?;
            let bound = match content.token()? {
                Token::Bool(false) => Bound::Inclusive,
                Token::Bool(true) => Bound::Exclusive,
                _ => return Err(content.malformed(part)),
            };
            Value::from(Range { begin, end, bound })
        }
        Kind::Set => Value::Set(Box::new(set(content, part)?)),
        Kind::HashWithIndifferentAccess => match read_value(content)? {
            hash @ Value::Hash(_) => Value::from(Decorated::indifferent(hash)),
            _ => return Err(content.malformed(part)),
        },
        Kind::IpAddr => Value::IpAddr(read_string(content, part)?),
        Kind::SafeBuffer => Value::from(Decorated::html_safe(read_string(content, part)?)),
        _ => return Err(content.malformed(part)),
    })
}

/// The precision is Ruby's own business, but always there.
fn big_decimal(body: &[u8]) -> Option<BigDecimal> {
    let text = core::str::from_utf8(body).ok()?;
    if text.contains(':') { text.parse().ok() } else { None }
}

/// A fraction; of zero the denominator is left out.
fn rational(content: &mut Cursor<'_>, part: &'static str) -> Result<Rational> {
    let numerator = read_integer(content, part)?;
    let denominator = if numerator == Integer::from(0_i64) {
        Integer::from(1_i64)
    } else {
        read_integer(content, part)?
    };
    Rational::new(numerator, denominator).ok_or_else(|| content.malformed(part))
}

/// A number that is not complex.
fn number(content: &mut Cursor<'_>, part: &'static str) -> Result<Value> {
    match read_value(content)? {
        number @ (Value::Integer(_)
        | Value::Float(_)
        | Value::BigDecimal(_)
        | Value::Rational(_)) => Ok(number),
        _ => Err(content.malformed(part)),
    }
}

fn time(content: &mut Cursor<'_>, part: &'static str) -> Result<Time> {
    let seconds = read_small(content, part)?;
    let nanoseconds = read_small(content, part)?;
    let offset: i32 = read_small(content, part)?;
    Time::at(seconds, nanoseconds, offset)
        .filter(|_| is_offset(offset.into()))
        .ok_or_else(|| content.malformed(part))
}

/// Ruby takes less than a day.
fn is_offset(seconds: i128) -> bool {
    -SECONDS_PER_DAY < seconds && seconds < SECONDS_PER_DAY
}

/// The day and its clock are those of the place; a fraction of a second and the offset, in days,
/// follow as fractions.
fn date_time(content: &mut Cursor<'_>, part: &'static str) -> Result<DateTime> {
    let day: i64 = read_small(content, part)?;
    let clock: [i64; 3] =
        [read_small(content, part)?, read_small(content, part)?, read_small(content, part)?];
    let fraction = rational(content, part)?;
    let offset = rational(content, part)?;
    civil(day, clock, &fraction, &offset).ok_or_else(|| content.malformed(part))
}

fn civil(
    day: i64,
    [hour, minute, second]: [i64; 3],
    fraction: &Rational,
    offset: &Rational,
) -> Option<DateTime> {
    let in_range =
        (0..24).contains(&hour) && (0..60).contains(&minute) && (0..60).contains(&second);
    let local = hour.checked_mul(60)?.checked_add(minute)?.checked_mul(60)?.checked_add(second)?;
    let (above, below) = offset.parts()?;
    let offset = above.checked_mul(SECONDS_PER_DAY)?;
    let exact = offset.checked_rem(below)? == 0;
    let offset = offset.checked_div(below)?;
    let (above, below) = fraction.parts()?;
    let nanoseconds = Rational::reduced(above.checked_mul(NANOS_PER_SECOND)?, below)?;
    let below_one = 0 <= above && above < below;
    if !in_range || !exact || !is_offset(offset) || !below_one {
        return None;
    }
    let offset = i32::try_from(offset).ok()?;
    let second = local.checked_sub(offset.into())?;
    let per_day = i64::try_from(SECONDS_PER_DAY).ok()?;
    let day = day.checked_add(second.div_euclid(per_day))?;
    let second = u32::try_from(second.rem_euclid(per_day)).ok()?;
    DateTime::new(day, second, nanoseconds, offset)
}

fn duration(content: &mut Cursor<'_>, part: &'static str) -> Result<Duration> {
    let value = number(content, part)?;
    let count = match content.token()? {
        Token::Array(count) if count == DURATION_PARTS.len() => count,
        _ => return Err(content.malformed(part)),
    };
    let amounts = read_elements(content, count)?;
    let mut parts = Fields::new();
    for (unit, amount) in DURATION_PARTS.iter().zip(amounts) {
        match amount {
            Value::Nil => {}
            Value::Integer(_) | Value::Float(_) | Value::BigDecimal(_) | Value::Rational(_) => {
                parts.push((Symbol::from(*unit), amount));
            }
            _ => return Err(content.malformed(part)),
        }
    }
    Ok(Duration { value, parts })
}

fn set(content: &mut Cursor<'_>, part: &'static str) -> Result<Set> {
    let elements = match content.token()? {
        Token::Array(0) => return Ok(Set::from_iter::<[Value; 0]>([])),
        Token::Array(count) => read_elements(content, count)?,
        _ => return Err(content.malformed(part)),
    };
    let mut hash = Hash::new();
    hash.set_default(Value::Bool(false));
    for element in elements {
        hash.append(element, Value::Bool(true));
    }
    Set::from_hash(hash).map_err(|_| content.malformed(part))
}
