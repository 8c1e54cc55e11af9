//! Logs with real cookies: what is counted of them, what it answers, and that counts add up.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test fails by panicking, and has std"
)]

#[path = "audit/adding_up.rs"]
mod adding_up;
#[path = "audit/rotators.rs"]
mod rotators;
#[path = "audit/setup.rs"]
mod setup;

use std::collections::BTreeMap;

use allocation_counter::measure;
use railjar::audit::{Audit, Auditor, Direction, Tally, When};
use railjar::entropy::SystemEntropy;
use railjar::explain::Candidates;
use railjar::rails::{CookieKind, Profile, Version};
use railjar::{Serializer, Timestamp};

use self::setup::{DAY, Log, NAME, app, audit, secret};

/// The counts of a tally by name, over all days.
fn counted(tally: &Tally, direction: Direction) -> BTreeMap<String, u64> {
    let mut all = BTreeMap::new();
    for row in tally.rows().filter(|row| row.direction == direction) {
        let mut add = |name: &str, count| {
            if count > 0 {
                *all.entry(name.to_owned()).or_insert(0) += count;
            }
        };
        for (index, recipe) in row.cookie.recipes().iter().enumerate() {
            add(&recipe.name(), row.counts.opened_by(index));
        }
        row.counts.formats().for_each(|(format, count)| add(format.name(), count));
        row.counts.refused().for_each(|(reason, count)| add(reason, count));
        add("must_reissue", row.counts.must_reissue());
    }
    all
}

fn counts<const N: usize>(expected: [(&str, u64); N]) -> BTreeMap<String, u64> {
    expected.into_iter().map(|(name, count)| (name.to_owned(), count)).collect()
}

#[test]
fn every_cookie_counts_where_it_belongs() {
    let log = Log::new();
    let audit = audit();
    let mut auditor = audit.auditor();
    for line in log.lines(DAY) {
        auditor.line(line.as_bytes());
    }
    let tally = auditor.into_tally();
    assert_eq!(tally.lines().read, log.lines(DAY).count() as u64);
    assert_eq!((tally.lines().undated, tally.lines().too_long), (0, 0));
    let sent = counts([
        ("primary", 2),
        ("rotations[0]", 1),
        ("rotations[1]", 1),
        ("legacy-cbc", 1),
        ("json", 4),
        ("marshal", 1),
        ("must_reissue", 4),
        ("bad-signature", 1),
        ("malformed", 1),
        ("purpose-mismatch", 1),
        ("expired", 1),
    ]);
    assert_eq!(counted(&tally, Direction::Sent), sent);
    assert_eq!(counted(&tally, Direction::Written), counts([("primary", 1), ("json", 1)]));
    let days: Vec<_> = tally.rows().map(|row| row.when).collect();
    assert!(days.iter().all(|when| *when == When::Day(setup::day(DAY))));
}

#[test]
fn the_expiry_is_judged_at_the_time_of_the_line() {
    let log = Log::new();
    let audit = audit();
    let judged = |at: Option<Timestamp>| {
        let mut auditor = audit.auditor();
        let line = format!("{NAME}={}", log.expiring);
        auditor.line_at(line.as_bytes(), at);
        counted(auditor.tally(), Direction::Sent)
    };
    let opened = counts([("primary", 1), ("json", 1)]);
    assert_eq!(judged(Some(setup::at(DAY - 1))), opened);
    assert_eq!(judged(None), opened);
    assert_eq!(judged(Some(setup::at(DAY))), counts([("expired", 1)]));
}

#[test]
fn signed_cookies_and_the_jar_of_sessions() {
    let secret = secret();
    let old = Profile::new(Version::V6_1).cookies(&secret).unwrap();
    let signed = old.signed("user_id").seal(&42, None, &mut SystemEntropy).unwrap();
    let app = app();
    let wanted = [("user_id", Some(CookieKind::Signed)), (NAME, None)];
    let audit = Audit::new(&app, &secret, wanted).unwrap();
    let kinds: Vec<_> = audit.subject().cookies().iter().map(|it| (it.name(), it.kind())).collect();
    assert_eq!(kinds, [(NAME, CookieKind::Encrypted), ("user_id", CookieKind::Signed)]);
    let mut auditor = audit.auditor();
    auditor.value("user_id", Direction::Sent, signed.as_bytes(), None);
    auditor.value("other", Direction::Sent, signed.as_bytes(), None);
    let expected = counts([("rotations[0]", 1), ("marshal", 1), ("must_reissue", 1)]);
    assert_eq!(counted(auditor.tally(), Direction::Sent), expected);
}

#[test]
fn what_a_rotation_is_is_said() {
    let audit = audit();
    let recipes = audit.subject().cookies()[0].recipes();
    let said: Vec<_> = recipes
        .iter()
        .map(|recipe| {
            let changes: Vec<_> =
                recipe.changes().map(|(name, to)| format!("{name}={to}")).collect();
            let cipher = recipe.made().cipher.unwrap().name();
            format!("{} {cipher} {}", recipe.name(), changes.join(" "))
        })
        .collect();
    assert_eq!(
        said,
        [
            "primary aes-256-gcm ",
            "rotations[0] aes-256-gcm key_generator_hash_digest_class=SHA1",
            "rotations[1] aes-256-gcm secret_key_base=another",
            "legacy-cbc aes-256-cbc ",
        ]
    );
}

#[test]
fn wrong_questions_are_refused() {
    let (app, secret) = (app(), secret());
    for names in [&[][..], &[""], &["a", "b", "a"]] {
        assert!(Audit::new(&app, &secret, names.iter().map(|name| (*name, None))).is_err());
    }
    let many: Vec<_> = (0..65).map(|number| number.to_string()).collect();
    assert!(Audit::new(&app, &secret, many.iter().map(|name| (name.as_str(), None))).is_err());
}

/// The causes of the samples.
fn causes(lines: &[String]) -> Vec<(String, String, u64)> {
    let audit = audit();
    let mut auditor = audit.auditor().sampling();
    lines.iter().for_each(|line| auditor.line(line.as_bytes()));
    let (mut tally, samples) = auditor.into_parts();
    assert!(!format!("{samples:?}").contains("--"));
    let mut candidates = Candidates::new().secret_key_base(&secret()).app(&app()).unwrap();
    samples.explain(&mut candidates, &mut tally);
    let causes = tally.samples().of(0);
    causes.map(|(reason, _, cause, count)| (reason.into(), cause.into(), count)).collect()
}

#[test]
fn the_causes_of_what_cannot_be_read_are_found() {
    let log = Log::new();
    let mut lines: Vec<_> = log.lines(DAY).collect();
    // With another secret, with other iterations: neither is a rotation of the app.
    let line = |cookie: &str| format!("2026-11-24T00:00:00Z {NAME}={cookie}");
    let slow = Profile::new(Version::V7_1).key_generator_iterations(65_536.try_into().unwrap());
    let slow = slow.cookies(&secret()).unwrap();
    for _ in 0..3 {
        lines.push(line(
            &slow.encrypted(NAME).seal(&1, None, &mut SystemEntropy).unwrap().set_cookie_value(),
        ));
    }
    let found = causes(&lines);
    let has = |reason: &str, cause: &str, at_least: u64| {
        found.iter().any(|it| it.0 == reason && it.1 == cause && it.2 >= at_least)
    };
    assert!(has("bad-signature", "other-iterations", 3), "{found:?}");
    assert!(has("bad-signature", "no-key-fits", 1), "{found:?}");
    assert!(has("purpose-mismatch", "other-cookie-name", 1), "{found:?}");
    // Whatever the order.
    lines.reverse();
    assert_eq!(causes(&lines), found);
}

#[test]
fn samples_are_few() {
    let junk = (0..5000_u32).map(|number| {
        let parts = ["--"; 3][..number as usize % 4].concat();
        format!("2026-11-24T00:00:00Z {NAME}={number}{parts}{}", "a".repeat(number as usize % 100))
    });
    let lines: Vec<_> = junk.collect();
    let count: u64 = causes(&lines).iter().map(|(.., count)| count).sum();
    assert!((1..=192).contains(&count), "{count}");
}

#[test]
fn a_line_allocates_nothing_once_warm() {
    let log = Log::new();
    let audit = audit();
    let mut auditor = audit.auditor();
    let lines: Vec<_> = log.lines(DAY).collect();
    let read =
        |auditor: &mut Auditor<'_>| lines.iter().for_each(|line| auditor.line(line.as_bytes()));
    read(&mut auditor);
    let count = measure(|| read(&mut auditor)).count_total;
    assert_eq!(count, 0);
}

#[test]
fn nothing_of_a_cookie_is_kept() {
    let log = Log::new();
    let audit = audit();
    let mut auditor = audit.auditor().sampling();
    log.lines(DAY).for_each(|line| auditor.line(line.as_bytes()));
    let shown = format!("{auditor:?} {audit:?}");
    let tally = auditor.into_tally();
    let written = serde_json::to_string(&tally).unwrap();
    for text in [shown, format!("{tally:?}"), written] {
        for cookie in log.values() {
            assert!(!text.contains(&cookie[..12]), "{text}");
        }
        for part in ["42", "old-secret", "the text of"] {
            assert!(!text.contains(part), "{text} {part}");
        }
    }
}

#[test]
fn marshal_is_told_from_json() {
    let (app, secret) = (app(), secret());
    let marshal = Profile::new(Version::V7_1).cookies_serializer(Serializer::Marshal);
    let cookies = marshal.cookies(&secret).unwrap();
    let sealed = cookies.encrypted(NAME).seal(&1, None, &mut SystemEntropy).unwrap();
    // Read by an app that does not take Marshal.
    let app = app.cookies_serializer(Serializer::Json);
    let audit = Audit::new(&app, &secret, [(NAME, None)]).unwrap();
    let mut auditor = audit.auditor();
    auditor.value(NAME, Direction::Sent, sealed.as_bytes(), None);
    let expected = counts([("unsupported-serialization", 1)]);
    assert_eq!(counted(auditor.tally(), Direction::Sent), expected);
}
