//! Ruby's `Time`, and Active Support's `TimeWithZone` around it.

use alloc::boxed::Box;
use alloc::string::{String, ToString as _};
use core::fmt::{self, Debug, Display, Formatter};

use crate::time::Timestamp;
use crate::value::calendar::{Civil, SECONDS_PER_DAY, UNIX_EPOCH, clock};
use crate::value::{
    Body, Date, Encoding, Integer, Links, Object, Rational, RubyString, TIME_WITH_ZONE, Value,
};

const NANOS_PER_SECOND: u32 = 1_000_000_000;

/// A Ruby `Time`: an instant with a place on earth.
///
/// ```
/// use railjar::value::Time;
///
/// let time = Time::at(1_767_303_245, 678_901_234, 19_800).unwrap();
/// assert_eq!(time.to_string(), "2026-01-02 03:04:05.678901234 +0530");
/// assert_eq!(time.xmlschema(3), "2026-01-02T03:04:05.678+05:30");
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time {
    seconds: i64,
    nanoseconds: u32,
    /// What is left below a nanosecond, in nanoseconds; `None` for nothing.
    rest: Option<Box<Rational>>,
    place: Place,
    /// The name that Ruby keeps beside the offset.
    zone: Option<RubyString>,
    /// How Marshal had its parts in order, where that is not today's order.
    pub(crate) layout: Layout,
}

/// How a time reckons its hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Utc,
    /// Seconds east of Greenwich.
    Offset(i32),
}

/// The order of a dumped time's instance variables, which depends on Ruby's version and on what
/// that process did before; `None` for today's. It does not make times different.
#[derive(Clone, Default)]
pub(crate) struct Layout(pub(crate) Option<Box<[u8]>>);

impl Time {
    /// Seconds since the epoch and nanoseconds after them, in UTC. `None` when the nanoseconds are
    /// a second or more.
    #[must_use]
    pub fn utc(seconds: i64, nanoseconds: u32) -> Option<Self> {
        let zone = Some(RubyString::new(b"UTC", Encoding::US_ASCII));
        Self::new(seconds, nanoseconds, Place::Utc, zone)
    }

    /// The same with an offset in seconds east of Greenwich.
    #[must_use]
    pub fn at(seconds: i64, nanoseconds: u32, utc_offset: i32) -> Option<Self> {
        Self::new(seconds, nanoseconds, Place::Offset(utc_offset), None)
    }

    fn new(seconds: i64, nanoseconds: u32, place: Place, zone: Option<RubyString>) -> Option<Self> {
        let layout = Layout::default();
        let time = Self { seconds, nanoseconds, rest: None, place, zone, layout };
        (nanoseconds < NANOS_PER_SECOND).then_some(time)
    }

    /// With the name of its zone, such as `CET`, that `Time#zone` gives.
    #[must_use]
    pub fn with_zone(self, zone: Option<RubyString>) -> Self {
        Self { zone, ..self }
    }

    /// With a part below a nanosecond, in nanoseconds. `None` unless that is at least 0 and below 1.
    #[must_use]
    pub fn with_rest(self, rest: Rational) -> Option<Self> {
        let zero = Integer::from(0_i64);
        let fits = *rest.numerator() >= zero && rest.numerator() < rest.denominator();
        let rest = (*rest.numerator() != zero).then(|| Box::new(rest));
        fits.then_some(Self { rest, ..self })
    }

    /// Whole seconds since the epoch, rounded down.
    #[must_use]
    pub fn unix_seconds(&self) -> i64 {
        self.seconds
    }

    /// The nanoseconds after them, 0 to 999,999,999.
    #[must_use]
    pub fn subsec_nanos(&self) -> u32 {
        self.nanoseconds
    }

    /// What is left below a nanosecond, in nanoseconds: Ruby's times are exact.
    #[must_use]
    pub fn rest(&self) -> Option<&Rational> {
        self.rest.as_deref()
    }

    /// Whether `Time#utc?`.
    #[must_use]
    pub fn is_utc(&self) -> bool {
        self.place == Place::Utc
    }

    /// Seconds east of Greenwich.
    #[must_use]
    pub fn utc_offset(&self) -> i32 {
        match self.place {
            Place::Utc => 0,
            Place::Offset(offset) => offset,
        }
    }

    /// The name of its zone.
    #[must_use]
    pub fn zone(&self) -> Option<&RubyString> {
        self.zone.as_ref()
    }

    /// The instant alone.
    #[must_use]
    pub fn timestamp(&self) -> Timestamp {
        // The nanoseconds were checked when this was made.
        Timestamp::from_unix(self.seconds, self.nanoseconds)
            .unwrap_or(Timestamp::from_unix_seconds(self.seconds))
    }

    /// Seconds since the epoch as the nearest float, `Time#to_f`.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        let fraction = f64::from(self.nanoseconds) / f64::from(NANOS_PER_SECOND);
        #[expect(clippy::cast_precision_loss, reason = "that is what a float is")]
        let seconds = self.seconds as f64;
        seconds + fraction
    }

    /// `xmlschema(digits)`: ISO 8601 with so many digits of a second (9 at most), the rest cut.
    #[must_use]
    pub fn xmlschema(&self, digits: usize) -> String {
        let mut text = iso8601(self.seconds, self.nanoseconds, self.utc_offset(), digits);
        text.push_str(&match self.place {
            Place::Utc => String::from("Z"),
            Place::Offset(offset) => Offset(offset, ":").to_string(),
        });
        text
    }

    /// `to_s`: without fractions of a second.
    pub(crate) fn to_s(&self) -> String {
        let day = Day::of(self.seconds, self.utc_offset());
        alloc::format!("{day} {}", self.suffix())
    }

    fn suffix(&self) -> String {
        match self.place {
            Place::Utc => String::from("UTC"),
            Place::Offset(offset) => Offset(offset, "").to_string(),
        }
    }

    /// The fraction of the second as a fraction, where decimals cannot say it.
    fn exact_fraction(&self) -> Option<Rational> {
        let (numerator, denominator) = self.rest.as_ref()?.parts()?;
        let nanoseconds = i128::from(self.nanoseconds).checked_mul(denominator)?;
        let all = denominator.checked_mul(i128::from(NANOS_PER_SECOND))?;
        Rational::reduced(nanoseconds.checked_add(numerator)?, all)
    }
}

/// `2026-01-02T03:04:05.678`, the place left out.
pub(crate) fn iso8601(seconds: i64, nanoseconds: u32, offset: i32, digits: usize) -> String {
    let mut text = Day::of(seconds, offset).to_string().replacen(' ', "T", 1);
    if digits > 0 {
        let fraction = alloc::format!("{nanoseconds:09}");
        text.push('.');
        text.push_str(fraction.get(..digits).unwrap_or(&fraction));
    }
    text
}

/// `2026-01-02 03:04:05`.
struct Day {
    civil: Civil,
    second: i64,
}

impl Day {
    fn of(seconds: i64, offset: i32) -> Self {
        let local = seconds.saturating_add(i64::from(offset));
        let day = local.div_euclid(SECONDS_PER_DAY).saturating_add(UNIX_EPOCH);
        Self { civil: Civil::gregorian(day), second: local.rem_euclid(SECONDS_PER_DAY) }
    }
}

impl Display for Day {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (hour, minute, second) = clock(self.second);
        write!(f, "{} {hour:02}:{minute:02}:{second:02}", self.civil)
    }
}

/// Seconds east of Greenwich as `+0530` or `+05:30`.
pub(crate) struct Offset(pub(crate) i32, pub(crate) &'static str);

impl Display for Offset {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { '-' } else { '+' };
        let (hours, minutes, _) = clock(i64::from(self.0.unsigned_abs()));
        write!(f, "{sign}{hours:02}{}{minutes:02}", self.1)
    }
}

/// `inspect`: `2026-01-02 03:04:05.678901 UTC`.
impl Display for Time {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Day::of(self.seconds, self.utc_offset()).fmt(f)?;
        if let Some(fraction) = self.exact_fraction() {
            write!(f, " {}/{}", fraction.numerator(), fraction.denominator())?;
        } else if self.nanoseconds > 0 {
            let decimals = alloc::format!("{:09}", self.nanoseconds);
            write!(f, ".{}", decimals.trim_end_matches('0'))?;
        }
        write!(f, " {}", self.suffix())?;
        // Here, unlike in `to_s`, with the seconds of the offset.
        match clock(i64::from(self.utc_offset().unsigned_abs())) {
            (_, _, 0) => Ok(()),
            (_, _, seconds) => write!(f, "{seconds:02}"),
        }
    }
}

impl Debug for Time {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

impl PartialEq for Layout {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Layout {}

impl PartialOrd for Layout {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Layout {
    fn cmp(&self, _: &Self) -> core::cmp::Ordering {
        core::cmp::Ordering::Equal
    }
}

/// An `ActiveSupport::TimeWithZone`: an instant, and the zone by its name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeWithZone {
    /// The instant, in UTC.
    pub utc: Time,
    /// The zone, by its Rails or IANA name: `Tokyo`, `America/New_York`. This crate has no table of
    /// zones.
    pub zone: RubyString,
    /// The same instant as the clock there shows it, said as if it were UTC. Marshal writes it,
    /// and cannot do without it but in UTC; MessagePack does not, and it is `None`.
    pub local: Option<Time>,
}

impl TimeWithZone {
    /// Of the object that one is where Marshal has its time elsewhere too.
    pub(crate) fn of(object: &Object, links: &Links<'_>) -> Option<Self> {
        let Body::MarshalDump(Value::Array(parts)) = &object.body else { return None };
        let [utc, zone, local] = parts.as_slice() else { return None };
        let time = |part| match links.follow(part).core() {
            Value::Time(time) => Some((**time).clone()),
            _ => None,
        };
        let zone = links.follow(zone).as_string()?.clone();
        let (utc, local) = (time(utc)?, time(local)?);
        object.class.is(TIME_WITH_ZONE).then_some(Self { utc, zone, local: Some(local) })
    }

    /// Seconds east of Greenwich, where it is known.
    #[must_use]
    pub fn utc_offset(&self) -> Option<i32> {
        let difference = self.local.as_ref()?.seconds.checked_sub(self.utc.seconds)?;
        i32::try_from(difference).ok()
    }

    /// `xmlschema(digits)`; where the offset is not known, of the instant in UTC.
    #[must_use]
    pub fn xmlschema(&self, digits: usize) -> String {
        match self.utc_offset() {
            Some(offset) if offset != 0 || !self.is_named_utc() => {
                let mut text = iso8601(self.utc.seconds, self.utc.nanoseconds, offset, digits);
                text.push_str(&Offset(offset, ":").to_string());
                text
            }
            _ => {
                let mut text = iso8601(self.utc.seconds, self.utc.nanoseconds, 0, digits);
                text.push('Z');
                text
            }
        }
    }

    /// Zones whose abbreviation is `UTC`.
    pub(crate) fn is_named_utc(&self) -> bool {
        let name = self.zone.as_str().unwrap_or_default();
        matches!(name.strip_prefix("Etc/").unwrap_or(name), "UTC" | "UCT" | "Universal" | "Zulu")
    }
}

/// As `inspect`, but with the zone's name where Rails has its abbreviation.
impl Display for TimeWithZone {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let offset = self.utc_offset().unwrap_or(0);
        let local = self.utc.seconds.saturating_add(i64::from(offset));
        let day = local.div_euclid(SECONDS_PER_DAY).saturating_add(UNIX_EPOCH);
        let (hour, minute, second) = clock(local.rem_euclid(SECONDS_PER_DAY));
        let (date, nanoseconds) = (Date::from_julian_day(day), self.utc.nanoseconds);
        let (zone, offset) = (self.zone.to_utf8().unwrap_or_default(), Offset(offset, ":"));
        write!(f, "{date} {hour:02}:{minute:02}:{second:02}.{nanoseconds:09} {zone} {offset}")
    }
}

impl Debug for TimeWithZone {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}
