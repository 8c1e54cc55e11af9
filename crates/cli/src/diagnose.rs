//! Why a message was refused, as far as trying again tells: what to do next, in words.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use railjar::rails::{Profile, Rotation, Secrets, Strictness, Version};
use railjar::serializer::Format;
use railjar::{
    ContentError, Digest, FormatError, OpenError, Opened, SerializationError, Timestamp,
};

use crate::time;

/// A cookie that was refused.
pub(crate) struct Question<'q> {
    pub(crate) profile: &'q Profile,
    pub(crate) secrets: &'q Secrets,
    pub(crate) name: Option<&'q str>,
    pub(crate) value: &'q [u8],
    pub(crate) now: Timestamp,
}

/// An instant at which nothing has expired.
pub(crate) const LONG_AGO: Timestamp = Timestamp::from_unix_seconds(-60_000_000_000);

impl Question<'_> {
    /// What to try, the likeliest first.
    pub(crate) fn hints(&self, error: OpenError) -> Vec<String> {
        match error {
            OpenError::Format(error) => self.of_format(error),
            OpenError::Serialization(error) => self.of_serialization(error),
            OpenError::Content(ContentError::Expired) => vec![self.of_expiry()],
            OpenError::Content(ContentError::PurposeMismatch) => vec![match self.name {
                None => {
                    "--cookie NAME: this cookie is bound to its name, and none was given".into()
                }
                Some(name) => format!("--cookie with its real name: it was not issued as {name:?}"),
            }],
            OpenError::Content(_) => Vec::new(),
            _ => Vec::new(),
        }
    }

    /// What the jars of a changed app make of the cookie, at a time when nothing has expired: the
    /// first answer that is not about its format.
    fn ask(&self, profile: &Profile) -> Option<Result<Opened<'static>, OpenError>> {
        let cookies = profile.cookies(self.secrets).ok()?;
        let name = self.name.unwrap_or("");
        [cookies.encrypted(name), cookies.signed(name)]
            .iter()
            .map(|jar| jar.open(self.value, LONG_AGO))
            .find(|answer| !matches!(answer, Err(OpenError::Format(_))))
    }

    /// Whether a key of a changed app made the cookie.
    fn is_made_by(&self, profile: &Profile) -> bool {
        self.ask(profile).is_some()
    }

    fn opens(&self, profile: &Profile) -> Option<Opened<'static>> {
        self.ask(profile)?.ok()
    }

    fn of_format(&self, error: FormatError) -> Vec<String> {
        if let Some(hint) = self.of_shape() {
            return vec![hint];
        }
        // Both jars were tried, unless one was asked for.
        if self.is_made_by(self.profile) {
            return vec![
                "neither --signed nor --encrypted: this secret opens it in the other jar".into(),
            ];
        }
        for digest in [Digest::Sha1, Digest::Sha256] {
            let rotation = Rotation::new().key_generator_hash_digest_class(digest);
            if !self.is_made_by(&self.profile.clone().rotate(rotation)) {
                continue;
            }
            let name = digest.name();
            return vec![match self.profile.version() < Version::V7_0 {
                true => format!("--rails 7.0 or later: this secret opens it with keys by {name}"),
                false => format!(
                    "--rotate key_generator_hash_digest_class={name}: this secret opens it with \
                     keys by {name} (load_defaults 7.0 went from SHA1 to SHA256)"
                ),
            }];
        }
        for digest in [Digest::Sha1, Digest::Sha256, Digest::Sha384, Digest::Sha512] {
            let rotation = Rotation::new().digest(digest);
            if self.is_made_by(&self.profile.clone().rotate(rotation)) {
                let name = digest.name();
                return vec![format!("--rotate digest={name}: this secret opens it with {name}")];
            }
        }
        let lenient = self.profile.clone().strictness(Strictness::AsRails);
        if self.is_made_by(&lenient) {
            return vec![
                "--strictness as-rails: it carries what no Rails writes, but this one would take"
                    .into(),
            ];
        }
        let mut hints = Vec::new();
        if self.value.contains(&b' ') {
            hints.push(
                "copy it again as the browser shows it, with %2B: a + has become a space".into(),
            );
        }
        if error == FormatError::Malformed {
            hints.push("check that all of the value was copied: it ends after the last --".into());
        } else {
            hints.push("check that the secret is that app's, and that environment's".into());
            hints.push("check that all of the value was copied, and nothing else".into());
        }
        hints
    }

    /// What the cookie's shape alone says against the settings.
    fn of_shape(&self) -> Option<String> {
        let version = self.profile.version();
        if version >= Version::V5_2 || !is_aes_gcm(self.value) {
            return None;
        }
        let newer = [Version::V5_2, Version::V7_0];
        let opens = newer.into_iter().find(|newer| self.is_made_by(&Profile::new(*newer)));
        Some(match opens {
            Some(newer) => format!(
                "--rails {newer} or later: its shape is that of AES-GCM, which Rails {version} \
                 does not read, and this secret opens it"
            ),
            None => format!(
                "--rails 5.2 or later: its shape is that of AES-GCM, which Rails {version} does \
                 not read"
            ),
        })
    }

    fn of_serialization(&self, error: SerializationError) -> Vec<String> {
        if error != SerializationError::Unsupported {
            return Vec::new();
        }
        let reader = self.profile.clone();
        let reader = reader.cookies_serializer(railjar::Serializer::JsonAllowMarshal);
        let format = self.opens(&reader).map(|opened| opened.format());
        match format {
            Some(Format::Marshal) => vec![
                "--set cookies_serializer=hybrid: the value is Ruby's Marshal, which :json refuses"
                    .into(),
            ],
            Some(format) => {
                vec![format!("--set cookies_serializer={0}: the value is {0}", format.name())]
            }
            None => vec!["--set cookies_serializer=… as the app has it".into()],
        }
    }

    fn of_expiry(&self) -> String {
        let opened = self.opens(self.profile);
        match opened.and_then(|opened| opened.expires_at()) {
            Some(at) => format!(
                "--now with an earlier time, to look inside: it expired {}, at {}",
                time::relative(at, self.now),
                time::absolute(at)
            ),
            None => "--now with an earlier time, to look inside".into(),
        }
    }
}

/// Whether this is `data--iv--tag` with an IV of 12 bytes and a tag of 16, in base64.
fn is_aes_gcm(value: &[u8]) -> bool {
    let parts: Option<Vec<&str>> =
        str::from_utf8(value).ok().map(|text| text.split("--").collect());
    let lengths = |part: &str| BASE64_STANDARD.decode(part).map(|bytes| bytes.len());
    match parts.as_deref() {
        Some([data, iv, tag]) => {
            lengths(data).is_ok() && lengths(iv) == Ok(12) && lengths(tag) == Ok(16)
        }
        _ => false,
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
