//! `starttls-injection`: plaintext stood between the server's go-ahead and TLS.

use certvigil_model::{Datum, Family, Finding, Foreign, Scope, Severity};

use crate::Context;
use crate::rule::{Meta, Rule, Words as _};

/// A client that keeps such bytes takes them for words from inside of TLS. A server that sends them
/// mixes its two streams up; where it does not, somebody on the way put them there.
pub(super) struct StarttlsInjection;

const META: Meta = Meta {
    id: "starttls-injection",
    family: Family::Reach,
    scope: Scope::Endpoint,
    severities: &[Severity::Warning],
    citation: "CVE-2011-0411, RFC 3207 section 4.2",
    in_force: "2011-03-16",
};

impl Rule for StarttlsInjection {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Endpoint(seen) = cx else { return };
        let mut presented = seen.scene.look.capture.presented.iter();
        let Some(injected) = presented.find(|presented| !presented.injected.is_empty()) else {
            return;
        };
        let words = Foreign::from_bytes(&injected.injected);
        let message = format!(
            "plaintext stood between the server's go-ahead and TLS, where none may be: “{}”",
            words.shown_within(SHOWN)
        );
        let finding = META.finding(Severity::Warning, message).hint(
            "update the server, which mixes up what is said before and inside of TLS; where it does not, somebody on the way adds to what it says",
        );
        found.push(finding.with("plaintext", Datum::Foreign(words)));
    }
}

/// Characters of the plaintext that are shown.
const SHOWN: usize = 80;

#[cfg(test)]
mod tests {
    use certvigil_model::{Ended, Outcome, Phase};

    use super::*;
    use crate::testing::{Given, as_is, case, check, leaf, nothing, sent};

    fn injected(given: Given, words: &[u8]) -> Given {
        given.first(|presented| presented.injected = words.to_vec())
    }

    #[test]
    fn what_stands_behind_the_go_ahead_is_told_escaped() {
        let chainless = sent(Vec::new()).first(|presented| {
            presented.chain_total = 0;
            presented.ended = Ended::early(Outcome::Reset, Phase::Hello, "");
        });
        check(
            &StarttlsInjection,
            vec![
                case("nothing", sent(vec![leaf(as_is)]), &[]),
                case(
                    "a forged answer",
                    injected(sent(vec![leaf(as_is)]), b"a1 OK\r\n\x1b[2J"),
                    &[(Severity::Warning, r"“a1 OK\u{d}\u{a}\u{1b}[2J”")],
                ),
                case(
                    "and no certificate after it",
                    injected(chainless, b"x"),
                    &[(Severity::Warning, "“x”")],
                ),
                case(
                    "nothing was asked",
                    nothing(Ended::early(Outcome::Reset, Phase::Hello, "")),
                    &[],
                ),
            ],
        );
    }
}
