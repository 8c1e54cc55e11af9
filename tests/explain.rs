//! Every cookie, session and message of the corpus, put to `explain`: from the secrets alone it
//! finds how what Rails wrote was made, and of what Rails refuses it names the right single cause.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test fails by panicking, and has std"
)]

#[path = "corpus/case.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod case;
#[path = "explain/changes.rs"]
mod changes;
#[path = "explain/mended.rs"]
mod mended;
#[path = "other_messages/case.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod other;
#[path = "explain/refused.rs"]
mod refused;
#[path = "explain/setup.rs"]
mod setup;
#[path = "corpus/subject.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod subject;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use railjar::explain::{
    Candidates, KeySource, Question, Recipe, Report, UsedFor, Verdict, explain,
};
use railjar::rails::Version;
use serde_json::Value;

use self::case::{Case, cases};
use self::setup::{Pool, expected};

/// How long the questions took, keys not counted.
#[derive(Default)]
struct Times(Vec<Duration>);

impl Times {
    fn ask(&mut self, mut ask: impl FnMut() -> Report) -> Report {
        // The first answer derives the keys.
        let report = ask();
        let start = Instant::now();
        let again = ask();
        self.0.push(start.elapsed());
        assert_eq!(report, again);
        report
    }

    fn check(mut self, of: &str) {
        self.0.sort();
        let count = u32::try_from(self.0.len()).unwrap();
        let (mean, most) = (self.0.iter().sum::<Duration>() / count, self.0[self.0.len() - 1]);
        println!("{of}: {} questions, {mean:?} on average, {most:?} at most", self.0.len());
        assert!(mean < Duration::from_millis(50), "{of}: {mean:?}");
    }
}

/// What is wrong with a recipe that was found, by the settings that the message was made with.
fn mistake(case: &Case, recipe: &Recipe) -> Option<String> {
    let config = Value::Object(case.sealed_with.as_ref().unwrap_or(&case.config).clone());
    let text = |key: &str| config[key].as_str();
    if case.layer == "message" {
        let wanted = text("cipher");
        let is_verifier = config["codec"] == "verifier";
        let cipher = recipe.cipher.map(|cipher| cipher.name());
        let fits = match (is_verifier, wanted) {
            (true, _) => cipher.is_none(),
            (false, Some(wanted)) => cipher == Some(wanted),
            (false, None) => cipher.is_some(),
        };
        return (!fits).then(|| format!("{cipher:?}, not {wanted:?}"));
    }
    let KeySource::Derived { digest, .. } = &recipe.key else {
        let is_token = recipe.key == KeySource::SecretToken && text("secret_key_base").is_none();
        return (!is_token).then(|| format!("{:?}", recipe.key));
    };
    let wanted = text("key_generator_digest").unwrap_or("SHA1");
    (digest.name() != wanted).then(|| format!("key by {}, not {wanted}", digest.name()))
}

/// All valid messages: at least 99 of 100 are found from their secrets alone, and rightly.
#[test]
fn the_recipe_of_every_valid_message_is_found() {
    let (mut counts, mut wrong, mut times) = (BTreeMap::new(), Vec::new(), Times::default());
    for version in Version::ALL {
        let mut pool = Pool::default();
        for case in cases(version, &["cookie", "session", "message"]) {
            let Some(wire) = case.wire().filter(|_| case.expect == "ok") else { continue };
            let candidates = pool.secrets(&case);
            let question = Question::new(&wire);
            let report = times.ask(|| explain(question, candidates, case.now()));
            let outcome = match &report.found {
                Some(found) => match mistake(&case, &found.recipe) {
                    None => "found",
                    Some(mistake) => {
                        wrong.push(format!("{version} {}: {mistake}", case.id));
                        "wrong"
                    }
                },
                None => {
                    wrong.push(format!("{version} {}: {:?}", case.id, report.cause));
                    "not found"
                }
            };
            *counts.entry((case.layer.clone(), outcome)).or_insert(0) += 1;
        }
    }
    times.check("valid messages");
    let of = |wanted: &str| -> usize {
        counts.iter().filter(|((_, outcome), _)| *outcome == wanted).map(|(_, count)| count).sum()
    };
    let (found, all) = (of("found"), counts.values().sum::<usize>());
    // The 37 have salts of the app's own, which nobody can guess.
    assert_eq!(of("wrong"), 0, "{}", wrong.join("\n"));
    assert!(found * 100 >= all * 99, "{found} of {all}");
    assert_eq!((found, all), (6_937, 6_974));
}

/// The app that wrote a cookie is told that it reads it, and no cause is named.
#[test]
fn what_rails_reads_is_accepted() {
    let (mut accepted, mut odd, mut wrong) = (0, 0, Vec::new());
    for version in Version::ALL {
        let mut pool = Pool::default();
        for case in cases(version, &["cookie", "session", "message"]) {
            let Some(wire) = case.wire().filter(|_| case.expect == "ok") else { continue };
            let Some(candidates) = pool.reader(&case) else { continue };
            let report = explain(expected(&case, &wire), candidates, case.now());
            match report.verdict {
                Verdict::Accepted { .. } if report.cause.is_none() => accepted += 1,
                // Only that Rails' leniency takes it, or its value is an envelope that this Rails
                // does not know.
                _ if ["/neg/", "/payload/"].iter().any(|of| case.id.contains(of)) => odd += 1,
                _ => wrong.push(format!("{version} {}: {:?}", case.id, report.cause)),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!((accepted, odd), (6_782, 192));
}

/// The right single cause of everything that Rails refuses for a reason that explain knows.
#[test]
fn the_cause_of_every_refusal_is_named() {
    let (mut counts, mut wrong, mut times) = (BTreeMap::new(), Vec::new(), Times::default());
    for version in Version::ALL {
        let mut pool = Pool::default();
        for case in cases(version, &["cookie", "session", "message"]) {
            if case.expect == "ok" || case.seal_error().is_some() {
                continue;
            }
            let Some(causes) = refused::causes(&case) else { continue };
            let Some(wire) = case.wire() else { continue };
            let Some(candidates) = pool.reader(&case) else { continue };
            let report = times.ask(|| explain(expected(&case, &wire), candidates, case.now()));
            let cause = report.cause.as_ref().map_or("none", |cause| cause.name());
            if causes.contains(&cause) {
                *counts.entry(cause).or_insert(0) += 1;
            } else {
                let verdict = report.verdict;
                wrong.push(format!("{version} {}: {cause} {verdict:?}, not {causes:?}", case.id));
            }
        }
    }
    times.check("refused messages");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(counts.into_iter().collect::<Vec<_>>(), refused::COUNTS);
}

/// The ids, tokens and URLs of the corpus, whose keys are derived from the app's secret alone.
#[test]
fn other_messages_are_known_by_their_salts() {
    let mut found = 0;
    let mut pools: BTreeMap<Version, Candidates> = BTreeMap::new();
    for (layer, used_for) in [
        ("signed_id", UsedFor::SignedIds),
        ("token_for", UsedFor::TokensFor),
        ("active_storage", UsedFor::ActiveStorage),
        ("global_id", UsedFor::SignedGlobalIds),
    ] {
        for case in other::cases(layer) {
            let Some(wire) = case.text("wire").filter(|_| case.text("expect") == Some("ok")) else {
                continue;
            };
            let candidates = pools
                .entry(case.version)
                .or_insert_with(|| Candidates::new().secret_key_base(&case.secret_key_base()));
            let report = explain(Question::new(wire.as_bytes()), candidates, case.now());
            let recipe = report.found.map(|found| found.recipe);
            assert_eq!(
                recipe.map(|recipe| recipe.used_for),
                Some(used_for.clone()),
                "{}",
                case.name()
            );
            found += 1;
        }
    }
    assert_eq!(found, 350);
}
