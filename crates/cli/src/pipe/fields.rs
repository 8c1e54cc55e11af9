//! The fields of a `config`, taken one by one, so that no error ever quotes a value: some of them
//! are secrets.

use std::str::FromStr;

use railjar::config::{Settings, nearest};
use railjar::rails::{Profile, Secrets};
use railjar::{ConfigError, Secret, SecretKeyBase, SecretToken};
use serde::Deserialize as _;
use serde_json::{Map, Value};

use super::BadRequest;
use super::told::told;
use crate::error;

/// What is left of a JSON object, and what was asked for. Null is as good as absent.
pub(super) struct Fields {
    map: Map<String, Value>,
    known: Vec<&'static str>,
}

impl Fields {
    pub(super) fn parse(text: &str) -> Result<Self, BadRequest> {
        let value = serde_json::from_str(text).map_err(|_| "config is not JSON")?;
        Self::from_value(value, "config")
    }

    fn from_value(value: Value, what: &str) -> Result<Self, BadRequest> {
        let known = Vec::new();
        match value {
            Value::Object(map) => Ok(Self { map, known }),
            Value::Null => Ok(Self { map: Map::new(), known }),
            _ => Err(format!("{what} must be an object").into()),
        }
    }

    fn take(&mut self, name: &'static str) -> Option<Value> {
        self.known.push(name);
        self.map.remove(name).filter(|value| !value.is_null())
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.map.get(name).is_some_and(|value| !value.is_null())
    }

    pub(super) fn text(&mut self, name: &'static str) -> Result<Option<String>, BadRequest> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(format!("{name} must be a string").into()),
        }
    }

    pub(super) fn flag(&mut self, name: &'static str) -> Result<bool, BadRequest> {
        match self.take(name) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(flag),
            Some(_) => Err(format!("{name} must be true or false").into()),
        }
    }

    pub(super) fn number<T: TryFrom<u64>>(
        &mut self,
        name: &'static str,
    ) -> Result<Option<T>, BadRequest> {
        let Some(value) = self.take(name) else {
            return Ok(None);
        };
        let number = value.as_u64().and_then(|number| T::try_from(number).ok());
        number.map(Some).ok_or_else(|| format!("{name} must be a number in range").into())
    }

    /// What goes by a Rails name. Symbols may keep their colon.
    pub(super) fn named<T: FromStr<Err = ConfigError>>(
        &mut self,
        name: &'static str,
    ) -> Result<Option<T>, BadRequest> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        let text = text.strip_prefix(':').unwrap_or(&text);
        text.parse().map(Some).map_err(|error: ConfigError| with_names(name, &error.to_string()))
    }

    pub(super) fn secret_hex(&mut self, name: &'static str) -> Result<Option<Secret>, BadRequest> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        let bytes = from_hex(&text).ok_or_else(|| format!("{name} is not hexadecimal"))?;
        Ok(Some(Secret::new(bytes)))
    }

    pub(super) fn fields(&mut self, name: &'static str) -> Result<Self, BadRequest> {
        Self::from_value(self.take(name).unwrap_or_default(), name)
    }

    pub(super) fn list(&mut self, name: &'static str) -> Result<Vec<Self>, BadRequest> {
        match self.take(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(values)) => {
                values.into_iter().map(|value| Self::from_value(value, name)).collect()
            }
            Some(_) => Err(format!("{name} must be a list").into()),
        }
    }

    /// The app's own secrets.
    pub(super) fn secrets(&mut self) -> Result<Secrets, BadRequest> {
        let mut secrets = Secrets::new();
        if let Some(base) = self.text("secret_key_base")? {
            secrets = secrets.secret_key_base(&SecretKeyBase::new(base)?);
        }
        if let Some(token) = self.text("secret_token")? {
            secrets = secrets.secret_token(&SecretToken::new(token)?);
        }
        Ok(secrets)
    }

    /// The app: what is left are settings over those of `profile`.
    pub(super) fn settings(self, profile: Profile) -> Result<Profile, BadRequest> {
        let map = Value::Object(self.map);
        match Settings::deserialize(&map) {
            Ok(settings) => Ok(settings.apply(profile)),
            Err(error) => Err(wrong_setting(&map).unwrap_or_else(|| told(&error).into())),
        }
    }

    /// Refuses what no one took.
    pub(super) fn end(self) -> Result<(), BadRequest> {
        if self.map.is_empty() {
            return Ok(());
        }
        let known = self.known.join(", ");
        Err(format!("config has an unknown key; those that may stand here: {known}").into())
    }
}

/// An error, and the names that there are where it says that one is unknown.
fn with_names(what: &str, why: &str) -> BadRequest {
    match error::names(why) {
        Some(names) => format!("{what}: {why}; there are {names}").into(),
        None => format!("{what}: {why}").into(),
    }
}

/// The first setting that is wrong by itself. The names that there are may be told, what was sent
/// may not, be it a key.
fn wrong_setting(map: &Value) -> Option<BadRequest> {
    map.as_object()?.iter().find_map(|(name, value)| {
        let alone = Map::from_iter([(name.clone(), value.clone())]);
        let error = Settings::deserialize(&Value::Object(alone)).err()?;
        let text = error.to_string();
        if !text.starts_with("unknown field ") {
            return Some(with_names(&format!("config: {name}"), &told(&error)));
        }
        // A backtick would be taken for the end of the name.
        let near = Some(&*text).filter(|_| !name.contains('`')).and_then(nearest);
        Some(match near {
            Some(near) => format!("config has an unknown key; perhaps {near} was meant").into(),
            None => format!("config has an unknown key; {}", told(&error)).into(),
        })
    })
}

/// The bytes that `text` spells, in digits of either case.
pub(super) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit =
        |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| match pair {
            [high, low] => Some(digit(high)? << 4 | digit(low)?),
            _ => None,
        })
        .collect()
}
