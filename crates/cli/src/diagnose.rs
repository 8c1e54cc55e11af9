//! Why a cookie or a message was refused: the library's answer as what to try next.

use railjar::explain::{Candidates, Question as Asked, explain};
use railjar::rails::{CookieKind, Profile, Secrets};
use railjar::serializer::Format;
use railjar::{ContentError, OpenError, SerializationError, Timestamp};

use crate::explain::hints;

/// A cookie that was refused.
pub(crate) struct Question<'q> {
    pub(crate) profile: &'q Profile,
    pub(crate) secrets: &'q Secrets,
    pub(crate) name: Option<&'q str>,
    /// The jar that was asked for.
    pub(crate) jar: Option<CookieKind>,
    pub(crate) value: &'q [u8],
    pub(crate) now: Timestamp,
}

/// An instant at which nothing has expired.
pub(crate) const LONG_AGO: Timestamp = Timestamp::from_unix_seconds(-60_000_000_000);

impl Question<'_> {
    /// What to try.
    pub(crate) fn hints(&self) -> Vec<String> {
        let Ok(mut candidates) = Candidates::new().secrets(self.secrets).app(self.profile) else {
            return Vec::new();
        };
        // Without a name it was opened as a cookie of none.
        let asked = Asked::new(self.value).cookie(self.name.unwrap_or_default());
        let asked = match self.jar {
            Some(jar) => asked.jar(jar),
            None => asked,
        };
        let report = explain(asked, &mut candidates, self.now);
        hints(&report, self.profile.version(), self.now)
    }
}

/// The same for a message that is no cookie, and whose value is in this format.
pub(crate) fn of_message(error: OpenError, format: Option<Format>) -> Vec<String> {
    if error == SerializationError::Unsupported.into() {
        return vec![match format {
            Some(Format::Marshal) => {
                "--serializer json_allow_marshal: the value is Ruby's Marshal".into()
            }
            Some(format) => format!("--serializer {0}: the value is {0}", format.name()),
            None => "--serializer as the app has it".into(),
        }];
    }
    let hints: &[&str] = match error {
        OpenError::Format(_) => &[
            "check --salt, or the key; --digest, --cipher and --url-safe must be the writer's too",
            "--set key_generator_hash_digest_class=SHA1 for a key from before load_defaults 7.0",
        ],
        OpenError::Content(ContentError::Expired) => {
            &["--now with an earlier time, to look inside"]
        }
        OpenError::Content(ContentError::PurposeMismatch | ContentError::MissingMetadata) => {
            &["--purpose as the message was made for; leave it out if it was made for none"]
        }
        _ => &[],
    };
    hints.iter().map(|hint| String::from(*hint)).collect()
}
