//! Whether a server is worth asking: by what its requests found, and by what checks found.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use crate::config;

/// What is known of a server.
#[derive(Default)]
pub(crate) struct Health {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// In a row.
    failures: u32,
    rests_since: Option<Instant>,
    check_failed: bool,
}

impl Health {
    pub(crate) fn is_up(&self, settings: &config::Health) -> bool {
        let state = self.lock();
        let rests = |since: Instant| since.elapsed() < settings.cooldown.0;
        !state.check_failed && !state.rests_since.is_some_and(rests)
    }

    /// A request got its response.
    pub(super) fn answered(&self) {
        let mut state = self.lock();
        state.failures = 0;
        state.rests_since = None;
    }

    /// A request got none. Says whether the server rests from now on.
    pub(super) fn failed(&self, settings: &config::Health) -> bool {
        let mut state = self.lock();
        state.failures = state.failures.saturating_add(1);
        let rests = state.failures >= settings.failures;
        // After a rest, one more failure starts the next.
        let news = rests && state.rests_since.is_none_or(|at| at.elapsed() >= settings.cooldown.0);
        if news {
            state.rests_since = Some(Instant::now());
        }
        news
    }

    /// A check was made. Says whether that changed anything.
    pub(super) fn checked(&self, passed: bool) -> bool {
        let mut state = self.lock();
        let changed = state.check_failed == passed;
        state.check_failed = !passed;
        if passed && changed {
            state.failures = 0;
            state.rests_since = None;
        }
        changed
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
