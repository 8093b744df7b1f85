//! `legacy-tls`: the best that the server offers is an old TLS.

use certvigil_model::{Datum, Family, Finding, Scope, Severity, Tls};

use crate::Context;
use crate::rule::{Meta, Rule, Words as _};

pub(super) struct LegacyTls;

const META: Meta = Meta {
    id: "legacy-tls",
    family: Family::Strength,
    scope: Scope::Endpoint,
    severities: &[Severity::Info],
    citation: "RFC 8996, RFC 9325 section 4.1",
    in_force: "2021-03-01",
};

impl Rule for LegacyTls {
    fn meta(&self) -> &'static Meta {
        &META
    }

    /// The first answer is the server's best: the plaintext hello is said only where a modern
    /// handshake found nothing.
    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Endpoint(seen) = cx else { return };
        let first = seen.shown.first().and_then(|shown| shown.presented.tls.as_ref());
        let Some((tls, fault)) = first.and_then(|tls| Some((tls, fault(tls)?))) else { return };
        let finding = META
            .finding(Severity::Info, fault)
            .hint("offer TLS 1.3, and 1.2 with ECDHE; current clients refuse what this server does")
            .with("version", Datum::Text(tls.version.to_owned()))
            .with("cipher_suite", Datum::Text(tls.cipher_suite.clone()));
        found.push(finding);
    }
}

fn fault(tls: &Tls) -> Option<String> {
    if !matches!(tls.version, "1.2" | "1.3") {
        return Some(format!("the newest TLS that the server speaks is {}", tls.version));
    }
    let is_static = tls.version == "1.2" && tls.cipher_suite.starts_with("TLS_RSA_");
    is_static.then(|| {
        format!("the server exchanges keys by RSA, without forward secrecy ({})", tls.cipher_suite)
    })
}

#[cfg(test)]
mod tests {
    use certvigil_model::{Asked, KeyProof};

    use super::*;
    use crate::testing::{Given, as_is, case, check, leaf, sent, tls};

    #[test]
    fn old_protocols_and_key_exchanges_are_told() {
        let with = |version, suite: &str| -> Given {
            let mut agreed = tls(version, KeyProof::NotChecked);
            suite.clone_into(&mut agreed.cipher_suite);
            sent(vec![leaf(as_is)]).first(|first| first.tls = Some(agreed))
        };
        let ecdhe = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256";
        let mut second = sent(vec![leaf(as_is)]).also(Asked::Rsa, vec![leaf(|_| {})]);
        second.capture.presented[1].tls = Some(tls("1.0", KeyProof::NotChecked));
        check(
            &LegacyTls,
            vec![
                case("1.3", with("1.3", "TLS_AES_128_GCM_SHA256"), &[]),
                case("1.2", with("1.2", ecdhe), &[]),
                case("RFC 8996: 1.1", with("1.1", ecdhe), &[(Severity::Info, "speaks is 1.1")]),
                case("RFC 8996: 1.0", with("1.0", ecdhe), &[(Severity::Info, "speaks is 1.0")]),
                case(
                    "RFC 9325 4.1: RSA key exchange",
                    with("1.2", "TLS_RSA_WITH_AES_128_CBC_SHA"),
                    &[(Severity::Info, "without forward secrecy")],
                ),
                case("a second look by an old hello", second, &[]),
            ],
        );
    }
}
