//! A reverse proxy in front of Rails that knows who is signed in, and re-seals cookies between the
//! formats of a deploy. This file reads the arguments; `run` does the rest. Everything about cookies
//! is the library's: `decide` is where the two meet.

mod activity;
mod admin;
mod answer;
mod body;
mod check;
mod client;
mod config;
mod connection;
mod decide;
mod forward;
mod headers;
mod listener;
mod log;
mod metrics;
mod record;
mod retry;
mod run;
mod service;
mod site;
mod socket;
mod tls;
mod tunnel;
mod upstream;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use tokio::runtime;

use crate::config::Error;

/// A reverse proxy in front of Ruby on Rails that knows who is signed in, and loses no session in a
/// deploy.
///
/// SIGHUP reloads the configuration, SIGTERM ends the proxy when its requests have their responses.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The configuration, in TOML: docs/proxy.md describes it.
    config: PathBuf,
    /// Only says whether the configuration is good.
    #[arg(long)]
    check: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.check {
        true => check(&arguments.config),
        false => serve(&arguments.config),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn check(path: &Path) -> Result<(), Error> {
    let loaded = config::load(path)?;
    if let Some(tls) = &loaded.config.server.tls {
        tls::acceptor(tls.get_ref())?;
    }
    let servers: usize = loaded.config.pools.iter().map(|pool| pool.servers.len()).sum();
    println!(
        "{}: good ({servers} servers in {} pools, {} formats)",
        path.display(),
        loaded.config.pools.len(),
        loaded.formats.len()
    );
    Ok(())
}

fn serve(path: &Path) -> Result<(), Error> {
    // Twice at the start, since the log and the threads come before the rest.
    let config = config::load(path)?.config;
    log::start(&config.log);
    let mut builder = runtime::Builder::new_multi_thread();
    if let Some(threads) = config.server.threads {
        builder.worker_threads(threads);
    }
    let runtime = builder.enable_all().build().map_err(|error| Error::new("threads", error))?;
    let served = runtime.block_on(run::run(path));
    runtime.shutdown_background();
    served
}
