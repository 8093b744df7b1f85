//! Joins acting to a round: what it said is taken in after its last look, and its reports say what was done.

use std::time::{Duration, Instant};

use certvigil_alarm::Rules;
use certvigil_alarm::renewers::{self, Said};
use certvigil_model::{Observation, RoundRecord, Time};
use certvigil_report::{Acted, Closed, Heard, Report};

use super::{Actor, After, Again, Memory, MemoryError};
use crate::observing::{Observer, target_problem};
use crate::words::causes;
use crate::{Acting, renewer_states};

/// Acts on one round.
pub struct Acts<'a> {
    actor: &'a mut Actor,
    again: &'a mut dyn Again,
    observer: Observer,
    opened: Opened,
    limit: Duration,
}

/// What is known of a round before its first look.
#[derive(Clone, Debug)]
pub struct Opened {
    /// Its identity.
    pub id: String,
    /// When it began.
    pub started_at: Time,
    /// From where it looks.
    pub location: Option<String>,
    /// It covers the whole inventory: what it does not name has left.
    pub is_whole: bool,
}

impl<'a> Acts<'a> {
    /// `limit` is the time for acting, once the round is over.
    pub fn new(
        actor: &'a mut Actor,
        again: &'a mut dyn Again,
        opened: Opened,
        limit: Duration,
    ) -> Self {
        // What cannot be read now fails the run later, when it is needed.
        let known = actor.memory.known_certificates(actor.clock.wall()).unwrap_or_default();
        Self { actor, again, observer: Observer::knowing(known), opened, limit }
    }

    /// What has to listen to the round.
    pub fn report(&self) -> Box<dyn Report> {
        Box::new(self.observer.clone())
    }
}

impl Acting for Acts<'_> {
    fn act(&mut self, closed: &mut Closed) -> bool {
        let by = self.actor.clock.monotonic() + self.limit;
        let mut heard = self.actor.examine(by);
        let acted = self.after_round(closed, &mut heard, by);
        let has_store = self.actor.wording.has_store;
        let mut acted = acted.unwrap_or_else(|error| lost(&error, has_store));
        acted.heard.splice(0..0, heard);
        let is_proven = acted.is_proven();
        closed.acted = Some(acted);
        is_proven
    }
}

impl Acts<'_> {
    fn after_round(
        &mut self,
        closed: &Closed,
        heard: &mut Vec<Heard>,
        by: Instant,
    ) -> Result<Acted, MemoryError> {
        let mut seen = self.observer.take();
        let now = self.actor.clock.wall();
        let mut said = std::mem::take(&mut seen.said);
        said.extend(closed.findings.iter().map(target_problem));
        let record = record(&self.opened, closed);
        let ders: Vec<&[u8]> = seen.certificates.values().map(|der| &**der).collect();
        self.actor.memory.keep_certificates(&ders, now)?;
        let states = self.states(heard, by);
        let Actor { rules, memory, .. } = &mut *self.actor;
        add_overdue(&mut seen.observations, rules, &mut **memory, &states, now)?;
        let round = After { record: &record, observations: &seen.observations, said: &said };
        self.actor.after_round(round, self.again, by)
    }

    /// What renewers say of themselves.
    fn states(&self, heard: &mut Vec<Heard>, by: Instant) -> Vec<Said> {
        let by = by.min(self.actor.clock.monotonic() + STATES_WITHIN);
        let (states, troubles) = renewer_states(&self.actor.renewers, by);
        heard.extend(troubles.into_iter().map(|text| Heard { is_failure: true, text }));
        states
    }
}

/// A certificate that should have been renewed by now is one more problem of whatever serves it.
fn add_overdue(
    observations: &mut [Observation],
    rules: &Rules,
    memory: &mut dyn Memory,
    states: &[Said],
    now: Time,
) -> Result<(), MemoryError> {
    let seen = |one: &Observation| one.certificate.clone();
    let learning: Vec<_> = observations
        .iter()
        .filter(|one| seen(one).is_some_and(|it| renewers::needs_history(rules, &it, now)))
        .map(|one| one.endpoint)
        .collect();
    let renewals = memory.renewals(&learning, now)?;
    for observation in observations {
        let Some(certificate) = &observation.certificate else { continue };
        let seen = renewals.get(&observation.endpoint).map(Vec::as_slice).unwrap_or_default();
        observation.problems.extend(renewers::judge(rules, certificate, seen, states, now));
    }
    Ok(())
}

fn record(opened: &Opened, closed: &Closed) -> RoundRecord {
    RoundRecord {
        id: opened.id.clone(),
        started_at: opened.started_at,
        finished_at: closed.finished_at,
        location: opened.location.clone(),
        expected: closed.expected,
        attempted: closed.attempted,
        checked: closed.checked,
        bound_ms: u64::try_from(closed.bound.as_millis()).unwrap_or(u64::MAX),
        is_whole: opened.is_whole && closed.complete(),
    }
}

/// Nothing is known of what was told.
fn lost(error: &dyn std::error::Error, has_store: bool) -> Acted {
    let text = format!("nothing is proven to be told: {}", causes(error));
    let heard = Heard { is_failure: true, text };
    Acted { issues: Vec::new(), heard: vec![heard], has_store }
}

/// Programs that say how renewals stand have so long together.
const STATES_WITHIN: Duration = Duration::from_secs(30);
