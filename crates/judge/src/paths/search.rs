//! One question to webpki: which paths lead from this end entity to these roots at that moment?

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::Duration;

use certvigil_model::Time;
use certvigil_x509::Certificate;
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm, TrustAnchor, UnixTime};
use webpki::{EndEntityCert, Error, VerifiedPath};

use super::effort::Effort;
use super::path::Dates;
use super::presented::{Chain, Member};
use super::purpose::ServerAuth;
use super::{Path, objection, words};
use crate::profile::Root;
use crate::signatures::{Remembering, Rewording};
use crate::{Profile, Signatures};

/// What of a chain and a profile can be part of a path.
///
/// webpki walks through all anchors and all intermediates at each step. Only those whose names
/// are reached from the end entity are handed to it: one or two of a hundred and forty.
pub(super) struct Search<'a> {
    end_entity: &'a Certificate,
    end_entity_der: CertificateDer<'a>,
    intermediates: Vec<&'a Member<'a>>,
    intermediate_ders: Vec<CertificateDer<'a>>,
    roots: Vec<&'a Root>,
    anchors: Vec<TrustAnchor<'a>>,
    rewordings: Vec<Rewording<'a>>,
    effort: Effort,
    signatures: &'a Signatures,
    now: Time,
}

impl<'a> Search<'a> {
    /// Gathers what can be part of a path; the error says in plain words why none can be.
    pub(super) fn new(
        chain: &'a Chain<'a>,
        profile: &'a Profile,
        signatures: &'a Signatures,
        now: Time,
    ) -> Result<Self, String> {
        let end_entity_der = chain.end_entity.der();
        EndEntityCert::try_from(&end_entity_der).map_err(|error| words::unusable(&error))?;
        let Reached { names, intermediates } = Reached::from(chain, profile);
        let roots: Vec<_> = names.iter().flat_map(|name| profile.with_subject(name)).collect();
        if roots.is_empty() {
            return Err(words::no_root(chain, &names));
        }
        let members = intermediates.iter().copied().chain([&chain.end_entity]);
        let bytes = members.clone().map(|member| member.certificate.der.len()).sum();
        Ok(Self {
            end_entity: chain.end_entity.certificate,
            end_entity_der,
            effort: Effort::new(bytes, roots.len()),
            rewordings: members.filter_map(Member::rewording).collect(),
            intermediate_ders: intermediates.iter().map(|member| member.der()).collect(),
            intermediates,
            anchors: roots
                .iter()
                .filter_map(|root| root.anchor.as_ref().ok())
                .map(borrow)
                .collect(),
            roots,
            signatures,
            now,
        })
    }

    /// Every path at `moment`, at most [`PATHS_KEPT`]; at least one, or why there is none.
    pub(super) fn at(&self, moment: Time) -> Result<Vec<Path>, String> {
        let found = RefCell::new(Found::default());
        let error = self.ask(moment, &|path| found.borrow_mut().take(self.path(path)));
        let Found { paths, objection } = found.into_inner();
        match objection {
            _ if !paths.is_empty() => Ok(paths),
            Some(objection) => Err(objection),
            None => Err(error.as_ref().map_or_else(String::new, words::of)),
        }
    }

    /// The moments at which a path may have been valid as a whole, the last first: those at which
    /// something ends while the end entity is valid.
    pub(super) fn moments(&self) -> impl Iterator<Item = Time> {
        let intermediates = self.intermediates.iter().map(|member| member.certificate);
        let roots = self.roots.iter().map(|root| &root.certificate);
        let all = intermediates.chain(roots).chain([self.end_entity]).filter_map(Dates::of);
        let ends: BTreeSet<_> = match Dates::of(self.end_entity) {
            Some(life) => {
                all.map(|dates| dates.not_after).filter(|&end| life.include(end)).collect()
            }
            None => BTreeSet::new(),
        };
        ends.into_iter().rev().take(MOMENTS_TRIED)
    }

    /// Calls `judge` for each path that webpki finds good at `moment`; gives back its own error.
    fn ask(
        &self,
        moment: Time,
        judge: &dyn Fn(&VerifiedPath<'_>) -> Result<(), Error>,
    ) -> Option<Error> {
        let remembering: Vec<_> = Remembering::all(self.signatures, &self.rewordings).collect();
        let algorithms: Vec<_> =
            remembering.iter().map(|one| one as &dyn SignatureVerificationAlgorithm).collect();
        let end_entity = match EndEntityCert::try_from(&self.end_entity_der) {
            Ok(end_entity) => end_entity,
            Err(error) => return Some(error),
        };
        let verified = end_entity.verify_for_usage(
            &algorithms,
            &self.anchors,
            &self.intermediate_ders,
            unix(moment),
            ServerAuth(&self.effort),
            None,
            Some(judge),
        );
        verified.err()
    }

    fn path(&self, verified: &VerifiedPath<'_>) -> Result<Path, Refusal> {
        let root = self.root(verified.anchor()).ok_or(Refusal::Needless)?;
        let mut certificates = vec![self.end_entity.clone()];
        for intermediate in verified.intermediate_certificates() {
            if is_anchor(intermediate, verified.anchor()) {
                return Err(Refusal::Needless);
            }
            let der = intermediate.der();
            let at = self.intermediate_ders.iter().position(|one| is_same_place(one, &der));
            let member = at.and_then(|at| self.intermediates.get(at)).ok_or(Refusal::Needless)?;
            certificates.push(member.certificate.clone());
        }
        certificates.push(root.certificate.clone());
        objection::check(&certificates, root).map_err(Refusal::Told)?;
        Path::new(certificates, self.now).ok_or_else(|| Refusal::Told(words::unreadable_dates()))
    }

    fn root(&self, anchor: &TrustAnchor<'_>) -> Option<&'a Root> {
        let at = self.anchors.iter().position(|one| std::ptr::eq(one, anchor))?;
        self.roots.get(at).copied()
    }
}

/// Names and intermediates that are reached from the end entity, issuer by issuer.
struct Reached<'a> {
    names: Vec<&'a [u8]>,
    intermediates: Vec<&'a Member<'a>>,
}

impl<'a> Reached<'a> {
    fn from(chain: &'a Chain<'a>, profile: &Profile) -> Self {
        let mut reached = Self { names: vec![chain.end_entity.issuer], intermediates: Vec::new() };
        let mut next = 0;
        while let Some(&name) = reached.names.get(next) {
            next += 1;
            for member in chain.others.iter().filter(|member| member.subject == name) {
                reached.add(member, profile);
            }
        }
        reached
    }

    /// A root that was sent along is an anchor already.
    fn add(&mut self, member: &'a Member<'a>, profile: &Profile) {
        if profile.holds(member.certificate.fingerprint) {
            return;
        }
        self.intermediates.push(member);
        if !self.names.contains(&member.issuer) {
            self.names.push(member.issuer);
        }
    }
}

#[derive(Default)]
struct Found {
    paths: Vec<Path>,
    objection: Option<String>,
}

impl Found {
    /// Refuses each path, so that webpki goes on to the next; takes the last that is kept.
    fn take(&mut self, path: Result<Path, Refusal>) -> Result<(), Error> {
        match path {
            Ok(path) => self.paths.push(path),
            Err(Refusal::Needless) => {}
            Err(Refusal::Told(reason)) => self.objection = Some(reason),
        }
        if self.paths.len() < PATHS_KEPT { Err(Error::UnknownIssuer) } else { Ok(()) }
    }
}

/// Why a path that webpki finds good is none.
enum Refusal {
    /// It is another one with a loop at its end.
    Needless,
    /// What clients would say of it.
    Told(String),
}

/// By place, not by value: a copy that was reworded may equal another certificate that was sent.
fn is_same_place(one: &[u8], other: &[u8]) -> bool {
    std::ptr::eq(one, other)
}

fn is_anchor(intermediate: &webpki::Cert<'_>, anchor: &TrustAnchor<'_>) -> bool {
    intermediate.subject() == anchor.subject.as_ref()
        && intermediate.subject_public_key_info() == webpki::spki_for_anchor(anchor)
}

fn borrow<'a>(anchor: &'a TrustAnchor<'static>) -> TrustAnchor<'a> {
    TrustAnchor {
        subject: anchor.subject.as_ref().into(),
        subject_public_key_info: anchor.subject_public_key_info.as_ref().into(),
        name_constraints: anchor.name_constraints.as_ref().map(|der| der.as_ref().into()),
    }
}

/// webpki counts whole seconds from 1970 on; [`Path::new`] judges the rest.
fn unix(moment: Time) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(moment.seconds().try_into().unwrap_or(0)))
}

/// How many paths of one chain are listed.
const PATHS_KEPT: usize = 32;
/// How many other moments are tried where there is no path now.
const MOMENTS_TRIED: usize = 16;
