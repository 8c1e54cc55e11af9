//! What a simulation says: what was drawn, beside what is to be expected.

use alloc::string::String;
use alloc::vec::Vec;

use crate::rollout::Rule;

/// What [`simulate`](crate::rollout::simulate()) found.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Simulation {
    /// One for each deploy and each cookie.
    pub runs: Vec<Run>,
}

/// One deploy, as far as one cookie goes.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Run {
    /// The cookie's name.
    pub cookie: String,
    /// The deploy's place, from 0: from the stage of this place to the next.
    pub deploy: usize,
    /// All users: with a session at the beginning, or logged in meanwhile.
    pub users: u64,
    /// Users who lost a session, were shown a guest's page, or met an error, once or more often.
    pub users_hit: Estimate,
    /// Sessions lost. Who logs in again may lose another one.
    pub sessions_lost: Estimate,
    /// What happened, by cause; causes that cannot be are left out.
    pub effects: Vec<Effect>,
    /// By minutes: the share of the servers that are new when it begins.
    pub new_servers: Vec<f64>,
}

/// What one cause did.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Effect {
    /// The cause.
    ///
    /// [`Rule::Poison`] counts requests that fail, and [`Rule::EdgeCannotRead`] those whose cookie
    /// another reader could not read. The others count sessions lost.
    pub rule: Rule,
    /// In all.
    pub total: Estimate,
    /// By minutes from the beginning of the deploy: how many there were.
    pub simulated: Vec<u64>,
    /// By minutes: how many are to be expected.
    pub expected: Vec<f64>,
}

/// A number that was drawn, and what was to be expected of it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Estimate {
    /// What was drawn.
    pub simulated: u64,
    /// The exact mean of all draws.
    pub expected: f64,
    /// How far a draw is from the mean, usually: the standard deviation.
    pub standard_error: f64,
}

impl Run {
    /// The share of users who were hit, as expected.
    #[must_use]
    pub fn share_hit(&self) -> f64 {
        if self.users == 0 { 0.0 } else { self.users_hit.expected / self.users as f64 }
    }

    /// The effect of this cause.
    #[must_use]
    pub fn effect(&self, rule: Rule) -> Option<&Effect> {
        self.effects.iter().find(|effect| effect.rule == rule)
    }
}

impl Effect {
    /// Whether it counts lost sessions, and not requests.
    #[must_use]
    pub fn is_loss(&self) -> bool {
        !matches!(self.rule, Rule::Poison | Rule::EdgeCannotRead)
    }
}

impl Estimate {
    /// Whether what was drawn is within so many standard errors of what was to be expected, and half
    /// a unit.
    #[must_use]
    pub fn agrees(&self, standard_errors: f64) -> bool {
        let apart = (self.simulated as f64 - self.expected).abs();
        apart <= standard_errors * self.standard_error + 0.5
    }
}
