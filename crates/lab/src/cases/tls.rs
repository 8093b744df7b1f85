//! The handshake.

use super::{NAMED, any};
use crate::case::{Case, How, unknown};
use crate::serve::Step::{Close, Hear, Send};
use crate::serve::alert;

pub(super) const CASES: &[Case] = &[
    Case {
        name: "alert-handshake-failure",
        does: "answers the hello with the alert handshake_failure",
        at: NAMED,
        how: How::Script(|_| Ok(vec![Hear(any), Send(alert(2, 40)), Close])),
        expect: unknown(&["tls-alert"], "hello", "RFC 9846 6.2: handshake_failure"),
    },
    Case {
        name: "alert-internal-error",
        does: "answers the hello with the alert internal_error",
        at: NAMED,
        how: How::Script(|_| Ok(vec![Hear(any), Send(alert(2, 80)), Close])),
        expect: unknown(&["tls-alert"], "hello", "RFC 9846 6.2: internal_error"),
    },
    Case {
        name: "alert-unrecognized-name",
        does: "answers the hello with the alert unrecognized_name",
        at: NAMED,
        how: How::Script(|_| Ok(vec![Hear(any), Send(alert(2, 112)), Close])),
        expect: unknown(&["tls-alert"], "hello", "RFC 6066 3: unrecognized_name"),
    },
];
