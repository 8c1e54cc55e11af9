//! When may a rotation go?

use railjar::audit::{Answer, Day, Direction, Tally, When};

use super::setup::{Log, NAME, at, audit, day};

/// A log in which the app's own recipe is seen on all of these days, and the first rotation's on
/// those.
fn tally(own: impl IntoIterator<Item = i64>, old: &[i64]) -> Tally {
    let (log, audit) = (Log::new(), audit());
    let mut auditor = audit.auditor();
    let line = |cookie: &str| format!("{NAME}={cookie}");
    for number in own {
        auditor.line_at(line(&log.own).as_bytes(), Some(at(number)));
    }
    for number in old {
        auditor.line_at(line(&log.sha1).as_bytes(), Some(at(*number)));
    }
    auditor.into_tally()
}

fn answer(tally: &Tally, lifetime: u32) -> (Answer, u64) {
    let rotator = tally.rotators(lifetime)[0];
    assert_eq!(rotator.recipe.name(), "rotations[0]");
    (rotator.answer, rotator.gaps)
}

#[test]
fn it_may_go_once_all_that_it_opened_has_expired() {
    let seen = tally(0..=20, &[0, 1, 3]);
    let (last, expired) = (day(3), day(17));
    assert_eq!(answer(&seen, 14), (Answer::MayGo { last, expired }, 0));
    let (last, expired) = (day(3), day(20));
    assert_eq!(answer(&seen, 17), (Answer::MayGo { last, expired }, 0));
    let (last, expired) = (day(3), day(21));
    assert_eq!(answer(&seen, 18), (Answer::NotBefore { last, expired }, 0));
}

#[test]
fn what_was_never_seen_needs_logs_that_are_long_enough() {
    let seen = tally(0..=14, &[]);
    let (from, to) = (day(0), day(14));
    assert_eq!(answer(&seen, 14), (Answer::NeverSeen { from, to }, 0));
    let until = day(15);
    assert_eq!(answer(&seen, 15), (Answer::TooShort { from, to, until }, 0));
    assert_eq!(answer(&tally([], &[]), 14), (Answer::Undated, 0));
}

#[test]
fn holes_in_the_logs_leave_it_open() {
    let seen = tally([0, 1, 2, 3, 5, 6, 9, 10, 11], &[2]);
    let (from, to) = (day(3), day(11));
    assert_eq!(answer(&seen, 7), (Answer::Gaps { from, to, days: 3 }, 3));
    let (last, expired) = (day(2), day(32));
    assert_eq!(answer(&seen, 30), (Answer::NotBefore { last, expired }, 3));
    // Never seen, on one day more than a lifetime, of which one is missing.
    let seen = tally((0..=15).filter(|day| *day != 8), &[]);
    let (from, to) = (day(0), day(15));
    assert_eq!(answer(&seen, 14), (Answer::Gaps { from, to, days: 1 }, 1));
}

#[test]
fn after_a_hole_a_whole_lifetime_is_enough() {
    let (last, expired) = (day(2), day(12));
    for (to, whole) in [(11, false), (12, true), (40, true)] {
        let seen = tally((0..=to).filter(|day| *day != 4), &[2]);
        let (answer, gaps) = answer(&seen, 7);
        assert_eq!(answer == Answer::MayGo { last, expired }, whole, "{to}");
        assert_eq!(gaps, 1);
    }
    // The holes before and after do not matter to it.
    let seen = tally((0..=8).chain(20..=30), &[0, 25]);
    let (last, expired) = (day(25), day(30));
    assert_eq!(answer(&seen, 5), (Answer::MayGo { last, expired }, 0));
    let (from, to) = (day(0), day(30));
    assert_eq!(answer(&tally((0..=8).chain(20..=30), &[]), 8).0, Answer::NeverSeen { from, to });
}

#[test]
fn a_day_of_the_far_future_is_none() {
    let far = Day::parse("9999-12-31").unwrap().days_after(day(0));
    let mut seen = tally([0, 1, 2, 3, far], &[]);
    let (from, to) = (day(0), day(far));
    let days = u64::try_from(far).unwrap() - 4;
    assert_eq!(answer(&seen, 14), (Answer::Gaps { from, to, days }, days));
    assert_eq!(seen.clone().undate_after(day(far)), 0);
    assert_eq!(seen.undate_after(day(3)), 1);
    let (to, until) = (day(3), day(14));
    assert_eq!(answer(&seen, 14), (Answer::TooShort { from, to, until }, 0));
    assert!(seen.rows().any(|row| row.when == When::Unknown && row.counts.total() == 1));
    // What it opened there has no day.
    let mut old = tally(0..=20, &[0, far, far]);
    assert_eq!(old.undate_after(day(20)), 2);
    assert_eq!(answer(&old, 14), (Answer::Undated, 0));
}

#[test]
fn what_has_no_time_leaves_it_open() {
    let (log, audit) = (Log::new(), audit());
    let mut auditor = audit.auditor();
    for number in 0..30 {
        auditor.value(NAME, Direction::Sent, b"junk", Some(at(number)));
    }
    auditor.line(format!("{NAME}={}", log.sha1).as_bytes());
    let tally = auditor.into_tally();
    let rotators = tally.rotators(14);
    assert_eq!((rotators[0].answer, rotators[0].undated), (Answer::Undated, 1));
    // The other rotations opened none of them.
    assert_eq!(rotators[1].answer, Answer::NeverSeen { from: day(0), to: day(29) });
}

#[test]
fn a_server_that_still_writes_is_seen() {
    let (log, audit) = (Log::new(), audit());
    let mut auditor = audit.auditor();
    let written = format!("Set-Cookie: {NAME}={}; path=/", log.sha1);
    for (number, line) in
        [(0, &written), (1, &written), (2, &format!("{NAME}={}", log.sha1)), (30, &written)]
    {
        auditor.line_at(line.as_bytes(), Some(at(number)));
    }
    let rotator = auditor.tally().rotators(14)[0];
    assert_eq!((rotator.last, rotator.last_written), (Some(day(30)), Some(day(30))));
    assert_eq!((rotator.opened, rotator.lately), (4, 1));
    assert_eq!(rotator.answer, Answer::NotBefore { last: day(30), expired: day(44) });
}
