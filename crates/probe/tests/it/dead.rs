//! One more try, and what two failures say about everybody else behind the same port.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use certvigil_model::{Capture, Endpoint, Outcome, Phase};
use certvigil_probe::{Prober, Settings};
use tokio::time::sleep;

use crate::identity::{Identity, shows};
use crate::outcomes::vacant;
use crate::server::{Server, tls};
use crate::support::{AMPLE, block_on, endpoint, look, look_now, now, prober, with};

/// The pause before the second try: what takes less was not tried.
const PAUSE: Duration = Duration::from_millis(200);

fn named(address: SocketAddr, name: &str) -> Endpoint {
    Endpoint { server_name: Some(name.to_owned()), ..endpoint(address) }
}

fn timed(prober: &Prober, endpoint: &Endpoint, within: Duration) -> (Capture, Duration) {
    let begun = now();
    let capture = look(prober, endpoint, within);
    (capture, now() - begun)
}

fn impatient(connect_timeout: Duration) -> Prober {
    with(Settings { connect_timeout, second_certificate: true, ehlo_name: None })
}

fn reason(capture: &Capture) -> &str {
    capture.ended.reason.as_deref().unwrap()
}

#[test]
fn two_refusals_answer_for_the_others_of_the_round() {
    let address = vacant();
    let prober = prober();
    let (first, took) = timed(&prober, &named(address, "a.example"), AMPLE);
    assert_eq!(first.ended.outcome, Outcome::Refused);
    assert!(took >= PAUSE);
    let (second, took) = timed(&prober, &named(address, "b.example"), AMPLE);
    assert_eq!(
        (second.ended.outcome, second.ended.phase),
        (Outcome::Refused, Some(Phase::Connect))
    );
    assert_eq!(
        reason(&second),
        "the connection was refused, twice, when another endpoint here was looked at"
    );
    assert!(took < PAUSE, "{took:?}");
    let elsewhere = [vacant(), SocketAddr::from(([127, 0, 0, 2], address.port()))];
    for other in elsewhere {
        assert_eq!(
            reason(&look(&prober, &endpoint(other), AMPLE)),
            "the connection was refused, twice"
        );
    }
    let anew = look(&crate::support::prober(), &endpoint(address), AMPLE);
    assert_eq!(reason(&anew), "the connection was refused, twice");
}

/// With no time for a second try one refusal stands, and speaks for nobody else.
#[test]
fn one_refusal_answers_for_itself() {
    let address = vacant();
    let prober = prober();
    let (first, took) = timed(&prober, &endpoint(address), PAUSE);
    assert_eq!(reason(&first), "the connection was refused");
    assert!(took < AMPLE);
    let second = look(&prober, &endpoint(address), AMPLE);
    assert_eq!(reason(&second), "the connection was refused, twice");
}

#[test]
fn two_silences_answer_for_the_others_of_the_round() {
    let hole = BlackHole::open();
    let prober = impatient(Duration::from_secs(1));
    let (first, _) = timed(&prober, &endpoint(hole.address), AMPLE);
    assert_eq!((first.ended.outcome, first.ended.phase), (Outcome::Timeout, Some(Phase::Connect)));
    assert_eq!(reason(&first), "the connection request was not answered within 1 s, twice");
    let (second, took) = timed(&prober, &named(hole.address, "b.example"), AMPLE);
    assert!(reason(&second).ends_with("twice, when another endpoint here was looked at"));
    assert!(took < PAUSE, "{took:?}");
}

/// A second try that was cut short by the deadline is no proof of silence.
#[test]
fn a_short_silence_answers_for_itself() {
    let hole = BlackHole::open();
    let prober = impatient(Duration::from_millis(600));
    // Half of it is for the first question: 600 ms, the pause, and 200 ms.
    let (first, _) = timed(&prober, &endpoint(hole.address), Duration::from_secs(2));
    assert!(reason(&first).starts_with("the connection request was not answered within "));
    let (second, took) = timed(&prober, &endpoint(hole.address), Duration::from_secs(2));
    assert!(!reason(&second).contains("another endpoint"), "{}", reason(&second));
    assert!(took > PAUSE);
}

/// The listener takes connections again after the first request was given up, and long before
/// the second is.
#[test]
fn one_more_try_may_bring_it() {
    let hole = BlackHole::open();
    let prober = with(Settings {
        connect_timeout: Duration::from_millis(1500),
        second_certificate: false,
        ehlo_name: None,
    });
    let endpoint = endpoint(hole.address);
    let identity = Identity::ecdsa();
    let capture = block_on(async {
        let look = look_now(&prober, &endpoint, false, AMPLE);
        let opening = async {
            // A request is repeated by the kernel after 1 s; then only by us.
            sleep(Duration::from_millis(1200)).await;
            hole.serve(&identity)
        };
        tokio::join!(look, opening).0
    });
    assert_eq!(capture.ended.outcome, Outcome::Captured, "{:?}", capture.ended);
}

/// A listener that answers no connection request: nobody takes what waits in its full queue.
struct BlackHole {
    address: SocketAddr,
    listener: TcpListener,
    waiting: Vec<TcpStream>,
}

impl BlackHole {
    #[expect(clippy::disallowed_methods, reason = "this fills a queue; it looks at nothing")]
    fn open() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        rustix::net::listen(&listener, 0).unwrap();
        let address = listener.local_addr().unwrap();
        let mut waiting = Vec::new();
        while let Ok(stream) = TcpStream::connect_timeout(&address, PAUSE) {
            waiting.push(stream);
            assert!(waiting.len() < 100, "a queue without an end");
        }
        Self { address, listener, waiting }
    }

    /// Empties the queue and serves whoever comes then.
    fn serve(self, identity: &Identity) -> Server {
        rustix::net::listen(&self.listener, 16).unwrap();
        drop(self.waiting);
        Server::on(self.listener, vec![tls(shows(&[identity]))])
    }
}
