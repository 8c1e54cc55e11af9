//! When each rotation may go, in sentences.

use anstyle::{AnsiColor, Style};
use railjar::audit::{Answer, Rotator, Tally};
use railjar::{Matched, Origin};

use super::{counted, number};
use crate::report::plain;

const GOOD: Style = AnsiColor::Green.on_default().bold();
const WAIT: Style = AnsiColor::Yellow.on_default().bold();
const NAME: Style = AnsiColor::Cyan.on_default();

pub(super) fn of(tally: &Tally, lifetime: Option<u32>) -> String {
    let rotators = tally.rotators(lifetime.unwrap_or(0));
    // Those that Rails adds are not the app's to remove; what they opened is worth a word.
    let is_told = |it: &&Rotator<'_>| is_own(it) || it.opened > 0;
    let told: Vec<_> = rotators.iter().filter(is_told).collect();
    let is_seen = |it: &Rotator<'_>| tally.rows().any(|row| row.cookie == it.cookie);
    let told: Vec<_> = told.into_iter().filter(|it| is_seen(it)).collect();
    let Some(days) = lifetime else {
        return match told.iter().any(|it| is_own(it)) {
            true => format!(
                "{NAME}try:{NAME:#} --lifetime 14d, how long such a cookie lives, to know when the \
                 rotations may go\n\n"
            ),
            false => String::new(),
        };
    };
    let many = tally.subject().cookies().len() > 1;
    let mut text: String = told.iter().map(|it| sentence(it, days, many)).collect();
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

fn is_own(rotator: &Rotator<'_>) -> bool {
    matches!(rotator.recipe.matched(), Matched::Rotation { origin: Origin::Configured, .. })
}

fn sentence(it: &Rotator<'_>, days: u32, many: bool) -> String {
    let name = it.recipe.name();
    let of = if many { format!(" of {}", plain(it.cookie.name())) } else { String::new() };
    let lives = if days == 1 { "1 day".into() } else { format!("{} days", number(days.into())) };
    let (style, answer) = match it.answer {
        Answer::MayGo { last, expired } => (
            GOOD,
            format!(
                "may go: nothing since {last}, and by the end of {expired} all that it opened had \
                 expired"
            ),
        ),
        Answer::NotBefore { last, expired } => (
            WAIT,
            format!(
                "not before the end of {expired}: last seen on {last}, and such a cookie lives \
                 {lives}; if none is seen until then"
            ),
        ),
        Answer::NeverSeen { from, to } => (
            WAIT,
            format!(
                "never seen in {from} to {to}: may go, unless it is there for what the next deploy \
                 will write"
            ),
        ),
        Answer::Gaps { from, to, days } => (
            WAIT,
            format!(
                "cannot be told: {} of {from} to {to} {} not in these logs",
                counted(days, "day"),
                if days == 1 { "is" } else { "are" }
            ),
        ),
        Answer::TooShort { from, to, until } => (
            WAIT,
            format!(
                "not seen, but the logs are too short to tell: {from} to {to}; they must reach to \
                 {until}, as such a cookie lives {lives}"
            ),
        ),
        _ => (WAIT, "cannot be told: some of what it opened has no day; --day says it".into()),
    };
    let mut text = format!("{style}{name}{style:#}{of} {answer}\n");
    if !is_own(it) {
        text = format!("{style}{name}{style:#}{of}, which Rails adds by itself: {answer}\n");
    }
    if it.lately > 0 {
        let lately = number(it.lately);
        text.push_str(&format!("  {lately} in the last 7 days of the logs\n"));
    }
    if let Some(day) = it.last_written {
        text.push_str(&format!("  last written on {day}: some server still made such cookies\n"));
    }
    if it.gaps > 0 && !matches!(it.answer, Answer::Gaps { .. }) {
        let days = if it.gaps == 1 { "day has" } else { "days have" };
        text.push_str(&format!(
            "  {} {days} no such cookie at all: is a part of the logs missing?\n",
            number(it.gaps)
        ));
    }
    text
}
