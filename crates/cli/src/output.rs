//! Standard output.

use std::io::{self, Write as _};

use crate::error::{self, Error};

/// Prints bytes as they are.
pub(crate) fn bytes(bytes: &[u8]) -> Result<(), Error> {
    let mut output = io::stdout().lock();
    written(output.write_all(bytes).and_then(|()| output.flush()))
}

/// Prints text, its colours only where they show. Whoever stops reading has read enough.
pub(crate) fn print(text: &str) -> Result<(), Error> {
    let mut output = anstream::stdout().lock();
    written(output.write_all(text.as_bytes()).and_then(|()| output.flush()))
}

fn written(result: io::Result<()>) -> Result<(), Error> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result.map_err(|error| error::io("standard output", &error)),
    }
}
