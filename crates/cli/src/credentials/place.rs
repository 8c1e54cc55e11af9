//! Where an encrypted file and its key are. Mirrors `Rails::Application#credentials` and, in
//! `rails/application/configuration.rb`, `credentials_defaults`.

use std::path::{Path, PathBuf};
use std::{env, fs};

use railjar::messages::EncryptedFile;
use railjar::rails::{Profile, Version};
use railjar::{ConfigError, Secret};

use super::yaml;
use crate::args;
use crate::error::{self, Error};
use crate::secrets;

/// The environment variable that Rails takes the key from, before the key file.
pub(super) const MASTER_KEY: &str = "RAILS_MASTER_KEY";

/// The environments in which Rails makes a `secret_key_base` of its own.
const LOCAL: [&str; 2] = ["development", "test"];

/// An encrypted file and where its key is.
pub(super) struct Place {
    pub(super) file: PathBuf,
    pub(super) key_file: PathBuf,
    key_env: KeyEnv,
}

/// Whether an environment variable has the key.
enum KeyEnv {
    /// `RAILS_MASTER_KEY`, where it is set.
    Default,
    Named(String),
    /// A key file was asked for.
    Ignored,
}

impl Place {
    pub(super) fn new(args: &args::Place) -> Self {
        let (file, key_file) = match (&args.file, &args.environment) {
            (Some(file), _) => (file.clone(), key_beside(file)),
            (None, Some(environment)) => {
                let folder = args.folder.join("credentials");
                let file = folder.join(format!("{environment}.yml.enc"));
                (file, folder.join(format!("{environment}.key")))
            }
            (None, None) => {
                (args.folder.join("credentials.yml.enc"), args.folder.join("master.key"))
            }
        };
        let key_env = match (&args.key_env, &args.key_file) {
            (Some(name), _) => KeyEnv::Named(name.clone()),
            (None, Some(_)) => KeyEnv::Ignored,
            (None, None) => KeyEnv::Default,
        };
        Self { file, key_file: args.key_file.clone().unwrap_or(key_file), key_env }
    }

    /// As Rails finds them: what belongs to the environment, where it is there, else what belongs
    /// to all.
    fn of_app(folder: &Path, environment: Option<&str>) -> Self {
        let either = |own: String, all: &str| {
            let own = folder.join("credentials").join(own);
            if environment.is_some() && own.is_file() { own } else { folder.join(all) }
        };
        let name = environment.unwrap_or_default();
        Self {
            file: either(format!("{name}.yml.enc"), "credentials.yml.enc"),
            key_file: either(format!("{name}.key"), "master.key"),
            key_env: KeyEnv::Default,
        }
    }

    /// The decrypted content.
    pub(super) fn open(&self) -> Result<Secret, Error> {
        if !self.file.is_file() {
            return Err(self.missing());
        }
        self.open_with(&self.encrypted_file(&self.key()?.ok_or_else(|| self.keyless())?)?)
    }

    pub(super) fn open_with(&self, file: &EncryptedFile) -> Result<Secret, Error> {
        let name = self.file.display().to_string();
        let sealed = fs::read(&self.file).map_err(|error| error::io(&name, &error))?;
        file.open(&sealed).map_err(|error| super::refused(self, error))
    }

    /// What encrypts the file; and the key, if it is `new` and was made just now.
    pub(super) fn sealer(&self, new: bool) -> Result<(EncryptedFile, Option<Secret>), Error> {
        match self.key()? {
            Some(key) => Ok((self.encrypted_file(&key)?, None)),
            // No new key reads what is there.
            None if !new || self.file.is_file() => Err(self.keyless()),
            None => {
                let key = super::key()?;
                Ok((self.encrypted_file(&key)?, Some(key)))
            }
        }
    }

    pub(super) fn write_key(&self, key: &Secret) -> Result<(), Error> {
        let failed = |error| error::io(&self.key_file.display().to_string(), &error);
        if let Some(folder) = self.key_file.parent() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&self.key_file).map_err(failed)?;
        std::io::Write::write_all(&mut file, key.expose()).map_err(failed)?;
        file.sync_all().map_err(failed)
    }

    /// The text of the key, if there is one. An empty variable is none, as in Rails.
    fn key(&self) -> Result<Option<Secret>, Error> {
        let found = match &self.key_env {
            KeyEnv::Named(name) => return secrets::from_env(name).map(Some),
            KeyEnv::Default => env::var_os(MASTER_KEY).filter(|key| !key.is_empty()),
            KeyEnv::Ignored => None,
        };
        match found {
            Some(_) => secrets::from_env(MASTER_KEY).map(Some),
            None if self.key_file.is_file() => secrets::from_file(&self.key_file).map(Some),
            None => Ok(None),
        }
    }

    fn encrypted_file(&self, key: &Secret) -> Result<EncryptedFile, Error> {
        // All versions write the same; the newest reads what any of them wrote.
        Profile::new(Version::NEWEST).encrypted_file(key.expose()).map_err(|error| {
            let source = self.key_source();
            match error {
                ConfigError::KeyLength { .. } | ConfigError::NotHexadecimal => Error::new(format!(
                    "what is in {source} is no key: a key is 32 hexadecimal digits"
                ))
                .hint("copy it again, from whoever runs the app"),
                other => other.into(),
            }
        })
    }

    /// Whether the key is in `RAILS_MASTER_KEY`, which nobody asked for by a flag.
    pub(super) fn key_from_default_env(&self) -> bool {
        let set = || env::var_os(MASTER_KEY).is_some_and(|key| !key.is_empty());
        matches!(self.key_env, KeyEnv::Default) && set()
    }

    pub(super) fn key_source(&self) -> String {
        match &self.key_env {
            KeyEnv::Named(name) => name.clone(),
            _ if self.key_from_default_env() => MASTER_KEY.into(),
            _ => self.key_file.display().to_string(),
        }
    }

    /// There is no key.
    fn keyless(&self) -> Error {
        let path = self.key_file.display();
        Error::new(format!("no key for {}: there is no {path}", self.file.display()))
            .hint(format!("put the key into {path} or {MASTER_KEY}; whoever runs the app has it"))
    }

    /// There is no file.
    pub(super) fn missing(&self) -> Error {
        let error = Error::new(format!("there is no {}", self.file.display()));
        let file = self.file.file_name().unwrap_or_default();
        let production = self.file.with_file_name("credentials").join("production.yml.enc");
        let error = match production.is_file() {
            true => error.hint("--environment production, which has a file of its own"),
            false => error,
        };
        match file.to_str() {
            Some("credentials.yml.enc") => error.hint("the path of the Rails app's config folder"),
            _ => error.hint("check the path, and --environment"),
        }
    }
}

/// `NAME.key` beside `NAME.yml.enc`, or the folder's `master.key`.
fn key_beside(file: &Path) -> PathBuf {
    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let stem = name.strip_suffix(".enc").unwrap_or(name);
    let stem = stem.strip_suffix(".yml").unwrap_or(stem);
    let own = file.with_file_name(format!("{stem}.key"));
    if own.is_file() { own } else { file.with_file_name("master.key") }
}

/// The text under `name` in an app's credentials, as the app itself would find it: for
/// `secret_key_base`, Rails looks into the environment variable first.
pub(crate) fn secret(
    folder: &Path,
    environment: Option<&str>,
    name: Option<&str>,
) -> Result<Secret, Error> {
    let running = ["RAILS_ENV", "RACK_ENV"]
        .iter()
        .find_map(|name| env::var(name).ok().filter(|environment| !environment.is_empty()));
    let environment = environment.or(running.as_deref());
    let name = name.unwrap_or("secret_key_base");
    if name == "secret_key_base" {
        if let Some(environment) = environment.filter(|name| LOCAL.contains(name)) {
            return Err(local(environment));
        }
        if let Some(secret) = of_environment()? {
            return Ok(secret);
        }
    }
    let place = Place::of_app(folder, environment);
    let content = place.open()?;
    match yaml::text(content.expose(), name) {
        Ok(Some(secret)) => Ok(secret),
        Ok(None) => Err(absent(&place, name)),
        Err(why) => Err(Error::new(format!("{}: {why}", place.file.display()))),
    }
}

/// `ENV["SECRET_KEY_BASE"]`.
fn of_environment() -> Result<Option<Secret>, Error> {
    match env::var_os("SECRET_KEY_BASE") {
        None => Ok(None),
        Some(text) if text.is_empty() => {
            Err(Error::new("SECRET_KEY_BASE is set and empty: Rails would not start")
                .hint("unset SECRET_KEY_BASE, for what is in the credentials"))
        }
        Some(_) => {
            error::warn(
                "secret_key_base is from SECRET_KEY_BASE, which Rails takes before the credentials",
            );
            secrets::from_env("SECRET_KEY_BASE").map(Some)
        }
    }
}

fn local(environment: &str) -> Error {
    Error::new(format!(
        "in {environment}, Rails does not take secret_key_base from the credentials"
    ))
    .hint("--environment production, for the secret of production")
    .hint(
        "--secret-file tmp/local_secret.txt, for that of this machine (up to Rails 7.0 \
             tmp/development_secret.txt)",
    )
}

fn absent(place: &Place, name: &str) -> Error {
    let error = Error::new(format!("{} has no {name}", place.file.display()));
    if name != "secret_key_base" {
        return error.hint("railjar credentials show, for the names that there are");
    }
    let production = place.file.with_file_name("credentials").join("production.yml.enc");
    let error = match production.is_file() {
        true => error.hint("--environment production, which has a file of its own"),
        false => error,
    };
    error.hint(
        "--secret-file PATH or --secret-env NAME: the app may have it in SECRET_KEY_BASE, in \
         config/secrets.yml (up to Rails 7.1) or in its own code",
    )
}
