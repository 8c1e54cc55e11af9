//! The writer.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString as _};
use alloc::{format, vec};

use serde::Serialize;

use super::*;
use crate::value::{Hash, RubyString, Value};

fn stdlib<T: Serialize + ?Sized>(value: &T) -> String {
    to_string(value, &Text::STDLIB).unwrap()
}

#[test]
fn floats_are_laid_out_by_the_json_gem() {
    // The first column ran on json 2.9.1, the second on 2.15.2.
    let cases = [
        (1e14, "100000000000000.0", "100000000000000.0"),
        (1e15, "1.0e+15", "1e+15"),
        (1e100, "1.0e+100", "1e+100"),
        (1234567890123456.0, "1.234567890123456e+15", "1.234567890123456e+15"),
        (1000000000000000.5, "1000000000000000.5", "1000000000000000.5"),
        (0.0001, "0.0001", "0.0001"),
        (0.00001, "1.0e-05", "0.00001"),
        (0.00000001, "1.0e-08", "0.00000001"),
        (0.000015, "1.5e-05", "0.000015"),
        (5e-324, "5.0e-324", "5e-324"),
        (-0.0, "-0.0", "-0.0"),
        (100.0, "100.0", "100.0"),
    ];
    for (float, to_s, json_2_15) in cases {
        assert_eq!(stdlib(&float), to_s);
        let text = Text::STDLIB.with_floats(FloatText::Json2_15);
        assert_eq!(to_string(&float, &text).unwrap(), json_2_15);
    }
    assert_eq!(stdlib(&0.1_f32), "0.1");
}

#[test]
fn numbers_that_are_not_finite_depend_on_the_dialect() {
    for (float, name) in
        [(f64::NAN, "NaN"), (f64::INFINITY, "Infinity"), (f64::NEG_INFINITY, "-Infinity")]
    {
        assert_eq!(to_string(&float, &Text::ACTIVE_SUPPORT).unwrap(), "null");
        assert_eq!(to_string(&float, &Text::ACTIVE_SUPPORT_4_0).unwrap(), "null");
        assert_eq!(to_string(&float, &Text::ACTIVE_SUPPORT_3_2).unwrap(), name);
        assert_eq!(to_string(&float, &Text::STDLIB), Err(SealError::Unrepresentable));
    }
}

#[test]
fn escapes_depend_on_the_dialect() {
    let string = "<\u{2028}\u{201c}é\u{1f600}\u{1f}\u{7f}\"\\/\n";
    let cases = [
        (Text::STDLIB, "<\u{2028}\u{201c}é\u{1f600}\\u001f\u{7f}"),
        (Text::ACTIVE_SUPPORT, "\\u003c\\u2028\u{201c}é\u{1f600}\\u001f\u{7f}"),
        (
            Text::ACTIVE_SUPPORT.with_js_separators(JsSeparators::Raw),
            "\\u003c\u{2028}\u{201c}é\u{1f600}\\u001f\u{7f}",
        ),
        (
            Text::ACTIVE_SUPPORT.with_html(HtmlEscape::None),
            "<\\u2028\u{201c}é\u{1f600}\\u001f\u{7f}",
        ),
        (Text::ACTIVE_SUPPORT_4_0, "\\u003C\u{2028}\u{201c}é\u{1f600}\\u001F\u{7f}"),
        (Text::ACTIVE_SUPPORT_3_2, "<\\u2028\\u201c\\u00e9\\uf600\\u001F\u{7f}"),
    ];
    for (text, escaped) in cases {
        let written = to_string(string, &text).unwrap();
        assert_eq!(written, format!("\"{escaped}\\\"\\\\/\\n\""));
    }
}

#[test]
fn keys_become_strings_as_in_rails() {
    // Rails 6.1: ActiveSupport::JSON.encode({nil=>1, true=>2, 1.5=>3, 1e20=>4, Float::NAN=>5, …})
    let hash: Hash = [
        (Value::Nil, 1),
        (Value::from(true), 2),
        (Value::Float(1.5), 3),
        (Value::Float(1e20), 4),
        (Value::Float(f64::NAN), 5),
        (Value::from(-7), 6),
        (Value::Integer(u128::MAX.into()), 7),
        (Value::from("<"), 8),
    ]
    .into_iter()
    .collect();
    assert_eq!(
        to_string(&hash, &Text::ACTIVE_SUPPORT.with_floats(FloatText::Json2_15)).unwrap(),
        r#"{"":1,"true":2,"1.5":3,"1.0e+20":4,"NaN":5,"-7":6,"340282366920938463463374607431768211455":7,"\u003c":8}"#
    );
    let bytes: Hash = [(Value::String(RubyString::from(vec![0xff])), 1)].into_iter().collect();
    let array: Hash = [(Value::from(vec![]), 1)].into_iter().collect();
    for hash in [bytes, array] {
        assert_eq!(to_vec(&hash, &Text::STDLIB), Err(SealError::Unrepresentable));
    }
    assert_eq!(stdlib(&BTreeMap::from([(Some('a'), 1)])), r#"{"a":1}"#);
}

#[test]
fn integers_are_written_in_full() {
    for text in ["0", "-9223372036854775808", "18446744073709551616", "-1180591620717411303424"] {
        let integer: crate::value::Integer = text.parse().unwrap();
        assert_eq!(stdlib(&integer), text);
        assert_eq!(stdlib(&vec![Value::Integer(integer)]), format!("[{text}]"));
    }
    assert_eq!(stdlib(&u128::MAX), u128::MAX.to_string());
}

#[test]
fn a_borrowed_integer_token_cannot_smuggle_text() {
    struct Forged(&'static str);
    impl Serialize for Forged {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_newtype_struct(crate::value::INTEGER_TOKEN, self.0)
        }
    }
    for text in ["", "1,2", "1.5", "NaN", "\"", "+1"] {
        assert_eq!(to_vec(&Forged(text), &Text::STDLIB), Err(SealError::Unrepresentable));
    }
    assert_eq!(stdlib(&Forged("-007")), "-7");
}

#[test]
fn rust_values_have_serde_jsons_shape() {
    #[derive(Serialize)]
    enum Shape {
        Unit,
        Newtype(u8),
        Tuple(u8, char),
        Struct { a: Option<u8>, b: () },
    }
    #[derive(Serialize)]
    struct Unit;
    #[derive(Serialize)]
    struct Pair(f64, &'static str);
    let value = (
        [Shape::Unit, Shape::Newtype(1), Shape::Tuple(2, 'x'), Shape::Struct { a: None, b: () }],
        Unit,
        Pair(1.5, "\u{1b}"),
        BTreeMap::from([("k", vec![true, false])]),
        (),
    );
    assert_eq!(stdlib(&value), serde_json::to_string(&value).unwrap());
}

/// The feature `arbitrary_precision`, which any crate of a build can turn on for all (and this
/// crate's tests do), has `serde_json` send its numbers as structs around their text.
#[test]
fn numbers_of_serde_jsons_tree_are_numbers() {
    let text = r#"{"a":[1,-2.5,1e2,18446744073709551616],"b":0}"#;
    let json: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(stdlib(&json), r#"{"a":[1,-2.5,100.0,18446744073709551616],"b":0}"#);

    #[derive(Serialize)]
    #[serde(rename = "$serde_json::private::Number")]
    struct Forged {
        number: &'static str,
    }
    for number in ["1]", "\"", "0x1", "", "1 "] {
        let refused = to_vec(&[Forged { number }], &Text::STDLIB);
        assert_eq!(refused, Err(SealError::Unrepresentable), "{number}");
    }
}

#[test]
fn bytes_are_refused_and_nothing_is_left_behind() {
    let mut out = vec![b'x'];
    let value = Value::from(vec![Value::from(1), Value::String(RubyString::from(vec![0xff]))]);
    assert_eq!(write(&mut out, &value, &Text::STDLIB), Err(SealError::Unrepresentable));
    assert_eq!(out, b"x");
}

#[test]
fn nesting_is_bounded() {
    let nested = |depth| (1..depth).fold(Value::from(vec![]), |inner, _| Value::from(vec![inner]));
    assert!(to_vec(&nested(MAX_NESTING), &Text::STDLIB).is_ok());
    assert_eq!(to_vec(&nested(MAX_NESTING + 1), &Text::STDLIB), Err(SealError::TooDeep));
    let wide = Value::from(vec![nested(MAX_NESTING - 1); 3]);
    assert!(to_vec(&wide, &Text::STDLIB).is_ok());
}
