//! The objects that [`Value`] has variants for, in the form in which Ruby dumps them.
//!
//! An object is recognized only in exactly the form that is written again; in any other it stays an
//! object, and nothing of it is lost.

use alloc::vec;

use super::time;
use crate::value::{
    BigDecimal, Body, Bound, Complex, Date, DateTime, Duration, Encoding, Fields, Hash, Integer,
    IpAddress, Object, Range, Rational, RubyString, Set, Symbol, TIME_WITH_ZONE, TimeWithZone,
    Value,
};

const DURATION: &str = "ActiveSupport::Duration";

/// Names of [`carry`].
const URI: &str = "$uri";
const IP_ADDR: &str = "$ip_addr";
const TIME_ZONE: &str = "$time_zone";
const UNPLACED: &str = "$time_with_zone";

/// The value that an object is, if there is a variant for it.
pub(super) fn recognize(object: Object) -> Value {
    let known = match (object.class.as_str().unwrap_or_default(), &object.body) {
        ("Time", Body::Dump(bytes, fields)) => time::read(bytes, fields).map(Value::from),
        ("BigDecimal", Body::Dump(text, _)) => {
            text.as_str().and_then(|text| text.parse::<BigDecimal>().ok()).map(Value::from)
        }
        ("Date", Body::MarshalDump(Value::Array(parts))) => date(parts),
        ("DateTime", Body::MarshalDump(Value::Array(parts))) => date_time(parts),
        (DURATION, Body::Ivars(fields)) => duration(fields),
        _ => return recognize_exact(object),
    };
    match known {
        // Written again it must be the same; what Ruby itself dumped always is.
        Some(value) if express(&value).is_some_and(|again| again == object) => value,
        _ => Value::from(object),
    }
}

/// Those of which the form alone decides.
fn recognize_exact(object: Object) -> Value {
    let Object { class, body } = object;
    let body = match (class.as_str().unwrap_or_default(), body) {
        ("Range", Body::Ivars(fields)) => match range(fields) {
            Ok(range) => return Value::from(range),
            Err(fields) => Body::Ivars(fields),
        },
        ("Set", Body::Ivars(fields)) => match set(fields) {
            Ok(set) => return Value::from(set),
            Err(fields) => Body::Ivars(fields),
        },
        ("Pathname", Body::Ivars(fields)) => match fields.as_slice() {
            [(name, Value::String(path))] if name.is("@path") => {
                return Value::Pathname(path.clone());
            }
            _ => Body::Ivars(fields),
        },
        ("Rational", Body::MarshalDump(Value::Array(parts))) => match parts.as_slice() {
            [Value::Integer(above), Value::Integer(below)] => {
                match Rational::new(above.clone(), below.clone()) {
                    Some(number) => return Value::from(number),
                    None => Body::MarshalDump(Value::Array(parts)),
                }
            }
            _ => Body::MarshalDump(Value::Array(parts)),
        },
        ("Complex", Body::MarshalDump(Value::Array(parts))) => {
            match <[Value; 2]>::try_from(parts) {
                Ok([real, imaginary]) => return Complex { real, imaginary }.into(),
                Err(parts) => Body::MarshalDump(Value::Array(parts)),
            }
        }
        (TIME_WITH_ZONE, Body::MarshalDump(Value::Array(parts))) => match parts.as_slice() {
            [Value::Time(utc), Value::String(zone), Value::Time(local)] => {
                let (utc, local) = ((**utc).clone(), Some((**local).clone()));
                return TimeWithZone { utc, zone: zone.clone(), local }.into();
            }
            _ => Body::MarshalDump(Value::Array(parts)),
        },
        (_, body) => body,
    };
    Value::from(Object { class, body })
}

/// The form of what Ruby could not read, for a way that begins and ends in this crate. No Ruby
/// class has such a name.
pub(super) fn carry(value: &Value) -> Option<Object> {
    let (class, text) = match value {
        Value::Uri(text) => (URI, text),
        Value::IpAddr(text) => (IP_ADDR, text),
        Value::TimeZone(name) => (TIME_ZONE, name),
        Value::TimeWithZone(time) if time.local.is_none() => {
            let parts = vec![time.utc.clone().into(), time.zone.clone().into()];
            return Some(Object::marshal_dumped(UNPLACED, Value::Array(parts)));
        }
        _ => return None,
    };
    Some(Object { class: Symbol::from(class), body: Body::Dump(text.clone(), Fields::new()) })
}

/// What [`carry`] made an object of, or else that object.
pub(super) fn uncarry(object: Object) -> Result<Value, Object> {
    Ok(match (object.class.as_str().unwrap_or_default(), &object.body) {
        (URI, Body::Dump(text, _)) => Value::Uri(text.clone()),
        (IP_ADDR, Body::Dump(text, _)) => Value::IpAddr(text.clone()),
        (TIME_ZONE, Body::Dump(name, _)) => Value::TimeZone(name.clone()),
        (UNPLACED, Body::MarshalDump(Value::Array(parts))) => match parts.as_slice() {
            [Value::Time(utc), Value::String(zone)] => {
                let utc = (**utc).clone();
                TimeWithZone { utc, zone: zone.clone(), local: None }.into()
            }
            _ => return Err(object),
        },
        _ => return Err(object),
    })
}

/// The object that Ruby dumps for a value; `None` for those that are no objects, and for what
/// Marshal cannot say.
pub(super) fn express(value: &Value) -> Option<Object> {
    Some(match value {
        Value::Time(value) => time::write(value)?,
        Value::BigDecimal(number) => {
            let text = RubyString::new(number.dump().as_bytes(), Encoding::BINARY);
            Object { class: Symbol::from("BigDecimal"), body: Body::Dump(text, Fields::new()) }
        }
        Value::Date(date) => {
            let zero = Value::from(0);
            let day = Value::from(date.julian_day());
            civil("Date", [day, zero.clone(), zero.clone(), zero])
        }
        Value::DateTime(time) => {
            let rational = time.nanoseconds();
            let whole = *rational.denominator() == Integer::from(1_i64);
            let nanoseconds = if whole {
                Value::Integer(rational.numerator().clone())
            } else {
                Value::from(rational.clone())
            };
            let day = Value::from(time.julian_day());
            let second = Value::from(i64::from(time.second()));
            civil("DateTime", [day, second, nanoseconds, time.utc_offset().into()])
        }
        Value::Rational(number) => {
            let parts =
                vec![number.numerator().clone().into(), number.denominator().clone().into()];
            Object::marshal_dumped("Rational", Value::Array(parts))
        }
        Value::Complex(number) => {
            let parts = vec![number.real.clone(), number.imaginary.clone()];
            Object::marshal_dumped("Complex", Value::Array(parts))
        }
        Value::TimeWithZone(time) => {
            let local = match &time.local {
                None if time.is_named_utc() => time.utc.clone(),
                local => local.clone()?,
            };
            let parts = vec![time.utc.clone().into(), time.zone.clone().into(), local.into()];
            Object::marshal_dumped(TIME_WITH_ZONE, Value::Array(parts))
        }
        Value::Range(range) => Object::new(
            "Range",
            [
                ("excl", Value::Bool(range.bound == Bound::Exclusive)),
                ("begin", range.begin.clone()),
                ("end", range.end.clone()),
            ],
        ),
        Value::Set(set) => Object::new("Set", [("@hash", Value::Hash(set.as_hash().clone()))]),
        Value::IpAddr(text) => IpAddress::parse(text.as_str()?)?.object(),
        Value::Pathname(path) => Object::new("Pathname", [("@path", path.clone())]),
        Value::Duration(duration) => {
            let variable = duration.parts.iter().any(|(unit, _)| is_variable(unit));
            let parts: Hash = duration.parts.iter().cloned().collect();
            Object::new(
                DURATION,
                [
                    ("@parts", Value::Hash(parts)),
                    ("@value", duration.value.clone()),
                    ("@variable", Value::Bool(variable)),
                ],
            )
        }
        _ => return None,
    })
}

/// Units that are not always as long.
fn is_variable(unit: &Symbol) -> bool {
    matches!(unit.as_str(), Some("years" | "months" | "weeks" | "days"))
}

/// `[nth, jd, df, sf, of, sg]`: the period is always the first, and the reform Italy's.
fn civil(class: &str, [day, second, nanoseconds, offset]: [Value; 4]) -> Object {
    let reform = Value::Float(2_299_161.0);
    let parts = vec![Value::from(0), day, second, nanoseconds, offset, reform];
    Object::marshal_dumped(class, Value::Array(parts))
}

fn date(parts: &[Value]) -> Option<Value> {
    let [_, day, ..] = parts else {
        return None;
    };
    Some(Value::from(Date::from_julian_day(day.as_i64()?)))
}

fn date_time(parts: &[Value]) -> Option<Value> {
    let [_, day, second, nanoseconds, offset, _] = parts else {
        return None;
    };
    let nanoseconds = match nanoseconds {
        Value::Integer(whole) => Rational::from(whole.clone()),
        Value::Rational(number) => (**number).clone(),
        _ => return None,
    };
    let second = u32::try_from(second.as_i64()?).ok()?;
    let offset = i32::try_from(offset.as_i64()?).ok()?;
    DateTime::new(day.as_i64()?, second, nanoseconds, offset).map(Value::from)
}

fn duration(fields: &Fields) -> Option<Value> {
    let [(_, Value::Hash(parts)), (_, value), _] = fields.as_slice() else {
        return None;
    };
    let scalar = |value: &Value| value.is_scalar() || matches!(value, Value::Rational(_));
    let parts = parts.iter().map(|(unit, amount)| match unit {
        Value::Symbol(unit) if scalar(amount) => Some((unit.clone(), amount.clone())),
        _ => None,
    });
    let parts: Fields = parts.collect::<Option<_>>()?;
    scalar(value).then(|| Duration { value: value.clone(), parts }.into())
}

fn range(fields: Fields) -> Result<Range, Fields> {
    match <[(Symbol, Value); 3]>::try_from(fields) {
        Ok([(excl, Value::Bool(exclusive)), (begin, first), (end, last)])
            if excl.is("excl") && begin.is("begin") && end.is("end") =>
        {
            let bound = if exclusive { Bound::Exclusive } else { Bound::Inclusive };
            Ok(Range { begin: first, end: last, bound })
        }
        Ok(fields) => Err(Fields::from(fields)),
        Err(fields) => Err(fields),
    }
}

fn set(fields: Fields) -> Result<Set, Fields> {
    match <[(Symbol, Value); 1]>::try_from(fields) {
        Ok([(name, Value::Hash(hash))]) if name.is("@hash") => {
            Set::from_hash(hash).map_err(|hash| vec![(name, Value::Hash(hash))])
        }
        Ok(fields) => Err(Fields::from(fields)),
        Err(fields) => Err(fields),
    }
}
