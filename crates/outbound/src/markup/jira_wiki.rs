//! The wiki markup of Jira Data Center. It is read in monospaced text too, so every sign in foreign text is escaped
//! there: keys of issues and addresses become links wherever they stand.

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
            format!("{{noformat}}\n{}\n{{noformat}}", lines.join("\n"))
        }
    }
}

/// Nothing is read there but the end of it.
fn inside(text: &str) -> String {
    text.replace("{noformat", "\\u{7b}noformat")
}

fn paragraph(spans: &[Span]) -> String {
    spans.iter().map(span).collect()
}

fn span(span: &Span) -> String {
    match span {
        Span::Ours(text) => escape(text),
        Span::Strong(text) => format!("*{}*", escape(text)),
        Span::Foreign(text) | Span::Code(text) => code(text),
        Span::Link(url) => match address(url) {
            Some(url) => format!("[{url}]"),
            None => code(&Foreign::new(url)),
        },
    }
}

fn code(text: &Foreign) -> String {
    format!("{{{{{}}}}}", escape(&inert(text)))
}

/// A backslash before each sign; two backslashes would end the line.
fn escape(text: &str) -> String {
    replaced(&ours(text), |_, c, out| match c {
        '\\' => write!(out, "&#92;").is_ok(),
        '.' | ',' | '/' | '=' | '%' | ';' => false,
        c if c.is_ascii_punctuation() => write!(out, "\\{c}").is_ok(),
        _ => false,
    })
}

/// A text of ours as it was before it was escaped.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\\' if rest.peek().is_some_and(char::is_ascii_punctuation) => out.extend(rest.next()),
            c => out.push(c),
        }
    }
    out.replace("&#92;", "\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_escaped_is_read_back() {
        for text in ["a-b [~ann] {code} *x*", "c:\\d\\", "ABC-123 http://x.example/?a=b", "plain"] {
            assert_eq!(plain(&escape(text)), text);
        }
    }
}
