//! `second-look-failed`: whether another certificate is served could not be seen.

use certvigil_model::{Asked, Datum, Family, Finding, Outcome, Phase, Presented, Scope, Severity};

use crate::Context;
use crate::rule::{Meta, Rule, Words as _};

/// The second certificate is the one that nobody watches; a look at it that came to nothing must
/// not read as "there is none".
pub(super) struct SecondLookFailed;

const META: Meta = Meta {
    id: "second-look-failed",
    family: Family::Reach,
    scope: Scope::Endpoint,
    severities: &[Severity::Info],
    citation: "RFC 5246 section 7.4.1.3",
    in_force: "2008-08-01",
};

impl Rule for SecondLookFailed {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Endpoint(seen) = cx else { return };
        let capture = seen.scene.look.capture;
        for presented in capture.presented.iter().filter(|presented| came_to_nothing(presented)) {
            let what = if presented.asked == Asked::Rsa { "an RSA" } else { "an ECDSA" };
            let ended = &presented.ended;
            let reason = ended.reason.as_deref().unwrap_or_else(|| ended.outcome.name());
            let message = format!("whether there is {what} certificate too is unknown: {reason}");
            let finding = META
                .finding(Severity::Info, message)
                .hint("look again; where it stays so, --first-certificate leaves the question out");
            found.push(finding.with("outcome", Datum::Text(ended.outcome.name().to_owned())));
        }
    }
}

/// Servers without a certificate of that type answer by an alert; some just end the connection, but
/// not before they were asked.
fn came_to_nothing(presented: &Presented) -> bool {
    let is_second = matches!(presented.asked, Asked::Rsa | Asked::Ecdsa);
    let says_none = matches!(
        presented.ended.outcome,
        Outcome::Captured
            | Outcome::TlsAlert
            | Outcome::Reset
            | Outcome::Closed
            | Outcome::NoCertificate
    );
    let was_asked = presented.ended.phase != Some(Phase::Starttls);
    is_second && presented.chain.is_empty() && !(says_none && was_asked)
}

#[cfg(test)]
mod tests {
    use certvigil_model::{Ended, Phase};

    use super::*;
    use crate::testing::{Given, as_is, case, check, leaf, sent};

    #[test]
    fn only_a_question_without_an_answer_is_told() {
        let second_in = |phase, outcome, reason: &str| -> Given {
            let mut given = sent(vec![leaf(as_is)]);
            let mut presented = given.capture.presented[0].clone();
            presented.asked = Asked::Rsa;
            presented.chain = Vec::new();
            presented.ended = Ended::early(outcome, phase, reason);
            given.capture.presented.push(presented);
            given.chains.push(Vec::new());
            given
        };
        let second = |outcome, reason: &str| second_in(Phase::Hello, outcome, reason);
        check(
            &SecondLookFailed,
            vec![
                case("no second question", sent(vec![leaf(as_is)]), &[]),
                case("an alert: there is none", second(Outcome::TlsAlert, "alert"), &[]),
                case("Schannel resets instead", second(Outcome::Reset, "reset"), &[]),
                case(
                    "closed before it was asked",
                    second_in(Phase::Starttls, Outcome::Closed, "closed"),
                    &[(Severity::Info, "closed")],
                ),
                case(
                    "silence",
                    second(Outcome::Timeout, "nothing came for 2 s"),
                    &[(
                        Severity::Info,
                        "whether there is an RSA certificate too is unknown: nothing came for 2 s",
                    )],
                ),
            ],
        );
    }
}
