//! Text as it is.

use certvigil_model::{Block, Document, Foreign, Span};

use super::{address, inert, line, ours};

pub(super) fn write(document: &Document) -> String {
    let blocks: Vec<String> = document.0.iter().map(block).collect();
    blocks.join("\n\n")
}

fn block(block: &Block) -> String {
    match block {
        Block::Heading(text) => {
            let text = ours(text);
            let rule = "-".repeat(text.chars().count());
            format!("{text}\n{rule}")
        }
        Block::Paragraph(spans) => self::spans(spans),
        Block::List(items) => {
            let items: Vec<String> =
                items.iter().map(|item| format!("- {}", spans(item))).collect();
            items.join("\n")
        }
        Block::Commands(commands) => {
            let commands: Vec<String> =
                commands.iter().map(|command| format!("    {}", line(command))).collect();
            commands.join("\n")
        }
    }
}

fn spans(spans: &[Span]) -> String {
    spans.iter().map(span).collect()
}

fn span(span: &Span) -> String {
    match span {
        Span::Ours(text) | Span::Strong(text) => ours(text),
        Span::Foreign(text) | Span::Code(text) => foreign(text),
        Span::Link(url) => address(url).unwrap_or_else(|| foreign(&Foreign::new(url))),
    }
}

/// Whoever shows plain text makes links of what has a scheme.
fn foreign(text: &Foreign) -> String {
    inert(text).replace("://", ":\\u{2f}/")
}
