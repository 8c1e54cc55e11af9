//! The answer for people: first what is wrong, then what to do, then all that is known.

use anstyle::{AnsiColor, Style};
use railjar::explain::{Cause, Change, Contents, Found, Report, Shape, Spelling, Verdict};
use railjar::rails::CookieKind;
use railjar::{Matched, Origin};

use super::{Explained, words};
use crate::report::plain;
use crate::time;

const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const WARN: Style = AnsiColor::Yellow.on_default().bold();
const NAME: Style = AnsiColor::Cyan.on_default();
const QUIET: Style = Style::new().dimmed();

/// Every cookie, and how many there are besides.
pub(super) fn of_all(shown: &[&Explained<'_>], all: &[Explained<'_>]) -> String {
    let mut parts: Vec<_> = shown.iter().map(|it| of(it)).collect();
    let others = all.iter().filter(|it| !shown.iter().any(|shown| std::ptr::eq(*shown, *it)));
    let others: Vec<_> = others.filter_map(|it| it.cookie.name.as_deref().map(plain)).collect();
    if !others.is_empty() {
        let text = format!("{QUIET}not of Rails: {}{QUIET:#}\n", others.join(", "));
        parts.push(text);
    }
    parts.join("\n")
}

fn of(it: &Explained<'_>) -> String {
    let Explained { cookie, report, now, .. } = it;
    let name = it.name().map_or("it".into(), plain);
    let mut text = match &report.cause {
        None => format!("{GOOD}{name}{GOOD:#} {}\n", taken(report)),
        Some(cause) => {
            let style = if report.verdict == Verdict::Refused { BAD } else { WARN };
            let happened = words::happened(cause, *now);
            let likely = match report.found.is_none() && is_guess(cause) {
                true => " (by its looks alone)",
                false => "",
            };
            let word = cause.name();
            format!(
                "{style}{name}{style:#} {}: {happened}{likely} {QUIET}[{word}]{QUIET:#}\n",
                is_refused(report)
            )
        }
    };
    if let Some(then) = &report.then {
        text.push_str(&format!("  and besides: {}\n", words::happened(then, *now)));
    }
    if let Some(cause) = &report.cause {
        text.push_str(&format!("  {NAME}try:{NAME:#} {}\n", words::help(cause)));
    }
    text.push('\n');
    let mut row = |name: &str, content: String| {
        text.push_str(&format!("  {NAME}{name:<12}{NAME:#} {content}\n"));
    };
    let shape = report.mended_shape.as_ref().unwrap_or(&report.shape);
    row("shape", shape_text(shape, report.mended_shape.is_some()));
    match &report.found {
        Some(found) => found_rows(found, it, &mut row),
        None => unverified_row(shape, it, &mut row),
    }
    if let Verdict::Accepted { matched, .. } = report.verdict {
        row("read by", read_by(report, matched));
    }
    if let (Some(true), Verdict::Refused) = (report.as_rails, report.verdict) {
        row("note", "the app's own Rails would take it all the same, by its leniency".into());
    }
    if cookie.unescaped {
        row("note", format!("{QUIET}the value was percent-decoded first{QUIET:#}"));
    }
    if let Some(change) = &report.change {
        text.push_str(&change_text(change));
    }
    text
}

/// Whether a key would have told more.
fn is_guess(cause: &Cause) -> bool {
    !matches!(cause, Cause::Empty | Cause::NotRails { .. } | Cause::NoKeyFits | Cause::Unsigned)
}

fn is_refused(report: &Report) -> &'static str {
    match report.verdict {
        Verdict::Refused => "is refused",
        _ => "opens, but",
    }
}

fn taken(report: &Report) -> String {
    match report.verdict {
        Verdict::Unjudged => "has the shape of a Rails message; give a secret to know more".into(),
        Verdict::Accepted { jar: Some(CookieKind::Signed), .. } => {
            "is taken, as a signed cookie".into()
        }
        Verdict::Accepted { jar: Some(CookieKind::Encrypted), .. } => {
            "is taken, as an encrypted cookie".into()
        }
        Verdict::Accepted { .. } => "is taken".into(),
        _ => match &report.found {
            Some(found) => format!("opens: it is {}", found.recipe.used_for.noun()),
            None => "opens".into(),
        },
    }
}

fn shape_text(shape: &Shape, is_mended: bool) -> String {
    let mended = if is_mended { ", once that is mended" } else { "" };
    let spelling = match shape.spelling {
        Spelling::UrlSafe => ", URL-safe",
        _ => "",
    };
    let since = shape.since().map(|version| format!(", as Rails {version} or later writes"));
    let size = shape.wire_len;
    format!("{}{spelling}, {size} bytes{}{mended}", shape.kind, since.unwrap_or_default())
}

fn found_rows(found: &Found, it: &Explained<'_>, row: &mut impl FnMut(&str, String)) {
    row("made by", found.recipe.to_string());
    let looks = found.looks();
    if !looks.is_empty() {
        row("looks like", looks.to_string());
    }
    let Ok(contents) = &found.contents else { return };
    if let Some(purpose) = &contents.purpose {
        row("purpose", plain(purpose));
    }
    let expiry = match contents.expires_at {
        Some(at) => format!("{} ({})", time::absolute(at), time::relative(at, it.now)),
        None => "none inside it".into(),
    };
    row("expiry", expiry);
    row("value", value_text(contents));
    let settings = found.settings();
    // An app has its own.
    if !settings.is_empty() && it.report.as_rails.is_none() {
        let pairs: Vec<_> =
            settings.iter().map(|(name, value)| format!("{name}={value}")).collect();
        row("settings", pairs.join(" "));
    }
}

fn value_text(contents: &Contents) -> String {
    let (format, size) = (contents.format.name(), contents.payload_len);
    match contents.envelope.name() {
        "none" => format!("{format}, {size} bytes, without metadata"),
        form => format!("{format}, {size} bytes, in a {form} envelope"),
    }
}

fn unverified_row(shape: &Shape, it: &Explained<'_>, row: &mut impl FnMut(&str, String)) {
    let Some(unverified) = &shape.unverified else { return };
    let format = unverified.format.map_or("bytes", |format| format.name());
    let mut text = format!("{format}, {} bytes", unverified.payload_len);
    if let Some(purpose) = &unverified.purpose {
        text.push_str(&format!(", for {}", plain(purpose)));
    }
    if let Some(at) = unverified.expires_at {
        text.push_str(&format!(", until {} ({})", time::absolute(at), time::relative(at, it.now)));
    }
    row("unverified", format!("{text}: what anybody can read, and could have written"));
}

fn read_by(report: &Report, matched: Matched) -> String {
    let recipe = match matched {
        Matched::Primary => "the app's own recipe".into(),
        Matched::Rotation { index, origin: Origin::Configured } => {
            format!("its rotations[{index}]")
        }
        Matched::Rotation { origin, .. } => format!("{}, a rotation of Rails' own", origin.name()),
    };
    match report.verdict {
        Verdict::Accepted { must_reissue: true, .. } => {
            format!("{recipe}; this Rails writes it anew when it reads it")
        }
        _ => recipe,
    }
}

fn change_text(change: &Change) -> String {
    let ruby = change.ruby().map(|ruby| {
        let lines: Vec<_> = ruby.lines().map(|line| format!("    {line}\n")).collect();
        format!("\n  with this it is read; it was tried:\n\n{}", lines.concat())
    });
    let none = "\n  this Rails has no rotations: only a later one can read it\n";
    ruby.unwrap_or_else(|| none.into())
}
