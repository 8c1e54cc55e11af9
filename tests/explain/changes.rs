//! What an app is told to change, and what is said of envelopes: each answer is put to the app.

use railjar::entropy::SystemEntropy;
use railjar::explain::{Candidates, Cause, Change, KeySource, Question, Report, UsedFor, explain};
use railjar::rails::{CookieKind, Profile, Version};
use railjar::{
    Cipher, Digest, Expected, KeyGenerator, MessageVerifier, Metadata, Secret, SecretKeyBase,
    Serializer, Timestamp,
};

const NOW: Timestamp = Timestamp::from_unix_seconds(1_750_000_000);

fn base(text: &str) -> SecretKeyBase {
    SecretKeyBase::new(text).unwrap()
}

/// A cookie named `s`, as `writer` writes it.
fn sealed(writer: &Profile, secret: &SecretKeyBase, kind: CookieKind) -> String {
    let cookies = writer.cookies(secret).unwrap();
    let jar = match kind {
        CookieKind::Signed => cookies.signed("s"),
        CookieKind::Encrypted => cookies.encrypted("s"),
    };
    jar.seal(&("ada", 42), None, &mut SystemEntropy).unwrap().as_str().to_owned()
}

fn ask(wire: &str, reader: &Profile, secrets: &[&SecretKeyBase]) -> Report {
    let candidates = Candidates::new();
    let candidates = secrets.iter().fold(candidates, |all, it| all.secret_key_base(it));
    let mut candidates = candidates.app(reader).unwrap();
    explain(Question::new(wire.as_bytes()).cookie("s"), &mut candidates, NOW)
}

#[test]
fn every_setting_that_differs_is_found_and_its_rotation_opens() {
    let (new, old) = (&base("this year's"), &base("last year's"));
    let today = Profile::new(Version::V7_1);
    let thousand = std::num::NonZeroU32::new(65_536).unwrap();
    let salted = Profile::new(Version::V7_1).signed_cookie_salt("pepper");
    for (writer, secret, kind, cause) in [
        (Profile::new(Version::V6_1), new, CookieKind::Signed, "other-key-digest"),
        (Profile::new(Version::V6_1), new, CookieKind::Encrypted, "other-key-digest"),
        (today.clone(), old, CookieKind::Encrypted, "other-secret"),
        (today.clone(), old, CookieKind::Signed, "other-secret"),
        (
            today.clone().signed_cookie_digest(Digest::Sha256),
            new,
            CookieKind::Signed,
            "other-digest",
        ),
        (
            today.clone().encrypted_cookie_cipher(Cipher::Aes128Gcm),
            new,
            CookieKind::Encrypted,
            "other-cipher",
        ),
        (
            today.clone().key_generator_iterations(thousand),
            new,
            CookieKind::Signed,
            "other-iterations",
        ),
        (Profile::new(Version::V6_1), old, CookieKind::Signed, "other-recipe"),
        (Profile::new(Version::V5_1), new, CookieKind::Encrypted, "other-key-digest"),
    ] {
        let writer = writer.cookies_serializer(Serializer::Json);
        let wire = sealed(&writer, secret, kind);
        let report = ask(&wire, &today, &[new, old]);
        let found = report.cause.as_ref().map(Cause::name);
        assert_eq!(found, Some(cause));
        let Some(Change::Rotate { jar, rotation, ruby, .. }) = report.change else {
            panic!("{cause}: {:?}", report.change);
        };
        assert_eq!(jar, kind);
        assert!(ruby.unwrap().contains("cookies_rotations.rotate"), "{cause}");
        let report = ask(&wire, &today.clone().rotate(*rotation), &[new, old]);
        assert_eq!(report.cause, None, "{cause}");
    }
    // A salt that only the reader has is not to be found elsewhere, and its own is.
    let wire = sealed(&salted, new, CookieKind::Signed);
    assert_eq!(ask(&wire, &today, &[new]).cause, Some(Cause::NoKeyFits));
    assert_eq!(ask(&wire, &salted, &[new]).cause, None);
    let report = ask(&sealed(&today, new, CookieKind::Signed), &salted, &[new]);
    assert_eq!(report.cause, Some(Cause::OtherSalt { salt: "signed cookie".into() }));
}

#[test]
fn marshal_is_read_by_the_serializer_that_is_named() {
    let secret = &base("secret");
    let writer = Profile::new(Version::V7_1).cookies_serializer(Serializer::Marshal);
    let wire = sealed(&writer, secret, CookieKind::Encrypted);
    for (version, name) in [(Version::V7_0, ":hybrid"), (Version::V7_1, ":json_allow_marshal")] {
        let report = ask(&wire, &Profile::new(version), &[secret]);
        assert_eq!(report.cause.map(|cause| cause.name()), Some("serializer-not-allowed"));
        assert!(report.change.unwrap().ruby().unwrap().contains(name));
    }
}

#[test]
fn two_things_that_are_wrong_are_told_apart() {
    let (secret, today) = (&base("secret"), Profile::new(Version::V7_1));
    let wire = sealed(&Profile::new(Version::V6_1), secret, CookieKind::Signed);
    let report = ask(&wire, &today, &[secret]);
    assert_eq!(report.cause, Some(Cause::OtherKeyDigest { digest: Digest::Sha1 }));
    assert_eq!(report.then.map(|then| then.name()), Some("serializer-not-allowed"));
    let Some(Change::Rotate { rotation, serializer, .. }) = report.change else { panic!() };
    let changed = today.rotate(*rotation).cookies_serializer(serializer.unwrap());
    assert_eq!(ask(&wire, &changed, &[secret]).cause, None);
}

#[test]
fn what_was_made_for_something_else_says_so() {
    let secret = &base("secret");
    let app = Profile::new(Version::V7_1);
    let question = |wire: &'static str| Question::new(wire.as_bytes());
    let mut candidates =
        Candidates::new().secret_key_base(secret).name("unsubscribe").app(&app).unwrap();
    let verifier = app.message_verifier(secret, "unsubscribe").unwrap();
    let wire = verifier.seal(&1, &Metadata::none()).unwrap().leak();
    let report = explain(question(wire).cookie("s"), &mut candidates, NOW);
    let named = UsedFor::Named("unsubscribe".into());
    assert_eq!(report.cause, Some(Cause::OtherUse { used_for: named }));

    let signed: &str = sealed(&app, secret, CookieKind::Signed).leak();
    let in_the_other = question(signed).cookie("s").jar(CookieKind::Encrypted);
    let report = explain(in_the_other, &mut candidates, NOW);
    assert_eq!(report.cause, Some(Cause::OtherJar { jar: CookieKind::Signed }));
    let report = explain(question(signed).cookie("t"), &mut candidates, NOW);
    assert_eq!(report.cause, Some(Cause::OtherCookieName { name: "s".into() }));

    // A slow key is found too: a generator that was not told its iterations.
    let slow = KeyGenerator::new(Secret::new(*b"secret")).digest(Digest::Sha256);
    let key = slow.generate_key(b"unsubscribe", 64).unwrap();
    let wire = MessageVerifier::new(&key).seal(&1, &Metadata::none()).unwrap();
    let question = Question::new(wire.as_bytes()).message(Expected::NoPurpose);
    let mut candidates = Candidates::new().secret_key_base(secret).name("unsubscribe");
    let found = explain(question, &mut candidates, NOW).found.unwrap();
    assert!(
        matches!(found.recipe.key, KeySource::Derived { iterations, .. } if iterations.get() == 65_536)
    );
}

#[test]
fn envelopes_that_are_taken_for_values_are_seen() {
    let secret = &base("secret");
    let write = |profile: &Profile, payload: &str| {
        let cookies = profile.cookies(secret).unwrap();
        let sealed = cookies.signed("s").seal_payload(payload.as_bytes(), None, &mut SystemEntropy);
        sealed.unwrap().as_str().to_owned()
    };
    let app = Profile::new(Version::V7_1);
    let plain = app.clone().use_cookies_with_metadata(false);
    let envelope = r#"{"_rails":{"message":"MQ==","exp":null,"pur":"cookie.s"}}"#;
    let sorted = r#"{"_rails":{"exp":null,"message":"MQ==","pur":"cookie.s"}}"#;
    let newer = r#"{"_rails":{"data":1,"pur":"cookie.s"}}"#;
    for (writer, payload, reader, cause) in [
        (&plain, envelope, &app, None),
        (&app, envelope, &app, Some(Cause::DoubleWrapped)),
        (&plain, sorted, &app, Some(Cause::ForeignEnvelope)),
        (&plain, "[1/* one */]", &app, Some(Cause::OnlyLeniency)),
        (&plain, newer, &Profile::new(Version::V7_0), Some(Cause::NewerEnvelope)),
    ] {
        let report = ask(&write(writer, payload), reader, &[secret]);
        assert_eq!(report.cause, cause, "{payload}");
    }
}
