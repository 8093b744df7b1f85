//! A look that is given up half way has lost nothing that it saw.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use certvigil_model::{Capture, Outcome, Phase};
use certvigil_probe::{Questions, Settings};
use rustls::version::{TLS12, TLS13};
use tokio::time::timeout;

use crate::identity::{Identity, shows, speaks};
use crate::server::Then::Hold;
use crate::server::{Given, Server, at_once, say, tls, tls_cut};
use crate::support::{AMPLE, begun, block_on, endpoint, now, prober, with};

/// What a look had seen when it was dropped at its `count`th poll, and whether it was done.
fn dropped_at(server: &Server, count: usize) -> (Capture, bool) {
    let settings = Settings { connect_timeout: AMPLE, second_certificate: true, ehlo_name: None };
    let prober = with(settings);
    let endpoint = endpoint(server.address);
    let mut capture = begun();
    let done = block_on(async {
        let questions = Questions { without_server_name: true, ..Questions::default() };
        let mut look = pin!(prober.look(&mut capture, &endpoint, questions, now() + AMPLE));
        let mut polls = 0;
        poll_fn(|context| {
            polls += 1;
            match look.as_mut().poll(context) {
                Poll::Ready(()) => Poll::Ready(true),
                Poll::Pending if polls == count => Poll::Ready(false),
                Poll::Pending => Poll::Pending,
            }
        })
        .await
    });
    (capture, done)
}

/// Three questions with three answers; whenever the look is dropped, what was answered by then
/// is there, in order and whole.
#[test]
fn every_answer_stays() {
    let (ecdsa, rsa) = (Identity::ecdsa(), Identity::rsa());
    let server = Server::start(vec![tls(shows(&[&ecdsa, &rsa]))]);
    let want = [ecdsa.der(), rsa.der(), ecdsa.der()];
    let mut counts = [0; 4];
    for polls in 1..100 {
        let (capture, done) = dropped_at(&server, polls);
        let answers: Vec<_> =
            capture.presented.iter().filter_map(|one| one.chain.first()).collect();
        for (answer, want) in answers.iter().zip(want) {
            assert_eq!(&***answer, want, "after {polls} polls");
        }
        // Only the last question may be without its answer.
        assert!(answers.len() + 1 >= capture.presented.len(), "after {polls} polls");
        if capture.presented.len() > 1 {
            assert_eq!(capture.ended.outcome, Outcome::Captured, "after {polls} polls");
        }
        counts[answers.len()] += 1;
        if done {
            assert_eq!(answers.len(), 3);
            assert!(counts[..3].iter().all(|count| *count > 0), "{counts:?}");
            return;
        }
    }
    panic!("a look of more than 100 polls");
}

/// The chain was there long before the server's last word, for which the look waits in vain.
#[test]
fn a_chain_stays_when_its_handshake_does_not_end() {
    let identity = Identity::ecdsa();
    let cut = || tls_cut(speaks(&[&TLS13], &[&identity]), Given::AllButLast, Hold);
    let capture = given_up(&Server::start(vec![cut()]));
    assert_eq!(&*capture.presented[0].chain[0], identity.der());
    let ended = &capture.presented[0].ended;
    assert_eq!((ended.outcome, ended.phase), (Outcome::Timeout, Some(Phase::Finished)));
    assert_eq!(ended.reason.as_deref(), Some("the look ran out of time"));
}

#[test]
fn the_phase_is_where_a_dropped_look_was() {
    let identity = Identity::ecdsa();
    let hello = tls_cut(speaks(&[&TLS13], &[&identity]), Given::ServerHello, Hold);
    let chain = tls_cut(speaks(&[&TLS12], &[&identity]), Given::AllButLast, Hold);
    for (act, want) in [
        (at_once(Hold), Phase::Hello),
        (say([22, 3], Hold), Phase::Hello),
        (hello, Phase::Certificate),
        (chain, Phase::Certificate),
    ] {
        let capture = given_up(&Server::start(vec![act]));
        assert_eq!(capture.presented[0].ended.phase, Some(want));
        // What the caller said stands, for want of anything better.
        assert_eq!(capture.ended.outcome, Outcome::NotAttempted);
    }
}

/// Dropped long before its own deadline, and long after the server has said all that it says.
fn given_up(server: &Server) -> Capture {
    let mut capture = begun();
    block_on(async {
        let (prober, endpoint) = (prober(), endpoint(server.address));
        let look = prober.look(&mut capture, &endpoint, Questions::default(), now() + AMPLE);
        assert!(timeout(Duration::from_millis(500), look).await.is_err());
    });
    capture
}
