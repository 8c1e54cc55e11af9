//! The metadata envelope behind the tag: anything may stand there, and what is wrapped comes back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use railjar::envelope::EnvelopeForm;
use railjar::fuzzing::{json_read, unwrap, wrap};
use railjar::rails::{Strictness, Version};
use railjar::serializer::Format;
use railjar::{ContentError, Expected, Metadata, Serializer, Timestamp};
use railjar_fuzz::codecs::{NOW, SERIALIZERS};
use railjar_fuzz::{Input, dialect};

const ALL: [Serializer; 10] = [
    Serializer::Null,
    Serializer::Marshal,
    Serializer::Json,
    Serializer::JsonAllowMarshal,
    Serializer::MessagePack,
    Serializer::MessagePackAllowMarshal,
    Serializer::MarshalModule,
    Serializer::JsonModule,
    Serializer::ActiveSupportJsonModule,
    Serializer::ActiveSupportMessagePackModule,
];

fuzz_target!(|data: &[u8]| {
    let mut input = Input(data);
    let version = input.pick(&Version::ALL);
    let purpose = input.text();
    let expires_at =
        Timestamp::from_unix_millis(i64::from(input.byte()) - 128 + NOW.unix_seconds() * 1000);
    let serializer = input.pick(&ALL);
    let plain = input.rest();

    // Whatever a key's holder may have signed.
    let expectations =
        [Expected::NoPurpose, Expected::Purpose(&purpose), Expected::CookieOrNone(&purpose)];
    for expected in expectations {
        let [strict, as_rails] = [Strictness::Strict, Strictness::AsRails]
            .map(|how| unwrap(plain, &dialect(version, how), serializer, expected, NOW));
        for unwrapped in [&strict, &as_rails].into_iter().flatten() {
            assert!(unwrapped.expires_at.is_none_or(|at| at > NOW));
            assert!(unwrapped.payload.len() <= plain.len());
            match (expected, unwrapped.purpose.as_deref().unwrap_or("")) {
                (_, "") => assert!(!matches!(expected, Expected::Purpose(p) if !p.is_empty())),
                (Expected::Purpose(p), carried) => assert_eq!(carried, p),
                (Expected::CookieOrNone(name), carried) => {
                    assert_eq!(carried.strip_prefix("cookie."), Some(name));
                }
                (_, carried) => panic!("a purpose where none was expected: {carried:?}"),
            }
        }
        if let Ok(unwrapped) = strict {
            assert_eq!(as_rails, Ok(unwrapped), "strict is a part of what Rails takes");
        }
    }

    // What is written comes back.
    if version < Version::V5_2 {
        return;
    }
    let serializer = SERIALIZERS[usize::from(expires_at.subsec_nanos().is_multiple_of(5)) * 4];
    let forms = [EnvelopeForm::Legacy, EnvelopeForm::Serializer];
    for form in &forms[..1 + usize::from(version >= Version::V7_1)] {
        let goes_in_text = *form == EnvelopeForm::Serializer && serializer != Serializer::Null;
        // What a JSON serializer puts between the braces is JSON; and it adds two levels.
        let is_json = json_read(plain)[0].is_ok() && plain.trim_ascii() == plain;
        let deep = plain.iter().filter(|byte| matches!(byte, b'[' | b'{')).count() > 90;
        if goes_in_text && (!is_json || deep) {
            continue;
        }
        let metadata = Metadata::none().purpose(&purpose).expires_at(expires_at);
        for strictness in [Strictness::Strict, Strictness::AsRails] {
            let dialect = dialect(version, strictness);
            let wrapped = wrap(plain, &metadata, *form, &dialect, serializer).expect("in range");
            let back = unwrap(&wrapped, &dialect, serializer, Expected::Purpose(&purpose), NOW);
            match back {
                Err(error) if expires_at <= NOW => assert_eq!(error, ContentError::Expired.into()),
                Err(error) => {
                    let foreign = plain.first().is_some_and(|byte| matches!(byte, 4 | 0xcc));
                    assert!(foreign, "{error}");
                }
                Ok(back) => {
                    assert!(expires_at > NOW);
                    assert_eq!(back.payload, plain);
                    assert_eq!(back.purpose.as_deref(), Some(&*purpose));
                    assert_eq!(back.expires_at, Some(expires_at));
                    assert_ne!(back.form, EnvelopeForm::None);
                    assert!(matches!(
                        back.format,
                        Format::Bytes | Format::Json | Format::Marshal | Format::MessagePack
                    ));
                }
            }
        }
    }
});
