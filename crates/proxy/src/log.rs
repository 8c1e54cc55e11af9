//! Where the log goes, and how it looks: standard output, one line for each event.

use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt;

use crate::config::{Level, Log, LogFormat};

/// Begins to log. What is asked for later, by a reload, is the next start's.
pub(crate) fn start(log: &Log) {
    let level = match log.level {
        Level::Error => LevelFilter::ERROR,
        Level::Warn => LevelFilter::WARN,
        Level::Info => LevelFilter::INFO,
        Level::Debug => LevelFilter::DEBUG,
    };
    let lines = fmt().with_max_level(level).with_ansi(false);
    match log.format {
        LogFormat::Text => lines.init(),
        LogFormat::Json => lines.json().flatten_event(true).init(),
    }
}
