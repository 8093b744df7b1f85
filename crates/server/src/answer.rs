//! `/answer/TOKEN`: a page with one button, for whoever was called. A proxy in front passes on this path alone.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use certvigil_engine::act::MemoryError;
use certvigil_engine::serve::Desk;
use certvigil_report::{AnswerPage, answer_page};
use tokio::task::spawn_blocking;

pub(crate) fn routes(desk: Arc<Desk>) -> Router {
    Router::new().route("/answer/{token}", get(page).post(answer)).with_state(desk)
}

/// Mail scanners and chat previews come here: nothing is changed.
async fn page(State(desk): State<Arc<Desk>>, Path(token): Path<String>) -> Response {
    written(spawn_blocking(move || desk.answer_page(&token)).await.ok())
}

async fn answer(State(desk): State<Arc<Desk>>, Path(token): Path<String>) -> Response {
    written(spawn_blocking(move || desk.answer(&token)).await.ok())
}

fn written(page: Option<Result<AnswerPage, MemoryError>>) -> Response {
    let (status, page) = match page {
        Some(Ok(page @ AnswerPage::Nothing { .. })) => (StatusCode::NOT_FOUND, page),
        Some(Ok(page)) => (StatusCode::OK, page),
        Some(Err(_)) | None => {
            let why = "certvigil cannot read its store now: nothing was recorded. Try again, or use `certvigil incidents ack`.";
            (StatusCode::SERVICE_UNAVAILABLE, AnswerPage::Nothing { why: why.to_owned() })
        }
    };
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ];
    (status, headers, answer_page(&page)).into_response()
}

/// The page's own style and its own form, and nothing else; nobody frames it.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
