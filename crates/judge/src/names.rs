//! Matches the name that was wanted with the names that a certificate holds (RFC 9525).

use certvigil_model::Host;
use certvigil_x509::GeneralName;

/// Whether one of the presented identifiers is for the reference identifier (RFC 9525 section 6):
/// a DNS name by a DNS-ID, an address by an IP-ID, byte for byte, and nothing by a common name.
pub(crate) fn is_covered(reference: &Host, presented: &[GeneralName]) -> bool {
    presented.iter().any(|name| match (reference, name) {
        (Host::Name(wanted), GeneralName::Dns(held)) => is_dns_match(held.raw(), wanted),
        (Host::Ip(wanted), GeneralName::Ip(held)) => wanted == held,
        _ => false,
    })
}

/// Whether the presented DNS name `held` is for `wanted`.
///
/// Letters match in either case; a wildcard is the whole left-most label and stands for one label
/// (RFC 9525 section 6.3). A wildcard right under a top-level domain matches nothing, as with
/// OpenSSL and browsers. A presented name with a trailing dot is no name in the form that RFC 5280
/// section 4.2.1.6 asks for, and matches nothing; a reference name may have one.
pub(crate) fn is_dns_match(held: &str, wanted: &str) -> bool {
    let wanted = wanted.strip_suffix('.').unwrap_or(wanted);
    if !is_host_name(wanted) {
        return false;
    }
    match held.strip_prefix("*.") {
        None => is_host_name(held) && held.eq_ignore_ascii_case(wanted),
        Some(domain) => {
            let under = wanted.split_once('.').map(|(_, domain)| domain);
            is_host_name(domain)
                && domain.contains('.')
                && under.is_some_and(|under| domain.eq_ignore_ascii_case(under))
        }
    }
}

/// Labels of letters, digits, `-` and `_`, none empty: A-labels only, so a U-label in a
/// certificate, which is against RFC 5280 section 7.2, matches nothing.
fn is_host_name(name: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    name.split('.').all(is_label)
}

/// The part of a host name that one owner holds: one label more than the public suffix that it
/// ends in. None for a public suffix itself and for no host names.
pub(crate) fn domain(name: &str) -> Option<&str> {
    let bare = name.strip_prefix("*.").unwrap_or(name);
    if name.len() > NAME_LIMIT || !is_host_name(bare) {
        return None;
    }
    psl::domain_str(bare)
}

/// RFC 1034 section 3.1, in text form.
const NAME_LIMIT: usize = 253;

#[cfg(test)]
mod tests {
    use super::*;

    struct Case {
        name: &'static str,
        held: &'static str,
        wanted: &'static str,
        want: bool,
    }

    const fn case(
        name: &'static str,
        held: &'static str,
        wanted: &'static str,
        want: bool,
    ) -> Case {
        Case { name, held, wanted, want }
    }

    const CASES: &[Case] = &[
        case("the same name", "www.example.org", "www.example.org", true),
        case("RFC 9525 6.3: case does not count", "WWW.Example.ORG", "www.example.org", true),
        case("another name", "example.org", "www.example.org", false),
        case("a suffix is another name", "www.example.org", "example.org", false),
        case("a longer name with it inside", "www.example.org.evil.test", "www.example.org", false),
        case("6.3: a wildcard for one label", "*.example.org", "www.example.org", true),
        case("6.3: not for two", "*.example.org", "a.b.example.org", false),
        case("6.3: not for none", "*.example.org", "example.org", false),
        case("6.3: left-most only", "www.*.example.org", "www.a.example.org", false),
        case("6.3: the whole label", "w*.example.org", "www.example.org", false),
        case("6.3: the whole label, other side", "*w.example.org", "www.example.org", false),
        case("6.3: one wildcard", "*.*.org", "www.example.org", false),
        case("a wildcard alone", "*", "localhost", false),
        case("a wildcard under a top-level domain", "*.org", "example.org", false),
        case("an A-label", "xn--bcher-kva.example", "xn--bcher-kva.example", true),
        case("an A-label in capitals", "XN--BCHER-KVA.example", "xn--bcher-kva.example", true),
        case("a wildcard for an A-label", "*.example.org", "xn--bcher-kva.example.org", true),
        case("RFC 5280 7.2: a U-label is none", "bücher.example", "xn--bcher-kva.example", false),
        case("a wildcard inside an A-label", "xn--*.example.org", "xn--a.example.org", false),
        case("a trailing dot in the reference", "www.example.org", "www.example.org.", true),
        case("a trailing dot in the certificate", "www.example.org.", "www.example.org", false),
        case("a leading dot", ".example.org", "www.example.org", false),
        case("an empty name", "", "www.example.org", false),
        case("an empty reference", "", "", false),
        case("a NUL", "www.example.org\0.evil.test", "www.example.org", false),
        case("a blank", "www.example.org ", "www.example.org", false),
        case("one label", "localhost", "localhost", true),
        case("an underscore", "a_b.example.org", "a_b.example.org", true),
    ];

    #[test]
    fn names_match_as_rfc_9525_says() {
        for Case { name, held, wanted, want } in CASES {
            assert_eq!(is_dns_match(held, wanted), *want, "{name}");
        }
    }

    /// Suffixes as the Public Suffix List has them.
    #[test]
    fn a_domain_is_what_one_owner_holds() {
        for (name, want) in [
            ("www.example.org", Some("example.org")),
            ("example.org", Some("example.org")),
            ("*.example.org", Some("example.org")),
            ("a.b.example.co.uk", Some("example.co.uk")),
            ("example.co.uk", Some("example.co.uk")),
            ("co.uk", None),
            ("www.sap.de", Some("sap.de")),
            ("example.com.au", Some("example.com.au")),
            ("db.corp.internal", Some("corp.internal")),
            ("mine.github.io", Some("mine.github.io")),
            ("localhost", None),
            ("", None),
            ("a..org", None),
            ("*.org", None),
        ] {
            assert_eq!(domain(name), want, "{name}");
        }
    }

    #[test]
    fn an_address_is_matched_by_an_address_alone() -> Result<(), std::net::AddrParseError> {
        let v4 = Host::Ip("192.0.2.1".parse()?);
        let dns = GeneralName::Dns(certvigil_model::Foreign::new("192.0.2.1"));
        assert!(is_covered(&v4, &[dns.clone(), GeneralName::Ip("192.0.2.1".parse()?)]));
        assert!(!is_covered(&v4, &[dns]));
        assert!(!is_covered(&v4, &[GeneralName::Ip("::ffff:192.0.2.1".parse()?)]));
        assert!(!is_covered(&v4, &[GeneralName::BadIp(vec![192, 0, 2])]));
        let name = Host::Name("www.example.org".into());
        assert!(!is_covered(&name, &[GeneralName::Ip("192.0.2.1".parse()?)]));
        Ok(())
    }
}
