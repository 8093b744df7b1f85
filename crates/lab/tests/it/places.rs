//! The lab opens and ends.

use std::io::Read as _;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use certvigil_lab::{Lab, Place};

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
