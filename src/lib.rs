//! Reads and writes Ruby on Rails' signed and encrypted cookies and messages.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod cookies;
pub mod crypto;
pub mod entropy;
pub mod error;
mod secret;
pub mod serializer;
pub mod time;
pub mod value;
mod wire;

pub use crate::crypto::{Authentic, Cipher, Digest};
pub use crate::error::{
    ConfigError, ContentError, FormatError, OpenError, SealError, SerializationError,
};
pub use crate::secret::Secret;
