//! What is deployed: the app, and whoever else reads its cookies.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use super::Cookie;
use crate::rails::{Profile, Secrets};

/// A release of an app as far as its cookies go: its settings and its secrets.
///
/// Only which secrets are the same matters here; any text that differs where the secrets differ will
/// do for one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Release {
    pub(super) profile: Profile,
    pub(super) secrets: Secrets,
}

impl Release {
    /// A release of these settings.
    pub fn new(profile: Profile, secrets: impl Into<Secrets>) -> Self {
        Self { profile, secrets: secrets.into() }
    }

    /// Its settings.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Its secrets.
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }
}

/// Something besides the app's servers that reads its cookies: an edge worker, a proxy, a service.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Reader {
    pub(super) name: String,
    pub(super) release: Release,
    pub(super) takes: Unreadable,
}

/// What a reader takes a cookie for that it cannot read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unreadable {
    /// For what it is.
    #[default]
    Unreadable,
    /// For no session at all.
    Guest,
    /// For a session of somebody.
    SignedIn,
}

impl Reader {
    /// A reader, and what it can read.
    pub fn new(name: impl Into<String>, release: Release) -> Self {
        Self { name: name.into(), release, takes: Unreadable::default() }
    }

    /// What it takes a cookie for that it cannot read.
    pub fn takes_unreadable_for(self, takes: Unreadable) -> Self {
        Self { takes, ..self }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it can read.
    pub fn release(&self) -> &Release {
        &self.release
    }

    /// What it takes a cookie for that it cannot read.
    #[must_use]
    pub fn unreadable(&self) -> Unreadable {
        self.takes
    }
}

/// All that serves at one time, between two deploys.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Stage {
    pub(super) name: String,
    pub(super) app: Release,
    pub(super) readers: Vec<Reader>,
    pub(super) serves: Duration,
}

impl Stage {
    /// A stage by its name, which the findings call it by.
    pub fn new(name: impl Into<String>, app: Release) -> Self {
        Self { name: name.into(), app, readers: Vec::new(), serves: Duration::ZERO }
    }

    /// Something else that reads the cookies.
    pub fn reader(mut self, reader: Reader) -> Self {
        self.readers.push(reader);
        self
    }

    /// How long it serves alone, at least, before the next deploy begins. Of the first stage: how
    /// long it has served already.
    pub fn serves(self, at_least: Duration) -> Self {
        Self { serves: at_least, ..self }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The app.
    pub fn app(&self) -> &Release {
        &self.app
    }

    /// Who else reads the cookies.
    pub fn readers(&self) -> &[Reader] {
        &self.readers
    }

    /// How long it serves alone, at least.
    #[must_use]
    pub fn time(&self) -> Duration {
        self.serves
    }
}

/// A way from what serves now to what shall serve, by one deploy or more.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Rollout {
    pub(super) cookies: Vec<Cookie>,
    pub(super) stages: Vec<Stage>,
    pub(super) overlap: Overlap,
    pub(super) roll_back: RollBack,
}

/// Whether two releases serve at the same time during a deploy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Overlap {
    /// One server after the other is replaced.
    #[default]
    Rolling,
    /// All at once: no browser meets both before the deploy is over.
    AtOnce,
}

/// Whether a deploy may be taken back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RollBack {
    /// It may.
    #[default]
    Possible,
    /// It will not, whatever happens.
    Excluded,
}

impl Rollout {
    /// Of these cookies, beginning with what serves now.
    pub fn new(cookies: impl IntoIterator<Item = Cookie>, now: Stage) -> Self {
        Self {
            cookies: cookies.into_iter().collect(),
            stages: [now].into(),
            overlap: Overlap::default(),
            roll_back: RollBack::default(),
        }
    }

    /// Then this is deployed.
    pub fn then(mut self, stage: Stage) -> Self {
        self.stages.push(stage);
        self
    }

    /// How its deploys go.
    pub fn overlap(self, overlap: Overlap) -> Self {
        Self { overlap, ..self }
    }

    /// Whether a deploy may be taken back.
    pub fn roll_back(self, roll_back: RollBack) -> Self {
        Self { roll_back, ..self }
    }

    /// How its deploys go.
    #[must_use]
    pub fn overlapping(&self) -> Overlap {
        self.overlap
    }

    /// Whether a deploy may be taken back.
    #[must_use]
    pub fn rolling_back(&self) -> RollBack {
        self.roll_back
    }

    /// The cookies.
    pub fn cookies(&self) -> &[Cookie] {
        &self.cookies
    }

    /// The stages, in order; the first is what serves now.
    pub fn stages(&self) -> &[Stage] {
        &self.stages
    }
}
