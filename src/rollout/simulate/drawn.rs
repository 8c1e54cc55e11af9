//! The simulation itself: each user is followed from request to request.

use alloc::vec;
use alloc::vec::Vec;

use super::Fleet;
use super::chain::{COUNTED, Chain, Outcome, Presence, StateId};
use super::chance::{Wait, draw};
use super::fleet::Timeline;
use super::start::Start;
use crate::entropy::{Entropy, EntropyUnavailable};

/// What happened to all users.
pub(super) struct Drawn {
    pub(super) users_hit: u64,
    /// By minutes, by cause.
    pub(super) minutes: Vec<[u64; COUNTED.len()]>,
}

/// A deploy, and how long users wait in it.
struct Course<'c> {
    chain: &'c Chain<'c>,
    times: &'c Timeline,
    /// By the chance of each second.
    waits: Vec<(f64, Wait)>,
    drawn: Drawn,
}

pub(super) fn drawn(
    chain: &Chain<'_>,
    times: &Timeline,
    fleet: &Fleet,
    start: &Start,
    entropy: &mut impl Entropy,
) -> Result<Drawn, EntropyUnavailable> {
    let mut waits: Vec<(f64, Wait)> = Vec::new();
    for (presence, state) in Presence::BOTH.into_iter().flat_map(|it| chain.users(it)) {
        let chance = chain.chance(state, presence);
        if waits.iter().all(|(known, _)| *known != chance) {
            waits.push((chance, Wait::new(chance, times.end)));
        }
    }
    let drawn = Drawn { users_hit: 0, minutes: vec![Default::default(); times.minutes()] };
    let mut course = Course { chain, times, waits, drawn };
    for _ in 0..fleet.sessions {
        let at = draw(entropy)?;
        let chances = start.iter().map(|(chance, ..)| *chance);
        let Some((_, presence, state)) = start.get(picked(chances, at)) else { continue };
        course.follow(*presence, *state, 0, entropy)?;
    }
    for second in 0..times.end {
        for _ in 0..times.logins(second) {
            let state = course.of_side(second, chain.logged_in(), entropy)?;
            course.follow(Presence::Active, state, second.saturating_add(1), entropy)?;
        }
    }
    Ok(course.drawn)
}

/// Which of these chances, that add up to 1, a number from 0 to 1 is for.
fn picked(chances: impl Iterator<Item = f64>, at: f64) -> usize {
    let mut sum = 0.0;
    let mut last = 0;
    for (index, chance) in chances.enumerate() {
        sum += chance;
        if at < sum {
            return index;
        }
        // A sum may be a hair less than 1; what cannot be is still not picked.
        if chance > 0.0 {
            last = index;
        }
    }
    last
}

impl Course<'_> {
    fn follow(
        &mut self,
        presence: Presence,
        mut state: StateId,
        mut second: u64,
        entropy: &mut impl Entropy,
    ) -> Result<(), EntropyUnavailable> {
        let mut is_hit = false;
        while let Some(waits) = self.wait(presence, state, entropy)? {
            second = second.saturating_add(waits);
            if second >= self.times.end {
                break;
            }
            let sides = self.chain.outcomes(state, self.times.is_back(second));
            let outcomes = self.of_side(second, sides, entropy)?;
            let at = draw(entropy)?;
            let chances = outcomes.iter().map(|(chance, _)| *chance);
            let Some((_, outcome)) = outcomes.get(picked(chances, at)) else { break };
            self.drawn.count(second, outcome);
            is_hit |= outcome.is_hit;
            state = outcome.next;
            second = second.saturating_add(1);
        }
        let hit = u64::from(is_hit);
        self.drawn.users_hit = self.drawn.users_hit.saturating_add(hit);
        Ok(())
    }

    /// After how many seconds such a user makes the next request; nothing where that is too late.
    fn wait(
        &self,
        presence: Presence,
        state: StateId,
        entropy: &mut impl Entropy,
    ) -> Result<Option<u64>, EntropyUnavailable> {
        let chance = self.chain.chance(state, presence);
        let wait = self.waits.iter().find(|(of, _)| *of == chance);
        wait.map_or(Ok(None), |(_, wait)| wait.draw(entropy))
    }

    /// What is of the old servers, or of the new ones: as the request comes to one of either.
    fn of_side<T>(
        &self,
        second: u64,
        [old, new]: [T; 2],
        entropy: &mut impl Entropy,
    ) -> Result<T, EntropyUnavailable> {
        let is_new = draw(entropy)? < self.times.new_share(second);
        Ok(if is_new { new } else { old })
    }
}

impl Drawn {
    fn count(&mut self, second: u64, outcome: &Outcome) {
        let minute = usize::try_from(second / 60).ok().and_then(|it| self.minutes.get_mut(it));
        let Some(counts) = minute else { return };
        for (rule, count) in COUNTED.into_iter().zip(counts) {
            *count = count.saturating_add(outcome.counts(rule).into());
        }
    }
}
