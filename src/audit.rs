#![doc = include_str!("../docs/audit.md")]

mod auditor;
mod counts;
mod day;
mod find;
#[cfg(feature = "config")]
mod json;
mod moment;
mod rotators;
mod samples;
mod subject;
mod tally;

use crate::cookies::{Cookies, Jar};
use crate::error::ConfigError;
use crate::rails::{CookieKind, KeyCache, Profile, Secrets};

pub use self::auditor::{Auditor, Direction};
pub use self::counts::Counts;
pub use self::day::{Day, When};
pub use self::moment::Moments;
pub use self::rotators::{Answer, Rotator};
pub use self::samples::{SampledCauses, Samples};
pub use self::subject::{AuditedCookie, AuditedRecipe, Subject};
pub use self::tally::{Lines, MAX_DAYS, MergeError, Row, Tally};

/// The most cookies of one audit.
pub const MAX_COOKIES: usize = 64;

/// What is looked for: the cookies of one app, with all keys derived. Cheap to share between
/// threads, each with an [`Auditor`] of its own.
///
/// ```
/// use railjar::audit::{Answer, Audit, Day};
/// use railjar::rails::{Profile, Rotation, Version};
/// use railjar::{Digest, SecretKeyBase, Serializer};
///
/// let secret = SecretKeyBase::new("the text of secret_key_base")?;
/// let old = Profile::new(Version::V6_1).cookies(&secret)?;
/// # let entropy = &mut railjar::entropy::SystemEntropy;
/// let cookie = old.encrypted("_app_session").seal(&42, None, entropy)?;
/// let line = format!(
///     "::1 - - [24/Nov/2026:13:00:00 +0000] \"GET / HTTP/1.1\" 200 5 \"a=1; {}\"",
///     cookie.set_cookie_pair()?
/// );
///
/// let app = Profile::new(Version::V7_1)
///     .cookies_serializer(Serializer::JsonAllowMarshal)
///     .rotate(Rotation::new().key_generator_hash_digest_class(Digest::Sha1));
/// let audit = Audit::new(&app, &secret, [("_app_session", None)])?;
/// let mut auditor = audit.auditor();
/// auditor.line(line.as_bytes());
/// let tally = auditor.into_tally();
///
/// let rotators = tally.rotators(14); // such cookies live for 14 days
/// let last = Day::parse("2026-11-24").ok_or("a day")?;
/// let expired = Day::parse("2026-12-08").ok_or("a day")?;
/// assert_eq!(rotators[0].answer, Answer::NotBefore { last, expired });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Audit {
    cookies: Cookies,
    subject: Subject,
}

impl Audit {
    /// Looks for these cookies of an app, each by its name and the jar that the app keeps it in:
    /// `None` is the one where it keeps sessions.
    ///
    /// # Errors
    /// As [`Profile::cookies`]; [`ConfigError::Missing`] without any cookie,
    /// [`ConfigError::CookieName`] for one without a name, [`ConfigError::Twice`], and
    /// [`ConfigError::Invalid`] for more than [`MAX_COOKIES`].
    pub fn new<'n>(
        profile: &Profile,
        secrets: impl Into<Secrets>,
        cookies: impl IntoIterator<Item = (&'n str, Option<CookieKind>)>,
    ) -> Result<Self, ConfigError> {
        let secrets = secrets.into();
        let jars = profile.cookies_with_cache(&secrets, &mut KeyCache::default())?;
        let subject = Subject::new(profile, &secrets, &jars, cookies)?;
        Ok(Self { cookies: jars, subject })
    }

    /// What is looked for, and the recipes that may open it.
    #[must_use]
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// Nothing counted yet.
    #[must_use]
    pub fn tally(&self) -> Tally {
        Tally::new(self.subject.clone())
    }

    /// One who reads lines and counts.
    #[must_use]
    pub fn auditor(&self) -> Auditor<'_> {
        Auditor::new(self)
    }

    pub(super) fn jar<'a>(&'a self, cookie: &'a AuditedCookie) -> Jar<'a> {
        match cookie.kind() {
            CookieKind::Signed => self.cookies.signed(cookie.name()),
            CookieKind::Encrypted => self.cookies.encrypted(cookie.name()),
        }
    }
}

impl core::fmt::Debug for Audit {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Audit").field("subject", &self.subject).finish_non_exhaustive()
    }
}
