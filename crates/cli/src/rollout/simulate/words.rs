//! Numbers, times and causes as people read them.

use std::time::Duration;

use railjar::rollout::{Effect, Estimate, Rule, Run};

use super::Scene;
use crate::report::plain;

/// `39,781`.
pub(super) fn count(count: u64) -> String {
    grouped(&count.to_string())
}

/// `39,889 ± 391`: with as many digits as tell something.
pub(super) fn expected(estimate: Estimate) -> String {
    let Estimate { expected, standard_error, .. } = estimate;
    let digits = match expected {
        100.0.. => 0,
        1.0.. => 1,
        _ => 2,
    };
    let [expected, error] = [expected, standard_error].map(|it| grouped(&format!("{it:.digits$}")));
    format!("{expected} ± {error}")
}

/// A mean alone: `39,889`, `1.4`.
pub(super) fn about(expected: f64) -> String {
    let digits = if expected < 10.0 { 1 } else { 0 };
    grouped(&format!("{expected:.digits$}"))
}

/// A number that is whole: `500`.
pub(super) fn about_whole(number: f64) -> String {
    grouped(&format!("{number:.0}"))
}

fn grouped(number: &str) -> String {
    let whole = number.find('.').unwrap_or(number.len());
    let mut grouped = String::new();
    for (place, digit) in number.char_indices() {
        let left = whole.saturating_sub(place);
        if place > 0 && left > 0 && left.is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `30 min`, `5 h`, `1 h 30 min`, `2 d`.
pub(super) fn time(time: Duration) -> String {
    let mut rest = time.as_secs();
    let mut parts = Vec::new();
    for (unit, seconds) in [("d", 86_400), ("h", 3600), ("min", 60), ("s", 1)] {
        let whole = rest.checked_div(seconds).unwrap_or(0);
        rest = rest.checked_rem(seconds).unwrap_or(0);
        if whole > 0 {
            parts.push(format!("{whole} {unit}"));
        }
    }
    if parts.is_empty() { "0 s".into() } else { parts.join(" ") }
}

/// `1:30`, of minutes.
pub(super) fn clock(minutes: usize) -> String {
    format!("{}:{:02}", minutes / 60, minutes % 60)
}

/// What is deployed where.
pub(super) fn title(scene: &Scene<'_>) -> String {
    let [cookie, old, new] = [&scene.run.cookie, scene.old, scene.new].map(plain);
    format!("{cookie}: {old} → {new}")
}

/// The fleet and its visitors.
pub(super) fn fleet(scene: &Scene<'_>) -> String {
    let fleet = scene.fleet;
    let back = fleet.roll_back.map_or(String::new(), |back| {
        format!(", taken back after {} in {}", time(back.after), time(back.takes))
    });
    format!(
        "{} in {}{back}; {} sessions, {} % in use",
        servers(fleet.servers),
        time(fleet.deploy_takes),
        count(fleet.sessions.into()),
        percent(fleet.active),
    )
}

fn servers(servers: u32) -> String {
    match servers {
        1 => "1 server".into(),
        more => format!("{} servers", count(more.into())),
    }
}

pub(super) fn percent(share: f64) -> String {
    format!("{:.0}", share * 100.0)
}

/// What a cause is, in this deploy.
pub(super) fn cause(scene: &Scene<'_>, rule: Rule) -> String {
    match rule {
        Rule::OldCannotReadNew => "old servers cannot read what new ones wrote".into(),
        Rule::NewCannotReadOld => "new servers cannot read what old ones wrote".into(),
        Rule::RollbackStrands => "taken back: old servers cannot read what new ones wrote".into(),
        Rule::RotatorRemovedTooSoon => "what older releases wrote is no longer read".into(),
        Rule::Poison => "requests that fail, as Rails raises".into(),
        Rule::EdgeCannotRead => {
            let readers: Vec<_> = scene.readers.iter().map(|name| plain(name)).collect();
            format!("requests that {} cannot read", readers.join(", "))
        }
        other => other.name().into(),
    }
}

/// Sessions lost and requests failed: what the curve is of.
pub(super) fn curves<'s>(scene: &Scene<'s>) -> Vec<&'s Effect> {
    let effects = scene.run.effects.iter();
    effects.filter(|effect| effect.rule != Rule::EdgeCannotRead).collect()
}

/// What the curve shows.
pub(super) fn curve(scene: &Scene<'_>) -> &'static str {
    match scene.run.effect(Rule::Poison) {
        Some(_) => "sessions lost and requests failed, each minute",
        None => "sessions lost each minute",
    }
}

/// What staging shows of it, in a sentence or two.
pub(super) fn staging(scene: &Scene<'_>) -> String {
    let Scene { run, staged, staging, .. } = scene;
    let small = format!("{} in {}", servers(staging.servers), time(staging.deploy_takes));
    let failing = staged.effect(Rule::Poison).map_or(0.0, |effect| effect.total.expected);
    let hit = staged.users_hit.expected;
    let of_staging = format!("{} of {} users", about(hit), count(staged.users));
    let here = format!("{} of {}", about(run.users_hit.expected), count(run.users));
    if failing >= 1.0 {
        let failing = about(failing);
        return format!("Staging ({small}) shows it too: {failing} requests fail there.");
    }
    if hit >= 3.0 {
        return format!("Staging ({small}) shows it too: {of_staging} are hit there, {here} here.");
    }
    let told = match hit {
        0.5.. => format!(
            "hardly shows it: {} users are hit in all of it, as by any login that has run out",
            about(hit)
        ),
        _ => format!("hides it: of {} users there next to none is hit", count(staged.users)),
    };
    format!("Staging ({small}) {told}; here it is {here}.{}", side_by_side(scene))
}

/// That what happens while both releases serve is hardly ever seen in staging, where it is so.
fn side_by_side(scene: &Scene<'_>) -> String {
    let Scene { run, fleet, staged, staging, .. } = scene;
    let lost = |run: &Run| run.effect(Rule::OldCannotReadNew).map(|effect| effect.total.expected);
    let (Some(here), there) = (lost(run), lost(staged).unwrap_or(0.0)) else {
        return String::new();
    };
    if there >= 0.5 || fleet.deploy_takes <= staging.deploy_takes {
        return String::new();
    }
    let there = match there {
        0.01.. => format!("{there:.2}"),
        _ => "0".into(),
    };
    format!(
        " That old servers cannot read what new ones wrote hardly ever shows there ({there} sessions, \
         here {}): both releases serve side by side for {}, not {}.",
        about(here),
        time(staging.deploy_takes),
        time(fleet.deploy_takes)
    )
}

/// In lines of so many characters.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        let length = word.chars().count().saturating_add(1);
        match lines.last_mut() {
            Some(line) if line.chars().count().saturating_add(length) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
