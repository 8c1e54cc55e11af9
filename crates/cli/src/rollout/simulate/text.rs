//! The result for people.

use anstyle::{AnsiColor, Style};
use railjar::rollout::{Effect, Estimate, Rule};

use super::{Scene, plot, words};

const BOLD: Style = Style::new().bold();
const GREEN: Style = AnsiColor::Green.on_default().bold();

pub(super) fn text(scenes: &[Scene<'_>]) -> String {
    let scenes: Vec<_> = scenes.iter().map(scene).collect();
    scenes.join("\n")
}

fn scene(scene: &Scene<'_>) -> String {
    let run = scene.run;
    let mut text = format!("{BOLD}{}{BOLD:#}\n{}\n\n", words::title(scene), words::fleet(scene));
    if run.effects.is_empty() {
        text.push_str(&format!(
            "  {GREEN}nothing is lost{GREEN:#}: whoever meets the cookie reads it\n"
        ));
        return text;
    }
    let rows = rows(scene);
    let width = rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0);
    let [simulated, expected, staged] = ["simulated", "expected", "in staging"];
    text.push_str(&format!("    {:width$}  {simulated:>9}  {expected:>18}  {staged:>11}\n", ""));
    for Row { name, cause, production, staged } in rows {
        let padded = format!("{name:width$}");
        let name = match cause {
            // What is in the curve has its colour.
            Some(rule) if rule != Rule::EdgeCannotRead => {
                let style = plot::style(rule);
                format!("  {style}■{style:#} {padded}")
            }
            Some(_) => format!("    {padded}"),
            None => format!("  {BOLD}{padded}{BOLD:#}  "),
        };
        text.push_str(&format!(
            "{name}  {:>9}  {:>18}  {:>11}\n",
            words::count(production.simulated),
            words::expected(production),
            staged.map_or_else(|| "0".into(), words::expected),
        ));
    }
    if !words::curves(scene).is_empty() {
        text.push_str(&format!("\n{}\n", words::curve(scene)));
        text.push_str(&plot::plot(scene));
    }
    text.push('\n');
    for line in words::wrapped(&words::staging(scene), 88) {
        text.push_str(&format!("{line}\n"));
    }
    text
}

/// A row of the table.
pub(super) struct Row {
    pub(super) name: String,
    /// Of what is part of the rows above.
    pub(super) cause: Option<Rule>,
    pub(super) production: Estimate,
    /// Nothing where it cannot be there.
    pub(super) staged: Option<Estimate>,
}

pub(super) fn rows(scene: &Scene<'_>) -> Vec<Row> {
    let Scene { run, staged, .. } = scene;
    let total = |name: String, production, staged| Row {
        name,
        cause: None,
        production,
        staged: Some(staged),
    };
    let users = format!("users hit, of {}", words::count(run.users));
    let mut rows = vec![total(users, run.users_hit, staged.users_hit)];
    if run.effects.iter().any(Effect::is_loss) {
        rows.push(total("sessions lost".into(), run.sessions_lost, staged.sessions_lost));
    }
    rows.extend(run.effects.iter().map(|effect| Row {
        name: words::cause(scene, effect.rule),
        cause: Some(effect.rule),
        production: effect.total,
        staged: staged.effect(effect.rule).map(|effect| effect.total),
    }));
    rows
}
