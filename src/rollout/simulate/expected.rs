//! What is to be expected, exactly: the chances of the same chain, second by second, instead of
//! draws from them.

use alloc::vec;
use alloc::vec::Vec;

use super::Fleet;
use super::chain::{COUNTED, Chain, Outcome, Presence, StateId};
use super::chance::square_root;
use super::fleet::Timeline;
use super::start::Start;
use crate::rollout::Rule;

/// What is counted.
#[derive(Clone, Copy)]
pub(super) enum Counted {
    /// How often this cause was met.
    Rule(Rule),
    /// How many sessions were lost.
    Lost,
    /// How many users noticed.
    Hit,
}

/// So much of a user changes no digit of anything; and arithmetic on what is smaller still is slow.
const NOBODY: f64 = 1e-100;

/// The mean of a count, and of its square.
#[derive(Clone, Copy, Default)]
struct Moments {
    mean: f64,
    square: f64,
}

pub(super) struct Expecting<'e> {
    pub(super) chain: &'e Chain<'e>,
    pub(super) times: &'e Timeline,
    pub(super) fleet: &'e Fleet,
    pub(super) start: &'e Start,
}

impl Expecting<'_> {
    /// By minutes, by cause: forward in time, from how many users are in which state.
    pub(super) fn minutes(&self) -> Vec<[f64; COUNTED.len()]> {
        let none = || vec![0.0; self.chain.states()];
        let mut users = Presence::BOTH.map(|_| none());
        for (chance, presence, state) in self.start {
            let sessions = f64::from(self.fleet.sessions);
            add(&mut users, *presence, *state, chance * sessions);
        }
        let mut minutes = vec![<[f64; COUNTED.len()]>::default(); self.times.minutes()];
        for second in 0..self.times.end {
            let minute = usize::try_from(second / 60).ok().and_then(|it| minutes.get_mut(it));
            let Some(minute) = minute else { break };
            let mut next = Presence::BOTH.map(|_| none());
            for (presence, users) in Presence::BOTH.into_iter().zip(&users) {
                let states = (0..).map(StateId).zip(users);
                for (state, users) in states.filter(|(_, users)| **users > NOBODY) {
                    let chance = self.chain.chance(state, presence);
                    add(&mut next, presence, state, users * (1.0 - chance));
                    for (weight, outcome) in self.outcomes(state, second) {
                        let users = users * chance * weight;
                        add(&mut next, presence, outcome.next, users);
                        for (rule, count) in COUNTED.into_iter().zip(minute.iter_mut()) {
                            *count += if outcome.counts(rule) { users } else { 0.0 };
                        }
                    }
                }
            }
            for (share, state) in self.sides(second).into_iter().zip(self.chain.logged_in()) {
                let logins = self.times.logins(second) as f64;
                add(&mut next, Presence::Active, state, share * logins);
            }
            users = next;
        }
        minutes
    }

    /// The mean of all draws, and how far one is from it: backward in time, from what is still to
    /// come for a user in each state. Users do not know of each other, so what they add to the
    /// variance adds up.
    pub(super) fn of(&self, counted: Counted) -> (f64, f64) {
        let mut to_come = Presence::BOTH.map(|_| vec![Moments::default(); self.chain.states()]);
        let (mut mean, mut variance) = (0.0, 0.0);
        let mut users = |users: f64, each: Moments| {
            mean += users * each.mean;
            variance += users * (each.square - each.mean * each.mean);
        };
        for second in (0..self.times.end).rev() {
            let logins = self.times.logins(second);
            if logins > 0 {
                let sides = self.sides(second).into_iter().zip(self.chain.logged_in());
                let sides = sides.map(|(share, state)| (share, Presence::Active, state));
                users(logins as f64, mixed(&to_come, sides));
            }
            to_come = Presence::BOTH.map(|presence| {
                let states = (0..self.chain.states()).map(StateId);
                states
                    .map(|state| self.before(counted, second, presence, state, &to_come))
                    .collect()
            });
        }
        users(self.fleet.sessions.into(), mixed(&to_come, self.start.iter().copied()));
        (mean, square_root(variance))
    }

    /// What is still to come for a user, from what is after this second.
    fn before(
        &self,
        counted: Counted,
        second: u64,
        presence: Presence,
        state: StateId,
        after: &[Vec<Moments>; 2],
    ) -> Moments {
        let chance = self.chain.chance(state, presence);
        let mut to_come = Moments::default();
        to_come.add(1.0 - chance, moments(after, presence, state));
        for (weight, outcome) in self.outcomes(state, second) {
            let then = moments(after, presence, outcome.next);
            to_come.add(chance * weight, counted.with(&outcome, then));
        }
        to_come
    }

    /// What comes of a request in this second, with their chances.
    fn outcomes(&self, state: StateId, second: u64) -> impl Iterator<Item = (f64, Outcome)> {
        let sides = self.chain.outcomes(state, self.times.is_back(second));
        let sides = self.sides(second).into_iter().zip(sides);
        sides.flat_map(|(share, outcomes)| {
            outcomes.iter().map(move |(chance, outcome)| (share * chance, *outcome))
        })
    }

    /// The chances of an old server and of a new one.
    fn sides(&self, second: u64) -> [f64; 2] {
        let new = self.times.new_share(second);
        [1.0 - new, new]
    }
}

impl Counted {
    fn with(self, outcome: &Outcome, then: Moments) -> Moments {
        let counts = match self {
            Self::Rule(rule) => outcome.counts(rule),
            Self::Lost => outcome.loses(),
            // Once is enough.
            Self::Hit if outcome.is_hit => return Moments { mean: 1.0, square: 1.0 },
            Self::Hit => false,
        };
        let Moments { mean, square } = then;
        match counts {
            true => Moments { mean: mean + 1.0, square: square + 2.0 * mean + 1.0 },
            false => then,
        }
    }
}

impl Moments {
    fn add(&mut self, chance: f64, other: Self) {
        self.mean += chance * other.mean;
        self.square += chance * other.square;
    }
}

fn mixed(
    to_come: &[Vec<Moments>; 2],
    of: impl Iterator<Item = (f64, Presence, StateId)>,
) -> Moments {
    of.fold(Moments::default(), |mut mixed, (chance, presence, state)| {
        mixed.add(chance, moments(to_come, presence, state));
        mixed
    })
}

fn moments(of: &[Vec<Moments>; 2], presence: Presence, state: StateId) -> Moments {
    presence.of(of).get(state.0).copied().unwrap_or_default()
}

fn add(users: &mut [Vec<f64>; 2], presence: Presence, state: StateId, more: f64) {
    if let Some(users) = presence.of_mut(users).get_mut(state.0) {
        *users += more;
    }
}
