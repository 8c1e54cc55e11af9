//! `railjar rollout simulate`.

mod json;
mod plot;
mod report;
mod svg;
mod text;
mod words;

use railjar::config::FleetSettings;
use railjar::entropy::{Entropy, EntropyUnavailable};
use railjar::rollout::{Fleet, Rollout, Run, SimulateError, simulate};
use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng as _, SeedableRng as _};
use serde::{Deserialize as _, Serialize};
use serde_json::Value;

use super::Loaded;
use crate::args::{Format, Simulate};
use crate::error::{Error, Status};
use crate::output;

/// The page that describes the model and its keys.
const FLEET: &str = "docs/simulate.md";

/// One deploy, as far as one cookie goes, in production and in staging.
struct Scene<'s> {
    run: &'s Run,
    fleet: &'s Fleet,
    staged: &'s Run,
    staging: &'s Fleet,
    /// The stages' names.
    old: &'s str,
    new: &'s str,
    /// The other readers' names.
    readers: Vec<&'s str>,
}

/// Draws from a seed.
struct Seeded(Pcg64);

impl Entropy for Seeded {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyUnavailable> {
        self.0.fill_bytes(out);
        Ok(())
    }
}

pub(crate) fn run(args: &Simulate) -> Result<(), Error> {
    let report = args.report.as_deref().map(report::Kind::of).transpose()?;
    let Loaded { settings, rollout } = Loaded::new(&args.file)?;
    let fleet = flags(&args.fleet)?.fleet(settings.fleet.fleet(Fleet::default()));
    let staging = flags(&args.staging)?.fleet(settings.staging.fleet(fleet.staging()));
    let played = |fleet| simulate(&rollout, fleet, &mut Seeded(Pcg64::seed_from_u64(args.seed)));
    let production = played(&fleet)?;
    let staged = played(&staging).map_err(of_staging)?;
    let pairs = production.runs.iter().zip(&staged.runs);
    let scenes: Vec<_> =
        pairs.map(|(run, staged)| scene(&rollout, (run, &fleet), (staged, &staging))).collect();
    if let (Some(kind), Some(path)) = (report, &args.report) {
        report::write(path, kind, &scenes, args.seed)?;
    }
    output::print(&match args.format {
        Format::Text => text::text(&scenes),
        Format::Json => json::line(&scenes, args.seed),
    })
}

fn scene<'s>(
    rollout: &'s Rollout,
    (run, fleet): (&'s Run, &'s Fleet),
    (staged, staging): (&'s Run, &'s Fleet),
) -> Scene<'s> {
    let stages = rollout.stages().get(run.deploy..).unwrap_or_default();
    let mut names = stages.iter().map(|stage| stage.name());
    let old = names.next().unwrap_or_default();
    let new = names.next().unwrap_or_default();
    let readers = stages.first().map_or(&[][..], |stage| stage.readers());
    let readers = readers.iter().map(|reader| reader.name()).collect();
    Scene { run, fleet, staged, staging, old, new, readers }
}

/// What the flags say, read by the rules of the file.
fn flags(flags: &impl Serialize) -> Result<FleetSettings, Error> {
    let settings = serde_json::to_value(flags).and_then(|mut flags| {
        if let Value::Object(flags) = &mut flags {
            flags.retain(|_, value| !value.is_null());
        }
        FleetSettings::deserialize(flags)
    });
    settings.map_err(|error| Error::new(format!("the flags: {error}")).status(Status::Usage))
}

/// What is wrong with the staging, which is told by itself.
fn of_staging(error: SimulateError) -> Error {
    match error {
        SimulateError::Fleet { field, .. } => Error::new(format!("the staging's {error}"))
            .hint(format!("another {field} in [staging], in the file or as --staging-…: {FLEET}")),
        error => error.into(),
    }
}

impl From<SimulateError> for Error {
    fn from(error: SimulateError) -> Self {
        match error {
            SimulateError::Config(error) => error.into(),
            SimulateError::Fleet { field, .. } => Self::new(error.to_string()).hint(format!(
                "another --{}, or [fleet] or [staging] in the file: {FLEET}",
                field.replace('_', "-")
            )),
            _ => Self::new(error.to_string()),
        }
    }
}
