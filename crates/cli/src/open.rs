//! `railjar open`.

use std::path::{Path, PathBuf};

use railjar::rails::CookieKind;
use railjar::{Cookies, Expected, OpenError, Opened, Timestamp};

use crate::app::Loaded;
use crate::args::{Codec, Open, What};
use crate::error::{Error, Status};
use crate::report::{self, Report, Subject};
use crate::{args, diagnose, input, message, opened, time};

pub(crate) fn run(mut args: Open) -> Result<(), Error> {
    if let Some(folder) = args.input.as_deref().map(Path::new).filter(|path| path.is_dir()) {
        if let Some(flag) = args.app.described_by() {
            return Err(twice(flag, folder));
        }
        (args.app.config, args.file) = (Some(settings_of(folder)), Some(folder.join("cookie.txt")));
        args.input = None;
    }
    args.input.as_deref().map_or(Ok(()), not_a_path)?;
    let now = time::now(args.now.as_deref())?;
    let mut app = Loaded::new(&args.app)?;
    match args.what.message {
        Some(codec) => open_message(&args, codec, &mut app, now),
        None => open_cookie(&args, &mut app, now),
    }
}

fn settings_of(folder: &Path) -> PathBuf {
    let json = folder.join("app.json");
    if json.is_file() { json } else { folder.join("app.toml") }
}

/// The folder's settings file and a flag would both say what the app is.
fn twice(flag: &str, folder: &Path) -> Error {
    let (settings, cookie) = (settings_of(folder), folder.join("cookie.txt"));
    Error::new(format!(
        "{flag} cannot be used with a folder, whose settings file describes the app"
    ))
    .status(Status::Usage)
    .hint(format!(
        "change {}; of the app, only its secrets may be said by flags",
        settings.display()
    ))
    .hint(format!("--file {} instead of the folder, and the app by flags", cookie.display()))
}

/// The argument is a path where the message itself was meant to be.
pub(crate) fn not_a_path(argument: &str) -> Result<(), Error> {
    let is_file = Path::new(argument).is_file();
    // No message is without `--`, and none has a dot; a header has one of the others.
    let seems = argument.contains('.') && !argument.contains("--");
    if !is_file && (!seems || argument.contains(['=', ':', ';', '%', ' ', '\n'])) {
        return Ok(());
    }
    let what = if is_file { "is a file" } else { "looks like a path" };
    Err(Error::new(format!("{argument:?} {what}; the argument is the cookie or message itself"))
        .status(Status::Usage)
        .hint(format!("--file {argument}")))
}

fn read(args: &Open, app: &Loaded) -> Result<Vec<u8>, Error> {
    if app.used_stdin() && args.file.is_none() && args.input.as_deref().is_none_or(|it| it == "-") {
        return Err(both_stdin());
    }
    input::read(args.input.as_deref(), args.file.as_deref())
}

pub(crate) fn both_stdin() -> Error {
    Error::new("standard input cannot be both the secret and the message")
        .status(Status::Usage)
        .hint("--secret-file PATH, or the message by --file PATH")
}

fn open_cookie(args: &Open, app: &mut Loaded, now: Timestamp) -> Result<(), Error> {
    let secrets = app.secrets()?;
    let cookies = app.cookies(&secrets)?;
    let text = read(args, app)?;
    let name = args.what.cookie.as_deref();
    let session = app.session_name().filter(|_| !args.what.signed && !args.what.encrypted);
    let cookie = input::cookie(&text, name.or(session), &cookies)?;
    let name = name.or(cookie.name.as_deref()).or(session);
    let subject = Subject { cookie: name, unescaped: cookie.unescaped };
    let attempt = open_as(&cookies, &args.what, name.unwrap_or(""), &cookie.value, now);
    match attempt {
        Ok((kind, opened)) => match opened.to_value().map_err(OpenError::from) {
            Ok(value) => {
                let report = Report { profile: &app.profile, kind: Some(kind), subject, now };
                report.print(&opened, &value, args.format)
            }
            Err(error) => Err(refuse(args, error, Vec::new())),
        },
        Err(error) => {
            let asked = diagnose::Question {
                profile: &app.profile,
                secrets: &secrets,
                name,
                jar: jar(&args.what),
                value: &cookie.value,
                now,
            };
            Err(refuse(args, error, asked.hints()))
        }
    }
}

/// The jar that was asked for.
pub(crate) fn jar(what: &What) -> Option<CookieKind> {
    match (what.signed, what.encrypted) {
        (true, _) => Some(CookieKind::Signed),
        (_, true) => Some(CookieKind::Encrypted),
        _ => None,
    }
}

/// Opens in the jar that was asked for; or in the session's, and where no key of that one made the
/// cookie, in the other.
pub(crate) fn open_as(
    cookies: &Cookies,
    what: &What,
    name: &str,
    value: &[u8],
    now: Timestamp,
) -> Result<(CookieKind, Opened<'static>), OpenError> {
    let encrypted = || Ok((CookieKind::Encrypted, cookies.encrypted(name).open(value, now)?));
    let signed = || Ok((CookieKind::Signed, cookies.signed(name).open(value, now)?));
    match (what.encrypted, what.signed) {
        (true, _) => encrypted(),
        (_, true) => signed(),
        _ => match encrypted() {
            Err(refused @ OpenError::Format(_)) => match signed() {
                // Whichever jar knows the shape says more.
                Err(OpenError::Format(railjar::FormatError::Malformed)) => Err(refused),
                other => other,
            },
            other => other,
        },
    }
}

fn open_message(args: &Open, codec: Codec, app: &mut Loaded, now: Timestamp) -> Result<(), Error> {
    let made = message::Made::new(codec, &args.message, app)?;
    let text = read(args, app)?;
    let purpose = args.message.purpose.as_deref();
    let expected = purpose.map_or(Expected::NoPurpose, Expected::Purpose);
    let opened = made.open(text.trim_ascii(), expected, now);
    match opened::with_value(opened) {
        Ok((opened, value)) => {
            let subject = Subject { cookie: None, unescaped: false };
            let report = Report { profile: &app.profile, kind: None, subject, now };
            report.print(&opened, &value, args.format)
        }
        Err(error) => {
            let format = made.format(text.trim_ascii(), expected, now);
            Err(refuse(args, error, diagnose::of_message(error, format)))
        }
    }
}

/// Under `--format json` the refusal is the result, on standard output.
fn refuse(args: &Open, error: OpenError, hints: Vec<String>) -> Error {
    if args.format == args::Format::Json
        && let Err(error) = report::print_refusal(error)
    {
        return error;
    }
    hints.into_iter().fold(Error::refused(error), Error::hint)
}
