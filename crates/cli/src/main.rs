//! `railjar`: opens and seals Rails cookies and messages.
//!
//! This program reads files, arguments, the clock and the system's entropy, asks the library, and
//! prints what it says. It holds no cryptography, no salts and no formats.

mod answer;
mod app;
mod args;
mod clock;
mod diagnose;
mod error;
mod input;
mod keys;
mod message;
mod open;
mod opened;
mod pipe;
mod report;
mod seal;
mod secrets;
mod time;

use std::io;
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
        Command::Pipe => pipe::run(),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Railjar::command(), "railjar", &mut io::stdout());
            Ok(())
        }
        Command::Man => clap_mangen::Man::new(Railjar::command())
            .render(&mut io::stdout())
            .map_err(|error| error::io("standard output", &error)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => error.report(),
    }
}
