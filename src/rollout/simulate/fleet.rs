//! What a deploy runs on, and who visits meanwhile; and how many of the servers are new at each second.

use core::time::Duration;

use super::SimulateError;
use crate::rollout::Overlap;

/// The longest time that is simulated: users who are there stay, which is true of hours.
const LONGEST: Duration = Duration::from_secs(2 * 86_400);

/// How many users are drawn: those who have a session, and those who log in. Each is followed by
/// itself: the time that it takes grows with them.
const MOST: u32 = 10_000_000;

/// The servers of an app and its visitors, while it is deployed.
///
/// ```
/// use core::time::Duration;
/// use railjar::rollout::Fleet;
///
/// let fleet = Fleet {
///     servers: 100,
///     deploy_takes: Duration::from_secs(30 * 60),
///     sessions: 50_000,
///     ..Fleet::default()
/// };
/// # let _ = fleet;
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Fleet {
    /// How many servers there are. Each request comes to any of them.
    pub servers: u32,
    /// From the beginning of a deploy until the last server is replaced. They are replaced one after
    /// the other, evenly.
    pub deploy_takes: Duration,
    /// Whether and when it is taken back.
    pub roll_back: Option<RollBackAt>,
    /// How long to look on after the last server is replaced.
    pub watch: Duration,
    /// How many sessions there are when a deploy begins; 10 million at most.
    pub sessions: u32,
    /// The share of them whose user is there, from 0 to 1.
    pub active: f64,
    /// Requests of a user who is there, in an hour; 3600 at most.
    pub requests_per_hour: f64,
    /// Requests of a user who is not, in a day: people come back.
    pub idle_requests_per_day: f64,
    /// The share of requests whose page uses the session, from 0 to 1: Rails reads it, and writes it
    /// again. The others leave the cookie alone.
    pub session_pages: f64,
    /// Users who had no session and log in, in a minute; 10 million in the whole time at most.
    pub logins_per_minute: u32,
    /// The share of those who lost their session that log in again, from 0 to 1.
    pub log_in_again: f64,
    /// After how long they do, on average; a second at least.
    pub log_in_again_after: Duration,
}

/// When a deploy is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RollBackAt {
    /// This long after the deploy began, whether it is over by then or not.
    pub after: Duration,
    /// How long it takes until no server is new.
    pub takes: Duration,
}

impl Default for Fleet {
    /// A production of 20 servers, deployed in 10 minutes and watched for an hour, with 10 000
    /// sessions, a third of them in use.
    fn default() -> Self {
        Self {
            servers: 20,
            deploy_takes: Duration::from_secs(600),
            roll_back: None,
            watch: Duration::from_secs(3600),
            sessions: 10_000,
            active: 1.0 / 3.0,
            requests_per_hour: 60.0,
            idle_requests_per_day: 4.0,
            session_pages: 0.8,
            logins_per_minute: 10,
            log_in_again: 0.9,
            log_in_again_after: Duration::from_secs(60),
        }
    }
}

impl Fleet {
    /// A staging for this fleet: two servers, deployed in two minutes and watched for ten, with the
    /// sessions of four colleagues who have the habits of the users here. Nothing is rolled back.
    pub fn staging(&self) -> Self {
        Self {
            servers: 2,
            deploy_takes: Duration::from_secs(120),
            roll_back: None,
            watch: Duration::from_secs(600),
            sessions: 4,
            logins_per_minute: 0,
            ..self.clone()
        }
    }

    pub(super) fn check(&self) -> Result<(), SimulateError> {
        let share = |share: f64| (0.0..=1.0).contains(&share);
        let times = Timeline::new(self, Overlap::Rolling);
        let (one, two_days) = ("from 0 to 1", "2 days at most");
        let whole = "so short that the whole takes 2 days at most";
        let back = self.roll_back;
        let ends = back.map(|back| back.after.saturating_add(back.takes)).unwrap_or_default();
        let logins = u64::from(self.logins_per_minute).saturating_mul(times.end.div_ceil(60));
        let fields = [
            ("servers", self.servers > 0, "1 at least"),
            ("active", share(self.active), one),
            ("requests_per_hour", share(self.requests_per_hour / 3600.0), "from 0 to 3600"),
            (
                "idle_requests_per_day",
                share(self.idle_requests_per_day / 86_400.0),
                "from 0 to 86400",
            ),
            ("session_pages", share(self.session_pages), one),
            ("log_in_again", share(self.log_in_again), one),
            (
                "log_in_again_after",
                self.log_in_again_after >= Duration::from_secs(1),
                "a second at least",
            ),
            ("deploy_takes", self.deploy_takes <= LONGEST, two_days),
            ("roll_back_at", back.is_none_or(|back| back.after <= LONGEST), two_days),
            ("roll_back_takes", ends <= LONGEST, whole),
            ("watch", times.end <= LONGEST.as_secs(), whole),
            ("sessions", self.sessions <= MOST, "10000000 at most"),
            (
                "logins_per_minute",
                logins <= MOST.into(),
                "so few that 10000000 log in at most, in the whole time",
            ),
        ];
        match fields.into_iter().find(|(_, holds, _)| !holds) {
            Some((field, _, range)) => Err(SimulateError::Fleet { field, range }),
            None => Ok(()),
        }
    }
}

/// Which servers serve when, by seconds from the beginning of the deploy.
pub(super) struct Timeline {
    servers: u64,
    deploy_takes: u64,
    /// From when on, and how long it takes.
    roll_back: Option<(u64, u64)>,
    logins_per_minute: u64,
    pub(super) end: u64,
}

impl Timeline {
    pub(super) fn new(fleet: &Fleet, overlap: Overlap) -> Self {
        let takes = |time: Duration| match overlap {
            Overlap::Rolling => time.as_secs(),
            Overlap::AtOnce => 0,
        };
        let deploy_takes = takes(fleet.deploy_takes);
        let roll_back = fleet.roll_back.map(|it| (it.after.as_secs(), takes(it.takes)));
        let over = roll_back.map_or(deploy_takes, |(from, takes)| from.saturating_add(takes));
        Self {
            servers: fleet.servers.into(),
            deploy_takes,
            roll_back,
            logins_per_minute: fleet.logins_per_minute.into(),
            end: over.saturating_add(fleet.watch.as_secs()),
        }
    }

    /// The share of the servers that are new.
    pub(super) fn new_share(&self, second: u64) -> f64 {
        let deployed = |second| replaced(self.servers, second, self.deploy_takes);
        let new = match self.roll_back.filter(|(from, _)| second >= *from) {
            Some((from, takes)) => {
                let there = deployed(from);
                let back = replaced(there, second.saturating_sub(from), takes);
                there.saturating_sub(back)
            }
            None => deployed(second),
        };
        new as f64 / self.servers as f64
    }

    /// Whether the deploy is being taken back, or has been.
    pub(super) fn is_back(&self, second: u64) -> bool {
        self.roll_back.is_some_and(|(from, _)| second >= from)
    }

    /// How many minutes there are, the last one begun.
    pub(super) fn minutes(&self) -> usize {
        usize::try_from(self.end.div_ceil(60)).unwrap_or(usize::MAX)
    }

    /// How many log in for the first time in this second.
    pub(super) fn logins(&self, second: u64) -> u64 {
        let until = |second: u64| second.saturating_mul(self.logins_per_minute) / 60;
        until(second.saturating_add(1)).saturating_sub(until(second))
    }
}

/// How many of so many servers are replaced, so long after the first one's turn began.
fn replaced(servers: u64, elapsed: u64, takes: u64) -> u64 {
    servers.saturating_mul(elapsed).checked_div(takes).map_or(servers, |done| done.min(servers))
}
