//! The listener that monitors ask: `/healthz`, `/readyz`, `/metrics`, `/probe`.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use certvigil_engine::serve::Desk;
use serde::Deserialize;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::metrics;

#[derive(Clone)]
struct Asked {
    desk: Arc<Desk>,
    probes: Arc<Semaphore>,
}

pub(crate) fn routes(desk: Arc<Desk>) -> Router {
    let asked = Asked { desk, probes: Arc::new(Semaphore::new(PROBES)) };
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .route("/probe", get(probe))
        .with_state(asked)
}

/// Whether the loop lives.
async fn healthz(State(asked): State<Asked>) -> Response {
    match asked.desk.is_alive() {
        true => text(StatusCode::OK, "ok\n"),
        false => text(StatusCode::SERVICE_UNAVAILABLE, "the loop has not shown itself in time\n"),
    }
}

/// Whether its verdicts can be relied on.
async fn readyz(State(asked): State<Asked>) -> Response {
    let not_ready = spawn_blocking(move || asked.desk.not_ready()).await;
    let why = match not_ready {
        Ok(Ok(why)) if why.is_empty() => return text(StatusCode::OK, "ok\n"),
        Ok(Ok(why)) => why.join("\n"),
        Ok(Err(error)) => format!("store: {error}"),
        Err(_) => "it cannot be asked".to_owned(),
    };
    text(StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n"))
}

async fn metrics(State(asked): State<Asked>) -> Response {
    match spawn_blocking(move || metrics::of(&asked.desk)).await {
        Ok(text) => exposition(text.into_bytes()),
        Err(_) => text(StatusCode::INTERNAL_SERVER_ERROR, "the metrics cannot be made\n"),
    }
}

/// What blackbox_exporter is asked. How it is looked stands in the config, so `module` decides nothing.
#[derive(Deserialize)]
struct Probe {
    target: String,
    #[expect(dead_code, reason = "taken so that an existing scrape config stays as it is")]
    module: Option<String>,
}

async fn probe(
    State(asked): State<Asked>,
    headers: HeaderMap,
    Query(Probe { target, .. }): Query<Probe>,
) -> Response {
    if headers.contains_key(header::ORIGIN) {
        return text(StatusCode::FORBIDDEN, "pages in a browser start no looks\n");
    }
    let Ok(_place) = Arc::clone(&asked.probes).acquire_owned().await else {
        return text(StatusCode::SERVICE_UNAVAILABLE, "it ends\n");
    };
    match spawn_blocking(move || asked.desk.probe(&target)).await {
        Ok(Ok(Some(samples))) => exposition(samples),
        Ok(Ok(None)) => text(StatusCode::NOT_FOUND, "the inventory has no such target\n"),
        Ok(Err(why)) => text(StatusCode::INTERNAL_SERVER_ERROR, format!("{why}\n")),
        Err(_) => text(StatusCode::INTERNAL_SERVER_ERROR, "the look has failed\n"),
    }
}

fn text(status: StatusCode, text: impl Into<String>) -> Response {
    (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text.into()).into_response()
}

fn exposition(samples: Vec<u8>) -> Response {
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    (StatusCode::OK, [(header::CONTENT_TYPE, kind)], samples).into_response()
}

/// Looks at a time that others ask for.
const PROBES: usize = 4;
