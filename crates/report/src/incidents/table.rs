//! The list for people: two lines for each incident, and below them who is on it and what is silent.

use std::cmp::Reverse;

use certvigil_model::{Filing, Foreign, Incident, Severity, Status};

use super::{HEAD, Listed, Written, filing, head, minute, safe, since};
use crate::Style;
use crate::issue::bad_of_all;
use crate::table::{Grade, Ink, Page, cut, pad, width};
use crate::words::{count, counted};

/// `listed` as a table, in the order given; see [`super::sort`]. Each has a line with its title, which is what its readers
/// know it by, and below it the rest in columns: both fit into 80 columns.
pub fn list(listed: &[Listed], written: Written<'_>, style: Style) -> String {
    let mut page = Page::new(style);
    page.paragraph((Ink::Plain, ""), Ink::Strong, &headline(listed));
    if listed.is_empty() {
        return page.into_text();
    }
    let ellipsis = if style.unicode { "…" } else { "..." };
    let rows: Vec<_> = listed.iter().map(|it| cells(&it.incident, ellipsis)).collect();
    let columns = columns(&rows);
    let line = |cells: [&str; 4]| {
        let padded = cells.iter().zip(columns).map(|(cell, columns)| pad(cell, columns));
        padded.collect::<Vec<_>>().join("  ")
    };
    page.blank();
    page.hanging(
        &[(Ink::Quiet, format!("{}  {}  ", pad("severity", BADGE), pad("key", HEAD)))],
        Ink::Quiet,
        "what",
    );
    page.whole_line(&[(Ink::Quiet, format!("{}{}", indent(), line(NAMES).trim_end()))]);
    for (row, it) in rows.iter().zip(listed) {
        let grade = grade(&it.incident);
        let badge = pad(&format!("{} {}", grade.sign(), word(&it.incident)), BADGE + 2);
        let key = format!("{}  ", head(&it.incident));
        let leads = [(Ink::Grade(grade), badge), (Ink::Strong, key)];
        page.hanging(&leads, Ink::Strong, &written.title(&it.incident));
        page.whole_line(&[(
            Ink::Plain,
            format!("{}{}", indent(), line(row.each_ref().map(String::as_str)).trim_end()),
        )]);
        for below in below(it) {
            page.hanging(&[(Ink::Plain, indent())], Ink::Plain, &below);
        }
    }
    page.into_text()
}

/// Below the title.
fn indent() -> String {
    " ".repeat(BADGE + 2 + HEAD + 2)
}

/// Columns of `✗ critical` and `✓ resolved`.
const BADGE: usize = 10;

/// `3 open (1 critical, 2 warning), 1 waiting`.
fn headline(listed: &[Listed]) -> String {
    let number = |status| listed.iter().filter(|it| it.incident.status == status).count();
    let several = |(status, word)| match number(status) {
        0 => None,
        number => Some(format!("{} {word}", count(number as u64))),
    };
    let others: Vec<_> = [(Status::Waiting, "waiting"), (Status::Resolved, "resolved")]
        .into_iter()
        .filter_map(several)
        .collect();
    let open = match number(Status::Open) {
        0 => "no incident is open".to_owned(),
        1 => format!("1 incident is open ({})", severities(listed)),
        open => format!("{} incidents are open ({})", count(open as u64), severities(listed)),
    };
    [open].into_iter().chain(others).collect::<Vec<_>>().join(", ")
}

fn severities(listed: &[Listed]) -> String {
    let mut all = [Severity::Info, Severity::Warning, Severity::Unknown, Severity::Critical];
    all.sort_by_key(|severity| Reverse(*severity));
    let open = listed.iter().map(|it| &it.incident).filter(|it| it.status == Status::Open);
    let counted = all.into_iter().filter_map(|severity| {
        let number = open.clone().filter(|it| it.severity == severity).count();
        (number > 0).then(|| format!("{number} {}", severity.name()))
    });
    counted.collect::<Vec<_>>().join(", ")
}

const NAMES: [&str; 4] = ["places", "owner", "since (UTC)", "issue"];

/// Columns that no cell is wider than: owners and trackers may have long names.
const WIDEST: usize = 20;

fn cells(incident: &Incident, ellipsis: &str) -> [String; 4] {
    let (bad, all) = bad_of_all(incident);
    let places = if all == 0 { "-".to_owned() } else { format!("{bad} of {all}") };
    let state = filing(&incident.filing);
    let issue = match incident.filing.issue() {
        Some(issue) => format!("{} {state}", cut(&safe(&issue.id), WIDEST, ellipsis)),
        None => state.to_owned(),
    };
    let owner = cut(&safe(&incident.owner), WIDEST, ellipsis);
    [places, owner, minute(since(incident)), issue]
}

fn columns(rows: &[[String; 4]]) -> [usize; 4] {
    std::array::from_fn(|column| {
        let cells = rows.iter().map(|row| width(&row[column]));
        cells.max().unwrap_or(0).max(NAMES[column].len())
    })
}

fn grade(incident: &Incident) -> Grade {
    match incident.status {
        Status::Resolved => Grade::Ok,
        Status::Open | Status::Waiting => incident.severity.into(),
    }
}

const fn word(incident: &Incident) -> &'static str {
    match incident.status {
        Status::Resolved => "resolved",
        Status::Open | Status::Waiting => incident.severity.name(),
    }
}

/// Why it is quiet, and until when.
fn below(listed: &Listed) -> Vec<String> {
    let Listed { incident, silenced, stale } = listed;
    let mut lines = Vec::new();
    if incident.status == Status::Waiting {
        lines.push("waiting: nobody is told yet".to_owned());
    }
    if let Some(since) = incident.unseen_since {
        lines.push(format!("not seen since {} UTC", minute(since)));
    }
    if let Some(oldest) = stale.values().min() {
        let places = counted(stale.len() as u64, "place");
        lines.push(format!("{places} unknown: stale, last looked at {} UTC", minute(*oldest)));
    }
    if let Filing::Failed { why, .. } = &incident.filing {
        lines.push(format!("its issue is refused: {}", Foreign::new(why.as_str()).shown()));
    }
    if let Some(taken) = &incident.acknowledged {
        lines.push(format!("{} is on it until {} UTC", taken.by.shown(), minute(taken.until)));
    }
    let until = silenced.as_ref().map(|silence| format!("{} UTC", minute(silence.until)));
    lines.extend(until.and_then(|until| listed.silence(&until)));
    lines
}
