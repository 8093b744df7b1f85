//! What an owner has to know once a week.

use certvigil_model::{Block, Document, Foreign, Incident, Span};

use super::Context;
use super::held::list;
use super::message::Message;
use super::named::line;
use super::todo::text;
use crate::words::counted;

/// What is open of `owner`, the soonest end first.
pub fn digest(owner: &str, open: &[&Incident], cx: &Context) -> Message {
    let name = line(&Foreign::new(owner), NAME);
    let count = match open.len() {
        0 => "nothing is open".to_owned(),
        count => format!("{} open", counted(count as u64, "incident")),
    };
    let title = format!("certvigil, this week at {name}: {count}");
    let mut blocks = vec![Block::Paragraph(vec![Span::Strong(title.clone()), ".".into()])];
    if !open.is_empty() {
        blocks.push(text("What each needs stands in its issue. The soonest end first:"));
        blocks.push(Block::List(list(open, cx)));
    }
    Message { line: title.clone(), title, body: Document(blocks) }
}

/// Characters of an owner's name in a line.
const NAME: usize = 40;
