//! A presented chain in order: from the end entity up to a trust anchor, gaps included.

use certvigil_model::{Fingerprint, Foreign, Trust};
use certvigil_x509::Certificate;

use super::Anchor;

/// What a chain amounts to.
#[derive(Debug)]
pub(super) struct Tree<'a> {
    /// From the end entity upward.
    pub(super) rungs: Vec<Rung<'a>>,
    /// What was sent and stands on no path, with its place as sent, from 0.
    pub(super) beside: Vec<(usize, &'a Certificate)>,
    /// Whether any profile has a path.
    pub(super) has_path: bool,
}

/// One step of the way up.
#[derive(Debug)]
pub(super) enum Rung<'a> {
    /// Sent by the server, at this place, from 0.
    Sent(usize, &'a Certificate),
    /// From a trust store; the place as sent, where the server sent it too.
    Anchor(Option<usize>, &'a Anchor),
    /// Named as the issuer, and already below: the names go round in a circle.
    Again(&'a Certificate),
    /// Named as the issuer, not sent, and in no trust store.
    Missing(&'a Foreign),
}

impl<'a> Tree<'a> {
    /// Along the best path where there is one, else along the names.
    pub(super) fn of(chain: &'a [Certificate], trust: &[Trust], anchors: &'a [Anchor]) -> Self {
        let with_path = |trust: &&Trust| !trust.path.is_empty();
        let deciding = trust.iter().filter(with_path).find(|trust| trust.decides);
        let rungs = match deciding.or_else(|| trust.iter().find(with_path)) {
            Some(trust) => along_path(chain, &trust.path, anchors),
            None => along_names(chain, anchors),
        };
        let needed = |one: &Certificate| {
            trust.iter().flat_map(|trust| &trust.path).any(|needed| *needed == one.fingerprint)
        };
        let is_drawn = |place: usize| rungs.iter().any(|rung| rung.place() == Some(place));
        let is_repeated = |place: usize| {
            chain[..place].iter().any(|it| it.fingerprint == chain[place].fingerprint)
        };
        let beside = chain.iter().enumerate();
        let beside = beside
            .filter(|(place, one)| !is_drawn(*place) && (!needed(one) || is_repeated(*place)))
            .collect();
        Self { rungs, beside, has_path: trust.iter().any(|trust| !trust.path.is_empty()) }
    }
}

impl Rung<'_> {
    fn place(&self) -> Option<usize> {
        match self {
            Self::Sent(place, _) => Some(*place),
            Self::Anchor(place, _) => *place,
            Self::Again(_) | Self::Missing(_) => None,
        }
    }
}

fn along_path<'a>(
    chain: &'a [Certificate],
    path: &[Fingerprint],
    anchors: &'a [Anchor],
) -> Vec<Rung<'a>> {
    path.iter()
        .enumerate()
        .filter_map(|(step, wanted)| {
            let place = chain.iter().position(|one| one.fingerprint == *wanted);
            let anchor = anchors.iter().find(|it| it.certificate.fingerprint == *wanted);
            match (place, anchor) {
                (place, Some(anchor)) if step + 1 == path.len() => {
                    Some(Rung::Anchor(place, anchor))
                }
                (Some(place), _) => Some(Rung::Sent(place, &chain[place])),
                (None, anchor) => anchor.map(|anchor| Rung::Anchor(None, anchor)),
            }
        })
        .collect()
}

/// Ends at what names itself as its issuer, at an anchor, where it comes round, or at a gap.
fn along_names<'a>(chain: &'a [Certificate], anchors: &'a [Anchor]) -> Vec<Rung<'a>> {
    let Some(mut top) = chain.first() else { return Vec::new() };
    let mut rungs = vec![Rung::Sent(0, top)];
    while !names(top, top) {
        let is_new = |place: usize| !rungs.iter().any(|rung| rung.place() == Some(place));
        let next = (0..chain.len()).find(|place| is_new(*place) && names(top, &chain[*place]));
        if let Some(place) = next {
            top = &chain[place];
            rungs.push(Rung::Sent(place, top));
            continue;
        }
        let anchor = anchors.iter().find(|anchor| names(top, &anchor.certificate));
        let issuer = top.facts().and_then(|facts| facts.issuer.as_ref().ok());
        let again = chain.iter().find(|one| names(top, one));
        let above = anchor.map(|anchor| Rung::Anchor(None, anchor));
        let above = above.or_else(|| again.map(Rung::Again));
        rungs.extend(above.or_else(|| Some(Rung::Missing(&issuer?.text))));
        break;
    }
    rungs
}

/// Whether `certificate` names the subject of `other` as its issuer.
fn names(certificate: &Certificate, other: &Certificate) -> bool {
    let issuer = certificate.facts().and_then(|facts| facts.issuer.as_ref().ok());
    let subject = other.facts().and_then(|facts| facts.subject.as_ref().ok());
    matches!((issuer, subject), (Some(issuer), Some(subject)) if issuer == subject)
}
