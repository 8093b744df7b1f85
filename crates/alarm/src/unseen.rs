//! Dates run on, whether anybody can look or not.

use std::collections::BTreeMap;

use certvigil_model::{
    CertificateSeen, EndpointId, Family, Incident, Observation, Problem, Severity, Sighting,
    Subject, Time,
};

use crate::kinds;
use crate::reconcile::{Sick, Spot};
use crate::turn::Turn;
use crate::view::View;

/// Adds what endpoints that cannot be seen now showed last, where it ends soon.
pub(crate) fn add<'a>(
    now: Time,
    sick: &mut Sick<'a>,
    view: &View<'a>,
    sightings: &'a BTreeMap<EndpointId, Sighting>,
) {
    for sighting in sightings.values() {
        let Some(certificate) = &sighting.certificate else { continue };
        let Some(severity) = certificate.ends.severity(now) else { continue };
        if view.lost(sighting) {
            let at = sighting.certificate_at.unwrap_or(sighting.last_seen);
            let mut problem = ends(certificate, severity, now);
            problem.message = format!("as last seen at {at}, {}", problem.message);
            let subject = Subject::Certificate(certificate.sha256);
            sick.add(Family::Expiry, subject, Spot::Remembered(sighting), problem);
        }
    }
}

/// What an endpoint shows is critical near its end, whatever its severity was set to; where somebody answers for it, it
/// is not.
pub(crate) fn floor(observation: &Observation, now: Time) -> Option<(Subject, Problem)> {
    let certificate = observation.certificate.as_ref()?;
    let is_known = |problem: &Problem| {
        problem.family == Family::Expiry
            && (problem.counts() || problem.accepted.is_some())
            && problem.certificate.is_none_or(|sha256| sha256 == certificate.sha256)
    };
    let severity = certificate.ends.severity(now).filter(|it| *it == Severity::Critical)?;
    if observation.problems.iter().any(is_known) {
        return None;
    }
    Some((Subject::Certificate(certificate.sha256), ends(certificate, severity, now)))
}

/// Puts on record that `incident` is told from memory at a new place.
pub(crate) fn record(turn: &mut Turn<'_>, incident: &Incident, sighting: &Sighting) {
    let Some(certificate) = &sighting.certificate else { return };
    let facts = [
        ("endpoint", sighting.endpoint.to_string()),
        ("place", sighting.place.clone()),
        ("certificate", certificate.sha256.to_string()),
        ("ends", certificate.ends.at.to_string()),
        ("last_seen", sighting.certificate_at.unwrap_or(sighting.last_seen).to_string()),
    ];
    turn.record(kinds::UNSEEN, Some(&incident.key), facts);
}

fn ends(certificate: &CertificateSeen, severity: Severity, now: Time) -> Problem {
    let end = certificate.ends.at;
    let (id, verb) = if end <= now { ("expired", "ended") } else { ("expires-soon", "ends") };
    Problem {
        id: id.to_owned(),
        family: Family::Expiry,
        severity,
        certificate: Some(certificate.sha256),
        message: format!("the certificate {verb} {end}"),
        hint: None,
        accepted: None,
    }
}
