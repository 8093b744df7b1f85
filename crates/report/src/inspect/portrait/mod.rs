//! One endpoint in full, drawn so that a person sees at once what is wrong.
//!
//! `tree.rs` puts each presented chain in order, from the end entity up to an anchor, gaps
//! included; `rung.rs` draws one certificate of it; `bar.rs` draws the time that it is valid.

mod bar;
mod rung;
mod tree;

use certvigil_model::{
    Asked, By, Finding, Fingerprint, KeyProof, Presented, Severity, Time, Tls, Trust,
};
use certvigil_x509::Certificate;

use self::rung::Draft;
use self::tree::Tree;
use crate::table::{Grade, Ink, Page, Place, margin, subject};
use crate::words::{counted, day, took};
use crate::{EndpointLine, TargetFinding};

/// One endpoint, and what its certificates lead to.
#[derive(Clone, Debug)]
pub struct Portrait {
    /// What the endpoint showed and what is said of it.
    pub line: EndpointLine,
    /// What each trust profile says of each chain of `line.presented`, in the same order.
    pub trust: Vec<Vec<Trust>>,
    /// The trust anchors that these chains end at, or name as an issuer.
    pub anchors: Vec<Anchor>,
    /// The moment that it was judged for.
    pub now: Time,
}

/// A certificate of a trust store.
#[derive(Clone, Debug)]
pub struct Anchor {
    /// The certificate itself.
    pub certificate: Certificate,
    /// The trust profiles that hold it.
    pub profiles: Vec<String>,
}

/// Puts all of `portrait` on `page`.
pub(super) fn draw(page: &mut Page, portrait: &Portrait) {
    let line = &portrait.line;
    heading(page, line);
    asked(page, line);
    let drawn = certificates(portrait);
    let of_endpoint = |finding: &&Finding| match finding.certificate {
        Some(certificate) => !drawn.contains(&certificate),
        None => true,
    };
    for finding in line.judgement.findings.iter().filter(of_endpoint) {
        said(page, (Ink::Plain, "  "), finding);
    }
    let mut known = Vec::new();
    for (at, presented) in line.capture.presented.iter().enumerate() {
        let chain = line.presented.get(at).map_or(&[][..], Vec::as_slice);
        page.blank();
        answer(page, (at, line.capture.presented.len()), presented);
        let trust = portrait.trust.get(at).map_or(&[][..], Vec::as_slice);
        let tree = Tree::of(chain, trust, &portrait.anchors);
        if !chain.is_empty() {
            page.blank();
            Draft { portrait, known: &mut known }.draw(page, &tree);
            unkept(page, presented, chain);
            trusted(page, portrait, chain, trust);
        }
    }
    page.blank();
}

/// Puts what is said of all endpoints of a target on `page`.
pub(super) fn draw_together(
    page: &mut Page,
    TargetFinding { finding, targets, .. }: &TargetFinding,
) {
    let targets: Vec<_> = targets.iter().map(|target| target.shown().to_string()).collect();
    let grade = Grade::from(finding.severity);
    let badge = format!("{}  ", grade.badge());
    let words = format!("all of {}", targets.join(", "));
    page.line(&[(Ink::Grade(grade), &badge), (Ink::Strong, &words)], 1);
    said(page, (Ink::Plain, "  "), finding);
    page.blank();
}

fn heading(page: &mut Page, line: &EndpointLine) {
    let grade = Grade::from(line.verdict());
    let Place { name, address, beside } = line.into();
    let badge = format!("{}  ", grade.badge());
    let address = if address.is_empty() { address } else { format!("  {address}") };
    let beside = if beside.is_empty() { beside } else { format!("  {beside}") };
    let pieces = [
        (Ink::Grade(grade), &*badge),
        (Ink::Strong, &name),
        (Ink::Plain, &address),
        (Ink::Quiet, &beside),
    ];
    page.line(&pieces, 1);
}

fn asked(page: &mut Page, line: &EndpointLine) {
    let EndpointLine { endpoint, capture, .. } = line;
    let name = match &endpoint.server_name {
        Some(name) => format!("for {name}"),
        None => "without a server name".to_owned(),
    };
    let words =
        format!("{} {name}, {}, in {}", endpoint.service, capture.looked_at, took(capture.elapsed));
    page.labelled("asked", Ink::Plain, &words);
    if let Some(reason) = &capture.ended.reason {
        let phase = capture.ended.phase.map(|phase| format!(" in {}", phase.name()));
        let outcome = capture.ended.outcome.name();
        let words = format!("{outcome}{}: {reason}", phase.unwrap_or_default());
        page.labelled("ended", Ink::Grade(Grade::Unknown), &words);
    }
}

/// What was asked for, and what the handshake agreed on.
fn answer(page: &mut Page, (at, all): (usize, usize), presented: &Presented) {
    let what = match presented.asked {
        Asked::Any => "what any client gets",
        Asked::Ecdsa => "asked for a certificate with an ECDSA key",
        Asked::NoServerName => "asked without a server name",
        Asked::Rsa => "asked for a certificate with an RSA key",
    };
    let how = match presented.by {
        By::File => ", in a file",
        By::LegacyHello => ", by the legacy hello",
        By::Rustls => "",
    };
    let number = if all > 1 { format!("look {} of {all}: ", at + 1) } else { String::new() };
    page.line(&[(Ink::Strong, &format!("  {number}{what}")), (Ink::Quiet, how)], 0);
    if let Some(tls) = &presented.tls {
        page.labelled("tls", Ink::Plain, &agreed(tls));
        let (grade, words) = proof(tls.key_proof);
        page.labelled("key", Ink::Grade(grade), &format!("{} {words}", grade.sign()));
        page.labelled("extras", Ink::Plain, &extras(presented));
    }
    if let Some(reason) = &presented.ended.reason {
        let words = format!("{}: {reason}", presented.ended.outcome.name());
        page.labelled("ended", Ink::Plain, &words);
    }
}

fn agreed(tls: &Tls) -> String {
    let mut words = vec![format!("TLS {}", tls.version), tls.cipher_suite.clone()];
    words.extend(tls.named_group.clone());
    words.push(match &tls.alpn_protocol {
        Some(protocol) => format!("ALPN {protocol}"),
        None => "no ALPN".to_owned(),
    });
    words.join(", ")
}

const fn proof(proof: KeyProof) -> (Grade, &'static str) {
    match proof {
        KeyProof::Failed => (Grade::Critical, "failed: the server does not hold this key"),
        KeyProof::NotChecked => (Grade::Info, "not proven: this look does not go that far"),
        KeyProof::Proven => (Grade::Ok, "proven: the server holds the end entity's key"),
        KeyProof::Undetermined => (Grade::Unknown, "not proven: of a kind that cannot be checked"),
    }
}

fn extras(presented: &Presented) -> String {
    let staple = match &presented.ocsp_response {
        Some(response) => format!("OCSP response stapled, {} bytes", response.len()),
        None => "no OCSP response stapled".to_owned(),
    };
    match presented.scts.len() as u64 {
        0 => staple,
        scts => format!("{staple}, {} in the handshake", counted(scts, "SCT")),
    }
}

fn unkept(page: &mut Page, presented: &Presented, chain: &[Certificate]) {
    let more = presented.chain_total.saturating_sub(chain.len());
    if more > 0 {
        let words = format!("… and {} sent, not kept", counted(more as u64, "more certificate"));
        page.labelled("", Ink::Quiet, &words);
    }
}

/// The path of each trust profile.
fn trusted(page: &mut Page, portrait: &Portrait, chain: &[Certificate], trust: &[Trust]) {
    page.blank();
    for (at, trust) in trust.iter().enumerate() {
        let grade = if trust.trusted { Grade::Ok } else { Grade::Critical };
        let grade = if trust.trusted || trust.decides { grade } else { Grade::Warning };
        let lead = format!("{}{} ", margin(if at == 0 { "trust" } else { "" }), grade.sign());
        page.paragraph((Ink::Grade(grade), &lead), Ink::Plain, &path(portrait, chain, trust));
    }
}

fn path(portrait: &Portrait, chain: &[Certificate], trust: &Trust) -> String {
    let known = chain.iter().chain(portrait.anchors.iter().map(|anchor| &anchor.certificate));
    let name = |wanted: &Fingerprint| match known.clone().find(|one| one.fingerprint == *wanted) {
        Some(certificate) => subject(certificate),
        None => format!("{}…", &wanted.to_string()[..16]),
    };
    let names: Vec<_> = trust.path.iter().map(name).collect();
    let shown = if trust.decides { "" } else { ", which is only shown" };
    let mut words = format!("{}{shown}: ", trust.profile);
    words.push_str(if names.is_empty() { "no path" } else { "" });
    words.push_str(&names.join(" ← "));
    match trust.expires_at {
        Some(Time::NO_SET_EXPIRY) | None => {}
        Some(to) => words.push_str(&format!(", to {}", day(to))),
    }
    if let Some(reason) = trust.reason.as_ref().filter(|_| !trust.trusted) {
        words.push_str(&format!(", {reason}"));
    }
    words
}

/// Every certificate that is drawn.
fn certificates(portrait: &Portrait) -> Vec<Fingerprint> {
    let anchors = portrait.anchors.iter().map(|anchor| anchor.certificate.fingerprint);
    portrait.line.presented.iter().flatten().map(|one| one.fingerprint).chain(anchors).collect()
}

/// A finding, its hint and whoever answers for it.
fn said(page: &mut Page, rail: (Ink, &str), finding: &Finding) {
    let grade = Grade::from(finding.severity);
    let sign = format!("{} ", grade.sign());
    let ink = if finding.severity == Severity::Info { Ink::Plain } else { Ink::Grade(grade) };
    page.railed(rail, (ink, &sign), ink, finding.id);
    page.railed(rail, (Ink::Plain, "  "), Ink::Plain, &finding.message);
    if let Some(hint) = &finding.hint {
        page.railed(rail, (Ink::Strong, "  → "), Ink::Plain, hint);
    }
    if let Some(answer) = &finding.accepted {
        let words =
            format!("accepted by {} until {}: {}", answer.owner, answer.until, answer.reason);
        page.railed(rail, (Ink::Plain, "  "), Ink::Plain, &words);
    }
}
