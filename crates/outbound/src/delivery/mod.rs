//! Carries one act to a tracker and proves what came of it.
//!
//! Read [`deliver`], then `file.rs`: the way of a new issue. What holds for all acts: nothing is written twice, because
//! what stands there is read first; nothing is believed that was not read back; what may have been done is looked for
//! before it is done again.

mod backoff;
mod candidates;
mod comment;
mod courier;
mod file;
mod note;
mod outcome;
mod state;
mod step;

use std::time::{Duration, Instant};

use certvigil_model::{Act, Delivery, Document, IssueRef, Time};

use crate::Tracker;
use courier::Courier;

pub use note::Note;
pub use outcome::{Confirmed, Outcome, Standing, Waiting};
pub use step::Step;

/// One attempt at a delivery.
#[derive(Clone, Copy, Debug)]
pub struct Errand<'a> {
    /// What is to be done, and what came of earlier attempts; `attempts` and `attempted_at` are those before this one.
    pub delivery: &'a Delivery,
    /// What is to be said, as things stand now.
    pub words: &'a Words,
    /// The incident's issue, as far as it is known.
    pub issue: Option<&'a IssueRef>,
    /// Wall time.
    pub now: Time,
    /// All of it is over by then.
    pub by: Instant,
    /// The most that one request may take of that.
    pub request_limit: Duration,
}

/// What is to be said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// The issue's title.
    pub title: String,
    /// What stands in it.
    pub body: Document,
    /// What its readers are to hear: of the change, of its closing or of its reopening.
    pub comment: Document,
    /// The block of state; empty where none is kept in trackers.
    pub block: String,
    /// The incident's `changes`: what is said of one of them is said once, whoever says it.
    pub change: u32,
}

/// Does what can be done now.
pub fn deliver(tracker: &dyn Tracker, errand: &Errand<'_>) -> Outcome {
    deliver_watched(tracker, errand, &|_| {})
}

/// The same, with somebody who is called at every step: so that a test can end the process there.
pub fn deliver_watched(
    tracker: &dyn Tracker,
    errand: &Errand<'_>,
    watch: &dyn Fn(Step),
) -> Outcome {
    let mut courier = Courier::new(tracker, errand, watch);
    courier.pass(Step::Begun);
    let went = match &errand.delivery.act {
        Act::File => courier.file(),
        Act::Comment { change } => courier.tell(*change),
        Act::Close => courier.close(),
        Act::Reopen => courier.reopen(),
        Act::Remember => courier.remember(),
    };
    let outcome = courier.outcome(went);
    watch(Step::Ended);
    outcome
}
