//! `Time#_dump`: eight bytes of calendar, and the rest in instance variables (`time_mdump` in
//! Ruby's `time.c`).

use alloc::vec::Vec;

use crate::value::calendar::{Civil, SECONDS_PER_DAY, UNIX_EPOCH, clock};
use crate::value::{
    Body, Encoding, Fields, Integer, Object, Rational, RubyString, Symbol, Time, Value,
};

/// The instance variables, in the order in which Ruby sets them now. Others had another order, and
/// one that depended on what the process had dumped before.
const IVARS: [&str; 5] = ["nano_num", "nano_den", "submicro", "offset", "zone"];
const ZONE: usize = 4;

const FIRST_YEAR: i64 = 1900;
const LAST_YEAR: i64 = FIRST_YEAR + 0xffff;

/// The time in a dump; `None` for one that [`write()`] would not write so.
pub(super) fn read(bytes: &RubyString, fields: &Fields) -> Option<Time> {
    let (&[a, b, c, d, e, f, g, h], beyond) = bytes.as_bytes().split_first_chunk()?;
    let (day, clock) = (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]));
    let part = |word: u32, shift: u32, mask: u32| i64::from((word >> shift) & mask);
    let civil = Civil {
        year: year(part(day, 14, 0xffff).checked_add(FIRST_YEAR)?, beyond)?,
        month: part(day, 10, 0xf).checked_add(1)?,
        day: part(day, 5, 0x1f),
    };
    let second_of_day = part(day, 0, 0x1f)
        .checked_mul(60)?
        .checked_add(part(clock, 26, 0x3f))?
        .checked_mul(60)?
        .checked_add(part(clock, 20, 0x3f))?;
    let days = civil.to_day().checked_sub(UNIX_EPOCH)?;
    let seconds = days.checked_mul(SECONDS_PER_DAY)?.checked_add(second_of_day)?;

    let field = |name| fields.iter().find(|(known, _): &&(Symbol, _)| known.is(name));
    let value = |name| field(name).map(|(_, value): &(_, Value)| value);
    let (nanoseconds, rest) = match (value("nano_num"), value("nano_den")) {
        (Some(above), Some(below)) => {
            let (above, below) = (above.as_integer()?.to_i128()?, below.as_integer()?.to_i128()?);
            let whole = above.checked_div_euclid(below)?;
            let rest = Rational::reduced(above.checked_rem_euclid(below)?, below)?;
            (u32::try_from(whole).ok()?, Some(rest))
        }
        _ => (0, None),
    };
    let micros = u32::try_from(part(clock, 0, 0xf_ffff)).ok()?;
    let nanoseconds = micros.checked_mul(1000)?.checked_add(nanoseconds)?;
    let time = match value("offset") {
        Some(offset) => Time::at(seconds, nanoseconds, i32::try_from(offset.as_i64()?).ok()?)?,
        None => Time::utc(seconds, nanoseconds)?,
    };
    let zone = match value("zone") {
        Some(Value::String(zone)) => Some(zone.clone()),
        _ => None,
    };
    let time = time.with_zone(zone);
    let mut time = match rest {
        Some(rest) => time.with_rest(rest)?,
        None => time,
    };
    let layout: Option<Vec<u8>> = fields.iter().map(|(name, _)| place(name)).collect();
    let layout = layout?;
    // Only what differs from today's order needs to be kept.
    if !layout.is_sorted() || field(IVARS.get(ZONE)?).is_none() {
        time.layout.0 = Some(layout.into_boxed_slice());
    }
    Some(time)
}

/// A year that does not fit is the nearest that does, and how far it is beyond that: a length of
/// Marshal's, and so many bytes.
fn year(nearest: i64, beyond: &[u8]) -> Option<i64> {
    let Some((length, bytes)) = beyond.split_first() else {
        return Some(nearest);
    };
    let fits = usize::from(*length) == bytes.len().checked_add(5)? && bytes.len() <= 4;
    let distance = bytes.iter().rev().fold(0_i64, |all, byte| (all << 8) | i64::from(*byte));
    match nearest {
        _ if !fits => None,
        FIRST_YEAR => FIRST_YEAR.checked_sub(distance),
        LAST_YEAR => LAST_YEAR.checked_add(distance),
        _ => None,
    }
}

fn beyond(year: i64) -> Option<Vec<u8>> {
    let distance = year.abs_diff(year.clamp(FIRST_YEAR, LAST_YEAR)).to_le_bytes();
    let length =
        distance.iter().rposition(|byte| *byte != 0).map_or(0, |last| last.wrapping_add(1));
    let mut bytes = Vec::new();
    if length > 0 {
        bytes.push(u8::try_from(length.checked_add(5)?).ok()?);
        bytes.extend_from_slice(distance.get(..length)?);
    }
    (length <= 4).then_some(bytes)
}

fn place(name: &Symbol) -> Option<u8> {
    let place = IVARS.iter().position(|known| name.is(known))?;
    u8::try_from(place).ok()
}

/// The object that Ruby dumps; `None` for years that no one lives to see.
pub(super) fn write(time: &Time) -> Option<Object> {
    let days = time.unix_seconds().div_euclid(SECONDS_PER_DAY).checked_add(UNIX_EPOCH)?;
    let civil = Civil::gregorian(days);
    let nearest = civil.year.clamp(FIRST_YEAR, LAST_YEAR);
    let (hour, minute, second) = clock(time.unix_seconds().rem_euclid(SECONDS_PER_DAY));
    let nanoseconds = time.subsec_nanos();
    let below_micro = nanoseconds.checked_rem(1000)?;
    let utc = i64::from(time.is_utc());
    let day = (1 << 31)
        | (utc << 30)
        | (nearest.checked_sub(FIRST_YEAR)? << 14)
        | (civil.month.checked_sub(1)? << 10)
        | (civil.day << 5)
        | hour;
    let clock = (minute << 26) | (second << 20) | i64::from(nanoseconds.checked_div(1000)?);
    let words = (u64::try_from(clock).ok()? << 32) | u64::try_from(day).ok()?;
    let bytes = [words.to_le_bytes().as_slice(), &beyond(civil.year)?].concat();

    let mut values = nanos(time, below_micro)?;
    if !time.is_utc() {
        values.push((3, Value::from(time.utc_offset())));
    }
    values.push((4, time.zone().cloned().into()));
    if let Some(layout) = &time.layout.0 {
        let mut take = |place| {
            let at = values.iter().position(|(of, _)| *of == place)?;
            Some(values.swap_remove(at))
        };
        values = layout.iter().filter_map(|place| take(*place)).collect();
    }
    let mut fields = Fields::with_capacity(values.len());
    for (place, value) in values {
        fields.push((Symbol::from(*IVARS.get(usize::from(place))?), value));
    }
    let body = Body::Dump(RubyString::new(&bytes, Encoding::BINARY), fields);
    Some(Object { class: Symbol::from("Time"), body })
}

/// What is below a microsecond, as a fraction of nanoseconds, and once more in decimal digits, as
/// Ruby 1.9.1 had it.
fn nanos(time: &Time, below_micro: u32) -> Option<Vec<(u8, Value)>> {
    let (mut above, mut below) = (Integer::from(i64::from(below_micro)), Integer::from(1_i64));
    if let Some(rest) = time.rest() {
        let (numerator, denominator) = rest.parts()?;
        let whole = i128::from(below_micro).checked_mul(denominator)?;
        above = Integer::from(whole.checked_add(numerator)?);
        below = rest.denominator().clone();
    }
    let mut values = Vec::new();
    if above != Integer::from(0_i64) {
        values.push((0, Value::Integer(above)));
        values.push((1, Value::Integer(below)));
    }
    if below_micro > 0 {
        let digit = |power: u32| {
            let digit = below_micro.checked_div(power)?.checked_rem(10)?;
            u8::try_from(digit).ok()
        };
        let (first, last) = ((digit(100)? << 4) | digit(10)?, digit(1)? << 4);
        let bytes = [first, last];
        let bytes = if last == 0 { bytes.get(..1)? } else { &bytes };
        values.push((2, Value::String(RubyString::new(bytes, Encoding::BINARY))));
    }
    Some(values)
}
