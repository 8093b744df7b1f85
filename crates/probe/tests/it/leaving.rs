//! How a look leaves, as its peer sees it.

use std::io::{Read as _, Write as _};
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use certvigil_model::Outcome;
use certvigil_probe::{Questions, Settings};
use rustls::ServerConnection;
use rustls::version::{TLS12, TLS13};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;

use crate::identity::{Identity, speaks};
use crate::openssl::OpenSsl;
use crate::server::{Left, Server, tls_told};
use crate::support::{AMPLE, begun, block_on, endpoint, look, now, prober, with};

const IN_ORDER: Left = Left { close_notify: true, eof: true, reset: false };

#[test]
fn a_server_sees_close_notify_and_then_the_end() {
    let identity = Identity::ecdsa();
    for version in [&TLS12, &TLS13] {
        let (told, left): (_, Receiver<Left>) = channel();
        let server = Server::start(vec![tls_told(speaks(&[version], &[&identity]), told)]);
        let prober = prober();
        for _ in 0..50 {
            let capture = look(&prober, &endpoint(server.address), AMPLE);
            assert_eq!(capture.ended.outcome, Outcome::Captured);
            assert_eq!(left.recv_timeout(AMPLE), Ok(IN_ORDER), "{version:?}");
        }
    }
}

/// Closing while something lies unread is a reset by the kernel; a server that talks early (RFC
/// 9846 section 4.4.4 lets it, before it hears our Finished) leaves something there.
#[test]
fn what_lies_unread_is_no_reason_for_a_reset() {
    let mut config = speaks(&[&TLS13], &[&Identity::ecdsa()]);
    config.send_half_rtt_data = true;
    let left = block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let endpoint = endpoint(listener.local_addr().unwrap());
        let (prober, mut capture) = (prober(), begun());
        let look = prober.look(&mut capture, &endpoint, Questions::default(), now() + AMPLE);
        // On one thread, so that the look reads nothing until all of it is there.
        let server = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut hello = vec![0; 16_384];
            let count = stream.read(&mut hello).await.unwrap();
            let mut stream = stream.into_std().unwrap();
            stream.set_nonblocking(false).unwrap();
            stream.write_all(&early(config, &hello[..count])).unwrap();
            stream
        };
        let ((), mut stream) = tokio::join!(look, server);
        assert_eq!(capture.ended.outcome, Outcome::Captured, "{:?}", capture.ended);
        let read = stream.read_to_end(&mut Vec::new());
        // A reset that comes behind the end of the stream shows only here.
        read.and_then(|_| stream.take_error())
    });
    assert!(matches!(left, Ok(None)), "{left:?}");
}

/// The whole first flight and 40 KiB of early data behind it.
fn early(config: rustls::ServerConfig, mut hello: &[u8]) -> Vec<u8> {
    let mut connection = ServerConnection::new(Arc::new(config)).unwrap();
    connection.read_tls(&mut hello).unwrap();
    connection.process_new_packets().unwrap();
    connection.writer().write_all(&[0x5a; 40 << 10]).unwrap();
    let mut flight = Vec::new();
    while connection.wants_write() {
        connection.write_tls(&mut flight).unwrap();
    }
    flight
}

#[test]
fn openssl_sees_nothing_bad() {
    let identity = Identity::rsa();
    let settings = Settings {
        connect_timeout: Duration::from_secs(3),
        second_certificate: false,
        ehlo_name: None,
    };
    for option in ["-tls1_2", "-tls1_3"] {
        let openssl = OpenSsl::start(&[&identity], 5, &[option]);
        let prober = with(settings.clone());
        for _ in 0..5 {
            let capture = look(&prober, &endpoint(openssl.address), AMPLE);
            assert_eq!(capture.ended.outcome, Outcome::Captured, "{:?}", capture.ended);
        }
        let said = openssl.said();
        assert_eq!(said.matches("CONNECTION CLOSED").count(), 5, "{option}: {said}");
        assert!(!said.to_lowercase().contains("error"), "{option}: {said}");
    }
}

#[test]
fn politeness_costs_no_time() {
    let (told, left) = channel();
    let identity = Identity::ecdsa();
    let server = Server::start(vec![tls_told(speaks(&[&TLS13], &[&identity]), told)]);
    let (prober, endpoint) = (prober(), endpoint(server.address));
    let mut spans: Vec<Duration> = (0..20)
        .map(|_| {
            let begun = now();
            look(&prober, &endpoint, AMPLE);
            let took = now() - begun;
            left.recv_timeout(AMPLE).unwrap();
            took
        })
        .collect();
    spans.sort();
    assert!(spans[5] < Duration::from_millis(50), "{spans:?}");
}
