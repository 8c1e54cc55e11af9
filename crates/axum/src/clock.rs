//! The system's clock, as the library's instants.

use std::time::{SystemTime, UNIX_EPOCH};

use railjar::Timestamp;

/// Now. A clock before 1970 is taken for 1970.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs())
        .ok()
        .and_then(|seconds| Timestamp::from_unix(seconds, since.subsec_nanos()))
        .unwrap_or(Timestamp::from_unix_seconds(0))
}
