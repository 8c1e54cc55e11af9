//! The settings of a rollout: the cookies, what serves now and what shall serve next, who else reads
//! the cookies, and which findings are known and allowed.

mod stand_in;

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use serde::de::value::MapAccessDeserializer;
use serde::{Deserialize, Deserializer, de};

use self::stand_in::StandIns;
use super::duration::duration;
use super::{App, FleetSettings};
use crate::error::ConfigError;
use crate::rollout::{
    Cookie, CookieJar, Finding, Overlap, Reader, RollBack, Rollout, Rule, Stage, Unreadable,
};

/// The settings of a [`Rollout`]. Unknown keys are errors, at every level;
/// [`nearest`](super::nearest()) finds the one that was meant.
///
/// No secret is needed: of secrets only which are the same matters. They are the same where they
/// have the same fingerprint, or are in the same place with no two fingerprints; an app that says
/// nothing of its secrets has those of `now`.
///
/// ```
/// use railjar::ConfigError;
/// use railjar::config::RolloutSettings;
/// use railjar::rollout::check;
///
/// let settings: RolloutSettings = serde_json::from_str(
///     r#"{
///         "cookies": [{ "name": "_app_session", "lifetime": "14 days" }],
///         "now": { "app": { "rails": "7.0", "load_defaults": "6.1" } },
///         "next": { "app": { "rails": "7.0" } }
///     }"#,
/// )?;
/// // The apps stand in it; else this reads the files that they are in.
/// let mut load = |path: &str| unreachable!("{path}");
/// let rollout = settings.rollout::<ConfigError>(&mut load)?;
/// let report = check(&rollout)?;
/// assert!(report.findings.iter().any(|finding| settings.allowance(finding).is_none()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(remote = "Self", deny_unknown_fields)]
#[non_exhaustive]
pub struct RolloutSettings {
    /// The cookies that must not be lost.
    pub cookies: Vec<RolloutCookie>,
    /// How a deploy goes.
    #[serde(default)]
    pub deploy: DeploySettings,
    /// What serves now.
    pub now: StageSettings,
    /// What is deployed in between, in order.
    #[serde(default)]
    pub steps: Vec<StageSettings>,
    /// What shall serve.
    pub next: StageSettings,
    /// Who reads the cookies besides the app's servers.
    #[serde(default)]
    pub readers: Vec<ReaderSettings>,
    /// Findings that are known and accepted.
    #[serde(default)]
    pub allow: Vec<Allowance>,
    /// What the deploys run on, to simulate them; absent, [`Fleet::default`](crate::rollout::Fleet).
    #[serde(default)]
    pub fleet: FleetSettings,
    /// The staging beside it; absent, [`Fleet::staging`](crate::rollout::Fleet::staging).
    #[serde(default)]
    pub staging: FleetSettings,
}

/// A cookie.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RolloutCookie {
    /// Its name.
    pub name: String,
    /// Its jar; absent, that of the session.
    #[serde(default = "session", deserialize_with = "jar")]
    pub jar: CookieJar,
    /// How long it may be used after it was last written. It must be there, and more than nothing.
    #[serde(default, deserialize_with = "duration")]
    pub lifetime: Duration,
    /// Whether the app sets its expiry, by `expires:` or `expire_after:`.
    #[serde(default)]
    pub expires: bool,
    /// The bytes of the largest there is today, if that is known.
    #[serde(default)]
    pub largest: Option<usize>,
}

/// How a deploy goes.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct DeploySettings {
    /// `"rolling"` or `"at-once"`.
    #[serde(deserialize_with = "overlap")]
    pub overlap: Overlap,
    /// Whether it may be taken back.
    pub roll_back: bool,
}

/// What serves at one time.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct StageSettings {
    /// What it is called; absent, `now`, `next`, or `step 1` and so on.
    #[serde(default)]
    pub name: Option<String>,
    /// How long it serves, at least, before the next deploy begins; of `now`, how long it has
    /// served already.
    #[serde(default, deserialize_with = "duration")]
    pub serves: Duration,
    /// The app.
    pub app: AppPlace,
    /// The readers that are others in this stage, by their names.
    #[serde(default)]
    pub readers: BTreeMap<String, StageReader>,
}

/// What a reader is in one stage.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct StageReader {
    /// What it reads as.
    pub app: AppPlace,
}

/// Somebody besides the app's servers who reads the cookies.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ReaderSettings {
    /// Its name.
    pub name: String,
    /// What it takes a cookie for that it cannot read: `"unreadable"`, `"guest"`, `"signed-in"`.
    #[serde(default, deserialize_with = "unreadable")]
    pub takes_unreadable_for: Unreadable,
    /// What it reads as.
    pub app: AppPlace,
}

/// An app's settings, or the path of the file that they stand in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AppPlace {
    /// In a file; a relative path starts at the rollout file's folder.
    File(String),
    /// Here.
    Inline(Box<App>),
}

/// A finding that is known and accepted.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Allowance {
    /// By which rule.
    #[serde(deserialize_with = "rule")]
    pub rule: Rule,
    /// Of which cookie; absent, of any.
    #[serde(default)]
    pub cookie: Option<String>,
    /// Why it is accepted.
    pub reason: String,
}

impl RolloutSettings {
    /// The rollout. `load` reads the settings file of an app from the path that stands here.
    ///
    /// # Errors
    /// What `load` fails with, and [`ConfigError`] for an app that there cannot be.
    pub fn rollout<E: From<ConfigError>>(
        &self,
        load: &mut impl FnMut(&str) -> Result<App, E>,
    ) -> Result<Rollout, E> {
        let stages = self.stages().map(|(name, stage)| self.load(name, stage, load));
        let stages = stages.collect::<Result<Vec<_>, E>>()?;
        let secrets = StandIns::of(stages.iter().flat_map(LoadedStage::apps));
        let mut stages = stages.iter().map(|stage| stage.stage(&secrets));
        let now = stages.next().unwrap_or(Err(ConfigError::MissingSecret))?;
        let cookies = self.cookies.iter().map(RolloutCookie::cookie);
        let rollout = stages.try_fold(Rollout::new(cookies, now), |rollout, stage| {
            Ok::<_, ConfigError>(rollout.then(stage?))
        })?;
        let roll_back = match self.deploy.roll_back {
            true => RollBack::Possible,
            false => RollBack::Excluded,
        };
        Ok(rollout.overlap(self.deploy.overlap).roll_back(roll_back))
    }

    /// The entry that allows a finding, if there is one.
    #[must_use]
    pub fn allowance(&self, finding: &Finding) -> Option<&Allowance> {
        self.allow.iter().find(|it| it.allows(finding))
    }

    /// All stages in order, by their names.
    fn stages(&self) -> impl Iterator<Item = (String, &StageSettings)> {
        let steps = self.steps.iter().zip(1_usize..);
        let steps = steps.map(|(stage, number)| (format!("step {number}"), stage));
        let now = core::iter::once(("now".to_string(), &self.now));
        let next = core::iter::once(("next".to_string(), &self.next));
        let all = now.chain(steps).chain(next);
        all.map(|(name, stage)| (stage.name.clone().unwrap_or(name), stage))
    }

    /// A stage with the apps that its files hold.
    fn load<E>(
        &self,
        name: String,
        stage: &StageSettings,
        load: &mut impl FnMut(&str) -> Result<App, E>,
    ) -> Result<LoadedStage<'_>, E> {
        let app = stage.app.app(load)?;
        let readers = self.readers.iter().map(|reader| {
            let place = stage.readers.get(&reader.name).map_or(&reader.app, |it| &it.app);
            Ok((reader, place.app(load)?))
        });
        let readers = readers.collect::<Result<_, E>>()?;
        Ok(LoadedStage { name, serves: stage.serves, app, readers })
    }

    /// What no field can tell by itself.
    fn checked(self) -> Result<Self, String> {
        if self.cookies.is_empty() {
            return Err("no [[cookies]]: of which cookie?".into());
        }
        if let Some(cookie) = self.cookies.iter().find(|it| it.lifetime.is_zero()) {
            return Err(format!(
                "the cookie {:?} has no lifetime: how long may it be used after it was last \
                 written? expire_after says it; without one, as long as people keep their browsers \
                 open, say lifetime = \"30 days\"",
                cookie.name
            ));
        }
        let mut stages = BTreeSet::new();
        if let Some((name, _)) = self.stages().find(|(name, _)| !stages.insert(name.clone())) {
            return Err(format!("two stages are called {name:?}"));
        }
        let cookies = names(self.cookies.iter().map(|it| &it.name), "cookies")?;
        let readers = names(self.readers.iter().map(|it| &it.name), "readers")?;
        for (_, stage) in self.stages() {
            known("reader", stage.readers.keys(), &readers)?;
        }
        known("cookie", self.allow.iter().filter_map(|it| it.cookie.as_ref()), &cookies)?;
        match self.allow.iter().find(|it| it.reason.trim().is_empty()) {
            Some(allowance) => Err(format!("{} is allowed without a reason", allowance.rule)),
            None => Ok(self),
        }
    }
}

/// A stage of which all files were read.
struct LoadedStage<'s> {
    name: String,
    serves: Duration,
    app: App,
    readers: Vec<(&'s ReaderSettings, App)>,
}

impl LoadedStage<'_> {
    fn apps(&self) -> impl Iterator<Item = &App> {
        core::iter::once(&self.app).chain(self.readers.iter().map(|(_, app)| app))
    }

    fn stage(&self, secrets: &StandIns) -> Result<Stage, ConfigError> {
        let served = Stage::new(self.name.as_str(), secrets.release(&self.app)?);
        self.readers.iter().try_fold(served.serves(self.serves), |served, (reader, app)| {
            let reads = Reader::new(reader.name.as_str(), secrets.release(app)?);
            Ok(served.reader(reads.takes_unreadable_for(reader.takes_unreadable_for)))
        })
    }
}

/// The names, each of which must be there once.
fn names<'n>(names: impl Iterator<Item = &'n String>, what: &str) -> Result<Vec<&'n str>, String> {
    names.map(String::as_str).try_fold(Vec::new(), |mut seen, name| {
        if seen.contains(&name) {
            return Err(format!("two {what} are called {name:?}"));
        }
        seen.push(name);
        Ok(seen)
    })
}

/// That each is one of the known names, in serde's words.
fn known<'n>(
    what: &str,
    mut names: impl Iterator<Item = &'n String>,
    known: &[&str],
) -> Result<(), String> {
    match names.find(|name| !known.contains(&name.as_str())) {
        Some(name) => {
            Err(format!("unknown {what} `{name}`, expected one of `{}`", known.join("`, `")))
        }
        None => Ok(()),
    }
}

impl<'de> Deserialize<'de> for RolloutSettings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // What is derived for `remote`, by the same name.
        Self::deserialize(deserializer)?.checked().map_err(de::Error::custom)
    }
}

impl RolloutCookie {
    fn cookie(&self) -> Cookie {
        let cookie = Cookie::new(self.name.as_str(), self.jar, self.lifetime);
        let cookie = if self.expires { cookie.with_expiry() } else { cookie };
        match self.largest {
            Some(bytes) => cookie.largest(bytes),
            None => cookie,
        }
    }
}

impl Default for DeploySettings {
    fn default() -> Self {
        Self { overlap: Overlap::Rolling, roll_back: true }
    }
}

impl AppPlace {
    fn app<E>(&self, load: &mut impl FnMut(&str) -> Result<App, E>) -> Result<App, E> {
        match self {
            Self::File(path) => load(path),
            Self::Inline(app) => Ok((**app).clone()),
        }
    }
}

impl Allowance {
    /// Whether it is about this finding.
    #[must_use]
    pub fn allows(&self, finding: &Finding) -> bool {
        self.rule == finding.rule
            && self.cookie.as_ref().is_none_or(|cookie| *cookie == finding.cookie)
    }
}

impl<'de> Deserialize<'de> for AppPlace {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Place;

        impl<'de> de::Visitor<'de> for Place {
            type Value = AppPlace;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the path of an app's settings file, or the settings themselves")
            }

            fn visit_str<E: de::Error>(self, path: &str) -> Result<AppPlace, E> {
                Ok(AppPlace::File(path.into()))
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<AppPlace, A::Error> {
                let app = App::deserialize(MapAccessDeserializer::new(map))?;
                Ok(AppPlace::Inline(Box::new(app)))
            }
        }

        deserializer.deserialize_any(Place)
    }
}

fn session() -> CookieJar {
    CookieJar::Session
}

fn rule<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Rule, D::Error> {
    let name = String::deserialize(deserializer)?;
    Rule::from_name(&name).ok_or_else(|| {
        let names: Vec<_> = Rule::ALL.iter().map(|rule| rule.name()).collect();
        let names = names.join("`, `");
        de::Error::custom(format_args!("unknown rule `{name}`, expected one of `{names}`"))
    })
}

/// A function that reads one of some names.
macro_rules! choice {
    ($function:ident -> $type:ident { $($name:ident),* }) => {
        fn $function<'de, D: Deserializer<'de>>(deserializer: D) -> Result<$type, D::Error> {
            #[derive(Deserialize)]
            #[serde(rename_all = "kebab-case")]
            enum Named { $($name),* }

            Ok(match Named::deserialize(deserializer)? {
                $(Named::$name => $type::$name),*
            })
        }
    };
}

choice! { jar -> CookieJar { Session, SignedSession, Signed, Encrypted } }
choice! { overlap -> Overlap { Rolling, AtOnce } }
choice! { unreadable -> Unreadable { Unreadable, Guest, SignedIn } }
