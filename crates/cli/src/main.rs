//! `railjar`: opens and seals Rails cookies and messages.
//!
//! This program reads files, arguments, the clock and the system's entropy, asks the library, and
//! prints what it says. It holds no cryptography, no salts and no formats.

mod answer;
mod app;
mod args;
mod clock;
mod convert;
mod credentials;
mod diagnose;
mod error;
mod explain;
mod input;
mod keys;
mod message;
mod open;
mod opened;
mod output;
mod pipe;
mod report;
mod rollout;
mod seal;
mod secrets;
mod time;

use std::process::ExitCode;

use anstream::ColorChoice;
use clap::{CommandFactory as _, Parser as _};

use self::args::{Color, Command, Railjar};

fn main() -> ExitCode {
    let args = Railjar::parse();
    match args.color {
        Color::Auto => ColorChoice::Auto,
        Color::Always => ColorChoice::Always,
        Color::Never => ColorChoice::Never,
    }
    .write_global();
    let done = match args.command {
        Command::Open(args) => open::run(*args),
        Command::Seal(args) => seal::run(&args),
        Command::Keys(args) => keys::run(&args),
        Command::Explain(args) => explain::run(*args),
        Command::Convert(args) => convert::run(*args),
        Command::Credentials(args) => credentials::run(&args),
        Command::Rollout(args) => rollout::run(&args),
        Command::Pipe => pipe::run(),
        Command::ExportScript => output::print(include_str!("../railjar_profile.rb")),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Railjar::command(), "railjar", &mut script);
            output::print(&String::from_utf8_lossy(&script))
        }
        Command::Man => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Railjar::command())
                .render(&mut page)
                .map_err(|error| error::io("the manual page", &error))
                .and_then(|()| output::print(&String::from_utf8_lossy(&page)))
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => error.report(),
    }
}
