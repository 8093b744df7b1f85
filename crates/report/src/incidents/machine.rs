//! For programs. Texts of others are escaped like everywhere; what is not known is null.

use certvigil_model::{Delivery, EndpointId, Filing, Incident, Place, Problem, Record, Time};
use serde_json::{Value, json};

use super::{Listed, Whole, Written, filing, filing_at, safe, since, status};
use crate::issue::bad_of_all;

/// `certvigil.incidents/1`: the incidents in the order given.
pub fn list_json(listed: &[Listed], written: Written<'_>) -> Value {
    let incidents: Vec<_> = listed.iter().map(|it| line(it, written)).collect();
    json!({
        "schema": "certvigil.incidents/1",
        "tool": written.tool,
        "at": written.now,
        "incidents": incidents,
    })
}

/// `certvigil.incident/1`: one with its places, deliveries and records.
pub fn show_json(whole: &Whole, written: Written<'_>) -> Value {
    let Incident { places, .. } = &whole.listed.incident;
    json!({
        "schema": "certvigil.incident/1",
        "tool": written.tool,
        "at": written.now,
        "incident": line(&whole.listed, written),
        "places": places.iter().map(|(id, it)| place(id, it, whole.listed.stale.get(id))).collect::<Vec<_>>(),
        "deliveries": whole.deliveries.iter().map(delivery).collect::<Vec<_>>(),
        "records": whole.records.iter().map(record).collect::<Vec<_>>(),
    })
}

fn line(Listed { incident, silenced, stale }: &Listed, written: Written<'_>) -> Value {
    let (bad, total) = bad_of_all(incident);
    let acknowledged = incident
        .acknowledged
        .as_ref()
        .map(|it| json!({"by": it.by.shown().to_string(), "at": it.at, "until": it.until}));
    let silenced = silenced.as_ref().map(|it| {
        let (by, reason) = (it.by.shown().to_string(), it.reason.shown().to_string());
        json!({"by": by, "reason": reason, "until": it.until})
    });
    json!({
        "key": incident.key,
        "family": incident.family.name(),
        "subject": safe(&incident.subject.to_string()),
        "status": status(incident.status),
        "severity": incident.severity.name(),
        "title": written.title(incident),
        "owner": safe(&incident.owner),
        "places": {"bad": bad, "total": total, "stale": stale.len()},
        "ends": incident.certificate.as_ref().map(|it| it.ends.at),
        "certificate": incident.certificate.as_ref().map(|it| it.sha256),
        "first_seen": incident.first_seen,
        "last_bad": incident.last_bad,
        "since": since(incident),
        "resolved_at": incident.resolved_at,
        "unseen_since": incident.unseen_since,
        "reopened": incident.reopened,
        "issue": issue(&incident.filing),
        "acknowledged": acknowledged,
        "silenced": silenced,
    })
}

fn issue(standing: &Filing) -> Value {
    let issue = standing.issue();
    let why = match standing {
        Filing::Failed { why, .. } => Some(safe(why)),
        _ => None,
    };
    json!({
        "state": filing(standing),
        "at": filing_at(standing),
        "tracker": issue.map(|it| safe(&it.tracker.0)),
        "id": issue.map(|it| safe(&it.id)),
        "url": issue.map(|it| safe(&it.url)),
        "why": why,
    })
}

fn place(endpoint: &EndpointId, place: &Place, stale: Option<&Time>) -> Value {
    let problems: Vec<_> = place.problems.iter().map(problem).collect();
    json!({
        "endpoint": endpoint.to_string(),
        "place": safe(&place.shown),
        "target": place.target.shown().to_string(),
        "owner": safe(&place.owner),
        "good": place.is_good() && stale.is_none(),
        "stale_since": stale,
        "good_runs": place.good_runs,
        "first_bad": place.first_bad,
        "last_bad": place.last_bad,
        "problems": problems,
    })
}

fn problem(problem: &Problem) -> Value {
    json!({
        "id": problem.id,
        "severity": problem.severity.name(),
        "message": safe(&problem.message),
        "accepted_until": problem.accepted.as_ref().map(|it| it.until),
    })
}

fn delivery(delivery: &Delivery) -> Value {
    json!({
        "id": delivery.id,
        "act": delivery.act.name(),
        "tracker": safe(&delivery.tracker.0),
        "state": delivery.state.name(),
        "attempts": delivery.attempts,
        "created_at": delivery.created_at,
        "due_at": Some(delivery.due_at).filter(|_| !delivery.state.is_over()) as Option<Time>,
        "trouble": delivery.trouble.as_deref().map(safe),
    })
}

fn record(record: &Record) -> Value {
    let data: serde_json::Map<_, _> =
        record.data.iter().map(|(name, fact)| (safe(name), safe(fact).into())).collect();
    json!({"at": record.at, "kind": safe(&record.kind), "data": data})
}
