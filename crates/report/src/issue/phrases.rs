//! What each finding is called in a title, what breaks by it, and what shows that.

use certvigil_model::{Family, Incident, Problem, Severity, Subject, Time};

use super::calendar::{date, moment};
use super::title::bad_of_all;

/// The words for one finding. `{end}` and `{begin}` stand for moments of the certificate, `{bad}`
/// for the number of bad places.
#[derive(Clone, Copy, Debug)]
pub(super) struct Phrase {
    /// The finding's id.
    pub(super) id: &'static str,
    /// What is said of the subject in a title.
    pub(super) title: &'static str,
    /// What breaks, and from when on: the first sentence that anybody reads. Empty: the finding's
    /// own message says it.
    pub(super) breaks: &'static str,
    /// What shows it.
    pub(super) shows: Shows,
}

/// Which part of an answer shows a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shows {
    /// Dates and identity of the certificate.
    Dates,
    /// Its names.
    Names,
    /// The chain, and whether it leads anywhere.
    Chain,
    /// How it is written.
    Form,
    /// The handshake as such.
    Handshake,
    /// The stapled OCSP response.
    Staple,
    /// What the name resolves to.
    Addresses,
    /// Nothing that one endpoint could show.
    Nothing,
}

/// The words for `incident`, by the worst that is wrong.
pub(super) fn phrase(incident: &Incident, now: Time) -> Phrase {
    if let (Subject::Cause(_), Family::Reach) = (&incident.subject, incident.family) {
        return SHARED_CAUSE;
    }
    let id = worst(incident).map_or("", |problem| problem.id.as_str());
    by_dates(id, incident, now).or_else(|| of(id)).unwrap_or_else(|| of_family(incident.family))
}

/// The worst that somebody has to act on; of what only informs, the first.
fn worst(incident: &Incident) -> Option<&Problem> {
    let informs = || incident.severity == Severity::Info;
    let first = || incident.places.values().flat_map(|place| &place.problems).next();
    incident.worst().map(|(_, problem)| problem).or_else(|| first().filter(|_| informs()))
}

/// Dates run on while nobody looks, and what ends may be the path and not the certificate.
fn by_dates(id: &str, incident: &Incident, now: Time) -> Option<Phrase> {
    let seen = incident.certificate.as_ref()?;
    let is_path = seen.ends.at < seen.not_after;
    match (id, seen.ends.at <= now, is_path) {
        ("expired" | "expires-soon" | "renewal-overdue" | "path-expires-first", true, true) => {
            Some(PATH_EXPIRED)
        }
        ("expires-soon" | "renewal-overdue", true, false) => of("expired"),
        ("expires-soon", false, true) => of("path-expires-first"),
        _ => None,
    }
}

/// The words for a finding's id.
pub(super) fn of(id: &str) -> Option<Phrase> {
    PHRASES.iter().find(|phrase| phrase.id == id).copied()
}

/// `text` with the certificate's dates put in.
pub(super) fn dated(text: &str, incident: &Incident, style: Dates) -> String {
    let write = match style {
        Dates::Days => date,
        Dates::Moments => moment,
    };
    let told = |time: Option<Time>| time.map_or_else(|| "(date unknown)".to_owned(), write);
    let certificate = incident.certificate.as_ref();
    text.replace("{end}", &told(certificate.map(|seen| seen.ends.at)))
        .replace("{begin}", &told(certificate.map(|seen| seen.not_before)))
        .replace("{bad}", &bad_of_all(incident).0.to_string())
}

/// How exact dates are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Dates {
    /// `22 Dec 2026`.
    Days,
    /// `Tue 22 Dec 2026 10:00 UTC`.
    Moments,
}

const fn say(id: &'static str, title: &'static str, breaks: &'static str, shows: Shows) -> Phrase {
    Phrase { id, title, breaks, shows }
}

/// What this version has no words of its own for.
const fn of_family(family: Family) -> Phrase {
    use Shows::{Chain, Dates, Form, Handshake, Names, Nothing, Staple};
    match family {
        Family::Channel => say("", "people cannot be told this way", NOT_TOLD, Nothing),
        Family::CheckIn => {
            say("", "has not reported", "What should have reported has not.", Nothing)
        }
        Family::Expiry => say("", "certificate ends {end}", ENDS, Dates),
        Family::Form => say("", "certificate is not well-formed", STRICT, Form),
        Family::Name => say("", "certificate is for other names", OTHER_NAMES, Names),
        Family::Reach => say("", "cannot be judged", UNSEEN, Handshake),
        Family::Revocation => say("", "revocation is not in order", STAPLE, Staple),
        Family::Round => {
            say("", "watching is not in order", "What is watched here may be incomplete.", Nothing)
        }
        Family::Spread => say("", "not the same certificate everywhere", SPREAD, Dates),
        Family::Strength => say("", "keys or protocols are not in order", WEAK, Handshake),
        Family::Trust => say("", "certificate is not trusted", UNTRUSTED, Chain),
    }
}

const SHARED_CAUSE: Phrase = say(
    "",
    "endpoints cannot be seen, {bad} of them",
    "What stands behind it cannot be seen from here; whether clients can is not known.",
    Shows::Handshake,
);
const PATH_EXPIRED: Phrase = say(
    "expired",
    "path to its root ended {end}",
    "Clients refuse the certificate since {end}: its path to a trusted root ended then.",
    Shows::Chain,
);
const ENDS: &str = "From {end} on clients refuse the certificate.";
const NOT_TOLD: &str = "Whoever should be told this way hears nothing.";
const OTHER_NAMES: &str = "Clients that check the name refuse the certificate.";
const UNSEEN: &str = "It cannot be seen from here: clients may fail too, and which certificate they get is not known.";
const SPREAD: &str = "What a client gets depends on the address that it happens to reach.";
const STAPLE: &str = "Clients that insist on a fresh OCSP response refuse the connection.";
const STRICT: &str = "Strict clients refuse the certificate; others may read it differently.";
const UNTRUSTED: &str =
    "Clients refuse the certificate: they find no path to a root that they trust.";
const WEAK: &str = "Nothing breaks today; current clients and rules move away from it.";
const WORTH_KNOWING: &str = "Nothing breaks by it today.";
const NOT_FOR_SERVERS: &str = "Clients refuse the certificate: it was not issued for servers.";
const OUR_OWN: &str = "This says nothing about the endpoint: we could not look.";
const LOST_WATCH: &str = "Nothing breaks by it today; what nobody watches may lapse unseen.";
const PROFILE: &str =
    "Most clients take it; it is not written as the rules for public certificates want it.";

#[rustfmt::skip]
const PHRASES: &[Phrase] = {
    use Shows::{Addresses, Chain, Dates, Form, Handshake, Names, Nothing, Staple};
    &[
        // expiry
        say("expired", "certificate ended {end}", "Clients refuse the certificate since {end}.", Dates),
        say("expires-soon", "certificate ends {end}", ENDS, Dates),
        say("renewal-overdue", "renewal is overdue, certificate ends {end}", "The renewal that was due has not happened. From {end} on clients refuse the certificate.", Dates),
        say("path-expires-first", "path to its root ends {end}, before the certificate", "From {end} on clients refuse the certificate: its path to a trusted root ends then, before it does.", Chain),
        say("not-yet-valid", "certificate is not valid before {begin}", "Clients refuse the certificate until {begin}.", Dates),
        say("child-outlives-parent", "certificate outlives its issuer", "Clients stop to take the certificate when its issuer ends, before its own date.", Chain),
        say("no-set-expiry", "certificate has no set end", "Nothing breaks by it today; no date will ever remind of this key.", Dates),
        // name
        say("name-mismatch", "certificate is for other names", OTHER_NAMES, Names),
        say("wildcard-not-held", "certificate has no wildcard for all below", "Clients of names that the certificate does not list refuse it.", Names),
        say("looked-at-through-label", "wildcard looked at through one name", WORTH_KNOWING, Names),
        // trust
        say("untrusted", "certificate is not trusted", UNTRUSTED, Chain),
        say("client-auth-only", "certificate is for clients only", NOT_FOR_SERVERS, Chain),
        say("not-for-servers", "certificate is not for servers", NOT_FOR_SERVERS, Chain),
        say("precertificate", "a precertificate is served", "Clients refuse the certificate: it only announced the real one.", Chain),
        say("key-usage-unfit", "key usage does not fit TLS", "Clients that check the key's usage refuse the certificate.", Chain),
        say("chain-incomplete", "chain is incomplete", "Clients that do not know the missing intermediate refuse the certificate; browsers often know it, programs do not.", Chain),
        say("no-common-trust", "not trusted by all clients", "Some clients find a path to a root that they trust, others refuse the certificate.", Chain),
        say("self-signed", "certificate is self-signed", "Clients that were not told to trust it refuse the certificate.", Chain),
        say("ca-as-end-entity", "an authority's certificate is served", "Whoever has this server's key can issue certificates in its name.", Chain),
        say("chain-out-of-order", "chain is out of order", "Old clients that take the chain as sent refuse it.", Chain),
        say("superfluous-expired", "an expired certificate is sent along", "Old clients that look no further refuse the chain.", Chain),
        say("lifetime-too-long", "certificate lives longer than browsers allow", "Browsers refuse the certificate.", Dates),
        // form
        say("malformed", "certificate is malformed", STRICT, Form),
        say("odd-date", "certificate has an odd date", "Clients read the date differently, or refuse the certificate.", Form),
        say("profile-access", "certificate's information access is not as it should be", PROFILE, Form),
        say("profile-anchor", "root is not as RFC 5280 wants it", PROFILE, Form),
        say("profile-basic-constraints", "certificate's basic constraints are not as they should be", PROFILE, Form),
        say("profile-common-name", "certificate's common name is not as it should be", PROFILE, Form),
        say("profile-criticality", "certificate's extensions are not marked as they should be", PROFILE, Form),
        say("profile-extended-key-usage", "certificate's extended key usage is not as it should be", PROFILE, Form),
        say("profile-key-identifier", "certificate's key identifier is not as it should be", PROFILE, Form),
        say("profile-key-usage", "certificate's key usage is not as it should be", PROFILE, Form),
        say("profile-policies", "certificate's policies are not as they should be", PROFILE, Form),
        say("profile-public-key", "certificate's public key is not as it should be", PROFILE, Form),
        say("profile-subject-alt-name", "certificate's names are not as they should be", PROFILE, Form),
        say("profile-wildcard", "certificate's wildcard is not as it should be", PROFILE, Form),
        // revocation
        say("staple-revoked", "certificate is revoked", "Clients that look at revocation refuse the certificate.", Staple),
        say("stale-staple", "stapled OCSP response is stale", STAPLE, Staple),
        say("staple-unusable", "stapled OCSP response is of no use", STAPLE, Staple),
        say("must-staple-unstapled", "OCSP response is missing that the certificate demands", "Clients that honour must-staple refuse the connection.", Staple),
        // strength
        say("wrong-key", "server does not hold the certificate's key", "Clients refuse the connection: key and certificate do not belong together.", Handshake),
        say("weak-key", "key is weak", WEAK, Handshake),
        say("weak-signature", "signature is weak", WEAK, Handshake),
        say("legacy-tls", "only old TLS is spoken", "Current clients refuse the connection.", Handshake),
        say("key-not-proven", "key was not proven", "It is not known whether the server holds the certificate's key.", Handshake),
        // spread
        say("addresses-differ", "addresses serve different certificates", SPREAD, Dates),
        say("second-certificate", "its second certificate is another one", "Clients of the other key type get another certificate, with dates of its own.", Dates),
        say("addresses-left-out", "not all addresses are looked at", LOST_WATCH, Addresses),
        say("installed-not-served", "installed certificate is not served", "Clients still get the old certificate: the new one is in place, and the server does not use it.", Dates),
        // reach
        say("unresolved", "name does not resolve", "Clients find no address. It is not known which certificate would be served.", Addresses),
        say("refused", "connection refused", UNSEEN, Handshake),
        say("unreachable", "unreachable", UNSEEN, Handshake),
        say("timeout", "no answer in time", UNSEEN, Handshake),
        say("reset", "connection reset", UNSEEN, Handshake),
        say("closed", "connection closed before a certificate", UNSEEN, Handshake),
        say("not-tls", "does not speak TLS", UNSEEN, Handshake),
        say("starttls-refused", "STARTTLS refused", UNSEEN, Handshake),
        say("tls-alert", "TLS alert instead of a certificate", UNSEEN, Handshake),
        say("protocol-error", "does not keep to the TLS protocol", UNSEEN, Handshake),
        say("over-budget", "sends more than a handshake may have", UNSEEN, Handshake),
        say("no-certificate", "shows no certificate", UNSEEN, Handshake),
        say("unreadable", "certificate cannot be read", "Strict clients refuse the certificate; its dates and names are not known.", Form),
        say("reader-stalled", "certificate stalls its readers", "Programs that read the certificate may hang; its dates and names are not known.", Form),
        say("reader-crashed", "certificate crashes its reader", "Programs that read the certificate may crash; its dates and names are not known.", Form),
        say("not-attempted", "look not attempted", OUR_OWN, Handshake),
        say("invalid-target", "line of the inventory is no target", "What this line means is not watched at all.", Nothing),
        say("local", "look failed on our side", OUR_OWN, Handshake),
        say("handshake-unfinished", "handshake breaks off after the certificate", "Clients may fail to connect, whatever the certificate says.", Handshake),
        say("second-look-failed", "second certificate could not be looked for", WORTH_KNOWING, Handshake),
        say("pool-partly-seen", "not all addresses show a certificate", "Clients that reach the others may not be served; which certificate is there is not known.", Addresses),
        say("partly-resolved", "addresses of one family are not told", "Clients that ask for that family find no address, or wait for it.", Addresses),
        say("starttls-injection", "takes plaintext for what came encrypted", "Whoever sits on the way can put words into the encrypted session.", Handshake),
        // round, check-in, channel
        say("watcher-blind", "cannot see", "", Nothing),
        say("standing-notes", "its notes, to be left open", WORTH_KNOWING, Nothing),
        say("issues-held", "issues are held back", "", Nothing),
        say("test-unanswered", "a test page was not answered", NOT_TOLD, Nothing),
        say("long-dead", "certificates that ended long ago", "", Nothing),
        say("does-not-deliver", "messages do not arrive", NOT_TOLD, Nothing),
        say("shared-certificate", "one certificate for many endpoints", WORTH_KNOWING, Nothing),
        say("seen-not-watched", "names in certificates that nobody watches", LOST_WATCH, Nothing),
        say("acceptance-ended", "an acceptance has ended", "What was accepted for a time counts again.", Nothing),
        say("acceptance-unused", "an acceptance fits nothing", WORTH_KNOWING, Nothing),
        say("lone-owner", "a lone person is owner", "When that person is away nobody hears of what breaks.", Nothing),
    ]
};
