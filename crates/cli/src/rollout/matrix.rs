//! `railjar rollout matrix`.

use railjar::rollout::matrix;
use serde_json::{Value, json};

use super::Loaded;
use super::check::{json as as_json, matrix as as_table};
use crate::args::{self, Format};
use crate::error::Error;
use crate::output;

pub(crate) fn run(args: &args::Matrix) -> Result<(), Error> {
    let Loaded { rollout, .. } = Loaded::new(&args.file)?;
    let matrices = matrix(&rollout)?;
    output::print(&match args.format {
        Format::Text => matrices.iter().map(as_table::table).collect(),
        Format::Json => {
            let cookies: Vec<Value> = matrices.iter().map(as_json::matrix).collect();
            format!("{}\n", json!({ "cookies": cookies }))
        }
    })
}
