//! Standard output.

use std::io::{self, Write as _};

use crate::error::{self, Error};

/// Prints text, its colours only where they show. Whoever stops reading has read enough.
pub(crate) fn print(text: &str) -> Result<(), Error> {
    let mut output = anstream::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(|error| error::io("standard output", &error)),
    }
}
