//! The app that the flags or the settings file describe.

use std::fs;
use std::path::{Path, PathBuf};

use railjar::config::{App, SecretReference};
use railjar::rails::{Profile, Secrets};
use railjar::{ConfigError, Secret};
use serde::Deserialize as _;
use serde_json::{Map, Value, json};

use crate::error::{Error, Status};
use crate::secrets::{self, Fetcher};
use crate::{args, error};

/// An app, ready to derive its keys.
pub(crate) struct Loaded {
    app: App,
    pub(crate) profile: Profile,
    fetcher: Fetcher,
}

impl Loaded {
    pub(crate) fn new(args: &args::App) -> Result<Self, Error> {
        let (base, token) = secrets::of_app(args)?;
        let (mut app, folder) = match &args.config {
            Some(path) => (read(path)?, path.parent().unwrap_or(Path::new("")).to_owned()),
            None => (from_flags(args)?, PathBuf::new()),
        };
        if base.is_some() {
            app.secrets.secret_key_base = base;
        }
        if token.is_some() {
            app.secrets.secret_token = token;
        }
        let mut fetcher = Fetcher::new(&folder);
        let profile = app.profile(&mut |reference| fetcher.fetch(reference))?;
        Ok(Self { app, profile, fetcher })
    }

    pub(crate) fn secrets(&mut self) -> Result<Secrets, Error> {
        self.app.secrets(&mut |reference| self.fetcher.fetch(reference))
    }

    /// The text of `secret_key_base`.
    pub(crate) fn secret_key_base(&mut self) -> Result<Secret, Error> {
        let reference = self.app.secrets.secret_key_base.clone();
        self.fetch(&reference.ok_or(ConfigError::MissingSecret)?)
    }

    pub(crate) fn fetch(&mut self, reference: &SecretReference) -> Result<Secret, Error> {
        reference.fetch(&mut |reference| self.fetcher.fetch(reference))
    }

    /// The name of the session cookie, from the settings file.
    pub(crate) fn session_name(&self) -> Option<&str> {
        self.app.cookies.session.as_ref().map(|session| session.name.as_str())
    }

    pub(crate) fn used_stdin(&self) -> bool {
        self.fetcher.used_stdin()
    }
}

fn read(path: &Path) -> Result<App, Error> {
    let name = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|error| error::io(&name, &error))?;
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("toml") => toml::from_str(&text).map_err(|error| {
            let line = error.span().and_then(|span| text.get(..span.start));
            let line = line.map(|before| before.matches('\n').count().saturating_add(1));
            invalid(&name, line, error.message())
        }),
        Some("json") => serde_json::from_str(&text).map_err(|error| {
            let message = error.to_string();
            // Its own words for the place, which we say in front.
            let place = format!(" at line {} column {}", error.line(), error.column());
            let message = message.strip_suffix(&place).unwrap_or(&message);
            invalid(&name, Some(error.line()), message)
        }),
        _ => Err(Error::new(format!("{name}: a settings file ends in .toml or .json"))
            .hint("rename it; docs/config.md describes both")),
    }
}

/// The settings file that the flags amount to, so that both are read by the same rules.
fn from_flags(args: &args::App) -> Result<App, Error> {
    let Some(rails) = &args.rails else {
        return Err(Error::new("which version of Rails?")
            .status(Status::Usage)
            .hint("--rails 7.1, or --config app.toml"));
    };
    let mut file = Map::new();
    file.insert("rails".into(), json!(rails));
    if let Some(defaults) = &args.load_defaults {
        file.insert("load_defaults".into(), json!(defaults));
    }
    if let Some(strictness) = &args.strictness {
        file.insert("strictness".into(), json!(strictness));
    }
    let pairs = args.set.iter().map(|pair| pair.as_str());
    file.insert("settings".into(), Value::Object(settings(pairs, "--set")?));
    let rotations = args.rotate.iter().map(|pairs| settings(pairs.split(','), "--rotate"));
    let rotations = rotations.map(|rotation| rotation.map(Value::Object));
    file.insert("rotations".into(), Value::Array(rotations.collect::<Result<_, _>>()?));
    App::deserialize(Value::Object(file))
        .map_err(|error| invalid("the flags", None, &error.to_string()).status(Status::Usage))
}

/// `NAME=VALUE`, each.
fn settings<'p>(
    pairs: impl Iterator<Item = &'p str>,
    flag: &str,
) -> Result<Map<String, Value>, Error> {
    pairs
        .map(|pair| match pair.split_once('=') {
            Some((name, value)) => Ok((name.trim().to_owned(), setting(name.trim(), value.trim()))),
            None => Err(Error::new(format!("{flag} takes NAME=VALUE"))
                .status(Status::Usage)
                .hint(format!("{flag} cookies_serializer=json"))),
        })
        .collect()
}

fn setting(name: &str, value: &str) -> Value {
    if matches!(name, "secret_key_base" | "key" | "sign_key") {
        return match value.split_once(':') {
            Some(("env", name)) => json!({ "env": name }),
            Some(("file", path)) => json!({ "file": path }),
            _ => json!(value),
        };
    }
    // Salts may look like anything.
    if name.ends_with("_salt") {
        return json!(value);
    }
    match value {
        "true" | "false" => json!(value == "true"),
        _ => value.parse::<u64>().map_or_else(|_| json!(value), |number| json!(number)),
    }
}

/// An error of the settings, with the place and the nearest name that would have been right.
fn invalid(place: &str, line: Option<usize>, message: &str) -> Error {
    let place = line.map_or(place.to_owned(), |line| format!("{place}, line {line}"));
    // The whole list of names helps less than the nearest of them.
    let short = message.split(", expected").next().filter(|_| message.starts_with("unknown"));
    let error = Error::new(format!("{place}: {}", short.unwrap_or(message).trim_end()));
    match nearest(message).or_else(|| names(message)) {
        Some(name) => error.hint(name),
        None => error.hint("docs/config.md lists every key"),
    }
}

/// The names that there are of what the library says is not known.
fn names(message: &str) -> Option<&'static str> {
    let known = [
        ("serializer", "json, marshal, hybrid, message_pack or message_pack_allow_marshal"),
        ("digest", "SHA1, SHA256, SHA384, SHA512 or MD5"),
        ("cipher", "aes-256-gcm, aes-256-cbc, or one of them with 128 or 192"),
        ("Rails version", "3.2 to 8.1, or main"),
        ("SameSite protection", "none, lax or strict"),
    ];
    let what = message.strip_prefix("unknown ")?;
    known.iter().find(|(name, _)| what.starts_with(name)).map(|(_, names)| *names)
}

/// The name nearest to the unknown one, out of serde's own "unknown field `x`, expected one of
/// `y`, `z`".
fn nearest(message: &str) -> Option<&str> {
    let mut names = message.split('`').skip(1).step_by(2);
    let unknown = names.next().filter(|_| message.starts_with("unknown"))?;
    let ranked = names.map(|name| (strsim::jaro_winkler(unknown, name), name));
    let (likeness, name) = ranked.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (likeness > 0.7).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_in_the_words_of_serde() {
        let message = "unknown field `cookie_serialiser`, expected one of `cookies_digest`, \
                       `cookies_serializer`, `signed_cookie_salt`";
        assert_eq!(nearest(message), Some("cookies_serializer"));
        assert_eq!(nearest("unknown field `zzz`, expected `cookies_digest`"), None);
        assert_eq!(nearest("invalid type: `a`, expected `b`"), None);
    }
}
