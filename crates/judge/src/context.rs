//! What a rule may know, by its scope.

use std::net::IpAddr;

use certvigil_model::{
    Asked, By, Capture, Endpoint, Judgement, Policy, Presented, Target, Thresholds, Time, Untold,
};
use certvigil_x509::{Certificate, Facts};

use crate::paths::{Path, Standing};
use crate::round::RoundView;
use crate::{Acceptances, Profile, thresholds};

/// One endpoint as it was seen, not yet judged.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// The line that asked for it.
    pub target: &'a Target,
    /// Where packets went.
    pub endpoint: &'a Endpoint,
    /// What came back.
    pub capture: &'a Capture,
    /// The certificates of `capture.presented`, read: one chain for each, in the same order.
    pub presented: &'a [Vec<Certificate>],
}

/// What a rule may know. Each scope has its own; a rule ignores those of others.
pub enum Context<'a> {
    /// One certificate with the chain that it came in.
    Certificate(&'a Shown<'a>),
    /// One endpoint, all that it showed.
    Endpoint(&'a Seen<'a>),
    /// The addresses of one pool, each judged.
    Pool(&'a [(Look<'a>, &'a Judgement)]),
    /// All endpoints of one target.
    Target(&'a Spread<'a>),
    /// The names of the whole round.
    Round(&'a RoundView),
    /// What the round's acceptances came to, at this moment.
    Accepting(&'a Acceptances, Time),
}

/// One certificate with the chain that it came in.
pub struct Shown<'a> {
    /// The answer that it stood in.
    pub(crate) presented: &'a Presented,
    /// The certificate itself.
    pub(crate) end_entity: &'a Certificate,
    /// All certificates as sent, the end entity first, at most [`Presented::CHAIN_KEPT`].
    pub(crate) chain: &'a [Certificate],
    /// What each trust profile says of it.
    pub(crate) standings: Vec<Standing>,
    /// What is the same for all that the endpoint showed.
    pub(crate) scene: Scene<'a>,
}

/// What is the same for all that one endpoint showed.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// The look that brought it.
    pub(crate) look: Look<'a>,
    /// What its owner wants judged differently.
    pub(crate) policy: &'a Policy,
    /// The trust profiles.
    pub(crate) profiles: &'a [Profile],
    /// The moment to judge for.
    pub(crate) now: Time,
}

/// One endpoint, all that it showed.
pub struct Seen<'a> {
    /// The look, the policy, the profiles, the moment.
    pub(crate) scene: Scene<'a>,
    /// Each different certificate that it brought, today's client's first.
    pub(crate) shown: Vec<Shown<'a>>,
}

/// All endpoints of one target, each judged.
pub struct Spread<'a> {
    /// The looks with what was said of each.
    pub(crate) looks: &'a [(Look<'a>, &'a Judgement)],
    /// What finding the addresses brought.
    pub(crate) beside: &'a Beside,
    /// The moment to judge for.
    pub(crate) now: Time,
}

/// What finding a target's addresses brought, beside the addresses that were looked at.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    /// Addresses whose turn comes in another round, where each is an endpoint.
    pub left_out: Vec<IpAddr>,
    /// The family of which the name servers did not tell.
    pub untold: Option<Untold>,
    /// The addresses are one endpoint, behind which anything may change.
    pub is_pool: bool,
}

/// Whose the trust anchor is that a certificate leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    /// A file's, or one of this system that is in no public trust store: its owner is ours.
    Private,
    /// A public trust store's: the CA/Browser Forum's rules bind its owner.
    Public,
    /// There is none, or it cannot be told whose it is.
    Unknown,
}

impl<'a> Shown<'a> {
    /// The moment to judge for.
    pub(crate) const fn now(&self) -> Time {
        self.scene.now
    }

    /// What the certificate says, where it could be read at all.
    pub(crate) fn facts(&self) -> Option<&'a Facts> {
        self.end_entity.facts()
    }

    /// How findings speak of it: an operator must know which clients get it.
    pub(crate) const fn noun(&self) -> &'static str {
        match self.presented.asked {
            Asked::Any => "the certificate",
            Asked::Ecdsa => "the ECDSA certificate",
            Asked::NoServerName => "the certificate shown to clients without SNI",
            Asked::Rsa => "the RSA certificate",
        }
    }

    /// Whether a whole handshake brought it, staple and all.
    pub(crate) fn is_by_handshake(&self) -> bool {
        self.presented.by == By::Rustls
    }

    /// The profiles that the verdict rests on.
    pub(crate) fn deciding(&self) -> impl Iterator<Item = &Standing> {
        self.standings.iter().filter(|standing| standing.decides)
    }

    /// The best path of each deciding profile that has any, with the profile's name.
    pub(crate) fn best_paths(&self) -> impl Iterator<Item = (&str, &Path)> {
        self.deciding().filter_map(|s| s.paths.first().map(|path| (s.profile.as_str(), path)))
    }

    /// Whether a deciding profile trusts it now.
    pub(crate) fn is_trusted(&self) -> bool {
        self.deciding().any(|standing| standing.trusted)
    }

    /// Whether only dates stand between it and every deciding profile that has a path.
    pub(crate) fn is_stopped_by_dates(&self) -> bool {
        !self.is_trusted() && self.deciding().any(|standing| standing.without_dates)
    }

    /// Whether clients need `certificate` to get from the end entity to an anchor; the end entity
    /// itself is always needed, an anchor never as a certificate.
    pub(crate) fn is_needed(&self, certificate: &Certificate) -> bool {
        let wanted = certificate.fingerprint;
        wanted == self.end_entity.fingerprint
            || self.best_paths().any(|(_, path)| {
                let below_anchor = path.certificates.split_last().map(|(_, below)| below);
                below_anchor.unwrap_or_default().iter().any(|held| held.fingerprint == wanted)
            })
    }

    /// Whether a profile has `certificate` itself as a trust anchor.
    pub(crate) fn is_anchor(&self, certificate: &Certificate) -> bool {
        self.scene.profiles.iter().any(|profile| profile.holds(certificate.fingerprint))
    }

    /// Whose the anchor is that it leads to.
    pub(crate) fn anchor(&self) -> Anchor {
        let public = self.scene.profiles.iter().find(|profile| profile.name() == Profile::MOZILLA);
        let mut paths = self.standings.iter().flat_map(|standing| &standing.paths);
        let is_public = |path: &Path| {
            let anchor = path.certificates.last();
            anchor.is_some_and(|anchor| public.is_some_and(|p| p.holds(anchor.fingerprint)))
        };
        if paths.any(is_public) {
            return Anchor::Public;
        }
        let is_ours = |standing: &Standing| match standing.profile.as_str() {
            Profile::SYSTEM => public.is_some(),
            _ => true,
        };
        let led = self.deciding().any(|standing| !standing.paths.is_empty() && is_ours(standing));
        if led && !self.is_publicly_logged() { Anchor::Private } else { Anchor::Unknown }
    }

    /// Marks that only a public authority puts into a certificate.
    fn is_publicly_logged(&self) -> bool {
        let Some(extensions) = self.facts().map(|facts| &facts.extensions) else { return false };
        let logged = extensions.sct_count.as_ref().is_ok_and(|count| *count > 0);
        logged || extensions.policies.iter().any(|oid| oid.starts_with(CA_BROWSER_FORUM_POLICIES))
    }

    /// When the end entity becomes worth a finding: its owner's word, else what its life gives.
    pub(crate) fn thresholds(&self) -> Thresholds {
        self.scene.policy.thresholds.unwrap_or_else(|| thresholds::of(self.end_entity))
    }
}

/// Baseline Requirements section 7.1.6.1: the reserved policy identifiers.
const CA_BROWSER_FORUM_POLICIES: &str = "2.23.140.1.";
