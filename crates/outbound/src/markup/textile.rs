//! Textile as Redmine reads it.
//!
//! In `<code>` and `<pre>` its renderer takes everything for text but the end of them, and makes no links to issues,
//! revisions, users or macros.

use std::fmt::Write as _;

use certvigil_model::{Block, Document, Foreign, Span};

use super::{address, inert, line, ours, replaced};

pub(super) fn write(document: &Document) -> String {
    let blocks: Vec<String> = document.0.iter().map(block).collect();
    blocks.join("\n\n")
}

fn block(block: &Block) -> String {
    match block {
        Block::Heading(text) => format!("h3. {}", escape(text)),
        Block::Paragraph(spans) => paragraph(spans),
        Block::List(items) => {
            let items: Vec<String> =
                items.iter().map(|item| format!("* {}", paragraph(item))).collect();
            items.join("\n")
        }
        Block::Commands(commands) => {
            let lines: Vec<String> =
                commands.iter().map(|command| inside(&line(command))).collect();
            format!("<pre>\n{}\n</pre>", lines.join("\n"))
        }
    }
}

fn paragraph(spans: &[Span]) -> String {
    spans.iter().map(span).collect()
}

fn span(span: &Span) -> String {
    match span {
        Span::Ours(text) => escape(text),
        Span::Strong(text) => format!("*{}*", escape(text)),
        Span::Foreign(text) | Span::Code(text) => code(text),
        Span::Link(url) => address(url).unwrap_or_else(|| code(&Foreign::new(url))),
    }
}

fn code(text: &Foreign) -> String {
    format!("<code>{}</code>", inside(&inert(text)))
}

/// Only a tag that ends them, or begins another, is seen there; a command keeps its redirections.
fn inside(text: &str) -> String {
    let mut rest = text.chars();
    let mut out = String::with_capacity(text.len());
    while let Some(c) = rest.next() {
        let next = rest.clone().next();
        let is_tag = c == '<' && next.is_some_and(|c| c.is_ascii_alphabetic() || "/!".contains(c));
        if is_tag { out.push_str("\\u{3c}") } else { out.push(c) }
    }
    out
}

/// Character references for whatever could be markup: Textile has no escape that holds everywhere.
fn escape(text: &str) -> String {
    let text = ours(text);
    let first_word_ends = text.find(' ').unwrap_or(0);
    replaced(&text, |before, c, out| {
        let is_markup = "*_@+~^%=[]{}|!#<>&\"`".contains(c);
        let is_doubled = matches!(c, '?' | '-') && before.is_none_or(|c| !c.is_alphanumeric());
        // `h3.`, `bq.` and `fn1.` begin blocks of their own.
        let is_block = c == '.' && out.len() + 1 == first_word_ends;
        let is_meant = is_markup || is_doubled || is_block;
        is_meant.then(|| write!(out, "&#{};", u32::from(c))).is_some()
    })
}
