//! `wasm-bindgen --target bundler`, of the version that the Worker was built with:
//! `railjar-worker-bind INPUT.wasm FOLDER`.

use std::env;

use anyhow::{Context as _, Result};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let mut arguments = env::args_os().skip(1);
    let input = arguments.next().context("the module is missing")?;
    let folder = arguments.next().context("the folder is missing")?;
    let mut bindgen = Bindgen::new();
    bindgen.bundler(true)?.input_path(&input).out_name("index").typescript(false);
    bindgen.remove_name_section(true).remove_producers_section(true);
    bindgen.generate(&folder)
}
