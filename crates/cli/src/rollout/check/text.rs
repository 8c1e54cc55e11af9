//! The findings for people: the verdict, what is wrong (the worst first, what belongs together
//! together), then who reads what, and what is allowed.

use anstyle::{AnsiColor, Style};
use railjar::rollout::{Finding, Rule, Severity, Subject, Writer};

use super::mend::Mend;
use super::{Checked, matrix};
use crate::report::plain;

const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const WARN: Style = AnsiColor::Yellow.on_default().bold();
const NAME: Style = AnsiColor::Cyan.on_default();
const STRONG: Style = Style::new().bold();
const QUIET: Style = Style::new().dimmed();

pub(super) fn of(checked: &Checked) -> String {
    let style = match (checked.errors().next(), checked.open().next()) {
        (Some(_), _) => BAD,
        (_, Some(_)) => WARN,
        _ => GOOD,
    };
    let mut text = format!("{style}{}{style:#}\n", checked.verdict());
    for (group, number) in groups(checked).iter().zip(1_usize..) {
        text.push_str(&block(checked, group, number));
    }
    text.push_str(&matrix::of(checked));
    text.push_str(&allowed(checked));
    text
}

/// Findings about the same reader, in one deploy, for the same reason: told once.
fn groups(checked: &Checked) -> Vec<Vec<&Finding>> {
    let mut groups: Vec<Vec<&Finding>> = Vec::new();
    for finding in checked.open() {
        let together = groups
            .iter_mut()
            .find(|group| group.first().is_some_and(|first| about(first) == about(finding)));
        match together {
            Some(group) => group.push(finding),
            None => groups.push(vec![finding]),
        }
    }
    // What servers of today write matters more than what may be left from before.
    groups.iter_mut().for_each(|group| group.sort_by_key(|finding| is_of_before(finding)));
    groups
}

fn is_of_before(finding: &Finding) -> bool {
    let Subject::Reading { writer, .. } = &finding.subject else { return false };
    !matches!(writer, Writer::Stage(_))
}

/// What is the same for findings that are told together.
fn about(finding: &Finding) -> impl PartialEq + '_ {
    let (reader, other) = match &finding.subject {
        Subject::Reading { reader, .. } => (Some(reader), None),
        other => (None, Some(other)),
    };
    (&finding.cookie, finding.deploy, finding.severity, reader, other, &finding.cause)
}

fn block(checked: &Checked, group: &[&Finding], number: usize) -> String {
    let Some((first, others)) = group.split_first() else { return String::new() };
    let (style, severity) = match first.severity {
        Severity::Error => (BAD, "error"),
        Severity::Warning => (WARN, "warning"),
    };
    let mut rules: Vec<Rule> = Vec::new();
    group.iter().for_each(|it| {
        if !rules.contains(&it.rule) {
            rules.push(it.rule);
        }
    });
    let names: Vec<_> = rules.iter().map(|rule| rule.name()).collect();
    let mut text = format!(
        "\n{style}{number}. {severity}:{style:#} {STRONG}{}{STRONG:#}\n   {QUIET}{}{QUIET:#}\n",
        checked.sentence(first),
        names.join(", ")
    );
    let mut row = |name: &str, content: &str| {
        text.push_str(&format!("   {NAME}{name:<4}{NAME:#} {content}\n"));
    };
    if let Some(why) = checked.why(first) {
        row("why", &why);
    }
    for line in also(checked, first, others) {
        row("also", &line);
    }
    for line in way(checked, first, others) {
        row(line.0, &line.1);
    }
    for mend in mends(checked, group) {
        row("mend", &mend.words);
        let lines = mend.code.iter().flat_map(|code| code.lines());
        lines.for_each(|line| row("", &format!("  {line}")));
    }
    for (at, rule) in rules.iter().enumerate() {
        row(if at == 0 { "more" } else { "" }, &page(*rule));
    }
    text
}

/// What mends all of it: each way once, with the lines that are enough for every cookie.
fn mends(checked: &Checked, group: &[&Finding]) -> Vec<Mend> {
    let has_new = group.iter().any(|finding| finding.rule == Rule::NewCannotReadOld);
    // Where nothing reads them at all, that comes first.
    let is_told = |it: &Finding| has_new && it.rule == Rule::RotatorRemovedTooSoon;
    let mut mends: Vec<Mend> = Vec::new();
    for finding in group.iter().filter(|finding| !is_told(finding)) {
        let mend = checked.mend(finding);
        let lines = |it: &Mend| it.code.as_ref().map_or(0, |code| code.lines().count());
        match mends.iter_mut().find(|it| it.words == mend.words) {
            Some(told) if lines(told) < lines(&mend) => *told = mend,
            Some(_) => {}
            None => mends.push(mend),
        }
    }
    mends
}

/// What else is not read, and that a rotation for it is removed.
fn also(checked: &Checked, first: &Finding, others: &[&Finding]) -> Vec<String> {
    let mut lines = Vec::new();
    for other in others {
        let (Subject::Reading { writer, .. }, Subject::Reading { writer: of_first, .. }) =
            (&other.subject, &first.subject)
        else {
            continue;
        };
        let cookie = plain(&other.cookie);
        let line = match (other.rule, other.deploy) {
            (Rule::RotatorRemovedTooSoon, Some(deploy)) => format!(
                "this deploy removes a rotation of \"{}\" that is there to read it",
                plain(checked.stage(deploy))
            ),
            _ if writer == of_first => continue,
            _ => format!("the {cookie} {}", checked.written(*writer)),
        };
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

/// The steps to the first finding, and of each other one those in which it differs.
fn way(checked: &Checked, first: &Finding, others: &[&Finding]) -> Vec<(&'static str, String)> {
    let steps = |finding: &Finding, from: usize| {
        let steps = finding.path.iter().zip(1_usize..).skip(from);
        let words =
            steps.map(|(step, number)| format!("{number}. {}", checked.step(finding, step)));
        words.collect::<Vec<_>>()
    };
    let mut lines: Vec<_> = steps(first, 0).into_iter().map(|step| ("", step)).collect();
    if let Some((name, _)) = lines.first_mut() {
        *name = "how";
    }
    let mut told = vec![first.rule];
    for other in others {
        if told.contains(&other.rule) {
            continue;
        }
        told.push(other.rule);
        let pairs = first.path.iter().zip(&other.path);
        let common = pairs.take_while(|(one, another)| one == another).count();
        let differs = steps(other, common).into_iter().enumerate();
        lines.extend(differs.map(|(at, step)| (if at == 0 { "or" } else { "" }, step)));
    }
    lines
}

/// Where a rule is described.
pub(super) fn page(rule: Rule) -> String {
    format!("https://github.com/railjar/railjar/blob/main/docs/rollout/{rule}.md")
}

fn allowed(checked: &Checked) -> String {
    let lines = checked.settings.allow.iter().map(|allowance| {
        let of =
            allowance.cookie.as_deref().map_or(String::new(), |it| format!(" of {}", plain(it)));
        let found = checked.report.findings.iter().any(|finding| allowance.allows(finding));
        let unused = if found { "" } else { " (nothing found: this entry can go)" };
        format!("  {}{of}: {}{unused}\n", allowance.rule, plain(&allowance.reason))
    });
    let lines: String = lines.collect();
    if lines.is_empty() { lines } else { format!("\n{NAME}allowed{NAME:#}\n{lines}") }
}
