//! What holds for every connection: how many, how long, how large.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use crate::peer::Peer;
use crate::problem::Problem;
use crate::sending::{HEADERS, HEADERS_SIZE, whole};

/// Answers whoever connects to `listener`.
pub(crate) async fn tcp(listener: TcpListener, routes: Router) {
    let desk = Desk::new(routes);
    loop {
        match listener.accept().await {
            Ok((stream, _)) => desk.take(stream, None).await,
            // No descriptor is left, or the peer has gone: there will be others.
            Err(_) => sleep(PAUSE).await,
        }
    }
}

/// As [`tcp`].
pub(crate) async fn unix(listener: UnixListener, routes: Router) {
    let desk = Desk::new(routes);
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let peer = Peer::of(&stream);
                desk.take(stream, Some(peer)).await;
            }
            Err(_) => sleep(PAUSE).await,
        }
    }
}

struct Desk {
    routes: Router,
    places: Arc<Semaphore>,
}

impl Desk {
    fn new(routes: Router) -> Self {
        // The one that is named last comes first.
        let routes = routes.layer(from_fn(in_time)).layer(from_fn(whole));
        Self { routes, places: Arc::new(Semaphore::new(CONNECTIONS)) }
    }

    /// Waits for a free place and answers there.
    async fn take(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        peer: Option<Peer>,
    ) {
        let Ok(place) = Arc::clone(&self.places).acquire_owned().await else { return };
        let routes = match peer {
            Some(peer) => self.routes.clone().layer(Extension(peer)),
            None => self.routes.clone(),
        };
        let service = TowerToHyperService::new(routes);
        tokio::spawn(async move {
            let _place = place;
            let mut http = http1::Builder::new();
            http.timer(TokioTimer::new()).header_read_timeout(HEADERS).max_buf_size(HEADERS_SIZE);
            http.keep_alive(true);
            // One connection does not stay for ever, whatever it asks.
            let _ = timeout(CONNECTION, http.serve_connection(TokioIo::new(stream), service)).await;
        });
    }
}

/// From the end of the request.
async fn in_time(request: axum::extract::Request, next: Next) -> Response {
    match timeout(REQUEST, next.run(request)).await {
        Ok(answer) => answer,
        Err(_) => Problem::new(StatusCode::GATEWAY_TIMEOUT, "it took too long").into_response(),
    }
}

/// Connections at a time.
const CONNECTIONS: usize = 64;
/// One answer: a look at what somebody reports takes a minute.
const REQUEST: Duration = Duration::from_secs(130);
/// One connection, whoever does not read included.
const CONNECTION: Duration = Duration::from_secs(300);
/// After an accept that failed.
const PAUSE: Duration = Duration::from_millis(100);
