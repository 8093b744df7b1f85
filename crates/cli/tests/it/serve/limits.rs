//! What a listener bears: how many, how long, how large. The public one and the socket alike.

use std::io::Write as _;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use certvigil_doors::SystemClock;
use certvigil_model::Clock as _;
use rustix::process::Signal;

use super::{Ground, Serving, dial, get, listening};

/// A stream to a service, whichever of its listeners it goes to.
trait Stream: std::io::Read + std::io::Write {}
impl<T: std::io::Read + std::io::Write> Stream for T {}

#[derive(Clone, Copy)]
enum Listener {
    Public,
    Socket,
}

const BOTH: [Listener; 2] = [Listener::Public, Listener::Socket];

struct Served {
    ground: Ground,
    serving: Serving,
    at: String,
}

impl Served {
    fn start() -> Self {
        let serve = "listen = \"127.0.0.1:0\"\nsocket = \"certvigil.sock\"";
        let ground = Ground::with_local_issues(1, serve);
        let mut serving = ground.serve(&[]);
        let at = listening(&mut serving);
        serving.hear("filed: ");
        Self { ground, serving, at }
    }

    /// A stream to a listener, which gives up after a minute, and a path that is answered there.
    fn stream(&self, to: Listener) -> (Box<dyn Stream>, &'static str) {
        let patience = Some(Duration::from_secs(60));
        match to {
            Listener::Public => {
                let stream = dial(&self.at);
                stream.set_read_timeout(patience).unwrap();
                (Box::new(stream), "/healthz")
            }
            Listener::Socket => {
                let stream = UnixStream::connect(self.ground.path("certvigil.sock")).unwrap();
                stream.set_read_timeout(patience).unwrap();
                (Box::new(stream), "/api/v1/health")
            }
        }
    }

    fn end(mut self) {
        for listener in BOTH {
            let (stream, path) = self.stream(listener);
            assert_eq!(get(stream, path).0, 200, "it is as before");
        }
        assert_eq!(self.serving.end(Signal::TERM), Some(0));
    }
}

/// All that comes back until the service ends the connection, and how long that took.
fn rest(stream: &mut dyn Stream) -> (String, Duration) {
    let begun = SystemClock.monotonic();
    let mut bytes = Vec::new();
    // A connection that is reset with bytes unread is ended too.
    let _ = stream.read_to_end(&mut bytes);
    (String::from_utf8_lossy(&bytes).into_owned(), SystemClock.monotonic() - begun)
}

#[test]
fn headers_and_bodies_have_a_size() {
    let served = Served::start();
    for listener in BOTH {
        let (mut stream, path) = served.stream(listener);
        let long = "x".repeat(20 << 10);
        let head = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nx-long: {long}\r\n\r\n");
        let _ = stream.write_all(head.as_bytes());
        let (told, _) = rest(&mut *stream);
        assert!(told.starts_with("HTTP/1.1 431 "), "{path}: {told}");
    }
    let post =
        "POST /api/v1/orders HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n";
    let large = "x".repeat(80 << 10);
    for body in [
        "content-length: 1000000000\r\n\r\n".to_owned(),
        format!("transfer-encoding: chunked\r\n\r\n14000\r\n{large}\r\n0\r\n\r\n"),
    ] {
        let (mut stream, _) = served.stream(Listener::Socket);
        let _ = stream.write_all(format!("{post}{body}").as_bytes());
        let (told, took) = rest(&mut *stream);
        assert!(told.starts_with("HTTP/1.1 413 "), "{told}");
        assert!(told.contains("application/problem+json"), "{told}");
        assert!(took < Duration::from_secs(4), "at once, not when it grows tired: {took:?}");
    }
    served.end();
}

#[test]
fn a_request_has_to_be_sent_in_time() {
    let served = Served::start();
    let begun = "GET /healthz HTTP/1.1\r\nhost: localhost\r\n";
    let body = "POST /api/v1/orders HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         content-length: 100\r\n\r\n{\"do\":";
    for sent in ["", begun, body] {
        for listener in BOTH {
            let (mut stream, path) = served.stream(listener);
            stream.write_all(sent.as_bytes()).unwrap();
            let (told, took) = rest(&mut *stream);
            assert!(took < Duration::from_secs(15), "{path} {sent:?}: {took:?} {told}");
            assert!(took > Duration::from_secs(3), "{path} {sent:?}: {took:?} {told}");
            if sent == body {
                assert!(told.starts_with("HTTP/1.1 408 "), "{path}: {told}");
            }
        }
    }
    served.end();
}

/// A byte a second is no request either: what counts is the time of all of it.
#[test]
fn whoever_sends_a_byte_at_a_time_is_cut_off() {
    let served = Served::start();
    for listener in BOTH {
        let (mut stream, path) = served.stream(listener);
        let begun = SystemClock.monotonic();
        let head = format!("GET {path} HTTP/1.1\r\nx: ");
        stream.write_all(head.as_bytes()).unwrap();
        while stream.write_all(b"x").is_ok() {
            let took = SystemClock.monotonic() - begun;
            assert!(took < Duration::from_secs(15), "{path}: {took:?}");
            std::thread::sleep(Duration::from_millis(200));
        }
    }
    served.end();
}

#[test]
fn a_connection_that_asks_nothing_more_is_ended() {
    let served = Served::start();
    for listener in BOTH {
        let (mut stream, path) = served.stream(listener);
        write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
        let (told, took) = rest(&mut *stream);
        assert!(told.starts_with("HTTP/1.1 200 "), "{path}: {told}");
        assert!(took < Duration::from_secs(15), "{path}: {took:?}");
    }
    served.end();
}

#[test]
fn so_many_connections_are_answered_at_once_and_the_next_one_waits_for_its_turn() {
    let served = Served::start();
    for listener in BOTH {
        let one = || served.stream(listener);
        let silent: Vec<_> = (0..64).map(|_| one()).collect();
        let begun = SystemClock.monotonic();
        let (stream, path) = one();
        assert_eq!(get(stream, path).0, 200);
        let took = SystemClock.monotonic() - begun;
        assert!(took > Duration::from_secs(2), "{path} had no limit: {took:?}");
        assert!(took < Duration::from_secs(20), "{path}: {took:?}");
        drop(silent);
    }
    served.end();
}
