//! The state as this process knew it last. Reading thousands of incidents again for each delivery takes most of a
//! run's time, and nearly always nobody else has written in between.

use certvigil_alarm::State;
use certvigil_doors::random_id;
use certvigil_model::{Status, Time};
use certvigil_store::{Error, Transaction};

/// The state, and the mark that the store bore with it.
pub(super) struct Known {
    mark: String,
    state: State,
}

/// What the store bore before a transaction, and bears after it.
pub(super) struct Marks {
    before: Option<String>,
    pub(super) after: String,
}

impl Known {
    /// `state` without its sightings, which change with every round and are read for it alone.
    pub(super) fn new(mark: String, state: &State) -> Self {
        let state = State {
            sightings: std::collections::BTreeMap::new(),
            incidents: state.incidents.clone(),
            deliveries: state.deliveries.clone(),
            notices: state.notices.clone(),
            memory: state.memory.clone(),
        };
        Self { mark, state }
    }

    /// `known`, where the store still bears its mark: nobody has changed the state since.
    pub(super) fn current(
        known: Option<Self>,
        transaction: &mut dyn Transaction,
    ) -> Result<Option<Self>, Error> {
        let Some(known) = known else { return Ok(None) };
        let is_current = mark(transaction)?.as_ref() == Some(&known.mark);
        Ok(is_current.then_some(known))
    }

    pub(super) fn mark(&self) -> &str {
        &self.mark
    }

    /// The state, without incidents that were resolved before `since`.
    pub(super) fn at(self, since: Time) -> State {
        let mut state = self.state;
        state.incidents.retain(|_, incident| {
            incident.status != Status::Resolved
                || incident.resolved_at.is_some_and(|at| at >= since)
        });
        state
    }

    /// What it is after a transaction that made `change` and nothing else; none where another one came before that.
    pub(super) fn renewed(self, marks: Marks, change: impl FnOnce(&mut State)) -> Option<Self> {
        if marks.before.as_ref() != Some(&self.mark) {
            return None;
        }
        let mut state = self.state;
        change(&mut state);
        Some(Self { mark: marks.after, state })
    }
}

/// The document that is another one after each transaction that changes the state. Random and no number: after a
/// transaction that was rolled back, or a copy that was restored, a number would come again with another state.
const MARK: &str = "alarm-mark";

/// What the store bears now.
pub(super) fn mark(transaction: &mut dyn Transaction) -> Result<Option<String>, Error> {
    transaction.document(MARK)
}

/// To be called by each transaction that writes incidents, deliveries, messages or the rest of the state.
pub(super) fn renew(transaction: &mut dyn Transaction) -> Result<Marks, Error> {
    let before = mark(transaction)?;
    let after = random_id();
    transaction.put_document(MARK, &after)?;
    Ok(Marks { before, after })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use std::collections::BTreeMap;
    use std::time::Duration;

    use certvigil_alarm::{Delivered, Event, Limits, Rules};
    use certvigil_model::{Act, Delivery, DeliveryState, IncidentKey, TrackerName};
    use certvigil_model::{Family, Subject};
    use certvigil_store::Place;

    use super::*;
    use crate::act::{Kept, Memory as _};

    const NOON: Time = Time::from_seconds(1_795_608_000);
    const LEASE: Duration = Duration::from_secs(90);

    /// One process and another at the same store, and what somebody reads who knows nothing yet.
    struct Shared {
        folder: tempfile::TempDir,
        one: Kept,
        other: Kept,
    }

    impl Shared {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let (mut one, other) = (open(&folder), open(&folder));
            one.step(&Event::Tick, NOON, &rules()).unwrap();
            Self { folder, one, other }
        }

        /// Writes a delivery past the memory; whether it leaves another mark is `is_marked`.
        fn put(&mut self, id: &str, is_marked: bool) -> Delivery {
            let delivery = queued(id);
            let mut put = |transaction: &mut dyn Transaction| {
                transaction.put_delivery(&delivery)?;
                is_marked.then(|| renew(transaction)).transpose().map(drop)
            };
            self.one.store.transact(NOON, &mut put).unwrap();
            delivery
        }

        /// What both know, which must be what the store holds.
        fn agreed(&mut self) -> State {
            let stored = open(&self.folder).state(NOON).unwrap();
            assert_eq!(self.one.state(NOON).unwrap(), stored);
            assert_eq!(self.other.state(NOON).unwrap(), stored);
            stored
        }
    }

    #[test]
    fn what_another_process_wrote_is_known_at_once() {
        let mut shared = Shared::new();
        let delivery = shared.put("first", true);
        assert_eq!(shared.agreed().deliveries.len(), 1);

        let begun = shared.one.begin(&delivery, LEASE, NOON).unwrap().unwrap();
        assert_eq!(shared.agreed().deliveries["first"], begun);
        assert_eq!(shared.other.begin(&delivery, LEASE, NOON).unwrap(), None, "it is taken");

        let failed = Event::Delivered(Delivered {
            id: "first".to_owned(),
            state: DeliveryState::Failed,
            issue: None,
            told: None,
            trouble: None,
            not_before: None,
            notes: Vec::new(),
        });
        shared.other.step(&failed, NOON, &rules()).unwrap();
        assert!(shared.agreed().deliveries.is_empty());
    }

    #[test]
    fn begun_upon_what_another_process_changed_is_read_anew() {
        let mut shared = Shared::new();
        let first = shared.put("first", true);
        shared.agreed();
        let second = shared.put("second", true);
        // Neither has read the second one.
        shared.one.begin(&first, LEASE, NOON).unwrap().unwrap();
        assert_eq!(shared.agreed().deliveries.len(), 2);
        shared.other.begin(&second, LEASE, NOON).unwrap().unwrap();
        let states = shared.agreed().deliveries.into_values().map(|it| it.state);
        assert_eq!(states.collect::<Vec<_>>(), [DeliveryState::Sent; 2]);
    }

    #[test]
    fn what_is_known_is_not_read_again() {
        let mut shared = Shared::new();
        shared.agreed();
        shared.put("unmarked", false);
        assert!(shared.one.state(NOON).unwrap().deliveries.is_empty(), "as it was known");
        assert_eq!(open(&shared.folder).state(NOON).unwrap().deliveries.len(), 1);
    }

    #[test]
    fn what_a_transaction_that_failed_has_changed_is_not_known() {
        let mut shared = Shared::new();
        let delivery = shared.put("first", true);
        shared.agreed();
        let rolled_back = shared.one.store.transact(NOON, &mut |transaction| {
            transaction.put_delivery(&Delivery { attempts: 9, ..delivery.clone() })?;
            renew(transaction)?;
            transaction.put_document("a", "b")?;
            Err(Error::Unreadable { place: String::new(), what: "test", why: String::new() })
        });
        assert!(rolled_back.is_err());
        assert_eq!(shared.agreed().deliveries["first"], delivery);
    }

    fn open(folder: &tempfile::TempDir) -> Kept {
        let place = Place::File(folder.path().join("store.db"));
        Kept::new(place.open(NOON, "test").unwrap())
    }

    fn queued(id: &str) -> Delivery {
        let subject = Subject::Cause("a".to_owned());
        Delivery {
            id: id.to_owned(),
            incident: IncidentKey::of("main", None, Family::Reach, &subject),
            tracker: TrackerName("desk".to_owned()),
            act: Act::File,
            state: DeliveryState::Queued,
            attempts: 0,
            created_at: NOON,
            attempted_at: None,
            due_at: NOON,
            trouble: None,
        }
    }

    fn rules() -> Rules {
        Rules {
            site: "main".to_owned(),
            site_key: None,
            default_owner: "ops".to_owned(),
            operations: "ops".to_owned(),
            owners: BTreeMap::new(),
            certificates: Vec::new(),
            windows: Vec::new(),
            sentinels: Vec::new(),
            limits: Limits::default(),
            interval: None,
            has_answers: true,
            is_time_in_doubt: false,
            config: String::new(),
        }
    }
}
