//! Whether somebody is there at all.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use certvigil_doors::SystemClock;
use certvigil_probe::{Resolver, resolver_answers, takes_connection};

use crate::outcomes::vacant;
use crate::support::{block_on, now};

const ALLOWED: Duration = Duration::from_secs(2);

/// A name server that says `code` (RFC 1035 section 4.1.1) to whatever it is asked.
fn saying(code: u8) -> SocketAddr {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = socket.local_addr().unwrap();
    thread::spawn(move || {
        let mut query = [0; 512];
        while let Ok((count, peer)) = socket.recv_from(&mut query) {
            // The question goes back as it came; what stands behind it, EDNS, does not.
            let end = 12 + query[12..count].iter().position(|byte| *byte == 0).unwrap() + 5;
            let head = [query[0], query[1], 0x81, 0x80 | code, 0, 1, 0, 0, 0, 0, 0, 0];
            let _ = socket.send_to(&[&head[..], &query[12..end]].concat(), peer);
        }
    });
    address
}

#[test]
fn a_resolver_answers_when_it_says_anything_at_all() {
    const NO_ERROR: u8 = 0;
    const SERVER_FAILURE: u8 = 2;
    const REFUSED: u8 = 5;
    for code in [NO_ERROR, SERVER_FAILURE, REFUSED] {
        let answered = block_on(resolver_answers(saying(code), now() + ALLOWED));
        assert_eq!(answered, Ok(()), "RCODE {code}");
    }
    let begun = now();
    let silent = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    for dark in [vacant(), silent.local_addr().unwrap()] {
        assert!(block_on(resolver_answers(dark, now() + ALLOWED)).is_err(), "{dark}");
    }
    assert!(now() - begun < 2 * ALLOWED + Duration::from_millis(500));
}

#[test]
fn a_host_answers_when_it_takes_a_connection() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let open = listener.local_addr().unwrap().port();
    let dial = |host: &str, port: u16| {
        let (resolver, clock) = (Resolver::default(), Arc::new(SystemClock));
        block_on(takes_connection(&resolver, (host, port), now() + ALLOWED, clock))
    };
    assert_eq!(dial("127.0.0.1", open), Ok(()));
    assert_eq!(dial("localhost", open), Ok(()));
    let refused = dial("127.0.0.1", vacant().port()).unwrap_err();
    assert!(refused.contains("refused"), "{refused}");
}
