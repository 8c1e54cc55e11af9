//! The layer `serializer`: the values of the corpus, and who reads what.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::process::{answer, corpus_file, pipe, text};

fn of(op: &str, version: &str, serializer: &str) -> Value {
    json!({ "op": op, "rails": version, "layer": "serializer",
        "config": { "serializer": serializer } })
}

/// The answer to a request.
fn answer_to(request: &Value) -> Value {
    serde_json::from_str(&pipe(format!("{request}\n").into_bytes())[0]).unwrap()
}

fn hex(base64: &Value) -> Option<String> {
    let bytes = BASE64_STANDARD.decode(base64.as_str()?).unwrap();
    Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Opens each of the dumps, and seals it: again from its bytes, and where JSON can say the value,
/// from that.
fn outcomes(version: &str, serializer: &str, dumps: &[(Value, String)]) -> Vec<&'static str> {
    let ask = |op: &str, field: &str, json: &str| {
        let request = of(op, version, serializer).to_string();
        format!("{},\"{field}\":{json}}}\n", request.strip_suffix('}').unwrap())
    };
    let from_bytes = |op| {
        let requests = dumps.iter().map(|(_, hex)| ask(op, "hex", &format!("\"{hex}\"")));
        pipe(requests.collect::<String>().into_bytes())
    };
    let (opened, again) = (from_bytes("open"), from_bytes("seal"));
    // As it is written: integers are of any size.
    let values = opened.iter().map(|line| serde_json::from_str::<Read<'_>>(line).unwrap().value);
    let values = values.map(|value| ask("seal", "value", value.map_or("null", RawValue::get)));
    let anew = pipe(values.collect::<String>().into_bytes());
    let answers = opened.iter().zip(again.iter().zip(&anew));
    assert_eq!(answers.len(), dumps.len());
    let outcomes = dumps.iter().zip(answers).map(|((line, dump), (opened, (again, anew)))| {
        let [opened, again, anew] =
            [opened, again, anew].map(|line| serde_json::from_str::<Value>(line).unwrap());
        let is_dump = |answer: &Value| hex(&answer["payload_b64"]).as_ref() == Some(dump);
        let negative = line["section"] == "negative";
        let ruby_reads = !negative || line["result"] == "value";
        if opened["result"] == "refused" {
            assert!(opened["kind"] == "serialization" && again["result"] == "refused", "{line}");
            return if ruby_reads { "refused here alone" } else { "refused by both" };
        }
        assert!(opened["result"] == "ok" && is_dump(&opened), "{line} {opened}");
        if negative {
            return if ruby_reads { "read by both" } else { "read here alone, as data" };
        }
        assert!(is_dump(&again), "{line} {again}");
        match opened.get("value") {
            None => "written again",
            Some(_) if is_dump(&anew) => "written again, and from JSON",
            // It was in US-ASCII, or one string in two places.
            Some(_) => "written again, and from JSON as an equal value",
        }
    });
    outcomes.collect()
}

#[derive(serde::Deserialize)]
struct Read<'l> {
    #[serde(borrow)]
    value: Option<&'l RawValue>,
}

fn count(counts: &mut BTreeMap<&'static str, usize>, outcomes: Vec<&'static str>) {
    for outcome in outcomes {
        *counts.entry(outcome).or_default() += 1;
    }
}

#[test]
fn every_marshal_of_the_corpus_is_read_and_written() {
    let dumps = corpus_file("marshal");
    let dumps = dumps.lines().skip(1).map(|line| {
        let line: Value = serde_json::from_str(line).unwrap();
        let hex = line["hex"].as_str().unwrap().to_owned();
        (line, hex)
    });
    let mut counts = BTreeMap::new();
    count(&mut counts, outcomes("main", "Marshal", &dumps.collect::<Vec<_>>()));
    let expected = [
        ("read by both", 12),
        ("read here alone, as data", 3),
        ("refused by both", 12),
        ("refused here alone", 2),
        ("written again", 124),
        ("written again, and from JSON", 72),
        ("written again, and from JSON as an equal value", 5),
    ];
    assert_eq!(counts, BTreeMap::from(expected));
}

#[test]
fn every_message_pack_of_the_corpus_is_read_and_written_in_every_version() {
    let lines = corpus_file("messagepack");
    let mut counts = BTreeMap::new();
    for version in ["7.1", "7.2", "8.0", "8.1", "main"] {
        let dumps = lines.lines().skip(1).filter_map(|line| {
            let line: Value = serde_json::from_str(line).unwrap();
            let own = &line["differs_in"][version];
            // Before 8.1 there is one type less.
            let hex = own["hex"].as_str().or(line["hex"].as_str())?.to_owned();
            own["dump_error"].is_null().then_some((line, hex))
        });
        let serializer = "ActiveSupport::MessagePack";
        count(&mut counts, outcomes(version, serializer, &dumps.collect::<Vec<_>>()));
    }
    let expected = [
        ("read by both", 5 * 3),
        ("refused by both", 5 * 9),
        ("refused here alone", 5),
        ("written again", 387),
        ("written again, and from JSON", 280),
    ];
    assert_eq!(counts, BTreeMap::from(expected));
}

#[test]
fn json_is_written_as_each_version_writes_it() {
    let subjects = [
        ("html", r#""<>&'/""#),
        ("u2028", r#""\u2028\u2029""#),
        ("ctl", r#""\u0000\b\t\n\f\r\u001b\u001f\u007f""#),
        ("emoji", r#""😀é""#),
        (
            "floats",
            "[1.0,0.30000000000000004,1e16,1e15,1e100,1e-5,0.0001,-0.0,123456789.12345679,\
                    1e20,100.0]",
        ),
        ("bigint", "1180591620717411303424"),
        ("key_html", r#"{"<":">"}"#),
        ("solidus", r#""</script>""#),
    ];
    let mut written = 0;
    for fact in corpus_file("facts").lines() {
        let fact: Value = serde_json::from_str(fact).unwrap();
        let (Some(version), Some(texts)) = (fact["v"].as_str(), fact["r"]["json"].as_object())
        else {
            continue;
        };
        for (name, value) in subjects {
            let sealed = answer(
                &format!(
                    r#"{{"op":"seal","rails":"{version}","layer":"serializer","value":{value},
                "config":{{"serializer":"ActiveSupport::JSON"}}}}"#
                )
                .replace('\n', ""),
            );
            let bytes = BASE64_STANDARD.decode(text(&sealed, "payload_b64")).unwrap();
            assert_eq!(
                str::from_utf8(&bytes),
                Ok(texts[name].as_str().unwrap()),
                "{version} {name}"
            );
            written += 1;
        }
    }
    assert_eq!(written, 12 * 8);
}

#[test]
fn serializers_fall_back_as_their_version_does() {
    let open = |version: &str, serializer: &str, hex: &str| {
        let mut request = of("open", version, serializer);
        request["hex"] = hex.into();
        let answer = &answer_to(&request);
        match answer["result"].as_str().unwrap() {
            "ok" => format!("{} {}", answer["serializer"].as_str().unwrap(), answer["reissue"]),
            _ => answer["reason"].as_str().unwrap().to_owned(),
        }
    };
    let (marshal, json) = ("0408690a", "3535");
    assert_eq!(open("7.1", "json", marshal), "unsupported-serialization");
    assert_eq!(open("7.1", "json_allow_marshal", marshal), "marshal true");
    assert_eq!(open("6.0", "hybrid", marshal), "marshal true");
    assert_eq!(open("6.0", "marshal", json), "unsupported-serialization");
    assert_eq!(open("6.1", ":marshal", json), "json false");
    // Of one byte Ruby's Marshal says something else than of more, and there is no falling back.
    assert_eq!(open("6.1", ":marshal", "35"), "unsupported-serialization");
    assert_eq!(open("8.0", "message_pack", json), "json true");
    assert_eq!(open("3.2", "NullSerializer", marshal), "bytes false");
}

/// Metadata belongs to messages; here it is a value like any other.
#[test]
fn what_looks_like_metadata_is_a_value() {
    for version in ["4.2", "5.2", "7.0", "8.1"] {
        for text in [
            r#"{"_rails":{"message":"NQ==","exp":null,"pur":"serializer"}}"#,
            r#"{"_rails":{"data":5,"pur":"serializer"}}"#,
        ] {
            let mut request = of("open", version, "json");
            request["wire"] = text.into();
            let answer = &answer_to(&request);
            assert_eq!(answer["value"], serde_json::from_str::<Value>(text).unwrap(), "{version}");
        }
    }
}

#[test]
fn bytes_are_written_in_the_serializers_own_format() {
    let mut request = of("seal", "7.1", "json_allow_marshal");
    request["hex"] = "04085b07690a30".into();
    let written = &answer_to(&request);
    assert_eq!(written["payload_b64"], BASE64_STANDARD.encode("[5,null]"));
    let mut request = of("seal", "7.1", "json");
    request["hex"] = "0408690a".into();
    assert_eq!(answer_to(&request)["reason"], "unsupported-serialization");
    let mut request = of("seal", "7.1", "NullSerializer");
    request["value"] = "as it is".into();
    assert_eq!(answer_to(&request)["payload_b64"], BASE64_STANDARD.encode("as it is"));
}
