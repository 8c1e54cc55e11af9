//! Why Rails refuses a case, by the case's name: the causes that are right. More than one is where
//! the text cannot tell.

use railjar::rails::Version;

use crate::case::Case;

/// `None` for a case whose cause explain does not claim to know: a value of nil, say.
pub(crate) fn causes(case: &Case) -> Option<&'static [&'static str]> {
    let id = case.id.split('@').next().unwrap();
    let at = |part: &str| id.contains(part);
    Some(match case.name() {
        "expires-past" | "secret-expired" | "expired" | "expired-right-purpose" => &["expired"],
        "after" | "equal" if at("expiry-edge") => &["expired"],
        "expiry-edge-after" | "expiry-edge-equal" => &["expired"],
        "other-name" => &["other-cookie-name"],
        "wrong-purpose" | "missing-purpose-on-read" | "purpose-expected-none-written" => {
            &["other-purpose"]
        }
        "plus-to-space" => &["plus-became-space"],
        "newline-appended" | "space-appended" | "non-utf8-appended" | "extra-part"
        | "extra-leading-part" | "triple-dash" => &["junk"],
        "truncated-1" | "truncated-half" | "last-part-only" => &["cut"],
        // A whole value without a signature may never have had one.
        "first-part-only" => &["cut", "unsigned"],
        "urlsafe-alphabet" => &["other-alphabet"],
        // A text without any letter that only one alphabet has differs in its padding.
        "read-other" => &["other-alphabet", "padding-lost"],
        "padding-stripped" => &["padding-lost"],
        "no-separator" => &["separator-lost"],
        "uppercase-digest" if is_hmac(case) => &["upper-case-digest"],
        "encrypted-cookie-in-signed-jar" | "signed-cookie-in-encrypted-jar" => &["other-jar"],
        "wrong-digest" => &["other-digest"],
        "json-to-marshal" | "marshal-to-json" | "marshal-to-message_pack" => {
            &["serializer-not-allowed"]
        }
        "serializer-mismatch" => &["serializer-not-allowed"],
        "cbc-sha256-to-gcm-cookies_digest" => &["other-digest"],
        "gcm-read-by-cbc" | "no-cbc-salts" => &["other-cipher"],
        // The tag of AES-GCM in upper case is another tag.
        "uppercase-digest" | "wrong-secret" | "wrong-key" | "no-match" | "first-char"
        | "middle-char" => &["no-key-fits"],
        "last-char" if is_hmac(case) => &["no-key-fits"],
        "empty" | "blank" => &["empty"],
        "garbage" | "garbage-parts" | "dashes" | "non-utf8" | "utf8-garbage" => &["not-rails"],
        name if at("/payload/marshal/") && case.version < Version::V6_1 => match name {
            "bad-json"
            | "json-bare-word"
            | "empty-payload"
            | "bad-marshal"
            | "unknown-class-marshal" => return None,
            name if name.starts_with("json-rails") => return None,
            _ => &["serializer-not-allowed", "malformed-value"],
        },
        _ => return None,
    })
}

/// Whether the message ends in an HMAC.
fn is_hmac(case: &Case) -> bool {
    let written = case.mutated_from.as_deref().unwrap_or_default();
    written.rsplit_once("--").is_some_and(|(_, last)| {
        last.len() >= 32 && last.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

/// How many cases have which cause.
pub(crate) const COUNTS: [(&str, usize); 19] = [
    ("cut", 256),
    ("empty", 138),
    ("expired", 686),
    ("junk", 382),
    ("malformed-value", 7),
    ("no-key-fits", 294),
    ("not-rails", 345),
    ("other-alphabet", 32),
    ("other-cipher", 11),
    ("other-cookie-name", 32),
    ("other-digest", 24),
    ("other-jar", 28),
    ("other-purpose", 534),
    ("padding-lost", 34),
    ("plus-became-space", 13),
    ("separator-lost", 69),
    ("serializer-not-allowed", 135),
    ("unsigned", 20),
    ("upper-case-digest", 50),
];

#[test]
fn every_cause_has_its_row() {
    let page = include_str!("../../docs/explain.md");
    for (cause, _) in COUNTS {
        assert!(page.contains(&format!("\n| `{cause}` | ")), "{cause}");
    }
}
