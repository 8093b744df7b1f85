//! What the findings mean and what to do, for viewers that show help beside a result. Each finding
//! carries words of its own; these are true of all findings of one id.

/// What a finding's id stands for.
pub(crate) struct Meaning {
    pub(crate) means: String,
    pub(crate) help: String,
}

impl Meaning {
    /// An id that this table does not know is told by its own words.
    pub(crate) fn of(id: &str) -> Self {
        let (means, help) = MEANINGS
            .iter()
            .find(|(known, ..)| *known == id)
            .map_or_else(|| (id.replace('-', " "), ""), |(_, means, help)| ((*means).into(), help));
        let help =
            if help.is_empty() { "Read the finding's own words and its hint." } else { help };
        Self { means, help: help.to_owned() }
    }
}

#[rustfmt::skip]
const MEANINGS: &[(&str, &str, &str)] = &[
    ("expired", "A certificate has ended.", "Renew it and install it at every address; clients refuse it now."),
    ("not-yet-valid", "A certificate is not valid yet.", "Install the one that is valid, or check the clock of whoever issued it."),
    ("expires-soon", "A certificate ends soon.", "Renew it now, and find out why that did not happen by itself."),
    ("path-expires-first", "A certificate further up the path ends before the end entity's.", "Install the chain that ends last; renewing the end entity does not help."),
    ("child-outlives-parent", "A certificate lives longer than the one that issued it.", "Mind the earlier date when you plan the next renewal."),
    ("no-set-expiry", "A certificate has no end.", "Give it one: what never ends is never looked after."),
    ("name-mismatch", "The certificate is not for the name that clients ask for.", "Issue one for this name, or correct the server that answers for it."),
    ("untrusted", "No path leads to a root that clients trust.", "Install a chain from a root in the trust store that decides."),
    ("client-auth-only", "The certificate is for clients, not for servers.", "Issue one with serverAuth in extendedKeyUsage."),
    ("not-for-servers", "The certificate's purpose excludes servers.", "Issue one with serverAuth in extendedKeyUsage."),
    ("precertificate", "A precertificate is served instead of the certificate.", "Install the certificate that was issued for it."),
    ("key-usage-unfit", "The key's usage does not allow what TLS does with it.", "Issue one with digitalSignature in keyUsage."),
    ("chain-incomplete", "The server does not send the certificates that lead to the root.", "Install the whole chain; clients that fetch nothing fail."),
    ("no-common-trust", "The trust stores do not agree on the certificate.", "Use a root that all of your clients know."),
    ("self-signed", "The certificate is its own issuer.", "Trust it on purpose where it is meant, else replace it."),
    ("ca-as-end-entity", "A CA's certificate is used by a server.", "Issue an end entity certificate for the server."),
    ("chain-out-of-order", "The certificates are not sent in order.", "Put the end entity first and each issuer behind the one that it issued."),
    ("superfluous-expired", "A certificate that nobody needs has ended and is still sent.", "Take it out of the chain; old clients stumble over it."),
    ("lifetime-too-long", "The certificate lives longer than the rules for public ones allow.", "Issue it for a shorter time."),
    ("malformed", "The certificate is not written as RFC 5280 and DER ask.", "Have it issued again; some clients refuse it."),
    ("odd-date", "A date is written as it should not be.", "Have it issued again; some clients read another date."),
    ("staple-revoked", "The stapled OCSP response says that the certificate is revoked.", "Replace the certificate now."),
    ("stale-staple", "The stapled OCSP response is out of date.", "Find out why the server does not fetch a new one."),
    ("staple-unusable", "The stapled OCSP response cannot be used.", "Find out what the server staples."),
    ("must-staple-unstapled", "The certificate demands a stapled OCSP response and none came.", "Turn stapling on, or issue a certificate that does not demand it."),
    ("wrong-key", "The server does not have the certificate's key.", "Install the key that belongs to the certificate; every client refuses it now."),
    ("weak-key", "The key is weak.", "Make a new one of at least 2048 bits, or on a curve of 256."),
    ("weak-signature", "The signature's algorithm is weak.", "Have the certificate issued again with SHA-256 or better."),
    ("legacy-tls", "The server speaks only versions of TLS that are retired.", "Turn TLS 1.2 and 1.3 on."),
    ("key-not-proven", "The server's hold on the key could not be proven.", "Nothing, where the server is old; else look what ended the handshake."),
    ("addresses-differ", "The addresses of a name serve different certificates.", "Install the certificate that ends last at every address."),
    ("second-certificate", "The server has a second certificate for clients of another kind.", "Renew both."),
    ("unresolved", "The name has no address.", "Correct the name or its zone, or take the target out of the inventory."),
    ("refused", "The connection was refused.", "Start the service, or correct the port."),
    ("unreachable", "The address cannot be reached.", "Look at the route and the firewall between here and there."),
    ("timeout", "The server did not answer in time.", "Look whether it hangs, or whether something drops packets."),
    ("reset", "The connection was reset.", "Look at the server's log and at what stands in between."),
    ("closed", "The server closed the connection.", "Look at the server's log."),
    ("not-tls", "What answers does not speak TLS.", "Name the service with its STARTTLS, or correct the port."),
    ("starttls-refused", "The server refuses STARTTLS.", "Turn it on, or correct the service."),
    ("starttls-injection", "The server keeps what came before TLS and takes it for what came inside.", "Update the server: a stranger on the line can put commands into a session."),
    ("tls-alert", "The server ended the handshake with an alert.", "Read the alert: often a name that it does not know."),
    ("protocol-error", "The server broke the protocol.", "Look what answers there."),
    ("over-budget", "The server sent more than a look takes.", "Shorten the chain."),
    ("no-certificate", "The server showed no certificate.", "Install one."),
    ("unreadable", "The certificate could not be read.", "Have it issued again."),
    ("reader-stalled", "Reading the certificate did not end.", "Replace it; it may stall clients too."),
    ("reader-crashed", "Reading the certificate ended in a crash.", "Replace it; it may crash clients too."),
    ("not-attempted", "The round ended before this endpoint's turn.", "Find out why the round was ended and run it again."),
    ("invalid-target", "The line of the inventory is no target.", "Correct the line."),
    ("local", "The look failed for a reason of our own.", "Look at this machine first."),
    ("handshake-unfinished", "The handshake did not come to its end.", "Look at the server's log: clients may fail the same way."),
    ("second-look-failed", "The look for a second certificate failed.", "Nothing, unless the server should have one."),
    ("seen-not-watched", "Certificates hold names that no target covers.", "Add them to the inventory, or say why not."),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// What the rules are called stands in a contract that is written from the rules.
    #[test]
    fn every_meaning_is_of_a_finding() {
        const FINDINGS: &str = include_str!("../../../../contracts/findings.md");
        for (id, ..) in MEANINGS {
            assert!(FINDINGS.contains(&format!("| `{id}` |")), "{id}");
        }
    }

    #[test]
    fn an_unknown_finding_is_told_by_its_name() {
        let Meaning { means, help } = Meaning::of("profile-key-usage");
        assert_eq!((means.as_str(), help.is_empty()), ("profile key usage", false));
    }
}
