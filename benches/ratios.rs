//! The ratios that railjar is held to, in one run:
//!
//! ```text
//! cargo bench -p railjar-benches --bench ratios            # prints the table
//! cargo bench -p railjar-benches --bench ratios -- --check # and fails where a goal is missed
//! cargo bench -p railjar-benches --bench ratios -- cookie  # only groups with this in their name
//! ```
//!
//! Criterion measures one case after the other, and a clock that changes in between shows as a
//! difference. Here short batches of all cases of a group take turns, in an order that rotates, and
//! a ratio is the median of those of single rounds.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    missing_docs,
    reason = "a bench that cannot be set up must stop"
)]

use core::time::Duration;
use std::process::ExitCode;

use railjar::entropy::{Buffered, SystemEntropy};
use railjar::rails::Version;
use railjar::{Digest, Expected, Metadata, Serializer};
use railjar_benches::audit::Log;
use railjar_benches::jars::Jars;
use railjar_benches::ours::{Codec, FixedIv, LargePool, NOW};
use railjar_benches::sessions::{self, Into};
use railjar_benches::{Kind, SIZES, Subject, floor, payload, peers};

const ROUNDS: usize = 200;
/// Long enough for a buffer of entropy to be used up in it.
const BATCH: Duration = Duration::from_micros(300);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let check = arguments.iter().any(|argument| argument == "--check");
    // `cargo test --benches` runs this too, without the flag: to see that it runs.
    let rounds = if arguments.iter().any(|argument| argument == "--bench") { ROUNDS } else { 1 };
    let filter = arguments.iter().find(|argument| !argument.starts_with("--"));

    println!("| case | median | against | median | ratio | goal | |");
    println!("|---|---:|---|---:|---:|---:|---|");
    let mut missed = 0;
    for (name, build) in groups() {
        if filter.is_none_or(|filter| name.contains(filter.as_str())) {
            missed += build().run(rounds);
        }
    }
    if check && missed > 0 {
        eprintln!("{missed} goals missed");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

type Build = Box<dyn Fn() -> Group>;

fn groups() -> Vec<(String, Build)> {
    let mut groups: Vec<(String, Build)> = Vec::new();
    for kind in Kind::ALL {
        for size in SIZES {
            groups.push((format!("open {kind} {size}"), Box::new(move || open(kind, size))));
            groups.push((format!("seal {kind} {size}"), Box::new(move || seal(kind, size))));
        }
        groups.push((format!("rotations {kind}"), Box::new(move || rotations(kind))));
    }
    groups.push(("cookie".into(), Box::new(cookies)));
    groups.push(("audit".into(), Box::new(audit)));
    groups.push(("keys".into(), Box::new(keys)));
    groups.push(("session".into(), Box::new(session)));
    groups
}

fn open(kind: Kind, size: usize) -> Group {
    let mut group = Group::new(format!("open {kind}, {size} B"));
    let payload = payload(size);
    let plain = Codec::new(kind, Serializer::Null);
    let json = Codec::new(kind, Serializer::Json);
    let message = plain.seal(&payload, &Metadata::none());
    let bound = Metadata::none().purpose("login").expires_at(NOW.plus_seconds(60));
    let enveloped = json.seal(&payload, &bound);

    let raw = floor::open(kind, message.clone());
    let under = group.case("raw floor", raw);
    let bytes = group.case("", plain.clone().opening(message.clone(), Expected::NoPurpose));
    let text = group.case("JSON", json.clone().opening(message.clone(), Expected::NoPurpose));
    let wrapped =
        group.case("with purpose", json.opening(enveloped.clone(), Expected::Purpose("login")));
    let rules = Version::V6_1.dialect().messages();
    let old = Codec::with_rules(kind, Serializer::Null, rules);
    let old = group.case("as Rails 6.1", old.opening(message.clone(), Expected::NoPurpose));
    let wrapped_under = group.case(
        "raw floor + base64",
        floor::open(kind, enveloped).then(floor::unwrap_envelope(&payload)),
    );
    let at_400 = |goal| if size == 400 { goal } else { Goal::None };
    if kind == Kind::Cbc {
        let verify = group.case("its MAC and base64", floor::verify_cbc(message.clone()));
        group.compare(bytes, verify, at_400(Goal::AtMost(1.25)));
        group.compare(bytes, under, Goal::None);
    } else {
        group.compare(bytes, under, at_400(Goal::AtMost(1.10)));
    }
    group.compare(old, under, Goal::None);
    group.compare(text, under, Goal::None);
    group.compare(wrapped, wrapped_under, Goal::None);
    if let Some(peer) = peers::message_verifier_open(kind, message.clone()) {
        let peer = group.case("message_verifier", peer);
        let times = if kind == Kind::Cbc { 5.0 } else { 3.0 };
        group.compare_peer(peer, bytes, at_400(Goal::AtLeast(times)));
    }
    if let Some(peer) = peers::rails_cookie_parser_open(kind, message) {
        let peer = group.case("rails-cookie-parser", peer);
        group.compare_peer(peer, bytes, Goal::None);
    }
    group
}

fn seal(kind: Kind, size: usize) -> Group {
    let mut group = Group::new(format!("seal {kind}, {size} B"));
    let payload = payload(size);
    let codec = Codec::new(kind, Serializer::Null);
    let under = group.case("raw floor", floor::seal(kind, payload.clone()));
    let fixed = group.case("fixed IV", codec.clone().sealing(payload.clone(), FixedIv));
    group.compare(fixed, under, Goal::None);
    if matches!(kind, Kind::Gcm | Kind::Cbc) {
        let entropy = Buffered::new(SystemEntropy);
        let drawn = group.case("IV drawn", codec.clone().sealing(payload.clone(), entropy));
        let goal = if size == 400 { Goal::AtMost(1.10) } else { Goal::None };
        group.compare(drawn, fixed, goal);
        let drawn = codec.sealing(payload.clone(), LargePool::default());
        let drawn = group.case("IV drawn, 4096 bytes at a time", drawn);
        group.compare(drawn, fixed, Goal::None);
    }
    if let Some(peer) = peers::message_verifier_seal(kind, payload) {
        let peer = group.case("message_verifier", peer);
        group.compare_peer(peer, fixed, Goal::None);
    }
    group
}

fn rotations(kind: Kind) -> Group {
    let mut group = Group::new(format!("open {kind}, 400 B"));
    let codec = Codec::new(kind, Serializer::Null);
    let message = codec.seal(&payload(400), &Metadata::none());
    let opening = |codec: Codec| codec.opening(message.clone(), Expected::NoPurpose);
    let one = group.case("no list", opening(codec.clone()));
    for others in [3, 15, 63] {
        let list = opening(codec.clone().last_of_other_shapes(others));
        let list = group.case(&format!("last of {others} other shapes"), list);
        group.compare(list, one, Goal::AtMost(1.10));
    }
    for count in [4, 16] {
        let list = opening(codec.clone().last_of_equal_shape(kind, count));
        let list = group.case(&format!("last of {count} keys"), list);
        let goal = kind == Kind::Gcm && count == 16;
        group.compare(list, one, if goal { Goal::AtMost(8.0) } else { Goal::None });
    }
    group
}

fn cookies() -> Group {
    let mut group = Group::new("cookie, 400 B".into());
    let payload = payload(400);
    let (plain, rotated) = (Jars::new(), Jars::rotated());
    for (kind, name, cookie) in [
        (Kind::SignedSha1, "signed", plain.signed(&payload)),
        (Kind::Gcm, "encrypted", plain.encrypted(&payload)),
    ] {
        let open = |jars: &Jars| match kind {
            Kind::Gcm => jars.open_encrypted(&payload),
            _ => jars.open_signed(&payload),
        };
        let under = floor::open(kind, as_long_as(&cookie, kind));
        let under = under.then(floor::unwrap_envelope(&payload));
        let under = group.case("raw floor + base64", under);
        let one = group.case(name, open(&plain));
        let list = group.case(&format!("{name}, 4 rotations"), open(&rotated));
        group.compare(one, under, Goal::None);
        group.compare(list, one, Goal::AtMost(1.10));
    }
    group
}

/// A message of the floor's key that has as much to open as this cookie.
fn as_long_as(cookie: &[u8], kind: Kind) -> Vec<u8> {
    let around = if kind == Kind::Gcm { 44 } else { 42 };
    let plain = vec![b'x'; (cookie.len() - around) / 4 * 3];
    Codec::new(kind, Serializer::Null).seal(&plain, &Metadata::none())
}

fn keys() -> Group {
    let mut group = Group::new("derive 64 B, 1000 iterations".into());
    for (digest, under) in
        [(Digest::Sha1, floor::derive_sha1(64)), (Digest::Sha256, floor::derive_sha256(64))]
    {
        let under = group.case("raw pbkdf2", under);
        let ours = group.case(digest.name(), railjar_benches::ours::deriving(digest, 64));
        group.compare(ours, under, Goal::None);
        if digest == Digest::Sha1 {
            let peer = group.case("message_verifier", peers::message_verifier_derive());
            group.compare_peer(peer, ours, Goal::None);
        }
    }
    group
}

/// The goal of the typed rows is against `serde_json` on its own, into a type that borrows its text:
/// with `String`s both sides allocate the same, and are nearer to each other.
fn session() -> Group {
    let mut group = Group::new("a Devise session".into());
    for (into, name, most) in [
        (Into::Borrowing, "into a type that borrows", 1.5),
        (Into::Owned, "into a type of Strings", 1.5),
        (Into::Value, "into Value", 1.0),
    ] {
        let marshal =
            group.case(&format!("Marshal {name}"), sessions::railjar(Serializer::Marshal, into));
        let json = group.case(&format!("JSON {name}"), sessions::railjar(Serializer::Json, into));
        let alone = group.case("serde_json from JSON", sessions::serde_json(into));
        group.compare(marshal, alone, Goal::AtMost(most));
        group.compare(marshal, json, Goal::None);
    }
    group
}

fn audit() -> Group {
    let mut group = Group::new("a line of 1 KB with a GCM cookie".into());
    let log = Log::new(&payload(300));
    let alone = group.case("open_in alone", log.open_alone());
    let line = group.case("audited", log.audit_line());
    group.compare(line, alone, Goal::AtMost(3.0));
    group
}

/// What a ratio is held to.
#[derive(Clone, Copy)]
enum Goal {
    None,
    AtMost(f64),
    AtLeast(f64),
}

/// Cases that take turns, and what is asked about them.
struct Group {
    name: String,
    cases: Vec<Case>,
    comparisons: Vec<Comparison>,
}

struct Case {
    name: String,
    subject: Subject,
    /// Nanoseconds for one operation, in each round.
    times: Vec<f64>,
}

struct Comparison {
    subject: usize,
    against: usize,
    goal: Goal,
    ours: Ours,
}

/// Which side of a comparison is railjar.
#[derive(Clone, Copy)]
enum Ours {
    Subject,
    Against,
}

impl Group {
    fn new(name: String) -> Self {
        Self { name, cases: Vec::new(), comparisons: Vec::new() }
    }

    fn case(&mut self, name: &str, subject: Subject) -> usize {
        self.cases.push(Case { name: name.into(), subject, times: Vec::new() });
        self.cases.len() - 1
    }

    /// Asks for `subject` over `against`.
    fn compare(&mut self, subject: usize, against: usize, goal: Goal) {
        self.comparisons.push(Comparison { subject, against, goal, ours: Ours::Subject });
    }

    /// Asks how many times as long `peer` takes.
    fn compare_peer(&mut self, peer: usize, ours: usize, goal: Goal) {
        self.comparisons.push(Comparison {
            subject: peer,
            against: ours,
            goal,
            ours: Ours::Against,
        });
    }

    /// Measures, prints, and says how many goals were missed.
    fn run(mut self, rounds: usize) -> usize {
        let batches: Vec<u64> =
            self.cases.iter_mut().map(|case| batch_size(&mut case.subject)).collect();
        for round in 0..rounds {
            for turn in 0..self.cases.len() {
                let index = (round + turn) % self.cases.len();
                let case = &mut self.cases[index];
                let time = case.subject.time(batches[index]).as_nanos() as f64;
                case.times.push(time / batches[index] as f64);
            }
        }
        self.comparisons.iter().filter(|comparison| !self.report(comparison)).count()
    }

    /// Prints one row; whether its goal is met.
    fn report(&self, comparison: &Comparison) -> bool {
        let (subject, against) = (&self.cases[comparison.subject], &self.cases[comparison.against]);
        let rounds = subject.times.iter().zip(&against.times);
        let ratio = median(rounds.map(|(subject, against)| subject / against));
        let (goal, met) = match comparison.goal {
            Goal::None => (String::new(), true),
            Goal::AtMost(most) => (format!("≤ {most:.2}"), ratio <= most),
            Goal::AtLeast(least) => (format!("≥ {least:.2}"), ratio >= least),
        };
        let verdict = match (comparison.goal, met) {
            (Goal::None, _) => "",
            (_, true) => "ok",
            (_, false) => "**missed**",
        };
        let [ours, other] = match comparison.ours {
            Ours::Subject => [subject, against],
            Ours::Against => [against, subject],
        };
        let label = [self.name.as_str(), ours.name.as_str()].map(str::trim);
        let label = label.iter().filter(|part| !part.is_empty()).copied();
        println!(
            "| {} | {:.0} ns | {} | {:.0} ns | {ratio:.2} | {goal} | {verdict} |",
            label.collect::<Vec<_>>().join(", "),
            median(ours.times.iter().copied()),
            other.name,
            median(other.times.iter().copied()),
        );
        met
    }
}

/// How many operations fill a batch; measuring it warms the buffers as well.
fn batch_size(subject: &mut Subject) -> u64 {
    let mut times = 1;
    while subject.time(times) < BATCH / 2 {
        times *= 2;
    }
    let best = (0..5).map(|_| subject.time(times)).min().expect("five");
    (times * BATCH.as_nanos() as u64 / best.as_nanos().max(1) as u64).max(1)
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
