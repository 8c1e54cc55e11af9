//! `railjar explain`.

mod found;
mod json;
mod text;
mod words;

use std::path::Path;

use railjar::explain::{Candidates, Cause, Question, Report, Verdict, explain};
use railjar::{Expected, SecretKeyBase, Timestamp};

use self::found::Cookie;
pub(crate) use self::words::{happened, help, hints};
use crate::app::Loaded;
use crate::args::{Explain, Format};
use crate::error::{Error, Status};
use crate::{input, message, open, output, secrets, time};

/// A cookie with its answer.
struct Explained<'c> {
    cookie: &'c Cookie,
    name: Option<&'c str>,
    report: Report,
    now: Timestamp,
}

pub(crate) fn run(mut args: Explain) -> Result<(), Error> {
    // Tokens of other programs look like paths too.
    let path = args.input.as_deref().filter(|input| Path::new(input).is_file());
    path.map_or(Ok(()), open::not_a_path)?;
    let now = time::now(args.now.as_deref())?;
    let has_app = args.app.described_by().is_some();
    // Of no app: then only its secrets are asked for, which no version changes.
    args.app.rails = args.app.rails.take().or((!has_app).then(|| "main".into()));
    let mut app = Loaded::new(&args.app)?;
    let mut candidates = candidates(&args, &mut app, has_app)?;
    if app.used_stdin() && args.file.is_none() && args.input.as_deref().is_none_or(|it| it == "-") {
        return Err(open::both_stdin());
    }
    let text = input::read(args.input.as_deref(), args.file.as_deref())?;
    let cookies = found::cookies(&text, args.what.cookie.as_deref())?;
    let session = app.session_name().filter(|_| cookies.len() == 1);
    let explained: Vec<_> = cookies
        .iter()
        .map(|cookie| {
            let name = cookie.name.as_deref().or(args.what.cookie.as_deref()).or(session);
            let question = question(&args, &cookie.value, name);
            let report = explain(question, &mut candidates, now);
            Explained { cookie, name, report, now }
        })
        .collect();
    let is_of_rails = |it: &&Explained<'_>| !it.is_other();
    let mut shown: Vec<_> = explained.iter().filter(is_of_rails).collect();
    if shown.is_empty() && explained.len() == 1 {
        shown = explained.iter().collect();
    }
    output::print(&match args.format {
        Format::Text => text::of_all(&shown, &explained),
        Format::Json => shown.iter().map(|it| json::of(it)).collect(),
    })?;
    let worst = shown.iter().filter_map(|it| it.status()).max_by_key(|status| *status as u8);
    worst.map_or(Ok(()), |status| Err(Error::silent(status)))
}

fn candidates(args: &Explain, app: &mut Loaded, has_app: bool) -> Result<Candidates, Error> {
    let mut candidates = Candidates::new();
    let has_secrets = app.has_secrets();
    if has_secrets {
        candidates = candidates.secrets(&app.secrets()?);
    }
    let older = args.older_secret_file.iter().map(|path| secrets::from_file(path));
    let of_env = args.older_secret_env.iter().map(|name| secrets::from_env(name));
    for secret in older.chain(of_env) {
        candidates = candidates.secret_key_base(&SecretKeyBase::new(secret?.expose())?);
    }
    let salts = args.message.salt.iter().chain(&args.message.sign_salt);
    for name in args.name.iter().chain(salts) {
        candidates = candidates.name(name.as_str());
    }
    match args.what.message {
        Some(codec) => {
            let made = message::Made::new(codec, &args.message, app)?;
            let keys = message::given_keys(&args.message, app)?;
            let candidates = keys.iter().fold(candidates, |all, key| all.key(key));
            Ok(made.read_by(candidates))
        }
        None if has_app && has_secrets => Ok(candidates.app(&app.profile)?),
        None => Ok(candidates),
    }
}

fn question<'q>(args: &'q Explain, value: &'q [u8], name: Option<&'q str>) -> Question<'q> {
    let question = Question::new(value);
    if args.what.message.is_some() {
        let purpose = args.message.purpose.as_deref();
        return question.message(purpose.map_or(Expected::NoPurpose, Expected::Purpose));
    }
    let question = match name {
        Some(name) => question.cookie(name),
        None => question,
    };
    match open::jar(&args.what) {
        Some(jar) => question.jar(jar),
        None => question,
    }
}

impl Explained<'_> {
    /// The cookie's name: as it was given, or as it is bound to it.
    fn name(&self) -> Option<&str> {
        self.name.or_else(|| self.report.found.as_ref()?.cookie_name())
    }

    /// Whether it is a cookie that has nothing to do with Rails.
    fn is_other(&self) -> bool {
        matches!(self.report.cause, Some(Cause::NotRails { .. } | Cause::Empty))
    }

    /// What it adds to the exit status; nothing where it is taken, or nothing is known against it.
    fn status(&self) -> Option<Status> {
        let cause = self.report.cause.as_ref()?;
        (self.report.verdict == Verdict::Refused).then(|| words::status(cause))
    }
}
