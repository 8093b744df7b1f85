//! The list for people: a row for each incident, what ends silence or calm below its title.

use std::cmp::Reverse;

use certvigil_model::{Incident, Severity, Status};

use super::{Listed, Written, filing, head, minute, since};
use crate::Style;
use crate::issue::bad_of_all;
use crate::table::{Grade, Ink, Page, cut, pad, width};
use crate::words::count;

/// `listed` as a table, in the order given; see [`super::sort`].
pub fn list(listed: &[Listed], written: Written<'_>, style: Style) -> String {
    let mut page = Page::new(style);
    page.paragraph((Ink::Plain, ""), Ink::Strong, &headline(listed));
    if listed.is_empty() {
        return page.into_text();
    }
    page.blank();
    let rows: Vec<_> = listed.iter().map(|it| Row::of(&it.incident)).collect();
    let columns = columns(&rows);
    let names = NAMES.iter().zip(columns).map(|(name, columns)| (Ink::Quiet, cell(name, columns)));
    page.hanging(&names.collect::<Vec<_>>(), Ink::Quiet, "what");
    for (row, it) in rows.iter().zip(listed) {
        let cells = row.cells.iter().zip(columns).map(|(text, columns)| cell(text, columns));
        let inks = [row.ink, Ink::Strong].into_iter().chain(std::iter::repeat(Ink::Plain));
        let leads: Vec<_> = inks.zip(cells).collect();
        page.hanging(&leads, Ink::Strong, &written.title(&it.incident));
        let indent = columns.iter().map(|column| column + GAP).sum();
        for below in below(it) {
            page.hanging(&[(Ink::Plain, " ".repeat(indent))], Ink::Plain, &below);
        }
    }
    page.into_text()
}

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

const NAMES: [&str; 6] = ["severity", "key", "places", "owner", "since (UTC)", "issue"];

/// Columns that no cell is wider than: owners and trackers may have long names.
const WIDEST: usize = 20;
const GAP: usize = 2;

struct Row {
    ink: Ink,
    cells: [String; 6],
}

impl Row {
    fn of(incident: &Incident) -> Self {
        let (grade, word) = match incident.status {
            Status::Resolved => (Grade::Ok, "resolved"),
            _ => (incident.severity.into(), Grade::from(incident.severity).name()),
        };
        let badge = format!("{} {word}", grade.sign());
        let (bad, all) = bad_of_all(incident);
        let places = if all == 0 { "-".to_owned() } else { format!("{bad} of {all}") };
        let state = filing(&incident.filing);
        let issue = match incident.filing.issue() {
            Some(issue) => format!("{} {state}", cut(&super::safe(&issue.id), 10, "…")),
            None => state.to_owned(),
        };
        let owner = super::safe(&incident.owner);
        let since = minute(since(incident));
        let cells = [badge, head(incident).to_owned(), places, owner, since, issue];
        Self { ink: Ink::Grade(grade), cells }
    }
}

fn columns(rows: &[Row]) -> [usize; 6] {
    std::array::from_fn(|column| {
        let cells = rows.iter().map(|row| width(&row.cells[column]));
        cells.max().unwrap_or(0).min(WIDEST).max(NAMES[column].len())
    })
}

fn cell(text: &str, columns: usize) -> String {
    format!("{}{}", pad(&cut(text, columns, "…"), columns), " ".repeat(GAP))
}

/// Why it is quiet, and until when.
fn below(listed: &Listed) -> Vec<String> {
    let Listed { incident, silenced } = listed;
    let mut lines = Vec::new();
    if incident.status == Status::Waiting {
        lines.push("waiting: nobody is told yet".to_owned());
    }
    if let Some(since) = incident.unseen_since {
        lines.push(format!("not seen since {} UTC", minute(since)));
    }
    if let Some(taken) = &incident.acknowledged {
        lines.push(format!("{} is on it until {} UTC", taken.by.shown(), minute(taken.until)));
    }
    let until = silenced.as_ref().map(|silence| format!("{} UTC", minute(silence.until)));
    lines.extend(until.and_then(|until| listed.silence(&until)));
    lines
}
