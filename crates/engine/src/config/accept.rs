//! `[[accept]]`: findings that somebody answers for, for a time.

use std::time::Duration;

use certvigil_judge::RULES;
use certvigil_model::{Acceptance, Accepted, Answer, Fingerprint, Severity, Time};

use super::raw::{Faults, Fields};
use super::units;

/// None where something is wrong with it, which `faults` then knows.
pub(super) fn read(table: Fields<'_>, now: Time, faults: &Faults) -> Option<Acceptance> {
    let of = accepted(table, faults);
    let finding = finding(table, faults);
    let until = until(table, now, faults);
    Some(Acceptance {
        finding: finding?,
        of: of?,
        certificate: table.text("certificate").and_then(Fingerprint::from_text),
        answer: Answer {
            reason: table.text("reason")?.trim().to_owned(),
            owner: table.text("owner")?.trim().to_owned(),
            until: until?,
        },
        origin: Some(table.value("finding")?.origin()),
    })
}

fn accepted(table: Fields<'_>, faults: &Faults) -> Option<Accepted> {
    let target = table.owned("target").map(Accepted::Target);
    let tag = table.owned("tag").map(Accepted::Tag);
    let round = table.flag("round").filter(|of_round| *of_round).map(|_| Accepted::Round);
    let mut of = [target, tag, round].into_iter().flatten();
    match (of.next(), of.next()) {
        (Some(of), None) => Some(of),
        _ => {
            let what = "[[accept]] must say once what it is for";
            let hint = "write one of target = \"…\", tag = \"…\" and round = true";
            faults.add(table.place(), what, Some(hint.to_owned()));
            None
        }
    }
}

/// Promise 2: what could not be seen or read is never made good by a word.
fn finding(table: Fields<'_>, faults: &Faults) -> Option<String> {
    let id = table.text("finding")?;
    let meta = RULES.iter().map(|rule| rule.meta()).find(|meta| meta.id == id)?;
    if meta.severities.iter().all(|severity| *severity == Severity::Unknown) {
        let what = format!(
            "{} cannot be \"{id}\": it says that nothing was seen, and what is unknown is not OK",
            table.named("finding")
        );
        let hint = "leave the target out of the list until it can be looked at".to_owned();
        faults.add(table.value("finding")?.place(), what, Some(hint));
        return None;
    }
    Some(id.to_owned())
}

fn until(table: Fields<'_>, now: Time, faults: &Faults) -> Option<Time> {
    let value = table.value("until")?;
    let until = units::moment(&value.moment()?).ok()?;
    let days = u64::try_from(Answer::LONGEST_DAYS).unwrap_or(0);
    let today = Time::from_seconds(now.seconds().div_euclid(DAY) * DAY);
    let latest = today.plus(Duration::from_secs(days * DAY.unsigned_abs()));
    if until > latest {
        let what = format!("{} is more than {days} days ahead", table.named("until"));
        let date = latest.to_string();
        let date = date.split('T').next().unwrap_or(&date);
        faults.add(value.place(), what, Some(format!("the latest date allowed is {date}")));
        return None;
    }
    Some(until)
}

const DAY: i64 = 86_400;
