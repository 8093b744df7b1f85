//! The one line that an incident is known by.

use certvigil_model::{Family, Foreign, Incident, Subject};

use super::Context;
use super::named::{Named, line, real_places};
use super::phrases::{Dates, dated, phrase};
use super::places::has_one_target;

/// Characters of a title, at most: the smallest limit among trackers is 255 of them, and lists
/// show about half of that.
const LIMIT: usize = 119;
/// Of which a name may take so many.
const NAME: usize = 48;
/// And an address, the longest of which is IPv6 with a zone and a port.
const ADDRESS: usize = 56;

/// `www.example.org: certificate ends 22 Dec 2026, 3 of 4 addresses`: one line of less than 120
/// characters, escaped. Severity and days left stand in none: they age.
pub fn title(incident: &Incident, cx: &Context) -> String {
    let name = Named::of(incident, cx).within(NAME);
    let said = dated(phrase(incident, cx.now).title, incident, Dates::Days);
    let title = format!("{name}: {said}{}", whereabouts(incident, &name));
    line(&Foreign::new(title), LIMIT)
}

/// `, 3 of 4 addresses`, ` at 192.0.2.1:443`, or nothing where there is only one place.
fn whereabouts(incident: &Incident, name: &str) -> String {
    match &incident.subject {
        Subject::Endpoint(_) => at(incident, name),
        Subject::Certificate(_) | Subject::Target(_) => counted(incident),
        Subject::Cause(_) | Subject::Round | Subject::CheckIn(_) | Subject::Channel(_) => {
            String::new()
        }
    }
}

fn at(incident: &Incident, name: &str) -> String {
    let shown = real_places(incident).next().map(|place| place.shown.clone());
    match shown.filter(|shown| !shown.is_empty()).map(|shown| line(&Foreign::new(shown), ADDRESS)) {
        None => String::new(),
        // What did not resolve stands at `host:port`.
        Some(shown) if shown.starts_with(name) || name.contains(&shown) => String::new(),
        Some(shown) => format!(" at {shown}"),
    }
}

fn counted(incident: &Incident) -> String {
    let (bad, all) = bad_of_all(incident);
    let noun = if has_one_target(incident) { "addresses" } else { "places" };
    match (bad, all) {
        (_, 0 | 1) => String::new(),
        // That some differ is said already.
        (bad, all) if bad == all && incident.family == Family::Spread => String::new(),
        (bad, all) if bad == all => format!(", all {all} {noun}"),
        (bad, all) => format!(", {bad} of {all} {noun}"),
    }
}

/// Places that show the problem, and all of them.
pub(crate) fn bad_of_all(incident: &Incident) -> (usize, usize) {
    let bad = real_places(incident).filter(|place| !place.is_good()).count();
    (bad, real_places(incident).count())
}
