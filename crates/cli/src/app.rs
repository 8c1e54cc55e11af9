//! The app that the flags or the settings file describe.

use std::fs;
use std::path::{Path, PathBuf};

use railjar::config::{App, SecretReference, nearest};
use railjar::rails::{DerivedKey, Profile, Secrets, Version};
use railjar::{ConfigError, Cookies, Secret};
use serde::Deserialize as _;
use serde::de::DeserializeOwned;
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
            Some(path) => (read(path, KEYS)?, path.parent().unwrap_or(Path::new("")).to_owned()),
            None => (from_flags(args)?, PathBuf::new()),
        };
        instead(&mut app.secrets.secret_key_base, base);
        instead(&mut app.secrets.secret_token, token);
        let mut fetcher = Fetcher::new(&folder, args.environment.as_deref());
        let profile = app.profile(&mut |reference| fetcher.fetch(reference))?;
        Ok(Self { app, profile, fetcher })
    }

    pub(crate) fn cookies(&self, secrets: &Secrets) -> Result<Cookies, Error> {
        self.profile.cookies(secrets).map_err(|error| self.which_secret(error))
    }

    pub(crate) fn keys(&self, secrets: &Secrets) -> Result<Vec<DerivedKey>, Error> {
        self.profile.keys(secrets).map_err(|error| self.which_secret(error))
    }

    /// Says which of Rails' two secrets is missing where the other one was given.
    fn which_secret(&self, error: ConfigError) -> Error {
        match (&error, &self.app.secrets.secret_key_base) {
            (ConfigError::MissingSecret, Some(_)) if self.app.rails < Version::V4_0 => {
                Error::new(error.to_string()).hint(format!(
                    "--secret-token-file PATH or --secret-token-env NAME: Rails {} signs with \
                     secret_token; secret_key_base came with 4.0",
                    self.app.rails
                ))
            }
            _ => error.into(),
        }
    }

    pub(crate) fn secrets(&mut self) -> Result<Secrets, Error> {
        self.app.secrets(&mut |reference| self.fetcher.fetch(reference))
    }

    /// Whether the settings or the flags say where a secret is.
    pub(crate) fn has_secrets(&self) -> bool {
        let secrets = &self.app.secrets;
        secrets.secret_key_base.is_some() || secrets.secret_token.is_some()
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

/// Puts what a flag points to in the place of what the settings say. Which secret it must be is not
/// changed by that.
fn instead(settings: &mut Option<SecretReference>, flag: Option<SecretReference>) {
    if let Some(flag) = flag {
        let fingerprint = settings.as_ref().and_then(SecretReference::fingerprint).cloned();
        *settings = Some(flag.with_fingerprint(fingerprint));
    }
}

/// Where every key of a settings file is described.
pub(crate) const KEYS: &str = "docs/config.md";

/// What a file in TOML or JSON says; `keys` is the page that describes its keys.
pub(crate) fn read<T: DeserializeOwned>(path: &Path, keys: &str) -> Result<T, Error> {
    let name = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|error| error::io(&name, &error))?;
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("toml") => toml::from_str(&text).map_err(|error| {
            let line = error.span().and_then(|span| text.get(..span.start));
            let line = line.map(|before| before.matches('\n').count().saturating_add(1));
            invalid(&name, line, error.message(), keys)
        }),
        Some("json") => serde_json::from_str(&text).map_err(|error| {
            let message = error.to_string();
            // Its own words for the place, which we say in front.
            let place = format!(" at line {} column {}", error.line(), error.column());
            let message = message.strip_suffix(&place).unwrap_or(&message);
            invalid(&name, Some(error.line()), message, keys)
        }),
        _ => Err(Error::new(format!("{name}: a settings file ends in .toml or .json"))
            .hint(format!("rename it; {keys} describes both"))),
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
    known("--rails", rails)?;
    file.insert("rails".into(), json!(rails));
    if let Some(defaults) = &args.load_defaults {
        if defaults != "none" {
            known("--load-defaults", defaults)?;
        }
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
        .map_err(|error| invalid("the flags", None, &error.to_string(), KEYS).status(Status::Usage))
}

/// Refuses a version that there is not.
fn known(flag: &str, version: &str) -> Result<(), Error> {
    if Version::from_name(version).is_ok() {
        return Ok(());
    }
    let numbers = Version::ALL.into_iter().filter(|version| *version != Version::NEWEST);
    let numbers: Vec<_> = numbers.map(Version::name).collect();
    Err(Error::new(format!("{flag} {version}: no such version of Rails is known here"))
        .status(Status::Usage)
        .hint(format!("{flag} with one of {} or main", numbers.join(", "))))
}

/// `NAME=VALUE`, each.
fn settings<'p>(
    pairs: impl Iterator<Item = &'p str>,
    flag: &str,
) -> Result<Map<String, Value>, Error> {
    pairs
        .map(|pair| match pair.split_once('=') {
            Some((name, value)) => {
                let (name, value) = (name.trim(), value.trim());
                Ok((name.to_owned(), setting(flag, name, value)?))
            }
            None => Err(Error::new(format!("{flag} takes NAME=VALUE"))
                .status(Status::Usage)
                .hint(format!("{flag} cookies_serializer=json"))),
        })
        .collect()
}

fn setting(flag: &str, name: &str, value: &str) -> Result<Value, Error> {
    Ok(match (name, value) {
        ("secret_key_base" | "secret_token" | "key" | "sign_key", _) => {
            match (flag, value.split_once(':')) {
                ("--rotate", Some(("env", name))) => json!({ "env": name }),
                ("--rotate", Some(("file", path))) => json!({ "file": path }),
                ("--rotate", _) => {
                    let instead = format!("{name}=env:NAME or {name}=file:PATH");
                    return Err(secrets::exposed(&format!("--rotate {name}"), &instead));
                }
                _ => {
                    let instead = "--secret-file PATH or --secret-env NAME";
                    return Err(secrets::exposed(&format!("{flag} {name}"), instead));
                }
            }
        }
        // Salts may look like anything.
        (salt, _) if salt.ends_with("_salt") => json!(value),
        (_, "true" | "false") => json!(value == "true"),
        _ => value.parse::<u64>().map_or_else(|_| json!(value), |number| json!(number)),
    })
}

/// An error of the settings, with the place and the nearest name that would have been right.
fn invalid(place: &str, line: Option<usize>, message: &str, keys: &str) -> Error {
    let place = line.map_or(place.to_owned(), |line| format!("{place}, line {line}"));
    // The whole list of names helps less than the nearest of them.
    let short = message.split(", expected").next().filter(|_| message.starts_with("unknown"));
    let error = Error::new(format!("{place}: {}", short.unwrap_or(message).trim_end()));
    match nearest(message).or_else(|| error::names(message)) {
        Some(name) => error.hint(name),
        None => error.hint(format!("{keys} lists every key")),
    }
}
