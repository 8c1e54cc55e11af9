//! The words of a request that stand for a choice.

use super::BadRequest;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    Open,
    Seal,
}

/// What the message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layer {
    /// Sessions too.
    Cookie,
    Message,
    Kdf,
    Serializer,
    Credentials,
    Csrf,
    SignedId,
    TokenFor,
    ActiveStorage,
    GlobalId,
    MessageVerifiers,
    MessageEncryptors,
}

/// Which jar a cookie lives in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Signed,
    Encrypted,
    SignedOrEncrypted,
}

/// Where a CSRF token stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CsrfKind {
    Form,
    Session,
}

impl Op {
    pub(super) fn of(word: Option<&str>) -> Result<Self, BadRequest> {
        match word {
            Some("open") => Ok(Self::Open),
            Some("seal") => Ok(Self::Seal),
            _ => Err("op must be \"open\" or \"seal\"".into()),
        }
    }
}

impl Layer {
    pub(super) fn of(word: Option<&str>) -> Result<Self, BadRequest> {
        Ok(match word {
            None | Some("cookie" | "session") => Self::Cookie,
            Some("message") => Self::Message,
            Some("kdf") => Self::Kdf,
            Some("serializer") => Self::Serializer,
            Some("credentials") => Self::Credentials,
            Some("csrf") => Self::Csrf,
            Some("signed_id") => Self::SignedId,
            Some("token_for") => Self::TokenFor,
            Some("active_storage") => Self::ActiveStorage,
            Some("global_id") => Self::GlobalId,
            Some("message_verifiers") => Self::MessageVerifiers,
            Some("message_encryptors") => Self::MessageEncryptors,
            Some(_) => return Err("there is no such layer".into()),
        })
    }
}

impl Kind {
    pub(super) fn of(word: Option<&str>) -> Result<Self, BadRequest> {
        match word {
            Some("signed") => Ok(Self::Signed),
            Some("encrypted") => Ok(Self::Encrypted),
            None | Some("signed_or_encrypted") => Ok(Self::SignedOrEncrypted),
            Some(_) => {
                Err("kind must be \"signed\", \"encrypted\" or \"signed_or_encrypted\"".into())
            }
        }
    }
}

impl CsrfKind {
    pub(super) fn of(word: Option<&str>) -> Result<Self, BadRequest> {
        match word {
            None | Some("global" | "per_form") => Ok(Self::Form),
            Some("session_token") => Ok(Self::Session),
            Some(_) => Err("kind must be \"global\", \"per_form\" or \"session_token\"".into()),
        }
    }
}
