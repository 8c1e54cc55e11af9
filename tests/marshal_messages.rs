//! Every cookie, session and message of the corpus whose value is Marshal: the value is what Rails
//! says it is, and it is written again byte for byte, in its envelope too.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test may"
)]

#[path = "corpus/case.rs"]
#[allow(dead_code, reason = "shared by several suites, each of which uses a part")]
mod case;
#[path = "corpus/subject.rs"]
#[allow(dead_code, reason = "shared by several suites, each of which uses a part")]
mod subject;

use railjar::envelope::EnvelopeForm;
use railjar::rails::{Strictness, Version};
use railjar::serializer::{Format, marshal};
use railjar::value::Value;
use railjar::{Metadata, Opened};

use self::case::{Case, cases};
use self::subject::Subject;

#[derive(Debug, Default, PartialEq)]
struct Counts {
    opened: usize,
    /// Values compared with what Rails read, part by part or by their `inspect`.
    compared: usize,
    inspected: usize,
    own_inspect: usize,
    /// Envelopes inside Marshal, and how many were written again (an encryptor needs Rails' IV).
    envelopes: usize,
    rewritten: usize,
    unreadable: usize,
}

/// What Ruby shows in another way.
const OWN_INSPECT: [&str; 3] = ["userobj", "devise-flash", "twz"];

#[test]
fn every_marshal_value_of_the_corpus_is_read_and_written_again() {
    let mut counts = Counts::default();
    for version in Version::ALL {
        for case in cases(version, &["cookie", "session", "message"]) {
            let Ok(reader) = Subject::reader(&case, Strictness::AsRails) else { continue };
            let Some(wire) = case.wire() else { continue };
            let Ok(opened) = reader.open(&wire, case.purpose.as_deref(), case.now()) else {
                continue;
            };
            if opened.format() == Format::Marshal {
                check(&case, &opened, &mut counts);
            }
        }
    }
    let expected = Counts {
        opened: 2312,
        compared: 1743,
        inspected: 356,
        own_inspect: 70,
        envelopes: 180,
        rewritten: 110,
        unreadable: 27,
    };
    assert_eq!(counts, expected);
}

fn check(case: &Case, opened: &Opened<'_>, counts: &mut Counts) {
    let id = format!("{} {}", case.version, case.id);
    counts.opened += 1;
    let Ok(value) = opened.to_value() else {
        assert!(case.expect != "ok", "{id}: unread");
        counts.unreadable += 1;
        return;
    };
    match (&case.value, &case.value_ruby) {
        _ if case.rails_bug.is_some() || case.expect != "ok" => {}
        (Some(json), _) => {
            assert_eq!(value, Value::from(json.clone()), "{id}");
            counts.compared += 1;
        }
        (None, Some(inspect)) => {
            // A class with an `inspect` of its own; one with addresses; the abbreviation of a zone.
            if OWN_INSPECT.contains(&case.name()) {
                counts.own_inspect += 1;
            } else {
                assert_eq!(value.to_string(), *inspect, "{id}");
                counts.inspected += 1;
            }
        }
        (None, None) => {}
    }
    assert_eq!(marshal::to_vec(&value).unwrap(), opened.payload().as_bytes(), "{id}");

    if opened.envelope() == EnvelopeForm::Serializer {
        counts.envelopes += 1;
        let writer = Subject::writer(case).unwrap();
        let mut metadata = Metadata::none();
        if let Some(purpose) = opened.purpose() {
            metadata = metadata.purpose(purpose);
        }
        if let Some(at) = opened.expires_at() {
            metadata = metadata.expires_at(at);
        }
        if let (Subject::Verifier(_), Some(wire)) = (&writer, case.written()) {
            let payload = opened.payload().as_bytes();
            let sealed = writer.seal_payload(payload, &metadata, None, Vec::new()).unwrap();
            assert_eq!(sealed, wire, "{id}");
            assert_eq!(writer.seal(&value, &metadata, None, Vec::new()).unwrap(), wire, "{id}");
            counts.rewritten += 1;
        }
    }
}
