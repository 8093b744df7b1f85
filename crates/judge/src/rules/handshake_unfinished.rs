//! `handshake-unfinished`: a certificate came, and then the look ended badly.

use certvigil_model::{Datum, Family, Finding, Outcome, Scope, Severity};

use crate::Context;
use crate::rule::{Meta, Rule, Words as _};

/// The certificate is judged all the same; but a client may not get as far as using it.
pub(super) struct HandshakeUnfinished;

const META: Meta = Meta {
    id: "handshake-unfinished",
    family: Family::Reach,
    scope: Scope::Endpoint,
    severities: &[Severity::Warning],
    citation: "RFC 9846 section 4.4.4",
    in_force: "2018-08-01",
};

impl Rule for HandshakeUnfinished {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Endpoint(seen) = cx else { return };
        let ended = &seen.scene.look.capture.ended;
        if seen.shown.is_empty() || is_about_reading(ended.outcome) {
            return;
        }
        let phase = ended.phase.map(|phase| format!(" in phase {}", phase.name()));
        let reason = ended.reason.as_deref().unwrap_or_else(|| ended.outcome.name());
        let message = format!(
            "the certificate was seen, but the look ended early{}: {reason}",
            phase.unwrap_or_default()
        );
        let hint = match ended.outcome {
            Outcome::TlsAlert => {
                "see the server's log; where it wants a client certificate, look with one"
            }
            Outcome::Local => "see what this machine lacks, and look again",
            _ => "see the server's log: its clients may not get through either",
        };
        let finding = META.finding(Severity::Warning, message).hint(hint);
        found.push(finding.with("outcome", Datum::Text(ended.outcome.name().to_owned())));
    }
}

/// Ends that are no end of the handshake; `reach` tells of them.
const fn is_about_reading(outcome: Outcome) -> bool {
    matches!(
        outcome,
        Outcome::Captured | Outcome::Unreadable | Outcome::ReaderStalled | Outcome::ReaderCrashed
    )
}

#[cfg(test)]
mod tests {
    use certvigil_model::{Ended, Phase};

    use super::*;
    use crate::testing::{Given, as_is, case, check, leaf, nothing, sent};

    #[test]
    fn a_bad_end_after_the_certificate_is_told() {
        let ended = |outcome, phase, reason: &str| -> Given {
            let mut given = sent(vec![leaf(as_is)]);
            given.capture.ended = Ended::early(outcome, phase, reason);
            given
        };
        check(
            &HandshakeUnfinished,
            vec![
                case("a good end", sent(vec![leaf(as_is)]), &[]),
                case(
                    "a reset",
                    ended(Outcome::Reset, Phase::Finished, "the server broke the connection"),
                    &[(Severity::Warning, "early in phase finished: the server broke")],
                ),
                case(
                    "our own end",
                    ended(Outcome::Local, Phase::Finished, "our own delay"),
                    &[(Severity::Warning, "our own delay")],
                ),
                case("reading it failed", ended(Outcome::ReaderStalled, Phase::Read, ""), &[]),
                case(
                    "no certificate",
                    nothing(Ended::early(Outcome::Reset, Phase::Hello, "")),
                    &[],
                ),
            ],
        );
    }
}
