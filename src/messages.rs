#![doc = include_str!("../docs/messages.md")]

mod active_storage;
mod application;
mod authentication;
mod coordinator;
mod csrf;
mod encrypted_file;
mod flash;
mod global_id;
mod signed_id;
mod token_for;

pub use self::active_storage::{ActiveStorage, BlobPurpose};
pub use self::authentication::{SESSION_ID, open_session_id, seal_session_id};
pub use self::coordinator::{
    EncryptorOptions, GeneratedSecret, MessageEncryptors, MessageVerifiers, RotationCoordinator,
    SecretOptions, VerifierOptions,
};
pub use self::csrf::{Csrf, CsrfForm, CsrfMatch, SessionToken};
pub use self::encrypted_file::EncryptedFile;
pub use self::flash::Flash;
pub use self::global_id::{GlobalIdForm, SignedGlobalId, SignedGlobalIds};
pub use self::signed_id::{SignedIds, signed_id_purpose};
pub use self::token_for::{ExpiresIn, TokenDefinition, TokensFor};

/// The salts of the keys that are Rails' own.
pub(crate) mod salt {
    pub(crate) use super::active_storage::SALT as ACTIVE_STORAGE;
    pub(crate) use super::global_id::SALT as SIGNED_GLOBAL_IDS;
    pub(crate) use super::signed_id::SALT as SIGNED_ID;
    pub(crate) use super::token_for::SALT as TOKEN_FOR;
}
