//! The same fleet with real cookies: sealed and opened by the apps' jars at every request, second by
//! second, with nothing of the simulation's own but its numbers.

use std::collections::BTreeMap;

use railjar::cookies::{Cookies, Jar};
use railjar::rails::Strictness;
use railjar::{OpenError, Scratch, Timestamp};

use super::*;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_700_000_000);

/// A deploy, whose old release has served for half of the cookies' lifetime where another one has
/// served before it.
#[derive(Clone)]
struct Deploy {
    cookie: Cookie,
    before: Option<Profile>,
    old: Profile,
    new: Profile,
    /// What takes an unreadable cookie for a guest's, in front of both.
    reader: Option<Profile>,
}

impl Deploy {
    fn new(old: Profile, new: Profile) -> Self {
        Self { cookie: session(), before: None, old, new, reader: None }
    }

    fn rollout(&self) -> Rollout {
        let stage = |name, profile: &Profile| {
            let stage = Stage::new(name, release(profile.clone()));
            self.reader.iter().fold(stage, |stage, reader| {
                let reader = Reader::new("worker", release(reader.clone()));
                stage.reader(reader.takes_unreadable_for(Unreadable::Guest))
            })
        };
        let served = if self.before.is_some() { LIFETIME / 2 } else { LIFETIME };
        let rollout = Rollout::new([self.cookie.clone()], stage("old", &self.old).serves(served));
        rollout.then(stage("new", &self.new))
    }

    fn jars(&self, profile: &Profile) -> Cookies {
        release(profile.clone()).profile().cookies(release(profile.clone()).secrets()).unwrap()
    }

    fn server(&self, profile: &Profile) -> Cookies {
        self.jars(&profile.clone().strictness(Strictness::AsRails))
    }

    fn of<'c>(&'c self, jars: &'c Cookies) -> Jar<'c> {
        match self.cookie.jar() {
            CookieJar::SignedSession | CookieJar::Signed => jars.signed(self.cookie.name()),
            CookieJar::Session | CookieJar::Encrypted => jars.encrypted(self.cookie.name()),
        }
    }
}

fn fleet() -> Fleet {
    Fleet {
        servers: 4,
        deploy_takes: 2 * MINUTE,
        roll_back: Some(RollBackAt { after: 3 * MINUTE, takes: MINUTE }),
        watch: MINUTE,
        sessions: 30,
        active: 0.4,
        requests_per_hour: 600.0,
        idle_requests_per_day: 1440.0,
        session_pages: 0.7,
        logins_per_minute: 4,
        log_in_again: 0.8,
        log_in_again_after: MINUTE / 4,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Before,
    Old,
    New,
}

struct User {
    number: u64,
    is_active: bool,
    /// And who wrote it.
    cookie: Option<(Vec<u8>, Side)>,
    is_gone: bool,
    is_hit: bool,
}

struct Played {
    deploy: Deploy,
    before: Cookies,
    old: Cookies,
    new: Cookies,
    reader: Option<Cookies>,
}

#[derive(Debug, Default)]
struct Counts {
    effects: BTreeMap<Rule, u64>,
    lost: u64,
    hit: u64,
}

impl Played {
    fn new(deploy: Deploy) -> Self {
        let before = deploy.before.clone().unwrap_or_else(|| deploy.old.clone());
        Self {
            before: deploy.server(&before),
            old: deploy.server(&deploy.old),
            new: deploy.server(&deploy.new),
            reader: deploy.reader.as_ref().map(|reader| deploy.jars(reader)),
            deploy,
        }
    }

    fn sealed(&self, number: u64, by: Side, chance: &mut Seeded) -> (Vec<u8>, Side) {
        let jars = match by {
            Side::Before => &self.before,
            Side::Old => &self.old,
            Side::New => &self.new,
        };
        let value = BTreeMap::from([("user_id", number)]);
        let expires = Some(NOW.plus_seconds(3600));
        let sealed = self.deploy.of(jars).seal(&value, expires, chance).unwrap();
        (sealed.as_bytes().to_vec(), by)
    }

    fn play(&self, fleet: &Fleet, chance: &mut Seeded) -> Counts {
        let mut counts = Counts::default();
        let mut users: Vec<User> = Vec::new();
        for number in 0..u64::from(fleet.sessions) {
            let is_active = chance.is(fleet.active);
            let is_fresh = is_active && self.deploy.cookie.jar().is_session();
            let is_from_before = self.deploy.before.is_some() && !is_fresh && chance.is(0.5);
            let by = if is_from_before { Side::Before } else { Side::Old };
            users.push(User::new(number, is_active, self.sealed(number, by, chance)));
        }
        for second in 0..300_u64 {
            for user in &mut users {
                self.second(second, fleet, user, &mut counts, chance);
            }
            // Four in a minute, in the last second of each quarter.
            if second % 15 == 14 {
                let number = users.len() as u64;
                let by = server(second, fleet, chance);
                users.push(User::new(number, true, self.sealed(number, by, chance)));
            }
        }
        counts.hit = users.iter().filter(|user| user.is_hit).count() as u64;
        counts
    }

    fn second(
        &self,
        second: u64,
        fleet: &Fleet,
        user: &mut User,
        counts: &mut Counts,
        chance: &mut Seeded,
    ) {
        let Some((cookie, written)) = &user.cookie else {
            if !user.is_gone && chance.is(1.0 / fleet.log_in_again_after.as_secs_f64()) {
                let by = server(second, fleet, chance);
                user.cookie = Some(self.sealed(user.number, by, chance));
            }
            return;
        };
        let requests = match user.is_active {
            true => fleet.requests_per_hour / 3600.0,
            false => fleet.idle_requests_per_day / 86_400.0,
        };
        if !chance.is(requests) {
            return;
        }
        let by = server(second, fleet, chance);
        let is_read = |jars| self.deploy.of(jars).open(cookie, NOW).is_ok();
        if self.reader.as_ref().is_some_and(|reader| !is_read(reader)) {
            *counts.effects.entry(Rule::EdgeCannotRead).or_default() += 1;
            user.is_hit = true;
            return;
        }
        if !chance.is(fleet.session_pages) {
            return;
        }
        let jars = if by == Side::New { &self.new } else { &self.old };
        let mut scratch = Scratch::new();
        match self.deploy.of(jars).open_in(&mut scratch, cookie, NOW) {
            Ok(opened) => {
                let value: BTreeMap<String, u64> = opened.deserialize().unwrap();
                assert_eq!(value["user_id"], user.number);
                if self.deploy.cookie.jar().is_session() || opened.must_reissue() {
                    user.cookie = Some(self.sealed(user.number, by, chance));
                }
            }
            Err(OpenError::Serialization(_)) if self.raises(by) => {
                *counts.effects.entry(Rule::Poison).or_default() += 1;
                user.is_hit = true;
            }
            Err(_) => {
                let rule = match (by, written) {
                    (Side::New, Side::Old) => Rule::NewCannotReadOld,
                    (Side::Old, Side::New) if second < 180 => Rule::OldCannotReadNew,
                    (Side::Old, Side::New) => Rule::RollbackStrands,
                    _ => Rule::RotatorRemovedTooSoon,
                };
                *counts.effects.entry(rule).or_default() += 1;
                counts.lost += 1;
                (user.is_hit, user.cookie) = (true, None);
                user.is_gone = !chance.is(fleet.log_in_again);
            }
        }
    }

    fn raises(&self, by: Side) -> bool {
        let profile = if by == Side::New { &self.deploy.new } else { &self.deploy.old };
        profile.version() < Version::V7_1
    }
}

impl User {
    fn new(number: u64, is_active: bool, cookie: (Vec<u8>, Side)) -> Self {
        Self { number, is_active, cookie: Some(cookie), is_gone: false, is_hit: false }
    }
}

impl Seeded {
    fn below(&mut self, end: u64) -> u64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes).unwrap();
        u64::from_le_bytes(bytes) % end
    }

    fn is(&mut self, chance: f64) -> bool {
        (self.below(1 << 40) as f64) < chance * (1_u64 << 40) as f64
    }
}

/// One of four servers: replaced after 30, 60, 90 and 120 seconds, and back after 15, 30, 45 and 60
/// from the third minute on.
fn server(second: u64, fleet: &Fleet, chance: &mut Seeded) -> Side {
    let number = chance.below(fleet.servers.into()) + 1;
    let is_new = second >= 30 * number && second < 180 + 15 * number;
    if is_new { Side::New } else { Side::Old }
}

const PLAYS: u64 = 30;

/// That the mean of many plays is what was to be expected.
fn agrees(deploy: Deploy, rules: &[Rule]) {
    let run = run(&deploy.rollout(), &fleet(), 1);
    let found: Vec<_> = run.effects.iter().map(|effect| effect.rule).collect();
    assert_eq!(found, rules);
    let played = Played::new(deploy);
    let mut chance = Seeded(7);
    let plays: Vec<_> = (0..PLAYS).map(|_| played.play(&fleet(), &mut chance)).collect();
    let near = |what: &str, estimate: Estimate, of: &dyn Fn(&Counts) -> u64| {
        let mean = plays.iter().map(of).sum::<u64>() as f64 / PLAYS as f64;
        let off = (mean - estimate.expected) / (estimate.standard_error / (PLAYS as f64).sqrt());
        assert!(off.abs() < 3.5, "{what}: {mean} of {estimate:?}, {off} standard errors off");
    };
    for effect in &run.effects {
        let rule = effect.rule;
        near(rule.name(), effect.total, &|counts| counts.effects.get(&rule).copied().unwrap_or(0));
    }
    if run.sessions_lost.expected > 0.0 {
        near("lost", run.sessions_lost, &|counts| counts.lost);
    }
    near("hit", run.users_hit, &|counts| counts.hit);
}

#[test]
fn neither_reads_the_other() {
    let deploy = Deploy::new(sha1(), sha256());
    agrees(deploy, &[Rule::OldCannotReadNew, Rule::NewCannotReadOld, Rule::RollbackStrands]);
}

#[test]
fn the_guides_rotation() {
    let deploy = Deploy::new(sha1(), sha256().rotate(rotation(Digest::Sha1)));
    agrees(deploy, &[Rule::OldCannotReadNew, Rule::RollbackStrands]);
}

#[test]
fn a_rotation_that_goes_too_soon() {
    let old = sha256().rotate(rotation(Digest::Sha1));
    let deploy = Deploy { before: Some(sha1()), ..Deploy::new(old, sha256()) };
    agrees(deploy, &[Rule::RotatorRemovedTooSoon]);
}

#[test]
fn a_cookie_that_pages_leave_alone() {
    let cookie = Cookie::new("remember_me", CookieJar::Encrypted, LIFETIME).with_expiry();
    let deploy = Deploy::new(sha1(), sha256().rotate(rotation(Digest::Sha1)));
    agrees(Deploy { cookie, ..deploy }, &[Rule::OldCannotReadNew, Rule::RollbackStrands]);
}

#[test]
fn a_serializer_that_raises() {
    let json = Profile::new(Version::V6_1).cookies_serializer(Serializer::Json);
    let marshal = Profile::new(Version::V6_1).cookies_serializer(Serializer::Marshal);
    agrees(Deploy::new(marshal, json), &[Rule::Poison]);
}

#[test]
fn a_reader_that_sees_guests() {
    let deploy = Deploy::new(sha1(), sha256().rotate(rotation(Digest::Sha1)));
    let rules = [Rule::EdgeCannotRead];
    agrees(Deploy { reader: Some(sha1()), ..deploy }, &rules);
}
