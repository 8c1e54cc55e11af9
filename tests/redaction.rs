//! No secret, key, plaintext or cookie is shown by `Debug`, and no error shows a byte of its input.

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

#[path = "redaction/edge.rs"]
mod edge;
#[path = "redaction/types.rs"]
mod types;

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Debug;
use std::fs;
use std::path::{Path, PathBuf};

use base64::prelude::*;
use railjar::cookies::{CookieName, RackCookies, SetCookie, SetCookieName, header};
use railjar::entropy::{Buffered, Entropy, EntropyUnavailable};
use railjar::explain::{Candidates, Question, explain};
use railjar::messages::{
    EncryptorOptions, GeneratedSecret, MessageVerifiers, SecretOptions, VerifierOptions,
};
use railjar::rails::{KeyCache, Profile, Rotation, Secrets, Version};
use railjar::value::{Integer, Value};
use railjar::{
    Cipher, Digest, Expected, KeyGenerator, MessageEncryptor, MessageVerifier, Metadata, Scratch,
    Secret, SecretKeyBase, SecretToken, Serializer, Session, Timestamp,
};

use self::types::{Shows, TYPES};

/// The parts of a [`Value`], which are like it.
const VALUES: [&str; 31] = [
    "Becomes",
    "BigDecimal",
    "Body",
    "Bound",
    "Comparison",
    "Complex",
    "Date",
    "DateTime",
    "Decorated",
    "Duration",
    "Encoding",
    "Hash",
    "Integer",
    "JsonLoss",
    "JsonLosses",
    "Label",
    "Links",
    "Module",
    "ModuleKind",
    "Object",
    "ParseBigDecimalError",
    "ParseIntegerError",
    "Range",
    "Rational",
    "Regexp",
    "RubyString",
    "Set",
    "Shared",
    "Symbol",
    "Time",
    "TimeWithZone",
];

#[test]
fn every_public_type_is_listed() {
    let listed: BTreeSet<_> =
        TYPES.iter().map(|(file, name, _)| ((*file).to_owned(), (*name).to_owned())).collect();
    let found: BTreeSet<_> = public_types()
        .into_iter()
        .filter(|(file, name)| !(file.starts_with("value/") && VALUES.contains(&&**name)))
        .collect();
    assert_eq!(found, listed);

    let tested: BTreeSet<_> = silent().into_iter().map(|(name, _)| name).collect();
    let must_be: BTreeSet<_> = TYPES
        .iter()
        .filter(|(_, _, shows)| *shows == Shows::Silent)
        .map(|(_, name, _)| *name)
        .collect();
    assert_eq!(tested, must_be);
}

fn public_types() -> Vec<(String, String)> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut types = Vec::new();
    for file in rust_files(&source) {
        let text = fs::read_to_string(&file).unwrap();
        let file = file.strip_prefix(&source).unwrap().to_str().unwrap().to_owned();
        if file == "fuzzing.rs" {
            continue; // not there but under `--cfg fuzzing`
        }
        for line in text.lines() {
            let Some(rest) = ["pub struct ", "pub enum ", "pub union "]
                .iter()
                .find_map(|keyword| line.trim_start().strip_prefix(keyword))
            else {
                continue;
            };
            let name = rest.split(|char: char| !char.is_alphanumeric() && char != '_').next();
            types.push((file.clone(), name.unwrap().to_owned()));
        }
    }
    types
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let files = files.into_iter().filter(|file| file.extension().is_some_and(|rs| rs == "rs"));
    files.chain(folders.iter().flat_map(|folder| rust_files(folder))).collect()
}

const NOW: Timestamp = Timestamp::from_unix_seconds(1_750_000_000);

/// Not text, so that whatever escapes it is seen too; 32 bytes, so that it fits every cipher.
const SECRET: [u8; 32] = *b"\xf1\x9dSECRET-MARKER-\xc3\x28-of-32-bytes\xfe~";
const PLAIN: &[u8] = br#"{"plain":"PLAINTEXT-MARKER-of-a-user"}"#;
const PARTS: [(&str, &[u8]); 2] = [("secret", &SECRET), ("plaintext", PLAIN)];

fn shown(value: &dyn Debug) -> String {
    format!("{value:?}\n{value:#?}")
}

/// Gives the secret for entropy: what a pool holds must not be seen either.
struct Marked;

impl Entropy for Marked {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyUnavailable> {
        out.iter_mut().zip(SECRET.iter().cycle()).for_each(|(out, byte)| *out = *byte);
        Ok(())
    }
}

/// What each silent type shows when it is full of secrets.
fn silent() -> Vec<(&'static str, String)> {
    let secret = Secret::new(SECRET);
    let base = SecretKeyBase::new(SECRET).unwrap();
    let token = SecretToken::new(SECRET).unwrap();
    let secrets = Secrets::new().secret_key_base(&base).secret_token(&token);
    let rotation = Rotation::new().secret_key_base(&base).keys(&secret, &secret);
    let profile = Profile::new(Version::V7_1).rotate(Rotation::new().secret_key_base(&base));
    let mut key_cache = KeyCache::default();
    let cookies = profile.cookies_with_cache(&secrets, &mut key_cache).unwrap();
    let generator = KeyGenerator::new(secret.clone());
    let verifier = MessageVerifier::new(&secret)
        .digest(Digest::Sha256)
        .rotate(|primary| primary.secret(&secret).digest(Digest::Sha1));
    let encryptors = [Cipher::Aes256Gcm, Cipher::Aes256Cbc].map(|cipher| {
        let encryptor = MessageEncryptor::new(&secret, cipher).unwrap().sign_secret(&secret);
        encryptor.rotate(|primary| primary.secret(&secret, Cipher::Aes256Cbc)).unwrap()
    });

    let metadata = Metadata::none().purpose("login").expires_at(NOW.plus_seconds(1));
    let mut all = vec![
        ("Secret", shown(&secret)),
        ("SecretKeyBase", shown(&base)),
        ("SecretToken", shown(&token)),
        ("Secrets", shown(&secrets)),
        ("Rotation", shown(&rotation)),
        ("DerivedKey", shown(&profile.keys(&secrets).unwrap())),
        ("KeyCache", shown(&key_cache)),
        ("Profile", shown(&profile)),
        ("Profile", shown(&Profile::new(Version::V7_1).rotate(rotation))),
        ("Cookies", shown(&cookies)),
        ("KeyGenerator", shown(&generator)),
        ("MessageVerifier", shown(&verifier)),
        ("MessageEncryptor", shown(&encryptors)),
    ];
    all.extend(other_messages(&profile, &secrets, &base));
    all.extend(edge::edges(&cookies));
    for jar in [cookies.signed("a"), cookies.encrypted("a"), cookies.session("a")] {
        let sealed = jar.seal_payload(PLAIN, None, &mut Marked).unwrap();
        all.push(("Jar", shown(&jar)));
        all.push(("SealedCookie", shown(&sealed)));
        assert!(!shown(&sealed).contains(&sealed.as_str()[..20]), "the cookie itself");
        let header = format!("a={}", sealed.set_cookie_value());
        for pair in header::cookies(header.as_bytes(), RackCookies::SinceRack2_2) {
            all.push(("Pair", shown(&pair)));
            assert!(!shown(&pair).contains(&sealed.as_str()[..20]), "the cookie itself");
        }
        let set_cookie = sealed.set_cookie_pair().unwrap();
        let parsed = SetCookie::parse(set_cookie.as_bytes()).unwrap();
        all.push(("SetCookie", shown(&parsed)));
        assert!(!shown(&parsed).contains(&sealed.as_str()[..20]), "the cookie itself");

        let opened = jar.open(sealed.as_bytes(), NOW).unwrap();
        all.push(("Opened", shown(&opened)));
        all.push(("Authentic", shown(opened.payload())));
        let mut scratch = Scratch::new();
        assert!(jar.open_in(&mut scratch, sealed.as_bytes(), NOW).is_ok());
        all.push(("Scratch", shown(&scratch)));
    }
    let message = verifier.seal_payload(PLAIN, &metadata).unwrap();
    let opened = verifier.open(message.as_bytes(), Expected::Purpose("login"), NOW).unwrap();
    all.push(("Opened", shown(&opened)));
    for encryptor in &encryptors {
        let mut scratch = Scratch::new();
        let sealed =
            encryptor.seal_payload_in(&mut scratch, PLAIN, &metadata, &mut Marked).unwrap();
        let sealed = sealed.to_owned();
        all.push(("Scratch", shown(&scratch)));
        let expected = Expected::Purpose("login");
        let opened = encryptor.open_in(&mut scratch, sealed.as_bytes(), expected, NOW).unwrap();
        all.push(("Opened", shown(&opened)));
    }
    let plain = Value::from("PLAINTEXT-MARKER-of-a-user");
    let mut session = Session::new(&mut Marked).unwrap();
    session.insert("_csrf_token", plain.clone());
    session.insert("warden.user.admin.key", vec![Value::from(vec![plain.clone()]), plain]);
    all.push(("Session", shown(&session)));
    all.push(("WardenUser", shown(&session.warden_users().next().unwrap())));
    let mut buffered = Buffered::new(Marked);
    buffered.fill(&mut [0; 3]).unwrap();
    all.push(("Buffered", shown(&buffered)));
    let candidates = Candidates::new().secrets(&secrets).key(&secret);
    let mut candidates = candidates.app(&Profile::new(Version::V7_1)).unwrap();
    let question = Question::new(&SECRET);
    all.push(("Question", shown(&question)));
    let rotated = Profile::new(Version::V6_1).cookies(&base).unwrap();
    let sealed = rotated.signed("a").seal_payload(PLAIN, None, &mut Marked).unwrap();
    let report = explain(Question::new(sealed.as_bytes()), &mut candidates, NOW);
    all.push(("Candidates", format!("{}{}", shown(&candidates), shown(&report))));
    all
}

/// The same of what reads and writes the messages that are not cookies.
fn other_messages(
    profile: &Profile,
    secrets: &Secrets,
    base: &SecretKeyBase,
) -> Vec<(&'static str, String)> {
    let verifier_options = VerifierOptions::new().secret_key_base(base);
    let encryptor_options = EncryptorOptions::new().secret_key_base(base);
    let mut all = Vec::new();
    let (seen, see) = std::sync::mpsc::channel();
    let verifiers = MessageVerifiers::new(profile, move |_: &str, options: &SecretOptions<'_>| {
        let secret = GeneratedSecret::from(Secret::new(SECRET));
        seen.send([("SecretOptions", shown(options)), ("GeneratedSecret", shown(&secret))])
            .unwrap();
        Ok(secret)
    });
    let verifiers = verifiers.unwrap().rotate(verifier_options.clone());
    assert!(verifiers.get("salt").is_ok());
    all.extend(see.try_iter().flatten());
    // The digits of the key are those of `SECRET`, as they would stand in `master.key`.
    let digits: String = SECRET[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    let token = BASE64_URL_SAFE_NO_PAD.encode(SECRET);
    let session_token = profile.csrf().unwrap().session_token(token.as_bytes()).unwrap();
    all.extend([
        ("VerifierOptions", shown(&verifier_options)),
        ("EncryptorOptions", shown(&encryptor_options)),
        ("RotationCoordinator", shown(&verifiers)),
        ("SignedIds", shown(&profile.signed_ids(secrets).unwrap())),
        ("TokensFor", shown(&profile.tokens_for(secrets).unwrap())),
        ("ActiveStorage", shown(&profile.active_storage(secrets).unwrap())),
        ("SignedGlobalIds", shown(&profile.signed_global_ids(secrets).unwrap())),
        ("EncryptedFile", shown(&profile.encrypted_file(digits.as_bytes()).unwrap())),
        ("SessionToken", shown(&session_token)),
    ]);
    all
}

#[test]
fn debug_shows_no_secret_and_no_plaintext() {
    let salts = ["signed cookie", "encrypted cookie", "authenticated encrypted cookie"];
    let derived = salts.map(|salt| {
        let generator = KeyGenerator::new(Secret::new(SECRET))
            .digest(Digest::Sha256)
            .iterations(railjar::keys::RAILS_ITERATIONS);
        generator.generate_key(salt.as_bytes(), 64).unwrap()
    });
    for (name, shown) in silent() {
        for (what, bytes) in PARTS {
            assert_absent(&shown, bytes, &format!("{name} shows its {what}"));
        }
        for key in &derived {
            assert_absent(&shown, key.expose(), &format!("{name} shows a derived key"));
        }
    }
}

/// Looks for eight bytes of `bytes` in a row, in every spelling that a formatter might choose.
#[track_caller]
fn assert_absent(shown: &str, bytes: &[u8], message: &str) {
    // Lists come one number to a line under `{:#?}`.
    let dense: String = shown.chars().filter(|char| !char.is_whitespace()).collect();
    for run in bytes.windows(8) {
        let joined = |format: fn(&u8) -> String, between: &str| {
            run.iter().map(format).collect::<Vec<_>>().join(between)
        };
        let base64 = base64(run);
        for spelling in [
            String::from_utf8_lossy(run).into_owned(),
            run.escape_ascii().to_string(),
            joined(|byte| format!("{byte:02x}"), ""),
            joined(|byte| format!("{byte:02X}"), ""),
            joined(|byte| format!("{byte}"), ","),
            joined(|byte| format!("0x{byte:02x}"), ","),
            joined(|byte| format!("{byte:x}"), ","),
            joined(|byte| format!("\\x{byte:02x}"), ""),
            joined(|byte| format!("%{byte:02X}"), ""),
            base64[..10].to_owned(),
            base64[..10].replace('+', "-").replace('/', "_"),
        ] {
            let spelling: String = spelling.chars().filter(|char| !char.is_whitespace()).collect();
            assert!(!dense.contains(&spelling), "{message} as {spelling}:\n{shown}");
        }
    }
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits: Vec<u8> =
        bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
    let number = |six: &[u8]| six.iter().fold(0, |number, bit| number << 1 | usize::from(*bit));
    bits.chunks(6).map(|six| char::from(ALPHABET[number(six)])).collect()
}

/// That the search finds what it looks for.
#[test]
fn the_search_is_not_blind() {
    #[derive(Debug)]
    #[allow(dead_code, reason = "only shown")]
    struct Leaky(Vec<u8>);
    let text = "PLAINTEXT";
    let spelled = [
        shown(&Leaky(SECRET.to_vec())),
        shown(&String::from_utf8_lossy(PLAIN)),
        format!("{:x?}", &SECRET[..]),
        format!("{:02X}", SECRET.iter().fold(0_u128, |all, byte| all << 8 | u128::from(*byte))),
        base64(PLAIN),
        format!("{}", PLAIN.escape_ascii()),
        text.to_owned(),
    ];
    for (at, shown) in spelled.iter().enumerate() {
        let found = std::panic::catch_unwind(|| {
            for (_, bytes) in PARTS {
                assert_absent(shown, bytes, "");
            }
        });
        assert!(found.is_err(), "{at}: {shown}");
    }
}

#[test]
fn errors_show_no_byte_of_what_was_wrong() {
    let marker = "INPUT-MARKER";
    let secret = Secret::new(SECRET);
    let verifier = MessageVerifier::new(&secret).serializer(Serializer::ActiveSupportJsonModule);
    let raw = MessageVerifier::new(&secret).serializer(Serializer::Null);
    let encryptor = MessageEncryptor::new(&secret, Cipher::Aes256Gcm).unwrap();
    let cookies = Profile::new(Version::V7_1).cookies(&SecretKeyBase::new(SECRET).unwrap());
    let cookies = cookies.unwrap();

    let mut shown: Vec<String> = Vec::new();
    let mut show = |error: &dyn Error| {
        shown.push(format!("{error} {error:?} {error:#?}"));
        assert!(error.source().is_none());
    };
    // Messages that no key made.
    for message in [
        marker.to_owned(),
        format!("{marker}--{}", "0".repeat(40)),
        format!("{marker}--{}--{}==", "A".repeat(16), "A".repeat(22)),
    ] {
        show(&verifier.open(message.as_bytes(), Expected::NoPurpose, NOW).unwrap_err());
        show(&encryptor.open(message.as_bytes(), Expected::NoPurpose, NOW).unwrap_err());
        show(&cookies.signed(marker).open(message.as_bytes(), NOW).unwrap_err());
        show(&cookies.encrypted(marker).open(message.as_bytes(), NOW).unwrap_err());
    }
    // Authentic, and wrong all the same.
    let text = |text: &str| raw.seal_payload(text.as_bytes(), &Metadata::none()).unwrap();
    for message in [
        text(&format!("\x04\x08{marker}")),
        text(&format!("{{\"_rails\":{{\"message\":\"{marker}!\",\"exp\":null,\"pur\":null}}}}")),
        text(&format!("{{\"_rails\":{{\"message\":\"MQ==\",\"exp\":\"{marker}\",\"pur\":null}}}}")),
        text(&format!("{{\"_rails\":{{\"message\":\"MQ==\",\"exp\":null,\"pur\":\"{marker}\"}}}}")),
        raw.seal_payload(b"1", &Metadata::none().purpose(marker)).unwrap(),
        raw.seal_payload(marker.as_bytes(), &Metadata::none().expires_at(NOW)).unwrap(),
    ] {
        show(&verifier.open(message.as_bytes(), Expected::NoPurpose, NOW).unwrap_err());
    }
    for text in [
        text(&format!("{{\"{marker}\": {marker}")),
        text(&format!("\"{marker}\"")),
        text(&format!("{}{marker}", "[".repeat(200))),
    ] {
        let opened = verifier.open(text.as_bytes(), Expected::NoPurpose, NOW).unwrap();
        show(&opened.deserialize::<u8>().unwrap_err());
        if let Err(error) = opened.to_value() {
            show(&error);
        }
    }
    // Sealing.
    let long = marker.repeat(1000);
    show(&cookies.signed("a").seal(&long, None, &mut Marked).unwrap_err());
    show(&raw.seal(marker, &Metadata::none()).unwrap_err());
    let bytes =
        Value::from(railjar::value::RubyString::from([marker.as_bytes(), &[0xff]].concat()));
    show(&verifier.seal(&bytes, &Metadata::none()).unwrap_err());
    // Settings.
    show(&Digest::from_name(marker).unwrap_err());
    show(&Cipher::from_name(marker).unwrap_err());
    show(&Serializer::from_name(marker).unwrap_err());
    show(&Version::from_name(marker).unwrap_err());
    show(&railjar::rails::SameSite::from_name(marker).unwrap_err());
    show(&SecretToken::new(marker).unwrap_err());
    show(&MessageEncryptor::new(&Secret::new(marker), Cipher::Aes256Gcm).unwrap_err());
    show(&marker.parse::<Integer>().unwrap_err());
    let name = CookieName::new(format!("{marker}[]")).unwrap();
    show(&SetCookieName::Validated.pair(&name, marker.as_bytes()).unwrap_err());

    for shown in shown {
        assert_absent(&shown, marker.as_bytes(), "an error shows its input");
        assert_absent(&shown, &SECRET, "an error shows a secret");
        assert!(!shown.contains("MARKER"), "{shown}");
    }
}

#[test]
fn settings_and_names_are_shown() {
    // The counterpart: what is no secret is there to be read.
    let shown = shown(&Profile::new(Version::V7_1));
    assert!(shown.contains("V7_1") && shown.contains("authenticated encrypted cookie"));
    assert!(format!("{:?}", Metadata::none().purpose("login")).contains("login"));
}
