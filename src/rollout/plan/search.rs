//! The shortest way from now to next on which everybody always reads all that may be there.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use crate::rollout::world::{FormId, PartyId, World};
use crate::rollout::{Overlap, RollBack};

/// What serves: a release of the app, and a choice for all readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Place {
    pub(super) app: usize,
    pub(super) readers: usize,
}

/// What there is to choose from.
pub(super) struct Map<'w> {
    pub(super) world: &'w World<'w>,
    pub(super) apps: Vec<PartyId>,
    /// Each choice: the parties of all readers.
    pub(super) readers: Vec<Vec<PartyId>>,
    pub(super) overlap: Overlap,
    pub(super) roll_back: RollBack,
}

/// A place on the way, and whether the old cookies must be gone before it is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stop {
    pub(super) place: Place,
    pub(super) waits: bool,
}

/// Forms that may be in a browser, by cookie.
type Forms = BTreeSet<(usize, FormId)>;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct State {
    place: Place,
    older: Forms,
}

/// What a way costs, the worst first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Cost {
    /// Who meets a cookie that he does not read.
    unread: usize,
    deploys: usize,
    waits: usize,
    /// Deploys after which cookies are written otherwise.
    rewrites: usize,
    /// Deploys that change both the app and its readers.
    mixed: usize,
}

/// The cheapest way known to a state: its cost, the state before, and whether that one waits.
type Best = BTreeMap<State, (Cost, Option<(State, bool)>)>;

impl Map<'_> {
    /// The way of the fewest deploys, and among those of the fewest waits. Where no way is safe, that
    /// on which the fewest meet what they do not read.
    pub(super) fn way(&self, from: Place, older: Forms, to: &[Place]) -> Option<Vec<Stop>> {
        self.shortest(from, older.clone(), to, 0)
            .or_else(|| self.shortest(from, older, to, usize::MAX))
    }

    fn shortest(
        &self,
        from: Place,
        older: Forms,
        to: &[Place],
        most_unread: usize,
    ) -> Option<Vec<Stop>> {
        let start = State { place: from, older };
        let mut queue = BTreeSet::from([(Cost::default(), start.clone())]);
        let mut best: Best = BTreeMap::from([(start, (Cost::default(), None))]);
        while let Some((cost, state)) = queue.pop_first() {
            if to.contains(&state.place) {
                return Some(stops(&best, state));
            }
            if best.get(&state).is_some_and(|(known, _)| *known < cost) {
                continue;
            }
            for (next, step, waits) in self.deploys(&state) {
                let cost = cost.plus(step);
                if step.unread > most_unread
                    || best.get(&next).is_some_and(|(known, _)| *known <= cost)
                {
                    continue;
                }
                best.insert(next.clone(), (cost, Some((state.clone(), waits))));
                queue.insert((cost, next));
            }
        }
        None
    }

    fn deploys(&self, state: &State) -> Vec<(State, Cost, bool)> {
        let places = (0..self.apps.len())
            .flat_map(|app| (0..self.readers.len()).map(move |readers| Place { app, readers }));
        let mut deploys = Vec::new();
        for place in places.filter(|place| *place != state.place) {
            for waits in [false, true] {
                let mut forms = match waits {
                    true => Forms::new(),
                    false => state.older.clone(),
                };
                forms.extend(self.written(state.place));
                let unread = self.unread(&forms, state.place, place);
                let mixed = place.app != state.place.app && place.readers != state.place.readers;
                let written: Forms = self.written(place).collect();
                let rewrites = !self.written(state.place).all(|form| written.contains(&form));
                let cost = Cost {
                    unread,
                    deploys: 1,
                    waits: usize::from(waits),
                    rewrites: usize::from(rewrites),
                    mixed: usize::from(mixed),
                };
                let older = forms.difference(&written).copied().collect();
                deploys.push((State { place, older }, cost, waits));
                if state.older.is_empty() {
                    break;
                }
            }
        }
        deploys
    }

    /// How many meet what they do not read while `new` takes the place of `old`, and there are these
    /// forms.
    fn unread(&self, forms: &Forms, old: Place, new: Place) -> usize {
        let goes_back = self.overlap == Overlap::Rolling || self.roll_back == RollBack::Possible;
        let mut unread = 0_usize;
        let mut count = |cookie: usize, form: FormId, party: PartyId| {
            let reading = self.world.table(cookie).and_then(|table| table.reading(form, party));
            if !reading.is_some_and(|reading| reading.opens()) {
                unread = unread.saturating_add(1);
            }
        };
        let written: Forms = self.written(new).collect();
        for (cookie, form) in forms.union(&written).copied() {
            for party in self.parties(new) {
                count(cookie, form, party);
            }
            if goes_back || forms.contains(&(cookie, form)) {
                for party in self.parties(old) {
                    count(cookie, form, party);
                }
            }
        }
        unread
    }

    fn written(&self, place: Place) -> impl Iterator<Item = (usize, FormId)> {
        let app = self.apps.get(place.app).copied();
        (0..self.world.cookies.len())
            .filter_map(move |cookie| Some((cookie, self.world.table(cookie)?.written_by(app?)?)))
    }

    fn parties(&self, place: Place) -> impl Iterator<Item = PartyId> {
        let readers = self.readers.get(place.readers).into_iter().flatten();
        self.apps.get(place.app).into_iter().chain(readers).copied()
    }
}

impl Cost {
    fn plus(self, step: Self) -> Self {
        Self {
            unread: self.unread.saturating_add(step.unread),
            deploys: self.deploys.saturating_add(step.deploys),
            waits: self.waits.saturating_add(step.waits),
            rewrites: self.rewrites.saturating_add(step.rewrites),
            mixed: self.mixed.saturating_add(step.mixed),
        }
    }
}

fn stops(best: &Best, end: State) -> Vec<Stop> {
    let mut stops = Vec::from([Stop { place: end.place, waits: false }]);
    let mut at = end;
    while let Some((_, Some((before, waits)))) = best.get(&at) {
        stops.push(Stop { place: before.place, waits: *waits });
        at = before.clone();
    }
    stops.reverse();
    stops
}
