//! The progress bar, where someone sees it.

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;

use indicatif::{ProgressBar, ProgressStyle};

use super::source;

/// A bar over all files; without its end where there is none, as of standard input.
pub(super) fn bar(files: &[PathBuf]) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let size = |path: &PathBuf| {
        let data = (!source::is_stdin(path)).then(|| path.metadata().ok())??;
        data.is_file().then_some(data.len())
    };
    let sizes: Option<u64> = files.iter().map(size).sum();
    let (bar, template) = match sizes {
        Some(size) => (
            ProgressBar::new(size),
            "{bar:30} {percent}%  {binary_bytes} of {binary_total_bytes}, {eta} left",
        ),
        None => (ProgressBar::new_spinner(), "{spinner} {binary_bytes}, {binary_bytes_per_sec}"),
    };
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
