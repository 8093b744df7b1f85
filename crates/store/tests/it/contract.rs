//! The contract, rule by rule. It knows neither of the two stores: each runs all of it.

pub(crate) mod documents;
pub(crate) mod growth;
pub(crate) mod incidents;
pub(crate) mod journal;
pub(crate) mod notices;
pub(crate) mod retention;
pub(crate) mod sightings;
pub(crate) mod together;
pub(crate) mod transactions;

use certvigil_model::Time;
use certvigil_store::{Error, Store, Transaction};

use crate::sample::NOON;

/// Opens one and the same store once more, as another process would.
pub(crate) type Open<'a> = &'a (dyn Fn() -> Box<dyn Store> + Sync);

/// A rule: it is given an empty store.
pub(crate) type Rule = fn(Open<'_>);

/// Calls the macro `$then` with all rules.
macro_rules! every_rule {
    ($then:ident) => {
        $then! {
            transactions::work_that_fails_leaves_nothing
            transactions::work_that_panics_leaves_nothing
            transactions::what_was_written_is_read_in_the_same_transaction
            transactions::the_error_of_the_work_comes_out_as_it_is
            transactions::the_writer_stays_who_it_is
            transactions::what_a_reader_writes_is_not_kept
            transactions::a_reader_sees_one_moment_and_nobody_waits_for_it
            sightings::what_is_seen_first_opens
            sightings::what_shows_the_same_writes_no_row
            sightings::a_change_closes_and_opens
            sightings::dates_of_what_went_dark_are_kept
            sightings::who_is_not_in_a_whole_round_has_left
            sightings::a_round_in_part_makes_nobody_leave
            sightings::a_round_from_elsewhere_makes_nobody_leave
            sightings::who_comes_back_opens_anew
            sightings::last_seen_is_the_last_round_that_named_it
            sightings::rounds_come_newest_first
            sightings::hostile_words_of_an_endpoint_come_back_as_they_were
            growth::a_hundred_rounds_that_change_nothing_are_a_hundred_rows
            growth::every_change_is_one_row
            growth::rounds_in_part_leave_one_short_row_for_each_endpoint_however_many_they_are
            growth::who_was_not_attempted_is_as_old_as_before
            growth::an_inventory_that_words_an_endpoint_otherwise_opens_no_new_sighting
            growth::a_clock_that_was_set_back_stops_nothing
            incidents::an_incident_comes_back_as_it_was
            incidents::resolved_ones_are_listed_since
            incidents::a_delivery_comes_back_as_it_was
            incidents::deliveries_that_are_over_are_not_open
            incidents::deliveries_come_oldest_first
            incidents::only_one_has_a_claim
            incidents::a_lease_ends_by_the_clock_of_the_database
            incidents::a_claim_of_failed_work_is_none
            notices::a_message_comes_back_as_it_was
            notices::messages_that_are_over_are_not_open
            notices::only_one_sends_a_message
            documents::a_document_is_overwritten
            documents::hostile_documents_come_back_as_they_were
            documents::a_certificate_is_kept_once
            documents::many_certificates_are_kept_once_each
            documents::a_body_is_found_by_its_hash
            documents::a_body_is_cut_between_two_characters
            documents::times_reach_from_the_first_to_the_last
            documents::sizes_grow_with_what_is_kept
            journal::rows_are_numbered_without_gaps
            journal::each_row_names_the_hash_before_it
            journal::failed_work_leaves_no_gap
            journal::a_record_is_kept_as_written
            journal::it_is_read_in_pieces
            journal::heads_stand_as_after_the_last_transaction
            journal::an_incident_has_its_own_records
            retention::young_things_stay
            retention::old_things_go
            retention::what_is_open_stays_whatever_its_age
            retention::the_chain_outlives_its_bodies
            together::no_update_is_lost
            together::two_writers_leave_no_gap
            together::one_opens_what_the_other_wrote
        }
    };
}
pub(crate) use every_rule;

/// Runs `work` once in a transaction at `now` and hands out what it gives.
pub(crate) fn at<T>(
    store: &mut dyn Store,
    now: Time,
    mut work: impl FnMut(&mut dyn Transaction) -> Result<T, Error>,
) -> T {
    let mut given = None;
    let done = store.transact(now, &mut |transaction| {
        given = Some(work(transaction)?);
        Ok(())
    });
    done.unwrap_or_else(|error| panic!("{}", whole(&error)));
    given.unwrap()
}

/// [`at`] noon.
pub(crate) fn within<T>(
    store: &mut dyn Store,
    work: impl FnMut(&mut dyn Transaction) -> Result<T, Error>,
) -> T {
    at(store, NOON, work)
}

/// An error as some work may give it.
pub(crate) fn refusal() -> Error {
    Error::Held { what: "the answer".to_owned(), holder: "the test".to_owned() }
}

/// An error with all its causes.
pub(crate) fn whole(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
