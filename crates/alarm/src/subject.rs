//! Which incident a problem belongs to, and how much patience it is due.

use std::time::Duration;

use certvigil_model::{Family, Incident, Observation, Problem, Severity, Subject, Time};

use crate::time::has_passed;

/// What has the problem.
pub(crate) fn subject_of(problem: &Problem, at: &Observation) -> Subject {
    match problem.family {
        family if is_of_certificates(family) => {
            let shown = at.certificate.as_ref().map(|certificate| certificate.sha256);
            let certificate = problem.certificate.or(shown).or_else(|| at.chain.first().copied());
            certificate.map_or(Subject::Endpoint(at.endpoint), Subject::Certificate)
        }
        Family::Spread => Subject::Target(at.target.raw().to_owned()),
        Family::Round => Subject::Round,
        Family::CheckIn => Subject::CheckIn(at.place.clone()),
        Family::Channel => Subject::Channel(at.place.clone()),
        _ => Subject::Endpoint(at.endpoint),
    }
}

/// Whether incidents of this family are about a certificate, wherever it is served.
pub(crate) const fn is_of_certificates(family: Family) -> bool {
    matches!(
        family,
        Family::Expiry
            | Family::Form
            | Family::Name
            | Family::Revocation
            | Family::Strength
            | Family::Trust
    )
}

/// How long a problem has to be seen before it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    /// It is a fact.
    None,
    /// Another look has to see it too.
    SecondLook,
    /// A roll-out takes its time.
    For(Duration),
}

impl Patience {
    /// What `incident` is due; `is_pool`: its target's addresses change all the time; `is_bad`: one of its sides
    /// is expired, critical or wrong.
    pub(crate) fn of(incident: &Incident, is_pool: bool, is_bad: bool) -> Self {
        match incident.family {
            Family::Reach if matches!(incident.subject, Subject::Cause(_)) => Self::None,
            Family::Reach => Self::SecondLook,
            Family::Spread if is_bad || incident.severity == Severity::Critical => Self::None,
            Family::Spread if is_pool => Self::For(ROLL_OUT_OF_A_POOL),
            Family::Spread => Self::For(ROLL_OUT),
            _ => Self::None,
        }
    }

    /// Whether it is over; `noted`: it is known to have been seen since then.
    pub(crate) fn is_over(self, incident: &Incident, noted: Option<Time>, now: Time) -> bool {
        let mut bad = incident.places.values().filter(|place| place.good_runs == 0);
        match self {
            Self::None => true,
            Self::SecondLook => bad.any(|place| place.first_bad != place.last_bad),
            Self::For(time) => {
                let since = bad.map(|place| place.first_bad).chain(noted).min();
                since.is_some_and(|since| has_passed(since, time, now))
            }
        }
    }
}

/// Seen at every second address for less than that, a difference is a roll-out.
const ROLL_OUT: Duration = Duration::from_secs(2 * 3600);
const ROLL_OUT_OF_A_POOL: Duration = Duration::from_secs(24 * 3600);
