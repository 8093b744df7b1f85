//! How much an incident presses, by what it is and by the time left.

use std::time::Duration;

use certvigil_model::{Family, Incident, Severity, Status, Tier, Time};

use crate::time::{DAY, minus};
use crate::{OwnerRule, Rules, State, acknowledge, brake, long_dead, notes};

/// With less time left somebody is called at any hour.
pub(super) const AT_ANY_HOUR: Duration = DAY;

/// How much `incident` presses at `now`; dates run on whether anybody looks or not.
pub(super) fn tier(incident: &Incident, rules: &Rules, now: Time) -> Tier {
    match () {
        () if long_dead::is_list(incident) => Tier::Quiet,
        () if !is_production(incident, rules) => Tier::Quiet,
        () if severity(incident, now) < Severity::Critical => Tier::Early,
        () if fails_now(incident, now) => Tier::Now,
        () => Tier::Near,
    }
}

/// An owner without a rule, and one that does not say what for, is taken for production.
fn is_production(incident: &Incident, rules: &Rules) -> bool {
    let owner = rules.owners.get(&incident.owner);
    owner.is_none_or(OwnerRule::is_production)
}

fn severity(incident: &Incident, now: Time) -> Severity {
    let dates = incident.certificate.as_ref().filter(|_| incident.family == Family::Expiry);
    let by_date = dates.and_then(|certificate| certificate.ends.severity(now));
    by_date.map_or(incident.severity, |severity| severity.max(incident.severity))
}

/// Whether clients fail on it, or will within a day.
fn fails_now(incident: &Incident, now: Time) -> bool {
    match incident.family {
        Family::Name | Family::Trust | Family::Revocation | Family::Strength | Family::Form => true,
        Family::Expiry => match &incident.certificate {
            Some(it) => it.not_before > now || now >= minus(it.ends.at, AT_ANY_HOUR),
            None => incident.worst().is_some_and(|(_, problem)| problem.id == "expired"),
        },
        // What differs has an incident of its own where it fails.
        Family::Spread | Family::Reach | Family::Round | Family::CheckIn | Family::Channel => false,
    }
}

/// When dates alone make it press more, the next time after `now`.
pub(super) fn rises_at(incident: &Incident, now: Time) -> Option<Time> {
    let certificate =
        incident.certificate.as_ref().filter(|_| incident.family == Family::Expiry)?;
    let ends = &certificate.ends;
    [ends.critical_from, minus(ends.at, AT_ANY_HOUR)].into_iter().filter(|at| *at > now).min()
}

/// Whether anybody may be told of it now: never of our own notes, nor while it waits, is held, observed or silenced, nor while somebody is on it.
pub(super) fn may_climb(state: &State, rules: &Rules, incident: &Incident, now: Time) -> bool {
    let is_observed = state.memory.observing_since.is_some() && !brake::is_list(incident);
    let is_braked =
        incident.severity < Severity::Critical && (is_observed || brake::is_held(incident));
    incident.status == Status::Open
        && !notes::is_notes(incident)
        && !is_braked
        && !long_dead::is_long_dead(incident)
        && !acknowledge::mutes(state, rules, incident, now)
}
