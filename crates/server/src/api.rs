//! `/api/v1`: incidents, orders, rounds, health, as JSON; errors as RFC 9457 has them.

use std::str::FromStr as _;
use std::sync::Arc;

use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, Uri};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use certvigil_alarm::Order;
use certvigil_engine::act::MemoryError;
use certvigil_engine::serve::Desk;
use certvigil_model::{Foreign, Incident, IncidentKey, RoundRecord, Severity, Status, Time};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::task::spawn_blocking;

use crate::problem::Problem;

pub(crate) fn routes(desk: Arc<Desk>) -> Router {
    let v1 = Router::new()
        .route("/health", get(health))
        .route("/incidents", get(incidents))
        .route("/incidents/{key}", get(incident))
        .route("/orders", post(order))
        .route("/rounds", get(rounds));
    Router::new().nest("/api/v1", v1).fallback(nowhere).with_state(desk)
}

async fn nowhere(uri: Uri) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, format!("there is no {}", Foreign::new(uri.path()).shown()))
}

/// How the service is.
async fn health(State(desk): State<Arc<Desk>>) -> Result<Json<Value>, Problem> {
    let status = desk.status();
    let (is_alive, not_ready) = asked(move || Ok((desk.is_alive(), desk.not_ready()?))).await?;
    Ok(Json(json!({
        "alive": is_alive,
        "ready": not_ready.is_empty(),
        "not_ready": not_ready,
        "observing": status.is_observing,
        "started_at": status.started_at,
        "config": {"sha256": status.config_hash, "read_at": status.config_at, "refused": status.config.err()},
    })))
}

#[derive(Deserialize)]
struct Wanted {
    status: Option<Status>,
}

/// Incidents, the worst first; those that are not resolved where nothing is said.
async fn incidents(
    State(desk): State<Arc<Desk>>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Value>, Problem> {
    let remembered = asked(move || desk.remembered()).await?;
    let is_wanted = |incident: &&Incident| match wanted.status {
        Some(status) => incident.status == status,
        None => incident.status != Status::Resolved,
    };
    let mut incidents: Vec<&Incident> =
        remembered.state.incidents.values().filter(is_wanted).collect();
    incidents.sort_by_key(|incident| (std::cmp::Reverse(incident.severity), incident.first_seen));
    let lines: Vec<Line<'_>> = incidents.into_iter().map(Line::of).collect();
    Ok(Json(json!({"now": remembered.now, "incidents": lines})))
}

/// One incident as it is kept, with what is still to be told of it.
async fn incident(
    State(desk): State<Arc<Desk>>,
    Path(text): Path<String>,
) -> Result<Json<Value>, Problem> {
    let key = key(&text)?;
    let remembered = asked(move || desk.remembered()).await?;
    let Some(incident) = remembered.state.incidents.get(&key) else {
        return Err(Problem::new(StatusCode::NOT_FOUND, format!("there is no incident {key}")));
    };
    let deliveries: Vec<_> =
        remembered.state.deliveries.values().filter(|it| it.incident == key).collect();
    Ok(Json(json!({"now": remembered.now, "incident": incident, "deliveries": deliveries})))
}

/// One incident in a list.
#[derive(Serialize)]
struct Line<'a> {
    key: &'a IncidentKey,
    family: &'static str,
    status: Status,
    severity: Severity,
    owner: &'a str,
    message: Option<&'a str>,
    targets: Vec<&'a str>,
    places: usize,
    first_seen: Time,
    acknowledged_until: Option<Time>,
    issue: Option<&'a str>,
}

impl<'a> Line<'a> {
    fn of(incident: &'a Incident) -> Self {
        let mut targets: Vec<&str> =
            incident.places.values().map(|place| place.target.raw()).collect();
        targets.sort_unstable();
        targets.dedup();
        targets.truncate(TARGETS);
        Self {
            key: &incident.key,
            family: incident.family.name(),
            status: incident.status,
            severity: incident.severity,
            owner: &incident.owner,
            message: incident.worst().map(|(_, problem)| problem.message.as_str()),
            targets,
            places: incident.places.len(),
            first_seen: incident.first_seen,
            acknowledged_until: incident.acknowledged.as_ref().map(|it| it.until),
            issue: incident.filing.issue().map(|issue| issue.url.as_str()),
        }
    }
}

/// What a person orders.
#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
enum Asked {
    Acknowledge { incident: String, by: String, until: Option<Time> },
    Silence { incident: String, by: String, reason: String, until: Time },
    Release { incident: Option<String>, by: String },
    Note { incident: Option<String>, by: String, at: Time, text: String },
}

impl Asked {
    fn order(self) -> Result<Order, Problem> {
        let maybe = |text: Option<String>| text.map(|text| key(&text)).transpose();
        Ok(match self {
            Self::Acknowledge { incident, by, until } => {
                Order::Acknowledge { incident: key(&incident)?, by: Foreign::new(by), until }
            }
            Self::Silence { incident, by, reason, until } => {
                Order::Silence { incident: key(&incident)?, by: Foreign::new(by), reason, until }
            }
            Self::Release { incident, by } => {
                Order::Release { incident: maybe(incident)?, by: Foreign::new(by) }
            }
            Self::Note { incident, by, at, text } => Order::Note {
                incident: maybe(incident)?,
                by: Foreign::new(by),
                at,
                text: Foreign::new(text),
            },
        })
    }
}

async fn order(
    State(desk): State<Arc<Desk>>,
    body: Result<Json<Asked>, JsonRejection>,
) -> Result<impl IntoResponse, Problem> {
    let Json(order) = body.map_err(|error| Problem::new(error.status(), error.body_text()))?;
    let order = order.order()?;
    let heard = asked(move || desk.order(order)).await?;
    Ok((StatusCode::ACCEPTED, Json(json!({"heard": heard}))))
}

#[derive(Deserialize)]
struct Most {
    most: Option<usize>,
}

/// The last rounds, the newest first.
async fn rounds(
    State(desk): State<Arc<Desk>>,
    Query(Most { most }): Query<Most>,
) -> Result<Json<Value>, Problem> {
    let most = most.unwrap_or(ROUNDS).min(ROUNDS);
    let rounds: Vec<RoundRecord> = asked(move || desk.rounds(most)).await?;
    Ok(Json(json!({"rounds": rounds})))
}

fn key(text: &str) -> Result<IncidentKey, Problem> {
    let problem = |error| Problem::new(StatusCode::BAD_REQUEST, format!("{error}"));
    IncidentKey::from_str(text).map_err(problem)
}

/// Asks the store on a thread that may wait.
async fn asked<T: Send + 'static>(
    ask: impl FnOnce() -> Result<T, MemoryError> + Send + 'static,
) -> Result<T, Problem> {
    match spawn_blocking(ask).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string())),
        Err(_) => Err(Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "the store cannot be asked")),
    }
}

/// Rounds in one answer, at most.
const ROUNDS: usize = 1000;

/// Targets named in a line of the list.
const TARGETS: usize = 20;
