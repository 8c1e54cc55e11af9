//! A plan for people in a hurry.

use std::path::Path;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use railjar::rollout::{
    Cookie, Initializer, Reader, RollBack, Rollout, Rule, Severity, Stage, check,
};

use super::{Planned, Step};
use crate::report::plain;
use crate::rollout::check::mend::settings;
use crate::time::length;

const TITLE: Style = Style::new().bold();
const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const QUIET: Style = Style::new().dimmed();

pub(super) fn of(planned: &Planned, written: Option<&Path>) -> String {
    let mut text = verdict(planned);
    for step in planned.steps() {
        text.push_str(&of_step(planned, &step, written));
    }
    text + &harm(planned)
}

fn verdict(planned: &Planned) -> String {
    let stages = planned.plan.rollout.stages();
    let waits: Duration = stages.iter().skip(1).map(|stage| stage.time()).sum();
    let deploys = match planned.steps().count() {
        0 => return format!("{GOOD}Nothing to do.{GOOD:#} What serves now is what shall serve.\n"),
        1 => "one deploy".to_owned(),
        count => format!("{count} deploys"),
    };
    let time = match waits.is_zero() {
        true => String::new(),
        false => format!(", with {} of waiting", length(waits)),
    };
    let first = first_wait(planned);
    let back = match planned.plan.rollout.rolling_back() {
        RollBack::Possible => "can be taken back",
        RollBack::Excluded => "must not be taken back, as the file says",
    };
    match planned.plan.is_safe() {
        true if planned.plan.report.has_errors() => format!(
            "{BAD}A way on which all cookies are read: {deploys}{time}; but something is wrong \
             whatever the way, as is said below.{BAD:#}\n{first}"
        ),
        true => format!(
            "{GOOD}A safe way: {deploys}{time}.{GOOD:#} Each logs nobody out, and {back}.\n{first}"
        ),
        false => format!(
            "{BAD}There is no safe way.{BAD:#} {}That of the least harm: {deploys}{time}.\n{first}",
            upgrade(planned)
        ),
    }
}

/// Whether a later Rails would help.
fn upgrade(planned: &Planned) -> String {
    let version = planned.plan.upgrade;
    version.map_or(String::new(), |version| {
        format!(
            "There is one with Rails {version}: go there first, with the settings of now, and then \
             change them.\n"
        )
    })
}

/// What must have passed before the first deploy.
fn first_wait(planned: &Planned) -> String {
    let given = planned.rollout.stages().first().map(|stage| stage.time());
    match planned.plan.rollout.stages().first() {
        Some(now) if Some(now.time()) != given => format!(
            "Not before {} has served for {}: until then, browsers may have what earlier releases \
             wrote. (If it has, say so: serves = {:?}.)\n",
            plain(now.name()),
            length(now.time()),
            length(now.time())
        ),
        _ => String::new(),
    }
}

fn of_step(planned: &Planned, step: &Step<'_>, written: Option<&Path>) -> String {
    let version = step.stage.app().profile().version();
    let mut text =
        format!("\n{TITLE}{}. {}{TITLE:#}: {}\n", step.number, plain(step.stage.name()), {
            title(planned, step)
        });
    if step.before.app() != step.stage.app() {
        let defaults = match step.is_last {
            true => ", as it is described",
            false => "",
        };
        text.push_str(&format!("   Rails {version}{defaults}\n"));
        match planned.ruby(step.number) {
            Some(initializer) => text.push_str(&ruby(step, initializer, written)),
            None if step.number > 1 => text.push_str(
                "   Delete the initializer of the step before, and say what next says.\n",
            ),
            None => {}
        }
    }
    if step.before.app().secrets() != step.stage.app().secrets() {
        text.push_str("   secret_key_base: that of next from here on\n");
    }
    for reader in changed_readers(step) {
        text.push_str(&of_reader(planned, step, reader));
    }
    let has_waited = step.number > 1 && !step.before.time().is_zero();
    let watch = match step.is_last && has_waited {
        true => "that nothing is refused: what could be, has expired",
        false => "refused cookies, by railjar audit: their number must not rise",
    };
    text.push_str(&format!("   {QUIET}Watch{QUIET:#} {watch}.\n"));
    if !step.stage.time().is_zero() && !step.is_last {
        text.push_str(&format!(
            "   {QUIET}Wait{QUIET:#}  {} before the next step: until the last cookie of before has \
             expired.\n",
            length(step.stage.time())
        ));
    }
    text
}

/// What a step is for.
pub(super) fn title(planned: &Planned, step: &Step<'_>) -> String {
    let (old, new) = (step.before.app(), step.stage.app());
    let before = step.number.saturating_sub(1);
    let rewrites = planned.forms(before) != planned.forms(step.number);
    let reads = match step.is_last {
        true => "stop reading what is no longer there",
        false => "read what is going to be written",
    };
    let versions = [old, new].map(|release| release.profile().version());
    match (old == new, versions[0] != versions[1], rewrites) {
        (true, ..) => "tell those who read besides the app".into(),
        (_, true, true) => format!("go to Rails {}, and write the new cookies", versions[1]),
        (_, true, false) => format!("go to Rails {}, and {reads}", versions[1]),
        (_, false, true) => "write the new cookies, and read the old ones too".into(),
        (_, false, false) => reads.into(),
    }
}

fn ruby(step: &Step<'_>, initializer: &Initializer, written: Option<&Path>) -> String {
    let mut text = match written {
        Some(folder) => {
            let path = folder.join(step.folder()).join(initializer.path);
            return format!("   with {} (written)\n", plain(&path.display().to_string()))
                + &variables(initializer);
        }
        None => format!("   with {}\n\n", initializer.path),
    };
    for line in initializer.ruby.trim_end().lines() {
        match line {
            "" => text.push('\n'),
            line => text.push_str(&format!("       {line}\n")),
        }
    }
    text.push('\n');
    text + &variables(initializer)
}

fn variables(initializer: &Initializer) -> String {
    let names = initializer.environment.iter();
    names.map(|name| format!("   Set {name}: {}.\n", variable(name))).collect()
}

/// What a variable that an initializer reads must hold.
pub(super) fn variable(name: &str) -> &'static str {
    match name {
        "NEW_SECRET_KEY_BASE" => "the secret_key_base that next has",
        "OLD_SECRET_KEY_BASE" => "the secret_key_base that now has",
        name if name.starts_with("OLDER_SECRET_KEY_BASE") => {
            "the older secret_key_base of a rotation"
        }
        _ => "the key of a rotation, in hexadecimal digits",
    }
}

/// The readers that are others from this step on.
fn changed_readers<'s>(step: &Step<'s>) -> impl Iterator<Item = &'s Reader> {
    let before = step.before.readers();
    step.stage.readers().iter().filter(move |reader| {
        before.iter().any(|it| it.name() == reader.name() && it.release() != reader.release())
    })
}

/// What a reader is given: what next says of it, or what it must read besides.
fn of_reader(planned: &Planned, step: &Step<'_>, reader: &Reader) -> String {
    let name = plain(reader.name());
    let next = planned.rollout.stages().last().map_or(&[][..], |next| next.readers());
    if next.iter().any(|it| it.name() == reader.name() && it.release() == reader.release()) {
        return format!("   {name} reads as next says, from here on\n");
    }
    let (now, next) = (planned.rollout.stages().first(), planned.rollout.stages().last());
    let before = step.before.readers().iter().find(|it| it.name() == reader.name());
    let besides = match (now, next, before) {
        (Some(now), Some(next), Some(before)) => {
            besides(planned.rollout.cookies(), [now, next], before)
        }
        _ => Vec::new(),
    };
    if besides.is_empty() {
        return format!(
            "   {name} reads both formats from here on: give it the settings of both, as rotations\n"
        );
    }
    let mut text =
        format!("   {name} reads both formats from here on; its settings have this besides\n\n");
    for line in besides.iter().flat_map(|settings| settings.lines()) {
        text.push_str(&format!("       {line}\n"));
    }
    text.push('\n');
    text
}

/// What a reader lacks to read what both write, as parts of a settings file.
fn besides(cookies: &[Cookie], stages: [&Stage; 2], reader: &Reader) -> Vec<String> {
    let [now, next] =
        stages.map(|it| Stage::new(it.name(), it.app().clone()).reader(reader.clone()));
    let rollout = Rollout::new(cookies.iter().cloned(), now).then(next);
    let findings = check(&rollout).map(|report| report.findings).unwrap_or_default();
    let of = findings.iter().filter(|finding| finding.rule == Rule::EdgeCannotRead);
    let changes = of.filter_map(|finding| finding.change.as_deref()).map(settings);
    changes.fold(Vec::new(), |mut told, settings| {
        if !settings.is_empty() && !told.contains(&settings) {
            told.push(settings);
        }
        told
    })
}

/// What even the best way does.
fn harm(planned: &Planned) -> String {
    if !planned.plan.report.has_errors() {
        return String::new();
    }
    let errors = planned.plan.report.findings.iter().filter(|it| it.severity == Severity::Error);
    let mut lines: Vec<String> = errors
        .map(|finding| {
            let stages = planned.plan.rollout.stages();
            let at = finding.deploy.and_then(|deploy| stages.get(deploy.saturating_add(1)));
            let at = at.map(|stage| format!(", at {}", plain(stage.name())));
            let (rule, cookie) = (finding.rule, plain(&finding.cookie));
            format!("  {BAD}{rule}{BAD:#}  {cookie}{}\n", at.unwrap_or_default())
        })
        .collect();
    lines.dedup();
    format!("\nWhat is wrong all the same, as rollout check explains it:\n{}", lines.concat())
}
