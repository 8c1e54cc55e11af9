//! Answers as the Worker built with `--features parity` does, natively: lines in, lines out.

use std::io::{self, Read as _};

fn main() -> io::Result<()> {
    let mut lines = String::new();
    io::stdin().read_to_string(&mut lines)?;
    print!("{}", railjar_worker::parity::answers(&lines));
    Ok(())
}
