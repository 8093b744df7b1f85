//! One endpoint of the zoo: what it does and what a good monitor says of it.

use std::io;

use crate::cases::all;
use crate::mint::{Chain, Mint};
use crate::serve::{Dialect, Fault, Script, Server};

/// One kind of endpoint.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// A kebab-case name of its own.
    pub name: &'static str,
    /// What the server does, in one line.
    pub does: &'static str,
    /// What a good monitor says of it.
    pub expect: Expect,
    pub(crate) at: At,
    pub(crate) how: How,
}

/// What a good monitor says of an endpoint, in the words of the JSON contract.
#[derive(Clone, Copy, Debug)]
pub struct Expect {
    /// `ok`, `warning`, `critical` or `unknown`.
    pub verdict: &'static str,
    /// How the look ends: `captured`, `refused`, `timeout` …
    pub outcome: &'static str,
    /// Where it ends; none when nothing is left to do.
    pub phase: Option<&'static str>,
    /// Ids of findings that must be there; others may be.
    pub findings: &'static [&'static str],
    /// Ids of findings that must not be there.
    pub absent: &'static [&'static str],
    /// The standard, incident or corpus behind the expectation, and the thought where it needs one.
    pub source: &'static str,
}

/// Every kind of endpoint that the lab knows, in the order of their groups.
pub fn cases() -> &'static [Case] {
    all()
}

/// How a target is written.
#[derive(Clone, Copy, Debug)]
pub(crate) enum At {
    /// `[::1]:port#name`.
    V6(&'static str),
    /// `service://127.0.0.1:port#name`.
    Service(&'static str, &'static str),
    /// `127.0.0.1:port`: no server name, the address itself is what must match.
    Ip,
    /// `127.0.0.1:port#name`.
    Name(&'static str),
}

/// How an endpoint is served.
#[derive(Clone, Copy, Debug)]
pub(crate) enum How {
    /// The port is taken but nobody listens: every connection is refused.
    Refused,
    /// Somebody listens but never accepts, and the queue is full: connections go unanswered.
    Blackhole,
    /// An ordinary TLS server with this chain.
    Chain(fn(&Mint) -> io::Result<Chain>),
    /// An ordinary server that starts in plaintext.
    Plaintext(&'static Dialect, Fault),
    /// A TLS server that is odd in some other way.
    Tls(fn(&Mint) -> io::Result<Server>),
    /// Bytes made by hand.
    Script(fn(&Mint) -> io::Result<Script>),
}

/// Everything seen, nothing wrong.
pub(crate) const fn ok(source: &'static str) -> Expect {
    Expect { verdict: "ok", outcome: "captured", phase: None, findings: &[], absent: &[], source }
}

/// Everything seen, and a person is needed within days.
pub(crate) const fn warning(findings: &'static [&'static str], source: &'static str) -> Expect {
    Expect { verdict: "warning", findings, ..ok(source) }
}

/// Everything seen, and clients fail now or within hours.
pub(crate) const fn critical(findings: &'static [&'static str], source: &'static str) -> Expect {
    Expect { verdict: "critical", findings, ..ok(source) }
}

/// Nothing that could be judged: the finding has the outcome's own name.
pub(crate) const fn unknown(
    outcome: &'static [&'static str; 1],
    phase: &'static str,
    source: &'static str,
) -> Expect {
    Expect {
        verdict: "unknown",
        outcome: outcome[0],
        phase: Some(phase),
        findings: outcome,
        ..ok(source)
    }
}

impl Expect {
    /// With findings that say something worth knowing.
    pub(crate) const fn with(mut self, findings: &'static [&'static str]) -> Self {
        self.findings = findings;
        self
    }

    /// With findings that would be wrong.
    pub(crate) const fn without(mut self, absent: &'static [&'static str]) -> Self {
        self.absent = absent;
        self
    }

    /// A certificate was seen, then the look ended badly.
    pub(crate) const fn ended(mut self, outcome: &'static str, phase: &'static str) -> Self {
        self.outcome = outcome;
        self.phase = Some(phase);
        self
    }
}
