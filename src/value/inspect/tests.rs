use alloc::string::ToString as _;
use alloc::vec;

use super::*;
use crate::value::{
    Complex, Date, DateTime, Decorated, Encoding, Module, ModuleKind, Rational, Regexp, RubyString,
    Set, Shared, Time,
};

#[test]
fn trees_are_shown_as_ruby_shows_them() {
    let hash: Hash = [(Value::from("a"), Value::from(1)), (Value::Nil, Value::Array(vec![]))]
        .into_iter()
        .collect();
    let tree = Value::Array(vec![hash.into(), Hash::new().into(), true.into(), 1e20.into()]);
    assert_eq!(tree.to_string(), r#"[{"a"=>1, nil=>[]}, {}, true, 1.0e+20]"#);
}

fn rational(numerator: i64, denominator: i64) -> Rational {
    Rational::new(numerator, denominator).unwrap()
}

fn range(begin: impl Into<Value>, end: impl Into<Value>, bound: Bound) -> Value {
    Range { begin: begin.into(), end: end.into(), bound }.into()
}

fn complex(real: impl Into<Value>, imaginary: impl Into<Value>) -> Value {
    Complex { real: real.into(), imaginary: imaginary.into() }.into()
}

fn regexp(source: &str, options: u8) -> Value {
    Regexp { source: RubyString::from(source), options }.into()
}

#[test]
fn every_kind_of_value_is_shown_as_ruby_shows_it() {
    let hour = Duration {
        value: Value::from(7500),
        parts: vec![("hours".into(), 2.into()), ("minutes".into(), 5.into())],
    };
    let time = |seconds, nanoseconds| Time::utc(seconds, nanoseconds).unwrap();
    let third = time(0, 333_333_333).with_rest(rational(1, 3)).unwrap();
    let half = rational(500_000_000, 1);
    let module = Module { kind: ModuleKind::Class, name: "A::B".into() };
    let cases = [
        (
            Regexp { source: RubyString::new("é/".as_bytes(), Encoding::BINARY), options: 0 }
                .into(),
            r"/\xC3\xA9\//",
        ),
        (Value::from(Symbol::from("a")), ":a"),
        (Value::from(Symbol::from("é\u{2028}")), ":\"é\\u2028\""),
        (Value::Pathname(RubyString::from("/é")), "#<Pathname:/é>"),
        (
            Value::Pathname(RubyString::new("/é".as_bytes(), Encoding::BINARY)),
            r"#<Pathname:/\xC3\xA9>",
        ),
        (Value::from(time(1_767_323_045, 0)), "2026-01-02 03:04:05 UTC"),
        (Value::from(time(1_767_323_045, 678_901_000)), "2026-01-02 03:04:05.678901 UTC"),
        (Value::from(third), "1970-01-01 00:00:00 1/3 UTC"),
        (Value::from(Time::at(0, 0, -28_800).unwrap()), "1969-12-31 16:00:00 -0800"),
        (Value::from(Time::at(0, 0, 19_815).unwrap()), "1970-01-01 05:30:15 +053015"),
        (Value::from(time(-62_198_755_200, 0)), "-0001-01-01 00:00:00 UTC"),
        (Date::from_julian_day(2_461_100).into(), "Sat, 28 Feb 2026"),
        (
            DateTime::new(2_461_099, 57_723, half, 32_400).unwrap().into(),
            "Sat, 28 Feb 2026 01:02:03 +0900",
        ),
        (Value::BigDecimal(alloc::boxed::Box::new("1.5".parse().unwrap())), "0.15e1"),
        (rational(-7, 5).into(), "(-7/5)"),
        (complex(1, 2.5), "(1+2.5i)"),
        (complex(1, -2), "(1-2i)"),
        (complex(1, f64::NAN), "(1+NaN*i)"),
        (complex(rational(1, 2), rational(3, 4)), "((1/2)+(3/4)*i)"),
        (range(1, 10, Bound::Inclusive), "1..10"),
        (range("a", "z", Bound::Exclusive), r#""a"..."z""#),
        (range(1, Value::Nil, Bound::Inclusive), "1.."),
        (range(Value::Nil, 5, Bound::Inclusive), "..5"),
        (range(Value::Nil, Value::Nil, Bound::Inclusive), "nil..nil"),
        (regexp("a.b", 7), "/a.b/mix"),
        (regexp("a", 32), "/a/n"),
        (regexp(r"a/b\/c", 0), r"/a\/b\/c/"),
        ([1, 2].into_iter().collect::<Set>().into(), "#<Set: {1, 2}>"),
        (module.into(), "A::B"),
        (hour.into(), "2 hours and 5 minutes"),
        (Decorated::html_safe("<b>").into(), r#""<b>""#),
        (Object::new("Empty", [("@a", 1); 0]).into(), "#<Empty>"),
        (
            Object::new(
                "IPAddr",
                [("@family", 2_i64), ("@addr", 167_772_160), ("@mask_addr", 4_278_190_080)],
            )
            .into(),
            "#<IPAddr: IPv4:10.0.0.0/255.0.0.0>",
        ),
        (
            Value::IpAddr("2001:db8::/32".into()),
            "#<IPAddr: IPv6:2001:0db8:0000:0000:0000:0000:0000:0000/ffff:ffff:0000:0000:0000:0000:0000:0000>",
        ),
        (
            Object::new(
                "URI::HTTP",
                [
                    ("@scheme", Value::from("http")),
                    ("@host", "a.com".into()),
                    ("@port", 80.into()),
                    ("@path", "/x".into()),
                    ("@query", "y".into()),
                    ("@fragment", "z".into()),
                    ("@parser", Object::new("URI::RFC3986_Parser", [("@regexp", "long")]).into()),
                ],
            )
            .into(),
            "#<URI::HTTP http://a.com/x?y#z>",
        ),
        (
            Object::new(
                "ActiveSupport::Duration",
                [
                    (
                        "@parts",
                        [
                            (Symbol::from("minutes"), Value::from(5)),
                            (Symbol::from("hours"), 1.0.into()),
                        ]
                        .into_iter()
                        .collect::<Hash>()
                        .into(),
                    ),
                    ("@value", Value::from(3900)),
                ],
            )
            .into(),
            "1.0 hour and 5 minutes",
        ),
        (Object::new("StandardError", [("mesg", "boom")]).into(), "#<StandardError: boom>"),
        (
            Object { class: "P".into(), body: Body::Struct(vec![("x".into(), 1.into())]) }.into(),
            "#<struct P x=1>",
        ),
    ];
    for (value, text) in cases {
        assert_eq!(value.to_string(), text);
    }
}

#[test]
fn what_is_shared_is_shown_in_each_place_but_not_inside_itself() {
    let shared = |label, value| Value::from(Shared { label: Label(label), value });
    let link = |label| Value::Link(Label(label));
    let twice = Value::from(vec![shared(0, vec![Value::from(1)].into()), link(0)]);
    assert_eq!(twice.to_string(), "[[1], [1]]");
    assert_eq!(shared(0, vec![link(0)].into()).to_string(), "[[...]]");
    let pair: Hash = [("self", link(3))].into_iter().collect();
    assert_eq!(shared(3, pair.into()).to_string(), r#"{"self"=>{...}}"#);
    let float = shared(4, 0.5.into());
    let pair = vec![float, complex(-1, link(4))];
    assert_eq!(Value::from(pair).to_string(), "[0.5, (-1+0.5i)]");

    // Each holds the one before twice: written out, it would never end.
    let mut levels = vec![shared(0, Value::Array(vec![]))];
    levels.extend((1..64).map(|i| shared(i, vec![link(i - 1), link(i - 1)].into())));
    assert!(Value::Array(levels).to_string().len() < 100_000);
}
