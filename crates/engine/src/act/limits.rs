//! How long one request to a tracker may take.

use std::collections::BTreeMap;
use std::time::Duration;

use certvigil_model::TrackerName;

use crate::config::Http;

/// By tracker.
#[derive(Clone, Debug, Default)]
pub struct RequestLimits(pub BTreeMap<TrackerName, Duration>);

impl RequestLimits {
    /// As the config says, else [`Http::TIMEOUT`].
    pub(crate) fn of(&self, tracker: &TrackerName) -> Duration {
        self.0.get(tracker).copied().unwrap_or(Http::TIMEOUT)
    }
}
