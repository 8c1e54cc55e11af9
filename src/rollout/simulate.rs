//! A deploy on a fleet: how many sessions are lost, when and by what, drawn and to be expected.

mod chain;
mod chance;
mod drawn;
mod expected;
mod fleet;
mod result;
mod start;

use alloc::vec::Vec;
use core::fmt;

use self::chain::{COUNTED, Chain};
use self::drawn::{Drawn, drawn};
use self::expected::{Counted, Expecting};
use self::fleet::Timeline;
use self::start::start;
use super::check::earlier;
use super::reach::Step;
use super::world::{Role, World};
use super::{Rollout, Unreadable};
use crate::entropy::{Entropy, EntropyUnavailable};
use crate::error::ConfigError;

pub use self::fleet::{Fleet, RollBackAt};
pub use self::result::{Effect, Estimate, Run, Simulation};

/// Plays each deploy of a rollout on a fleet, for each cookie: users come to any of the servers, and
/// their cookies are read and written again as these do it. Which form is read by whom is found out
/// by sealing and opening, as for [`check`](super::check()); the visitors are drawn from `entropy`. Beside
/// every number stands what is to be expected of it, computed from the same chances without drawing.
///
/// Each deploy is played by itself, and begins with what the stages before it have left: of cookies
/// as old as their lifetime allows, each was written by the stage that served then. The cookies of
/// users who are there were written just now, if they are sessions'.
///
/// * A session is *lost* when a page that uses it meets a cookie that its server refuses. Rails writes
///   an anonymous session over it then. The user may log in again, after a while that is drawn too,
///   and may lose that session as well.
/// * Where the server raises, the request fails and the cookie stays.
/// * Another reader of the cookie ([`Reader`](super::Reader)) sees every request before the servers of
///   its stage do. Where it takes an unreadable cookie for a guest's, the user is shown a guest's page
///   and the request goes no further; otherwise it goes on.
/// * Forms that are refused for their CSRF token are not counted.
///
/// Nothing is kept secret by what is drawn: `entropy` may be a seeded generator, and the same bytes
/// give the same numbers on every machine.
///
/// # Errors
/// [`SimulateError::Config`] where a release is none that there can be, [`SimulateError::Fleet`]
/// where the fleet is, and [`SimulateError::Entropy`] when the source fails.
///
/// ```
/// # #[cfg(feature = "getrandom")] {
/// use core::time::Duration;
/// use railjar::entropy::{Buffered, SystemEntropy};
/// use railjar::rails::{Profile, Version};
/// use railjar::rollout::{Cookie, Fleet, Release, Rollout, Stage, simulate};
/// use railjar::SecretKeyBase;
///
/// let secret = SecretKeyBase::new("the text of secret_key_base")?;
/// let two_weeks = Duration::from_secs(14 * 86_400);
/// let old = Profile::load_defaults(Version::V7_0, Version::V6_1)?;
/// let rollout = Rollout::new(
///     [Cookie::session("_app_session", two_weeks)],
///     Stage::new("now", Release::new(old, &secret)),
/// )
/// .then(Stage::new("next", Release::new(Profile::new(Version::V7_0), &secret)));
///
/// let fleet = Fleet { sessions: 500, ..Fleet::default() };
/// let simulation = simulate(&rollout, &fleet, &mut Buffered::new(SystemEntropy))?;
/// for run in &simulation.runs {
///     assert!(run.sessions_lost.expected > 100.0);
/// }
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn simulate(
    rollout: &Rollout,
    fleet: &Fleet,
    entropy: &mut impl Entropy,
) -> Result<Simulation, SimulateError> {
    fleet.check()?;
    let times = Timeline::new(fleet, rollout.overlap);
    let mut world = World::new(&rollout.cookies);
    let mut steps = Vec::new();
    let mut takes = Vec::new();
    for stage in &rollout.stages {
        let readers = stage.readers.iter().map(|it| world.party(&it.release, Role::Reader));
        let readers = readers.collect::<Result<_, _>>()?;
        let app = world.party(&stage.app, Role::Server)?;
        steps.push(Step { app, readers, serves: stage.serves });
        takes.push(stage.readers.iter().map(|it| it.takes).collect::<Vec<Unreadable>>());
    }
    let mut runs = Vec::new();
    for (index, cookie) in rollout.cookies.iter().enumerate() {
        let earlier = earlier(&mut world, &steps, index)?;
        let Some(table) = world.table(index) else { continue };
        for (deploy, (steps_of, takes)) in steps.windows(2).zip(takes.windows(2)).enumerate() {
            let ([old, new], [old_takes, new_takes]) = (steps_of, takes) else { continue };
            let chain = Chain::new(cookie, table, fleet, [old, new], [old_takes, new_takes]);
            let before = steps.get(..=deploy).unwrap_or_default();
            let start = start(cookie, fleet, &chain, before, &earlier);
            let drawn = drawn(&chain, &times, fleet, &start, entropy)?;
            let expecting = Expecting { chain: &chain, times: &times, fleet, start: &start };
            runs.push(run(cookie.name(), deploy, &expecting, &drawn));
        }
    }
    Ok(Simulation { runs })
}

fn run(cookie: &str, deploy: usize, expecting: &Expecting<'_>, drawn: &Drawn) -> Run {
    let times = expecting.times;
    let expected = expecting.minutes();
    let estimate = |counted, simulated| {
        let (expected, standard_error) = expecting.of(counted);
        Estimate { simulated, expected, standard_error }
    };
    let effects = COUNTED.into_iter().enumerate().filter_map(|(place, rule)| {
        let expected = expected.iter().filter_map(|minute| minute.get(place).copied());
        let expected: Vec<f64> = expected.collect();
        if expected.iter().all(|count| *count <= 0.0) {
            return None;
        }
        let simulated = drawn.minutes.iter().filter_map(|minute| minute.get(place).copied());
        let simulated: Vec<u64> = simulated.collect();
        let total = estimate(Counted::Rule(rule), simulated.iter().sum());
        Some(Effect { rule, total, simulated, expected })
    });
    let effects: Vec<Effect> = effects.collect();
    let lost = effects.iter().filter(|effect| effect.is_loss());
    let lost = lost.map(|effect| effect.total.simulated).sum();
    let minutes = (0..times.end).step_by(60);
    Run {
        cookie: cookie.into(),
        deploy,
        users: (0..times.end)
            .map(|second| times.logins(second))
            .sum::<u64>()
            .saturating_add(expecting.fleet.sessions.into()),
        users_hit: estimate(Counted::Hit, drawn.users_hit),
        sessions_lost: estimate(Counted::Lost, lost),
        effects,
        new_servers: minutes.map(|second| times.new_share(second)).collect(),
    }
}

/// Why nothing was simulated.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SimulateError {
    /// A release is none that there can be.
    Config(ConfigError),
    /// A number of the fleet is out of its range.
    Fleet {
        /// The field of [`Fleet`]; of [`Fleet::roll_back`], `roll_back_at` or `roll_back_takes`.
        field: &'static str,
        /// What it must be.
        range: &'static str,
    },
    /// The source of entropy failed.
    Entropy(EntropyUnavailable),
}

impl fmt::Display for SimulateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(error) => error.fmt(f),
            Self::Fleet { field, range } => write!(f, "{field} must be {range}"),
            Self::Entropy(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for SimulateError {}

impl From<ConfigError> for SimulateError {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl From<EntropyUnavailable> for SimulateError {
    fn from(error: EntropyUnavailable) -> Self {
        Self::Entropy(error)
    }
}
