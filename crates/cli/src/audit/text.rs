//! The counts for people: a table for each cookie, and then what follows from it.

mod answers;

use anstyle::{AnsiColor, Style};
use railjar::audit::{AuditedCookie, AuditedRecipe, Direction, Row, Subject, Tally, When};
use railjar::rails::{CookieKind, RecipeSummary, Strictness};
use railjar::{Matched, Origin};

use crate::report::plain;

const STRONG: Style = Style::new().bold();
const NAME: Style = AnsiColor::Cyan.on_default();
const QUIET: Style = Style::new().dimmed();

/// One row of a table, counted up over all days.
struct Total {
    name: String,
    words: String,
    sent: u64,
    written: u64,
    last: Option<When>,
}

pub(super) fn of(tally: &Tally, lifetime: Option<u32>) -> String {
    let cookies = tally.subject().cookies().iter().enumerate();
    let mut text: String = cookies.map(|(index, cookie)| of_cookie(tally, index, cookie)).collect();
    text.push_str(&answers::of(tally, lifetime));
    text.push_str(&lines(tally));
    text
}

/// What a tally is of, in one line.
pub(super) fn subject(place: &str, subject: &Subject) -> String {
    let cookies = subject.cookies().iter().map(|cookie| {
        let recipes: Vec<_> = cookie.recipes().iter().map(named).collect();
        format!("{} ({}: {})", plain(cookie.name()), jar(cookie), recipes.join("; "))
    });
    let cookies: Vec<_> = cookies.collect();
    let strictness = match subject.strictness() {
        Strictness::AsRails => ", as-rails",
        Strictness::Strict => "",
    };
    format!(
        "{place}: Rails {}, {}{strictness}, keys {}, {}",
        subject.rails(),
        subject.serializer().name(),
        subject.keys(),
        cookies.join(", ")
    )
}

fn named(recipe: &AuditedRecipe) -> String {
    let changes: Vec<_> = recipe.changes().map(|(name, to)| format!("{name}={to}")).collect();
    format!("{} {}", recipe.name(), changes.join(" ")).trim_end().to_owned()
}

fn jar(cookie: &AuditedCookie) -> &'static str {
    match cookie.kind() {
        CookieKind::Signed => "signed",
        CookieKind::Encrypted => "encrypted",
    }
}

fn of_cookie(tally: &Tally, index: usize, cookie: &AuditedCookie) -> String {
    let name = plain(cookie.name());
    let rows: Vec<_> = tally.rows().filter(|row| row.cookie.name() == cookie.name()).collect();
    let total = |direction| {
        let rows = rows.iter().filter(|row| row.direction == direction);
        rows.map(|row| row.counts.total()).sum::<u64>()
    };
    let (sent, written) = (total(Direction::Sent), total(Direction::Written));
    if sent == 0 && written == 0 {
        return format!("{STRONG}{name}{STRONG:#}, {}: not seen\n\n", jar(cookie));
    }
    let days = match tally.covered(index) {
        Some((from, to)) if from == to => format!(" on {from}"),
        Some((from, to)) => format!(" from {from} to {to}"),
        None => String::new(),
    };
    let count = counted(sent.saturating_add(written), "cookie");
    let mut text = format!("{STRONG}{name}{STRONG:#}, {}: {count}{days}\n\n", jar(cookie));
    let opened = cookie.recipes().iter().enumerate().map(|(at, recipe)| {
        let words = words(recipe);
        total_of(&rows, recipe.name().into_owned(), words, |row| row.counts.opened_by(at))
    });
    let opened: Vec<_> = opened.collect();
    let reasons = rows.first().map(|row| row.counts.refused().map(|(reason, _)| reason));
    let refused = reasons.into_iter().flatten().map(|reason| {
        total_of(&rows, reason.to_owned(), meaning(reason).to_owned(), |row| {
            row.counts.refused().filter(|(it, _)| *it == reason).map(|(_, count)| count).sum()
        })
    });
    let refused: Vec<_> = refused.filter(|total| total.last.is_some()).collect();
    text.push_str(&table(&opened, &refused, sent, written));
    text.push_str(&besides(tally, index, &rows));
    text.push('\n');
    text
}

fn total_of(
    rows: &[Row<'_>],
    name: String,
    words: String,
    count: impl Fn(&Row<'_>) -> u64,
) -> Total {
    let mut total = Total { name, words, sent: 0, written: 0, last: None };
    for row in rows {
        let count = count(row);
        if count > 0 {
            total.last = total.last.max(Some(row.when));
            let sum = match row.direction {
                Direction::Sent => &mut total.sent,
                Direction::Written => &mut total.written,
            };
            *sum = sum.saturating_add(count);
        }
    }
    total
}

fn table(opened: &[Total], refused: &[Total], sent: u64, written: u64) -> String {
    let totals = || opened.iter().chain(refused);
    let width = |of: fn(&Total) -> &str| {
        totals().map(|total| of(total).chars().count()).max().unwrap_or(0).max("opened by".len())
    };
    let (names, words) = (width(|it| &it.name), width(|it| &it.words));
    let numbers = number(sent.max(written)).len().max("written".len());
    let column = |text: &str| match written {
        0 => String::new(),
        _ => format!("  {text:>numbers$}"),
    };
    let (by, head) = ("opened by", column("written"));
    let mut text = format!(
        "  {QUIET}{by:<names$}  {:<words$}  {:>numbers$}   share{head}  last day{QUIET:#}\n",
        "", "sent"
    );
    for (index, total) in totals().enumerate() {
        if index == opened.len() {
            text.push_str(&format!("  {QUIET}refused{QUIET:#}\n"));
        }
        let Total { name, words: what, sent: count, written, last } = total;
        let last = match last {
            None => "never".into(),
            Some(When::Day(day)) => day.to_string(),
            Some(When::Earlier) => "long ago".into(),
            Some(When::Unknown) => "unknown".into(),
        };
        let (share, written) = (share(*count, sent), column(&number(*written)));
        text.push_str(&format!(
            "  {NAME}{name:<names$}{NAME:#}  {what:<words$}  {:>numbers$}  {share:>6}{written}  {last}\n",
            number(*count)
        ));
    }
    text
}

/// What else there is to say of a cookie.
fn besides(tally: &Tally, index: usize, rows: &[Row<'_>]) -> String {
    let mut text = String::new();
    let sum = |count: &dyn Fn(&Row<'_>) -> u64| rows.iter().map(count).sum::<u64>();
    let reissued = sum(&|row| row.counts.must_reissue());
    if reissued > 0 {
        text.push_str(&format!(
            "\n  {} would be written anew when they are read\n",
            number(reissued)
        ));
    }
    let mut formats: Vec<(&str, u64)> = Vec::new();
    for (format, count) in rows.iter().flat_map(|row| row.counts.formats()) {
        match formats.iter_mut().find(|(name, _)| *name == format.name()) {
            Some((_, sum)) => *sum = sum.saturating_add(count),
            None => formats.push((format.name(), count)),
        }
    }
    formats.retain(|(_, count)| *count > 0);
    if formats.len() > 1 {
        let formats = formats.iter().map(|(name, count)| format!("{} {name}", number(*count)));
        text.push_str(&format!("  serialized as: {}\n", formats.collect::<Vec<_>>().join(", ")));
    }
    let undated = sum(&|row| if row.when == When::Unknown { row.counts.total() } else { 0 });
    if undated > 0 {
        text.push_str(&format!("  {} of an unknown day\n", number(undated)));
    }
    let mut samples = tally.samples().of(index).peekable();
    if samples.peek().is_some() {
        text.push_str("\n  a few of the refused, explained (docs/explain.md says what to do):\n");
        for (reason, shape, cause, count) in samples {
            text.push_str(&format!(
                "    {reason}, {shape}: {NAME}{cause}{NAME:#} {QUIET}× {count}{QUIET:#}\n"
            ));
        }
    }
    text
}

fn lines(tally: &Tally) -> String {
    let lines = tally.lines();
    let mut text = format!("{QUIET}{} read", counted(lines.read, "line"));
    if lines.undated > 0 {
        text.push_str(&format!(", {} without a time", number(lines.undated)));
    }
    if lines.too_long > 0 {
        text.push_str(&format!(", {} left out for they are over 1 MiB", number(lines.too_long)));
    }
    format!("{text}{QUIET:#}\n")
}

/// What a recipe is, in words: of a rotation what was changed, of the others what they are made of.
fn words(recipe: &AuditedRecipe) -> String {
    let changes: Vec<_> =
        recipe.changes().map(|(name, to)| format!("{name}={}", plain(to))).collect();
    let RecipeSummary { cipher, digest, key_digest, .. } = recipe.made();
    let cipher = cipher.map(|it| it.name().to_uppercase());
    let digest = digest.map(|it| format!("HMAC {}", it.name()));
    let key = key_digest.map(|it| format!("key by {}", it.name()));
    let made: Vec<_> = [cipher, digest, key].into_iter().flatten().collect();
    match (recipe.matched(), changes.is_empty()) {
        (Matched::Rotation { origin: Origin::Configured, .. }, false) => changes.join(" "),
        _ => made.join(", "),
    }
}

/// The reasons of refusals in words.
fn meaning(reason: &str) -> &'static str {
    match reason {
        "bad-signature" => "no key made it, or it was changed",
        "malformed" => "not in the form of such a cookie",
        "unsupported-serialization" => "in a format that the app does not read",
        "malformed-serialization" => "its value cannot be read",
        "expired" => "it had expired when it was sent",
        "purpose-mismatch" => "issued under another name",
        "missing-metadata" | "malformed-metadata" => "its metadata is missing or wrong",
        _ => "",
    }
}

fn share(part: u64, of: u64) -> String {
    match (part, of) {
        (0, _) | (_, 0) => "–".into(),
        _ => {
            let mille = u128::from(part).saturating_mul(1000).checked_div(of.into()).unwrap_or(0);
            match mille {
                0 => "<0.1%".into(),
                mille => format!("{}.{}%", mille / 10, mille % 10),
            }
        }
    }
}

/// `1 cookie`, `2 cookies`.
pub(super) fn counted(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {what}{plural}", number(count))
}

/// `1,234,567`.
fn number(count: u64) -> String {
    let digits = count.to_string();
    let start = digits.len() % 3;
    let (first, rest) = digits.split_at(start);
    let groups = rest.as_bytes().chunks(3).map(|group| String::from_utf8_lossy(group).into_owned());
    let first = (!first.is_empty()).then(|| first.to_owned());
    first.into_iter().chain(groups).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_easy_to_read() {
        for (count, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(number(count), text);
        }
        let shares =
            [(0, 9, "–"), (1, 2000, "<0.1%"), (1, 3, "33.3%"), (3, 3, "100.0%"), (1, 0, "–")];
        for (part, of, text) in shares {
            assert_eq!(share(part, of), text);
        }
    }
}
