//! What time it is elsewhere: one question by SNTP (RFC 4330, RFC 5905 section 14).

use std::io;
use std::net::{SocketAddr, ToSocketAddrs as _, UdpSocket};
use std::time::{Duration, Instant};

use certvigil_doors::{SystemClock, random_secret};
use certvigil_model::{Clock, Time};
use thiserror::Error;

/// What a server's clock showed, and ours when its answer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NtpTime {
    /// Theirs.
    pub theirs: Time,
    /// Ours.
    pub ours: Time,
}

/// Why a server told no time.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NtpError {
    /// It was not reached, or did not answer in time.
    #[error("{server} does not answer")]
    Silent {
        /// Which.
        server: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It answered with something that says no time.
    #[error("{server} {why}")]
    Untold {
        /// Which.
        server: String,
        /// What it said.
        why: &'static str,
    },
}

/// Asks `server`, written `HOST:PORT`, and is over by `by`; resolving takes as long as the system lets it.
///
/// # Errors
/// It does not answer, or does not know the time itself.
pub fn ask(server: &str, by: Instant) -> Result<NtpTime, NtpError> {
    let silent = |source| NtpError::Silent { server: server.to_owned(), source };
    let untold = |why| NtpError::Untold { server: server.to_owned(), why };
    let nobody = || io::Error::new(io::ErrorKind::NotFound, "it has no address");
    let address = server.to_socket_addrs().map_err(silent)?.next();
    let address = address.ok_or_else(nobody).map_err(silent)?;
    let socket = dial(address).map_err(silent)?;
    let nonce = nonce().map_err(silent)?;
    let mut question = [0_u8; LENGTH];
    question[0] = CLIENT;
    question[TRANSMITTED..].copy_from_slice(&nonce);
    let mut asked = SystemClock.monotonic();
    socket.send(&question).map_err(silent)?;
    loop {
        // One datagram may be lost.
        let until = by.min(asked + AGAIN);
        let answer = match receive(&socket, until) {
            Err(error) if is_timeout(&error) && until < by => {
                asked = SystemClock.monotonic();
                socket.send(&question).map_err(silent)?;
                continue;
            }
            received => received.map_err(silent)?,
        };
        let Some(answer) = answer else { continue };
        // Whoever has not read our question cannot answer it.
        if answer[ORIGIN..RECEIVED] != nonce {
            continue;
        }
        let ours = SystemClock.wall();
        let theirs = read(&answer).map_err(untold)?;
        let way_back = SystemClock.monotonic().saturating_duration_since(asked) / 2;
        return Ok(NtpTime { theirs: theirs.plus(way_back), ours });
    }
}

fn dial(address: SocketAddr) -> io::Result<UdpSocket> {
    let any: SocketAddr = match address {
        SocketAddr::V4(_) => ([0, 0, 0, 0], 0).into(),
        SocketAddr::V6(_) => ([0_u16; 8], 0).into(),
    };
    let socket = UdpSocket::bind(any)?;
    socket.connect(address)?;
    Ok(socket)
}

/// Our own transmit timestamp is no time but a number that nobody else knows: RFC 4330 section 5 lets it be anything.
fn nonce() -> io::Result<[u8; 8]> {
    let secret = random_secret()?;
    let digits = secret.reveal().get(..16).unwrap_or_default();
    Ok(u64::from_str_radix(digits, 16).unwrap_or_default().to_be_bytes())
}

/// A read whose time is over says that it would block.
fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock)
}

/// None for what is no packet of this length.
fn receive(socket: &UdpSocket, by: Instant) -> io::Result<Option<[u8; LENGTH]>> {
    let left = by.saturating_duration_since(SystemClock.monotonic());
    if left.is_zero() {
        return Err(io::ErrorKind::TimedOut.into());
    }
    socket.set_read_timeout(Some(left.max(Duration::from_millis(1))))?;
    let mut bytes = [0; LENGTH + 1024];
    let length = socket.recv(&mut bytes)?;
    Ok((length >= LENGTH).then(|| {
        let mut answer = [0; LENGTH];
        answer.copy_from_slice(&bytes[..LENGTH]);
        answer
    }))
}

/// The transmit timestamp of an answer that may be believed (RFC 4330 section 5).
fn read(answer: &[u8; LENGTH]) -> Result<Time, &'static str> {
    let (leap, mode, stratum) = (answer[0] >> 6, answer[0] & 7, answer[1]);
    if mode != SERVER {
        return Err("answers as no server does");
    }
    if stratum == 0 {
        return Err("asks not to be asked");
    }
    if leap == UNSYNCHRONISED || stratum > LAST_STRATUM {
        return Err("does not know the time itself");
    }
    let mut word = [0; 8];
    word.copy_from_slice(&answer[TRANSMITTED..]);
    time(u64::from_be_bytes(word)).ok_or("says no time")
}

/// Seconds since 1900 in 32 bits, and a fraction; from 2036 on the seconds begin anew (RFC 4330 section 3).
fn time(timestamp: u64) -> Option<Time> {
    let (seconds, fraction) = (timestamp >> 32, timestamp & 0xffff_ffff);
    if timestamp == 0 {
        return None;
    }
    let era = if seconds & 0x8000_0000 == 0 { 1 << 32 } else { 0 };
    let seconds = i64::try_from(seconds + era).ok()? - FROM_1900_TO_1970;
    let millis = i64::try_from((fraction * 1000) >> 32).ok()?;
    Some(Time::from_millis(seconds * 1000 + millis))
}

/// An answer is waited for so long before the question is sent again.
const AGAIN: Duration = Duration::from_secs(1);
/// Bytes of a packet without extensions.
const LENGTH: usize = 48;
const ORIGIN: usize = 24;
const RECEIVED: usize = 32;
const TRANSMITTED: usize = 40;
/// Version 4, mode 3.
const CLIENT: u8 = 0b00_100_011;
const SERVER: u8 = 4;
const UNSYNCHRONISED: u8 = 3;
const LAST_STRATUM: u8 = 15;
const FROM_1900_TO_1970: i64 = 2_208_988_800;

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 5905 figure 4 has these pairs of date and NTP seconds.
    #[test]
    fn timestamps_are_read_by_their_era() {
        for (seconds, date) in [
            (2_208_988_800_u64, "1970-01-01T00:00:00Z"),
            (2_272_060_800, "1972-01-01T00:00:00Z"),
            (3_155_587_200, "1999-12-31T00:00:00Z"),
            (0, "2036-02-07T06:28:16Z"),
        ] {
            // The first moment of an era is the only one that a zero fraction would say nothing by.
            assert_eq!(time(seconds << 32 | 1), Time::from_text(date), "{date}");
        }
        assert_eq!(time(0), None);
    }

    #[test]
    fn only_a_server_that_knows_the_time_is_believed() {
        let answer = |first: u8, stratum: u8| {
            let mut answer = [0; LENGTH];
            (answer[0], answer[1], answer[TRANSMITTED]) = (first, stratum, 0xee);
            read(&answer).is_ok()
        };
        assert!(answer(0b00_100_100, 1) && answer(0b00_100_100, 15));
        for (first, stratum) in
            [(0b00_100_100, 0), (0b00_100_100, 16), (0b11_100_100, 2), (0b00_100_011, 2)]
        {
            assert!(!answer(first, stratum), "{first:b} {stratum}");
        }
    }
}
