//! What the service manager is told, and what it asks for: sd_notify(3), sd_watchdog_enabled(3).

use std::ffi::OsStr;
use std::io;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

use crate::env;

/// Tells it `state` (`READY=1`, `WATCHDOG=1`, `STOPPING=1` …). Where nobody manages us nothing is done.
///
/// # Errors
/// It does not listen where it said.
pub fn notify(state: &str) -> io::Result<()> {
    match env::read(env::NOTIFY_SOCKET) {
        Some(at) => send(&at, state),
        None => Ok(()),
    }
}

/// It takes us for hung where it hears nothing for so long. None: it does not watch.
pub fn watchdog() -> Option<Duration> {
    let of_us = match env::read(env::WATCHDOG_PID) {
        Some(pid) => pid.to_str()?.parse() == Ok(std::process::id()),
        None => true,
    };
    let micros: u64 = env::read(env::WATCHDOG_USEC)?.to_str()?.parse().ok()?;
    (of_us && micros > 0).then(|| Duration::from_micros(micros))
}

/// What CLOCK_MONOTONIC shows, which a message of reloading bears.
pub fn monotonic_micros() -> i64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    now.tv_sec.saturating_mul(1_000_000).saturating_add(now.tv_nsec / 1000)
}

fn send(at: &OsStr, state: &str) -> io::Result<()> {
    let address = match at.as_bytes() {
        [b'@', name @ ..] => SocketAddr::from_abstract_name(name)?,
        _ => SocketAddr::from_pathname(at)?,
    };
    UnixDatagram::unbound()?.send_to_addr(state.as_bytes(), &address).map(drop)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    #[test]
    fn a_manager_hears_what_is_said_at_a_path_and_at_an_abstract_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let name = format!("certvigil-test-{}", std::process::id());
        let of_name = SocketAddr::from_abstract_name(name.as_bytes()).unwrap();
        let listeners = [
            (UnixDatagram::bind(&path).unwrap(), path.into_os_string()),
            (UnixDatagram::bind_addr(&of_name).unwrap(), format!("@{name}").into()),
        ];
        for (listener, at) in listeners {
            send(&at, "READY=1\nSTATUS=looking").unwrap();
            let mut bytes = [0; 64];
            let length = listener.recv(&mut bytes).unwrap();
            assert_eq!(&bytes[..length], b"READY=1\nSTATUS=looking");
        }
    }
}
