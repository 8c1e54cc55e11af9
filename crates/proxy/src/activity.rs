//! What a connection is doing, so that the one that does nothing, or too slowly, can be ended.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

/// A connection's state, shared by its socket, its requests and its task.
pub(crate) struct Activity {
    state: Mutex<State>,
}

struct State {
    requests: usize,
    /// Since when no request runs, while none does.
    idle: Instant,
    /// Since when the head of a request comes in, while no request runs.
    head: Option<Instant>,
    /// Since when the client takes nothing of what it is sent.
    stuck: Option<Instant>,
}

/// What a connection is doing, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doing {
    Idle(Instant),
    Head(Instant),
    Requests,
    Stuck(Instant),
}

impl Activity {
    pub(crate) fn new() -> Arc<Self> {
        let state = State { requests: 0, idle: Instant::now(), head: None, stuck: None };
        Arc::new(Self { state: Mutex::new(state) })
    }

    pub(crate) fn doing(&self) -> Doing {
        match *self.lock() {
            State { stuck: Some(since), .. } => Doing::Stuck(since),
            State { requests: 1.., .. } => Doing::Requests,
            State { head: Some(since), .. } => Doing::Head(since),
            State { idle, .. } => Doing::Idle(idle),
        }
    }

    /// Bytes came in.
    pub(crate) fn read(&self) {
        let mut state = self.lock();
        if state.requests == 0 && state.head.is_none() {
            state.head = Some(Instant::now());
        }
    }

    /// Bytes went out, or could not.
    pub(crate) fn wrote(&self, went: bool) {
        let mut state = self.lock();
        match went {
            true => state.stuck = None,
            false => drop(state.stuck.get_or_insert_with(Instant::now)),
        }
    }

    /// A request begins; it ends when what is returned is dropped.
    pub(crate) fn begin(self: &Arc<Self>) -> Running {
        let mut state = self.lock();
        state.requests = state.requests.saturating_add(1);
        state.head = None;
        Running(Arc::clone(self))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that runs.
pub(crate) struct Running(Arc<Activity>);

impl Drop for Running {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.requests = state.requests.saturating_sub(1);
        state.idle = Instant::now();
    }
}
