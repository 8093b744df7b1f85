//! The round as the contract shows it.

use std::time::Duration;

use certvigil_model::Time;
use serde::Serialize;

use crate::acted::ActedView;
use crate::{Closed, NotLooked, Opened, Summary};

/// `round`: what is known at the end.
#[derive(Serialize)]
pub(crate) struct RoundView<'a> {
    id: &'a str,
    started_at: Time,
    finished_at: Time,
    judged_at: Option<Time>,
    location: Option<&'a str>,
    bound_ms: u64,
    expected: u64,
    attempted: u64,
    checked: u64,
    complete: bool,
    not_looked: &'a [NotLooked],
    trust_profiles: &'a [String],
    accepted: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted_next_end: Option<Time>,
    summary: &'a Summary,
    #[serde(skip_serializing_if = "Option::is_none")]
    acted: Option<ActedView>,
}

impl<'a> RoundView<'a> {
    pub(crate) fn new(opened: &'a Opened, closed: &'a Closed) -> Self {
        Self {
            id: &opened.id,
            started_at: opened.started_at,
            finished_at: closed.finished_at,
            judged_at: closed.judged_at,
            location: opened.location.as_deref(),
            bound_ms: millis(closed.bound),
            expected: closed.expected,
            attempted: closed.attempted,
            checked: closed.checked,
            complete: closed.complete(),
            not_looked: &closed.not_looked,
            trust_profiles: &opened.trust_profiles,
            accepted: closed.accepted,
            accepted_next_end: closed.accepted_until,
            summary: &closed.summary,
            acted: closed.acted.as_ref().map(ActedView::from),
        }
    }
}

/// `round-started`: what is known at the beginning.
#[derive(Serialize)]
pub(crate) struct StartedView<'a> {
    schema: &'a str,
    tool: &'a str,
    id: &'a str,
    started_at: Time,
    judged_at: Option<Time>,
    location: Option<&'a str>,
    bound_ms: u64,
    targets: usize,
    trust_profiles: &'a [String],
}

impl<'a> From<&'a Opened> for StartedView<'a> {
    fn from(opened: &'a Opened) -> Self {
        Self {
            schema: super::SCHEMA,
            tool: &opened.tool,
            id: &opened.id,
            started_at: opened.started_at,
            judged_at: opened.at,
            location: opened.location.as_deref(),
            bound_ms: millis(opened.bound),
            targets: opened.targets,
            trust_profiles: &opened.trust_profiles,
        }
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
