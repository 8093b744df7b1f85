//! The order of a table: the verdict of the round, what is worst, what is worth knowing, what is
//! well, and the verdict again, where a terminal's reader looks first.

use certvigil_model::{Time, Verdict};

use super::block::{Block, Rank, Said};
use super::board::{Accepted, Board, Group, Note};
use super::ink::{Grade, Ink};
use super::page::{INDENT, Page, Row, margin};
use super::place::Place;
use crate::acted::Told;
use crate::words::{accepted, count, counted, day, headline_pieces, length, relative, took};
use crate::{Closed, NotLooked, Opened};

/// Puts the whole round on `page`.
pub(crate) fn tell(page: &mut Page, board: &Board, opened: &Opened, closed: &Closed) {
    page.whole_line(&headline_pieces(closed));
    frame(page, opened, closed);
    let columns = Columns::of(board);
    blocks(page, board, &columns);
    acceptances(page, board, closed, &columns);
    notes(page, board, &columns);
    healthy(page, board, closed.judged_at.unwrap_or(closed.finished_at));
    issues(page, closed);
    page.blank();
    page.whole_line(&headline_pieces(closed));
}

/// When, from where, how long, by whose trust, and what was left out.
fn frame(page: &mut Page, opened: &Opened, closed: &Closed) {
    let elapsed = closed.finished_at.millis().saturating_sub(opened.started_at.millis());
    let elapsed = std::time::Duration::from_millis(u64::try_from(elapsed).unwrap_or(0));
    let from = opened.location.as_ref().map(|place| format!(" from {place}")).unwrap_or_default();
    let mut words = format!(
        "looked {}{from}, for {} of at most {}",
        opened.started_at,
        took(elapsed),
        took(closed.bound)
    );
    if !opened.trust_profiles.is_empty() {
        words.push_str(&format!("; trust: {}", opened.trust_profiles.join(", ")));
    }
    page.paragraph((Ink::Quiet, ""), Ink::Quiet, &words);
    if let Some(at) = closed.judged_at {
        let words = format!("judged as of {}, not as of the look", at);
        page.paragraph((Ink::Plain, ""), Ink::Strong, &words);
    }
    for NotLooked { family, addresses, why } in &closed.not_looked {
        let addresses = counted(*addresses, "address");
        let words = format!("IPv{family} was not looked at: {addresses}, {why}");
        page.paragraph((Ink::Plain, ""), Ink::Plain, &words);
    }
    if let Some(words) = accepted(closed) {
        page.paragraph((Ink::Plain, ""), Ink::Plain, &words);
    }
}

/// Where headings have their columns.
struct Columns {
    id: usize,
}

impl Columns {
    fn of(board: &Board) -> Self {
        let groups = board.groups();
        let blocks = groups.iter().flat_map(|(_, _, group)| group.blocks());
        let said = blocks.flat_map(|(_, block)| block.said.iter().map(|said| said.id));
        let beside = board.accepted.iter().map(|accepted| accepted.id);
        let widest = said.chain(beside).chain(board.notes.keys().copied()).map(str::len).max();
        Self { id: widest.unwrap_or(0).min(24) }
    }

    fn heading(&self, page: &mut Page, grade: Grade, id: &str, place: (&str, &str)) {
        let badge = format!("{}  ", grade.badge());
        let id_ink = if grade == Grade::Info { Ink::Plain } else { Ink::Strong };
        let (name, beside) = ((Ink::Plain, place.0), (Ink::Quiet, place.1));
        if page.width() < NARROW {
            page.line(&[(Ink::Grade(grade), &badge), (id_ink, id)], 1);
            said(page, &format!("{}{}", place.0, place.1), None);
        } else {
            let id = format!("{id:0$}  ", self.id);
            page.line(&[(Ink::Grade(grade), &badge), (id_ink, &id), name, beside], 2);
        }
    }
}

fn blocks(page: &mut Page, board: &Board, columns: &Columns) {
    let groups = board.groups();
    let all: usize = groups.iter().map(|(_, _, group)| group.blocks().len()).sum();
    let in_full = if all <= FEW { FEW } else { IN_FULL };
    for group in groups {
        tell_group(page, group, in_full, columns);
    }
}

/// The first in full, the next in a line each, the rest in counts.
fn tell_group(
    page: &mut Page,
    (verdict, id, group): (Verdict, &str, &Group),
    in_full: usize,
    columns: &Columns,
) {
    let blocks = group.blocks();
    for (rank, block) in blocks.iter().take(in_full) {
        page.blank();
        tell_block(page, rank, block, columns);
    }
    page.blank();
    for (rank, block) in blocks.iter().skip(in_full).take(IN_A_LINE) {
        in_a_line(page, verdict, id, (rank, block), columns);
    }
    let unnamed = blocks.iter().skip(in_full + IN_A_LINE).map(|(_, block)| block.total);
    let more = unnamed.sum::<u64>() + group.more;
    if more > 0 {
        let noun = blocks.first().map_or("endpoint", |(rank, _)| rank.noun());
        let words = format!("… {} with {id}", counted(more, &format!("more {noun}")));
        let grade = Grade::from(verdict);
        page.line(&[(Ink::Grade(grade), &format!("{}  ", grade.badge())), (Ink::Plain, &words)], 1);
    }
}

fn in_a_line(
    page: &mut Page,
    verdict: Verdict,
    id: &str,
    (rank, block): (&Rank, &Block),
    columns: &Columns,
) {
    let Some(place) = block.places.first() else { return };
    let id = match block.said.len().saturating_sub(1) {
        0 => id.to_owned(),
        others => format!("{id} (+{others})"),
    };
    let ends = rank.ends().map(|ends| format!("  to {}", day(ends))).unwrap_or_default();
    let beside = format!("  {}{ends}{}", place.address, and_more(block.total));
    columns.heading(page, verdict.into(), &id, (&place.name, &beside));
}

/// ` and 36 more`, where there are more than the one that is named.
fn and_more(total: u64) -> String {
    match total.saturating_sub(1) {
        0 => String::new(),
        others => format!(" and {} more", count(others)),
    }
}

fn tell_block(page: &mut Page, rank: &Rank, block: &Block, columns: &Columns) {
    let whole = whole(block, rank.noun());
    for (position, said) in block.said.iter().enumerate() {
        let whole = if position == 0 { whole.as_str() } else { "" };
        columns.heading(page, said.severity.into(), said.id, (whole, ""));
        finding(page, said);
    }
    places(page, block);
    let of_the_first = if block.total > 1 { ", at the first of them" } else { "" };
    for (label, words) in &block.proof {
        let beside = if *label == "seen" { of_the_first } else { "" };
        // What somebody compares, not what somebody reads.
        let ink = if matches!(*label, "sha256" | "seen") { Ink::Quiet } else { Ink::Plain };
        page.labelled(label, ink, &format!("{words}{beside}"));
    }
}

/// Where a block shows, in a few words.
fn whole(block: &Block, noun: &str) -> String {
    match (block.places.first(), block.total) {
        (None, _) => Place::of_round().name,
        (Some(only), 1) => only.name.clone(),
        (Some(first), total) if block.is_one_name => {
            format!("{}, {}", first.name, counted(total, "address"))
        }
        (Some(_), total) => counted(total, noun),
    }
}

fn finding(page: &mut Page, finding: &Said) {
    said(page, finding.message().unwrap_or_default(), finding.hint());
    if let Some(about) = &finding.about {
        page.labelled("about", Ink::Plain, about);
    }
}

fn said(page: &mut Page, message: &str, hint: Option<&str>) {
    let indent = " ".repeat(INDENT);
    if !message.is_empty() {
        page.paragraph((Ink::Plain, &indent), Ink::Plain, message);
    }
    if let Some(hint) = hint {
        page.paragraph((Ink::Strong, &format!("{indent}→ ")), Ink::Plain, hint);
    }
}

/// Each place, and below it what was said only there.
fn places(page: &mut Page, block: &Block) {
    let lead = |position| margin(if position == 0 { "at" } else { "" });
    let row = |(position, place): (usize, &Place)| {
        // One name for all stands in the heading.
        let name = (!block.is_one_name).then(|| place.name.clone());
        let rest = [place.address.clone(), place.beside.clone()];
        Row {
            lead: (Ink::Quiet, lead(position)),
            cells: name.into_iter().chain(rest).collect(),
            below: block.only_at(position),
        }
    };
    let rows: Vec<_> = block.places.iter().enumerate().map(row).collect();
    let says_nothing = |row: &Row| row.cells.iter().all(String::is_empty) && row.below.is_empty();
    if !rows.iter().all(says_nothing) {
        page.rows(&rows);
    }
    let others = block.total.saturating_sub(block.places.len() as u64);
    if others > 0 {
        page.labelled("", Ink::Plain, &format!("… and {} more", count(others)));
    }
}

/// What ends first comes first: it is red again on that day.
fn acceptances(page: &mut Page, board: &Board, closed: &Closed, columns: &Columns) {
    for Accepted { id, place, message, answer, .. } in &board.accepted {
        page.blank();
        let beside = format!("  {}", place.address);
        columns.heading(page, Grade::Accepted, id, (&place.name, beside.trim_end()));
        said(page, message, Some(answer));
    }
    let others = closed.accepted.saturating_sub(board.accepted.len() as u64);
    if others > 0 && !board.accepted.is_empty() {
        let lead = format!("{}  ", Grade::Accepted.badge());
        let words = format!("… {} accepted for longer", counted(others, "more finding"));
        page.line(&[(Ink::Grade(Grade::Accepted), &lead), (Ink::Plain, &words)], 1);
    }
}

/// What was done about issues.
fn issues(page: &mut Page, closed: &Closed) {
    let Some(acted) = &closed.acted else { return };
    page.blank();
    let ink = |failed| if failed { Ink::Grade(Grade::Critical) } else { Ink::Plain };
    page.paragraph((Ink::Plain, ""), ink(!acted.is_proven()), &acted.headline());
    for Told { is_failure, text } in acted.lines(ISSUES) {
        page.paragraph((Ink::Plain, &" ".repeat(INDENT)), ink(is_failure), &text);
    }
}

fn notes(page: &mut Page, board: &Board, columns: &Columns) {
    for (id, Note { message, hint, place, total }) in &board.notes {
        page.blank();
        let beside = format!("  {}{}", place.address, and_more(*total));
        columns.heading(page, Grade::Info, id, (&place.name, beside.trim_end()));
        said(page, message, hint.as_deref());
    }
}

/// What ends soonest first.
fn healthy(page: &mut Page, board: &Board, now: Time) {
    let lead = (Ink::Grade(Grade::Ok), format!("{}  ", Grade::Ok.badge()));
    let row = |(ends, place): &(Time, Place)| Row {
        lead: lead.clone(),
        cells: vec![place.name.clone(), place.address.clone(), left(*ends, now)],
        below: Vec::new(),
    };
    let are_all_named = board.healthy_total <= board.healthy.len() as u64;
    let named = if are_all_named { board.healthy.len() } else { SOONEST };
    let rows: Vec<_> = board.healthy.iter().take(named).map(row).collect();
    page.blank();
    page.rows(&rows);
    let others = board.healthy_total.saturating_sub(rows.len() as u64);
    if others > 0 {
        let words = format!("… and {} more ok, which end later", count(others));
        page.line(&[(lead.0, &lead.1), (Ink::Plain, &words)], 1);
    }
}

fn left(ends: Time, now: Time) -> String {
    match ends {
        Time::NO_SET_EXPIRY => "no set end".to_owned(),
        ends if ends < now => format!("ended {}, {}", relative(ends, now), day(ends)),
        ends => format!("{} left, to {}", length(ends.seconds_since(now)), day(ends)),
    }
}

/// So many blocks are all told in full: what a person works through in one sitting.
const FEW: usize = 20;
/// Where there are more than [`FEW`], blocks of one group told in full.
const IN_FULL: usize = 3;
/// Blocks of one group told in a line each.
const IN_A_LINE: usize = 37;
/// Healthy endpoints that are named where there are too many to name all.
const SOONEST: usize = 10;
/// Below this width a place has no room beside its finding.
const NARROW: usize = 64;
/// Lines about issues.
const ISSUES: usize = 20;
