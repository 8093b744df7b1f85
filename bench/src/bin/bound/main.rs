//! `bound handshake|certificate|connect TARGETS [TRUST]` looks once at each endpoint of a list, 64
//! at a time on one thread, by the least work that tells something, and prints what it cost:
//!
//! - `handshake`: a whole TLS handshake by rustls, its chain and name checked by webpki against
//!   TRUST: what a client pays that believes only what was proven to it;
//! - `certificate`: a TLS 1.2 ClientHello, then reading up to the plaintext Certificate message:
//!   what a look at dates costs that proves nothing;
//! - `connect`: a TCP connection, opened and closed.

#![expect(clippy::disallowed_methods, reason = "this program stands alone and dials for itself")]

mod certificate;
mod handshake;

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;
use tokio::net::TcpStream;

/// Looks under way at a time: the product's default.
const CONCURRENCY: usize = 64;

/// Room for the largest TLS record with its header (RFC 9846 section 5.2).
const RECORD: usize = 16_384 + 256 + 5;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(kind), Some(list)) = (arguments.next(), arguments.next()) else {
        return Err("usage: bound handshake|certificate|connect TARGETS [TRUST]".into());
    };
    let bound = Bound::new(&kind, arguments.next())?;
    let targets = read_targets(&list)?;
    let count = targets.len();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let begun = Instant::now();
    let reached = runtime.block_on(look_at_all(bound, targets))?;
    println!("{}", told(&kind, count, reached, begun.elapsed())?);
    Ok(())
}

/// One way to look, cheap to copy.
#[derive(Clone)]
enum Bound {
    Handshake(handshake::Client),
    Certificate,
    Connect,
}

impl Bound {
    fn new(kind: &str, trust: Option<String>) -> Result<Self, Box<dyn Error>> {
        match (kind, trust) {
            ("handshake", Some(trust)) => Ok(Self::Handshake(handshake::Client::new(&trust)?)),
            ("handshake", None) => Err("a handshake needs a file of trust anchors".into()),
            ("certificate", _) => Ok(Self::Certificate),
            ("connect", _) => Ok(Self::Connect),
            (other, _) => Err(format!("no such bound: {other}").into()),
        }
    }

    async fn look(&self, address: SocketAddr, buffer: &mut [u8]) -> io::Result<()> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        match self {
            Self::Handshake(client) => client.shake_hands(stream, address, buffer).await,
            Self::Certificate => certificate::read(stream, buffer).await,
            Self::Connect => Ok(()),
        }
    }
}

fn read_targets(list: &str) -> Result<Vec<SocketAddr>, Box<dyn Error>> {
    Ok(std::fs::read_to_string(list)?.lines().map(str::parse).collect::<Result<_, _>>()?)
}

/// How many endpoints showed what was asked for; each that did not is told on standard error.
async fn look_at_all(
    bound: Bound,
    targets: Vec<SocketAddr>,
) -> Result<usize, tokio::task::JoinError> {
    let work = Arc::new((targets, AtomicUsize::new(0)));
    let workers: Vec<_> = (0..CONCURRENCY)
        .map(|_| tokio::spawn(work_off(bound.clone(), Arc::clone(&work))))
        .collect();
    let mut reached = 0;
    for worker in workers {
        reached += worker.await?;
    }
    Ok(reached)
}

async fn work_off(bound: Bound, work: Arc<(Vec<SocketAddr>, AtomicUsize)>) -> usize {
    let (targets, next) = &*work;
    let mut buffer = vec![0; RECORD];
    let mut reached = 0;
    while let Some(address) = targets.get(next.fetch_add(1, Ordering::Relaxed)) {
        match bound.look(*address, &mut buffer).await {
            Ok(()) => reached += 1,
            Err(error) => eprintln!("{address}: {error}"),
        }
    }
    reached
}

fn told(
    kind: &str,
    count: usize,
    reached: usize,
    wall: Duration,
) -> nix::Result<serde_json::Value> {
    let used = getrusage(UsageWho::RUSAGE_SELF)?;
    let (user, system) = (seconds(used.user_time()), seconds(used.system_time()));
    Ok(serde_json::json!({
        "bound": kind,
        "endpoints": count,
        "reached": reached,
        "user_s": user,
        "system_s": system,
        "cpu_ms_per_endpoint": (user + system) * 1e3 / count as f64,
        "wall_s": wall.as_secs_f64(),
        "endpoints_per_s": count as f64 / wall.as_secs_f64(),
        "peak_rss_kib": used.max_rss(),
    }))
}

fn seconds(time: TimeVal) -> f64 {
    time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6
}
