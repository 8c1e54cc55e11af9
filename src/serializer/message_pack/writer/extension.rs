//! Values as extensions: the `write_…` methods of `extensions.rb`.

use crate::error::SealError;
use crate::serializer::message_pack::extension::{IpAddress, Kind, SafeBuffer};
use crate::serializer::message_pack::head::{close_extension, write_signed, write_time_parts};
use crate::serializer::message_pack::writer::{Result, Writer, fits};
use crate::value::{
    Body, Bound, DURATION_PARTS, DateTime, Decorated, Duration, Fields,
    HASH_WITH_INDIFFERENT_ACCESS, Integer, Object, Rational, RubyString, SAFE_BUFFER, TimeWithZone,
    Value,
};

const NANOS_PER_SECOND: i128 = 1_000_000_000;
const SECONDS_PER_DAY: i128 = 86_400;

impl<'v> Writer<'_, 'v> {
    /// Writes what is not one of MessagePack's own types.
    pub(super) fn typed(&mut self, value: &'v Value) -> Result {
        match value {
            Value::Symbol(symbol) => {
                self.count_string(symbol.name())?;
                self.raw(Kind::Symbol, symbol.name().as_bytes())
            }
            Value::BigDecimal(number) => self.raw(Kind::BigDecimal, number.dump().as_bytes()),
            Value::Rational(number) => {
                self.nested(Kind::Rational, |writer| writer.rational(number))
            }
            Value::Complex(number) => self.nested(Kind::Complex, |writer| {
                writer.value(&number.real)?;
                writer.value(&number.imaginary)
            }),
            Value::DateTime(time) => self.nested(Kind::DateTime, |writer| writer.date_time(time)),
            Value::Date(date) => self.nested(Kind::Date, |writer| {
                write_signed(writer.out, date.julian_day());
                Ok(())
            }),
            Value::Time(time) => self.nested(Kind::Time, |writer| {
                let (seconds, nanoseconds) = (time.unix_seconds(), time.subsec_nanos());
                write_time_parts(writer.out, seconds, nanoseconds, time.utc_offset());
                Ok(())
            }),
            Value::TimeWithZone(time) => self.time_with_zone(time),
            Value::TimeZone(name) => self.text(Kind::TimeZone, name),
            Value::Duration(duration) => self.duration(duration),
            Value::Range(range) => self.nested(Kind::Range, |writer| {
                writer.value(&range.begin)?;
                writer.value(&range.end)?;
                writer.out.push(if range.bound == Bound::Exclusive { 0xc3 } else { 0xc2 });
                Ok(())
            }),
            Value::Set(set) => self.nested(Kind::Set, |writer| writer.array(set.len(), set.iter())),
            Value::Uri(text) => self.text(Kind::Uri, text),
            Value::IpAddr(text) => self.ip_address(text),
            Value::Pathname(path) => self.text(Kind::Pathname, path),
            Value::Regexp(regexp) => {
                let text = regexp.to_s().ok_or(SealError::Unrepresentable)?;
                self.raw(Kind::Regexp, text.as_bytes())
            }
            Value::Object(object) => self.object(object),
            Value::Decorated(decorated) => self.decorated(decorated),
            _ => Err(SealError::Unrepresentable),
        }
    }

    /// An extension that holds bytes.
    fn raw(&mut self, kind: Kind, bytes: &[u8]) -> Result {
        let start = self.out.len();
        self.out.extend_from_slice(bytes);
        fits(close_extension(self.out, kind, start))
    }

    fn text(&mut self, kind: Kind, text: &RubyString) -> Result {
        self.count_string(text)?;
        self.raw(kind, text.as_bytes())
    }

    /// An extension that holds values.
    fn nested(&mut self, kind: Kind, write: impl FnOnce(&mut Self) -> Result) -> Result {
        let start = self.out.len();
        self.within(1, write)?;
        fits(close_extension(self.out, kind, start))
    }

    /// Of zero the denominator is left out.
    fn rational(&mut self, number: &Rational) -> Result {
        self.integer(number.numerator())?;
        if *number.numerator() == Integer::from(0_i64) {
            return Ok(());
        }
        self.integer(number.denominator())
    }

    fn date_time(&mut self, time: &DateTime) -> Result {
        let (date, second) = time.local();
        let (hour, minute) = (second.checked_div(3600), second.checked_div(60));
        let minute = minute.and_then(|minute| minute.checked_rem(60));
        let parts = [hour, minute, second.checked_rem(60)];
        write_signed(self.out, date.julian_day());
        for part in parts {
            write_signed(self.out, part.map_or(0, i64::from));
        }
        let fraction = time.nanoseconds().parts().and_then(|(above, below)| {
            Rational::reduced(above, below.checked_mul(NANOS_PER_SECOND)?)
        });
        self.rational(&fraction.ok_or(SealError::Unrepresentable)?)?;
        let offset = Rational::reduced(time.utc_offset().into(), SECONDS_PER_DAY);
        self.rational(&offset.ok_or(SealError::Unrepresentable)?)
    }

    fn time_with_zone(&mut self, time: &TimeWithZone) -> Result {
        self.nested(Kind::TimeWithZone, |writer| {
            let (seconds, nanoseconds) = (time.utc.unix_seconds(), time.utc.subsec_nanos());
            write_time_parts(writer.out, seconds, nanoseconds, 0);
            writer.string(&time.zone)
        })
    }

    fn duration(&mut self, duration: &'v Duration) -> Result {
        let amounts = DURATION_PARTS.map(|unit| amount(&duration.parts, unit));
        self.duration_of(&duration.value, amounts)
    }

    fn duration_of(&mut self, value: &'v Value, amounts: [&'v Value; 7]) -> Result {
        self.nested(Kind::Duration, |writer| {
            writer.value(value)?;
            writer.array(amounts.len(), amounts)
        })
    }

    fn ip_address(&mut self, text: &RubyString) -> Result {
        match self.extensions.ip_address {
            IpAddress::String => self.nested(Kind::IpAddr, |writer| writer.string(text)),
            IpAddress::Text => {
                let address = text.as_bytes().split(|byte| *byte == b'/').next();
                self.raw(Kind::IpAddr, address.unwrap_or_default())
            }
        }
    }

    /// The objects that Marshal dumps for what has a type here.
    fn object(&mut self, object: &'v Object) -> Result {
        let class = object.class.as_str().unwrap_or_default();
        if let Some(text) = object.text() {
            return match class {
                "IPAddr" => self.ip_address(&RubyString::from(text)),
                "ActiveSupport::TimeZone" => self.raw(Kind::TimeZone, text.as_bytes()),
                _ => self.raw(Kind::Uri, text.as_bytes()),
            };
        }
        if let Some(time) = TimeWithZone::of(object, self.links()) {
            return self.time_with_zone(&time);
        }
        match (class, &object.body, object.get("@hash").and_then(Value::as_hash)) {
            ("Set", Body::Ivars(_), Some(hash)) => {
                let elements = hash.iter().map(|(element, _)| element);
                self.nested(Kind::Set, |writer| writer.array(hash.len(), elements))
            }
            // With other instance variables than today's, as Rails up to 6.1 has them.
            ("ActiveSupport::Duration", Body::Ivars(_), _) => {
                let (value, parts) = (object.get("@value"), object.get("@parts"));
                let parts = parts.and_then(Value::as_hash).ok_or(SealError::Unrepresentable)?;
                let amounts = DURATION_PARTS.map(|unit| {
                    let mut parts = parts.iter();
                    let found =
                        parts.find(|(name, _)| name.as_symbol().is_some_and(|name| name.is(unit)));
                    found.map_or(&Value::Nil, |(_, amount)| amount)
                });
                self.duration_of(value.ok_or(SealError::Unrepresentable)?, amounts)
            }
            _ => Err(SealError::Unrepresentable),
        }
    }

    /// Instance variables are lost, as in Rails; so is a subclass, but for those of `String`,
    /// `Array` and `Hash`, which Rails refuses, as it does such a value with modules of its own.
    fn decorated(&mut self, decorated: &'v Decorated) -> Result {
        let core = decorated.value.core();
        match core {
            Value::Hash(hash) if decorated.is_a(HASH_WITH_INDIFFERENT_ACCESS) => {
                self.nested(Kind::HashWithIndifferentAccess, |writer| writer.hash(hash))
            }
            Value::String(string) if decorated.is_a(SAFE_BUFFER) => {
                match self.extensions.safe_buffer {
                    SafeBuffer::None => Err(SealError::Unrepresentable),
                    SafeBuffer::Text => self.text(Kind::SafeBuffer, string),
                    SafeBuffer::String => {
                        self.nested(Kind::SafeBuffer, |writer| writer.string(string))
                    }
                }
            }
            Value::Hash(_) | Value::Array(_) | Value::String(_)
                if decorated.class.is_some() || !decorated.extended.is_empty() =>
            {
                Err(SealError::Unrepresentable)
            }
            _ => self.value(&decorated.value),
        }
    }
}

fn amount<'v>(parts: &'v Fields, unit: &str) -> &'v Value {
    let found = parts.iter().find(|(name, _)| name.is(unit));
    found.map_or(&Value::Nil, |(_, amount)| amount)
}
