//! `railjar rollout plan`.

mod json;
mod text;

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use railjar::rollout::{Plan, Rollout, Stage, plan};

use super::Loaded;
use crate::args::{self, Format};
use crate::error::{self, Error, Status};
use crate::output;

/// A plan, and what it is a plan for.
struct Planned {
    rollout: Rollout,
    plan: Plan,
}

/// A deploy of a plan: the stage that it ends with, and the one that it begins with.
struct Step<'p> {
    /// From 1.
    number: usize,
    before: &'p Stage,
    stage: &'p Stage,
    is_last: bool,
}

pub(crate) fn run(args: &args::Plan) -> Result<(), Error> {
    let Loaded { rollout, .. } = Loaded::new(&args.file)?;
    let plan = plan(&rollout)?;
    let planned = Planned { rollout, plan };
    if let Some(folder) = &args.write {
        planned.write(folder)?;
    }
    output::print(&match args.format {
        Format::Text => text::of(&planned, args.write.as_deref()),
        Format::Json => json::of(&planned),
    })?;
    match planned.plan.report.has_errors() {
        true => Err(Error::silent(Status::Findings)),
        false => Ok(()),
    }
}

impl Planned {
    fn steps(&self) -> impl Iterator<Item = Step<'_>> {
        let stages = self.plan.rollout.stages();
        let last = stages.len().saturating_sub(1);
        let pairs = stages.iter().zip(stages.iter().skip(1)).zip(1..);
        pairs.map(move |((before, stage), number)| Step {
            number,
            before,
            stage,
            is_last: number == last,
        })
    }

    /// The number of the form in which a stage writes each cookie.
    fn forms(&self, stage: usize) -> Vec<usize> {
        let matrices = self.plan.report.matrices.iter();
        matrices.filter_map(|it| it.writers.get(stage)).map(|writer| writer.form).collect()
    }

    fn ruby(&self, stage: usize) -> Option<&railjar::rollout::Initializer> {
        self.plan.initializers.get(stage)?.as_ref()
    }

    /// Writes each step's initializer, in a folder of its own that is laid out as the app is. What is
    /// there already stays: nothing is written where one of the files has another text.
    fn write(&self, folder: &Path) -> Result<(), Error> {
        let mut files = Vec::new();
        for step in self.steps() {
            let Some(initializer) = self.ruby(step.number) else { continue };
            let path = folder.join(step.folder()).join(initializer.path);
            let text = self.file(&step, initializer);
            match fs::read(&path) {
                Ok(there) if there == text.as_bytes() => {}
                Ok(_) => return Err(is_there(&path)),
                Err(error) if error.kind() == ErrorKind::NotFound => files.push((path, text)),
                Err(error) => return Err(error::io(&path.display().to_string(), &error)),
            }
        }
        for (path, text) in files {
            let failed = |error| error::io(&path.display().to_string(), &error);
            path.parent().map_or(Ok(()), fs::create_dir_all).map_err(failed)?;
            let mut file = File::create_new(&path).map_err(failed)?;
            file.write_all(text.as_bytes()).map_err(failed)?;
        }
        Ok(())
    }

    /// The file, with a few lines on what it is for.
    fn file(&self, step: &Step<'_>, initializer: &railjar::rollout::Initializer) -> String {
        let steps = self.steps().count();
        let mut head = format!(
            "# Step {} of {steps} of a change of this app's cookies: {}.\n# For Rails {}. It \
             replaces what other initializers say of these settings and of cookies_rotations.\n",
            step.number,
            text::title(self, step),
            step.stage.app().profile().version(),
        );
        for name in &initializer.environment {
            head.push_str(&format!("# {name} must be set: {}.\n", text::variable(name)));
        }
        format!("{head}\n{}", initializer.ruby)
    }
}

impl Step<'_> {
    fn folder(&self) -> String {
        format!("step-{}", self.number)
    }
}

fn is_there(path: &Path) -> Error {
    Error::new(format!(
        "{}: is there already, with another text: nothing was written",
        path.display()
    ))
    .hint("move it away, or --write into another folder")
}
