//! An issue tracker with every fault that trackers have, on loopback.
//!
//! Its shape is its own and simple: `api.rs` has it. Faults are ordered by [`LabTracker::fault`] or, from another
//! process, by `POST /control/faults`; what people do to issues is done to [`LabTracker::change`]'s issues. It can keep
//! its issues in a file, so that they outlive it as they outlive its clients.

mod api;
mod faults;
mod http;
mod issues;

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use rustls_pki_types::CertificateDer;

use crate::draft::Draft;
use crate::key::Key;
use crate::mint::{Chain, Mint, pem};
use crate::time::DAY;
use faults::Faults;

pub use faults::{Fault, On};
pub use issues::{LabComment, LabIssue, LabIssues, Lag};

/// How a tracker is to be.
#[derive(Clone, Debug, Default)]
pub struct LabTrackerSetup {
    /// Where its issues are kept; none: in memory.
    pub file: Option<PathBuf>,
    /// What it shows before it speaks.
    pub tls: LabTls,
}

/// What a tracker shows before it speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LabTls {
    /// Nothing: plain HTTP.
    #[default]
    None,
    /// A certificate for `localhost` that is good.
    Good,
    /// One that ended yesterday.
    Expired,
}

/// A tracker that listens until it is dropped.
#[derive(Debug)]
pub struct LabTracker {
    at: SocketAddr,
    trust_pem: String,
    tls: LabTls,
    shared: Arc<Shared>,
}

pub(crate) struct Shared {
    issues: Mutex<LabIssues>,
    faults: Mutex<Faults>,
    file: Option<PathBuf>,
    now: Now,
    is_over: AtomicBool,
}

/// Milliseconds since 1970, whenever it is asked.
type Now = Box<dyn Fn() -> i64 + Send + Sync>;

impl LabTracker {
    /// Starts one on a port that the system chooses; `now` tells the milliseconds since 1970.
    ///
    /// # Errors
    /// The file cannot be read, or no certificate can be made.
    pub fn start(
        setup: LabTrackerSetup,
        now: impl Fn() -> i64 + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let mint = Mint::new(now().div_euclid(1000))?;
        let config = config(&mint, setup.tls)?;
        let issues =
            setup.file.as_deref().map_or_else(|| Ok(LabIssues::default()), issues::load)?;
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let at = listener.local_addr()?;
        let shared = Arc::new(Shared {
            issues: Mutex::new(issues),
            faults: Mutex::default(),
            file: setup.file,
            now: Box::new(now),
            is_over: AtomicBool::new(false),
        });
        let serving = Arc::clone(&shared);
        thread::Builder::new()
            .name("lab-tracker".to_owned())
            .spawn(move || accept(&listener, &serving, config.as_ref()))?;
        Ok(Self { at, trust_pem: pem("CERTIFICATE", &mint.root.der), tls: setup.tls, shared })
    }

    /// Its address: `http://localhost:40001`.
    pub fn url(&self) -> String {
        let scheme = if self.tls == LabTls::None { "http" } else { "https" };
        format!("{scheme}://localhost:{}", self.at.port())
    }

    /// Whom a client should believe, as PEM.
    pub fn trust_pem(&self) -> &str {
        &self.trust_pem
    }

    /// The next `times` requests of that kind meet this fault. Faults of one kind wait for one another.
    pub fn fault(&self, on: On, fault: Fault, times: u32) {
        lock(&self.shared.faults).order(on, fault, times);
    }

    /// How many requests of that kind came since the start.
    pub fn count(&self, on: On) -> u64 {
        lock(&self.shared.faults).count(on)
    }

    /// Looks at its issues, or does to them what people do; what came of it is kept.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn change<T>(&self, change: impl FnOnce(&mut LabIssues) -> T) -> io::Result<T> {
        let mut issues = lock(&self.shared.issues);
        let came = change(&mut issues);
        self.shared.keep(&issues)?;
        Ok(came)
    }
}

impl Shared {
    fn keep(&self, issues: &LabIssues) -> io::Result<()> {
        self.file.as_deref().map_or(Ok(()), |file| issues::save(file, issues))
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("file", &self.file).finish_non_exhaustive()
    }
}

impl Drop for LabTracker {
    #[expect(
        clippy::disallowed_methods,
        reason = "a call to its own socket, so that it stops to wait there"
    )]
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.at);
    }
}

/// A panic elsewhere has been told by itself.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>, config: Option<&Arc<ServerConfig>>) {
    for stream in listener.incoming().map_while(Result::ok) {
        if shared.is_over.load(Ordering::SeqCst) {
            return;
        }
        let (shared, config) = (Arc::clone(shared), config.cloned());
        // A connection that cannot have a thread is one that is broken off.
        let _ = thread::Builder::new().spawn(move || meet(stream, &shared, config));
    }
}

fn meet(stream: TcpStream, shared: &Shared, config: Option<Arc<ServerConfig>>) {
    // Whatever breaks here, the client sees it.
    let _ = match config {
        None => api::serve(&mut &stream, shared),
        Some(config) => ServerConnection::new(config).map_err(io::Error::other).and_then(|tls| {
            let mut inside = StreamOwned::new(tls, stream);
            let went = api::serve(&mut inside, shared);
            inside.conn.send_close_notify();
            io::Write::flush(&mut inside)?;
            went
        }),
    };
}

fn config(mint: &Mint, tls: LabTls) -> io::Result<Option<Arc<ServerConfig>>> {
    let ends = match tls {
        LabTls::None => return Ok(None),
        LabTls::Good => 60 * DAY,
        LabTls::Expired => -DAY,
    };
    let draft = Draft::server(mint.now, &["localhost"], Key::p256()?)?.valid(-90 * DAY, ends);
    let Chain { certificates, key, .. } = mint.issued(draft)?;
    let chain = certificates.into_iter().map(CertificateDer::from).collect();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(chain, key.private())
        .map_err(io::Error::other)?;
    Ok(Some(Arc::new(config)))
}
