//! `railjar`: opens and seals Rails cookies and messages.
//!
//! This program reads files, arguments, the clock and the system's entropy, asks the library, and
//! prints what it says. It holds no cryptography, no salts and no formats.
#![allow(
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a program has std; the lints keep the library free of it"
)]

mod clock;
mod error;
mod pipe;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Opens and seals Ruby on Rails cookies and messages.
#[derive(Parser)]
#[command(version)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Answer requests: JSON lines on standard input, JSON lines on standard output.
    Pipe,
}

fn main() -> ExitCode {
    let done = match Args::parse().command {
        Command::Pipe => pipe::run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => error.report(),
    }
}
