//! A Rails app as this process knows it: its jars, its session's cookie, and where time and entropy
//! come from.

use std::fmt;
use std::sync::Arc;

use cookie::SameSite;
use railjar::cookies::{CookieName, Jar};
use railjar::entropy::{Entropy, EntropyUnavailable, SystemEntropy};
use railjar::messages::Csrf;
use railjar::rails::{self, CookieKind, Profile, Secrets};
use railjar::{ConfigError, Cookies, Timestamp};

use crate::clock;
use crate::csrf::OriginCheck;
use crate::store::SessionStore;

/// A Rails app: its keys, derived once, and its settings. Cheap to clone; make one when the process
/// starts.
///
/// ```
/// use railjar::rails::{Profile, Rotation, Version};
/// use railjar::{Digest, SecretKeyBase};
/// use railjar_axum::{RailsApp, SessionStore};
///
/// let secret = SecretKeyBase::new("the text of secret_key_base")?;
/// // Rails 7.1 with its load_defaults, which still reads what 6.1 wrote.
/// let profile = Profile::new(Version::V7_1)
///     .rotate(Rotation::new().key_generator_hash_digest_class(Digest::Sha1));
/// let app = RailsApp::new(&profile, &secret, SessionStore::new("_app_session").secure())?;
/// assert_eq!(app.session_store().key(), "_app_session");
/// # Ok::<(), railjar::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct RailsApp(Arc<Parts>);

#[derive(Clone)]
struct Parts {
    cookies: Cookies,
    csrf: Csrf,
    store: SessionStore,
    same_site: Option<SameSite>,
    reissue: Reissue,
    origins: OriginCheck,
    clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    entropy: Arc<Fill>,
}

type Fill = dyn Fn(&mut [u8]) -> Result<(), EntropyUnavailable> + Send + Sync;

/// Whether a session that was read by a rotation, or in an old format, is written again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reissue {
    /// Only what a handler changes is written. Rails writes the rest again when it sees it.
    #[default]
    Never,
    /// As Rails does: what was read is written again, in the format of today. Servers that do not
    /// read that format yet lose the session then.
    WhenRead,
}

impl RailsApp {
    /// Derives the app's keys.
    ///
    /// # Errors
    /// As [`Profile::cookies`] and [`Profile::csrf`]; and [`ConfigError::CookieName`] for an empty
    /// name of the session's cookie, or one that the app's Rack does not write.
    pub fn new(
        profile: &Profile,
        secrets: impl Into<Secrets>,
        mut store: SessionStore,
    ) -> Result<Self, ConfigError> {
        let cookies = profile.cookies(secrets)?;
        cookies.set_cookie_name().pair(&CookieName::new(store.key())?, b"")?;
        let same_site = profile.settings().cookies_same_site_protection.map(attribute);
        store.default_same_site(same_site);
        Ok(Self(Arc::new(Parts {
            csrf: profile.csrf()?,
            cookies,
            store,
            same_site,
            reissue: Reissue::default(),
            origins: OriginCheck::default(),
            clock: Arc::new(clock::now),
            entropy: Arc::new(|out| SystemEntropy.fill(out)),
        })))
    }

    /// Whether what was read in an old format is written again; [`Reissue::Never`] if not said.
    #[must_use]
    pub fn reissue(self, reissue: Reissue) -> Self {
        self.with(|parts| parts.reissue = reissue)
    }

    /// How the `Origin` of a request is judged before its CSRF token; [`OriginCheck::SameHost`] if
    /// not said.
    #[must_use]
    pub fn origins(self, origins: OriginCheck) -> Self {
        self.with(|parts| parts.origins = origins)
    }

    /// Another clock than the system's, for tests.
    #[must_use]
    pub fn clock(self, clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        self.with(|parts| parts.clock = Arc::new(clock))
    }

    /// Another source of entropy than the system's. It must be cryptographically secure, but for
    /// tests.
    #[must_use]
    pub fn entropy(
        self,
        fill: impl Fn(&mut [u8]) -> Result<(), EntropyUnavailable> + Send + Sync + 'static,
    ) -> Self {
        self.with(|parts| parts.entropy = Arc::new(fill))
    }

    fn with(mut self, change: impl FnOnce(&mut Parts)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }

    /// The library's jars, for what this crate has no word for.
    #[must_use]
    pub fn cookies(&self) -> &Cookies {
        &self.0.cookies
    }

    /// The app's protection against forged requests.
    pub fn csrf(&self) -> &Csrf {
        &self.0.csrf
    }

    /// How the session's cookie is called and written.
    pub fn session_store(&self) -> &SessionStore {
        &self.0.store
    }

    /// Now, by this app's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        (self.0.clock)()
    }

    /// The jar of the session's cookie.
    pub(crate) fn session_jar(&self) -> Jar<'_> {
        let (cookies, name) = (&self.0.cookies, self.0.store.key());
        match self.0.store.jar_kind() {
            None => cookies.session(name),
            Some(CookieKind::Signed) => cookies.signed(name),
            Some(CookieKind::Encrypted) => cookies.encrypted(name),
        }
    }

    pub(crate) fn entropy_source(&self) -> impl Entropy + use<'_> {
        AppEntropy(&*self.0.entropy)
    }

    pub(crate) fn same_site(&self) -> Option<SameSite> {
        self.0.same_site
    }

    pub(crate) fn reissue_policy(&self) -> Reissue {
        self.0.reissue
    }

    pub(crate) fn origin_check(&self) -> &OriginCheck {
        &self.0.origins
    }

    /// Whether both are clones of one.
    #[cfg(feature = "axum")]
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

struct AppEntropy<'a>(&'a Fill);

impl Entropy for AppEntropy<'_> {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyUnavailable> {
        (self.0)(out)
    }
}

fn attribute(same_site: rails::SameSite) -> SameSite {
    match same_site {
        rails::SameSite::None => SameSite::None,
        rails::SameSite::Lax => SameSite::Lax,
        rails::SameSite::Strict => SameSite::Strict,
    }
}

// The jars hold keys, and are silent themselves.
impl fmt::Debug for RailsApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RailsApp").field("store", &self.0.store).finish_non_exhaustive()
    }
}
