//! The reader against Ruby's verdicts, at its limits, and against the writer.

mod verdicts;

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec;

use proptest::collection;
use proptest::prelude::*;

use super::*;
use crate::error::SerializationError::{Malformed, TooDeep};
use crate::serializer::json::{FloatText, JsSeparators, MAX_NESTING, Text, to_vec};

#[test]
fn json_is_read_as_ruby_reads_it() {
    for (text, inspected) in verdicts::JSON {
        for syntax in [Syntax::Strict, Syntax::Ruby] {
            let value = read(text, syntax).unwrap_or_else(|error| panic!("{text:?}: {error}"));
            assert_eq!(value.to_string(), *inspected);
        }
    }
}

#[test]
fn what_only_ruby_takes_needs_the_ruby_syntax() {
    for (text, inspected) in verdicts::RUBY_ONLY {
        let value = read(text, Syntax::Ruby).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert_eq!(value.to_string(), *inspected);
        assert!(matches!(read(text, Syntax::Strict), Err(Malformed { .. })), "{text:?}");
    }
}

#[test]
fn what_ruby_refuses_is_refused() {
    for text in verdicts::REFUSED.iter().chain(verdicts::HALF_PAIRS) {
        for syntax in [Syntax::Strict, Syntax::Ruby] {
            assert!(matches!(read(text, syntax), Err(Malformed { .. })), "{text:?}");
        }
    }
}

#[test]
fn nesting_ends_where_rubys_does() {
    let arrays = |depth| "[".repeat(depth) + &"]".repeat(depth);
    let hashes = |depth| r#"{"a":"#.repeat(depth) + "1" + &"}".repeat(depth);
    for syntax in [Syntax::Strict, Syntax::Ruby] {
        for text in [arrays(MAX_NESTING), hashes(MAX_NESTING)] {
            assert!(read(text.as_bytes(), syntax).is_ok());
        }
        let deeper = [arrays(MAX_NESTING + 1), hashes(MAX_NESTING + 1), "[".repeat(1 << 20)];
        for text in deeper {
            assert_eq!(read(text.as_bytes(), syntax), Err(TooDeep));
        }
        // Side by side is not nested.
        let wide = format!("[{}[]]", "[[]],{},".repeat(1000));
        assert!(read(wide.as_bytes(), syntax).is_ok());
    }
}

#[test]
fn errors_say_where() {
    let cases: [(&[u8], usize); 10] = [
        (b"", 0),
        (b"  ", 2),
        (b"[1 2]", 3),
        (b"{\"a\" 1}", 5),
        (b"[1] x", 4),
        (b"\"ab\n\"", 3),
        (b"\"a\\ud800\"", 2),
        (b"\"a\xff\"", 1),
        (b"[1.]", 3),
        (b"[nul]", 1),
    ];
    for (text, offset) in cases {
        assert_eq!(read(text, Syntax::Strict), Err(Malformed { offset }), "{text:?}");
    }
}

/// Each would take minutes if it cost more than its length.
#[test]
fn a_mebibyte_of_anything_is_read_in_linear_time() {
    let size = 1 << 20;
    let digits = "7".repeat(size);
    let many = |item: &dyn Fn(usize) -> String| (0..size / 16).map(item).collect::<String>();
    let texts = [
        digits.clone(),
        format!("0.{digits}"),
        format!("1e{digits}"),
        format!("1e-{digits}"),
        format!("\"{digits}\""),
        format!("\"{}\"", "\\u00e9".repeat(size / 6)),
        format!("\"{}\"", "\\n".repeat(size / 2)),
        format!("[{}1]", "1,".repeat(size / 2)),
        format!("{{{}\"a\":1}}", "\"a\":1,".repeat(size / 6)),
        format!("{{{}\"a\":1}}", many(&|i| format!("\"{i}\":1,"))),
        format!("{{{}\"a\":1}}", many(&|i| format!("\"{}\":1,", i % 100))),
        format!("{}1", "/**/".repeat(size / 4)),
        format!("{}1", "//\n".repeat(size / 3)),
        format!("/*{}*/1", "/".repeat(size)),
        format!("{}1", " ".repeat(size)),
        format!("\"{digits}"),
        format!("/*{digits}"),
    ];
    for text in texts {
        let _ = read(text.as_bytes(), Syntax::Ruby);
    }
}

#[test]
fn all_of_a_large_hash_is_there() {
    let text = format!(
        "{{{}\"last\":0}}",
        (0..1000).map(|i| format!("\"k{i}\":{i},")).collect::<String>()
    );
    let value = read(text.as_bytes(), Syntax::Strict).unwrap();
    assert_eq!(value.get("k999").and_then(Value::as_i64), Some(999));
    assert_eq!(value.as_hash().map(Hash::len), Some(1001));
}

/// What JSON says, and what is read back as it was.
fn any_value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Nil),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<i128>().prop_map(|wide| Value::Integer(wide.into())),
        any::<f64>().prop_filter("finite", |float| float.is_finite()).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    scalar.prop_recursive(5, 64, 12, |inner| {
        prop_oneof![
            collection::vec(inner.clone(), 0..12).prop_map(Value::from),
            collection::vec((any::<String>(), inner), 0..12)
                .prop_map(|pairs| Value::Hash(pairs.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(value in any_value()) {
        let texts = vec![
            Text::STDLIB,
            Text::ACTIVE_SUPPORT,
            Text::ACTIVE_SUPPORT_4_0,
            Text::ACTIVE_SUPPORT.with_js_separators(JsSeparators::Raw).with_floats(FloatText::Json2_15),
        ];
        for text in texts {
            let written = to_vec(&value, &text).unwrap();
            prop_assert_eq!(read(&written, Syntax::Strict), Ok(value.clone()));
            // It is JSON to others too.
            prop_assert!(serde_json::from_slice::<serde_json::Value>(&written).is_ok());
        }
    }

    #[test]
    fn the_ruby_syntax_takes_all_that_the_strict_one_takes(text in "[\\[\\]{}\",:\\\\/*0-9eE.+truefalsn \u{e9}-]{0,24}") {
        let strict = read(text.as_bytes(), Syntax::Strict);
        if strict.is_ok() {
            prop_assert_eq!(read(text.as_bytes(), Syntax::Ruby), strict.clone());
        }
        prop_assert_eq!(strict.is_ok(), serde_json::from_str::<serde_json::Value>(&text).is_ok());
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in collection::vec(any::<u8>(), 0..64)) {
        let _ = read(&bytes, Syntax::Strict);
        let _ = read(&bytes, Syntax::Ruby);
    }
}
