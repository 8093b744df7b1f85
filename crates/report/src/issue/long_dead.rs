//! The one issue that lists what had ended long before anybody looked.

use certvigil_model::{Block, Document, Incident, Span};

use super::Context;
use super::body::key;
use super::held::list;
use super::todo::text;
use crate::words::counted;

/// What ended long ago, the longest first, and what becomes of it. `summary` is the incident whose issue this is, of
/// one owner; `dead` is all of what it lists.
pub fn long_dead_body(summary: &Incident, dead: &[&Incident], cx: &Context) -> Document {
    let total = counted(dead.len() as u64, "incident");
    Document(vec![
        Block::Paragraph(vec![
            Span::Strong(format!("{total} of certificates that ended long ago")),
            ": more than 30 days before they were first seen. Whoever used them has found that out; nobody is called for them, \
             and none has an issue of its own."
                .into(),
        ]),
        text(
            "For each: take it off its server where nobody needs it, renew it where somebody does, or accept it for a time. \
             What is renewed leaves this list, and will have an issue when it ends again. This issue closes when the list is \
             empty.",
        ),
        Block::Heading("Ended, the longest ago first".to_owned()),
        Block::List(list(dead, cx)),
        key(summary),
    ])
}
