//! One incident in full, for people.

use certvigil_model::{
    CertificateSeen, Delivery, DeliveryState, Filing, Foreign, Incident, Place, Record, Severity,
    Status, Time,
};

use super::{Listed, Whole, Written, filing, filing_at, minute, since, status};
use crate::Style;
use crate::issue::bad_of_all;
use crate::table::{Grade, Ink, Page, pad};
use crate::words::{counted, relative};

/// All that is kept of one incident: what it is, where it shows, what was told, what is on the record.
pub fn show(whole: &Whole, written: Written<'_>, style: Style) -> String {
    let Whole { listed, deliveries, records } = whole;
    let incident = &listed.incident;
    let mut page = Page::new(style);
    let grade = grade(incident);
    page.hanging(
        &[(Ink::Grade(grade), format!("{} ", grade.sign()))],
        Ink::Strong,
        &written.title(incident),
    );
    page.blank();
    for (label, text) in facts(listed, written.now) {
        page.hanging(&[(Ink::Quiet, label_of(label))], Ink::Plain, &text);
    }
    let (bad, all) = bad_of_all(incident);
    heading(&mut page, &format!("places: {bad} of {all} bad"));
    let mut places: Vec<_> = incident.places.iter().collect();
    places.sort_by_key(|(_, place)| (place.is_good(), &place.shown));
    for (id, it) in places {
        place(&mut page, it, listed.stale.get(id), &incident.owner);
    }
    heading(&mut page, if deliveries.is_empty() { "nothing was to be told" } else { "told" });
    deliveries.iter().for_each(|it| delivery(&mut page, it));
    heading(
        &mut page,
        if records.is_empty() { "nothing is on the record" } else { "on the record (UTC)" },
    );
    records.iter().for_each(|it| record(&mut page, it));
    page.into_text()
}

fn grade(incident: &Incident) -> Grade {
    match incident.status {
        Status::Resolved => Grade::Ok,
        Status::Open | Status::Waiting => incident.severity.into(),
    }
}

fn heading(page: &mut Page, text: &str) {
    page.blank();
    page.paragraph((Ink::Plain, ""), Ink::Strong, text);
}

fn label_of(label: &str) -> String {
    pad(&format!("  {label}"), LABEL)
}

/// The margin that labels stand in.
const LABEL: usize = 15;

fn facts(listed: &Listed, now: Time) -> Vec<(&'static str, String)> {
    let Listed { incident, silenced, .. } = listed;
    let mut facts = vec![
        ("key", incident.key.to_string()),
        (
            "what",
            format!(
                "{} of {}",
                incident.family.name(),
                Foreign::new(incident.subject.to_string()).shown()
            ),
        ),
        ("state", state(incident, now)),
        ("first seen", told(incident.first_seen, now)),
        ("last bad", told(incident.last_bad, now)),
        ("owner", Foreign::new(incident.owner.as_str()).shown().to_string()),
        ("issue", issue(&incident.filing, now)),
    ];
    if let Some(certificate) = &incident.certificate {
        facts.extend(of_certificate(certificate, now));
    }
    if let Some(since) = incident.unseen_since {
        let text =
            format!("no place since {}: judged from the last certificate seen", told(since, now));
        facts.push(("not seen", text));
    }
    if incident.reopened > 0 {
        facts.push(("came back", counted(u64::from(incident.reopened), "time")));
    }
    if let Some(taken) = &incident.acknowledged {
        let (at, until) = (told(taken.at, now), told(taken.until, now));
        facts.push(("taken on by", format!("{} at {at}, until {until}", taken.by.shown())));
    }
    let until = silenced.as_ref().map(|silence| told(silence.until, now));
    facts.extend(until.and_then(|until| listed.silence(&until)).map(|text| ("silence", text)));
    facts
}

fn state(incident: &Incident, now: Time) -> String {
    let severity = incident.severity.name();
    match (incident.status, incident.resolved_at) {
        (Status::Resolved, Some(at)) => format!("resolved {}", told(at, now)),
        (Status::Waiting, _) => format!("{severity}, waiting: nobody is told yet"),
        (state, _) => format!("{severity}, {} since {}", status(state), told(since(incident), now)),
    }
}

fn issue(standing: &Filing, now: Time) -> String {
    let mut text = filing(standing).to_owned();
    if let Some(issue) = standing.issue() {
        let (id, url) = (Foreign::new(issue.id.as_str()), Foreign::new(issue.url.as_str()));
        text = format!("{} {text}, {}", id.shown(), url.shown());
    }
    if let Some(at) = filing_at(standing) {
        text += &format!(", {}", told(at, now));
    }
    if let Filing::Failed { why, .. } = standing {
        text += &format!(": {}", Foreign::new(why.as_str()).shown_within(400));
    }
    text
}

fn of_certificate(certificate: &CertificateSeen, now: Time) -> Vec<(&'static str, String)> {
    let CertificateSeen { names, names_total, subject, issuer, serial_number, sha256, .. } =
        certificate;
    let mut shown: Vec<_> = names.iter().take(NAMES).map(|name| name.shown().to_string()).collect();
    let more = names_total.saturating_sub(shown.len());
    if more > 0 {
        shown.push(format!("and {more} more"));
    }
    if shown.is_empty() {
        shown.push(subject.shown().to_string());
    }
    vec![
        ("certificate", shown.join(", ")),
        ("from", issuer.shown().to_string()),
        ("ends", told(certificate.ends.at, now)),
        ("serial", serial_number.clone()),
        ("SHA-256", sha256.to_string()),
    ]
}

/// Names of a certificate that are told.
const NAMES: usize = 5;

fn place(page: &mut Page, place: &Place, stale: Option<&Time>, owner: &str) {
    let grade = match stale {
        Some(_) => Grade::Unknown,
        None if place.is_good() => Grade::Ok,
        None => worst(place).into(),
    };
    let mut text = match place.shown.is_empty() {
        true => place.target.shown().to_string(),
        false => Foreign::new(place.shown.as_str()).shown().to_string(),
    };
    if !place.shown.is_empty() && place.target.raw() != place.shown {
        text += &format!(" of {}", place.target.shown());
    }
    text += &match place.good_runs {
        _ if place.is_good() => format!(", good, last bad {}", minute(place.last_bad)),
        0 => format!(", bad since {}, last {}", minute(place.first_bad), minute(place.last_bad)),
        _ => format!(
            ", good at the last look, which one more has to confirm; last bad {}",
            minute(place.last_bad)
        ),
    };
    if let Some(at) = stale {
        text += &format!("; unknown: stale, last looked at {}", minute(*at));
    }
    if place.owner != owner {
        text += &format!(", owner {}", Foreign::new(place.owner.as_str()).shown());
    }
    if let Some(origin) = &place.origin {
        text += &format!(", from {}:{}", Foreign::new(origin.file.as_str()).shown(), origin.line);
    }
    page.hanging(&[(Ink::Grade(grade), format!("  {} ", grade.sign()))], Ink::Plain, &text);
    let problems = place.problems.iter().filter(|problem| problem.counts() && !place.is_good());
    for problem in problems {
        let message = Foreign::new(problem.message.as_str());
        let text = format!("{}: {}", problem.id, message.shown_within(400));
        page.hanging(&[(Ink::Plain, " ".repeat(6))], Ink::Quiet, &text);
    }
}

fn worst(place: &Place) -> Severity {
    let counted = place.problems.iter().filter(|problem| problem.counts());
    counted.map(|problem| problem.severity).max().unwrap_or(Severity::Warning)
}

fn delivery(page: &mut Page, delivery: &Delivery) {
    let Delivery { act, tracker, state, attempts, created_at, due_at, trouble, .. } = delivery;
    let grade = match state {
        _ if !state.is_over() => Grade::Unknown,
        DeliveryState::Failed => Grade::Critical,
        DeliveryState::Dropped => Grade::Info,
        _ => Grade::Ok,
    };
    let mut text = format!(
        "{} at {}: {}, asked for {}, {}",
        act.name(),
        Foreign::new(tracker.0.as_str()).shown(),
        state.name(),
        minute(*created_at),
        counted(u64::from(*attempts), "attempt")
    );
    if !state.is_over() {
        text += &format!(", due {}", minute(*due_at));
    }
    if let Some(trouble) = trouble {
        text += &format!(": {}", Foreign::new(trouble.as_str()).shown_within(400));
    }
    page.hanging(&[(Ink::Grade(grade), format!("  {} ", grade.sign()))], Ink::Plain, &text);
}

fn record(page: &mut Page, record: &Record) {
    let facts = record.data.iter().map(|(name, fact)| {
        let (name, fact) = (Foreign::new(name.as_str()), Foreign::new(fact.as_str()));
        format!("{}={}", name.shown(), fact.shown())
    });
    let kind = Foreign::new(record.kind.as_str());
    let at = record.at.to_string();
    let lead = format!("  {}  ", at.get(..19).unwrap_or(&at).replacen('T', " ", 1));
    let text = format!("{} {}", kind.shown(), facts.collect::<Vec<_>>().join(" "));
    page.hanging(&[(Ink::Quiet, lead)], Ink::Plain, &text);
}

/// `2026-11-21 16:37 UTC (3 d ago)`.
fn told(time: Time, now: Time) -> String {
    match time {
        Time::NO_SET_EXPIRY => "never".to_owned(),
        time => format!("{} UTC ({})", minute(time), relative(time, now)),
    }
}
