//! What a person's report is about: an incident, or whatever is called so.

use std::collections::BTreeSet;

use certvigil_inventory::{Defaults, Listed as Line, parse};
use certvigil_model::{Foreign, Incident, IncidentKey, Status, Time};

use super::{Desk, Error};
use crate::config::Config;

/// What a report is about.
#[derive(Clone, Debug)]
pub struct Noted {
    /// Incidents that are not over: each has the report in its timeline.
    pub incidents: Vec<IncidentKey>,
    /// What is to be looked at, with all its addresses.
    pub targets: Vec<Line>,
    /// Whether the inventory has it; what it has not is looked at and not remembered.
    pub is_ours: bool,
    /// What it is called in the answer.
    pub called: String,
}

/// Finds out what `text` names: an incident by its key, else a target as written, its host or its server name.
///
/// # Errors
/// What the store meets, that several incidents have such a key, or that `text` is neither a key nor a target.
pub fn about(desk: &mut Desk, text: &str, config: &Config, now: Time) -> Result<Noted, Error> {
    let repeats = config.inventory.repeats();
    let lines = config.inventory.listed(&repeats);
    let key = match desk.find(text, now) {
        Ok(key) => key,
        Err(error @ (Error::NotAKey(_) | Error::Unknown(_))) => {
            let targets: Vec<_> = lines.filter(|line| is_called(line, text)).collect();
            // A key that was mistyped is no host that nobody watches.
            if matches!(error, Error::Unknown(_)) && targets.is_empty() {
                return Err(error);
            }
            return of_target(desk, text, targets, now);
        }
        Err(error) => return Err(error),
    };
    let incident = desk.show(&key, now)?.listed.incident;
    let wanted = targets_of(&incident);
    let targets: Vec<_> = lines.filter(|line| wanted.contains(&line.text)).collect();
    let called = named(&incident, &wanted);
    Ok(Noted { incidents: vec![key], is_ours: !targets.is_empty(), targets, called })
}

fn of_target(
    desk: &mut Desk,
    text: &str,
    mut targets: Vec<Line>,
    now: Time,
) -> Result<Noted, Error> {
    let named: BTreeSet<_> = targets.iter().map(|line| line.text.clone()).collect();
    let is_of_it = |incident: &Incident| {
        let of_place = |target: &Foreign| named.contains(target) || target.raw() == text;
        incident.status != Status::Resolved && targets_of(incident).iter().any(of_place)
    };
    let listed = desk.list(false, now)?;
    let incidents = listed.into_iter().map(|it| it.incident).filter(is_of_it).map(|it| it.key);
    let incidents = incidents.collect();
    let is_ours = !targets.is_empty();
    if !is_ours {
        let line = parse(text, None, &Defaults::default());
        if line.target.is_err() {
            return Err(Error::NotAKey(Foreign::new(text).shown().to_string()));
        }
        targets.push(line);
    }
    Ok(Noted { incidents, targets, is_ours, called: text.to_owned() })
}

fn is_called(line: &Line, text: &str) -> bool {
    let of_target = line.target.as_ref().is_ok_and(|target| {
        target.host.to_string().eq_ignore_ascii_case(text)
            || target.options.server_name.as_deref() == Some(text)
            || target.also.iter().any(|also| also.raw() == text)
    });
    line.text.raw() == text || of_target
}

/// By its targets, which whoever reported it knows; else by its title.
fn named(incident: &Incident, targets: &BTreeSet<Foreign>) -> String {
    let mut names = targets.iter().map(Foreign::raw).filter(|name| !name.is_empty());
    match (names.next(), names.count()) {
        (None, _) => super::find::called(incident),
        (Some(only), 0) => only.to_owned(),
        (Some(first), more) => format!("{first} and {more} more"),
    }
}

fn targets_of(incident: &Incident) -> BTreeSet<Foreign> {
    incident.places.values().map(|place| place.target.clone()).collect()
}
