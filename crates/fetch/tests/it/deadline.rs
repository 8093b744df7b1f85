//! Whatever the other side does, a request is over when it was to be.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use certvigil_fetch::Error;

use crate::server::{Server, client, post_within, read_request};

const LIMIT: Duration = Duration::from_millis(600);
/// What a busy machine may add.
const SLACK: Duration = Duration::from_millis(1500);

fn timed(url: &str) -> Error {
    let began = Instant::now();
    let error = client().send(&post_within(url, LIMIT)).unwrap_err();
    let took = began.elapsed();
    assert!(took < LIMIT + SLACK, "{took:?}: {error}");
    error
}

#[test]
fn no_time_left_is_nothing_sent() {
    let server = Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    let error = client().send(&post_within(&server.url(), Duration::ZERO)).unwrap_err();
    assert!(matches!(error, Error::NotSent { .. }), "{error}");
    assert!(server.seen.try_recv().is_err(), "nobody came");
}

/// A connection that was accepted, and then nothing: the request lies in the other side's buffers.
#[test]
fn silence_is_doubtful() {
    let server = Server::start(|mut stream| {
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
        String::new()
    });
    let error = timed(&server.url());
    assert!(matches!(error, Error::Unanswered { .. }), "{error}");
}

/// The same behind `https`: the hello was answered by nobody, so no request can have been sent.
#[test]
fn silence_before_tls_is_nothing_sent() {
    let server = Server::start(|mut stream| {
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
        String::new()
    });
    let error = timed(&server.url().replace("http:", "https:"));
    assert!(matches!(error, Error::NotSent { .. }), "{error}");
}

#[test]
fn a_trickle_ends_in_time_whichever_part_trickles() {
    let heads =
        ["", "HTTP/1.1 200 OK\r\nx-slow: ", "HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n"];
    for head in heads {
        let server = Server::start(move |mut stream: TcpStream| {
            let saw = read_request(&mut stream);
            let _ = stream.write_all(head.as_bytes());
            while stream.write_all(b"x").is_ok() {
                std::thread::sleep(Duration::from_millis(20));
            }
            saw
        });
        let error = timed(&server.url());
        assert!(matches!(error, Error::Unanswered { .. }), "{head:?}: {error}");
    }
}
