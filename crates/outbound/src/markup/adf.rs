//! The Atlassian Document Format, version 1, of Jira Cloud: a tree, so that nothing in a text can be markup. Text that
//! is marked as code gets no smart links either.

use certvigil_model::{Block, Document, Foreign, Span};
use serde_json::{Value, json};

use super::{address, inert, line};

/// `document` as a tree.
pub fn write(document: &Document) -> Value {
    let content: Vec<Value> = document.0.iter().map(block).collect();
    json!({"type": "doc", "version": 1, "content": content})
}

fn block(block: &Block) -> Value {
    match block {
        Block::Heading(text) => json!({
            "type": "heading", "attrs": {"level": 3}, "content": texts(&[Span::Ours(text.clone())])
        }),
        Block::Paragraph(spans) => paragraph(spans),
        Block::List(items) => {
            let item =
                |spans: &Vec<Span>| json!({"type": "listItem", "content": [paragraph(spans)]});
            let items: Vec<Value> = items.iter().map(item).collect();
            json!({"type": "bulletList", "content": items})
        }
        Block::Commands(commands) => {
            let lines: Vec<String> = commands.iter().map(|command| line(command)).collect();
            let text = lines.join("\n");
            json!({"type": "codeBlock", "content": [{"type": "text", "text": text}]})
        }
    }
}

fn paragraph(spans: &[Span]) -> Value {
    json!({"type": "paragraph", "content": texts(spans)})
}

fn texts(spans: &[Span]) -> Vec<Value> {
    spans.iter().filter_map(text).collect()
}

/// A text may not be empty.
fn text(span: &Span) -> Option<Value> {
    let (text, mark) = match span {
        Span::Ours(text) => (line(text), None),
        Span::Strong(text) => (line(text), Some(json!({"type": "strong"}))),
        Span::Foreign(text) | Span::Code(text) => (inert(text), Some(code())),
        Span::Link(url) => match address(url) {
            Some(url) => (url.clone(), Some(json!({"type": "link", "attrs": {"href": url}}))),
            None => (inert(&Foreign::new(url)), Some(code())),
        },
    };
    let marks: Vec<Value> = mark.into_iter().collect();
    match (text.is_empty(), marks.is_empty()) {
        (true, _) => None,
        (false, true) => Some(json!({"type": "text", "text": text})),
        (false, false) => Some(json!({"type": "text", "text": text, "marks": marks})),
    }
}

fn code() -> Value {
    json!({"type": "code"})
}
