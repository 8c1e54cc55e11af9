//! The curve on a terminal, in eighths of a character. The crates for this draw one line, and have no
//! place for causes on top of each other or for who serves.

use anstyle::{AnsiColor, Style};
use railjar::rollout::Rule;

use super::{Scene, words};

const COLUMNS: usize = 80;
const ROWS: u64 = 8;
const EIGHTHS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Minutes in a column, and columns between two times on the axis.
const SCALES: [(usize, usize); 9] =
    [(1, 15), (2, 15), (3, 10), (5, 12), (10, 12), (15, 12), (30, 12), (60, 12), (180, 8)];

/// A cause's colour.
pub(super) fn style(rule: Rule) -> Style {
    let colour = match rule {
        Rule::OldCannotReadNew => AnsiColor::Red,
        Rule::NewCannotReadOld => AnsiColor::Yellow,
        Rule::RollbackStrands => AnsiColor::Magenta,
        Rule::RotatorRemovedTooSoon => AnsiColor::Blue,
        _ => AnsiColor::Cyan,
    };
    colour.on_default()
}

pub(super) fn plot(scene: &Scene<'_>) -> String {
    let minutes = scene.run.new_servers.len();
    let fits = |(per_column, _): &(usize, usize)| minutes.div_ceil(*per_column) <= COLUMNS;
    let (per_column, tick) = SCALES.into_iter().find(fits).unwrap_or((180, 8));
    let curves = words::curves(scene);
    // By column: each cause's count on top of those before it.
    let columns: Vec<Vec<u64>> = (0..minutes)
        .step_by(per_column)
        .map(|from| {
            let counts = curves.iter().map(|curve| {
                let minutes = curve.simulated.iter().skip(from).take(per_column);
                minutes.sum::<u64>()
            });
            let stacked = counts.scan(0_u64, |sum, count| {
                *sum = sum.saturating_add(count);
                Some(*sum)
            });
            stacked.collect()
        })
        .collect();
    let highest = columns.iter().filter_map(|column| column.last()).max().copied().unwrap_or(0);
    let per_minute = highest.checked_div(per_column as u64).unwrap_or(0);
    let label = words::count(per_minute);
    let width = label.chars().count();
    let mut text = String::new();
    for row in (0..ROWS).rev() {
        let label = if row.saturating_add(1) == ROWS { label.as_str() } else { "" };
        text.push_str(&format!("  {label:>width$} │"));
        for column in &columns {
            // In eighths of a row.
            let level = |count: &u64| scaled(*count, highest).saturating_sub(row.saturating_mul(8));
            let cause = column.iter().position(|count| level(count) > 0).unwrap_or(0);
            let top = column.last().map_or(0, level).min(8);
            let style = curves.get(cause).map_or(Style::new(), |curve| style(curve.rule));
            let glyph = usize::try_from(top).ok().and_then(|it| EIGHTHS.get(it)).unwrap_or(&' ');
            match glyph {
                ' ' => text.push(' '),
                glyph => text.push_str(&format!("{style}{glyph}{style:#}")),
            }
        }
        text.truncate(text.trim_end_matches(' ').len());
        text.push('\n');
    }
    text.push_str(&format!("  {:>width$} └{}\n", 0, "─".repeat(columns.len())));
    text.push_str(&format!("  {:width$}  {}\n", "", axis(columns.len(), per_column, tick)));
    let shares = scene.run.new_servers.chunks(per_column);
    let shades: String = shares.map(|shares| shade(shares.iter().copied())).collect();
    text.push_str(&format!("  {:width$}  {shades}  new servers\n", ""));
    text
}

/// In eighths of a row of the whole height; something is never nothing.
fn scaled(count: u64, highest: u64) -> u64 {
    let eighths = count.saturating_mul(ROWS.saturating_mul(8));
    eighths.checked_div(highest).unwrap_or(0).max(count.min(1))
}

fn axis(columns: usize, per_column: usize, tick: usize) -> String {
    let ticks = (0..columns).step_by(tick);
    let times = ticks.map(|column| {
        let time = words::clock(column.saturating_mul(per_column));
        format!("{time:tick$}")
    });
    times.collect::<String>().trim_end().to_owned()
}

/// How many of the servers are new, as a shade.
fn shade(shares: impl Iterator<Item = f64>) -> char {
    let (sum, count) =
        shares.fold((0.0, 0_u32), |(sum, count), share| (sum + share, count.saturating_add(1)));
    match sum / f64::from(count.max(1)) {
        1.0.. => '█',
        0.67.. => '▓',
        0.34.. => '▒',
        share if share > 0.0 => '░',
        _ => '·',
    }
}
