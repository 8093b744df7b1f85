//! Where the state of alarms is between two events.

use std::collections::{BTreeMap, HashSet};
use std::time::{Duration, Instant};

use certvigil_alarm::renewers::{Renewal, renewals};
use certvigil_alarm::{
    Event, Heard, Memory as Document, Rules, State, Step, begin, begin_notice, kinds, step,
};
use certvigil_doors::Secret;
use certvigil_model::{Delivery, EndpointId, Fingerprint, Foreign, Notice, Record, Sighting, Time};
use certvigil_store::{Noted, Restored, Retention, Store, Transaction};
use thiserror::Error as ThisError;

use super::Trackers;
use super::known::{Known, Marks, renew};

/// Where the state is.
pub trait Memory: Send {
    /// Called once before a round is acted on. What people should hear of it.
    ///
    /// # Errors
    /// The state cannot be had; so for all below.
    fn open(
        &mut self,
        trackers: &Trackers,
        rules: &Rules,
        now: Time,
        by: Instant,
    ) -> Result<Vec<Heard>, Error>;

    /// Takes in `event`: what follows is kept in full, or not at all.
    fn step(&mut self, event: &Event<'_>, now: Time, rules: &Rules) -> Result<Step, Error>;

    /// The state as it is, without sightings.
    fn state(&mut self, now: Time) -> Result<State, Error>;

    /// What each endpoint showed last.
    fn sightings(&mut self, now: Time) -> Result<BTreeMap<EndpointId, Sighting>, Error>;

    /// Renewals that were seen at each of `endpoints`, in the order in which they happened.
    fn renewals(
        &mut self,
        endpoints: &[EndpointId],
        now: Time,
    ) -> Result<BTreeMap<EndpointId, Vec<Renewal>>, Error>;

    /// Takes a delivery for `lease` and writes down that its attempt begins; none where somebody else has it.
    fn begin(
        &mut self,
        delivery: &Delivery,
        lease: Duration,
        now: Time,
    ) -> Result<Option<Delivery>, Error>;

    /// The same for a message to people.
    fn begin_notice(
        &mut self,
        notice: &Notice,
        lease: Duration,
        now: Time,
    ) -> Result<Option<Notice>, Error>;

    /// The mark of a store that may be behind what was done since.
    fn restored(&mut self, _now: Time) -> Result<Option<Restored>, Error> {
        Ok(None)
    }

    /// Takes that mark off.
    fn reconciled(&mut self, _mark: &Restored, _now: Time) -> Result<(), Error> {
        Ok(())
    }

    /// Certificates that are known already; none where none can be kept.
    fn known_certificates(&mut self, _now: Time) -> Result<Option<HashSet<Fingerprint>>, Error> {
        Ok(None)
    }

    /// Keeps the bytes of certificates, each once.
    fn keep_certificates(&mut self, _ders: &[&[u8]], _now: Time) -> Result<(), Error> {
        Ok(())
    }

    /// The journal's head, `SEQ:HASH`.
    fn head(&mut self, _now: Time) -> Result<Option<String>, Error> {
        Ok(None)
    }

    /// The clock of the machine that the memory is on, where that is another one: what it is called, and what it shows.
    fn far_clock(&mut self) -> Result<Option<(String, Time)>, Error> {
        Ok(None)
    }

    /// What links that answer are signed with, the same for all who share this memory; none where nothing is kept.
    fn answer_key(&mut self, _now: Time) -> Result<Option<Secret>, Error> {
        Ok(None)
    }

    /// Removes what was kept long enough, at most once a day.
    fn tidy(&mut self, _retention: &Retention, _now: Time) -> Result<(), Error> {
        Ok(())
    }
}

/// Why the state cannot be had or kept.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum Error {
    /// The store.
    #[error(transparent)]
    Store(#[from] certvigil_store::Error),
    /// What is kept there is not what was written.
    #[error("the store's state of alarms cannot be read: {0}")]
    Unreadable(#[source] serde_json::Error),
    /// The system.
    #[error("the system has no randomness to give, of which the key of links is made")]
    NoRandomness(#[source] std::io::Error),
    /// The store says that it is done and has not begun.
    #[error("the store has not run what it was asked to")]
    NotRun,
}

/// In a store.
pub struct Kept {
    pub(crate) store: Box<dyn Store>,
    /// What was read or written last, so that a step reads again only what another process has changed.
    known: Option<Known>,
}

/// The document that holds what has no table of its own.
const DOCUMENT: &str = "alarm";

/// The document with the key of links that answer.
const ANSWER_KEY: &str = "answer-key";

/// Resolved incidents that may come back as themselves.
const MAY_REOPEN: Duration = Duration::from_secs(31 * 86_400);

impl Memory for Kept {
    fn open(
        &mut self,
        _trackers: &Trackers,
        _rules: &Rules,
        _now: Time,
        _by: Instant,
    ) -> Result<Vec<Heard>, Error> {
        Ok(Vec::new())
    }

    fn step(&mut self, event: &Event<'_>, now: Time, rules: &Rules) -> Result<Step, Error> {
        let mut known = self.known.take();
        let (step, mark) = self.within(now, |transaction| {
            let mut state = match Known::current(known.take(), transaction)? {
                Some(known) => known.at(reopens_since(now)),
                None => read(transaction, now)?,
            };
            if let Event::Round(_) = event {
                state.sightings = sightings(transaction)?;
            }
            let step = step(state, event, now, rules);
            if let Event::Round(seen) = event {
                transaction.observe(seen.record, seen.observations)?;
            }
            if let Event::Delivered(delivered) = event {
                // The next attempt may be due before the lease has run out.
                transaction.release(&delivered.id)?;
            }
            if let Event::Noticed(noticed) = event {
                transaction.release_notice(&noticed.id)?;
            }
            write(transaction, &step)?;
            Ok((step, renew(transaction)?.after))
        })?;
        self.known = Some(Known::new(mark, &step.state));
        Ok(step)
    }

    fn state(&mut self, now: Time) -> Result<State, Error> {
        let mut known = self.known.take();
        let (state, mark) = self.reading(now, |transaction| {
            if let Some(known) = Known::current(known.take(), transaction)? {
                let mark = known.mark().to_owned();
                return Ok((known.at(reopens_since(now)), Some(mark)));
            }
            Ok((read(transaction, now)?, super::known::mark(transaction)?))
        })?;
        self.known = mark.map(|mark| Known::new(mark, &state));
        Ok(state)
    }

    fn sightings(&mut self, now: Time) -> Result<BTreeMap<EndpointId, Sighting>, Error> {
        self.reading(now, sightings)
    }

    fn renewals(
        &mut self,
        endpoints: &[EndpointId],
        now: Time,
    ) -> Result<BTreeMap<EndpointId, Vec<Renewal>>, Error> {
        self.reading(now, |transaction| {
            let of = |id: &EndpointId| Ok((*id, renewals(&transaction.history(*id)?)));
            endpoints.iter().map(of).collect()
        })
    }

    fn begin(
        &mut self,
        delivery: &Delivery,
        lease: Duration,
        now: Time,
    ) -> Result<Option<Delivery>, Error> {
        let done = self.within(now, |transaction| {
            if !transaction.claim(&delivery.id, lease)? {
                return Ok(None);
            }
            let begun = begin(delivery, now);
            transaction.put_delivery(&begun)?;
            Ok(Some((begun, renew(transaction)?)))
        })?;
        let Some((begun, marks)) = done else { return Ok(None) };
        self.know(marks, |state| {
            state.deliveries.insert(begun.id.clone(), begun.clone());
        });
        Ok(Some(begun))
    }

    fn begin_notice(
        &mut self,
        notice: &Notice,
        lease: Duration,
        now: Time,
    ) -> Result<Option<Notice>, Error> {
        let done = self.within(now, |transaction| {
            if !transaction.claim_notice(&notice.id, lease)? {
                return Ok(None);
            }
            let begun = begin_notice(notice);
            transaction.put_notice(&begun)?;
            Ok(Some((begun, renew(transaction)?)))
        })?;
        let Some((begun, marks)) = done else { return Ok(None) };
        self.know(marks, |state| {
            state.notices.insert(begun.id.clone(), begun.clone());
        });
        Ok(Some(begun))
    }

    fn restored(&mut self, now: Time) -> Result<Option<Restored>, Error> {
        self.reading(now, |transaction| Ok(Restored::read(transaction)?))
    }

    fn reconciled(&mut self, mark: &Restored, now: Time) -> Result<(), Error> {
        let facts = [("from", mark.from.clone()), ("restored_at", mark.at.to_string())];
        self.within(now, |transaction| {
            Restored::reconciled(transaction)?;
            Ok(transaction.record(&record(kinds::RECONCILED, &facts, now))?)
        })
    }

    fn known_certificates(&mut self, now: Time) -> Result<Option<HashSet<Fingerprint>>, Error> {
        let sightings = self.sightings(now)?.into_values();
        let known = sightings.flat_map(|it| it.chain.into_iter().chain(it.others));
        Ok(Some(known.collect()))
    }

    fn keep_certificates(&mut self, ders: &[&[u8]], now: Time) -> Result<(), Error> {
        if ders.is_empty() {
            return Ok(());
        }
        self.within(now, |transaction| Ok(transaction.keep_certificates(ders).map(drop)?))
    }

    fn far_clock(&mut self) -> Result<Option<(String, Time)>, Error> {
        Ok(self.store.far_clock()?)
    }

    fn answer_key(&mut self, now: Time) -> Result<Option<Secret>, Error> {
        let fresh = certvigil_doors::random_secret().map_err(Error::NoRandomness)?;
        self.within(now, |transaction| {
            if let Some(known) = transaction.document(ANSWER_KEY)? {
                return Ok(Some(Secret::new(known)));
            }
            transaction.put_document(ANSWER_KEY, fresh.reveal())?;
            Ok(Some(fresh.clone()))
        })
    }

    fn head(&mut self, now: Time) -> Result<Option<String>, Error> {
        let instance = self.store.instance().clone();
        self.reading(now, |transaction| {
            let heads = transaction.heads()?;
            let ours = heads.iter().find(|head| head.instance == instance);
            Ok(ours.map(|head| Noted::from(head).to_string()))
        })
    }

    fn tidy(&mut self, retention: &Retention, now: Time) -> Result<(), Error> {
        self.within(now, |transaction| {
            let last = transaction.document(TIDIED)?;
            let last = last.and_then(|text| serde_json::from_str::<Time>(&text).ok());
            if last.is_some_and(|last| (0..DAY).contains(&now.seconds_since(last))) {
                return Ok(());
            }
            let removed = transaction.prune(retention, now)?;
            renew(transaction)?;
            let text = serde_json::to_string(&now).map_err(Error::Unreadable)?;
            transaction.put_document(TIDIED, &text)?;
            if !removed.is_empty() {
                let facts = [("removed", removed.join(", "))];
                transaction.record(&record(kinds::PRUNED, &facts, now))?;
            }
            Ok(())
        })
    }
}

/// The document that says when it was last tidied.
const TIDIED: &str = "tidied";

/// Seconds.
const DAY: i64 = 86_400;

fn record(kind: &str, facts: &[(&str, String)], at: Time) -> Record {
    let line = |text: &String| Foreign::new(text.as_str()).shown_within(2000).to_string();
    let data = facts.iter().map(|(name, fact)| ((*name).to_owned(), line(fact))).collect();
    Record { at, kind: kind.to_owned(), incident: None, data, body: None }
}

impl Kept {
    /// The memory in `store`.
    pub const fn new(store: Box<dyn Store>) -> Self {
        Self { store, known: None }
    }

    /// Changes what is known as a transaction has changed the store.
    fn know(&mut self, marks: Marks, change: impl FnOnce(&mut State)) {
        self.known = self.known.take().and_then(|known| known.renewed(marks, change));
    }

    /// What `work` gives, in one transaction.
    fn within<T>(
        &mut self,
        now: Time,
        mut work: impl FnMut(&mut dyn Transaction) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut done = Ok(None);
        let went =
            self.store.transact(now, &mut |transaction| run(&mut work, transaction, &mut done));
        ended(went, done)
    }

    /// What `work` gives, as things are at one moment; it writes nothing.
    fn reading<T>(
        &mut self,
        now: Time,
        mut work: impl FnMut(&mut dyn Transaction) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut done = Ok(None);
        let went = self.store.read(now, &mut |transaction| run(&mut work, transaction, &mut done));
        ended(went, done)
    }
}

/// Runs `work`, and keeps what it gave; the store hears of what concerns it.
fn run<T>(
    work: &mut dyn FnMut(&mut dyn Transaction) -> Result<T, Error>,
    transaction: &mut dyn Transaction,
    done: &mut Result<Option<T>, Error>,
) -> Result<(), certvigil_store::Error> {
    match work(transaction) {
        Ok(value) => *done = Ok(Some(value)),
        Err(Error::Store(error)) => return Err(error),
        // Nothing was written yet: what cannot be read is found before.
        Err(error) => *done = Err(error),
    }
    Ok(())
}

fn ended<T>(
    went: Result<(), certvigil_store::Error>,
    done: Result<Option<T>, Error>,
) -> Result<T, Error> {
    went?;
    done?.ok_or(Error::NotRun)
}

fn read(transaction: &mut dyn Transaction, now: Time) -> Result<State, Error> {
    let text = transaction.document(DOCUMENT)?;
    let memory: Document = match text {
        Some(text) => serde_json::from_str(&text).map_err(Error::Unreadable)?,
        None => Document::default(),
    };
    let incidents = transaction.incidents(reopens_since(now))?.into_iter();
    let deliveries = transaction.open_deliveries()?.into_iter();
    let notices = transaction.open_notices()?.into_iter();
    Ok(State {
        sightings: BTreeMap::new(),
        incidents: incidents.map(|incident| (incident.key.clone(), incident)).collect(),
        deliveries: deliveries.map(|delivery| (delivery.id.clone(), delivery)).collect(),
        notices: notices.map(|notice| (notice.id.clone(), notice)).collect(),
        memory,
    })
}

const fn reopens_since(now: Time) -> Time {
    Time::from_millis(now.millis().saturating_sub(MAY_REOPEN.as_millis() as i64))
}

fn sightings(transaction: &mut dyn Transaction) -> Result<BTreeMap<EndpointId, Sighting>, Error> {
    let sightings = transaction.sightings()?.into_iter();
    Ok(sightings.map(|sighting| (sighting.endpoint, sighting)).collect())
}

fn write(transaction: &mut dyn Transaction, step: &Step) -> Result<(), Error> {
    for key in &step.incidents {
        if let Some(incident) = step.state.incidents.get(key) {
            transaction.put_incident(incident)?;
        }
    }
    for delivery in &step.deliveries {
        transaction.put_delivery(delivery)?;
    }
    for notice in &step.notices {
        transaction.put_notice(notice)?;
    }
    for record in &step.records {
        transaction.record(record)?;
    }
    let text = serde_json::to_string(&step.state.memory).map_err(Error::Unreadable)?;
    transaction.put_document(DOCUMENT, &text)?;
    Ok(())
}
