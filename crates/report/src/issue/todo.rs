//! What is to be done: see it, mend it, prove it.

use certvigil_model::{Block, Family, Incident, Span};

use super::commands::{lineage, prove, prove_all, request, see};
use super::named::sentence;
use super::phrases::Phrase;
use super::{Context, Renewer, RenewerKind};

/// Three steps, each with its commands where there are any.
pub(super) fn todo(incident: &Incident, said: Phrase, cx: &Context) -> Vec<Block> {
    let mut blocks = Vec::new();
    let see = see(incident, said.shows, cx);
    if !see.is_empty() {
        blocks.extend([text("1. See it:"), Block::Commands(see)]);
    }
    blocks.extend(mend(incident, cx));
    let (own, all) = (prove(incident), prove_all(cx));
    let words = match (&own, &all) {
        (Some(_), Some(_)) => {
            "3. Prove it; each exits with 0 when all is good, the second by the inventory's own \
             trust stores and rules:"
        }
        (None, None) => "3. Prove it: the next round looks again.",
        _ => "3. Prove it; this exits with 0 when all is good:",
    };
    blocks.push(text(words));
    let prove: Vec<_> = own.into_iter().chain(all).collect();
    if !prove.is_empty() {
        blocks.push(Block::Commands(prove));
    }
    blocks
}

/// A paragraph of ours.
pub(super) fn text(words: &str) -> Block {
    Block::Paragraph(vec![words.into()])
}

fn mend(incident: &Incident, cx: &Context) -> Vec<Block> {
    let needs_new = needs_new_certificate(incident);
    let hint = incident.worst().and_then(|(_, problem)| problem.hint.as_deref());
    let words = match hint {
        Some(hint) => vec!["2. Mend it: ".into(), sentence(hint), ".".into()],
        None if needs_new => vec!["2. Renew it.".into()],
        None => vec!["2. Mend it: the proof below says what is wrong.".into()],
    };
    let mut blocks = vec![Block::Paragraph(words)];
    if needs_new {
        blocks.extend(renew(incident, cx.renewer.as_ref()));
    }
    blocks
}

fn renew(incident: &Incident, renewer: Option<&Renewer>) -> Vec<Block> {
    let mut blocks = Vec::new();
    let hint = incident.worst().and_then(|(_, problem)| problem.hint.as_ref());
    let advice = renewer.and_then(|renewer| renewer.advice.as_ref());
    if let Some(advice) = advice.filter(|advice| Some(*advice) != hint) {
        blocks.push(Block::Paragraph(vec![sentence(advice), ".".into()]));
    }
    blocks.extend(match renewer.map(|renewer| &renewer.kind) {
        Some(RenewerKind::Certvigil | RenewerKind::Provider) => Vec::new(),
        // A renewal keeps the names as they are.
        Some(RenewerKind::Certbot) if incident.family == Family::Name => {
            let commands = Block::Commands(vec!["certbot certificates".to_owned()]);
            vec![text("On the machine that serves it:"), commands]
        }
        Some(RenewerKind::Certbot) => {
            let name = lineage(incident).unwrap_or_else(|| "NAME".to_owned());
            let renew = format!("certbot renew --cert-name {name}");
            let commands = Block::Commands(vec!["certbot certificates".to_owned(), renew]);
            vec![text("On the machine that serves it:"), commands]
        }
        Some(RenewerKind::CertManager) => vec![Block::Commands(vec![
            "kubectl get certificates --all-namespaces".to_owned(),
            "cmctl renew --namespace NAMESPACE CERTIFICATE".to_owned(),
        ])],
        Some(RenewerKind::Hand) | None => by_hand(incident),
    });
    blocks
}

/// A new key and a request for it, and where both go.
fn by_hand(incident: &Incident) -> Vec<Block> {
    let Some(certificate) = &incident.certificate else { return Vec::new() };
    let request = request(incident).map(|request| Block::Commands(vec![request]));
    let send = Block::Paragraph(vec![
        "Have it signed (the last one came from ".into(),
        Span::Foreign(certificate.issuer.clone()),
        "), install it with its key at every place above, and reload the servers.".into(),
    ]);
    request.into_iter().chain([send]).collect()
}

/// Whether only a new certificate mends it.
pub(super) fn needs_new_certificate(incident: &Incident) -> bool {
    const BY_ID: &[&str] = &[
        "client-auth-only",
        "not-for-servers",
        "key-usage-unfit",
        "staple-revoked",
        "weak-key",
        "weak-signature",
    ];
    let id = incident.worst().map(|(_, problem)| problem.id.as_str());
    matches!(incident.family, Family::Expiry | Family::Form | Family::Name)
        || id.is_some_and(|id| BY_ID.contains(&id))
}
