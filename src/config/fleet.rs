//! The settings of a fleet: what a deploy runs on, and who visits meanwhile.

use core::time::Duration;

use serde::{Deserialize, Deserializer};

use super::duration::duration;
use crate::rollout::{Fleet, RollBackAt};

/// The fields of a [`Fleet`], each of which may be absent.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each is a field of `rollout::Fleet`, described there")]
pub struct FleetSettings {
    pub servers: Option<u32>,
    #[serde(deserialize_with = "given")]
    pub deploy_takes: Option<Duration>,
    #[serde(deserialize_with = "given")]
    pub roll_back_at: Option<Duration>,
    /// Absent, as long as the deploy.
    #[serde(deserialize_with = "given")]
    pub roll_back_takes: Option<Duration>,
    #[serde(deserialize_with = "given")]
    pub watch: Option<Duration>,
    pub sessions: Option<u32>,
    pub active: Option<f64>,
    pub requests_per_hour: Option<f64>,
    pub idle_requests_per_day: Option<f64>,
    pub session_pages: Option<f64>,
    pub logins_per_minute: Option<u32>,
    pub log_in_again: Option<f64>,
    #[serde(deserialize_with = "given")]
    pub log_in_again_after: Option<Duration>,
}

impl FleetSettings {
    /// A fleet that is otherwise as `other`.
    pub fn fleet(&self, other: Fleet) -> Fleet {
        let deploy_takes = self.deploy_takes.unwrap_or(other.deploy_takes);
        let after = self.roll_back_at.or(other.roll_back.map(|it| it.after));
        let takes = self.roll_back_takes.or(other.roll_back.map(|it| it.takes));
        let takes = takes.unwrap_or(deploy_takes);
        Fleet {
            servers: self.servers.unwrap_or(other.servers),
            deploy_takes,
            roll_back: after.map(|after| RollBackAt { after, takes }),
            watch: self.watch.unwrap_or(other.watch),
            sessions: self.sessions.unwrap_or(other.sessions),
            active: self.active.unwrap_or(other.active),
            requests_per_hour: self.requests_per_hour.unwrap_or(other.requests_per_hour),
            idle_requests_per_day: self
                .idle_requests_per_day
                .unwrap_or(other.idle_requests_per_day),
            session_pages: self.session_pages.unwrap_or(other.session_pages),
            logins_per_minute: self.logins_per_minute.unwrap_or(other.logins_per_minute),
            log_in_again: self.log_in_again.unwrap_or(other.log_in_again),
            log_in_again_after: self.log_in_again_after.unwrap_or(other.log_in_again_after),
        }
    }
}

fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    duration(deserializer).map(Some)
}
