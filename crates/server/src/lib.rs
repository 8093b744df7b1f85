//! What the running service shows: health, metrics and probes on one address, the API on a socket.
//!
//! Read [`start`]. `connections.rs` and `sending.rs` are what holds for every connection; `public.rs` is the listener that monitors ask,
//! `api.rs` the socket that the commands and, one day, pages ask. Nothing is worded here that `report` words.

mod answer;
mod api;
mod connections;
mod metrics;
mod peer;
mod problem;
mod public;
mod sending;
mod socket;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;

use certvigil_engine::serve::Desk;
use thiserror::Error as ThisError;
use tokio::runtime::{Builder, Runtime};

use socket::Socket;

/// Where it is to be heard.
#[derive(Clone, Debug, Default)]
pub struct Listeners {
    /// For monitors: an address of loopback.
    pub public: Option<SocketAddr>,
    /// For the commands.
    pub socket: Option<PathBuf>,
    /// Who may use the socket beside the own user.
    pub group: Option<String>,
}

/// Why it cannot be heard.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum Error {
    /// Nobody is asked who they are.
    #[error(
        "listen = \"{0}\" of [serve] is not an address of this machine alone, and nobody is asked who they are: write 127.0.0.1 or [::1]"
    )]
    NotLoopback(SocketAddr),
    /// The address.
    #[error("nothing can listen on {at}")]
    Listen {
        /// Where.
        at: String,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The socket.
    #[error("the socket {path} cannot be made")]
    Socket {
        /// Where.
        path: String,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The runtime.
    #[error("the runtime cannot be started")]
    Runtime(#[source] io::Error),
}

/// Heard until it is dropped.
pub struct Server {
    runtime: Option<Runtime>,
    _socket: Option<Socket>,
    /// Where monitors are answered.
    pub public: Option<SocketAddr>,
}

impl Drop for Server {
    fn drop(&mut self) {
        // Who is being answered does not hold the end up.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Answers on `listeners` with what `desk` knows.
///
/// # Errors
/// Somewhere nothing can listen.
pub fn start(listeners: &Listeners, desk: &Arc<Desk>) -> Result<Server, Error> {
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .max_blocking_threads(BLOCKING)
        .enable_io()
        .enable_time()
        .thread_name("server")
        .build()
        .map_err(Error::Runtime)?;
    let _entered = runtime.enter();
    let mut public = None;
    if let Some(at) = listeners.public {
        let (listener, heard_at) = bound(at)?;
        let routes = public::routes(Arc::clone(desk)).merge(answer::routes(Arc::clone(desk)));
        runtime.spawn(connections::tcp(listener, routes));
        public = Some(heard_at);
    }
    let mut socket = None;
    if let Some(path) = &listeners.socket {
        let fail = |source| Error::Socket { path: path.display().to_string(), source };
        let (made, listener) = Socket::make(path, listeners.group.as_deref()).map_err(fail)?;
        let listener = tokio::net::UnixListener::from_std(listener).map_err(fail)?;
        runtime.spawn(connections::unix(listener, api::routes(Arc::clone(desk))));
        socket = Some(made);
    }
    drop(_entered);
    Ok(Server { runtime: Some(runtime), _socket: socket, public })
}

fn bound(at: SocketAddr) -> Result<(tokio::net::TcpListener, SocketAddr), Error> {
    if !at.ip().is_loopback() {
        return Err(Error::NotLoopback(at));
    }
    let fail = |source| Error::Listen { at: at.to_string(), source };
    let listener = TcpListener::bind(at).map_err(fail)?;
    listener.set_nonblocking(true).map_err(fail)?;
    let heard_at = listener.local_addr().map_err(fail)?;
    Ok((tokio::net::TcpListener::from_std(listener).map_err(fail)?, heard_at))
}

/// Threads that read the store or look, at most.
const BLOCKING: usize = 16;
