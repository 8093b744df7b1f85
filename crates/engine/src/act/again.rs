//! Looks once more at what a round found, on new connections.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use certvigil_alarm::Wanted;
use certvigil_inventory::Listed;
use certvigil_model::{Addresses, Clock, EndpointId, Foreign, Observation, Outcome};
use certvigil_reader::Pool;
use certvigil_report::Report;

use crate::observing::Observer;
use crate::{Error, Round, Settings, Stopper};

/// One endpoint that is to be looked at again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which.
    pub endpoint: EndpointId,
    /// Its target, as written.
    pub target: Foreign,
    /// Its address, where it has one.
    pub address: Option<SocketAddr>,
}

/// Whoever can look again.
pub trait Again {
    /// Looks at `places` and nothing else, within `by`. What could not be looked at is not among the answers.
    fn look(&mut self, places: &[Place], by: Instant) -> Vec<Observation>;
}

/// Looks at `places` among `targets`, as every round does and by the same code; what has no verdict by `by` is left.
///
/// # Errors
/// Those of a round.
pub fn look_again(
    targets: impl Iterator<Item = Listed>,
    places: &[Place],
    settings: Settings,
    pool: Pool,
    clock: Arc<dyn Clock>,
    by: Instant,
) -> Result<Vec<Observation>, Error> {
    let mut observations = look_at(narrowed(targets, places), settings, pool, clock, by)?;
    let wanted: BTreeSet<EndpointId> = places.iter().map(|place| place.endpoint).collect();
    observations.retain(|observation| wanted.contains(&observation.endpoint));
    Ok(observations)
}

/// Looks at `targets` with all their addresses, by the code of every round; what has no verdict by `by` is left.
///
/// # Errors
/// Those of a round.
pub fn look_at(
    targets: Vec<Listed>,
    settings: Settings,
    pool: Pool,
    clock: Arc<dyn Clock>,
    by: Instant,
) -> Result<Vec<Observation>, Error> {
    let observer = Observer::default();
    let reports: Vec<Box<dyn Report>> = vec![Box::new(observer.clone())];
    let left = by.saturating_duration_since(clock.monotonic());
    let round = Round::new(settings, pool, clock)?;
    let _over = stop_after(left, round.stopper());
    round.run(targets.into_iter(), reports, &mut (), &mut ())?;
    let mut observations = observer.take().observations;
    observations.retain(|observation| observation.outcome != Outcome::NotAttempted);
    Ok(observations)
}

/// Ends a round after `left`, unless what this gives is dropped before.
fn stop_after(left: Duration, stopper: Stopper) -> Sender<()> {
    let (over, waiting) = channel::<()>();
    thread::spawn(move || {
        if waiting.recv_timeout(left) == Err(RecvTimeoutError::Timeout) {
            stopper.stop("the time that a run may take");
        }
    });
    over
}

/// Where the round saw what is wanted.
pub(super) fn places(wanted: &[Wanted], seen: &[Observation]) -> Vec<Place> {
    let wanted: BTreeSet<EndpointId> = wanted.iter().map(|wanted| wanted.endpoint).collect();
    let seen = seen.iter().filter(|observation| wanted.contains(&observation.endpoint));
    let place = |observation: &Observation| Place {
        endpoint: observation.endpoint,
        target: observation.target.clone(),
        address: observation.place.parse().ok(),
    };
    seen.map(place).collect()
}

/// The targets of `places`, each with the addresses that are wanted of it.
fn narrowed(targets: impl Iterator<Item = Listed>, places: &[Place]) -> Vec<Listed> {
    let mut wanted: BTreeMap<&Foreign, Option<Vec<SocketAddr>>> = BTreeMap::new();
    for place in places {
        let addresses = wanted.entry(&place.target).or_insert_with(|| Some(Vec::new()));
        // One without an address is the target as a whole: a pool, or a name that does not resolve.
        *addresses = addresses.take().zip(place.address).map(|(mut addresses, address)| {
            addresses.push(address);
            addresses
        });
    }
    let narrow = |mut listed: Listed| {
        let addresses = wanted.get(&listed.text)?;
        if let (Ok(target), Some(addresses)) = (&mut listed.target, addresses) {
            target.options.addresses =
                Addresses::These(addresses.iter().map(SocketAddr::ip).collect());
        }
        Some(listed)
    };
    targets.filter_map(narrow).collect()
}
