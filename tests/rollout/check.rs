//! The rules, each where it must be found and where it must not.

use core::time::Duration;
use std::collections::BTreeSet;

use railjar::rails::{Profile, Rotation, Version};
use railjar::rollout::{
    Compatibility, Cookie, CookieJar, Move, Party, Reader, Release, RollBack, Rollout, Rule,
    Severity, Stage, Subject, Unreadable, check,
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

/// Two readers of the same settings are two.
#[test]
fn each_reader_is_told_of() {
    let reads = |name| Reader::new(name, release(old()));
    let now = Stage::new("now", release(old())).reader(reads("worker")).reader(reads("proxy"));
    let next = Stage::new("next", release(new())).reader(reads("worker")).reader(reads("proxy"));
    let cookies = [Cookie::session("_session", LIFETIME)];
    let report = check(&Rollout::new(cookies, now).then(next)).unwrap();
    let edge = report.findings.iter().filter(|it| it.rule == Rule::EdgeCannotRead);
    let names = edge.map(|finding| match &finding.subject {
        Subject::Reading { reader: Party::Reader { name, .. }, .. } => name.as_str(),
        other => panic!("{other:?}"),
    });
    let names: BTreeSet<_> = names.collect();
    assert_eq!(names, BTreeSet::from(["worker", "proxy"]));
    assert!(report.matrices[0].readers.iter().any(|name| name == "proxy"));
}

/// What has been met on one side of a deploy is met on the other side of the next.
#[test]
fn each_deploy_is_told_of() {
    let stage = |name, profile| Stage::new(name, release(profile)).serves(LIFETIME);
    let cookies = [Cookie::session("_session", LIFETIME)];
    let rollout = Rollout::new(cookies, stage("now", new()))
        .then(stage("step", old()))
        .then(stage("next", new()))
        .roll_back(RollBack::Excluded);
    let report = check(&rollout).unwrap();
    let old_meets_new = report.findings.iter().filter(|it| it.rule == Rule::OldCannotReadNew);
    let deploys: Vec<_> = old_meets_new.map(|finding| finding.deploy).collect();
    assert_eq!(deploys, [Some(0), Some(1)]);
}

/// Whoever has served for longer than cookies live has written all that there are.
#[test]
fn what_earlier_releases_wrote_is_gone_in_time() {
    let rollout = |serves| {
        let worker = Reader::new("worker", release(new()));
        let now = Stage::new("now", release(new().rotate(sha1()))).reader(worker.clone());
        let next = Stage::new("next", release(new())).reader(worker);
        Rollout::new([Cookie::session("_session", LIFETIME)], now.serves(serves)).then(next)
    };
    assert_eq!(errors(&rollout(LIFETIME)), [""; 0]);
    let too_soon = ["EDGE_CANNOT_READ", "ROTATOR_REMOVED_TOO_SOON"];
    let mut found = errors(&rollout(LIFETIME - DAY));
    found.sort_unstable();
    found.dedup();
    assert_eq!(found, too_soon);
}
