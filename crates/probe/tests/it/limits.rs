//! One deadline and one amount of bytes over everything done for an endpoint.

use std::time::{Duration, Instant};

use certvigil_model::{Capture, Outcome, Phase};
use tokio::time::sleep_until;

use crate::flight::{RSA_SUITE, alert, hello_request, plaintext, records, server_hello};
use crate::identity::Identity;
use crate::server::Then::{Close, Hold};
use crate::server::{Act, Server, at_once, drip, say};
use crate::support::{AMPLE, block_on, endpoint, look, look_now, now, prober, seen};

/// Bytes that a look takes.
const BYTES: usize = 1 << 20;

/// How long a look took, and how late a bare timer set to its deadline rang beside it: what this
/// machine does to both is no fault of the look.
fn timed(acts: Vec<Act>, within: Duration) -> (Capture, Duration, Duration) {
    let server = Server::start(acts);
    block_on(async {
        let begun = now();
        let timer = async {
            sleep_until((begun + within).into()).await;
            now()
        };
        let look = async {
            let (prober, endpoint) = (prober(), endpoint(server.address));
            (look_now(&prober, &endpoint, false, within).await, now())
        };
        let (rung, (capture, done)): (Instant, _) = tokio::join!(timer, look);
        (capture, done - begun, rung - begun)
    })
}

#[test]
fn a_drip_ends_at_the_deadline_and_not_later() {
    let within = Duration::from_millis(1200);
    let pause = Duration::from_millis(100);
    // A ServerHello that would take minutes.
    let slow = || drip(records(&server_hello(0x0303, RSA_SUITE, &[]), 16_384), pause);
    let (capture, took, rung) = timed(vec![slow()], within);
    assert_eq!(
        (capture.ended.outcome, capture.ended.phase),
        (Outcome::Timeout, Some(Phase::Hello))
    );
    let reason = capture.ended.reason.as_deref().unwrap();
    assert!(reason.contains("too slowly to finish the handshake"), "{reason}");
    assert!(took >= within && took < rung + Duration::from_millis(200), "{took:?} of {rung:?}");
}

/// The first attempt leaves half of the time to the second, which then has a limit of its own.
#[test]
fn a_silent_server_is_asked_twice_inside_one_deadline() {
    let within = Duration::from_millis(1000);
    let (capture, took, rung) = timed(vec![at_once(Hold)], within);
    assert_eq!(capture.presented.len(), 2);
    assert!(took >= within && took < rung + Duration::from_millis(200), "{took:?} of {rung:?}");

    let identity = Identity::rsa();
    let shown = plaintext(0x0303, RSA_SUITE, &[identity.der()]);
    let (capture, took, rung) = timed(vec![at_once(Hold), say(shown, Hold)], within);
    assert_eq!(seen(&capture), Some(identity.der()));
    assert!(took >= within / 2 && took < rung, "{took:?} of {rung:?}");
}

/// Bytes sent to the first connection are gone for the second.
#[test]
fn bytes_are_counted_over_all_connections() {
    let hello = records(&server_hello(0x0301, RSA_SUITE, &[]), 16_384);
    let request = records(&hello_request(), 16_384);
    let exactly = |length: usize| -> Vec<u8> {
        let requests = request.iter().copied().cycle();
        hello.iter().copied().chain(requests).take(length).collect()
    };
    let refusal = alert(2, 70);
    let left = BYTES - refusal.len();
    for (length, want) in [(left, Outcome::Closed), (left + 1, Outcome::OverBudget)] {
        let acts = vec![say(refusal.clone(), Close), say(exactly(length), Close)];
        let server = Server::start(acts);
        let capture = look(&prober(), &endpoint(server.address), AMPLE);
        let ended = &capture.presented[1].ended;
        assert_eq!((ended.outcome, ended.phase), (want, Some(Phase::Certificate)), "{ended:?}");
    }
}

/// A chain that comes with the very last byte that may come.
#[test]
fn what_comes_with_the_last_byte_counts() {
    let refusal = alert(2, 70);
    let flight = |weight: usize| {
        let rest = vec![0x5a; weight];
        let flight = [server_hello(0x0301, RSA_SUITE, &[]), crate::flight::certificate(&[&rest])];
        records(&flight.concat(), 16_384)
    };
    let spare = BYTES - refusal.len();
    // Headers weigh the same for a certificate that is a little smaller.
    let headers = flight(spare - 1000).len() - (spare - 1000);
    let weight = spare - headers;
    assert_eq!(flight(weight).len(), spare);
    for (weight, want) in [(weight, Outcome::Captured), (weight + 1, Outcome::OverBudget)] {
        let server = Server::start(vec![say(refusal.clone(), Close), say(flight(weight), Hold)]);
        let capture = look(&prober(), &endpoint(server.address), AMPLE);
        let ends: Vec<_> = capture.presented.iter().map(|one| one.ended.outcome).collect();
        assert!(ends.contains(&want), "{ends:?}");
    }
}
