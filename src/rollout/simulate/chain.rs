//! What may become of one user at one request, with which chance: a Markov chain over who has which
//! form of the cookie. Both the draws and the exact expectation go through it.

use alloc::vec;
use alloc::vec::Vec;

use super::Fleet;
use crate::rollout::reach::Step;
use crate::rollout::world::{FormId, PartyId, Table};
use crate::rollout::{Cookie, Reading, Rule, Unreadable};

/// The causes that are counted.
pub(super) const COUNTED: [Rule; 6] = [
    Rule::OldCannotReadNew,
    Rule::NewCannotReadOld,
    Rule::RotatorRemovedTooSoon,
    Rule::RollbackStrands,
    Rule::Poison,
    Rule::EdgeCannotRead,
];

/// What a user has: a form of the cookie, or none. Numbered from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct StateId(pub(super) usize);

/// Whether a user is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    Active,
    Idle,
}

impl Presence {
    pub(super) const BOTH: [Self; 2] = [Self::Active, Self::Idle];

    /// What is of it, in the order of [`Self::BOTH`].
    pub(super) fn of<T>(self, [active, idle]: &[T; 2]) -> &T {
        match self {
            Self::Active => active,
            Self::Idle => idle,
        }
    }

    pub(super) fn of_mut<T>(self, [active, idle]: &mut [T; 2]) -> &mut T {
        match self {
            Self::Active => active,
            Self::Idle => idle,
        }
    }
}

/// What a request did.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outcome {
    pub(super) next: StateId,
    /// The session was lost, or the request failed.
    pub(super) rule: Option<Rule>,
    /// Another reader could not read the cookie.
    pub(super) is_misread: bool,
    /// The user saw it.
    pub(super) is_hit: bool,
}

impl Outcome {
    /// Whether this cause is in it.
    pub(super) fn counts(&self, rule: Rule) -> bool {
        self.rule == Some(rule) || (self.is_misread && rule == Rule::EdgeCannotRead)
    }

    /// Whether a session was lost.
    pub(super) fn loses(&self) -> bool {
        self.rule.is_some_and(|rule| rule != Rule::Poison)
    }
}

/// One of two releases, and whether the deploy has been taken back.
#[derive(Clone, Copy)]
struct Side<'c> {
    step: &'c Step,
    is_new: bool,
    is_back: bool,
}

type ByState = Vec<Vec<(f64, Outcome)>>;

/// A deploy for one cookie.
pub(super) struct Chain<'c> {
    cookie: &'c Cookie,
    table: &'c Table,
    fleet: &'c Fleet,
    /// What each reader of the old release and of the new one takes an unreadable cookie for.
    takes: [&'c [Unreadable]; 2],
    steps: [&'c Step; 2],
    /// By whether it is taken back, by old or new server, by state: chances that add up to 1.
    outcomes: [[ByState; 2]; 2],
}

impl<'c> Chain<'c> {
    pub(super) fn new(
        cookie: &'c Cookie,
        table: &'c Table,
        fleet: &'c Fleet,
        steps: [&'c Step; 2],
        takes: [&'c [Unreadable]; 2],
    ) -> Self {
        let outcomes = [[vec![], vec![]], [vec![], vec![]]];
        let mut chain = Self { cookie, table, fleet, takes, steps, outcomes };
        let [old, new] = steps;
        chain.outcomes = [false, true].map(|is_back| {
            [(old, false), (new, true)].map(|(step, is_new)| {
                let side = Side { step, is_new, is_back };
                (0..chain.states()).map(|state| chain.at(StateId(state), side)).collect()
            })
        });
        chain
    }

    /// How many states there are: each form, then who will log in again, and who will not.
    pub(super) fn states(&self) -> usize {
        self.table.len().saturating_add(2)
    }

    /// Whom there may be.
    pub(super) fn users(&self, presence: Presence) -> impl Iterator<Item = (Presence, StateId)> {
        (0..self.states()).map(move |state| (presence, StateId(state)))
    }

    /// Somebody who has lost the session and will log in again.
    fn away(&self) -> StateId {
        StateId(self.table.len())
    }

    /// Somebody who has lost it and will not.
    fn gone(&self) -> StateId {
        StateId(self.table.len().saturating_add(1))
    }

    /// The chance that such a user makes a request in a second.
    pub(super) fn chance(&self, state: StateId, presence: Presence) -> f64 {
        match presence {
            _ if state == self.gone() => 0.0,
            _ if state == self.away() => 1.0 / self.fleet.log_in_again_after.as_secs_f64(),
            Presence::Active => self.fleet.requests_per_hour / 3600.0,
            Presence::Idle => self.fleet.idle_requests_per_day / 86_400.0,
        }
    }

    /// What comes of a request at an old server, and at a new one.
    pub(super) fn outcomes(&self, state: StateId, is_back: bool) -> [&[(f64, Outcome)]; 2] {
        let [before, back] = &self.outcomes;
        let sides = if is_back { back } else { before };
        sides.each_ref().map(|states| states.get(state.0).map_or(&[][..], Vec::as_slice))
    }

    /// What somebody has who logged in at an old server, and at a new one.
    pub(super) fn logged_in(&self) -> [StateId; 2] {
        self.steps.map(|step| self.written_by(step.app))
    }

    pub(super) fn written_by(&self, party: PartyId) -> StateId {
        self.table.written_by(party).map_or(self.gone(), |form| StateId(form.0))
    }

    fn at(&self, state: StateId, side: Side<'_>) -> Vec<(f64, Outcome)> {
        let stays = Outcome { next: state, rule: None, is_misread: false, is_hit: false };
        if state == self.gone() {
            return vec![(1.0, stays)];
        }
        let rewritten = self.written_by(side.step.app);
        if state == self.away() {
            return vec![(1.0, Outcome { next: rewritten, ..stays })];
        }
        let form = FormId(state.0);
        let misread = self.misread(form, side);
        let stays = Outcome { is_misread: misread.is_some(), ..stays };
        if misread == Some(Unreadable::Guest) {
            return vec![(1.0, Outcome { is_hit: true, ..stays })];
        }
        let uses = self.fleet.session_pages;
        let mut outcomes = vec![(1.0 - uses, stays)];
        match self.table.reading(form, side.step.app) {
            Some(Reading::Opens { reissues, .. }) => {
                let is_written = reissues || self.cookie.jar().is_session();
                let next = if is_written { rewritten } else { state };
                outcomes.push((uses, Outcome { next, ..stays }));
            }
            Some(Reading::Raises(_)) => {
                let fails = Outcome { rule: Some(Rule::Poison), is_hit: true, ..stays };
                outcomes.push((uses, fails));
            }
            Some(Reading::Refused(_)) | None => {
                let again = self.fleet.log_in_again;
                let rule = Some(self.rule(form, side));
                let lost = Outcome { rule, is_hit: true, ..stays };
                outcomes.push((uses * again, Outcome { next: self.away(), ..lost }));
                outcomes.push((uses * (1.0 - again), Outcome { next: self.gone(), ..lost }));
            }
        }
        outcomes
    }

    /// What the readers in front of these servers take the cookie for, where one cannot read it: a
    /// guest's where one does.
    fn misread(&self, form: FormId, side: Side<'_>) -> Option<Unreadable> {
        let [old, new] = self.takes;
        let takes = if side.is_new { new } else { old };
        let readers = side.step.readers.iter().zip(takes);
        let unread = readers.filter(|(reader, _)| {
            self.table.reading(form, **reader).is_some_and(|reading| !reading.opens())
        });
        unread.map(|(_, takes)| *takes).reduce(|a, b| if a == Unreadable::Guest { a } else { b })
    }

    /// Why these servers refuse this form.
    fn rule(&self, form: FormId, side: Side<'_>) -> Rule {
        let [old, new] = self.steps.map(|step| self.table.written_by(step.app));
        match (side.is_new, side.is_back) {
            (false, false) if new == Some(form) => Rule::OldCannotReadNew,
            (false, true) if new == Some(form) => Rule::RollbackStrands,
            (true, _) if old == Some(form) => Rule::NewCannotReadOld,
            // Of before: what read it is gone.
            _ => Rule::RotatorRemovedTooSoon,
        }
    }
}
