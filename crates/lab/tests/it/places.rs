//! The lab opens and ends.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use certvigil_lab::{Lab, Place};

use crate::strict_client;

#[expect(clippy::disallowed_methods, reason = "the lab imports no clock of ours")]
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

/// The address in a target.
pub(crate) fn address(place: &Place) -> SocketAddr {
    let target = place.target.rsplit("://").next().unwrap();
    target.split('#').next().unwrap().parse().unwrap()
}

#[expect(clippy::disallowed_methods, reason = "a test dials what it tests")]
fn dial(place: &Place) -> std::io::Result<TcpStream> {
    TcpStream::connect_timeout(&address(place), Duration::from_millis(300))
}

#[test]
fn every_case_opens_and_answers_connections_as_it_says() {
    let lab = Lab::start(now(), |_| true).unwrap();
    assert!(lab.missing().is_empty(), "no address for {:?}", lab.missing());
    for place in lab.places() {
        let dialled = dial(place);
        match place.case.name {
            "refused" => {
                assert_eq!(dialled.unwrap_err().kind(), std::io::ErrorKind::ConnectionRefused);
            }
            "blackhole" => {
                assert_eq!(dialled.unwrap_err().kind(), std::io::ErrorKind::TimedOut);
            }
            name => assert!(dialled.is_ok(), "{name}: {dialled:?}"),
        }
    }
}

#[test]
fn nothing_is_left_after_the_end() {
    let lab = Lab::start(now(), |case| case.name == "silent").unwrap();
    let place = lab.places()[0].clone();
    let mut open = dial(&place).unwrap();
    drop(lab);
    // The connection is ended by the end of the lab, and the port is free.
    assert!(matches!(open.read(&mut [0]), Ok(0) | Err(_)));
    assert_eq!(dial(&place).unwrap_err().kind(), std::io::ErrorKind::ConnectionRefused);
}

/// More clients than an endpoint takes at a time do no harm to its neighbours.
#[test]
fn a_crowded_endpoint_leaves_its_neighbours_alone() {
    let names = ["silent", "healthy-p256"];
    let lab = Lab::start(now(), |case| names.contains(&case.name)).unwrap();
    let at = |name| lab.places().iter().find(|place| place.case.name == name).unwrap();
    let crowd: Vec<_> = (0..300).map(|_| dial(at("silent")).unwrap()).collect();
    assert!(strict_client::accepts(at("healthy-p256"), lab.trust_pem()));
    assert_eq!(crowd.len(), 300);
}

/// Whatever sends without end stops when its client leaves.
#[cfg(target_os = "linux")]
#[test]
#[expect(clippy::disallowed_methods, reason = "the lab imports no clock of ours")]
fn endless_senders_stop_when_their_client_leaves() {
    let lab = Lab::start(now(), |case| case.name.starts_with("endless")).unwrap();
    for place in lab.places() {
        let mut clients: Vec<_> = (0..8).map(|_| dial(place).unwrap()).collect();
        for client in &mut clients {
            client.write_all(&[22, 3, 1, 0, 1, 0]).unwrap();
            client.read_exact(&mut [0; 100_000]).unwrap();
        }
        drop(clients);
        let patience = Instant::now() + Duration::from_secs(10);
        while connections(address(place).port()) > 0 {
            assert!(Instant::now() < patience, "{} still sends", place.case.name);
            thread::sleep(Duration::from_millis(5));
        }
    }
}

/// How many connections this machine holds whose local port it is, by the kernel's own list.
#[cfg(target_os = "linux")]
fn connections(port: u16) -> usize {
    const ESTABLISHED: &str = "01";
    let list = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let ours = |line: &&str| {
        let mut fields = line.split_whitespace().skip(1);
        let local = fields.next().and_then(|local| local.split(':').next_back());
        local == Some(&format!("{port:04X}")) && fields.nth(1) == Some(ESTABLISHED)
    };
    list.lines().filter(ours).count()
}
