//! The verifiers that an app has for its ids and tokens: each from the app's secret and settings,
//! or from the derived key alone.

use railjar::MessageVerifier;
use railjar::rails::{Profile, Secrets};

use super::BadRequest;
use super::fields::Fields;
use super::message::Codec;
use super::options;

pub(super) enum OwnVerifier {
    /// Of the app, which derives the key.
    App(Profile, Secrets),
    /// Built by its options.
    Given(Box<MessageVerifier>),
}

impl OwnVerifier {
    pub(super) fn take(app: Profile, mut config: Fields) -> Result<Self, BadRequest> {
        if !config.has("secret_hex") {
            let secrets = config.secrets()?;
            return Ok(Self::App(config.settings(app)?, secrets));
        }
        // How the caller derived the secret, and a remark.
        config.text("kdf_salt")?;
        config.text("base64_note")?;
        match options::codec(&app, config)? {
            Codec::Verifier(verifier) => Ok(Self::Given(verifier)),
            Codec::Encryptor(_) => Err("codec must be \"verifier\"".into()),
        }
    }
}
