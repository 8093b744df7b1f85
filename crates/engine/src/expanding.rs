//! What a target stands for in this round: which addresses are looked at, and as what.

use std::net::{IpAddr, SocketAddr};

use certvigil_judge::Beside;
use certvigil_model::{
    Addresses, Ended, Endpoint, Fingerprint, Outcome, Phase, Target, Time, Untold,
};
use certvigil_probe::{Answer, Resolved};
use certvigil_report::NotLooked;

/// A target's places, and what became of the rest of its addresses.
pub(crate) struct Expansion {
    /// Never empty.
    pub(crate) spots: Vec<Spot>,
    /// The spots are one endpoint, of a name with so many addresses.
    pub(crate) pool: Option<usize>,
    pub(crate) not_looked: Vec<NotLooked>,
    pub(crate) beside: Beside,
}

/// One place to look, or to say why it cannot be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    pub(crate) address: Option<SocketAddr>,
    pub(crate) failed: Option<Ended>,
}

/// An endpoint as the ledger opens it.
pub(crate) struct Opening {
    pub(crate) endpoint: Endpoint,
    /// It stands for so many addresses.
    pub(crate) pool: Option<usize>,
    /// Where packets will go for it: none where there is nothing to look at.
    pub(crate) looks: Vec<IpAddr>,
}

/// What choosing among the addresses depends on, beside the target.
pub(crate) struct Choosing<R> {
    /// Look at the first address only.
    pub(crate) first_address: bool,
    /// The round's number, for taking turns.
    pub(crate) turn: u64,
    /// Whether this machine has a route for an address.
    pub(crate) has_route: R,
}

impl<R: Fn(IpAddr) -> bool> Choosing<R> {
    /// The places of `target`, whose name was resolved so.
    pub(crate) fn expand(&self, target: &Target, resolved: Resolved) -> Expansion {
        match resolved {
            Ok(answer) => self.choose(target, answer),
            Err(ended) => Expansion {
                spots: vec![Spot { address: None, failed: Some(ended) }],
                pool: None,
                not_looked: Vec::new(),
                beside: Beside::default(),
            },
        }
    }

    fn choose(&self, target: &Target, answer: Answer) -> Expansion {
        let Answer { addresses, untold } = answer;
        let mut sorted = self.by_family(target, addresses);
        let missing = missing(target, &sorted.wanted, untold.as_ref());
        let all = sorted.wanted.len();
        let is_pool = self.is_pool(target, all);
        let left_out = self.leave_out(target, &mut sorted.wanted);
        let beside = Beside {
            left_out: if is_pool { Vec::new() } else { left_out },
            untold: untold.filter(|untold| wants(target, untold.family)),
            is_pool,
        };
        let mut spots = sorted.wanted;
        spots.extend(missing);
        if spots.is_empty() {
            spots.push(Spot::nowhere("there is no address to look at".to_owned()));
        }
        Expansion { spots, pool: is_pool.then_some(all), not_looked: sorted.not_looked, beside }
    }

    /// Sets apart the addresses that are not to be looked at, and those that cannot be. A family
    /// without a route is left out where there is another; where the target asks for it, each of its
    /// addresses is a place that could not be seen.
    fn by_family(&self, target: &Target, addresses: Vec<IpAddr>) -> ByFamily {
        let is_asked = !target.options.families.is_empty();
        let at = |ip| Spot::at(ip, target.port);
        let mut sorted = ByFamily::default();
        let (v4, v6): (Vec<IpAddr>, Vec<IpAddr>) = addresses.iter().partition(|ip| ip.is_ipv4());
        if !is_asked && (v4.is_empty() || v6.is_empty()) {
            sorted.wanted = addresses.into_iter().map(at).collect();
            return sorted;
        }
        let mut without_route = Vec::new();
        for (family, addresses) in [(4, v4), (6, v6)] {
            if !wants(target, family) {
                sorted.leave(family, addresses.len(), "not among the families asked for");
                continue;
            }
            let (routed, lost): (Vec<IpAddr>, Vec<IpAddr>) =
                addresses.into_iter().partition(|ip| (self.has_route)(*ip));
            sorted.wanted.extend(routed.into_iter().map(at));
            match is_asked {
                true => sorted.wanted.extend(lost.into_iter().map(|ip| at(ip).unrouted(family))),
                false => without_route.push((family, lost)),
            }
        }
        if sorted.wanted.is_empty() {
            // Nothing else is there to look at: the looks themselves say what this machine lacks.
            let all = without_route.into_iter().flat_map(|(_, lost)| lost);
            sorted.wanted = all.map(at).collect();
        } else {
            for (family, lost) in without_route {
                sorted.leave(family, lost.len(), "no route from here");
            }
        }
        sorted
    }

    fn is_pool(&self, target: &Target, addresses: usize) -> bool {
        let is_listed = matches!(target.options.addresses, Addresses::These(_));
        let is_big = addresses > Addresses::A_ROUND && !is_listed;
        !self.first_address && addresses > 0 && target.options.pool.unwrap_or(is_big)
    }

    /// Takes out what is not looked at in this round, and returns it. Answers come in any order, so
    /// turns are taken by the order of numbers.
    fn leave_out(&self, target: &Target, spots: &mut Vec<Spot>) -> Vec<IpAddr> {
        let most = match target.options.addresses {
            // Asked for by hand: nobody needs to be told what it leaves out.
            _ if self.first_address => {
                spots.truncate(1);
                return Vec::new();
            }
            Addresses::Some(most) => most.max(1),
            Addresses::All | Addresses::These(_) => return Vec::new(),
        };
        if spots.len() <= most {
            return Vec::new();
        }
        spots.sort_by_key(|spot| spot.address);
        let first = first_of_turn(self.turn, spots.len(), most);
        spots.rotate_left(first);
        let left_out = spots.split_off(most);
        left_out.iter().filter_map(|spot| spot.address).map(|address| address.ip()).collect()
    }
}

impl Expansion {
    /// The endpoints that the ledger is to open.
    pub(crate) fn openings(&self, target: &Target) -> Vec<Opening> {
        let looks = |spots: &[Spot]| {
            let seen = spots.iter().filter(|spot| spot.failed.is_none());
            seen.filter_map(|spot| spot.address).map(|address| address.ip()).collect()
        };
        if self.pool.is_some() {
            let endpoint = target.endpoint(None, None);
            return vec![Opening { endpoint, pool: self.pool, looks: looks(&self.spots) }];
        }
        let opening = |spot: &Spot| Opening {
            endpoint: target.endpoint(spot.address, None),
            pool: None,
            looks: looks(std::slice::from_ref(spot)),
        };
        self.spots.iter().map(opening).collect()
    }
}

impl Spot {
    const fn at(ip: IpAddr, port: u16) -> Self {
        Self { address: Some(SocketAddr::new(ip, port)), failed: None }
    }

    fn nowhere(reason: String) -> Self {
        let ended = Ended::early(Outcome::Unresolved, Phase::Resolve, reason);
        Self { address: None, failed: Some(ended) }
    }

    fn unrouted(self, family: u8) -> Self {
        let reason = format!(
            "this machine has no route to the IPv{family} address, and the target asks for family \
             {family}"
        );
        Self { failed: Some(Ended::early(Outcome::Local, Phase::Connect, reason)), ..self }
    }
}

/// A name's addresses, set apart.
#[derive(Default)]
struct ByFamily {
    wanted: Vec<Spot>,
    not_looked: Vec<NotLooked>,
}

impl ByFamily {
    fn leave(&mut self, family: u8, addresses: usize, why: &str) {
        if addresses > 0 {
            let addresses = addresses as u64;
            self.not_looked.push(NotLooked { family, addresses, why: why.to_owned() });
        }
    }
}

/// A place for each family that the target asks for and its name does not have.
fn missing(target: &Target, found: &[Spot], untold: Option<&Untold>) -> Vec<Spot> {
    let has = |family: u8| {
        let mut addresses = found.iter().filter_map(|spot| spot.address);
        addresses.any(|address| address.is_ipv4() == (family == 4))
    };
    let lacking = target.options.families.iter().copied().filter(|family| !has(*family));
    let say = |family| match untold.filter(|untold| untold.family == family) {
        Some(Untold { reason, .. }) => format!(
            "the target asks for family {family}, and whether the name has an IPv{family} address \
             is unknown: {reason}"
        ),
        None => {
            format!("the name has no IPv{family} address, and the target asks for family {family}")
        }
    };
    lacking.map(|family| Spot::nowhere(say(family))).collect()
}

/// Whether the target is to be looked at in this family.
fn wants(target: &Target, family: u8) -> bool {
    target.options.families.is_empty() || target.options.families.contains(&family)
}

/// The round's number for taking turns: the hour in which it began. Rounds of one hour look at the
/// same addresses, and no memory is needed.
pub(crate) const fn turn(started: Time) -> u64 {
    started.seconds().div_euclid(3600).unsigned_abs()
}

/// Where turn number `turn` begins among `count` addresses, of which `most` are looked at. Drawn by a
/// hash: steps of a fixed width would come back to the same few for some distance between two
/// rounds, for instance where 24 addresses are looked at once a day.
fn first_of_turn(turn: u64, count: usize, most: usize) -> usize {
    let [a, b, c, d, ..] = *Fingerprint::of(&turn.to_be_bytes()).bytes();
    let drawn = u32::from_be_bytes([a, b, c, d]) as usize;
    drawn % count.div_ceil(most) * most
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use certvigil_inventory::{Defaults, parse};
    use certvigil_model::TargetOptions;

    use super::*;

    /// What `www.example.org:443` stands for, where only the families `routes` have a route.
    fn expand(options: TargetOptions, routes: &[u8], answer: Answer) -> Expansion {
        expand_in(0, options, routes, answer)
    }

    fn expand_in(turn: u64, options: TargetOptions, routes: &[u8], answer: Answer) -> Expansion {
        let parsed = parse("www.example.org:443", None, &Defaults::default());
        let Ok(mut target) = parsed.target else { panic!() };
        target.options = options;
        let has_route = |ip: IpAddr| routes.contains(if ip.is_ipv4() { &4 } else { &6 });
        Choosing { first_address: false, turn, has_route }.expand(&target, Ok(answer))
    }

    fn v4(count: u8) -> Vec<IpAddr> {
        (1..=count).map(|n| IpAddr::from([192, 0, 2, n])).collect()
    }

    fn both() -> Answer {
        let mut addresses = v4(2);
        addresses.push(IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1]));
        addresses.into()
    }

    fn asking(families: &[u8]) -> TargetOptions {
        TargetOptions { families: families.to_vec(), ..TargetOptions::default() }
    }

    /// The addresses to look at, and why the others are not looked at.
    fn told(expansion: &Expansion) -> (Vec<String>, Vec<String>) {
        let (seen, failed): (Vec<&Spot>, Vec<&Spot>) =
            expansion.spots.iter().partition(|spot| spot.failed.is_none());
        let place = |spot: &Spot| {
            spot.address.map_or_else(|| "nowhere".to_owned(), |address| address.ip().to_string())
        };
        let why = |spot: &Spot| {
            let ended = spot.failed.as_ref().map(|ended| ended.outcome.name());
            format!("{}: {}", place(spot), ended.unwrap_or_default())
        };
        let left = expansion.not_looked.iter();
        let left = left.map(|one| format!("{} of {}: {}", one.addresses, one.family, one.why));
        let failed = failed.into_iter().map(why).chain(left).collect();
        (seen.into_iter().map(place).collect(), failed)
    }

    #[test]
    fn a_family_without_a_route_is_left_out_or_asked_for() {
        let (one, two, six) = ("192.0.2.1", "192.0.2.2", "2001:db8::1");
        for (families, routes, want) in [
            (&[][..], &[4, 6][..], (vec![one, two, six], vec![])),
            (&[], &[4], (vec![one, two], vec!["1 of 6: no route from here"])),
            (&[], &[6], (vec![six], vec!["2 of 4: no route from here"])),
            (&[], &[], (vec![one, two, six], vec![])),
            (&[4, 6], &[4, 6], (vec![one, two, six], vec![])),
            (&[4, 6], &[4], (vec![one, two], vec!["2001:db8::1: local"])),
            (
                &[6],
                &[4],
                (vec![], vec!["2001:db8::1: local", "2 of 4: not among the families asked for"]),
            ),
            (&[4], &[4, 6], (vec![one, two], vec!["1 of 6: not among the families asked for"])),
        ] {
            let found = told(&expand(asking(families), routes, both()));
            assert_eq!(found, own(want), "{families:?} over {routes:?}");
        }
    }

    fn own((seen, failed): (Vec<&str>, Vec<&str>)) -> (Vec<String>, Vec<String>) {
        let own = |all: Vec<&str>| all.into_iter().map(str::to_owned).collect();
        (own(seen), own(failed))
    }

    #[test]
    fn a_family_that_is_asked_for_and_not_there_is_a_place_that_was_not_seen() {
        let expansion = expand(asking(&[4, 6]), &[4, 6], v4(1).into());
        assert_eq!(told(&expansion), own((vec!["192.0.2.1"], vec!["nowhere: unresolved"])));
        let reason = |expansion: &Expansion| {
            let failed = expansion.spots.iter().find_map(|spot| spot.failed.clone());
            failed.and_then(|ended| ended.reason).unwrap_or_default()
        };
        let want = "the name has no IPv6 address, and the target asks for family 6";
        assert_eq!(reason(&expansion), want);
        let untold = Some(Untold { family: 6, reason: "the name server failed".to_owned() });
        let answer = Answer { addresses: v4(1), untold: untold.clone() };
        let expansion = expand(asking(&[4, 6]), &[4, 6], answer.clone());
        assert!(reason(&expansion).ends_with(": the name server failed"));
        assert_eq!(expand(asking(&[]), &[4], answer.clone()).beside.untold, untold);
        assert_eq!(expand(asking(&[4]), &[4], answer).beside.untold, None, "nobody asked");
    }

    #[test]
    fn many_addresses_are_a_pool_unless_their_owner_says_otherwise() {
        let with = |addresses, pool| TargetOptions { addresses, pool, ..TargetOptions::default() };
        let some = Addresses::Some;
        for (options, count, looks, endpoints, of, left_out) in [
            (with(some(16), None), 16, 16, 16, None, 0),
            (with(some(16), None), 17, 16, 1, Some(17), 0),
            (with(some(16), Some(false)), 20, 16, 16, None, 4),
            (with(some(16), Some(true)), 3, 3, 1, Some(3), 0),
            (with(some(4), None), 9, 4, 4, None, 5),
            (with(some(0), None), 2, 1, 1, None, 1),
            (with(Addresses::All, None), 40, 40, 1, Some(40), 0),
            (with(Addresses::All, Some(false)), 40, 40, 40, None, 0),
            (with(Addresses::These(v4(20)), None), 20, 20, 20, None, 0),
        ] {
            let expansion = expand(options.clone(), &[4], v4(count).into());
            let target = parse("www.example.org:443", None, &Defaults::default()).target;
            let Ok(target) = target else { panic!() };
            let openings = expansion.openings(&target);
            let found = (
                openings.iter().map(|one| one.looks.len()).sum::<usize>(),
                openings.len(),
                expansion.pool,
                expansion.beside.left_out.len(),
            );
            assert_eq!(found, (looks, endpoints, of, left_out), "{count}: {options:?}");
        }
    }

    /// Whatever the hours between two rounds, and whatever the order of the answer.
    #[test]
    fn every_address_has_its_turn() {
        for count in [17_u8, 18, 24, 32, 48, 100, 250] {
            for hours in [1, 2, 8, 24, 168] {
                let mut seen = BTreeSet::new();
                let rounds = (1..).take(1_000).find(|round| {
                    let mut addresses = v4(count);
                    addresses.rotate_left(usize::try_from(*round).unwrap_or(0) % 7);
                    let expansion =
                        expand_in(*round * hours, TargetOptions::default(), &[4], addresses.into());
                    assert_eq!(expansion.spots.len(), 16);
                    seen.extend(expansion.spots.into_iter().map(|spot| spot.address));
                    seen.len() == usize::from(count)
                });
                let least = u64::from(count).div_ceil(16);
                assert!(
                    rounds.is_some_and(|rounds| rounds <= 10 * least),
                    "{count} every {hours} h: {rounds:?}"
                );
            }
        }
    }
}
