//! A look that was broken off is made once more on a new connection, within the same time.

use std::thread;
use std::time::Duration;

use certvigil_model::Outcome::{Captured, Closed, Reset, Timeout, TlsAlert};
use certvigil_model::{By, KeyProof, Outcome};
use rustls::version::TLS13;

use crate::flight::{RSA_SUITE, alert, plaintext};
use crate::identity::{Identity, shows, speaks};
use crate::server::{Act, Server, Then, say, tls};
use crate::support::{endpoint, look, now, only, prober, seen};

/// Long enough for all that is answered, short enough to be waited for.
const BRIEF: Duration = Duration::from_millis(1500);

struct Case {
    name: &'static str,
    /// What is done to the first connection and so on, the last to all that come after.
    given: fn(&Identity) -> Vec<Act>,
    want: Outcome,
    /// Whether all is as if the first connection had never been.
    mended: bool,
    /// Connections that are made.
    connections: usize,
    /// How the reason ends.
    says: &'static str,
}

const CASES: &[Case] = &[
    Case {
        name: "reset once, then served",
        given: |identity| vec![say("", Then::Reset), tls(shows(&[identity]))],
        want: Captured,
        mended: true,
        connections: 3,
        says: "",
    },
    Case {
        name: "reset once, then served in TLS 1.3 only, which the legacy hello does not speak",
        given: |identity| vec![say("", Then::Reset), tls(speaks(&[&TLS13], &[identity]))],
        want: Captured,
        mended: true,
        connections: 3,
        says: "",
    },
    Case {
        name: "closed once, then served",
        given: |identity| vec![say("", Then::Close), tls(shows(&[identity]))],
        want: Captured,
        mended: true,
        connections: 3,
        says: "",
    },
    Case {
        name: "silent once, then served",
        given: |identity| vec![say("", Then::Hold), tls(speaks(&[&TLS13], &[identity]))],
        want: Captured,
        mended: true,
        connections: 3,
        says: "",
    },
    Case {
        name: "always reset",
        given: |_| vec![say("", Then::Reset)],
        want: Reset,
        mended: false,
        connections: 3,
        says: ", after 2 tries",
    },
    Case {
        name: "always closed",
        given: |_| vec![say("", Then::Close)],
        want: Closed,
        mended: false,
        connections: 3,
        says: ", after 2 tries",
    },
    Case {
        name: "reset, then a chain for the legacy hello, then reset",
        given: |identity| {
            let shown = plaintext(0x0302, RSA_SUITE, &[identity.der()]);
            vec![say("", Then::Reset), say(shown, Then::Hold), say("", Then::Reset)]
        },
        want: Reset,
        mended: false,
        connections: 3,
        says: ", after 2 tries",
    },
    Case {
        name: "always silent: asked no third time",
        given: |_| vec![say("", Then::Hold)],
        want: Timeout,
        mended: false,
        connections: 2,
        says: "",
    },
    Case {
        name: "an alert is an answer",
        given: |_| vec![say(alert(2, 40), Then::Close)],
        want: TlsAlert,
        mended: false,
        connections: 2,
        says: "handshake_failure (40)",
    },
];

#[test]
fn what_was_broken_off_is_tried_once_more_within_the_same_time() {
    let identity = Identity::ecdsa();
    thread::scope(|scope| {
        for case in CASES {
            let identity = &identity;
            scope.spawn(move || case.assert(identity));
        }
    });
}

impl Case {
    fn assert(&self, identity: &Identity) {
        let Self { name, given, want, mended, connections, says } = self;
        let server = Server::start(given(identity));
        let begun = now();
        let capture = look(&prober(), &endpoint(server.address), BRIEF);
        let took = now() - begun;
        assert!(took < BRIEF + Duration::from_millis(300), "{name}: {took:?}");
        assert_eq!((capture.ended.outcome, server.met()), (*want, *connections), "{name}");
        let reason = capture.ended.reason.as_deref().unwrap_or_default();
        assert!(reason.ends_with(says), "{name}: {reason}");
        assert_eq!(reason.contains("after 2 tries"), says.contains("tries"), "{name}: {reason}");
        if *mended {
            let only = only(&capture);
            assert_eq!((only.by, reason), (By::Rustls, ""), "{name}");
            assert_eq!(only.tls.as_ref().unwrap().key_proof, KeyProof::Proven, "{name}");
            assert_eq!(seen(&capture), Some(identity.der()), "{name}");
        }
    }
}

/// A half-broken server behind a balancer: what it showed is judged beside what mended it.
#[test]
fn what_only_the_first_try_showed_is_kept_behind_the_second() {
    let (old, new) = (Identity::ecdsa(), Identity::ecdsa());
    for (name, first, want) in [
        ("another chain", &old, vec![(By::Rustls, new.der()), (By::LegacyHello, old.der())]),
        ("the same chain", &new, vec![(By::Rustls, new.der())]),
    ] {
        let shown = plaintext(0x0302, RSA_SUITE, &[first.der()]);
        let acts = vec![say("", Then::Reset), say(shown, Then::Hold), tls(shows(&[&new]))];
        let server = Server::start(acts);
        let capture = look(&prober(), &endpoint(server.address), BRIEF);
        assert_eq!(capture.ended.outcome, Captured, "{name}: {:?}", capture.ended);
        let got: Vec<_> =
            capture.presented.iter().map(|one| (one.by, one.chain[0].as_ref())).collect();
        assert_eq!(got, want, "{name}");
    }
}
