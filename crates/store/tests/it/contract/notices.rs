//! Messages to people, and who sends them.

use std::time::Duration;

use certvigil_model::NoticeState;

use super::{Open, within};
use crate::sample::{NOON, hour, key, notice};

const HOUR: Duration = Duration::from_secs(3600);

pub(crate) fn a_message_comes_back_as_it_was(open: Open<'_>) {
    let mut store = open();
    let mut wanted = notice("n1", Some("a"), NOON);
    let of_none = notice("n2", None, hour(1));
    within(&mut *store, |transaction| {
        transaction.put_notice(&wanted)?;
        transaction.put_notice(&of_none)
    });
    (wanted.attempts, wanted.state, wanted.due_at) = (4, NoticeState::Sent, hour(2));
    within(&mut *store, |transaction| transaction.put_notice(&wanted));
    let found = within(&mut *open(), |transaction| transaction.open_notices());
    assert_eq!(found, [of_none, wanted.clone()]);
    let of_incident = within(&mut *store, |transaction| transaction.notices_of(&key("a")));
    assert_eq!(of_incident, [wanted]);
    assert_eq!(within(&mut *store, |transaction| transaction.notices_of(&key("b"))), []);
}

pub(crate) fn messages_that_are_over_are_not_open(open: Open<'_>) {
    let mut store = open();
    use NoticeState::{Dropped, Failed, HandedOver, Queued, Sent};
    let all = [Queued, Sent, HandedOver, Failed, Dropped];
    within(&mut *store, |transaction| {
        for state in all {
            let mut one = notice(state.name(), Some("a"), NOON);
            one.state = state;
            transaction.put_notice(&one)?;
        }
        Ok(())
    });
    let found = within(&mut *store, |transaction| transaction.open_notices());
    let mut found: Vec<_> = found.into_iter().map(|found| found.state).collect();
    found.sort();
    assert_eq!(found, [Queued, Sent]);
    let of = within(&mut *store, |transaction| transaction.notices_of(&key("a")));
    assert_eq!(of.len(), all.len());
}

pub(crate) fn only_one_sends_a_message(open: Open<'_>) {
    let (mut one, mut other) = (open(), open());
    within(&mut *one, |transaction| transaction.put_notice(&notice("n1", None, NOON)));
    assert!(within(&mut *one, |transaction| transaction.claim_notice("n1", HOUR)));
    assert!(!within(&mut *other, |transaction| transaction.claim_notice("n1", HOUR)));
    within(&mut *one, |transaction| transaction.release_notice("n1"));
    assert!(within(&mut *other, |transaction| transaction.claim_notice("n1", HOUR)), "given back");
    let mut over = notice("n1", None, NOON);
    over.state = NoticeState::HandedOver;
    within(&mut *one, |transaction| {
        transaction.release_notice("n1")?;
        transaction.put_notice(&over)
    });
    assert!(!within(&mut *one, |transaction| transaction.claim_notice("n1", HOUR)), "it is over");
    assert!(
        !within(&mut *one, |transaction| transaction.claim_notice("n2", HOUR)),
        "there is none"
    );
}
