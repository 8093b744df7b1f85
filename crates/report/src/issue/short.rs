//! A page or a chat message: what, the first thing to do, where to read on.

use certvigil_model::{Foreign, Incident};

use super::Context;
use super::named::line;
use super::title::title;
use super::todo::needs_new_certificate;

/// Characters of a message, at most: one short message of a phone.
pub(super) const LIMIT: usize = 159;
/// What a title keeps beside an address.
const TITLE: usize = 48;

/// One line of less than 160 characters. An address that leaves no room for a title is left out:
/// half of one leads nowhere.
pub fn short(incident: &Incident, cx: &Context, link: Option<&str>) -> String {
    let todo = if needs_new_certificate(incident) { "Renew it" } else { "Look at it" };
    one_line(incident, cx, todo, link)
}

/// The same, with where to say that one is on it.
pub(super) fn asking(incident: &Incident, cx: &Context, answer: &str) -> String {
    let todo = if needs_new_certificate(incident) { "Renew it, answer" } else { "Look, answer" };
    one_line(incident, cx, todo, Some(answer))
}

fn one_line(incident: &Incident, cx: &Context, todo: &str, link: Option<&str>) -> String {
    let link = link.map(|link| line(&Foreign::new(link), LIMIT)).unwrap_or_default();
    let tail = match link.chars().count() {
        0 => format!(". {todo}."),
        length if length + todo.len() + TITLE < LIMIT => format!(". {todo}: {link}"),
        _ => format!(". {todo}."),
    };
    let head = line(&Foreign::new(title(incident, cx)), LIMIT - tail.chars().count());
    format!("{head}{tail}")
}
