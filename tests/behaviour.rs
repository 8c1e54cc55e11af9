//! One suite for all codecs: verifier, AES-GCM and AES-CBC, with each digest, key length, alphabet,
//! serializer, metadata form and version. And the same for the cookie jars.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    clippy::fn_params_excessive_bools,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by panicking, and has std"
)]

#[path = "common/codecs.rs"]
#[allow(dead_code, reason = "shared by several suites, each of which uses a part")]
mod codecs;

#[path = "behaviour/jars.rs"]
mod jars;

use codecs::{Codec, Counting, Kind, NOW, Spec, kinds, specs};
use railjar::entropy::{Entropy, EntropyUnavailable};
use railjar::envelope::EnvelopeForm;
use railjar::rails::{Strictness, Version};
use railjar::serializer::Format;
use railjar::{
    ContentError, Digest, Expected, FormatError, Matched, Metadata, OpenError, Opened, Origin,
    Scratch, SealError, Secret, SerializationError, Serializer, Timestamp,
};

/// Reads the same in every dialect of JSON, and is bytes like any other to the null serializer.
const PAYLOAD: &[u8] = br#"{"a":[1,"x",null],"b":{}}"#;

#[track_caller]
fn seal(codec: &Codec, metadata: &Metadata<'_>) -> String {
    codec.seal_payload(PAYLOAD, metadata, &mut Counting(0)).unwrap()
}

/// What two openings must have in common.
fn summary(opened: &Opened<'_>) -> impl PartialEq + std::fmt::Debug + use<> {
    (
        opened.payload().as_bytes().to_vec(),
        opened.format(),
        opened.envelope(),
        opened.purpose().map(String::from),
        opened.expires_at(),
        opened.matched(),
        opened.must_reissue(),
    )
}

fn with_metadata() -> impl Iterator<Item = Spec> {
    specs().into_iter().filter(Spec::has_metadata)
}

/// One spec of each kind, for what does not depend on the rest.
fn one_of_each_kind() -> Vec<Spec> {
    let newest = |spec: &&Spec| spec.version == Version::NEWEST;
    let specs = specs();
    let of = |kind| *specs.iter().filter(newest).find(|spec| spec.kind == kind).unwrap();
    kinds().into_iter().map(of).collect()
}

#[test]
fn what_is_sealed_opens() {
    let mut checked = 0;
    for spec in specs() {
        let codec = spec.build();
        let sealed = seal(&codec, &Metadata::none());
        let opened = codec.open(sealed.as_bytes(), Expected::NoPurpose, NOW).unwrap();
        assert_eq!(opened.payload().as_bytes(), PAYLOAD, "{spec:?}");
        assert_eq!(opened.format(), spec.serializer.format());
        assert_eq!(opened.envelope(), EnvelopeForm::None);
        assert_eq!((opened.purpose(), opened.expires_at()), (None, None));
        assert_eq!((opened.matched(), opened.must_reissue()), (Matched::Primary, false));
        checked += 1;
    }
    assert_eq!(checked, 38 * 5 * 2 * (10 + 5 * 4), "kinds, serializers, strictness; versions");
}

#[test]
fn a_value_is_sealed_as_its_own_payload() {
    let value: serde_json::Value = serde_json::from_slice(PAYLOAD).unwrap();
    for spec in specs() {
        let codec = spec.build();
        let sealed = codec.seal(&value, &Metadata::none(), &mut Counting(0));
        if spec.serializer == Serializer::Null {
            assert_eq!(sealed, Err(SealError::UnsupportedSerializer));
            continue;
        }
        let sealed = sealed.unwrap();
        assert_eq!(sealed, seal(&codec, &Metadata::none()), "{spec:?}");
        let opened = codec.open(sealed.as_bytes(), Expected::NoPurpose, NOW).unwrap();
        assert_eq!(opened.deserialize::<serde_json::Value>().unwrap(), value);
        assert_eq!(opened.to_value().unwrap(), value.clone().into());
    }
}

#[test]
fn metadata_comes_back() {
    let metadata = Metadata::none().purpose("login é \"\\").expires_at(NOW.plus_seconds(1));
    for spec in with_metadata() {
        let codec = spec.build();
        let sealed = seal(&codec, &metadata);
        let expected = Expected::Purpose("login é \"\\");
        let opened = codec.open(sealed.as_bytes(), expected, NOW).unwrap();
        assert_eq!(opened.payload().as_bytes(), PAYLOAD, "{spec:?}");
        assert_eq!(opened.purpose(), Some("login é \"\\"));
        assert_eq!(opened.expires_at(), Some(NOW.plus_seconds(1)));
        let form = match spec.serializer {
            Serializer::Null => EnvelopeForm::Legacy,
            _ => spec.form,
        };
        assert_eq!(opened.envelope(), form);
        assert!(!opened.must_reissue());
    }
}

#[test]
fn each_form_is_read_whichever_is_written() {
    for spec in with_metadata().filter(|spec| spec.version >= Version::V7_1) {
        let sealed = seal(&spec.build(), &Metadata::none().purpose("p"));
        for form in [EnvelopeForm::Legacy, EnvelopeForm::Serializer] {
            let reader = Spec { form, ..spec }.build();
            let opened = reader.open(sealed.as_bytes(), Expected::Purpose("p"), NOW).unwrap();
            assert_eq!(opened.payload().as_bytes(), PAYLOAD);
        }
    }
}

#[test]
fn a_purpose_is_matched_exactly() {
    use ContentError::{MissingMetadata, PurposeMismatch};
    use Expected::{CookieOrNone, NoPurpose, Purpose};

    let later = NOW.plus_seconds(60);
    let none = Metadata::none();
    let table = [
        (none, NoPurpose, Ok(())),
        (none, CookieOrNone("a"), Ok(())),
        (none, Purpose(""), Ok(())),
        (none, Purpose("a"), Err(MissingMetadata)),
        (none.expires_at(later), NoPurpose, Ok(())),
        (none.expires_at(later), CookieOrNone("a"), Ok(())),
        (none.expires_at(later), Purpose("a"), Err(PurposeMismatch)),
        (none.purpose(""), NoPurpose, Ok(())),
        (none.purpose(""), Purpose("a"), Err(PurposeMismatch)),
        (none.purpose("a"), Purpose("a"), Ok(())),
        (none.purpose("a"), NoPurpose, Err(PurposeMismatch)),
        (none.purpose("a"), Purpose("A"), Err(PurposeMismatch)),
        (none.purpose("a"), Purpose("ab"), Err(PurposeMismatch)),
        (none.purpose("ab"), Purpose("a"), Err(PurposeMismatch)),
        (none.purpose("a"), CookieOrNone("a"), Err(PurposeMismatch)),
        (none.purpose("cookie.a"), CookieOrNone("a"), Ok(())),
        (none.purpose("cookie.a"), Purpose("cookie.a"), Ok(())),
        (none.purpose("cookie.a"), CookieOrNone("b"), Err(PurposeMismatch)),
        (none.purpose("cookie.ab"), CookieOrNone("a"), Err(PurposeMismatch)),
        (none.purpose("null"), NoPurpose, Err(PurposeMismatch)),
    ];
    for spec in with_metadata() {
        let codec = spec.build();
        for (metadata, expected, answer) in table {
            let sealed = seal(&codec, &metadata);
            let opened = codec.open(sealed.as_bytes(), expected, NOW).map(|_| ());
            assert_eq!(opened, answer.map_err(Into::into), "{spec:?} {metadata:?} {expected:?}");
        }
    }
}

#[test]
fn a_message_expires_at_its_instant() {
    let millis = |millis: i64| Timestamp::from_unix_millis(1_750_000_000_000 + millis);
    let nano = |seconds: i64, nanos| Timestamp::from_unix(1_750_000_000 + seconds, nanos).unwrap();
    // The expiry as it is given, the clock, whether it opens.
    let table = [
        (millis(0), millis(-1), true),
        (millis(0), nano(-1, 999_999_999), true),
        (millis(0), millis(0), false),
        (millis(0), millis(1), false),
        (millis(0), millis(86_400_000), false),
        (millis(123), millis(122), true),
        (millis(123), nano(0, 122_999_999), true),
        (millis(123), millis(123), false),
        // Written with milliseconds, the rest dropped.
        (nano(0, 123_999_999), millis(122), true),
        (nano(0, 123_999_999), millis(123), false),
        (nano(0, 999_999), nano(-1, 999_999_999), true),
        (nano(0, 999_999), millis(0), false),
    ];
    for spec in with_metadata() {
        let codec = spec.build();
        for (expires_at, now, opens) in table {
            let sealed = seal(&codec, &Metadata::none().expires_at(expires_at));
            let opened = codec.open(sealed.as_bytes(), Expected::NoPurpose, now).map(|_| ());
            let answer = if opens { Ok(()) } else { Err(ContentError::Expired.into()) };
            assert_eq!(opened, answer, "{spec:?} {expires_at} {now}");
        }
    }
}

#[test]
fn an_expiry_that_iso8601_cannot_say_is_not_written() {
    let year_0 = Timestamp::parse("0000-01-01T00:00:00Z").unwrap();
    let year_9999 = Timestamp::parse("9999-12-31T23:59:59.999Z").unwrap();
    for spec in one_of_each_kind() {
        let codec = spec.build();
        let sealed =
            |at| codec.seal_payload(b"1", &Metadata::none().expires_at(at), &mut Counting(0));
        let opened = sealed(year_9999).unwrap();
        assert!(codec.open(opened.as_bytes(), Expected::NoPurpose, NOW).is_ok());
        assert!(sealed(year_0).is_ok());
        for at in [year_0.plus_seconds(-1), year_9999.plus_seconds(1)] {
            assert_eq!(sealed(at), Err(SealError::ExpiryOutOfRange), "{at}");
        }
    }
}

/// Wrong purpose and expiry are final, however many rotations follow; a wrong key is not.
#[test]
fn only_a_wrong_key_falls_to_the_rotations() {
    for spec in with_metadata() {
        let old = Spec { key: 2, ..spec };
        // The second rotation could open what the first refuses: without metadata's expiry and
        // purpose being final it would.
        let codec = spec.build_with(&[old, spec]);
        let login = Metadata::none().purpose("login");
        for writer in [spec, old] {
            let sealed = seal(&writer.build(), &login);
            let wrong = codec.open(sealed.as_bytes(), Expected::Purpose("admin"), NOW);
            assert_eq!(wrong.unwrap_err(), ContentError::PurposeMismatch.into(), "{spec:?}");
            let right = codec.open(sealed.as_bytes(), Expected::Purpose("login"), NOW).unwrap();
            let matched = match writer.key {
                1 => Matched::Primary,
                _ => Matched::Rotation { index: 0, origin: Origin::Configured },
            };
            assert_eq!(right.matched(), matched);
            assert_eq!(right.must_reissue(), matched.is_rotation());

            let sealed = seal(&writer.build(), &login.expires_at(NOW));
            let expired = codec.open(sealed.as_bytes(), Expected::Purpose("admin"), NOW);
            assert_eq!(expired.unwrap_err(), ContentError::Expired.into());
        }
        let strange = seal(&Spec { key: 3, ..spec }.build(), &login);
        assert_eq!(
            codec.open(strange.as_bytes(), Expected::Purpose("login"), NOW).unwrap_err(),
            FormatError::BadSignature.into()
        );
    }
}

/// Every verifier reads what every other wrote, and says by which rotation; so does every encryptor.
#[test]
fn rotations_are_tried_in_order() {
    let all = one_of_each_kind();
    let (signed, encrypted): (Vec<_>, Vec<_>) = all.into_iter().partition(Spec::is_signed);
    for group in [signed, encrypted] {
        for primary in &group {
            // Each twice: the first of two alike must be the one that answers.
            let twice: Vec<_> = group.iter().chain(&group).copied().collect();
            let codec = primary.build_with(&twice);
            for (index, writer) in group.iter().enumerate() {
                let opened = codec
                    .open(
                        seal(&writer.build(), &Metadata::none()).as_bytes(),
                        Expected::NoPurpose,
                        NOW,
                    )
                    .unwrap();
                let same_key = |spec: &Spec| spec.kind == writer.kind;
                let matched = if same_key(primary) {
                    Matched::Primary
                } else {
                    let first = group.iter().position(same_key).unwrap();
                    assert!(first <= index);
                    Matched::Rotation { index: first, origin: Origin::Configured }
                };
                assert_eq!(opened.matched(), matched, "{primary:?} {writer:?}");
                assert_eq!(opened.must_reissue(), matched.is_rotation());
                assert_eq!(opened.payload().as_bytes(), PAYLOAD);
            }
        }
    }
}

#[test]
fn a_rotation_inherits_what_it_does_not_change() {
    let old = Secret::new([9; 32]);
    for version in Version::ALL.into_iter().filter(|version| *version >= Version::V5_2) {
        let rules = version.dialect().strict().messages();
        let secret = Secret::new([1; 32]);
        let verifier = railjar::MessageVerifier::with_rules(&secret, rules)
            .digest(Digest::Sha512)
            .serializer(Serializer::Null);
        let before = verifier.clone().secret(&old).seal_payload(b"raw", &Metadata::none()).unwrap();
        let rotated = verifier.rotate(|primary| primary.secret(&old));
        let opened = rotated.open(before.as_bytes(), Expected::NoPurpose, NOW).unwrap();
        assert_eq!((opened.payload().as_bytes(), opened.format()), (&b"raw"[..], Format::Bytes));
    }
}

/// A list of AES-GCM keys shares one decoding of the message; it must survive each failure.
#[test]
fn a_long_list_of_one_shape_finds_the_last_key() {
    for spec in one_of_each_kind() {
        let list: Vec<_> = (2..=16).map(|key| Spec { key, ..spec }).collect();
        let codec = spec.build_with(&list);
        for (index, writer) in list.iter().enumerate() {
            let sealed = seal(&writer.build(), &Metadata::none().purpose("p"));
            let opened = codec.open(sealed.as_bytes(), Expected::Purpose("p"), NOW).unwrap();
            let matched = Matched::Rotation { index, origin: Origin::Configured };
            assert_eq!((opened.matched(), opened.payload().as_bytes()), (matched, PAYLOAD));
        }
    }
}

/// Passed over as no envelope, its expiry would not count and its purpose would bind nothing.
#[test]
fn an_envelope_that_only_leniency_reads_is_refused_by_the_strict() {
    let expired = r#"{"_rails":{"message":"MQ==","exp":"2001-01-01T00:00:00.000Z","pur":null}}"#;
    let expired = expired.replace(r#""exp""#, r#"/**/"exp""#);
    for spec in with_metadata().filter(|spec| spec.alphabet == codecs::Alphabet::Standard) {
        let raw = Spec { serializer: Serializer::Null, ..spec }.build();
        let sealed =
            raw.seal_payload(expired.as_bytes(), &Metadata::none(), &mut Counting(0)).unwrap();
        let refusal = match spec.strictness {
            Strictness::Strict => ContentError::MalformedMetadata,
            Strictness::AsRails => ContentError::Expired,
        };
        let opened = spec.build().open(sealed.as_bytes(), Expected::NoPurpose, NOW);
        assert_eq!(opened.unwrap_err(), refusal.into(), "{spec:?}");
    }
}

/// The right key with a serializer that does not read the format: the next recipe is asked, as in
/// Rails, and the primary's refusal is reported when none reads it.
#[test]
fn an_unread_format_falls_to_the_rotations() {
    let marshal = b"\x04\x08i\x06";
    for spec in one_of_each_kind() {
        let strict = Spec { serializer: Serializer::JsonModule, ..spec };
        let raw = Spec { serializer: Serializer::Null, ..spec };
        let sealed =
            raw.build().seal_payload(marshal, &Metadata::none(), &mut Counting(0)).unwrap();
        let open = |codec: Codec| codec.open(sealed.as_bytes(), Expected::NoPurpose, NOW);
        let unsupported = OpenError::Serialization(SerializationError::Unsupported);
        assert_eq!(open(strict.build()).unwrap_err(), unsupported, "{spec:?}");
        let other = Spec { key: 2, ..strict };
        assert_eq!(open(strict.build_with(&[other])).unwrap_err(), unsupported);
        let opened = open(strict.build_with(&[other, raw])).unwrap();
        assert_eq!(opened.matched(), Matched::Rotation { index: 1, origin: Origin::Configured });
        assert_eq!(opened.payload().as_bytes(), marshal);
    }
}

#[test]
fn the_same_entropy_gives_the_same_message() {
    let metadata = Metadata::none().purpose("p").expires_at(NOW);
    let mut scratch = Scratch::new();
    for spec in specs() {
        let codec = spec.build();
        let sealed = |start| codec.seal_payload(PAYLOAD, &metadata, &mut Counting(start)).unwrap();
        assert_eq!(sealed(7), sealed(7), "{spec:?}");
        assert_eq!(sealed(7) == sealed(8), spec.is_signed());
        let again = codec
            .seal_payload_in(&mut scratch, PAYLOAD, &metadata, &mut Counting(7))
            .map(String::from);
        assert_eq!(again.unwrap(), sealed(7), "in buffers that another codec used");
    }
}

/// Fails, but not before it has written something.
struct Failing;

impl Entropy for Failing {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyUnavailable> {
        out.fill(0x55);
        Err(EntropyUnavailable)
    }
}

#[test]
fn without_entropy_nothing_is_encrypted() {
    for spec in one_of_each_kind() {
        let sealed = spec.build().seal_payload(PAYLOAD, &Metadata::none(), &mut Failing);
        match spec.kind {
            Kind::Signed(_) => assert!(sealed.is_ok(), "signing draws none"),
            Kind::Gcm(_) | Kind::Cbc(..) => assert_eq!(sealed, Err(SealError::Entropy)),
        }
    }
}

/// Long, then short; good, then failing; one codec's, then another's: through one `Scratch`, every
/// answer is what a fresh one gives.
#[test]
fn nothing_stays_in_the_buffers() {
    let long = vec![b'x'; 10_000];
    let long_purpose = "p".repeat(5_000);
    let mut scratch = Scratch::new();
    let mut compared = 0;
    let newest = |spec: &Spec| spec.version == Version::NEWEST || spec.version == Version::V6_1;
    for spec in specs().into_iter().filter(newest) {
        let codec = spec.build_with(&[Spec { key: 2, ..spec }]);
        let old = Spec { key: 2, ..spec }.build();
        let strange = Spec { key: 3, ..spec }.build();
        let raw = |codec: &Codec, payload: &[u8], metadata: &Metadata<'_>| {
            codec.seal_payload(payload, metadata, &mut Counting(3)).unwrap()
        };
        let quoted = [b"\"", &long[..], b"\""].concat();
        let purpose = Metadata::none().purpose("p");
        let messages = [
            raw(&codec, &quoted, &Metadata::none().purpose(&long_purpose)),
            raw(&codec, b"1", &purpose),
            raw(&strange, &quoted, &purpose),
            raw(&old, b"22", &purpose.expires_at(NOW.plus_seconds(1))),
            raw(&codec, &quoted, &purpose),
            raw(&codec, b"1", &purpose.expires_at(NOW)),
            raw(&old, b"\"a\"", &Metadata::none()),
            String::from("YWJj--YWJj--YWJj"),
            raw(&codec, b"[]", &Metadata::none()),
            String::new(),
        ];
        for message in &messages {
            for expected in [Expected::NoPurpose, Expected::Purpose("p")] {
                let fresh = codec.open(message.as_bytes(), expected, NOW);
                let reused = codec.open_in(&mut scratch, message.as_bytes(), expected, NOW);
                let fresh = fresh.as_ref().map(summary).map_err(|error| *error);
                let reused = reused.as_ref().map(summary).map_err(|error| *error);
                assert!(fresh == reused, "{spec:?}\n{fresh:?}\n{reused:?}");
                compared += 1;
            }
        }
    }
    assert!(compared > 10_000);
}

#[test]
fn a_url_safe_message_is_url_safe() {
    for spec in specs().into_iter().filter(|spec| spec.alphabet == codecs::Alphabet::UrlSafe) {
        let sealed = seal(&spec.build(), &Metadata::none().purpose("p"));
        let safe = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        assert!(sealed.bytes().all(safe), "{spec:?} {sealed}");
    }
}
