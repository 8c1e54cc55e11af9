//! The arguments of `rollout simulate`.

use std::path::PathBuf;

use clap::Args;
use railjar::config::FleetSettings;
use serde::{Deserialize as _, Serialize};
use serde_json::json;

use crate::args::Format;

#[derive(Args)]
#[command(after_help = "\
The [fleet] and [staging] tables of the file take the same names, with _ for -: see docs/simulate.md. \
The same seed gives the same numbers on every machine.")]
pub(crate) struct Simulate {
    /// The rollout file, TOML or JSON: see docs/rollout.md.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) fleet: Fleet,
    #[command(flatten)]
    pub(crate) staging: Staging,
    /// Which visitors are drawn.
    #[arg(long, default_value_t = 1, value_name = "NUMBER")]
    pub(crate) seed: u64,
    /// Write a report with the curves to a file that ends in .svg or .html.
    #[arg(long, value_name = "PATH")]
    pub(crate) report: Option<PathBuf>,
    /// How to print the result.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: Format,
}

/// What a deploy runs on. What is absent is as the file has it.
#[derive(Args, Serialize)]
#[command(next_help_heading = "The fleet")]
pub(crate) struct Fleet {
    /// How many servers there are [default: 20].
    #[arg(long, value_name = "NUMBER")]
    servers: Option<u32>,
    /// How long a deploy takes [default: 10 min].
    #[arg(long, value_name = "TIME", value_parser = time)]
    deploy_takes: Option<String>,
    /// Take it back, so long after it began [default: never].
    #[arg(long, value_name = "TIME", value_parser = time)]
    roll_back_at: Option<String>,
    /// How long that takes [default: as long as the deploy].
    #[arg(long, value_name = "TIME", value_parser = time)]
    roll_back_takes: Option<String>,
    /// How long to look on, after the last server is replaced [default: 1 h].
    #[arg(long, value_name = "TIME", value_parser = time)]
    watch: Option<String>,
    /// How many sessions there are when it begins [default: 10000].
    #[arg(long, value_name = "NUMBER")]
    sessions: Option<u32>,
    /// The share of them whose user is there, from 0 to 1 [default: a third].
    #[arg(long, value_name = "SHARE", value_parser = number)]
    active: Option<f64>,
    /// Requests of a user who is there, in an hour [default: 60].
    #[arg(long, value_name = "NUMBER", value_parser = number)]
    requests_per_hour: Option<f64>,
    /// Requests of a user who is not, in a day [default: 4].
    #[arg(long, value_name = "NUMBER", value_parser = number)]
    idle_requests_per_day: Option<f64>,
    /// The share of pages that use the session, from 0 to 1 [default: 0.8].
    #[arg(long, value_name = "SHARE", value_parser = number)]
    session_pages: Option<f64>,
    /// Users without a session who log in, in a minute [default: 10].
    #[arg(long, value_name = "NUMBER")]
    logins_per_minute: Option<u32>,
    /// The share of users that log in again when they are signed out [default: 0.9].
    #[arg(long, value_name = "SHARE", value_parser = number)]
    log_in_again: Option<f64>,
    /// After how long they do, on average [default: 60 s].
    #[arg(long, value_name = "TIME", value_parser = time)]
    log_in_again_after: Option<String>,
}

/// The staging beside it.
#[derive(Args, Serialize)]
#[command(next_help_heading = "The staging")]
pub(crate) struct Staging {
    /// How many servers there are [default: 2].
    #[serde(rename = "servers")]
    #[arg(long, value_name = "NUMBER")]
    staging_servers: Option<u32>,
    /// How long a deploy takes [default: 2 min].
    #[serde(rename = "deploy_takes")]
    #[arg(long, value_name = "TIME", value_parser = time)]
    staging_deploy_takes: Option<String>,
    /// How long to look on [default: 10 min].
    #[serde(rename = "watch")]
    #[arg(long, value_name = "TIME", value_parser = time)]
    staging_watch: Option<String>,
    /// How many sessions there are [default: 4].
    #[serde(rename = "sessions")]
    #[arg(long, value_name = "NUMBER")]
    staging_sessions: Option<u32>,
}

/// A time as the file has it.
fn time(text: &str) -> Result<String, &'static str> {
    let settings = json!({ "watch": text });
    match FleetSettings::deserialize(settings) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err("a time has its unit: 30 min, 5 h, 90 s"),
    }
}

/// A number that JSON can say too.
fn number(text: &str) -> Result<f64, &'static str> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite());
    number.ok_or("a number, as 60 or 0.5")
}
