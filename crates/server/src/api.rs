//! `/api/v1`: incidents, orders, rounds, health, as JSON; errors as RFC 9457 has them.

use std::sync::Arc;

use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, Uri};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use certvigil_engine::act::MemoryError;
use certvigil_engine::orders::{self, Answer, Given, Listing, Report, Reported, Wish};
use certvigil_engine::serve::Desk;
use certvigil_model::{Foreign, RoundRecord};
use certvigil_report::incidents::Whole;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::task::spawn_blocking;

use crate::peer::Peer;
use crate::problem::Problem;

pub(crate) fn routes(desk: Arc<Desk>) -> Router {
    let v1 = Router::new()
        .route("/health", get(health))
        .route("/incidents", get(incidents))
        .route("/incidents/{key}", get(incident))
        .route("/explanations", get(explanations))
        .route("/orders", post(order))
        .route("/reports", post(report))
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
    #[serde(default)]
    all: bool,
}

/// Incidents, the worst first; with `all` those that are over too.
async fn incidents(
    State(desk): State<Arc<Desk>>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Listing>, Problem> {
    Ok(Json(answered(move || desk.list(wanted.all)).await?))
}

/// One incident in full, by its key or the head of it.
async fn incident(
    State(desk): State<Arc<Desk>>,
    Path(head): Path<String>,
) -> Result<Json<Whole>, Problem> {
    Ok(Json(answered(move || desk.show(&head)).await?))
}

#[derive(Deserialize)]
struct Of {
    of: String,
}

/// Why something is or is not alarmed.
async fn explanations(
    State(desk): State<Arc<Desk>>,
    Query(Of { of }): Query<Of>,
) -> Result<Json<Answer>, Problem> {
    Ok(Json(Answer { lines: answered(move || desk.explain(&of)).await? }))
}

/// What a person orders.
async fn order(
    State(desk): State<Arc<Desk>>,
    Extension(peer): Extension<Peer>,
    body: Result<Json<Wish>, JsonRejection>,
) -> Result<Json<Given>, Problem> {
    let Json(mut wish) = body.map_err(|error| Problem::new(error.status(), error.body_text()))?;
    peer.sign(wish.by_mut());
    Ok(Json(answered(move || desk.grant(&wish)).await?))
}

/// What a person reports.
async fn report(
    State(desk): State<Arc<Desk>>,
    Extension(peer): Extension<Peer>,
    body: Result<Json<Report>, JsonRejection>,
) -> Result<Json<Reported>, Problem> {
    let Json(mut report) = body.map_err(|error| Problem::new(error.status(), error.body_text()))?;
    peer.sign(&mut report.by);
    Ok(Json(answered(move || desk.report(&report)).await?))
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

/// The same for what may have been asked wrongly.
async fn answered<T: Send + 'static>(
    ask: impl FnOnce() -> Result<T, orders::Error> + Send + 'static,
) -> Result<T, Problem> {
    match spawn_blocking(ask).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(problem(error)),
        Err(_) => Err(Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "the store cannot be asked")),
    }
}

fn problem(error: orders::Error) -> Problem {
    let detail = error.to_string();
    match error {
        orders::Error::NotAKey(text) => {
            Problem::new(StatusCode::BAD_REQUEST, detail).with("asked", json!(text))
        }
        orders::Error::Unknown(head) => {
            Problem::new(StatusCode::NOT_FOUND, detail).with("asked", json!(head))
        }
        orders::Error::Ambiguous { head, candidates } => {
            let problem = Problem::new(StatusCode::CONFLICT, detail).with("asked", json!(head));
            problem.with("candidates", json!(candidates))
        }
        _ => Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail),
    }
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
