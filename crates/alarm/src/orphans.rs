//! Issues whose block of state was lost: they are open until what they are about is seen again.

use std::collections::BTreeMap;

use certvigil_model::{
    EndpointId, Family, Filing, Incident, IncidentKey, Observation, Status, Subject,
};

use crate::settle::{fresh, new_place};
use crate::turn::Turn;
use crate::view::{self, View};
use crate::{Orphan, brake, notes};

/// Finds what they are about among all that is seen, good or bad; the rest is told.
pub(crate) fn adopt(turn: &mut Turn<'_>, observations: &[Observation], view: &View<'_>) {
    if turn.state.memory.orphans.is_empty() {
        return;
    }
    let mut found: BTreeMap<IncidentKey, Incident> = BTreeMap::new();
    for observation in observations {
        for (family, subject) in candidates(observation) {
            place(turn, &mut found, family, subject, observation.endpoint);
        }
    }
    for (family, subject) in nowhere(turn) {
        place(turn, &mut found, family, subject, EndpointId::NOWHERE);
    }
    for incident in found.into_values() {
        turn.state.memory.orphans.remove(&incident.key);
        turn.keep(incident);
    }
    let lost: Vec<_> = turn.state.memory.orphans.values().map(|it| it.issue.url.clone()).collect();
    for url in lost.into_iter().filter(|_| !view.is_blind()) {
        turn.tell(format!(
            "{url} has lost its block of state, and nothing that it could be about was seen: it stays open until a person \
             closes it"
        ));
    }
}

fn place(
    turn: &Turn<'_>,
    found: &mut BTreeMap<IncidentKey, Incident>,
    family: Family,
    subject: Subject,
    at: EndpointId,
) {
    let key = turn.key(family, &subject);
    let Some(Orphan { issue, created_at }) = turn.state.memory.orphans.get(&key) else { return };
    let created_at = *created_at;
    let incident = found.entry(key.clone()).or_insert_with(|| Incident {
        status: Status::Open,
        opened_at: Some(created_at),
        changes: 1,
        told: 1,
        filing: Filing::Confirmed { issue: issue.clone(), at: created_at },
        ..fresh(key, family, subject, created_at)
    });
    incident.places.insert(at, new_place(created_at));
}

/// All that could be wrong with what an endpoint shows.
fn candidates(observation: &Observation) -> Vec<(Family, Subject)> {
    let target = || Subject::Target(observation.target.raw().to_owned());
    let mut all = vec![
        (Family::Reach, Subject::Endpoint(observation.endpoint)),
        (Family::Reach, target()),
        (Family::Spread, target()),
    ];
    let shown = observation.certificate.iter().map(|it| it.sha256);
    let mut certificates: Vec<_> =
        shown.chain(observation.chain.iter().chain(&observation.others).copied()).collect();
    certificates.sort_unstable();
    certificates.dedup();
    for family in OF_CERTIFICATES {
        all.push((family, target()));
        all.push((family, Subject::Endpoint(observation.endpoint)));
        all.extend(certificates.iter().map(|sha256| (family, Subject::Certificate(*sha256))));
    }
    all
}

const OF_CERTIFICATES: [Family; 6] = [
    Family::Expiry,
    Family::Form,
    Family::Name,
    Family::Revocation,
    Family::Strength,
    Family::Trust,
];

/// All that could be wrong nowhere.
fn nowhere(turn: &Turn<'_>) -> Vec<(Family, Subject)> {
    let trackers = turn.rules.owners.values().filter_map(|owner| owner.tracker.as_ref());
    let summaries = trackers.map(|tracker| (Family::Round, brake::summary_of(tracker)));
    let round = [Subject::Round, view::watcher_blind(), notes::subject()];
    let round = round.map(|subject| (Family::Round, subject));
    round.into_iter().chain(summaries).collect()
}
