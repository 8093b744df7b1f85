//! `[[certificate]]` and `[[window]]`: who renews what, and when less is told.

use std::path::PathBuf;

use certvigil_alarm::windows::{Days, Maintained};
use certvigil_alarm::{CertificateRule, Renewer, Window};
use certvigil_model::Origin;
use jiff::civil::Date;

use super::raw::{Faults, Fields, Value};
use super::{forms, units};

/// A program that prints how renewals stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateProgram {
    /// Its full path.
    pub path: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Where it is named.
    pub origin: Origin,
}

pub(super) fn certificate(table: Fields<'_>, faults: &Faults) -> CertificateRule {
    let names: Vec<_> = table.texts("names").map(str::to_owned).collect();
    if table.value("names").is_some() && table.list("names").next().is_none() {
        let hint = "write names = [\"www.example.org\"]".to_owned();
        faults.add(table.place(), "[[certificate]] names none", Some(hint));
    }
    if let Some(value) = table.value("state")
        && !value.items().next().and_then(Value::text).is_some_and(|path| path.starts_with('/'))
    {
        let what = format!("{} does not begin with a program's full path", table.named("state"));
        let hint = "write state = [\"/PROGRAM\", \"ARGUMENT\"]: no shell reads it".to_owned();
        faults.add(value.place(), what, Some(hint));
    }
    CertificateRule {
        names,
        owner: table.owned("owner"),
        renewer: table.text("renewer").and_then(Renewer::from_name).unwrap_or_default(),
        renew_before: table.read("renew_before", units::life),
        advice: table.owned("advice"),
        origin: table.value("names").map(Value::origin),
    }
}

/// The program that says how a certificate's renewal stands.
pub(super) fn renewer_state(table: Fields<'_>) -> Option<StateProgram> {
    let command: Vec<_> = table.texts("state").map(str::to_owned).collect();
    let origin = table.value("state")?.origin();
    let (path, arguments) = command.split_first()?;
    Some(StateProgram { path: path.into(), arguments: arguments.to_vec(), origin })
}

/// None where something is wrong with it, which `faults` then knows.
pub(super) fn window(table: Fields<'_>, faults: &Faults) -> Option<Window> {
    let days = days(table, faults);
    let length = length(table, faults);
    let all = |key| table.texts(key).map(str::to_owned).collect();
    Some(Window {
        name: table.owned("name")?,
        days: days?,
        from: table.read("from", units::time_of_day)?,
        length: length?,
        zone: forms::zone(table.text("zone").unwrap_or("UTC")).ok()?,
        of: Maintained { targets: all("targets"), tags: all("tags"), owners: all("owners") },
    })
}

fn days(table: Fields<'_>, faults: &Faults) -> Option<Days> {
    let known = |name: &str| forms::DAYS.iter().find(|(known, _)| *known == name);
    let weekly: Vec<_> =
        table.texts("days").filter_map(known).map(|(_, weekday)| *weekday).collect();
    match (table.value("days"), table.value("date")) {
        (Some(_), None) if !weekly.is_empty() => Some(Days::Weekly(weekly)),
        (None, Some(value)) => {
            let date = value.moment()?.parse::<Date>().ok();
            if date.is_none() {
                let what = format!("{} is no date", table.named("date"));
                let hint = "write a date like 2026-12-24; its time of day stands in `from`";
                faults.add(value.place(), what, Some(hint.to_owned()));
            }
            date.map(Days::On)
        }
        // Days that are none are faults already.
        (Some(_), None) if table.list("days").next().is_some() => None,
        _ => {
            let hint = "write one of days = [\"sat\"] and date = 2026-12-24".to_owned();
            faults.add(table.place(), "[[window]] must say once when it begins", Some(hint));
            None
        }
    }
}

fn length(table: Fields<'_>, faults: &Faults) -> Option<std::time::Duration> {
    let length = table.read("for", units::life)?;
    if length > Window::LONGEST {
        let what = format!("{} is more than 24h", table.named("for"));
        let hint = "what lasts longer is accepted finding by finding, with [[accept]]".to_owned();
        faults.add(table.value("for")?.place(), what, Some(hint));
        return None;
    }
    Some(length)
}
