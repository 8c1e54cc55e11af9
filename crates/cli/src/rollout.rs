//! `railjar rollout`.

mod check;
mod matrix;
mod plan;
mod simulate;

use std::path::Path;

use railjar::config::{App, RolloutSettings, Source};
use railjar::rollout::Rollout;

use crate::app::{self, read};
use crate::args;
use crate::error::Error;

pub(crate) fn run(args: &args::Rollout) -> Result<(), Error> {
    match args {
        args::Rollout::Check(args) => check::run(args),
        args::Rollout::Matrix(args) => matrix::run(args),
        args::Rollout::Plan(args) => plan::run(args),
        args::Rollout::Simulate(args) => simulate::run(args),
    }
}

/// The page that describes a rollout file.
const KEYS: &str = "docs/rollout.md";

/// A rollout file, with the settings files that it names.
struct Loaded {
    settings: RolloutSettings,
    rollout: Rollout,
}

impl Loaded {
    fn new(path: &Path) -> Result<Self, Error> {
        let settings: RolloutSettings = read(path, KEYS)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let rollout = settings.rollout(&mut |file: &str| {
            let path = folder.join(file);
            let mut app = read(&path, app::KEYS)?;
            anchor(&mut app, path.parent().unwrap_or(folder));
            Ok::<_, Error>(app)
        })?;
        Ok(Self { settings, rollout })
    }
}

/// Has the paths of an app's secrets start where they do: files of one name in two folders are two.
fn anchor(app: &mut App, folder: &Path) {
    let of_rotations = app.rotations.iter_mut().flat_map(|rotation| {
        [&mut rotation.secret_key_base, &mut rotation.key, &mut rotation.sign_key]
    });
    let secrets = &mut app.secrets;
    let own = [&mut secrets.secret_key_base, &mut secrets.secret_token];
    for reference in own.into_iter().chain(of_rotations).flatten() {
        let path = match &mut reference.source {
            Source::File(path) => path,
            Source::Credentials(credentials) => &mut credentials.folder,
            _ => continue,
        };
        *path = folder.join(&*path).display().to_string();
    }
}
