//! The fields of a `config`, taken one by one, so that no error ever quotes a value: some of them
//! are secrets.

use std::str::FromStr;

use railjar::config::Settings;
use railjar::rails::{Profile, Secrets};
use railjar::{ConfigError, Secret, SecretKeyBase, SecretToken};
use serde::Deserialize as _;
use serde_json::{Map, Value};

use super::BadRequest;

/// What is left of a JSON object. Null is as good as absent.
pub(super) struct Fields {
    map: Map<String, Value>,
}

impl Fields {
    pub(super) fn parse(text: &str) -> Result<Self, BadRequest> {
        let value = serde_json::from_str(text).map_err(|_| "config is not JSON")?;
        Self::from_value(value, "config")
    }

    fn from_value(value: Value, what: &str) -> Result<Self, BadRequest> {
        match value {
            Value::Object(map) => Ok(Self { map }),
            Value::Null => Ok(Self { map: Map::new() }),
            _ => Err(format!("{what} must be an object").into()),
        }
    }

    fn take(&mut self, name: &str) -> Option<Value> {
        self.map.remove(name).filter(|value| !value.is_null())
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.map.get(name).is_some_and(|value| !value.is_null())
    }

    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, BadRequest> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(format!("{name} must be a string").into()),
        }
    }

    pub(super) fn flag(&mut self, name: &str) -> Result<bool, BadRequest> {
        match self.take(name) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(flag),
            Some(_) => Err(format!("{name} must be true or false").into()),
        }
    }

    pub(super) fn number<T: TryFrom<u64>>(&mut self, name: &str) -> Result<Option<T>, BadRequest> {
        let Some(value) = self.take(name) else {
            return Ok(None);
        };
        let number = value.as_u64().and_then(|number| T::try_from(number).ok());
        number.map(Some).ok_or_else(|| format!("{name} must be a number in range").into())
    }

    /// What goes by a Rails name. Symbols may keep their colon.
    pub(super) fn named<T: FromStr<Err = ConfigError>>(
        &mut self,
        name: &str,
    ) -> Result<Option<T>, BadRequest> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        let text = text.strip_prefix(':').unwrap_or(&text);
        text.parse().map(Some).map_err(|error| format!("{name}: {error}").into())
    }

    pub(super) fn secret_hex(&mut self, name: &str) -> Result<Option<Secret>, BadRequest> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        let bytes = from_hex(&text).ok_or_else(|| format!("{name} is not hexadecimal"))?;
        Ok(Some(Secret::new(bytes)))
    }

    pub(super) fn fields(&mut self, name: &str) -> Result<Self, BadRequest> {
        Self::from_value(self.take(name).unwrap_or_default(), name)
    }

    pub(super) fn list(&mut self, name: &str) -> Result<Vec<Self>, BadRequest> {
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
        let settings = Settings::deserialize(Value::Object(self.map))
            .map_err(|error| format!("config: {error}"))?;
        Ok(settings.apply(profile))
    }

    /// Refuses what no one took.
    pub(super) fn end(self) -> Result<(), BadRequest> {
        match self.map.keys().next() {
            None => Ok(()),
            Some(unknown) => Err(format!("config has no key {unknown:?}").into()),
        }
    }
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
