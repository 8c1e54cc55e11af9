//! Every way that a cookie can take through a rollout. The cookie in the browser is the state;
//! requests, logins, deploys, roll-backs and time are the moves, and a server that reads a cookie may
//! write it again in its own form, which is a move too.

use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;
use core::time::Duration;

use super::finding::Move;
use super::world::{FormId, PartyId, Table};
use super::{Cookie, Overlap, Reading, RollBack, Writer};

/// A stage, by its parties.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) app: PartyId,
    pub(super) readers: Vec<PartyId>,
    pub(super) serves: Duration,
}

/// The way of a rollout, for one cookie.
pub(super) struct Way<'w> {
    pub(super) cookie: &'w Cookie,
    pub(super) table: &'w Table,
    pub(super) steps: &'w [Step],
    /// What browsers have from before the first stage.
    pub(super) earlier: &'w [(FormId, Writer)],
    pub(super) overlap: Overlap,
    pub(super) roll_back: RollBack,
}

/// Somebody meets a cookie that he does not read.
#[derive(Clone, Debug)]
pub(super) struct Meeting {
    pub(super) when: Moment,
    pub(super) form: FormId,
    pub(super) who: Who,
    pub(super) reading: Reading,
    pub(super) path: Vec<Move>,
}

/// Who serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Moment {
    /// This stage alone.
    Serving(usize),
    /// This stage and the next one.
    Deploying(usize),
    /// This stage alone again, after the next one had served.
    RolledBack(usize),
}

/// Who reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Who {
    Servers { stage: usize },
    Reader { stage: usize, index: usize },
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct State {
    when: Moment,
    /// None before the first login.
    form: Option<FormId>,
    /// How long ago the cookie was written, at least.
    age: Duration,
    written: Written,
}

/// When a cookie was last written: in this moment, and so perhaps at its very end, or before it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Written {
    Before,
    Now,
}

struct Node {
    state: State,
    parent: Option<usize>,
    by: Option<Move>,
}

/// On which side of which deploy somebody meets a cookie. Where other readers are does not matter.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Any,
    Old { deploy: usize },
    New { stage: usize },
    Back { deploy: usize },
}

/// A walk through all of it, the shortest ways first.
struct Walk<'w> {
    way: &'w Way<'w>,
    nodes: Vec<Node>,
    seen: BTreeSet<State>,
    met: BTreeSet<(FormId, Who, Side)>,
    reached: Reached,
}

/// What may happen to a cookie on its way, each with the shortest way there.
#[derive(Default)]
pub(super) struct Reached {
    /// Who does not read it.
    pub(super) meetings: Vec<Meeting>,
    /// Whose servers write it again because another recipe than their first one opened it.
    pub(super) reissues: Vec<Meeting>,
}

impl Way<'_> {
    /// Everything that may happen.
    pub(super) fn walk(&self) -> Reached {
        let (nodes, seen, met) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
        let mut walk = Walk { way: self, nodes, seen, met, reached: Reached::default() };
        let when = Moment::Serving(0);
        let (age, written) = (Duration::ZERO, Written::Before);
        walk.reach(None, None, State { when, form: None, age, written });
        for (form, writer) in self.earlier {
            let state = State { when, form: Some(*form), age, written };
            walk.reach(None, Some(Move::Has { writer: *writer }), state);
        }
        let mut next = 0;
        while next < walk.nodes.len() {
            walk.leave(next);
            next = next.saturating_add(1);
        }
        walk.reached
    }

    /// The stages whose servers and readers are there.
    fn serving(when: Moment) -> impl Iterator<Item = usize> {
        let (first, second) = match when {
            Moment::Serving(stage) | Moment::RolledBack(stage) => (stage, None),
            Moment::Deploying(stage) => (stage, stage.checked_add(1)),
        };
        core::iter::once(first).chain(second)
    }

    /// What may come next, and how long it takes at least until it does.
    fn next(&self, when: Moment) -> Vec<(Moment, Move, Duration)> {
        let last = self.steps.len().saturating_sub(1);
        let deploy = |stage: usize, waits| {
            let move_ = Move::DeployBegins { deploy: stage };
            (stage < last).then(|| match self.overlap {
                Overlap::Rolling => (Moment::Deploying(stage), move_, waits),
                Overlap::AtOnce => {
                    let over = Move::DeployEnds { deploy: stage };
                    (Moment::Serving(stage.saturating_add(1)), over, waits)
                }
            })
        };
        let back = |stage: usize| {
            let move_ = Move::RollsBack { deploy: stage };
            (self.roll_back == RollBack::Possible).then_some((
                Moment::RolledBack(stage),
                move_,
                Duration::ZERO,
            ))
        };
        let none = Duration::ZERO;
        let moves = match when {
            Moment::Serving(stage) => {
                let serves = self.steps.get(stage).map_or(none, |step| step.serves);
                vec![deploy(stage, serves), stage.checked_sub(1).and_then(back)]
            }
            Moment::Deploying(stage) => {
                let over = Move::DeployEnds { deploy: stage };
                vec![Some((Moment::Serving(stage.saturating_add(1)), over, none)), back(stage)]
            }
            // And it is tried again.
            Moment::RolledBack(stage) => vec![deploy(stage, none)],
        };
        moves.into_iter().flatten().collect()
    }
}

impl Walk<'_> {
    fn reach(&mut self, parent: Option<usize>, by: Option<Move>, state: State) {
        if self.seen.insert(state) {
            self.nodes.push(Node { state, parent, by });
        }
    }

    fn leave(&mut self, index: usize) {
        let Some(&Node { state, .. }) = self.nodes.get(index) else { return };
        let way = self.way;
        for stage in Way::serving(state.when) {
            let Some(step) = way.steps.get(stage) else { continue };
            let reading = state.form.and_then(|form| way.table.reading(form, step.app));
            match (reading, way.table.written_by(step.app)) {
                (Some(reading @ Reading::Opens { reissues, .. }), Some(form)) => {
                    if reissues {
                        self.reissues(index, state, stage, reading);
                    }
                    if reissues || way.cookie.jar().is_session() {
                        self.write(index, state, form, Move::Rewrites { stage });
                    }
                }
                (None, Some(form)) => self.write(index, state, form, Move::Writes { stage }),
                (Some(reading), _) => self.meets(index, state, Who::Servers { stage }, reading),
                (None, None) => {}
            }
            for (reader, party) in step.readers.iter().enumerate() {
                let reading = state.form.and_then(|form| way.table.reading(form, *party));
                if let Some(reading) = reading.filter(|reading| !reading.opens()) {
                    self.meets(index, state, Who::Reader { stage, index: reader }, reading);
                }
            }
        }
        for (when, by, waits) in way.next(state.when) {
            let age = match (state.form, state.written) {
                (Some(_), Written::Before) => state.age.saturating_add(waits),
                _ => Duration::ZERO,
            };
            if age < way.cookie.lifetime() || state.form.is_none() {
                let written = Written::Before;
                self.reach(Some(index), Some(by), State { when, age, written, ..state });
            }
        }
    }

    fn write(&mut self, index: usize, state: State, form: FormId, by: Move) {
        let (form, age, written) = (Some(form), Duration::ZERO, Written::Now);
        let state = State { form, age, written, ..state };
        self.reach(Some(index), Some(by), state);
    }

    fn meets(&mut self, index: usize, state: State, who: Who, reading: Reading) {
        let Some(form) = state.form else { return };
        if self.met.insert((form, who, Side::of(who, state.when))) {
            let path = self.path(index);
            self.reached.meetings.push(Meeting { when: state.when, form, who, reading, path });
        }
    }

    fn reissues(&mut self, index: usize, state: State, stage: usize, reading: Reading) {
        let Some(form) = state.form else { return };
        let who = Who::Servers { stage };
        if !self.reached.reissues.iter().any(|it| (it.form, it.who) == (form, who)) {
            let path = self.path(index);
            self.reached.reissues.push(Meeting { when: state.when, form, who, reading, path });
        }
    }

    fn path(&self, index: usize) -> Vec<Move> {
        let mut path = Vec::new();
        let mut at = Some(index);
        while let Some(node) = at.and_then(|index| self.nodes.get(index)) {
            path.extend(node.by.clone());
            at = node.parent;
        }
        path.reverse();
        path
    }
}

impl Side {
    fn of(who: Who, when: Moment) -> Self {
        match (who, when) {
            (Who::Reader { .. }, _) => Self::Any,
            (Who::Servers { .. }, Moment::RolledBack(deploy)) => Self::Back { deploy },
            (Who::Servers { stage }, Moment::Deploying(deploy)) if stage == deploy => {
                Self::Old { deploy }
            }
            (Who::Servers { stage }, _) => Self::New { stage },
        }
    }
}
