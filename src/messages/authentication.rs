//! The cookie of Rails 8's authentication generator: the id of a record of the model `Session`, in
//! a signed cookie that does not end. Mirrors the template of
//! `rails/generators/rails/authentication`, `controllers/concerns/authentication.rb`.

use serde::Serialize;

use crate::cookies::{Cookies, SealedCookie};
use crate::entropy::NoEntropy;
use crate::error::{OpenError, SealError};
use crate::message::Opened;
use crate::time::Timestamp;

/// The cookie's name. (It has nothing to do with the key of the same name in a session's hash.)
pub const SESSION_ID: &str = "session_id";

/// `cookies.signed[:session_id]`: the value is the session's id, an integer or a UUID.
///
/// ```
/// use railjar::messages::{open_session_id, seal_session_id};
/// use railjar::rails::{Profile, Version};
/// use railjar::{SecretKeyBase, Timestamp};
///
/// let now = Timestamp::from_unix_seconds(1_750_000_000);
/// let cookies = Profile::new(Version::V8_0).cookies(&SecretKeyBase::new("the secret")?)?;
///
/// let in_twenty_years = Timestamp::parse("2045-06-15T15:06:40Z").unwrap();
/// let cookie = seal_session_id(&cookies, &7, in_twenty_years)?;
/// let opened = open_session_id(&cookies, cookie.as_bytes(), now)?;
/// assert_eq!(opened.deserialize::<u64>()?, 7);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`Jar::open`](crate::cookies::Jar::open).
pub fn open_session_id(
    cookies: &Cookies,
    value: &[u8],
    now: Timestamp,
) -> Result<Opened<'static>, OpenError> {
    cookies.signed(SESSION_ID).open(value, now)
}

/// `cookies.signed.permanent[:session_id] = id`. Rails lets it expire in twenty years, and adds the
/// attributes `HttpOnly` and `SameSite=Lax`.
///
/// # Errors
/// As [`Jar::seal`](crate::cookies::Jar::seal).
pub fn seal_session_id<'c, T: Serialize + ?Sized>(
    cookies: &'c Cookies,
    id: &T,
    expires: Timestamp,
) -> Result<SealedCookie<'c>, SealError> {
    cookies.signed(SESSION_ID).seal(id, Some(expires), &mut NoEntropy)
}
