//! What a person's report is about: an incident, or whatever is called so.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use certvigil_inventory::{Defaults, Listed as Line, parse};
use certvigil_model::{Clock, Foreign, Incident, IncidentKey, Observation, Status, Time};
use serde::{Deserialize, Serialize};

use super::{Desk, Error, Rules, note};
use crate::act::look_at;
use crate::config::Config;
use crate::words::causes;
use crate::{Settings, reader_pool};

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

/// A person's report: the body of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// What it is about: an incident's key or the head of it, a target, a host.
    pub what: String,
    /// Whose report it is.
    pub by: String,
    /// When it was that.
    pub at: Time,
    /// What was reported.
    pub text: String,
}

/// What came of a report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reported {
    /// What it is called in the answer.
    pub called: String,
    /// Where it was written down, and what followed. Lines, escaped.
    pub said: Vec<String>,
    /// What is to be seen there now.
    pub seen: Vec<Observation>,
    /// Why it could not be looked at.
    pub trouble: Option<String>,
}

impl Desk {
    /// Writes a report down, has its matter looked at by `look`, and takes in what that brings.
    ///
    /// # Errors
    /// It names nothing that can be looked at; what the store meets.
    pub fn report(
        &mut self,
        report: &Report,
        (config, rules): (&Config, &Rules),
        clock: &dyn Clock,
        look: &mut dyn FnMut(&Noted) -> Result<Vec<Observation>, String>,
    ) -> Result<Reported, Error> {
        let now = clock.wall();
        let about = about(self, &report.what, config, now)?;
        let mut said = self.write_down(&about, report, rules, now)?;
        let called = Foreign::new(about.called.as_str()).shown().to_string();
        said.push(format!("looking at {called} now"));
        let (seen, trouble) = match look(&about) {
            Ok(seen) => (seen, None),
            Err(why) => (Vec::new(), Some(why)),
        };
        if about.is_ours && !seen.is_empty() {
            said.extend(self.take_in(&seen, rules, clock.wall())?);
        }
        Ok(Reported { called: about.called, said, seen, trouble })
    }

    /// Into the timeline of each incident; where there is none, with the name that it is about.
    fn write_down(
        &mut self,
        about: &Noted,
        report: &Report,
        rules: &Rules,
        now: Time,
    ) -> Result<Vec<String>, Error> {
        let Report { by, at, text, .. } = report;
        if about.incidents.is_empty() {
            let text = format!("{}: {text}", about.called);
            self.give(&note(None, by, *at, &text), rules, now)?;
            return Ok(vec!["noted; no incident is open there".to_owned()]);
        }
        let mut lines = Vec::new();
        for key in &about.incidents {
            self.give(&note(Some(key.clone()), by, *at, text), rules, now)?;
            lines.push(format!("noted in the timeline of incident {key}"));
        }
        Ok(lines)
    }
}

/// Looks at what a report is about, with all its addresses.
///
/// # Errors
/// In words: it could not be looked at.
pub fn look(
    about: &Noted,
    settings: Settings,
    clock: Arc<dyn Clock>,
    by: Instant,
) -> Result<Vec<Observation>, String> {
    if about.targets.is_empty() {
        return Err("none of its targets is in the inventory any more".to_owned());
    }
    let pool = reader_pool(Arc::clone(&clock)).map_err(|error| error.to_string())?;
    look_at(about.targets.clone(), settings, pool, clock, by).map_err(|error| causes(&error))
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
