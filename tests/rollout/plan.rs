//! Plans: the sequences that they give, and that every step of them is needed.

use core::time::Duration;

use proptest::prelude::*;
use railjar::rails::{Profile, Rotation, Version};
use railjar::rollout::{
    Cookie, CookieJar, Overlap, Plan, Reader, Release, RollBack, Rollout, Rule, Severity, Stage,
    check, plan,
};
use railjar::{Digest, SecretKeyBase, Serializer};

const LIFETIME: Duration = Duration::from_secs(14 * 86_400);

/// One app of many.
fn any_release() -> impl Strategy<Value = Release> {
    let versions = [Version::V6_0, Version::V6_1, Version::V7_0, Version::V7_1, Version::V8_0];
    let defaults = [None, Some(Version::V5_2), Some(Version::V6_1), Some(Version::V7_0)];
    let serializers = [
        None,
        Some(Serializer::Marshal),
        Some(Serializer::JsonAllowMarshal),
        Some(Serializer::Json),
    ];
    let secrets = ["today", "today", "tomorrow"];
    let rotations = 0..4_u8;
    (select(&versions), select(&defaults), select(&serializers), select(&secrets), rotations)
        .prop_map(|(version, defaults, serializer, base, rotations)| {
            let profile = match defaults {
                Some(defaults) if defaults <= version => {
                    Profile::load_defaults(version, defaults).unwrap()
                }
                _ => Profile::new(version),
            };
            let profile = match serializer {
                Some(serializer) => profile.cookies_serializer(serializer),
                None => profile,
            };
            let is_sha256 = profile.settings().key_generator_hash_digest_class == Digest::Sha256;
            let profile = match rotations {
                1 if is_sha256 => profile.rotate(sha1()),
                2 => profile.rotate(Rotation::new().secret_key_base(&secret("yesterday"))),
                _ => profile,
            };
            Release::new(profile, &secret(base))
        })
}

fn select<T: Clone + std::fmt::Debug + 'static>(values: &[T]) -> impl Strategy<Value = T> + use<T> {
    proptest::sample::select(values.to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever is planned: where it is safe, every step of it is, and none can be left out; where it
    /// is not, something is found.
    #[test]
    fn every_step_is_safe_and_needed(
        (now, next) in (any_release(), any_release()),
        has_served in any::<bool>(),
        is_rolling in any::<bool>(),
        may_go_back in any::<bool>(),
        reads in any::<bool>(),
    ) {
        prop_assume!(now.profile().version() <= next.profile().version());
        let cookies = [
            Cookie::session("_session", LIFETIME),
            Cookie::new("token", CookieJar::Signed, LIFETIME),
        ];
        let worker = reads.then(|| Reader::new("worker", now.clone()));
        let stage = |name, release, serves| {
            let stage = Stage::new(name, release).serves(serves);
            worker.iter().cloned().fold(stage, Stage::reader)
        };
        let served = if has_served { LIFETIME } else { Duration::ZERO };
        let rollout = Rollout::new(cookies, stage("now", now, served))
            .then(stage("next", next, Duration::ZERO))
            .overlap(if is_rolling { Overlap::Rolling } else { Overlap::AtOnce })
            .roll_back(if may_go_back { RollBack::Possible } else { RollBack::Excluded });
        if plan(&rollout).unwrap().is_safe() {
            safe(&rollout);
        } else {
            prop_assert_ne!(errors(&plan(&rollout).unwrap().rollout), []);
        }
    }
}

fn secret(name: &str) -> SecretKeyBase {
    SecretKeyBase::new(format!("the text of secret_key_base: {name}")).unwrap()
}

fn release(profile: Profile) -> Release {
    Release::new(profile, &secret("today"))
}

fn sha1() -> Rotation {
    Rotation::new().key_generator_hash_digest_class(Digest::Sha1)
}

fn of(now: Release, next: Release) -> Rollout {
    let cookies =
        [Cookie::session("_session", LIFETIME), Cookie::new("token", CookieJar::Signed, LIFETIME)];
    Rollout::new(cookies, Stage::new("now", now).serves(LIFETIME)).then(Stage::new("next", next))
}

fn errors(rollout: &Rollout) -> Vec<Rule> {
    let report = check(rollout).unwrap();
    let errors = report.findings.iter().filter(|it| it.severity == Severity::Error);
    errors.map(|finding| finding.rule).collect()
}

/// The plan, which is safe, and of which no step and no waiting can be left out.
fn safe(rollout: &Rollout) -> Plan {
    let plan = plan(rollout).unwrap();
    assert!(plan.is_safe(), "{:#?}", plan.report.findings);
    let stages = plan.rollout.stages();
    assert_eq!(stages.first().unwrap().app(), rollout.stages().first().unwrap().app());
    assert_eq!(stages.last().unwrap().app(), rollout.stages().last().unwrap().app());
    let with = |stages: Vec<Stage>| {
        let mut stages = stages.into_iter();
        let first = Rollout::new(rollout.cookies().to_vec(), stages.next().unwrap());
        let first = first.overlap(rollout.overlapping()).roll_back(rollout.rolling_back());
        stages.fold(first, Rollout::then)
    };
    for left_out in 1..stages.len() - 1 {
        let mut fewer = stages.to_vec();
        drop(fewer.remove(left_out));
        assert_ne!(errors(&with(fewer)), [], "step {left_out} is not needed");
    }
    for (index, stage) in stages.iter().enumerate().skip(1) {
        if stage.time() > Duration::ZERO {
            let mut hasty = stages.to_vec();
            hasty[index] = stage.clone().serves(stage.time() - Duration::from_secs(1));
            assert_ne!(errors(&with(hasty)), [], "waiting at {index} is not needed");
        }
    }
    plan
}

fn names(plan: &Plan) -> Vec<String> {
    let stages = plan.rollout.stages().iter();
    stages
        .map(|stage| {
            let settings = stage.app().profile().settings();
            format!(
                "{} {} {} {} {}d",
                stage.app().profile().version().name(),
                settings.key_generator_hash_digest_class.name(),
                settings.cookies_serializer.name(),
                settings.use_authenticated_cookie_encryption,
                stage.time().as_secs() / 86_400,
            )
        })
        .collect()
}

#[test]
fn nothing_to_do() {
    let profile = Profile::new(Version::V7_1);
    let plan = safe(&of(release(profile.clone()), release(profile)));
    assert_eq!(plan.rollout.stages().len(), 1);
}

#[test]
fn the_key_digest_of_7_0() {
    let old = Profile::load_defaults(Version::V7_0, Version::V6_1).unwrap();
    let plan = safe(&of(release(old), release(Profile::new(Version::V7_0))));
    for initializer in plan.initializers.iter().flatten() {
        println!("{}", initializer.ruby);
    }
    assert_eq!(
        names(&plan),
        [
            "7.0 SHA1 marshal true 14d",
            "7.0 SHA1 marshal true 0d",
            "7.0 SHA256 json_allow_marshal true 14d",
            "7.0 SHA256 json true 0d"
        ]
    );
}

#[test]
fn from_6_1_to_7_0_at_once() {
    let plan =
        safe(&of(release(Profile::new(Version::V6_1)), release(Profile::new(Version::V7_0))));
    println!("{:#?}", names(&plan));
    for initializer in plan.initializers.iter().flatten() {
        println!("{}", initializer.ruby);
    }
    assert_eq!(plan.rollout.stages().len(), 4);
}

#[test]
fn a_rotator_that_stays_saves_the_last_step() {
    let old = Profile::load_defaults(Version::V7_0, Version::V6_1).unwrap();
    let old = old.cookies_serializer(Serializer::Json);
    let next = Profile::new(Version::V7_0).rotate(sha1());
    let plan = safe(&of(release(old), release(next)));
    assert_eq!(plan.rollout.stages().len(), 3);
}

#[test]
fn another_secret() {
    let profile = Profile::new(Version::V7_1);
    let next = Release::new(profile.clone(), &secret("tomorrow"));
    let plan = safe(&of(release(profile), next));
    assert_eq!(plan.rollout.stages().len(), 4);
    let environments: Vec<_> =
        plan.initializers.iter().flatten().map(|it| it.environment.concat()).collect();
    assert_eq!(environments, ["NEW_SECRET_KEY_BASE", "OLD_SECRET_KEY_BASE"]);
}

#[test]
fn cbc_to_gcm_with_5_2() {
    let plan =
        safe(&of(release(Profile::new(Version::V5_1)), release(Profile::new(Version::V5_2))));
    println!("{:#?}", names(&plan));
    for initializer in plan.initializers.iter().flatten() {
        println!("{}", initializer.ruby);
    }
}

#[test]
fn marshal_to_json_where_marshal_does_not_read_json() {
    let old = Profile::new(Version::V6_0);
    let plan =
        plan(&of(release(old.clone()), release(old.cookies_serializer(Serializer::Json)))).unwrap();
    println!("{:#?}", names(&plan));
    assert!(!plan.is_safe());
}

#[test]
fn readers_are_told_first() {
    let old = Profile::load_defaults(Version::V7_0, Version::V6_1).unwrap();
    let worker = Reader::new("worker", release(old.clone()));
    let cookies = [Cookie::session("_session", LIFETIME)];
    let now = Stage::new("now", release(old)).reader(worker.clone()).serves(LIFETIME);
    let next = Stage::new("next", release(Profile::new(Version::V7_0))).reader(worker);
    let plan = safe(&Rollout::new(cookies, now).then(next));
    println!("{:#?}", names(&plan));
    let readers: Vec<_> = plan.rollout.stages().iter().map(|it| it.readers().to_vec()).collect();
    assert_ne!(readers[0], readers[1]);
    assert_eq!(readers[1], readers[2]);
}
