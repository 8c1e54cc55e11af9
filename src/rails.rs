//! What Rails is at each version: names, behaviour, defaults; and an app's own settings over them.
//! Plain data: no algorithm lives here.

mod defaults;
mod dialect;
mod profile;
mod resolve;
mod rotation;
mod version;

pub use self::defaults::{SameSite, Settings};
pub use self::dialect::{Dialect, Strictness};
pub use self::profile::{Profile, Secrets};
pub use self::rotation::Rotation;
pub use self::version::Version;
