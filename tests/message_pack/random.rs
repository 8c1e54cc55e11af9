//! Random values and random bytes.

use proptest::collection::vec;
use proptest::prelude::*;
use railjar::serializer::message_pack::{self, Extensions, LIMITS};
use railjar::value::{
    BigDecimal, Bound, Complex, Date, DateTime, Decorated, Duration, Encoding, Hash, Integer,
    Range, Rational, Regexp, RubyString, Set, Symbol, Time, TimeWithZone, Value,
};
use serde::de::IgnoredAny;
use serde_json::Value as Json;

use crate::{read, write};

fn integer() -> impl Strategy<Value = Integer> {
    prop_oneof![
        any::<i64>().prop_map(Integer::from),
        any::<u64>().prop_map(Integer::from),
        any::<i8>().prop_map(|small| Integer::from(i64::from(small))),
        "-?[1-9][0-9]{0,80}".prop_map(|digits| digits.parse().unwrap()),
    ]
}

/// A fraction in lowest terms, as Ruby keeps it.
fn rational() -> impl Strategy<Value = Rational> {
    (integer(), 1..i64::MAX)
        .prop_filter("of zero the denominator is lost", |(above, _)| *above != 0_i64.into())
        .prop_map(|(above, below)| Rational::new(above, below).unwrap())
}

fn string() -> impl Strategy<Value = RubyString> {
    prop_oneof![
        any::<String>().prop_map(RubyString::from),
        vec(any::<u8>(), 0..40).prop_map(|bytes| RubyString::new(&bytes, Encoding::BINARY)),
        vec(any::<u8>(), 0..40).prop_map(|bytes| RubyString::new(&bytes, Encoding::UTF_8)),
    ]
}

fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        integer().prop_map(Value::Integer),
        any::<f64>().prop_map(Value::Float),
        rational().prop_map(Value::from),
        decimal().prop_map(Value::from),
    ]
}

fn decimal() -> impl Strategy<Value = BigDecimal> {
    "-?[0-9]{1,30}(\\.[0-9]{1,30})?".prop_map(|digits| digits.parse().unwrap())
}

fn date_time() -> impl Strategy<Value = Value> {
    (any::<i32>(), 0..86_400_u32, 0..1_000_000_000_i64, -86_399..86_400).prop_map(
        |(day, second, nanoseconds, offset)| {
            let nanoseconds = Rational::from(Integer::from(nanoseconds));
            DateTime::new(day.into(), second, nanoseconds, offset).unwrap().into()
        },
    )
}

fn scalar() -> impl Strategy<Value = Value> {
    // Within the years that Marshal can say, in which values go through serde.
    let seconds = -100_000_000_000_000_000..100_000_000_000_000_000_i64;
    let time = (seconds.clone(), 0..1_000_000_000_u32, -86_399..86_400);
    let zoned = (seconds, 0..1_000_000_000_u32, "[A-Za-z/_]{0,20}");
    prop_oneof![
        Just(Value::Nil),
        any::<bool>().prop_map(Value::Bool),
        number(),
        string().prop_map(Value::String),
        any::<String>().prop_map(|name| Value::Symbol(Symbol::from(name))),
        time.prop_map(|(seconds, nanos, offset)| Time::at(seconds, nanos, offset).unwrap().into()),
        zoned.prop_map(|(seconds, nanos, zone)| {
            let utc = Time::utc(seconds, nanos).unwrap();
            TimeWithZone { utc, zone: RubyString::from(zone), local: None }.into()
        }),
        any::<i64>().prop_map(|day| Date::from_julian_day(day).into()),
        date_time(),
        (number(), number()).prop_map(|(real, imaginary)| Complex { real, imaginary }.into()),
        (number(), number(), number()).prop_map(|(value, hours, seconds)| {
            let part = |unit: &str, amount| (Symbol::from(unit), amount);
            let parts = [part("hours", hours), part("seconds", seconds)].into();
            Duration { value, parts }.into()
        }),
        "[ -~]{0,30}".prop_map(|text| Value::Uri(RubyString::from(text))),
        "[ -~]{0,30}".prop_map(|text| Value::Pathname(RubyString::from(text))),
        "[A-Za-z/]{0,30}".prop_map(|text| Value::TimeZone(RubyString::from(text))),
        "[0-9a-f.:/]{0,30}".prop_map(|text| Value::IpAddr(RubyString::from(text))),
        "\\(\\?-mix:[a-z()\\[\\]]{0,20}\\)".prop_filter_map("no expression", |source| {
            let inside = source.replace(['(', ')', '[', ']'], "");
            let source = format!("(?-mix:{}", &inside["?-mix:".len()..]) + ")";
            Some(Regexp { source: source.into(), options: 0 }.into())
        }),
        string().prop_map(|text| {
            Decorated::html_safe(RubyString::new(text.as_bytes(), Encoding::BINARY)).into()
        }),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(6, 60, 8, |inner| {
        let pairs = vec((inner.clone(), inner.clone()), 0..8);
        let hash = pairs.prop_map(|pairs| pairs.into_iter().collect::<Hash>());
        prop_oneof![
            vec(inner.clone(), 0..20).prop_map(Value::Array),
            hash.clone().prop_map(Value::Hash),
            hash.prop_map(|hash| Decorated::indifferent(hash).into()),
            vec(inner.clone(), 0..8).prop_map(|values| values.into_iter().collect::<Set>().into()),
            (inner.clone(), inner, any::<bool>()).prop_map(|(begin, end, exclusive)| {
                let bound = if exclusive { Bound::Exclusive } else { Bound::Inclusive };
                Range { begin, end, bound }.into()
            }),
        ]
    })
}

/// Bytes that are MessagePack more often than not: heads with what could follow them.
fn almost() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        any::<u8>().prop_map(|byte| vec![byte]),
        (0xc4..=0xdf_u8, vec(0..20_u8, 0..6)).prop_map(|(head, rest)| [vec![head], rest].concat()),
        vec(any::<u8>(), 0..6),
    ];
    vec(piece, 0..30).prop_map(|pieces| [vec![0xcc, 0x80], pieces.concat()].concat())
}

proptest! {
    #[test]
    fn values_come_back(value in value()) {
        let bytes = write(&value).unwrap();
        prop_assert_eq!(read(&bytes), Ok(value));
        prop_assert!(message_pack::from_slice::<Json>(&bytes, &Extensions::V8_1, &LIMITS).is_ok()
            || message_pack::from_slice::<IgnoredAny>(&bytes, &Extensions::V8_1, &LIMITS).is_ok());
    }

    #[test]
    fn what_is_read_is_written_as_itself_from_then_on(bytes in almost()) {
        for extensions in [Extensions::V7_1, Extensions::V8_1, Extensions::V8_2] {
            let _ = message_pack::from_slice::<Json>(&bytes, &extensions, &LIMITS);
            let Ok(value) = message_pack::read(&bytes, &extensions, &LIMITS) else { continue };
            let Ok(once) = message_pack::to_vec(&value, &extensions) else { continue };
            let again = message_pack::read(&once, &extensions, &LIMITS).unwrap();
            prop_assert_eq!(message_pack::to_vec(&again, &extensions).unwrap(), once);
        }
    }
}
