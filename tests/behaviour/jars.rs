//! The cookie jars of every version.

use railjar::rails::{Profile, Rotation, Version};
use railjar::{
    Cipher, ContentError, Digest, FormatError, Matched, OpenError, Origin, Scratch, SealError,
    SecretKeyBase, Serializer, Timestamp,
};

use crate::codecs::{App, Counting, NOW, Which, apps};
use crate::summary;

/// What each version can seal in its jars: JSON from 4.1 on, Marshal's bytes before.
fn cookie_payload(app: &App) -> &'static [u8] {
    if app.version >= Version::V4_1 {
        br#"{"a":1}"#
    } else {
        b"\x04\x08{\x06I\"\x06a\x06:\x06ETi\x06"
    }
}

fn seal_cookie(app: &App, which: Which, name: &str, expires: Option<Timestamp>) -> String {
    let payload = cookie_payload(app);
    let mut scratch = Scratch::new();
    let jar = app.jar(which, name);
    jar.seal_payload_in(&mut scratch, payload, expires, &mut Counting(0)).unwrap().into()
}

#[test]
fn every_jar_opens_what_it_seals() {
    for app in apps() {
        for &which in app.jars() {
            let sealed = seal_cookie(&app, which, "prefs", Some(NOW.plus_seconds(1)));
            let opened = app.jar(which, "prefs").open(sealed.as_bytes(), NOW).unwrap();
            assert_eq!(opened.payload().as_bytes(), cookie_payload(&app), "{app:?} {which:?}");
            assert_eq!((opened.matched(), opened.must_reissue()), (Matched::Primary, false));
            assert_eq!(opened.purpose(), app.binds_names.then_some("cookie.prefs"));
            if let Some(expires_at) = opened.expires_at() {
                assert_eq!(expires_at, NOW.plus_seconds(1));
                let then = app.jar(which, "prefs").open(sealed.as_bytes(), expires_at);
                assert_eq!(then.unwrap_err(), ContentError::Expired.into());
            }
        }
    }
}

#[test]
fn expiry_is_embedded_since_5_2() {
    for app in apps() {
        for &which in app.jars() {
            let sealed = seal_cookie(&app, which, "a", Some(NOW.plus_seconds(1)));
            let opened = app.jar(which, "a").open(sealed.as_bytes(), NOW).unwrap();
            match app.version {
                Version::V5_2 => {} // with authenticated encryption alone
                version => assert_eq!(opened.expires_at().is_some(), version > Version::V5_2),
            }
        }
    }
}

#[test]
fn a_cookie_is_good_for_its_own_name_and_jar() {
    for app in apps() {
        for &which in app.jars() {
            let sealed = seal_cookie(&app, which, "prefs", None);
            for name in ["admin", "prefs2", "pref", "", "cookie.prefs", "Prefs"] {
                let other = app.jar(which, name).open(sealed.as_bytes(), NOW);
                if app.binds_names {
                    assert_eq!(other.unwrap_err(), ContentError::PurposeMismatch.into(), "{name}");
                } else {
                    assert!(other.is_ok(), "{app:?}: nothing binds it to its name");
                }
            }
            let other_jar = match which {
                Which::Signed => Which::Encrypted,
                Which::Encrypted => Which::Signed,
            };
            let moved = app.jar(other_jar, "prefs").open(sealed.as_bytes(), NOW);
            assert!(matches!(moved, Err(OpenError::Format(_))), "{app:?} {which:?}");
        }
    }
}

#[test]
fn jars_share_buffers_and_give_the_same() {
    let mut scratch = Scratch::new();
    for app in apps() {
        for &which in app.jars() {
            for expires in [None, Some(NOW), Some(NOW.plus_seconds(9))] {
                let sealed = seal_cookie(&app, which, "a", expires);
                let cut = &sealed.as_bytes()[..sealed.len() - 1];
                for wire in [sealed.as_bytes(), cut, b"YWJj--00"] {
                    let jar = app.jar(which, "a");
                    let fresh = jar.open(wire, NOW);
                    let fresh = fresh.as_ref().map(summary).map_err(|error| *error);
                    let reused = jar.open_in(&mut scratch, wire, NOW);
                    let reused = reused.as_ref().map(summary).map_err(|error| *error);
                    assert!(fresh == reused, "{app:?} {which:?}");
                }
            }
        }
    }
}

#[test]
fn a_jar_without_a_secret_does_nothing() {
    let token = railjar::SecretToken::new("a secret token of thirty bytes, and more").unwrap();
    let cookies = Profile::new(Version::V3_2).cookies(&token).unwrap();
    let jar = cookies.encrypted("a");
    assert_eq!(jar.open(b"x--y--z", NOW).unwrap_err(), FormatError::Malformed.into());
    let sealed = jar.seal_payload(b"1", None, &mut Counting(0));
    assert_eq!(sealed.unwrap_err(), SealError::NoSecret);
}

/// Configured rotations first, in their order, then those that Rails adds.
#[test]
fn cookie_rotations_say_which_and_whence() {
    let secret = SecretKeyBase::new("today's").unwrap();
    let old = SecretKeyBase::new("yesterday's").unwrap();
    let json = |profile: Profile| profile.cookies_serializer(Serializer::Json);
    let profile = json(Profile::new(Version::V7_1))
        .rotate(Rotation::new().key_generator_hash_digest_class(Digest::Sha1))
        .rotate_encrypted(Rotation::new().encrypted_cookie_cipher(Cipher::Aes128Gcm))
        .rotate_signed(Rotation::new().digest(Digest::Sha512))
        .rotate(Rotation::new().secret_key_base(&old));
    let cookies = profile.cookies(&secret).unwrap();

    let configured = |index| Matched::Rotation { index, origin: Origin::Configured };
    let legacy = Matched::Rotation { index: 3, origin: Origin::LegacyCbc };
    let today = || json(Profile::new(Version::V7_1));
    let writers = [
        (today(), &secret, Matched::Primary, Matched::Primary),
        (
            today().key_generator_hash_digest_class(Digest::Sha1),
            &secret,
            configured(0),
            configured(0),
        ),
        (
            today().encrypted_cookie_cipher(Cipher::Aes128Gcm).signed_cookie_digest(Digest::Sha512),
            &secret,
            configured(1),
            configured(1),
        ),
        (today(), &old, configured(2), configured(2)),
        (today().use_authenticated_cookie_encryption(false), &secret, Matched::Primary, legacy),
    ];
    for (writer, secret, signed, encrypted) in writers {
        let writer = writer.cookies(secret).unwrap();
        for (seal, open, matched) in [
            (writer.signed("a"), cookies.signed("a"), signed),
            (writer.encrypted("a"), cookies.encrypted("a"), encrypted),
        ] {
            let sealed = seal.seal("value", None, &mut Counting(0)).unwrap();
            let opened = open.open(sealed.as_bytes(), NOW).unwrap();
            assert_eq!(opened.matched(), matched);
            assert_eq!(opened.must_reissue(), matched.is_rotation());
            assert_eq!(opened.deserialize::<&str>().unwrap(), "value");
        }
    }
}

#[test]
fn prepare_upgrade_reads_gcm_while_cbc_is_written() {
    let secret = SecretKeyBase::new("secret").unwrap();
    for version in Version::ALL.into_iter().filter(|version| *version >= Version::V5_2) {
        let profile = |gcm| {
            let profile = Profile::without_defaults(version).cookies_serializer(Serializer::Json);
            profile.use_authenticated_cookie_encryption(gcm).cookies(&secret).unwrap()
        };
        let (writer, reader) = (profile(true), profile(false));
        let sealed = writer.encrypted("a").seal(&1, None, &mut Counting(0)).unwrap();
        let opened = reader.encrypted("a").open(sealed.as_bytes(), NOW);
        if version >= Version::V6_1 {
            let matched = Matched::Rotation { index: 0, origin: Origin::PrepareUpgrade };
            assert_eq!(opened.unwrap().matched(), matched);
        } else {
            assert!(matches!(opened, Err(OpenError::Format(_))));
        }
    }
}
