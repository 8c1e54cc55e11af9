//! What Rails is at each version: names, behaviour, defaults; and an app's own settings over them.
//! Plain data: no algorithm lives here.

mod defaults;
mod derived;
mod dialect;
mod profile;
mod resolve;
mod rotation;
mod summary;
mod version;

pub use self::defaults::{LegacySignedIdVerifier, SameSite, Settings};
pub use self::derived::{DerivedKey, KeyCache, KeyUse};
pub(crate) use self::dialect::{ActionPath, CsrfText, CsrfToken, Feature, Stripping};
pub use self::dialect::{Dialect, Strictness};
pub use self::profile::{Profile, Secrets};
pub(crate) use self::resolve::cipher_of;
pub use self::rotation::Rotation;
pub(crate) use self::rotation::{Keys, Scope};
pub use self::summary::{CookieKind, RecipeSummary};
pub use self::version::Version;
