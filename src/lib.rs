#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]
#![warn(clippy::alloc_instead_of_core, clippy::std_instead_of_alloc, clippy::std_instead_of_core)]

extern crate alloc;
#[cfg(feature = "simd")]
extern crate std;

pub mod audit;
#[cfg(feature = "config")]
pub mod config;
pub mod cookies;
pub mod crypto;
pub mod edge;
mod encryptor;
pub mod entropy;
pub mod envelope;
pub mod error;
pub mod explain;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
pub mod keys;
mod message;
pub mod messages;
pub mod rails;
pub mod rollout;
mod rotation;
mod secret;
pub mod serializer;
mod session;
mod time;
pub mod value;
mod verifier;
mod wire;

pub use crate::cookies::Cookies;
pub use crate::crypto::{Authentic, Cipher, Digest};
pub use crate::encryptor::MessageEncryptor;
pub use crate::envelope::{Expected, Metadata};
pub use crate::error::{
    ConfigError, ContentError, FormatError, OpenError, SealError, SerializationError,
};
pub use crate::keys::{KeyGenerator, SecretKeyBase, SecretToken};
pub use crate::message::{Matched, MessageRules, Opened, Origin, Scratch};
pub use crate::secret::Secret;
pub use crate::serializer::Serializer;
pub use crate::session::{Session, WardenUser};
pub use crate::time::Timestamp;
pub use crate::value::Value;
pub use crate::verifier::MessageVerifier;
