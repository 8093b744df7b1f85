//! Who goes: what is asked of the tracker on every way, and what its answers mean.

use std::time::{Duration, Instant};

use certvigil_doors::SystemClock;
use certvigil_model::{Clock as _, DeliveryState, IncidentKey, IssueRef, Time};

use super::candidates::Candidates;
use super::comment::bears;
use super::note::line;
use super::{Confirmed, Errand, Note, Outcome, Standing, Step, Waiting, backoff};
use crate::{Found, Stored, Tracker, Trouble};

/// One errand under way.
pub(super) struct Courier<'a> {
    pub(super) tracker: &'a dyn Tracker,
    pub(super) errand: &'a Errand<'a>,
    pub(super) notes: Vec<Note>,
    watch: &'a dyn Fn(Step),
    issue: Option<IssueRef>,
    seen: Option<Box<Stored>>,
}

/// A way, or where it ended before its end.
pub(super) type Way<T> = Result<T, Standing>;

/// So far back a write of ours is looked for before the moment at which we began it: clocks differ.
const BEFORE: Duration = Duration::from_secs(300);
/// An issue that became another one is followed so often.
const HOPS: usize = 3;

impl<'a> Courier<'a> {
    pub(super) fn new(
        tracker: &'a dyn Tracker,
        errand: &'a Errand<'a>,
        watch: &'a dyn Fn(Step),
    ) -> Self {
        let issue = errand.issue.cloned();
        Self { tracker, errand, notes: Vec::new(), watch, issue, seen: None }
    }

    pub(super) fn pass(&self, step: Step) {
        (self.watch)(step);
    }

    pub(super) fn key(&self) -> &IncidentKey {
        &self.errand.delivery.incident
    }

    pub(super) fn outcome(self, went: Way<Standing>) -> Outcome {
        let standing = went.unwrap_or_else(|standing| standing);
        let mut notes = self.notes;
        notes.dedup();
        Outcome { standing, issue: self.issue, seen: self.seen, notes }
    }

    /// When the next request has to be over.
    pub(super) fn by(&self) -> Instant {
        self.errand.by.min(SystemClock.monotonic() + self.errand.request_limit)
    }

    /// Every issue that counts for the key, wherever it shows: the one that we know, what the filter finds, and, where
    /// one might have been made of late, the newest first.
    pub(super) fn look(&mut self, is_recent_asked: bool) -> Way<Candidates> {
        let mut candidates = Candidates::default();
        for stored in self.read_only(|tracker, key, by| tracker.find(key, by))? {
            if self.counts(&stored) {
                candidates.add(stored, true);
            }
        }
        if is_recent_asked {
            let since = self.written_since();
            for stored in self.read_only(|tracker, _, by| tracker.recent(since, by))? {
                if stored.key.as_ref() == Some(self.key()) && self.counts(&stored) {
                    candidates.add(stored, false);
                }
            }
        }
        if let Some(known) = self.errand.issue
            && let Some(stored) = self.follow(&known.id)?
            && self.may_be_known(&stored)
        {
            candidates.add(stored, false);
        }
        self.pass(Step::Looked);
        Ok(candidates)
    }

    /// A write that nobody answered for can have been made since then; by another instance, too, that the filter does
    /// not show yet.
    fn written_since(&self) -> Time {
        let Errand { delivery, now, .. } = *self.errand;
        let first = delivery.attempted_at.unwrap_or(now).min(delivery.created_at).min(now);
        let back = BEFORE + self.tracker.settle();
        Time::from_millis(first.millis().saturating_sub(back.as_millis() as i64))
    }

    /// Whether an issue that bears our key is ours and where it should be.
    fn counts(&mut self, stored: &Stored) -> bool {
        let id = stored.id.clone();
        if !stored.is_ours {
            self.note(Note::KeyMisused { id });
            return false;
        }
        self.is_in_project(stored)
    }

    /// The one that we know may have lost its key; it is not another incident's.
    fn may_be_known(&mut self, stored: &Stored) -> bool {
        let is_another = stored.key.as_ref().is_some_and(|key| key != self.key());
        stored.is_ours && !is_another && self.is_in_project(stored)
    }

    fn is_in_project(&mut self, stored: &Stored) -> bool {
        if !stored.is_in_project {
            let (id, project) = (stored.id.clone(), stored.project.clone());
            self.note(Note::Elsewhere { id, project });
        }
        stored.is_in_project
    }

    /// Reads one issue, wherever it has gone; none where it is not there any more.
    pub(super) fn follow(&mut self, id: &str) -> Way<Option<Stored>> {
        let mut at = id.to_owned();
        for _ in 0..HOPS {
            match self.read_only(|tracker, _, by| tracker.read(&at, by))? {
                Found::Here(stored) => return Ok(Some(self.saw(*stored))),
                Found::Moved { to } => {
                    self.note(Note::Followed { from: at, to: to.clone() });
                    at = to;
                }
                Found::Gone => break,
            }
        }
        self.note(Note::Gone { id: at });
        Ok(None)
    }

    /// Keeps what is known of the issue.
    pub(super) fn saw(&mut self, stored: Stored) -> Stored {
        if stored.is_ours {
            self.issue = Some(self.reference(&stored));
            self.seen = Some(Box::new(stored.clone()));
        }
        stored
    }

    pub(super) fn reference(&self, stored: &Stored) -> IssueRef {
        IssueRef {
            tracker: self.tracker.name().clone(),
            id: stored.id.clone(),
            url: stored.url.clone(),
        }
    }

    pub(super) fn note(&mut self, note: Note) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    pub(super) fn confirmed(&self, stored: &Stored) -> Standing {
        Standing::Confirmed(Confirmed::new(self.reference(stored), self.errand.now))
    }

    /// Asks without writing. Where that fails nothing has become of the delivery.
    pub(super) fn read_only<T>(
        &self,
        ask: impl FnOnce(&dyn Tracker, &IncidentKey, Instant) -> Result<T, Trouble>,
    ) -> Way<T> {
        ask(self.tracker, self.key(), self.by()).map_err(|trouble| match trouble {
            Trouble::Refused(why) => Standing::Failed { why },
            Trouble::Later { after, why } => self.waiting(self.as_before(), why, after),
            Trouble::NotSent(why) | Trouble::Doubtful(why) | Trouble::Strange(why) => {
                self.waiting(self.as_before(), why, None)
            }
        })
    }

    /// What a write that failed has left behind; `Doubtful` where it may have been done.
    pub(super) fn not_written(&self, trouble: Trouble) -> Standing {
        match trouble {
            Trouble::Refused(why) => Standing::Failed { why },
            Trouble::NotSent(why) => self.waiting(self.as_before(), why, None),
            Trouble::Later { after, why } => self.waiting(self.as_before(), why, after),
            Trouble::Doubtful(why) | Trouble::Strange(why) => self.doubtful(why),
        }
    }

    pub(super) fn doubtful(&self, why: String) -> Standing {
        self.waiting(Waiting::Doubtful, why, None)
    }

    pub(super) fn waiting(&self, known: Waiting, why: String, asked: Option<Duration>) -> Standing {
        let not_before = backoff::next(self.errand.now, self.errand.delivery.attempts, asked);
        Standing::Waiting { known, why, not_before }
    }

    /// What was known before this attempt: one that was sent and never came back is in doubt.
    fn as_before(&self) -> Waiting {
        match self.errand.delivery.state {
            DeliveryState::Sent | DeliveryState::Doubtful => Waiting::Doubtful,
            DeliveryState::Stored => Waiting::Stored,
            DeliveryState::Queued
            | DeliveryState::Confirmed
            | DeliveryState::Failed
            | DeliveryState::Dropped => Waiting::Queued,
        }
    }

    /// The issue that people read, as it stands: the first that is open, else the one that we know, else the last that
    /// was closed. One that was closed as a double is none of them.
    pub(super) fn chosen(&mut self, candidates: &Candidates) -> Way<Option<Stored>> {
        if let Some(open) = candidates.open().next() {
            return self.read_back(&open.stored.id).map(Some);
        }
        let closed = candidates.closed().rev().map(|candidate| candidate.stored.id.clone());
        let mut closed: Vec<String> = closed.collect();
        let known = self.errand.issue.map(|issue| issue.id.as_str());
        closed.sort_by_key(|id| Some(id.as_str()) != known);
        for id in closed {
            if let Some(stored) = self.follow(&id)?
                && !bears(&stored, &self.double_mark())
            {
                return Ok(Some(stored));
            }
        }
        Ok(None)
    }

    /// By this a double is known that we closed.
    pub(super) fn double_mark(&self) -> String {
        format!("{}/double", self.key())
    }

    /// Reads an issue back that was just written to, and that must therefore be there.
    pub(super) fn read_back(&mut self, id: &str) -> Way<Stored> {
        match self.follow(id) {
            Ok(Some(stored)) => Ok(stored),
            Ok(None) => {
                let why = format!("issue {} was written to, and it is not there", line(id));
                Err(self.doubtful(why))
            }
            // The write is done, whatever hinders reading.
            Err(Standing::Waiting { why, not_before, .. }) => {
                Err(Standing::Waiting { known: Waiting::Doubtful, why, not_before })
            }
            Err(other) => Err(other),
        }
    }
}
