//! `railjar convert`.

mod losses;

use railjar::cookies::Jar;
use railjar::entropy::SystemEntropy;
use railjar::rails::{CookieKind, Version};
use railjar::{Cookies, OpenError, Opened, Value};

use self::losses::Losses;
use crate::answer::Answer;
use crate::app::Loaded;
use crate::args::{Convert, Format, What};
use crate::error::{self, Error, Status};
use crate::{diagnose, input, open, output, report, seal, time};

pub(crate) fn run(mut args: Convert) -> Result<(), Error> {
    args.input.as_deref().map_or(Ok(()), open::not_a_path)?;
    if args.from.is_some() {
        args.app.config = args.from.take();
    }
    let to = args.to.app().ok_or_else(|| {
        Error::new("which app is to read the cookie?")
            .status(Status::Usage)
            .hint("--to app-new.toml, or --to-rails 7.1 with --to-load-defaults and --to-set")
    })?;
    let now = time::now(args.now.as_deref())?;
    let (mut from, mut to) = (Loaded::new(&args.app)?, Loaded::new(&to)?);
    let secrets = from.secrets()?;
    let new_secrets = if to.has_secrets() { to.secrets()? } else { secrets.clone() };
    let (old, new) = (from.cookies(&secrets)?, to.cookies(&new_secrets)?);

    let given = Source { file: args.file.as_deref(), input: args.input.as_deref() };
    let text = given.read(from.used_stdin() || to.used_stdin())?;
    let is_session = !args.signed && !args.encrypted;
    let session = from.session_name().or(to.session_name()).filter(|_| is_session);
    let cookie = input::cookie(&text, args.cookie.as_deref().or(session), &old)?;
    let name = args.cookie.as_deref().or(cookie.name.as_deref()).or(session).ok_or_else(|| {
        Error::new("what is the cookie called?")
            .status(Status::Usage)
            .hint("--cookie NAME, or [cookies.session] in the settings file")
    })?;

    let what = What { signed: args.signed, encrypted: args.encrypted, ..What::default() };
    let opened = open::open_as(&old, &what, name, &cookie.value, now);
    let (kind, opened) = opened.map_err(|error| {
        let profile = &from.profile;
        let (name, value) = (Some(name), &*cookie.value);
        let jar = open::jar(&what);
        let asked = diagnose::Question { profile, secrets: &secrets, name, jar, value, now };
        refuse(args.format, error, asked.hints())
    })?;
    let session = args.session
        || session == Some(name)
        || (is_session && from.profile.version() < Version::V4_0);
    let conversion = Conversion { opened: &opened, from: &from, to: &to, name };
    let jar = jar(&new, kind, session, name);
    conversion.run(&jar, &args)
}

/// Where the cookie is read from.
struct Source<'a> {
    file: Option<&'a std::path::Path>,
    input: Option<&'a str>,
}

impl Source<'_> {
    fn read(&self, used_stdin: bool) -> Result<Vec<u8>, Error> {
        let stdin = self.file.is_none() && self.input.is_none_or(|input| input == "-");
        if used_stdin && stdin {
            return Err(open::both_stdin());
        }
        input::read(self.input, self.file)
    }
}

/// The jar of the new app: the same as that of the old, but for sessions, which are wherever an app
/// keeps them.
fn jar<'c>(new: &'c Cookies, kind: CookieKind, session: bool, name: &'c str) -> Jar<'c> {
    match kind {
        _ if session => new.session(name),
        CookieKind::Signed => new.signed(name),
        CookieKind::Encrypted => new.encrypted(name),
    }
}

struct Conversion<'c> {
    opened: &'c Opened<'static>,
    from: &'c Loaded,
    to: &'c Loaded,
    name: &'c str,
}

impl Conversion<'_> {
    fn run(&self, jar: &Jar<'_>, args: &Convert) -> Result<(), Error> {
        let serializer = self.to.profile.settings().cookies_serializer;
        let mut losses = Losses::default();
        let same = self.opened.format() == serializer.format();
        let value = match same {
            true => None,
            false => Some(self.value(args.format)?),
        };
        let payload = match &value {
            // Not a byte of it changes.
            None => self.opened.payload().as_bytes().to_vec(),
            Some(value) => {
                if serializer.format() == railjar::serializer::Format::Json {
                    losses.of_value(value);
                }
                match seal::serialize(jar, value.clone(), serializer) {
                    Ok(payload) => payload,
                    Err(error) => {
                        let fits =
                            |part: &Value| seal::serialize(jar, part.clone(), serializer).is_ok();
                        let format = serializer.format().name();
                        return Err(losses.impossible(error, format, value, fits));
                    }
                }
            }
        };
        let expires = self.opened.expires_at();
        let sealed = jar.seal_payload(&payload, expires, &mut SystemEntropy)?;
        losses.of_reading_back(&self.read_back(jar, sealed.as_bytes())?, value.as_ref(), expires);
        if !losses.is_empty() && !args.lossy {
            return Err(self.lossy(args.format, &losses)?);
        }
        for line in losses.lines() {
            error::warn(&line);
        }
        match args.format {
            Format::Text => output::print(&format!("{}\n", sealed.as_str())),
            Format::Json => {
                let mut out = Vec::new();
                let answer = Answer::of_command(&mut out, "ok")
                    .text("cookie_name", self.name)
                    .text("wire", sealed.as_str())
                    .text("set_cookie_value", &sealed.set_cookie_value())
                    .text("from_serializer", self.opened.format().name())
                    .text("serializer", serializer.format().name())
                    .flag("same_payload", same);
                let answer = match expires.filter(|_| !losses.has_expiry()) {
                    Some(at) => answer.text("expires_at", &at.to_string()),
                    None => answer.json("expires_at", b"null"),
                };
                losses.fields(answer).end();
                output::print(&String::from_utf8_lossy(&out))
            }
        }
    }

    fn value(&self, format: Format) -> Result<Value, Error> {
        self.opened.to_value().map_err(|error| refuse(format, error.into(), Vec::new()))
    }

    /// What the new app reads in what was written for it.
    fn read_back(&self, jar: &Jar<'_>, wire: &[u8]) -> Result<Opened<'static>, Error> {
        jar.open(wire, diagnose::LONG_AGO).map_err(|error| {
            Error::new(format!(
                "the new app would refuse the cookie that was made for it: {error} ({})",
                error.reason()
            ))
        })
    }

    /// The refusal to lose anything; under `--format json` it is the result.
    fn lossy(&self, format: Format, losses: &Losses) -> Result<Error, Error> {
        if format == Format::Json {
            let mut out = Vec::new();
            let answer = Answer::of_command(&mut out, "refused")
                .text("kind", "loss")
                .text("reason", "would-lose");
            losses.fields(answer).end();
            output::print(&String::from_utf8_lossy(&out))?;
        }
        let (old, new) = (self.from.profile.version(), self.to.profile.version());
        let versions =
            if old == new { String::new() } else { format!(" from Rails {old} to {new}") };
        let error =
            Error::new(format!("converting{versions} would lose something")).status(Status::Loss);
        let error = losses.lines().into_iter().fold(error, Error::detail);
        Ok(error.hint(match losses.has_only_expiry() {
            true => "--lossy, to convert it all the same: without its expiry",
            false => "--lossy, to convert it all the same: to what Rails would write",
        }))
    }
}

/// Under `--format json` the refusal is the result, on standard output.
fn refuse(format: Format, error: OpenError, hints: Vec<String>) -> Error {
    if format == Format::Json
        && let Err(error) = report::print_refusal(error)
    {
        return error;
    }
    hints.into_iter().fold(Error::refused(error), Error::hint)
}
