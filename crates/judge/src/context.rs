//! What a rule may know, by its scope.

use certvigil_model::{Capture, Endpoint, Policy, Presented, Target, Time};
use certvigil_x509::{Certificate, Facts};

use crate::Profile;
use crate::paths::Standing;

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
}

/// One certificate with the chain that it came in.
pub struct Shown<'a> {
    /// The look that brought it.
    pub(crate) look: Look<'a>,
    /// The answer that it stood in.
    pub(crate) presented: &'a Presented,
    /// The certificate itself.
    pub(crate) end_entity: &'a Certificate,
    /// All certificates as sent, the end entity first, at most [`Presented::CHAIN_KEPT`].
    pub(crate) chain: &'a [Certificate],
    /// What each trust profile says of it.
    pub(crate) standings: Vec<Standing>,
    /// The trust profiles themselves.
    pub(crate) profiles: &'a [Profile],
    /// What its owner wants judged differently.
    pub(crate) policy: &'a Policy,
    /// The moment to judge for.
    pub(crate) now: Time,
}

impl Shown<'_> {
    /// What the certificate says, where it could be read at all.
    pub(crate) fn facts(&self) -> Option<&Facts> {
        self.end_entity.facts()
    }

    /// The profiles that the verdict rests on.
    pub(crate) fn deciding(&self) -> impl Iterator<Item = &Standing> {
        self.standings.iter().filter(|standing| standing.decides)
    }
}

/// One endpoint, all that it showed.
pub struct Seen<'a> {
    /// The look.
    pub(crate) look: Look<'a>,
    /// Each different certificate that it brought, today's client's first.
    pub(crate) shown: Vec<Shown<'a>>,
    /// The moment to judge for.
    pub(crate) now: Time,
}
