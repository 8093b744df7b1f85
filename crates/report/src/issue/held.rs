//! The one issue that lists what the brake holds back.

use std::cmp::Reverse;

use certvigil_model::{Block, Document, Foreign, Incident, Span, Time};

use super::Context;
use super::body::key;
use super::commands::order;
use super::named::{Named, sentence};
use super::title::title;
use super::todo::text;
use crate::words::{counted, day};

/// Bytes that a list may take, its markup included: trackers keep 65,535 of a body.
const ROOM: usize = 58_000;
/// Items that are told by their titles; of more, each gets its part of the room.
const IN_FULL: usize = 150;
/// Digits of a key where room is short.
const DIGITS: usize = 8;
/// What an item takes beside the name: the date, the key and the signs of a list and of code.
const FRAME: usize = 30;

/// Bytes of a name, at least.
const SHORTEST: usize = 16;
/// And at most.
const LONGEST: usize = 60;

/// What is held and why, how to have it filed, and the full list, the soonest end first. `summary`
/// is the incident whose issue this is, `why` a sentence without its end.
pub fn held_body(summary: &Incident, held: &[&Incident], why: &str, cx: &Context) -> Document {
    let total = counted(held.len() as u64, "issue");
    let verb = if held.len() == 1 { "is" } else { "are" };
    let mut blocks = vec![
        Block::Paragraph(vec![
            Span::Strong(format!("{total} {verb} held back")),
            ": ".into(),
            sentence(why),
            ". Nobody has been told of what is listed here in any other way.".into(),
        ]),
        text(
            "What is critical is never held. What is held is filed as the limit allows, the \
             soonest end first.",
        ),
    ];
    if cx.has_store {
        let commands = ["release KEY", "release --all"].map(|release| order(cx, release));
        blocks.push(text("To have one filed now, or all:"));
        blocks.push(Block::Commands(commands.into()));
    }
    blocks.push(Block::Heading("Held back, the soonest end first".to_owned()));
    blocks.push(Block::List(list(held, cx)));
    blocks.push(key(summary));
    Document(blocks)
}

pub(super) fn list(held: &[&Incident], cx: &Context) -> Vec<Vec<Span>> {
    let mut held: Vec<_> = held.to_vec();
    held.sort_by_key(|incident| (ends(incident), Reverse(incident.severity), &incident.key));
    if held.len() <= IN_FULL {
        return held.into_iter().map(|incident| full(incident, cx)).collect();
    }
    let name = (ROOM / held.len()).saturating_sub(FRAME).clamp(SHORTEST, LONGEST);
    let fits = ROOM / (name + FRAME);
    let rest = held.split_off(held.len().min(fits)).len();
    let mut items: Vec<_> = held.into_iter().map(|incident| brief(incident, name, cx)).collect();
    if rest > 0 {
        items.push(more(rest, cx));
    }
    items
}

/// An issue has no room for them: where they can be read instead.
fn more(rest: usize, cx: &Context) -> Vec<Span> {
    let mut item = vec![format!("and {rest} more, none of which ends earlier").into()];
    if cx.has_store {
        let list = Span::Code(Foreign::new(order(cx, "list")));
        item.extend([": ".into(), list, " shows all".into()]);
    }
    item
}

/// What has no end comes last.
fn ends(incident: &Incident) -> Time {
    incident.certificate.as_ref().map_or(Time::NO_SET_EXPIRY, |seen| seen.ends.at)
}

fn full(incident: &Incident, cx: &Context) -> Vec<Span> {
    vec![
        Span::Foreign(Foreign::new(title(incident, cx))),
        format!(" ({}), key ", incident.severity.name()).into(),
        Span::Code(Foreign::new(incident.key.as_str())),
    ]
}

fn brief(incident: &Incident, name: usize, cx: &Context) -> Vec<Span> {
    let end = match ends(incident) {
        Time::NO_SET_EXPIRY => incident.family.name().to_owned(),
        end => day(end),
    };
    let name = bytes_within(&Named::of(incident, cx).name, name);
    let key: String = incident.key.as_str().chars().take(DIGITS).collect();
    vec![format!("{end} ").into(), Span::Code(Foreign::new(format!("{name} {key}")))]
}

/// The text escaped, as much of it as `limit` bytes hold.
fn bytes_within(text: &Foreign, limit: usize) -> String {
    let shown = text.shown().to_string();
    if shown.len() <= limit {
        return shown;
    }
    let end = shown.floor_char_boundary(limit.saturating_sub('…'.len_utf8()));
    format!("{}…", &shown[..end])
}
