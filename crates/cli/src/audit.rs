//! `railjar audit`.

mod chunks;
mod har;
mod progress;
mod source;
mod text;
mod workers;
mod zstd;

use std::collections::HashMap;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use railjar::Timestamp;
use railjar::audit::{Audit, Day, Samples, Tally};
use railjar::explain::Candidates;
use railjar::rails::CookieKind;

use self::source::Source;
use self::workers::{MAX_THREADS, Pool, Workers};
use crate::app::Loaded;
use crate::args::{AuditCommand, Format, Merge};
use crate::error::{self, Error, Status};
use crate::{args, open, output, time};

pub(crate) fn run(args: &args::Audit) -> Result<(), Error> {
    match &args.command {
        Some(AuditCommand::Merge(args)) => merge(args),
        None => audit(args),
    }
}

fn audit(args: &args::Audit) -> Result<(), Error> {
    let lifetime = lifetime(args.lifetime.as_deref())?;
    let at = args.day.as_deref().map(day).transpose()?;
    let now = time::now(args.now.as_deref())?;
    let mut app = Loaded::new(&args.app)?;
    let secrets = app.secrets()?;
    let names = names(args, &app)?;
    let kind = match (args.signed, args.encrypted) {
        (true, _) => Some(CookieKind::Signed),
        (_, true) => Some(CookieKind::Encrypted),
        _ => None,
    };
    app.cookies(&secrets)?;
    let audit = Audit::new(&app.profile, &secrets, names.iter().map(|name| (name.as_str(), kind)))?;
    let stdin = [PathBuf::from("-")];
    let files = if args.files.is_empty() { &stdin[..] } else { &args.files };
    if app.used_stdin() && files.iter().any(|path| source::is_stdin(path)) {
        return Err(open::both_stdin());
    }
    if args.threads.is_some_and(|threads| threads.get() > MAX_THREADS) {
        return Err(Error::new(format!("--threads is more than {MAX_THREADS}"))
            .status(Status::Usage)
            .hint("as many as there are processors, which is so without it"));
    }
    let threads = args.threads.or_else(|| std::thread::available_parallelism().ok());
    let workers = Workers { audit: &audit, threads, at, samples: args.show_unreadable };
    let (failed, mut tally, samples) = read(&workers, files)?;
    for error in &failed {
        error.report();
    }
    // Where nothing was counted, why is said.
    if !failed.is_empty() && tally.lines().read == 0 {
        return Err(Error::silent(Status::Failure));
    }
    if args.show_unreadable {
        let mut candidates = Candidates::new().secrets(&secrets).app(&app.profile)?;
        samples.explain(&mut candidates, &mut tally);
    }
    if tally.rows().next().is_none() {
        error::warn(&format!(
            "none of {} lines has a cookie called {}; check --cookie, and that the log has the \
             Cookie header",
            tally.lines().read,
            names.join(" or ")
        ));
    }
    print(&mut tally, now, lifetime, args.format)?;
    if failed.is_empty() { Ok(()) } else { Err(Error::silent(Status::Failure)) }
}

/// Reads all files, one after the other. With what was counted comes what failed.
fn read(workers: &Workers<'_>, files: &[PathBuf]) -> Result<(Vec<Error>, Tally, Samples), Error> {
    let bar = progress::bar(files);
    let read = |pool: &mut Pool<'_>, path: &PathBuf| {
        let name = source::name(path);
        match source::open(path, &bar).map_err(|error| error::io(&name, &error))? {
            Source::Lines(lines) => pool.lines(lines).map_err(|(error, bytes)| match bytes {
                0 => error::io(&name, &error),
                _ => error::io(&name, &error)
                    .detail(format!("what is before its byte {bytes}, uncompressed, is counted")),
            }),
            Source::Har(har) => pool.har(har).map_err(|error| {
                let place = place(&error);
                Error::new(format!("{name} begins as a HAR file, but is none: {place}"))
            }),
        }
    };
    let result =
        workers.run(|pool| files.iter().filter_map(|path| read(pool, path).err()).collect());
    bar.finish_and_clear();
    result
}

fn merge(args: &Merge) -> Result<(), Error> {
    let lifetime = lifetime(args.lifetime.as_deref())?;
    let now = time::now(args.now.as_deref())?;
    let mut all: Option<Tally> = None;
    let mut seen: HashMap<u64, &Path> = HashMap::new();
    for path in &args.files {
        let (tally, hash) = counted(path)?;
        let first = seen.insert(hash, path).filter(|_| tally.rows().next().is_some());
        if let Some(first) = first {
            error::warn(&format!(
                "{} holds the same as {}, and counts twice",
                path.display(),
                first.display()
            ));
        }
        match &mut all {
            None => all = Some(tally),
            Some(all) => all.merge(&tally).map_err(|error| {
                Error::new(format!(
                    "{} does not add up with the files before it: {error}",
                    path.display()
                ))
                .detail(text::subject("so far", all.subject()))
                .detail(text::subject("in this file", tally.subject()))
                .hint("merge only what was counted with the same settings, secrets and --cookie")
            })?,
        }
    }
    all.map_or(Ok(()), |mut all| print(&mut all, now, lifetime, args.format))
}

/// A tally, and a hash of its file.
fn counted(path: &Path) -> Result<(Tally, u64), Error> {
    let name = path.display().to_string();
    let file = fs::read(path).map_err(|error| error::io(&name, &error))?;
    let mut hash = DefaultHasher::new();
    file.hash(&mut hash);
    let tally = serde_json::from_slice(&file).map_err(|error| {
        let text = error.to_string();
        let wrong = text.starts_with("not a tally").then_some(text);
        let wrong =
            wrong.unwrap_or_else(|| format!("not a tally of railjar audit: {}", place(&error)));
        Error::new(format!("{name}: {wrong}"))
            .hint("merge takes what railjar audit --format json printed")
    })?;
    Ok((tally, hash.finish()))
}

/// Where something is wrong. What stands there is nobody's business.
fn place(error: &serde_json::Error) -> String {
    let (line, column) = (error.line(), error.column());
    match error.is_eof() {
        true => format!("it ends too soon, at line {line} column {column}"),
        false => format!("line {line} column {column} is wrong"),
    }
}

fn print(
    tally: &mut Tally,
    now: Timestamp,
    lifetime: Option<u32>,
    format: Format,
) -> Result<(), Error> {
    let today = Day::of(now);
    // Without a zone a log may be a day ahead.
    let undated = tally.undate_after(today.plus(1));
    if undated > 0 {
        error::warn(&format!(
            "{} of a day that has not come (today is {today}): counted as of an unknown day",
            text::counted(undated, "cookie")
        ));
    }
    match format {
        Format::Text => output::print(&text::of(tally, lifetime)),
        Format::Json => {
            let line =
                serde_json::to_string(tally).map_err(|error| Error::new(error.to_string()))?;
            output::bytes(format!("{line}\n").as_bytes())
        }
    }
}

/// The cookies to look for.
fn names(args: &args::Audit, app: &Loaded) -> Result<Vec<String>, Error> {
    let session = app.session_name().map(String::from);
    let names =
        if args.cookie.is_empty() { session.into_iter().collect() } else { args.cookie.clone() };
    if names.is_empty() {
        return Err(Error::new("which cookie?")
            .status(Status::Usage)
            .hint("--cookie NAME, or [cookies.session] in the settings file"));
    }
    Ok(names)
}

/// A lifetime in days, rounded up.
fn lifetime(text: Option<&str>) -> Result<Option<u32>, Error> {
    let Some(text) = text else { return Ok(None) };
    let seconds = time::duration(text).ok().and_then(|seconds| u64::try_from(seconds).ok());
    let days = seconds.and_then(|seconds| u32::try_from(seconds.div_ceil(86_400)).ok());
    days.map(Some).ok_or_else(|| {
        Error::new("--lifetime is not a duration")
            .status(Status::Usage)
            .hint("--lifetime 14d, 2w or 1y")
    })
}

/// The beginning of a day.
fn day(text: &str) -> Result<Timestamp, Error> {
    Day::parse(text).map(Day::start).ok_or_else(|| {
        Error::new("--day is not a date").status(Status::Usage).hint("--day 2030-01-31")
    })
}
