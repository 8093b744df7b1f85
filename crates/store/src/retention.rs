//! What is removed, and when.

use std::collections::BTreeSet;
use std::time::Duration;

use certvigil_model::{EndpointId, Fingerprint, Incident, Sighting, Subject, Time};

use crate::sql::Sql;
use crate::tables::{bodies, certificates, deliveries, incidents, notices, rounds, sightings};
use crate::{Error, Retention};

/// Removes what is older than `retention` says; what that was, in words.
pub(crate) fn prune(
    sql: &mut dyn Sql,
    retention: &Retention,
    now: Time,
) -> Result<Vec<String>, Error> {
    let mut removed = Vec::new();
    let mut tell = |rows: u64, what: &str| {
        if rows > 0 {
            removed.push(format!("{rows} {what}"));
        }
    };
    tell(incidents::prune(sql, before(now, retention.incidents))?, "resolved incidents");
    tell(deliveries::prune(sql)?, "deliveries that are over");
    tell(notices::prune(sql, before(now, retention.incidents))?, "messages that are over");
    // Resolved incidents that are still there keep what they name, too: they may reopen.
    let kept = incidents::since(sql, Time::FIRST)?;
    let places = kept.iter().flat_map(endpoints).collect();
    let sightings_before = before(now, retention.sightings);
    tell(sightings::prune(sql, &places, sightings_before)?, "sightings that had ended");
    let mut named: BTreeSet<_> = kept.iter().flat_map(certificates_of_incident).collect();
    named.extend(sightings::all(sql)?.iter().flat_map(certificates_of_sighting));
    tell(certificates::prune(sql, &named, sightings_before)?, "certificates that nothing names");
    tell(rounds::prune(sql, before(now, retention.rounds))?, "rounds");
    tell(bodies::prune(sql, before(now, retention.bodies))?, "long texts beside the journal");
    Ok(removed)
}

fn before(now: Time, age: Duration) -> Time {
    let millis = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
    Time::from_millis(now.millis().saturating_sub(millis))
}

fn endpoints(incident: &Incident) -> Vec<EndpointId> {
    let subject = match incident.subject {
        Subject::Endpoint(endpoint) => Some(endpoint),
        Subject::Certificate(_)
        | Subject::Target(_)
        | Subject::Round
        | Subject::Cause(_)
        | Subject::CheckIn(_)
        | Subject::Channel(_) => None,
    };
    incident.places.keys().copied().chain(subject).collect()
}

fn certificates_of_incident(incident: &Incident) -> Vec<Fingerprint> {
    let subject = match incident.subject {
        Subject::Certificate(sha256) => Some(sha256),
        Subject::Endpoint(_)
        | Subject::Target(_)
        | Subject::Round
        | Subject::Cause(_)
        | Subject::CheckIn(_)
        | Subject::Channel(_) => None,
    };
    let problems = incident.places.values().flat_map(|place| &place.problems);
    let shown = incident.certificate.iter().map(|certificate| certificate.sha256);
    problems.filter_map(|problem| problem.certificate).chain(shown).chain(subject).collect()
}

fn certificates_of_sighting(sighting: &Sighting) -> Vec<Fingerprint> {
    let shown = sighting.certificate.iter().map(|certificate| certificate.sha256);
    sighting.chain.iter().chain(&sighting.others).copied().chain(shown).collect()
}
