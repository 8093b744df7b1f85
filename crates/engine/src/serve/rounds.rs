//! One round of the service: the one that `check --act` runs, over the whole inventory or a few targets of it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use certvigil_doors::random_id;
use certvigil_inventory::{Listed, shuffled};
use certvigil_model::{Clock, Foreign, Observation};
use certvigil_report::{Acted, Closed, IssueState};

use super::alone::Alone;
use super::desk::{Desk, RoundSum, lock};
use super::{STOPPED, Service};
use crate::act::{ACT_WITHIN, Acts, Again, CLOCKS_WITHIN, Opened, Place, look_again};
use crate::config::Config;
use crate::words::causes;
use crate::{Acting, Off, Round, Settings, reader_pool};

impl Service {
    /// Looks at `only` these targets, or at all, and acts on what is seen. What fails is told.
    pub(super) fn round(&mut self, only: Option<&BTreeSet<Foreign>>) {
        match self.looked(only) {
            Ok(Some(closed)) => self.take_in(&closed, only.is_none()),
            Ok(None) => {}
            Err(why) => self.tell(&format!("error: no round could be made: {why}")),
        }
    }

    /// None where the round was cut short.
    fn looked(&mut self, only: Option<&BTreeSet<Foreign>>) -> Result<Option<Closed>, String> {
        let (config, clock) = (self.config(), Arc::clone(&self.desk.clock));
        let repeats = config.inventory.repeats();
        let targets = || {
            let is_wanted = |listed: &Listed| only.is_none_or(|only| only.contains(&listed.text));
            config.inventory.listed(&repeats).filter(is_wanted)
        };
        if only.is_some() && targets().next().is_none() {
            return Ok(None); // they have left the inventory: the next whole round says so
        }
        self.busy_for(CLOCKS_WITHIN);
        let off = self.actor.ask_clocks();
        lock(&self.desk.status).clock_off.clone_from(&off);
        let settings = Settings { off: off.clone(), ..self.desk.hands.settings(&config)? };
        let pool = reader_pool(Arc::clone(&clock)).map_err(|error| error.to_string())?;
        let round =
            Round::new(settings, pool, Arc::clone(&clock)).map_err(|error| causes(&error))?;
        let limit = config.check.act_within.unwrap_or(ACT_WITHIN);
        self.busy_for(round.bound(targets()) + limit);
        let _stoppable = Stoppable::new(&self.desk, &round);
        let started_at = clock.wall();
        let is_whole = only.is_none();
        let opened = Opened { id: random_id(), started_at, location: None, is_whole };
        let mut again = LookAgain { desk: &self.desk, config: &config, off };
        let acts = Acts::new(&mut self.actor, &mut again, opened, limit);
        let reports = vec![acts.report()];
        let mut acts =
            UnlessStopped { acts, desk: &self.desk, alone: &mut self.alone, closed: None };
        let mixed = shuffled(targets(), started_at.millis().unsigned_abs());
        round.run(mixed, reports, &mut (), &mut acts).map_err(|error| causes(&error))?;
        Ok(acts.closed)
    }

    fn take_in(&mut self, closed: &Closed, is_whole: bool) {
        let Closed { expected, checked, .. } = closed;
        let summary = &closed.summary;
        let kind = if is_whole { "round" } else { "closer look" };
        self.tell(&format!(
            "{kind} over: checked {checked} of {expected}, {} critical, {} unknown, {} warning",
            summary.critical, summary.unknown, summary.warning
        ));
        if is_whole {
            lock(&self.desk.status).round = Some(RoundSum::of(closed));
        }
        if let Some(acted) = &closed.acted {
            self.tell_acted(acted);
        }
    }

    /// What was done, or, where nothing is done, what would be.
    pub(super) fn tell_acted(&mut self, acted: &Acted) {
        if self.actor.is_withheld {
            return self.tell_owed();
        }
        for heard in &acted.heard {
            let word = if heard.is_failure { "error" } else { "note" };
            self.tell(&format!("{word}: {}", heard.text));
        }
        for issue in &acted.issues {
            let place =
                issue.url.clone().or_else(|| issue.tracker.as_ref().map(ToString::to_string));
            let place = place.unwrap_or_else(|| "no tracker".to_owned());
            let line = match (issue.state, &issue.trouble) {
                (IssueState::Standing | IssueState::Held, _) => continue,
                (state, None) => format!("{}: {} ({place})", state.name(), issue.title),
                (state, Some(why)) => format!("{}: {} ({place}): {why}", state.name(), issue.title),
            };
            // What waits for its time is told once, not at each pass.
            if !issue.state.is_failure() || self.told.insert(line.clone()) {
                self.tell(&line);
            }
        }
        if self.told.len() > TOLD_AT_MOST {
            self.told.clear();
        }
    }

    fn tell_owed(&mut self) {
        let owed = match self.actor.owed(&mut self.imagined) {
            Ok(owed) => owed,
            Err(error) => return self.tell(&format!("error: {}", causes(&error))),
        };
        for owed in owed {
            if self.told.insert(owed.id.clone()) {
                self.tell(&format!("observing, would {owed}"));
            }
        }
    }
}

/// Lets a signal end the round that runs.
struct Stoppable<'a>(&'a Desk);

impl<'a> Stoppable<'a> {
    fn new(desk: &'a Desk, round: &Round) -> Self {
        let stopper = round.stopper();
        lock(&desk.stopper).replace(stopper.clone());
        if desk.is_stopping() {
            stopper.stop(STOPPED);
        }
        Self(desk)
    }
}

impl Drop for Stoppable<'_> {
    fn drop(&mut self) {
        lock(&self.0.stopper).take();
    }
}

/// A round that was cut short says nothing of what it did not look at, and one that another service works beside is
/// its own: neither is taken in.
struct UnlessStopped<'a> {
    acts: Acts<'a>,
    desk: &'a Desk,
    alone: &'a mut Alone,
    closed: Option<Closed>,
}

impl Acting for UnlessStopped<'_> {
    fn act(&mut self, closed: &mut Closed) -> bool {
        if self.desk.is_stopping() && !closed.complete() {
            return true;
        }
        // Looking takes minutes, in which another one may have begun.
        match self.alone.keep() {
            Ok(note) => note.iter().for_each(|note| self.desk.hands.tell(&format!("note: {note}"))),
            Err(error) => {
                let why = causes(&error);
                self.desk.hands.tell(&format!("error: the round is not taken in: {why}"));
                return true;
            }
        }
        let is_proven = self.acts.act(closed);
        self.closed = Some(closed.clone());
        is_proven
    }
}

struct LookAgain<'a> {
    desk: &'a Desk,
    config: &'a Config,
    off: Option<Off>,
}

impl LookAgain<'_> {
    fn round(&self, places: &[Place], by: Instant) -> Result<Vec<Observation>, String> {
        let settings = self.desk.hands.settings(self.config)?;
        let settings = Settings { off: self.off.clone(), ..settings };
        let clock: &Arc<dyn Clock> = &self.desk.clock;
        let pool = reader_pool(Arc::clone(clock)).map_err(|error| error.to_string())?;
        let repeats = self.config.inventory.repeats();
        let targets = self.config.inventory.listed(&repeats);
        let by = by.min(clock.monotonic() + AGAIN_WITHIN);
        look_again(targets, places, settings, pool, Arc::clone(clock), by)
            .map_err(|error| causes(&error))
    }
}

impl Again for LookAgain<'_> {
    fn look(&mut self, places: &[Place], by: Instant) -> Vec<Observation> {
        self.round(places, by).unwrap_or_else(|why| {
            self.desk
                .hands
                .tell(&format!("error: what was found could not be looked at again: {why}"));
            Vec::new()
        })
    }
}

/// The longest that second looks take.
const AGAIN_WITHIN: Duration = Duration::from_secs(600);

/// Lines that are remembered so that they are not told again.
const TOLD_AT_MOST: usize = 10_000;
