//! The shortest safe way from what serves now to what shall serve, as deploys that each Rails can be
//! told.

mod candidates;
mod initializer;
mod recipe;
mod search;

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

pub use self::initializer::Initializer;

use self::search::{Map, Place};
use super::causes::Causes;
use super::check::{checked, earlier};
use super::reach::Step;
use super::world::{PartyId, Role, World};
use super::{Reader, Release, Report, Rollout, Severity, Stage, Subject};
use crate::error::ConfigError;
use crate::rails::Version;

/// A way from now to next.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Plan {
    /// All stages: what serves now, those in between, and what shall serve. How long each serves
    /// alone before the next deploy is in it.
    pub rollout: Rollout,
    /// For each stage, what an app of it is told besides its `load_defaults`; nothing for the first,
    /// which serves already, and for the last, which is as it was given.
    pub initializers: Vec<Option<Initializer>>,
    /// What [`check`](super::check()) says of it: without errors, where there is a safe way. Where there is none,
    /// this is the way of the least harm, and here is what it does.
    pub report: Report,
    /// Where there is no safe way: the version of Rails with which there would be one, if the app went
    /// there first and then changed the same settings.
    pub upgrade: Option<Version>,
}

impl Plan {
    /// Whether everybody always reads all that he may meet on this way. What no way can mend stays
    /// among the findings: what is wrong with the last release by itself, as a rotation that rotates
    /// nothing, and what is not read today already.
    #[must_use]
    pub fn is_safe(&self) -> bool {
        !self.report.findings.iter().any(|finding| {
            finding.severity == Severity::Error
                && finding.deploy.is_some()
                && matches!(finding.subject, Subject::Reading { .. })
        })
    }
}

/// The fewest deploys from the first stage of `rollout` to its last, of which each, and the roll-back
/// of each, is free of errors; with the shortest waiting between them. Stages in between are not
/// looked at.
///
/// Each release on the way is of the first stage's version of Rails or of the last's, and is told
/// only what that version can be told.
///
/// ```
/// use core::time::Duration;
/// use railjar::SecretKeyBase;
/// use railjar::rails::{Profile, Version};
/// use railjar::rollout::{Cookie, Release, Rollout, Stage, plan};
///
/// let secret = SecretKeyBase::new("the text of secret_key_base")?;
/// let two_weeks = Duration::from_secs(14 * 86_400);
/// let old = Profile::load_defaults(Version::V7_0, Version::V6_1)?;
/// let rollout = Rollout::new(
///     [Cookie::session("_app_session", two_weeks)],
///     Stage::new("now", Release::new(old, &secret)),
/// )
/// .then(Stage::new("next", Release::new(Profile::new(Version::V7_0), &secret)));
///
/// let plan = plan(&rollout)?;
/// assert!(plan.is_safe());
/// let stages = plan.rollout.stages();
/// assert_eq!(stages.len(), 4); // now; reads both; writes the new one; next
/// assert_eq!(stages[2].time(), two_weeks); // before next forgets the old format
/// # Ok::<(), railjar::ConfigError>(())
/// ```
///
/// # Errors
/// [`ConfigError`] where a release is none that there can be.
pub fn plan(rollout: &Rollout) -> Result<Plan, ConfigError> {
    let plan = planned(rollout, &mut Causes::new())?;
    if plan.is_safe() {
        return Ok(plan);
    }
    let upgrade = Version::ALL.into_iter().find(|version| is_safe_with(rollout, *version));
    Ok(Plan { upgrade, ..plan })
}

/// Whether there is a safe way to this later version with the settings of now, and from there to
/// next; in this version, where it is later than that of next.
fn is_safe_with(rollout: &Rollout, version: Version) -> bool {
    let (Some(now), Some(next)) = (rollout.stages.first(), rollout.stages.last()) else {
        return false;
    };
    let upgraded = |stage: &Stage| {
        let Stage { app: Release { profile, secrets }, .. } = stage;
        let later = profile.version() < version;
        let profile = profile.clone().on(version);
        later.then(|| Stage { app: Release { profile, secrets: secrets.clone() }, ..stage.clone() })
    };
    let Some(between) = upgraded(now) else { return false };
    if version == next.app.profile.version() {
        return false;
    }
    let last = upgraded(next).unwrap_or_else(|| next.clone());
    let ways = [[now.clone(), between.clone()], [between, last]];
    ways.into_iter().all(|stages| {
        let way = Rollout { stages: stages.into(), ..rollout.clone() };
        planned(&way, &mut Causes::none()).is_ok_and(|plan| plan.is_safe())
    })
}

fn planned(rollout: &Rollout, causes: &mut Causes) -> Result<Plan, ConfigError> {
    let (Some(now), Some(next)) = (rollout.stages.first(), rollout.stages.last()) else {
        return Err(ConfigError::MissingSecret);
    };
    let lifetime = rollout.cookies.iter().map(super::Cookie::lifetime).max().unwrap_or_default();
    let mut world = World::new(&rollout.cookies);

    let mut releases = candidates::releases(&now.app, &next.app);
    let mut apps = Vec::new();
    for release in &releases {
        apps.push(world.party(release, Role::Server)?);
    }
    let choices = readers(now, next);
    let mut readers: Vec<Vec<PartyId>> = Vec::new();
    for choice in &choices {
        let parties = choice.iter().map(|it| world.party(&it.release, Role::Reader));
        readers.push(parties.collect::<Result<_, _>>()?);
    }

    let first =
        apps.first().copied().map(|app| Step { app, readers: Vec::new(), serves: now.serves });
    let mut older = BTreeSet::new();
    for (index, cookie) in rollout.cookies.iter().enumerate() {
        if now.serves < cookie.lifetime() {
            let forms = earlier(&mut world, first.as_slice(), index)?;
            older.extend(forms.into_iter().map(|(form, _)| (index, form)));
        }
    }

    let end = usize::from(now.app != next.app);
    let last_readers = choices.iter().position(|it| *it == next.readers).unwrap_or(0);
    // Readers that need not change back may keep reading both.
    let ends = match now.readers == next.readers {
        true => (0..choices.len()).map(|readers| Place { app: end, readers }).collect(),
        false => Vec::from([Place { app: end, readers: last_readers }]),
    };
    let map = Map {
        world: &world,
        apps,
        readers,
        overlap: rollout.overlap,
        roll_back: rollout.roll_back,
    };
    let way = map.way(Place { app: 0, readers: 0 }, older, &ends).unwrap_or_default();

    let mut stages = Vec::new();
    let mut initializers = Vec::new();
    let last = way.len().saturating_sub(1);
    for (index, stop) in way.iter().enumerate() {
        let app = releases.get_mut(stop.place.app).cloned().unwrap_or_else(|| next.app.clone());
        let readers = choices.get(stop.place.readers).cloned().unwrap_or_default();
        let serves = match stop.waits {
            true => lifetime,
            false if index == 0 => now.serves,
            false => Duration::ZERO,
        };
        let is_given = stop.place.app <= 1;
        let name = match index {
            0 => now.name.clone(),
            _ if index == last => next.name.clone(),
            _ => step_name(index),
        };
        initializers.push((!is_given).then(|| Initializer::new(&app, &now.app, &next.app)));
        stages.push(Stage { name, app, readers, serves });
    }
    let planned = Rollout { stages, ..rollout.clone() };
    let report = checked(&planned, causes)?;
    Ok(Plan { rollout: planned, initializers, report, upgrade: None })
}

fn step_name(index: usize) -> String {
    format!("step {index}")
}

/// What all readers may be: as now; reading both; as next.
fn readers(now: &Stage, next: &Stage) -> Vec<Vec<Reader>> {
    let both = now.readers.iter().map(|it| candidates::reader(it, &now.app, &next.app));
    let both: Option<Vec<Reader>> = both.collect();
    let mut choices = Vec::from([now.readers.clone()]);
    for choice in both.into_iter().chain([next.readers.clone()]) {
        if !choices.contains(&choice) && choice.len() == now.readers.len() {
            choices.push(choice);
        }
    }
    choices
}
