//! `addresses-differ`: the addresses of one name show different certificates.

use std::collections::BTreeMap;

use certvigil_model::{Datum, Family, Finding, Fingerprint, Scope, Severity, Time};
use certvigil_x509::Certificate;

use crate::rule::{Meta, Rule, Words as _};
use crate::{Context, Look, Spread, words};

/// One machine that a roll-out forgot keeps the old certificate until it ends, for those clients
/// that happen to get that address.
pub(super) struct AddressesDiffer;

const META: Meta = Meta {
    id: "addresses-differ",
    family: Family::Spread,
    scope: Scope::Target,
    severities: &[Severity::Warning, Severity::Info],
    citation: "RFC 6724 section 6",
    in_force: "2012-09-01",
};

impl Rule for AddressesDiffer {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Target(spread) = cx else { return };
        let served = served(spread);
        let Some(newest) = served.iter().max_by_key(|served| served.begins()) else { return };
        if served.len() < 2 {
            return;
        }
        let severity = match newest.begins() {
            Some(begin) if spread.now.seconds_since(begin) < GRACE_SECONDS => Severity::Info,
            // Each edge of a network changes at its own time.
            _ if spread.beside.is_pool => Severity::Info,
            _ => Severity::Warning,
        };
        let total: usize = served.iter().map(|served| served.places.len()).sum();
        let (stale, current): (Vec<_>, Vec<_>) =
            served.iter().partition(|served| served.begins() < newest.begins());
        let odd = if stale.is_empty() { served.iter().skip(1).collect() } else { stale };
        let sentences = odd.iter().map(|served| served.sentence(total, spread.now));
        let message = format!(
            "the addresses show {} certificates: {}; the newest is {:.8}…",
            served.len(),
            words::list(sentences),
            newest.certificate.fingerprint.to_string()
        );
        let finding = META
            .finding(severity, message)
            .hint("install the newest certificate at every address, and reload the servers there")
            .with("stale", places(&odd))
            .with("current", places(&current))
            .with("shown", by_place(&served))
            .with("certificates", Datum::List(served.iter().map(Served::id).collect()));
        found.push(finding);
    }
}

/// One certificate and the places that show it first.
struct Served<'a> {
    certificate: &'a Certificate,
    places: Vec<String>,
}

impl Served<'_> {
    fn begins(&self) -> Option<Time> {
        self.certificate.facts().and_then(|facts| facts.not_before.as_ref().ok().copied())
    }

    fn ends(&self) -> Option<Time> {
        self.certificate.facts().and_then(|facts| facts.not_after.as_ref().ok().copied())
    }

    fn id(&self) -> Datum {
        Datum::Certificate(self.certificate.fingerprint)
    }

    fn sentence(&self, total: usize, now: Time) -> String {
        let end = match self.ends() {
            Some(end) => format!("which expires {}", words::moment(end, now)),
            None => "whose end cannot be told".to_owned(),
        };
        let places = words::list(self.places.iter().cloned());
        let verb = if self.places.len() == 1 { "shows" } else { "show" };
        let id = self.certificate.fingerprint.to_string();
        format!("{} of {total}, {places}, {verb} {id:.8}…, {end}", self.places.len())
    }
}

/// The certificates that today's client gets, in the order in which they were met.
fn served<'a>(spread: &Spread<'a>) -> Vec<Served<'a>> {
    let mut places: BTreeMap<Fingerprint, usize> = BTreeMap::new();
    let mut served: Vec<Served<'a>> = Vec::new();
    for (look, _) in spread.looks {
        let Some(certificate) = first(look) else { continue };
        let at = *places.entry(certificate.fingerprint).or_insert_with(|| {
            served.push(Served { certificate, places: Vec::new() });
            served.len() - 1
        });
        if let Some(served) = served.get_mut(at) {
            served.places.push(words::place(look.endpoint));
        }
    }
    served
}

fn first<'a>(look: &Look<'a>) -> Option<&'a Certificate> {
    look.presented.first().and_then(|chain| chain.first())
}

fn places(served: &[&Served<'_>]) -> Datum {
    let places = served.iter().flat_map(|served| &served.places);
    Datum::List(places.take(PLACES_LIMIT).cloned().map(Datum::Text).collect())
}

/// Each address with its certificate.
fn by_place(served: &[Served<'_>]) -> Datum {
    let pairs = served.iter().flat_map(|served| {
        let pair = |place: &String| vec![Datum::Text(place.clone()), served.id()];
        served.places.iter().map(pair)
    });
    Datum::List(pairs.take(PLACES_LIMIT).map(Datum::List).collect())
}

/// How old the newest certificate must be before a roll-out that is not done is a fault.
const GRACE_SECONDS: i64 = 2 * 3600;
const PLACES_LIMIT: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Beside;
    use crate::testing::{Given, NOW, as_is, ask_target, days, leaf, nothing, sent};

    /// What the rule says of these answers, one an address: 192.0.2.1, 192.0.2.2, …
    fn ask(answers: &[Given]) -> Vec<Finding> {
        ask_target(&AddressesDiffer, answers, &Beside::default())
    }

    fn of_age(age: i64) -> Given {
        sent(vec![leaf(|facts| facts.not_before = Ok(days(-age)))])
    }

    fn texts(datum: &Datum) -> Vec<&str> {
        let Datum::List(list) = datum else { return Vec::new() };
        let texts = list.iter().filter_map(|datum| match datum {
            Datum::Text(text) => Some(text.as_str()),
            _ => None,
        });
        texts.collect()
    }

    #[test]
    fn the_address_with_the_old_certificate_is_named() {
        let found = ask(&[of_age(10), of_age(10), of_age(80), of_age(10)]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].severity, Severity::Warning);
        assert!(found[0].message.contains("1 of 4, 192.0.2.3:443, shows"), "{}", found[0].message);
        assert!(found[0].message.contains("expires 2027-01-23T00:00:00Z (in 60 d)"));
        assert_eq!(texts(&found[0].data["stale"]), ["192.0.2.3:443"]);
        let current = ["192.0.2.1:443", "192.0.2.2:443", "192.0.2.4:443"];
        assert_eq!(texts(&found[0].data["current"]), current);
    }

    #[test]
    fn a_roll_out_has_two_hours() {
        let fresh = |seconds| {
            let begin = Time::from_seconds(NOW.seconds() - seconds);
            sent(vec![leaf(move |facts| facts.not_before = Ok(begin))])
        };
        assert_eq!(ask(&[of_age(80), fresh(7199)])[0].severity, Severity::Info);
        assert_eq!(ask(&[of_age(80), fresh(7200)])[0].severity, Severity::Warning);
    }

    #[test]
    fn each_address_is_listed_with_its_certificate() {
        let answers = [of_age(10), of_age(80)];
        let found = ask(&answers);
        let pair = |place: &str, given: &Given| {
            let certificate = Datum::Certificate(given.chains[0][0].fingerprint);
            Datum::List(vec![Datum::Text(place.to_owned()), certificate])
        };
        let want = [pair("192.0.2.1:443", &answers[0]), pair("192.0.2.2:443", &answers[1])];
        assert_eq!(found[0].data["shown"], Datum::List(want.to_vec()));
    }

    #[test]
    fn a_pool_may_differ() {
        let beside = Beside { is_pool: true, ..Beside::default() };
        let found = ask_target(&AddressesDiffer, &[of_age(10), of_age(80)], &beside);
        assert_eq!(found[0].severity, Severity::Info);
    }

    #[test]
    fn agreement_and_silence_are_no_difference() {
        let silent = || nothing(certvigil_model::Ended::captured());
        assert_eq!(ask(&[of_age(10), of_age(10), silent()]), []);
        assert_eq!(ask(&[silent(), silent()]), []);
        assert_eq!(ask(&[]), []);
    }

    #[test]
    fn of_two_that_began_together_none_is_stale() {
        let other = leaf(|facts| facts.serial_number = Ok(vec![2]));
        let found = ask(&[sent(vec![leaf(as_is)]), sent(vec![other])]);
        assert_eq!(found[0].severity, Severity::Warning);
        assert!(found[0].message.contains("show 2 certificates: 1 of 2, 192.0.2.2:443, shows"));
    }
}
