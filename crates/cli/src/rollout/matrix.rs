//! `railjar rollout matrix`.

use railjar::rollout::matrix;
use serde::Serialize;

use super::Loaded;
use super::check::{json as as_json, matrix as as_table};
use crate::args::{self, Format};
use crate::error::Error;
use crate::output;

#[derive(Serialize)]
struct Line<'m> {
    cookies: Vec<as_json::Cookie<'m>>,
}

pub(crate) fn run(args: &args::Matrix) -> Result<(), Error> {
    let Loaded { rollout, .. } = Loaded::new(&args.file)?;
    let matrices = matrix(&rollout)?;
    output::print(&match args.format {
        Format::Text => matrices.iter().map(as_table::table).collect(),
        Format::Json => {
            let cookies = matrices.iter().map(as_json::matrix).collect();
            format!("{}\n", serde_json::to_string(&Line { cookies }).unwrap_or_default())
        }
    })
}
