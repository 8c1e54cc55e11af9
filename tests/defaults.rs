//! The table of defaults against booted apps of every version and `load_defaults`
//! (`tests/rails-corpus/defaults.jsonl`).
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may")]

use railjar::Serializer;
use railjar::rails::{Profile, Version};
use serde_json::{Value, json};

fn profile(version: Version, defaults: &str) -> Profile {
    match defaults {
        "none" => Profile::without_defaults(version),
        name => Profile::load_defaults(version, Version::from_name(name).unwrap()).unwrap(),
    }
}

/// Ours by the names of the booted app.
fn settings(profile: &Profile) -> Vec<(&'static str, Value)> {
    let settings = profile.settings();
    let serializer = match settings.cookies_serializer {
        Serializer::Marshal => Value::Null,
        other => other.name().into(),
    };
    let default_cipher = match settings.use_authenticated_message_encryption {
        true => "aes-256-gcm",
        false => "aes-256-cbc",
    };
    let digest = settings.key_generator_hash_digest_class.name();
    vec![
        ("cookies_serializer", serializer),
        ("cookies_digest", settings.cookies_digest.map(|digest| digest.name()).into()),
        ("signed_cookie_digest", settings.signed_cookie_digest.map(|digest| digest.name()).into()),
        ("encrypted_cookie_cipher", settings.encrypted_cookie_cipher.map(|c| c.name()).into()),
        (
            "use_authenticated_cookie_encryption",
            settings.use_authenticated_cookie_encryption.into(),
        ),
        (
            "use_authenticated_message_encryption",
            settings.use_authenticated_message_encryption.into(),
        ),
        ("default_cipher", default_cipher.into()),
        ("use_cookies_with_metadata", settings.use_cookies_with_metadata.into()),
        (
            "cookies_same_site_protection",
            settings
                .cookies_same_site_protection
                .map(|same_site| format!("{same_site:?}").to_lowercase())
                .into(),
        ),
        ("signed_cookie_salt", settings.signed_cookie_salt.clone().into()),
        ("encrypted_cookie_salt", settings.encrypted_cookie_salt.clone().into()),
        ("encrypted_signed_cookie_salt", settings.encrypted_signed_cookie_salt.clone().into()),
        (
            "authenticated_encrypted_cookie_salt",
            settings.authenticated_encrypted_cookie_salt.clone().into(),
        ),
        ("KeyGenerator.hash_digest_class", format!("OpenSSL::Digest::{digest}").into()),
        ("key_generator.iterations", settings.key_generator_iterations.get().into()),
        ("Codec.default_serializer", format!(":{}", settings.message_serializer.name()).into()),
        (
            "use_message_serializer_for_metadata",
            match settings.use_message_serializer_for_metadata {
                true => json!(true),
                false => Value::Null,
            },
        ),
        ("json.escape_js_separators_in_json", settings.escape_js_separators_in_json.into()),
        ("json.escape_html_entities_in_json", settings.escape_html_entities_in_json.into()),
        ("csrf.per_form_csrf_tokens", settings.per_form_csrf_tokens.into()),
        ("csrf.urlsafe_csrf_tokens", settings.urlsafe_csrf_tokens.into()),
    ]
}

#[test]
fn every_default_is_the_booted_apps() {
    let mut compared = 0;
    for line in include_str!("rails-corpus/defaults.jsonl").lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let (rails, defaults) =
            (row["rails"].as_str().unwrap(), row["load_defaults"].as_str().unwrap());
        let version = Version::from_name(rails).unwrap();
        for (name, ours) in settings(&profile(version, defaults)) {
            // A setting that the version does not have is not in its row.
            if let Some(theirs) = row["settings"].get(name) {
                assert_eq!(&ours, theirs, "{name} of {rails} with {defaults}");
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 1_392);
}

#[test]
fn load_defaults_takes_what_rails_takes() {
    for version in Version::ALL {
        for defaults in Version::ALL {
            let allowed = version >= Version::V5_1 && (Version::V5_0..=version).contains(&defaults);
            assert_eq!(Profile::load_defaults(version, defaults).is_ok(), allowed);
        }
    }
}
