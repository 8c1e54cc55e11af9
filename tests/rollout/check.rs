//! The rules, each where it must be found and where it must not.

use core::time::Duration;

use railjar::rails::{Profile, Rotation, Version};
use railjar::rollout::{
    Compatibility, Cookie, CookieJar, Move, Reader, Release, Rollout, Rule, Severity, Stage,
    Unreadable, check,
};
use railjar::{Digest, SecretKeyBase, Serializer};

const DAY: Duration = Duration::from_secs(86_400);
const LIFETIME: Duration = Duration::from_secs(14 * 86_400);

fn secret() -> SecretKeyBase {
    SecretKeyBase::new("the text of secret_key_base of a test").unwrap()
}

fn release(profile: Profile) -> Release {
    Release::new(profile, &secret())
}

fn sha1() -> Rotation {
    Rotation::new().key_generator_hash_digest_class(Digest::Sha1)
}

fn sha256() -> Rotation {
    Rotation::new().key_generator_hash_digest_class(Digest::Sha256)
}

/// Rails 7.0 with the defaults of 6.1.
fn old() -> Profile {
    Profile::load_defaults(Version::V7_0, Version::V6_1)
        .unwrap()
        .cookies_serializer(Serializer::JsonAllowMarshal)
}

fn new() -> Profile {
    Profile::new(Version::V7_0)
}

fn rules(rollout: &Rollout, severity: Severity) -> Vec<&'static str> {
    let report = check(rollout).unwrap();
    let findings = report.findings.iter().filter(|it| it.severity == severity);
    let mut rules: Vec<_> = findings.map(|finding| finding.rule.name()).collect();
    rules.dedup();
    rules
}

fn errors(rollout: &Rollout) -> Vec<&'static str> {
    rules(rollout, Severity::Error)
}

#[test]
fn september_2024() {
    let worker = Reader::new("worker", release(old())).takes_unreadable_for(Unreadable::SignedIn);
    let cookie = Cookie::new("_session", CookieJar::SignedSession, LIFETIME).with_expiry();
    let rollout = Rollout::new(
        [cookie],
        Stage::new("before", release(old().rotate(sha1())))
            .reader(worker.clone())
            .serves(120 * DAY),
    )
    .then(Stage::new("deployed", release(new())).reader(worker));
    let report = check(&rollout).unwrap();
    for finding in &report.findings {
        println!("{finding:#?}");
    }
    assert_eq!(report.deploys, [Compatibility::None]);
    assert_eq!(
        errors(&rollout),
        [
            "OLD_CANNOT_READ_NEW",
            "NEW_CANNOT_READ_OLD",
            "ROLLBACK_STRANDS",
            "EDGE_CANNOT_READ",
            "ROTATOR_REMOVED_TOO_SOON"
        ]
    );
    assert_eq!(rules(&rollout, Severity::Warning), ["ROTATION_ROTATES_NOTHING"]);
    let stranded = report.findings.iter().find(|it| it.rule == Rule::RollbackStrands).unwrap();
    assert!(matches!(
        stranded.path[..],
        [
            Move::DeployBegins { .. },
            Move::Writes { stage: 1 },
            Move::RollsBack { .. },
            Move::Meets { .. }
        ]
    ));
}

#[test]
fn a_rotation_for_both_jars_is_of_use_where_it_is_in_one() {
    let cbc = Rotation::new().use_authenticated_cookie_encryption(false);
    let digest = Rotation::new().digest(Digest::Sha512);
    let cookies =
        [Cookie::session("_session", LIFETIME), Cookie::new("token", CookieJar::Signed, LIFETIME)];
    let of = |profile: Profile| {
        let stage = Stage::new("now", release(profile.clone())).serves(LIFETIME);
        let rollout = Rollout::new(cookies.clone(), stage);
        rules(&rollout.then(Stage::new("next", release(profile))), Severity::Warning)
    };
    // AES-CBC is no matter of signed cookies, nor (with AES-GCM) the digest one of encrypted ones.
    assert_eq!(of(new().rotate(cbc.clone()).rotate(digest.clone())), [""; 0]);
    assert_eq!(of(new().rotate_signed(cbc)), ["ROTATION_ROTATES_NOTHING"]);
    assert_eq!(of(new().rotate_encrypted(digest)), ["ROTATION_ROTATES_NOTHING"]);
    assert_eq!(of(new().rotate(sha256())), ["ROTATION_ROTATES_NOTHING"]);
}
