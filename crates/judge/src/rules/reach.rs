//! One rule for each way in which a look leaves dates or names unread. Unknown is not good.

use certvigil_model::{
    Asked, Datum, Ended, Family, Finding, Fingerprint, Outcome, Phase, Presented, Scope, Severity,
};
use certvigil_x509::{Certificate, Facts, Malformed, Reading};

use crate::rule::{Meta, Rule, Words as _};
use crate::{Context, Seen, words};

/// A rule whose finding is named like the outcome that it tells of.
pub(super) struct Reach {
    outcome: Outcome,
    meta: &'static Meta,
    hint: &'static str,
}

impl Rule for Reach {
    fn meta(&self) -> &'static Meta {
        self.meta
    }

    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Endpoint(seen) = cx else { return };
        let gaps = gaps(seen).into_iter().filter(|gap| gap.ended.outcome == self.outcome);
        let wildcard = seen.scene.look.target.options.wildcard.as_deref();
        found.extend(gaps.map(|gap| {
            match wildcard {
                Some(wildcard) if self.outcome == Outcome::Unresolved => self
                    .finding(gap)
                    .hint(format!("set `label` to a name below {wildcard} that exists")),
                _ => self.finding(gap),
            }
        }));
    }
}

impl Reach {
    fn finding(&self, gap: Gap) -> Finding {
        let Ended { outcome, phase, reason } = gap.ended;
        let phase = phase.map(Phase::name);
        let mut message = reason.unwrap_or_else(|| format!("the look ended: {}", outcome.name()));
        if gap.asked == Asked::NoServerName {
            message = format!("asked without a server name: {message}");
        }
        let mut finding = self.meta.finding(Severity::Unknown, message).hint(self.hint);
        finding.certificate = gap.certificate;
        match phase {
            Some(phase) => finding.with("phase", Datum::Text(phase.to_owned())),
            None => finding,
        }
    }
}

/// Whether all that decides can be told of a certificate: both its dates and its names.
pub(super) fn is_readable(certificate: &Certificate) -> bool {
    certificate.facts().is_some_and(|facts| unreadable(facts).is_empty())
}

/// Something that was looked for and not read.
struct Gap {
    asked: Asked,
    certificate: Option<Fingerprint>,
    ended: Ended,
}

/// All that one endpoint left unread.
fn gaps(seen: &Seen<'_>) -> Vec<Gap> {
    let capture = seen.scene.look.capture;
    let mut gaps: Vec<Gap> = Vec::new();
    for shown in &seen.shown {
        for (place, certificate) in shown.chain.iter().enumerate() {
            let known = gaps.iter().any(|gap| gap.certificate == Some(certificate.fingerprint));
            if let Some(ended) = unread(certificate, place == 0).filter(|_| !known) {
                let asked = shown.presented.asked;
                gaps.push(Gap { asked, certificate: Some(certificate.fingerprint), ended });
            }
        }
    }
    let lost = capture.presented.iter().enumerate().filter(|(place, presented)| {
        let read = seen.scene.look.presented.get(*place);
        !presented.chain.is_empty() && read.is_none_or(Vec::is_empty)
    });
    gaps.extend(lost.map(|(_, presented)| Gap {
        asked: presented.asked,
        certificate: None,
        ended: Ended::early(Outcome::Local, Phase::Read, "the certificate was never read"),
    }));
    if seen.shown.is_empty() && gaps.is_empty() {
        gaps.push(Gap { asked: Asked::Any, certificate: None, ended: bare(&capture.ended) });
    } else {
        gaps.extend(capture.presented.iter().filter_map(nameless_and_bare));
    }
    gaps
}

/// The question that a target's owner asked for beyond the first, where it brought nothing.
fn nameless_and_bare(presented: &Presented) -> Option<Gap> {
    let is_bare = presented.asked == Asked::NoServerName && presented.chain.is_empty();
    let ended = bare(&presented.ended);
    is_bare.then_some(Gap { asked: presented.asked, certificate: None, ended })
}

/// How a look ended that brought no certificate; one that says all went well brought none.
fn bare(ended: &Ended) -> Ended {
    match ended.outcome {
        Outcome::Captured => Ended::early(
            Outcome::NoCertificate,
            Phase::Certificate,
            "the handshake ended without a certificate",
        ),
        _ => ended.clone(),
    }
}

/// Why a certificate was not read well enough to be judged; none when it was. Of any but the end
/// entity only our own failure to read counts; its ill form is told by `malformed`.
pub fn unread(certificate: &Certificate, is_end_entity: bool) -> Option<Ended> {
    let (outcome, reason) = match &certificate.reading {
        Reading::Facts(facts) if is_end_entity => match unreadable(facts) {
            lacking if lacking.is_empty() => return None,
            lacking => {
                let reason = format!("the certificate cannot be judged: {}", lacking.join("; "));
                (Outcome::Unreadable, reason)
            }
        },
        Reading::Facts(_) => return None,
        Reading::Stalled(reason) => (Outcome::ReaderStalled, reason.clone()),
        Reading::Crashed(reason) => (Outcome::ReaderCrashed, reason.clone()),
        Reading::Local(reason) => (Outcome::Local, reason.clone()),
    };
    Some(Ended::early(outcome, Phase::Read, reason))
}

/// What decides and cannot be told, each with the reason.
fn unreadable(facts: &Facts) -> Vec<String> {
    let why = |what: &str, malformed: &Malformed| {
        let defect = facts
            .defects
            .iter()
            .find(|defect| defect.id == malformed.defect && defect.offset == malformed.offset);
        match defect {
            Some(defect) => format!("{what} (byte {}: {})", defect.offset, defect.message),
            None => format!("{what} (byte {})", malformed.offset),
        }
    };
    let begin = facts.not_before.as_ref().err().map(|m| why("its beginning cannot be told", m));
    let end = facts.not_after.as_ref().err().map(|m| why("its end cannot be told", m));
    let names = facts
        .extensions
        .subject_alt_name
        .as_ref()
        .err()
        .map(|m| why("its names cannot be told", m));
    let lacking: Vec<String> = [begin, end, names].into_iter().flatten().collect();
    if lacking.len() < 3 || facts.defects.len() != 1 {
        return lacking;
    }
    // One fault took all: said once.
    let only = facts.defects.iter().map(|d| format!("(byte {}: {})", d.offset, d.message));
    vec![format!("neither dates nor names can be told {}", words::list(only))]
}

/// Every outcome but `captured`.
pub(super) const UNRESOLVED: &Reach = &Reach {
    outcome: Outcome::Unresolved,
    meta: &meta(Outcome::Unresolved, "RFC 1034 section 4.3.1", "1987-11-01"),
    hint: "correct the name, or its DNS records; --resolve looks at an address without DNS",
};
pub(super) const REFUSED: &Reach = &Reach {
    outcome: Outcome::Refused,
    meta: &meta(Outcome::Refused, "RFC 9293 section 3.10.7.1", "2022-08-01"),
    hint: "start the service, or correct the port",
};
pub(super) const UNREACHABLE: &Reach = &Reach {
    outcome: Outcome::Unreachable,
    meta: &meta(Outcome::Unreachable, "RFC 1122 section 3.2.2.1", "1989-10-01"),
    hint: "see the route and the firewalls between here and the address",
};
pub(super) const TIMEOUT: &Reach = &Reach {
    outcome: Outcome::Timeout,
    meta: &meta(Outcome::Timeout, "RFC 9293 section 3.8.3", "2022-08-01"),
    hint: "see whether the service hangs or a firewall drops packets; --deadline gives more time",
};
pub(super) const RESET: &Reach = &Reach {
    outcome: Outcome::Reset,
    meta: &meta(Outcome::Reset, "RFC 9293 section 3.5.2", "2022-08-01"),
    hint: "see the server's log, and what stands before it: a load balancer without a backend?",
};
pub(super) const CLOSED: &Reach = &Reach {
    outcome: Outcome::Closed,
    meta: &meta(Outcome::Closed, "RFC 9846 section 6.1", "2018-08-01"),
    hint: "see the server's log: it ended the connection before it showed a certificate",
};
pub(super) const NOT_TLS: &Reach = &Reach {
    outcome: Outcome::NotTls,
    meta: &meta(Outcome::NotTls, "RFC 9846 section 5.1", "2018-08-01"),
    hint: "correct the port or the service: what answers does not begin with TLS",
};
pub(super) const STARTTLS_REFUSED: &Reach = &Reach {
    outcome: Outcome::StarttlsRefused,
    meta: &meta(Outcome::StarttlsRefused, "RFC 3207 section 4", "2002-02-01"),
    hint: "switch STARTTLS on at the server, or correct the service",
};
pub(super) const TLS_ALERT: &Reach = &Reach {
    outcome: Outcome::TlsAlert,
    meta: &meta(Outcome::TlsAlert, "RFC 9846 section 6", "2018-08-01"),
    hint: "see the alert's name: often the server wants another server name or a client certificate",
};
pub(super) const PROTOCOL_ERROR: &Reach = &Reach {
    outcome: Outcome::ProtocolError,
    meta: &meta(Outcome::ProtocolError, "RFC 9846 section 4", "2018-08-01"),
    hint: "see what stands between here and the server; no client can talk to this",
};
pub(super) const OVER_BUDGET: &Reach = &Reach {
    outcome: Outcome::OverBudget,
    meta: &meta(Outcome::OverBudget, "RFC 9846 section 4.4.2", "2018-08-01"),
    hint: "send no more than the server's own certificate and its intermediates",
};
pub(super) const NO_CERTIFICATE: &Reach = &Reach {
    outcome: Outcome::NoCertificate,
    meta: &meta(Outcome::NoCertificate, "RFC 9846 section 4.4.2", "2018-08-01"),
    hint: "give the server a certificate for this name",
};
pub(super) const UNREADABLE: &Reach = &Reach {
    outcome: Outcome::Unreadable,
    meta: &meta(Outcome::Unreadable, "RFC 5280 section 4.1", "2008-05-01"),
    hint: "have the certificate issued again; strict clients refuse it",
};
pub(super) const READER_STALLED: &Reach = &Reach {
    outcome: Outcome::ReaderStalled,
    meta: &meta(Outcome::ReaderStalled, "CVE-2022-0778", "2022-03-15"),
    hint: "treat the certificate as hostile, and report it to us with its bytes",
};
pub(super) const READER_CRASHED: &Reach = &Reach {
    outcome: Outcome::ReaderCrashed,
    meta: &meta(Outcome::ReaderCrashed, "CVE-2022-0778", "2022-03-15"),
    hint: "treat the certificate as hostile, and report it to us with its bytes",
};
pub(super) const NOT_ATTEMPTED: &Reach = &Reach {
    outcome: Outcome::NotAttempted,
    meta: &meta(Outcome::NotAttempted, OUR_PROMISE, FIRST_RELEASE),
    hint: "let the round run to its end",
};
pub(super) const INVALID_TARGET: &Reach = &Reach {
    outcome: Outcome::InvalidTarget,
    meta: &meta(Outcome::InvalidTarget, OUR_PROMISE, FIRST_RELEASE),
    hint: "correct the line: host, host:port, [v6]:port or service://host:port",
};
pub(super) const LOCAL: &Reach = &Reach {
    outcome: Outcome::Local,
    meta: &meta(Outcome::Local, OUR_PROMISE, FIRST_RELEASE),
    hint: "see what this machine lacks, and look again; nothing is said of the endpoint",
};

const fn meta(outcome: Outcome, citation: &'static str, in_force: &'static str) -> Meta {
    Meta {
        id: outcome.name(),
        family: Family::Reach,
        scope: Scope::Endpoint,
        severities: &[Severity::Unknown],
        citation,
        in_force,
    }
}

const OUR_PROMISE: &str = "our promise: every endpoint gets a verdict";
const FIRST_RELEASE: &str = "2026-11-24";

#[cfg(test)]
mod tests;
