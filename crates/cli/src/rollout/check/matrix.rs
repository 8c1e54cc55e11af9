//! Who reads what whom writes, as a table; and what each deploy amounts to.

use anstyle::{AnsiColor, Style};
use railjar::rollout::{Compatibility, Matrix, Reading, Written};

use super::Checked;
use crate::report::plain;

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();
const NAME: Style = AnsiColor::Cyan.on_default();
const QUIET: Style = Style::new().dimmed();

/// Rails writes it again.
const AGAIN: char = '↻';

/// A cell: its text, and how it is shown.
type Cell = (String, Style);

pub(super) fn of(checked: &Checked) -> String {
    let tables: String = checked.report.matrices.iter().map(table).collect();
    let deploys = checked.report.deploys.iter().enumerate();
    let deploys: Vec<_> = deploys
        .map(|(deploy, compatibility)| {
            let [old, new] = [deploy, deploy.saturating_add(1)].map(|it| plain(checked.stage(it)));
            (format!("{old} → {new}"), *compatibility)
        })
        .collect();
    let widest = deploys.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let lines = deploys.iter().map(|(name, compatibility)| {
        let style = if *compatibility == Compatibility::Full { GOOD } else { BAD };
        format!(
            "  {NAME}{name:<widest$}{NAME:#}  {style}{:<8}{style:#}  {QUIET}{}{QUIET:#}\n",
            compatibility.name(),
            gloss(*compatibility)
        )
    });
    let again = match tables.contains(AGAIN) {
        true => format!("  {QUIET}{AGAIN} by a rotation; Rails writes it again at once{QUIET:#}\n"),
        false => String::new(),
    };
    format!("{tables}{again}\n{}", lines.collect::<String>())
}

fn gloss(compatibility: Compatibility) -> &'static str {
    match compatibility {
        Compatibility::Full => "each reads what the other writes",
        Compatibility::Backward => "the new servers read what the old ones write, not the reverse",
        Compatibility::Forward => "the old servers read what the new ones write, not the reverse",
        Compatibility::None => "neither reads what the other writes",
    }
}

pub(in crate::rollout) fn table(matrix: &Matrix) -> String {
    let title = format!("{}, written by ↓ read by →", plain(&matrix.cookie));
    let readers = matrix.readers.iter().map(|name| (plain(name), NAME));
    let head = core::iter::once((title, NAME)).chain(readers).collect();
    let rows = matrix.writers.iter().zip(&matrix.readings).map(|(writer, readings)| {
        let cells = readings.iter().map(|reading| cell(*reading));
        core::iter::once((writer_text(writer), Style::new())).chain(cells).collect()
    });
    let rows: Vec<Vec<Cell>> = core::iter::once(head).chain(rows).collect();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|(text, _)| text.chars().count()).max().unwrap_or(0)
    };
    let line = |row: &Vec<Cell>| {
        let cells = row.iter().enumerate().map(|(column, (text, style))| {
            let padding = width(column).saturating_sub(text.chars().count());
            format!("  {style}{text}{style:#}{:padding$}", "")
        });
        format!("{}\n", cells.collect::<String>().trim_end())
    };
    format!("\n{}", rows.iter().map(line).collect::<String>())
}

fn writer_text(writer: &Written) -> String {
    let recipe = writer.recipe.map(|recipe| {
        let name = |digest: Option<railjar::Digest>| digest.map(|digest| digest.name());
        let cipher = recipe.cipher.map(|cipher| cipher.name().to_uppercase());
        let key = name(recipe.key_digest).map(|digest| format!("{digest} key"));
        let mac = name(recipe.digest).map(|digest| format!("HMAC {digest}"));
        [cipher, mac, key].into_iter().flatten().collect::<Vec<_>>().join(", ")
    });
    let recipe = recipe.unwrap_or_else(|| "a key as it is".into());
    format!("{}: {recipe}, {}", plain(&writer.by), writer.serializer.format().name())
}

fn cell(reading: Reading) -> Cell {
    match reading {
        Reading::Opens { reissues: true, .. } => (format!("✓ reads {AGAIN}"), GOOD),
        Reading::Opens { .. } => ("✓ reads".into(), GOOD),
        Reading::Refused(_) => ("✗ refuses".into(), BAD),
        Reading::Raises(_) => ("✗ raises".into(), BAD),
    }
}
