//! How long a request may take to be sent, and how large it may be.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use tokio::time::timeout;

use crate::problem::Problem;

/// Takes a request whole, before anything is done for it.
pub(crate) async fn whole(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let is_too_large = parts
        .headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse().ok())
        .is_some_and(|length: u64| length > LARGEST as u64);
    if is_too_large {
        return refused(too_large());
    }
    match timeout(BODY, to_bytes(body, LARGEST)).await {
        Ok(Ok(bytes)) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Ok(Err(_)) => refused(too_large()),
        Err(_) => refused(Problem::new(StatusCode::REQUEST_TIMEOUT, "the body came too slowly")),
    }
}

fn too_large() -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!("a body has at most {LARGEST} bytes, and comes whole"),
    )
}

/// What is left of the request is not read: the connection ends.
fn refused(problem: Problem) -> Response {
    let mut response = problem.into_response();
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// From the connection to the end of the headers.
pub(crate) const HEADERS: Duration = Duration::from_secs(5);
/// Bytes of them.
pub(crate) const HEADERS_SIZE: usize = 16 << 10;
/// From there to the end of the body.
const BODY: Duration = Duration::from_secs(5);
/// Bytes of it.
const LARGEST: usize = 64 << 10;
