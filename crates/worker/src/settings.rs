//! The settings, as JSON in the Worker's variable: the edge in the library's own shape, what the
//! origin reads, and whether guests are answered from the cache. `docs/worker.md` describes them.

use railjar::ConfigError;
use railjar::config::{EdgeSettings, nearest};
use railjar::serializer::json;
use serde::Deserialize;
use web_sys::{Response, ResponseInit};

use crate::bindings::Bindings;
use crate::tree::{Tree, Wrong};
use crate::{Result, log};

/// The variable's name.
const VARIABLE: &str = "RAILJAR";

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    pub(crate) edge: EdgeSettings,
    #[serde(default)]
    pub(crate) origin: Origin,
    #[serde(default)]
    pub(crate) cache: CacheUse,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Origin {
    /// The name of one of `edge.formats`; absent where nobody knows.
    pub(crate) format: Option<String>,
}

/// Whom the cache answers.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum CacheUse {
    #[default]
    Guests,
    Nobody,
}

impl Settings {
    pub(crate) fn of(bindings: &mut Bindings) -> Result<Self, Problem> {
        let text = bindings.variable(VARIABLE).ok_or_else(|| {
            Problem::new(format!("there is no variable {VARIABLE} with the settings"))
        })?;
        Self::parse(&text)
    }

    pub(crate) fn parse(text: &str) -> Result<Self, Problem> {
        let tree = json::from_slice(text.as_bytes())
            .map_err(|error| Problem::new(format!("{VARIABLE}: {error}")))?;
        Self::deserialize(Tree(&tree)).map_err(|Wrong(message)| Problem::of_parser(&message))
    }
}

/// What is wrong with the settings, for the person who writes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem(pub(crate) String);

impl Problem {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    fn of_parser(message: &str) -> Self {
        // "unknown field `x`, expected one of" all the others: as far as the second backtick.
        let unknown = message.starts_with("unknown");
        let short = message.match_indices('`').nth(1).filter(|_| unknown);
        let reason = short.and_then(|(end, _)| message.get(..=end)).unwrap_or(message);
        Self(match nearest(message) {
            Some(name) => format!("{VARIABLE}: {reason}; did you mean {name}?"),
            None => format!("{VARIABLE}: {reason}"),
        })
    }

    /// Tells whoever reads the Worker's log, and the browser no more than that it is so.
    pub(crate) fn response(&self) -> Result<Response> {
        log::problem("railjar:", &self.0.as_str().into());
        let init = ResponseInit::new();
        init.set_status(500);
        let text = Some("This Worker is not set up.\n");
        let response = Response::new_with_opt_str_and_init(text, &init)?;
        response.headers().set("cache-control", "no-store")?;
        Ok(response)
    }
}

impl From<ConfigError> for Problem {
    fn from(error: ConfigError) -> Self {
        Self(format!("{VARIABLE}: {error}"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may")]
    use railjar::Secret;

    use super::*;

    #[test]
    fn those_of_wrangler_toml_are_good() {
        let file: toml::Table = toml::from_str(include_str!("../wrangler.toml")).unwrap();
        let settings = Settings::parse(&serde_json::to_string(&file["vars"]["RAILJAR"]).unwrap());
        let settings = settings.unwrap();
        let mut fetch = |_: &_| Ok::<_, ConfigError>(Secret::new("a secret"));
        let edge = settings.edge.edge(&mut fetch).unwrap();
        assert!(edge.format(&settings.origin.format.unwrap()).is_some());
    }

    #[test]
    fn what_is_wrong_is_said_with_the_name_that_was_meant() {
        for (text, problem) in [
            (r#"{"edg": 1}"#, "RAILJAR: unknown field `edg`; did you mean edge?"),
            (
                r#"{"edge": {"formats": {}, "hint": []}}"#,
                "RAILJAR: unknown field `hint`; did you mean hints?",
            ),
            (r#"{"edge": {}}"#, "RAILJAR: missing field `formats`"),
        ] {
            assert_eq!(Settings::parse(text).unwrap_err().0, problem);
        }
        let secret =
            r#"{"edge":{"formats":{"a":{"rails":"7.2","secrets":{"secret_key_base":"hush"}}}}}"#;
        assert!(!Settings::parse(secret).unwrap_err().0.contains("hush"));
    }
}
