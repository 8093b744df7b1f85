//! One look at a few endpoints, told in full. It looks as every round does, and by the same code.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use certvigil_inventory::Listed;
use certvigil_judge::{Profile, Signatures, trust};
use certvigil_model::{Clock, Fingerprint, Foreign, Time, Trust};
use certvigil_reader::Pool;
use certvigil_report::{Anchor, Closed, EndpointLine, Inspection, Portrait, Report, TargetFinding};
use certvigil_x509::Certificate;

use crate::{Checked, Error, Round, Settings};

/// Looks at every endpoint of `targets` and tells each whole to `wording`, in the order of the
/// targets.
///
/// # Errors
/// Those of a round.
pub fn portray(
    targets: Vec<Listed>,
    settings: Settings,
    pool: Pool,
    clock: Arc<dyn Clock>,
    wording: &mut dyn Inspection,
) -> Result<Checked, Error> {
    let (profiles, at) = (Arc::clone(&settings.profiles), settings.at);
    let place = |(place, listed): (usize, &Listed)| (listed.text.clone(), place);
    let places: HashMap<Foreign, usize> = targets.iter().enumerate().map(place).collect();
    let seen = Seen::default();
    let reports: Vec<Box<dyn Report>> = vec![Box::new(seen.clone())];
    let checked =
        Round::new(settings, pool, clock)?.run(targets.into_iter(), reports, &mut (), &mut ())?;
    let Kept { mut lines, said } = seen.take();
    lines.sort_by_key(|line| {
        let place = line.targets.first().and_then(|target| places.get(target)).copied();
        (place, line.endpoint.address)
    });
    let portraits = lines.into_iter().map(|line| portrait(line, &profiles, at));
    let told = portraits.into_iter().try_for_each(|portrait| wording.endpoint(&portrait));
    told.and_then(|()| said.iter().try_for_each(|said| wording.target(said)))
        .map_err(Error::Report)?;
    Ok(checked)
}

fn portrait(line: EndpointLine, profiles: &[Profile], at: Option<Time>) -> Portrait {
    let now = at.unwrap_or(line.capture.looked_at);
    let signatures = Signatures::default();
    let mut of_chains: Vec<Vec<Trust>> = vec![line.judgement.trust.clone()];
    let later = line.presented.iter().skip(1);
    of_chains.extend(later.map(|chain| trust(chain, profiles, &signatures, now)));
    let anchors = anchors(&line.presented, &of_chains, profiles);
    Portrait { line, trust: of_chains, anchors, now }
}

/// The roots that paths end at, and those that a certificate names as its issuer.
fn anchors(
    presented: &[Vec<Certificate>],
    of_chains: &[Vec<Trust>],
    profiles: &[Profile],
) -> Vec<Anchor> {
    let mut anchors: Vec<Anchor> = Vec::new();
    let ends: Vec<Fingerprint> =
        of_chains.iter().flatten().filter_map(|trust| trust.path.last().copied()).collect();
    for profile in profiles {
        let at_the_end = ends.iter().filter_map(|end| profile.root(end));
        let named = presented.iter().flatten().flat_map(|one| profile.named_by(one));
        for root in at_the_end.chain(named) {
            let name = profile.name();
            let is_it = |anchor: &&mut Anchor| anchor.certificate.fingerprint == root.fingerprint;
            match anchors.iter_mut().find(is_it) {
                Some(anchor) if anchor.profiles.iter().any(|profile| profile == name) => {}
                Some(anchor) => anchor.profiles.push(name.to_owned()),
                None => anchors
                    .push(Anchor { certificate: root.clone(), profiles: vec![name.to_owned()] }),
            }
        }
    }
    anchors
}

/// Keeps what a round tells: a person's handful of endpoints.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    lines: Vec<EndpointLine>,
    said: Vec<TargetFinding>,
}

impl Seen {
    fn with<T>(&self, act: impl FnOnce(&mut Kept) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn take(&self) -> Kept {
        self.with(std::mem::take)
    }
}

impl Report for Seen {
    fn endpoint(&mut self, line: &EndpointLine) -> io::Result<()> {
        self.with(|kept| kept.lines.push(line.clone()));
        Ok(())
    }

    fn target(&mut self, said: &TargetFinding) -> io::Result<()> {
        self.with(|kept| kept.said.push(said.clone()));
        Ok(())
    }

    fn finish(self: Box<Self>, _closed: &Closed) -> io::Result<()> {
        Ok(())
    }
}
