//! Which server is asked next.

use std::sync::atomic::Ordering;

use super::{Member, Upstreams};
use crate::config::Balance;

impl Upstreams {
    /// The next server that was not tried for this request: one that is ready, where none is, one
    /// that is up, and where none is, one that is not, since asking in vain costs less than not
    /// asking.
    pub(crate) fn pick(&self, tried: &[&Member]) -> Option<&Member> {
        // A second attempt takes nobody's turn.
        let start = match tried {
            [] => self.next.fetch_add(1, Ordering::Relaxed),
            _ => self.next.load(Ordering::Relaxed),
        };
        let untried =
            |member: &&Member| !tried.iter().any(|tried| std::ptr::eq::<Member>(*tried, *member));
        let turn = || {
            let skip = start.checked_rem(self.members.len()).unwrap_or(0);
            self.members.iter().cycle().skip(skip).take(self.members.len()).filter(untried)
        };
        let ready = || turn().filter(|member| self.is_ready(member));
        let up = || turn().filter(|member| self.is_up(member));
        let best = match self.balance {
            Balance::RoundRobin => ready().next().or_else(|| up().next()),
            // The first of equals, and that one changes every time.
            Balance::LeastConnections => {
                let least = |member: &&Member| member.server.in_flight();
                ready().min_by_key(least).or_else(|| up().min_by_key(least))
            }
        };
        best.or_else(|| turn().next())
    }
}
