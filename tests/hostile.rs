//! What strangers send: each message that is known to crash another library, against every codec
//! and jar; and a mebibyte, then four, in every field.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by panicking, and has std"
)]

#[path = "common/codecs.rs"]
#[allow(dead_code, reason = "shared by several suites, each of which uses a part")]
mod codecs;

#[path = "hostile/size.rs"]
mod size;

use std::hint::black_box;

use codecs::{Kind, NOW, STRICTNESS, SignKey, Spec, apps, specs};
use railjar::cookies::{RackCookies, SetCookie, header};
use railjar::envelope::EnvelopeForm;
use railjar::rails::{Strictness, Version};
use railjar::{
    Digest, Expected, FormatError, MessageVerifier, Metadata, OpenError, Scratch, Secret,
    Serializer,
};

/// Every codec, but for what is behind the tag, which nothing here gets past.
fn some_specs() -> impl Iterator<Item = Spec> {
    let bare = |spec: &Spec| {
        spec.form == EnvelopeForm::Legacy
            && matches!(spec.serializer, Serializer::Json | Serializer::Null)
    };
    specs().into_iter().filter(bare)
}

/// Messages that make some library that reads Rails cookies panic, abort or index out of bounds, or
/// that it accepts; and their neighbours.
fn crashers() -> Vec<Vec<u8>> {
    let hex = |length: usize| "0123456789abcdef".repeat(8)[..length].to_owned();
    let mut crashers: Vec<Vec<u8>> = [
        // message_verifier 2.0
        "a--00",
        "YWJj--00",
        "YQ==--",
        "AA==--AA==--AA==",
        "YWJj--YWJj--YWJj",
        // rails-cookie-parser 0.1 and axum-rails-cookie 0.1
        "----",
        "------",
        // sixteen bytes from any stranger
        "0123456789abcdef",
        "AAAAAAAAAAAAAAAA",
        // empty parts
        "",
        "-",
        "--",
        "---",
        "-----",
        "a",
        "a-",
        "a--",
        "--a",
        "a----",
        "--a--",
        "----a",
        "a--b--c--d--e--f",
        // AES-GCM: an IV that is not of 12 bytes, a tag that is not of 16
        "AAAA--AAAAAAAAAAAAAAA=--AAAAAAAAAAAAAAAAAAAAAA==",
        "AAAA--AAAAAAAAAAAAAAAAAA==--AAAAAAAAAAAAAAAAAAAAAA==",
        "AAAA--AAAAAAAAAAAAAAAAAAAAAA==--AAAAAAAAAAAAAAAAAAAAAA==",
        "AAAA----AAAAAAAAAAAAAAAAAAAAAA==",
        "AAAA--AAAAAAAAAAAAAAAA--",
        "AAAA--AAAAAAAAAAAAAAAA--AAAAAA==",
        "AAAA--AAAAAAAAAAAAAAAA--AAAAAAAAAAAAAAAAAAAA",
        "AAAA--AAAAAAAAAAAAAAAA--AAAAAAAAAAAAAAAAAAAAAAA=",
        "AAAA--AAAAAAAAAAAAAAAA--AAAAAAAAAAAAAAAAAAAAAA",
        "--AAAAAAAAAAAAAAAA--AAAAAAAAAAAAAAAAAAAAAA==",
        // still percent-encoded, or with the + already lost
        "AAAA--AAAAAAAAAAAAAAAA--AAAAAAAAAAAAAAAAAAAAAA%3D%3D",
        "AAAA--AAAA AAAAAAAAAAA--AAAAAAAAAAAAAAAAAAAAAA==",
        "A AA--0123456789abcdef0123456789abcdef01234567",
        "\u{0}--\u{0}--\u{0}",
        "Bearer x",
        "{\"_rails\":{\"message\":\"MQ==\",\"exp\":null,\"pur\":null}}",
    ]
    .map(|text| text.as_bytes().to_vec())
    .into();
    // A digest of every length, of the right alphabet and not: 32 to 128 are those of MD5 to SHA512.
    for length in [1, 2, 31, 32, 33, 39, 40, 41, 63, 64, 65, 96, 127, 128, 129] {
        let digits = hex(length.min(128));
        crashers.push(format!("YWJj--{digits}").into());
        crashers.push(format!("YWJj--{}", digits.to_uppercase()).into());
        crashers.push(format!("YWJj--{}", "é".repeat(length / 2)).into());
        crashers.push(format!("--{digits}").into());
        crashers.push(format!("YWJj----{digits}").into());
        crashers.push(digits.into());
    }
    // The inside of a character where a cut is due, and no characters at all.
    for length in 0..70 {
        crashers.push(["é".as_bytes(), &vec![b'A'; length]].concat());
        crashers.push([&vec![b'A'; length], "é--".as_bytes(), &[b'b'; 40]].concat());
        crashers.push(vec![0xff; length]);
    }
    crashers.push(b"\xff\xfe--\x80\x80--\xc3".to_vec());
    crashers.push((0..=255).collect());
    crashers
}

#[test]
fn crashers_are_refused_by_every_codec() {
    let crashers = crashers();
    let mut scratch = Scratch::new();
    for spec in some_specs() {
        let codec = spec.build();
        for message in &crashers {
            let opened = codec.open_in(&mut scratch, message, Expected::NoPurpose, NOW).map(|_| ());
            let refused = matches!(opened, Err(OpenError::Format(_)));
            assert!(refused, "{spec:?} {} {opened:?}", message.escape_ascii());
        }
    }
}

#[test]
fn crashers_are_refused_by_every_jar() {
    let crashers = crashers();
    for app in apps() {
        for message in &crashers {
            for jar in
                [app.cookies.signed("a"), app.cookies.encrypted("a"), app.cookies.session("a")]
            {
                let opened = jar.open(message, NOW).map(|_| ());
                let refused = matches!(opened, Err(OpenError::Format(_)));
                assert!(refused, "{app:?} {} {opened:?}", message.escape_ascii());
            }
            for rules in [RackCookies::UpToRack2_0, RackCookies::Rack2_1, RackCookies::SinceRack2_2]
            {
                let _ = black_box(header::find(message, b"a", rules));
            }
            let _ =
                black_box(SetCookie::parse(message).map(|cookie| cookie.replace_value(message)));
        }
    }
}

/// Inside a right signature: what only someone with half the keys could send to an AES-CBC reader.
/// Bad padding, bad base64 and bad lengths are one answer.
#[test]
fn the_inside_of_a_cbc_message_is_not_trusted_either() {
    let insides: Vec<Vec<u8>> = [
        "YWJj--YWJj".into(),
        "--".into(),
        "----".into(),
        "A".into(),
        "AAAA--AAAAAAAAAAAAAAAAAAAAAA==".into(), // not whole blocks
        "--AAAAAAAAAAAAAAAAAAAAAA==".into(),     // no block
        format!("{}--{}", "A".repeat(64), "A".repeat(16)), // an IV of 12 bytes
        format!("{}--{}==", "A".repeat(64), "A".repeat(22)), // padding that is none
        format!("{}--{}A==", "A".repeat(64), "A".repeat(22)),
        format!("{}!--{}==", "A".repeat(63), "A".repeat(22)),
        format!("{}é--{}==", "A".repeat(62), "A".repeat(22)),
    ]
    .map(String::into_bytes)
    .into_iter()
    .chain(crashers().into_iter().filter(|crasher| !crasher.is_empty()))
    .collect();
    for spec in some_specs() {
        let Kind::Cbc(cipher, digest, sign) = spec.kind else { continue };
        let digest = if spec.version <= Version::V4_1 { Digest::Sha1 } else { digest };
        let sign_key = match sign {
            SignKey::Same => vec![spec.key; cipher.key_len()],
            SignKey::Separate => vec![spec.key ^ 0x80; 64],
        };
        let mut signer = MessageVerifier::new(&Secret::new(sign_key))
            .digest(digest)
            .serializer(Serializer::Null);
        if spec.alphabet == codecs::Alphabet::UrlSafe {
            signer = signer.url_safe();
        }
        let codec = spec.build();
        for inside in &insides {
            let message = signer.seal_payload(inside, &Metadata::none()).unwrap();
            let opened = codec.open(message.as_bytes(), Expected::NoPurpose, NOW).map(|_| ());
            let refusal = Err(OpenError::Format(FormatError::BadSignature));
            assert_eq!(opened, refusal, "{spec:?} {}", inside.escape_ascii());
        }
    }
}

/// Behind the right key: what a leaked one could have signed.
#[test]
fn authentic_bytes_are_not_trusted_either() {
    let deep = "[".repeat(200_000);
    let payloads: Vec<Vec<u8>> = [
        b"\x04\x08[\x04\xff\xff\xff\x7f".to_vec(),
        b"\x04\x08\"\x04\xff\xff\xff\x7f".to_vec(),
        b"\x04\x08[\xfa".to_vec(),
        b"\x04\x08@\x06".to_vec(),
        b"\x04\x08".to_vec(),
        b"\x04".to_vec(),
        [&b"\x04\x08"[..], &b"[\x06".repeat(200_000)].concat(),
        b"\xcc\x80\xdd\xff\xff\xff\xff".to_vec(),
        [&b"\xcc\x80"[..], &[0x91; 200_000]].concat(),
        deep.clone().into(),
        format!("{{\"_rails\":{deep}").into(),
        format!("{{\"_rails\":{{\"message\":{deep}").into(),
        "{\"a\":".repeat(200_000).into(),
        b"{\"_rails\":null}".to_vec(),
        b"{\"_rails\":[]}".to_vec(),
        b"{\"_rails\":{\"message\":null}}".to_vec(),
        b"{\"_rails\":{\"message\":\"MQ==\",\"exp\":\"\",\"pur\":\"\"}}".to_vec(),
        b"{\"_rails\":{\"message\":\"MQ==\",\"exp\":\"2090-13-45T99:99:99Z\",\"pur\":null}}"
            .to_vec(),
        b"{\"_rails\":{\"message\":\"MQ==\",\"exp\":\"-\",\"pur\":null}}".to_vec(),
        b"{\"_rails\":{\"data\":1,\"exp\":1e999}}".to_vec(),
        b"\xff\xfe\xfd".to_vec(),
        b"\"\\ud800\"".to_vec(),
        b"1e999999999999".to_vec(),
        b"-".to_vec(),
        vec![b'/'; 3],
        b"/*".to_vec(),
    ]
    .into();
    for version in [Version::V3_2, Version::V5_2, Version::V6_1, Version::V7_1, Version::NEWEST] {
        for strictness in STRICTNESS {
            for serializer in ALL_SERIALIZERS {
                for payload in &payloads {
                    let rules = match strictness {
                        Strictness::Strict => version.dialect().strict().messages(),
                        Strictness::AsRails => version.dialect().messages(),
                    };
                    let verifier = MessageVerifier::with_rules(&Secret::new(*b"k"), rules);
                    let writer = verifier.clone().serializer(Serializer::Null);
                    let reader = verifier.serializer(serializer);
                    let sealed = writer.seal_payload(payload, &Metadata::none()).unwrap();
                    for expected in [Expected::NoPurpose, Expected::CookieOrNone("a")] {
                        let Ok(opened) = reader.open(sealed.as_bytes(), expected, NOW) else {
                            continue;
                        };
                        let _ = black_box(opened.to_value());
                        let _ = black_box(opened.deserialize::<serde_json::Value>());
                        let _ = black_box(format!("{opened:?}"));
                    }
                }
            }
        }
    }
}

const ALL_SERIALIZERS: [Serializer; 10] = [
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
