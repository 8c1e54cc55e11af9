//! Simulations: against real cookies, against what is to be expected, and the story.

#[path = "simulate/real.rs"]
mod real;

use core::time::Duration;

use proptest::prelude::*;
use railjar::entropy::{Entropy, EntropyUnavailable};
use railjar::rails::{Profile, Rotation, Version};
use railjar::rollout::{
    Cookie, CookieJar, Estimate, Fleet, Overlap, Reader, Release, RollBackAt, Rollout, Rule, Run,
    SimulateError, Simulation, Stage, Unreadable, simulate,
};
use railjar::{Digest, SecretKeyBase, Serializer};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);
const LIFETIME: Duration = Duration::from_secs(14 * 86_400);

/// Splitmix64: as even as a test needs.
struct Seeded(u64);

impl Entropy for Seeded {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyUnavailable> {
        for chunk in out.chunks_mut(8) {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = self.0;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^= mixed >> 31;
            chunk.copy_from_slice(&mixed.to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

fn release(profile: Profile) -> Release {
    Release::new(profile, &SecretKeyBase::new("the text of secret_key_base of a test").unwrap())
}

fn rotation(digest: Digest) -> Rotation {
    Rotation::new().key_generator_hash_digest_class(digest)
}

/// Rails 7.0 with the defaults of 6.1.
fn sha1() -> Profile {
    Profile::load_defaults(Version::V7_0, Version::V6_1)
        .unwrap()
        .cookies_serializer(Serializer::JsonAllowMarshal)
}

fn sha256() -> Profile {
    Profile::new(Version::V7_0)
}

fn one(simulation: Simulation) -> Run {
    let [run] = <[Run; 1]>::try_from(simulation.runs).unwrap();
    run
}

fn run(rollout: &Rollout, fleet: &Fleet, seed: u64) -> Run {
    one(simulate(rollout, fleet, &mut Seeded(seed)).unwrap())
}

fn session() -> Cookie {
    Cookie::new("_session", CookieJar::SignedSession, LIFETIME).with_expiry()
}

fn from_to(now: Profile, next: Profile) -> Rollout {
    let now = Stage::new("now", release(now)).serves(120 * DAY);
    Rollout::new([session()], now).then(Stage::new("next", release(next)))
}

/// The deploy of September 2024.
fn september() -> Rollout {
    let worker = Reader::new("worker", release(sha1())).takes_unreadable_for(Unreadable::SignedIn);
    let before = Stage::new("before", release(sha1().rotate(rotation(Digest::Sha1))));
    Rollout::new([session()], before.reader(worker.clone()).serves(120 * DAY))
        .then(Stage::new("deployed", release(sha256())).reader(worker))
}

fn production() -> Fleet {
    Fleet { servers: 100, deploy_takes: 30 * MINUTE, ..Fleet::default() }
}

/// As measured in production: half an hour, and taken back five hours later.
fn taken_back() -> Fleet {
    let roll_back = RollBackAt { after: 5 * 60 * MINUTE, takes: 30 * MINUTE };
    Fleet { roll_back: Some(roll_back), ..production() }
}

fn agree(run: &Run, standard_errors: f64) {
    let effects = run.effects.iter().map(|effect| effect.total);
    for estimate in effects.chain([run.users_hit, run.sessions_lost]) {
        assert!(estimate.agrees(standard_errors), "{estimate:?}");
    }
}

#[test]
fn september_2024() {
    let run = run(&september(), &taken_back(), 1);
    agree(&run, 4.0);
    // More sessions than there were at the beginning: who logged in again lost that one too.
    let sessions = production().sessions;
    assert!(run.sessions_lost.expected > f64::from(sessions), "{:?}", run.sessions_lost);
    assert!(run.share_hit() > 0.5, "{}", run.share_hit());
    let rules: Vec<_> = run.effects.iter().map(|effect| effect.rule.name()).collect();
    assert_eq!(
        rules,
        ["OLD_CANNOT_READ_NEW", "NEW_CANNOT_READ_OLD", "ROLLBACK_STRANDS", "EDGE_CANNOT_READ"]
    );
    // Nobody is signed out by old servers once none is left, and by a roll-back before it begins.
    let old = run.effect(Rule::OldCannotReadNew).unwrap();
    assert!(old.simulated[5..30].iter().all(|lost| *lost > 0));
    assert!(old.simulated[30..].iter().all(|lost| *lost == 0));
    let back = run.effect(Rule::RollbackStrands).unwrap();
    assert!(back.simulated[..300].iter().all(|lost| *lost == 0));
    assert!(back.simulated[302..330].iter().all(|lost| *lost > 0));
}

#[test]
fn staging_saw_nothing() {
    let run = run(&september(), &taken_back().staging(), 1);
    let lost = run.sessions_lost;
    assert!(lost.expected < 2.0 && lost.simulated < 4, "{lost:?}");
    // While both releases serve, what signs users out again and again in production.
    assert!(run.effect(Rule::OldCannotReadNew).unwrap().total.expected < 0.05);
}

/// The way of November and December 2024: read both, then write the other, then forget.
#[test]
fn the_right_fix_loses_nothing() {
    let wait = |days: u32, stage: Stage| stage.serves(days * DAY);
    let rollout = |days| {
        Rollout::new([session()], wait(120, Stage::new("now", release(sha1()))))
            .then(wait(13, Stage::new("1", release(sha1().rotate(rotation(Digest::Sha256))))))
            .then(wait(days, Stage::new("2", release(sha256().rotate(rotation(Digest::Sha1))))))
            .then(Stage::new("3", release(sha256())))
    };
    let fleet = Fleet { sessions: 2000, ..taken_back() };
    let simulation = simulate(&rollout(14), &fleet, &mut Seeded(1)).unwrap();
    assert_eq!(simulation.runs.len(), 3);
    for run in &simulation.runs {
        assert_eq!((run.effects.len(), run.users_hit.simulated), (0, 0));
        assert!(run.users_hit.expected <= 0.0);
    }
    // A week of a fortnight is too soon for half of those who are not there.
    let simulation = simulate(&rollout(7), &fleet, &mut Seeded(1)).unwrap();
    let [.., last] = &simulation.runs[..] else { panic!("no runs") };
    let effect = last.effect(Rule::RotatorRemovedTooSoon).unwrap();
    assert_eq!((last.deploy, last.effects.len()), (2, 1));
    agree(last, 4.0);
    let idle = f64::from(fleet.sessions) * (1.0 - fleet.active);
    assert!(effect.total.expected > 0.0 && effect.total.expected < idle / 2.0);
}

#[test]
fn what_is_drawn_is_what_is_expected() {
    let fleet = Fleet { sessions: 1000, ..production() };
    let guide = from_to(sha1(), sha256().rotate(rotation(Digest::Sha1)));
    let mut squares = 0.0;
    for seed in 0..20 {
        for rollout in [september(), guide.clone()] {
            let run = run(&rollout, &fleet, seed);
            agree(&run, 4.0);
            let Estimate { simulated, expected, standard_error, .. } = run.sessions_lost;
            squares += ((simulated as f64 - expected) / standard_error).powi(2);
        }
    }
    // As many standard errors off as there should be: neither more nor fewer.
    let spread = squares / 40.0;
    assert!((0.5..1.7).contains(&spread), "{spread}");
}

#[test]
fn the_same_seed_the_same_numbers() {
    let fleet = Fleet { sessions: 300, ..production() };
    let run_of = |seed| run(&september(), &fleet, seed);
    assert_eq!(run_of(5), run_of(5));
    assert_ne!(run_of(5).sessions_lost.simulated, run_of(6).sessions_lost.simulated);
}

#[test]
fn at_once_no_old_server_is_left() {
    let run = run(&september().overlap(Overlap::AtOnce), &production(), 1);
    assert!(run.effect(Rule::OldCannotReadNew).is_none());
    assert!(run.effect(Rule::NewCannotReadOld).is_some());
}

#[test]
fn a_fleet_that_cannot_be() {
    let refused = |fleet: Fleet| match simulate(&september(), &fleet, &mut Seeded(1)) {
        Err(SimulateError::Fleet { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    let fleet = Fleet::default();
    assert_eq!(refused(Fleet { servers: 0, ..fleet.clone() }), "servers");
    assert_eq!(refused(Fleet { active: 1.5, ..fleet.clone() }), "active");
    assert_eq!(refused(Fleet { session_pages: f64::NAN, ..fleet.clone() }), "session_pages");
    assert_eq!(refused(Fleet { requests_per_hour: 3601.0, ..fleet.clone() }), "requests_per_hour");
    assert_eq!(refused(Fleet { watch: 8 * DAY, ..fleet.clone() }), "watch");
    assert_eq!(refused(Fleet { deploy_takes: 3 * DAY, ..fleet.clone() }), "deploy_takes");
    let back = |after, takes| Fleet {
        roll_back: Some(RollBackAt { after, takes }),
        watch: DAY,
        ..fleet.clone()
    };
    assert_eq!(refused(back(Duration::MAX, MINUTE)), "roll_back_at");
    assert_eq!(refused(back(DAY, Duration::MAX)), "roll_back_takes");
    assert_eq!(refused(back(DAY, MINUTE)), "watch");
    assert_eq!(refused(Fleet { sessions: 10_000_001, ..fleet.clone() }), "sessions");
    assert_eq!(
        refused(Fleet { logins_per_minute: u32::MAX, ..fleet.clone() }),
        "logins_per_minute"
    );
    assert_eq!(
        refused(Fleet { log_in_again_after: Duration::ZERO, ..fleet }),
        "log_in_again_after"
    );
}

#[test]
fn no_entropy_no_numbers() {
    struct None;
    impl Entropy for None {
        fn fill(&mut self, _: &mut [u8]) -> Result<(), EntropyUnavailable> {
            Err(EntropyUnavailable)
        }
    }
    let error = simulate(&september(), &production(), &mut None).unwrap_err();
    assert_eq!(error, SimulateError::Entropy(EntropyUnavailable));
}

prop_compose! {
    fn any_fleet()(
        (servers, deploy, watch) in (1..50_u32, 0..900_u64, 0..900_u64),
        roll_back in proptest::option::of((0..900_u64, 0..900_u64)),
        (sessions, active, session_pages) in (0..60_u32, 0.0..=1.0, 0.0..=1.0),
        (requests, idle, logins) in (0.0..=3600.0, 0.0..=86_400.0, 0..200_u32),
        (log_in_again, after) in (0.0..=1.0, 1..200_u64),
    ) -> Fleet {
        let seconds = Duration::from_secs;
        Fleet {
            servers,
            deploy_takes: seconds(deploy),
            roll_back: roll_back
                .map(|(after, takes)| RollBackAt { after: seconds(after), takes: seconds(takes) }),
            watch: seconds(watch),
            sessions,
            active,
            requests_per_hour: requests,
            idle_requests_per_day: idle,
            session_pages,
            logins_per_minute: logins,
            log_in_again,
            log_in_again_after: seconds(after),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn nothing_gets_lost_between_the_numbers(
        fleet in any_fleet(),
        place in 0..4_usize,
        seed in any::<u64>(),
    ) {
        let guide = from_to(sha1(), sha256().rotate(rotation(Digest::Sha1)));
        let too_soon = from_to(sha256().rotate(rotation(Digest::Sha1)), sha256());
        let same = from_to(sha1(), sha1());
        let rollouts = [september(), guide, too_soon, same];
        let run = run(&rollouts[place], &fleet, seed);
        let near = |a: f64, b: f64| (a - b).abs() <= 1e-6 * (1.0 + a.abs());
        let mut lost = (0, 0.0);
        for effect in &run.effects {
            prop_assert_eq!(effect.total.simulated, effect.simulated.iter().sum::<u64>());
            // Forward and backward in time, the mean is the same.
            prop_assert!(near(effect.total.expected, effect.expected.iter().sum()));
            prop_assert_eq!(effect.simulated.len(), run.new_servers.len());
            prop_assert!(effect.expected.iter().all(|count| *count >= 0.0));
            if effect.is_loss() {
                lost = (lost.0 + effect.total.simulated, lost.1 + effect.total.expected);
            }
        }
        prop_assert_eq!(run.sessions_lost.simulated, lost.0);
        prop_assert!(near(run.sessions_lost.expected, lost.1));
        prop_assert!(run.users_hit.simulated <= run.sessions_lost.simulated.min(run.users));
        prop_assert!(run.users_hit.expected <= run.sessions_lost.expected + 1e-6);
        prop_assert!(run.users_hit.expected <= run.users as f64 + 1e-6);
        prop_assert!(run.new_servers.iter().all(|share| (0.0..=1.0).contains(share)));
        if place == 3 {
            prop_assert!(run.effects.is_empty());
        }
    }
}
