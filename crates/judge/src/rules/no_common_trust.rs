//! `no-common-trust`: some trust profiles have a path and others have none.

use certvigil_model::{Datum, Family, Finding, Scope, Severity};

use crate::paths::Standing;
use crate::rule::{Meta, Rule, Words as _};
use crate::{Context, Shown, words};

/// One yes or no would be wrong for somebody: in May 2020 browsers were content and servers not.
pub(super) struct NoCommonTrust;

const META: Meta = Meta {
    id: "no-common-trust",
    family: Family::Trust,
    scope: Scope::Certificate,
    severities: &[Severity::Warning, Severity::Info],
    citation: "RFC 5280 section 6.2",
    in_force: "2008-05-01",
};

impl Rule for NoCommonTrust {
    fn meta(&self) -> &'static Meta {
        &META
    }

    /// A profile that is only shown is worth knowing, no more.
    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Certificate(shown) = cx else { return };
        let Some((severity, yes, no)) = sides(shown) else { return };
        let refusals = no.iter().map(|standing| {
            let reason = standing.reason.as_deref().unwrap_or("there is no valid path");
            format!("{} does not ({reason})", standing.profile)
        });
        let trusting = words::list(yes.iter().map(|standing| standing.profile.clone()));
        let message = format!("{trusting} trusts {}; {}", shown.noun(), words::list(refusals));
        let finding = META
            .finding(severity, message)
            .on(shown.end_entity.fingerprint)
            .hint("find out which clients go by the refusing profile: they fail")
            .with("trusted_by", names(&yes))
            .with("refused_by", names(&no));
        found.push(finding);
    }
}

/// Who trusts and who does not, where both are there: among the deciding, else among all.
fn sides<'a>(shown: &'a Shown<'_>) -> Option<(Severity, Vec<&'a Standing>, Vec<&'a Standing>)> {
    let (yes, no): (Vec<_>, Vec<_>) = shown.deciding().partition(|standing| standing.trusted);
    if !yes.is_empty() && !no.is_empty() {
        return Some((Severity::Warning, yes, no));
    }
    let (yes, no): (Vec<_>, Vec<_>) = shown.standings.iter().partition(|s| s.trusted);
    (!yes.is_empty() && !no.is_empty()).then_some((Severity::Info, yes, no))
}

fn names(standings: &[&Standing]) -> Datum {
    Datum::List(standings.iter().map(|s| Datum::Text(s.profile.clone())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{as_is, case, check, days, issuing, leaf, root, sent};

    #[test]
    fn profiles_that_disagree_are_named() {
        let path = || vec![leaf(as_is), issuing(as_is), root(as_is)];
        let ended = vec![leaf(as_is), issuing(|f| f.not_after = Ok(days(-1))), root(as_is)];
        let chain = || vec![leaf(as_is)];
        check(
            &NoCommonTrust,
            vec![
                case("one", sent(chain()).trusted("a", path()), &[]),
                case("agreed", sent(chain()).trusted("a", path()).trusted("b", path()), &[]),
                case("agreed against it", sent(chain()).refused("a").refused("b"), &[]),
                case(
                    "deciding ones disagree",
                    sent(chain()).trusted("a", path()).refused("b"),
                    &[(Severity::Warning, "a trusts the certificate; b does not (nothing leads")],
                ),
                case(
                    "May 2020: the old store's root has ended",
                    sent(chain()).trusted("new", path()).trusted("old", ended),
                    &[(Severity::Warning, "old does not")],
                ),
                case(
                    "one that is only shown disagrees",
                    sent(chain()).trusted("a", path()).standing("mozilla", false, None),
                    &[(Severity::Info, "mozilla does not")],
                ),
                case(
                    "one that is only shown would trust",
                    sent(chain()).refused("a").standing("mozilla", false, Some(path())),
                    &[(Severity::Info, "mozilla trusts the certificate")],
                ),
            ],
        );
    }
}
