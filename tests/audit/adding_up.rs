//! Tallies add up in any order and grouping, to what one audit of everything counts.

use std::sync::LazyLock;

use proptest::prelude::*;
use railjar::audit::{Audit, Direction, MAX_DAYS, MergeError, Tally, When};
use railjar::rails::{CookieKind, Profile, Strictness, Version};
use railjar::{Digest, SecretKeyBase};

use super::setup::{Log, NAME, app, at, audit, secret};

static AUDIT: LazyLock<Audit> = LazyLock::new(audit);
static LOG: LazyLock<Log> = LazyLock::new(Log::new);

/// A cookie on a day, or on none.
type Seen = (Option<i64>, usize, bool);

fn tally(seen: &[Seen]) -> Tally {
    let mut auditor = AUDIT.auditor();
    let values = LOG.values();
    for (day, value, is_written) in seen {
        let end = if *is_written { "; path=/" } else { "" };
        let line = format!("{NAME}={}{end}", values[*value]);
        auditor.line_at(line.as_bytes(), day.map(at));
    }
    auditor.into_tally()
}

fn merged<'t>(tallies: impl IntoIterator<Item = &'t Tally>) -> Tally {
    let mut all = AUDIT.tally();
    tallies.into_iter().for_each(|tally| all.merge(tally).unwrap());
    all
}

fn seen() -> impl Strategy<Value = Vec<Seen>> {
    let day = prop_oneof![1 => Just(None), 6 => (-5_i64..5).prop_map(Some)];
    prop::collection::vec((day, 0_usize..8, any::<bool>()), 0..20)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn in_any_order_and_grouping(one in seen(), two in seen(), three in seen()) {
        let [a, b, c] = [&one, &two, &three].map(|seen| tally(seen));
        let all = tally(&[one, two, three].concat());
        prop_assert_eq!(&merged([&a, &b, &c]), &all);
        prop_assert_eq!(&merged([&c, &a, &b]), &all);
        prop_assert_eq!(&merged([&a, &merged([&b, &c])]), &all);
        prop_assert_eq!(&merged([&merged([&c, &b]), &a]), &all);
        // Written and read, it is the same.
        let text = serde_json::to_string(&all).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Tally>(&text).unwrap(), &all);
    }
}

/// Pieces of logs, in any order.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    const WORDS: [&str; 16] = [
        "_app_session",
        "=",
        "\\u003d",
        "\\",
        "%",
        "%2B",
        "--",
        ";",
        "; path=/",
        "{\"time\":\"",
        "\"",
        "[24/Nov/2026:13:00:00 +0000]",
        "2026-11-24T13:00:00Z",
        "1795525201",
        "Set-Cookie: ",
        "a",
    ];
    let word = prop::sample::select(&WORDS[..]).prop_map(|word| word.as_bytes().to_vec());
    let bytes = prop::collection::vec(any::<u8>(), 0..9);
    prop::collection::vec(prop_oneof![4 => word, 1 => bytes], 0..40).prop_map(|all| all.concat())
}

proptest! {
    #[test]
    fn no_line_is_opened_that_no_app_wrote(line in pieces()) {
        let mut auditor = AUDIT.auditor().sampling();
        auditor.line(&line);
        for row in auditor.tally().rows() {
            let refused: u64 = row.counts.refused().map(|(_, count)| count).sum();
            prop_assert_eq!(row.counts.total(), refused);
        }
    }
}

/// Of more days than there is room for the newest are kept, whichever came first.
#[test]
fn the_oldest_days_are_added_up() {
    let most = i64::try_from(MAX_DAYS).unwrap();
    let of = |days: &mut dyn Iterator<Item = i64>| {
        let mut auditor = AUDIT.auditor();
        days.for_each(|day| auditor.value(NAME, Direction::Sent, b"junk", Some(at(day))));
        auditor.into_tally()
    };
    let forward = of(&mut (0..most + 30));
    assert_eq!(forward, of(&mut (0..most + 30).rev()));
    let [even, odd] = [0, 1].map(|first| of(&mut (first..most + 30).step_by(2)));
    assert_eq!(forward, merged([&odd, &even]));
    let [old, new] = [of(&mut (0..100)), of(&mut (100..most + 30))];
    assert_eq!(forward, merged([&old, &new]));
    assert_eq!(forward, merged([&new, &old]));
    let earlier = forward.rows().find(|row| row.when == When::Earlier).unwrap();
    assert_eq!(earlier.counts.total(), 30);
    assert_eq!(forward.rows().count(), MAX_DAYS + 1);
    let text = serde_json::to_string(&forward).unwrap();
    assert_eq!(serde_json::from_str::<Tally>(&text).unwrap(), forward);
}

#[test]
fn what_is_of_another_subject_is_refused() {
    let refused = |profile: &Profile, secret: &SecretKeyBase, cookies: &[(&str, _)]| {
        let other = Audit::new(profile, secret, cookies.iter().copied()).unwrap();
        let before = tally(&[(Some(0), 0, false)]);
        let mut after = before.clone();
        let refused = after.merge(&other.tally()).err();
        assert_eq!(before, after);
        refused
    };
    let (secret, session) = (secret(), [(NAME, None)]);
    assert_eq!(refused(&app(), &secret, &session), None);
    let later = app().strictness(Strictness::AsRails);
    assert_eq!(refused(&later, &secret, &session), Some(MergeError::Settings));
    let other = Profile::new(Version::V7_2);
    assert_eq!(refused(&other, &secret, &session), Some(MergeError::Settings));
    let signed = [(NAME, Some(CookieKind::Signed))];
    for cookies in [&[("other", None)][..], &signed, &[(NAME, None), ("other", None)]] {
        assert_eq!(refused(&app(), &secret, cookies), Some(MergeError::Cookies));
    }
    let rotation = railjar::rails::Rotation::new().digest(Digest::Sha512);
    let more = app().rotate(rotation);
    assert_eq!(refused(&more, &secret, &session), Some(MergeError::Recipes));
    let another = SecretKeyBase::new("another secret").unwrap();
    assert_eq!(refused(&app(), &another, &session), Some(MergeError::Keys));
}

#[test]
fn what_is_no_tally_is_not_read() {
    let good = serde_json::to_value(tally(&[(Some(0), 0, false), (None, 5, true)])).unwrap();
    assert!(serde_json::from_value::<Tally>(good.clone()).is_ok());
    for (place, value) in [
        ("/railjar_audit", "2"),
        ("/rails", "\"9.9\""),
        ("/keys", "\"short\""),
        ("/keys", "\"the text of a key\""),
        ("/strictness", "\"\""),
        ("/cookies", "[]"),
        ("/cookies/0/jar", "\"other\""),
        ("/cookies/0/recipes", "[]"),
        ("/cookies/0/recipes/1/name", "\"rotations[7]\""),
        ("/cookies/0/recipes/0/cipher", "\"rot13\""),
        ("/seen/0/day", "\"2026-13-01\""),
        ("/seen/0/cookie", "\"other\""),
        ("/seen/0/direction", "\"up\""),
        ("/seen/0/total", "7"),
        ("/seen/0/opened", "{\"rotations[7]\":1}"),
        ("/seen/0/refused", "{\"bored\":1}"),
        ("/lines", "{}"),
    ] {
        let mut wrong = good.clone();
        *wrong.pointer_mut(place).unwrap() = serde_json::from_str(value).unwrap();
        let error = serde_json::from_value::<Tally>(wrong).unwrap_err().to_string();
        assert!(!error.contains("rot13"), "{place}: {error}");
    }
}
