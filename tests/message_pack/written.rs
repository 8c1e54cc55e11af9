//! Values that Rails writes but does not read as they were, and those that it does not write.

use railjar::SealError;
use railjar::serializer::message_pack::{self, Extensions};
use railjar::value::{
    Body, Decorated, Encoding, Hash, Label, Module, ModuleKind, Object, Rational, Regexp,
    RubyString, Shared, Symbol, Time, Value,
};

use crate::{hex, write};

/// The values of the corpus that Rails refuses to write, by their ids.
pub(crate) fn unserializable(id: &str) -> Option<Value> {
    let member = |name: &str, value: i32| (Symbol::from(name), Value::from(value));
    let hash: Hash = [(1, 2)].into_iter().collect();
    Some(match id {
        "unserializable/0" => Object::new::<&str, Value>("Object", []).into(),
        "unserializable/1" => Object::new("OracleUser", [("@id", 1), ("@name", 2)]).into(),
        "unserializable/2" => {
            let name = RubyString::from("String");
            Module { kind: ModuleKind::Class, name }.into()
        }
        "unserializable/3" => {
            let body = Body::Struct(vec![member("x", 1), member("y", 2)]);
            Object { class: Symbol::from("OraclePoint"), body }.into()
        }
        "unserializable/4" => Object::new("StandardError", [("mesg", "x")]).into(),
        "unserializable/5" => Decorated::of_class("Text", "x").into(),
        "unserializable/6" => Decorated::of_class("Pairs", hash).into(),
        "unserializable/7" => Decorated::of_class("List", vec![Value::from(1)]).into(),
        "unserializable/8" => Object::new::<&str, Value>("Thread", []).into(),
        "safe_buffer/0" => Decorated::html_safe("<b>é").into(),
        _ => return None,
    })
}

#[test]
fn what_reading_would_change_is_written_as_rails_writes_it() {
    let text = |bytes: &[u8], encoding: &str| {
        Value::String(RubyString::new(bytes, Encoding::from_name(encoding).unwrap()))
    };
    let regexp = |source: &str, options| Value::from(Regexp { source: source.into(), options });
    let rest = Time::utc(0, 333_333_333).unwrap();
    let rest = rest.with_rest(Rational::new(1_i64, 3_i64).unwrap()).unwrap();
    let cases = [
        // The lines string/10, string/11, string/9, regexp/0, regexp/1, time/0 and time/6.
        (text(b"caf\xe9", "ISO-8859-1"), "cc80a5636166c3a9"),
        (text(b"abc", "US-ASCII"), "cc80a3616263"),
        (text(b"a", "BINARY"), "cc80c40161"),
        (text(b"abc", "Shift_JIS"), "cc80a3616263"),
        (regexp("ab+c", 0), "cc80c70c10283f2d6d69783a61622b6329"),
        (regexp("a.b", 7), "cc80c70a10283f6d69783a612e6229"),
        (Time::utc(1_767_323_045, 0).unwrap().into(), "cc80c70707ce695735a50000"),
        (rest.into(), "cc80c7070700ce13de435500"),
        (Rational::new(0_i64, 5_i64).unwrap().into(), "cc80d40300"),
        (
            "123.45".parse::<railjar::value::BigDecimal>().unwrap().into(),
            "cc80c70c0231383a302e31323334356533",
        ),
    ];
    for (value, bytes) in cases {
        assert_eq!(write(&value), Ok(hex(bytes)), "{value}");
    }
}

#[test]
fn instance_variables_are_lost_as_in_rails() {
    let ivars = vec![(Symbol::from("@note"), Value::from(1))];
    let decorated = Decorated { extended: vec![], class: None, ivars, value: Value::from("x") };
    assert_eq!(write(&decorated.clone().into()), Ok(hex("cc80a178")));
    let extended = Decorated { extended: vec![Symbol::from("Module")], ..decorated };
    assert_eq!(write(&extended.into()), Err(SealError::Unrepresentable));
}

#[test]
fn what_marshal_dumps_as_objects_has_types_here() {
    let address = Object::new(
        "IPAddr",
        [("@family", 2), ("@addr", 0x0a00_0000), ("@mask_addr", 0x7fff_fffe)],
    );
    let zone = Object::new("ActiveSupport::TimeZone", [("@name", "Tokyo")]);
    assert_eq!(write(&zone.into()), Ok(hex("cc80c70509546f6b796f")));
    assert!(write(&address.into()).is_ok());
    let parts = [("@scheme", Some("mailto")), ("@opaque", Some("a@b.c")), ("@port", None)];
    let uri = Object::new("URI::MailTo", parts);
    assert_eq!(write(&uri.into()), Ok(hex("cc80c70c0d6d61696c746f3a6140622e63")));
}

#[test]
fn an_address_has_no_prefix_in_7_1() {
    let address = Value::IpAddr(RubyString::from("10.0.0.0/31"));
    let bytes = message_pack::to_vec(&address, &Extensions::V7_1);
    assert_eq!(bytes, Ok(hex("cc80d70e31302e302e302e30")));
    let bytes = message_pack::to_vec(&address, &Extensions::V7_2);
    assert_eq!(bytes, Ok(hex("cc80c70c0eab31302e302e302e302f3331")));
}

#[test]
fn what_occurs_more_than_once_is_written_as_often_within_bounds() {
    let shared = |label, value: Vec<Value>| {
        Value::from(Shared { label: Label(label), value: Value::Array(value) })
    };
    let twice = Value::from(vec![shared(0, vec![Value::from(1)]), Value::Link(Label(0))]);
    assert_eq!(write(&twice), Ok(hex("cc8092910191 01")));

    let cycle = shared(0, vec![Value::Link(Label(0))]);
    assert_eq!(write(&cycle), Err(SealError::TooDeep));
    let nothing = Value::Link(Label(7));
    assert_eq!(write(&nothing), Err(SealError::Unrepresentable));

    // Each level says the one below twice: 2^40 values.
    let mut doubled = Value::from(1);
    for label in 0..40 {
        doubled = Value::from(vec![shared(label, vec![doubled]), Value::Link(Label(label))]);
    }
    assert_eq!(write(&doubled), Err(SealError::Unrepresentable));

    let long = Value::from("x".repeat(100_000));
    let many = Value::from(vec![long; 20]);
    assert_eq!(write(&many), Err(SealError::Unrepresentable));
}

#[test]
fn integers_have_the_shortest_form() {
    for (integer, bytes) in [
        ("9223372036854775807", "cc80cf7fffffffffffffff"),
        ("-9223372036854775807", "cc80d38000000000000001"),
        ("-9223372036854775808", "cc80c70901010000000080000000"),
        ("18446744073709551616", "cc80c70d0100000000000000000000000001"),
    ] {
        let value = Value::Integer(integer.parse().unwrap());
        assert_eq!(write(&value), Ok(hex(bytes)), "{integer}");
    }
    let huge = Value::Integer("9".repeat(3000).parse().unwrap());
    assert_eq!(write(&huge), Err(SealError::Unrepresentable));
}
