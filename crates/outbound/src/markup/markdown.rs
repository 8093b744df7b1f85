//! CommonMark 0.31 with GitHub's additions, and with what GitLab and Redmine find in it besides.
//!
//! Foreign text stands in code spans of one backtick each: Redmine looks for mentions in the source, between backticks
//! that it pairs by a pattern, and GitLab runs what begins a line with `/`.

use certvigil_model::{Block, Document, Foreign, Span};

use super::{address, inert, line, ours, replaced};

pub(super) fn write(document: &Document) -> String {
    let blocks: Vec<String> = document.0.iter().map(block).collect();
    blocks.join("\n\n")
}

fn block(block: &Block) -> String {
    match block {
        Block::Heading(text) => format!("### {}", escape(text)),
        Block::Paragraph(spans) => paragraph(spans),
        Block::List(items) => {
            let items: Vec<String> =
                items.iter().map(|item| format!("- {}", paragraph(item))).collect();
            items.join("\n")
        }
        Block::Commands(commands) => fenced(commands),
    }
}

/// A fence longer than any in it.
fn fenced(commands: &[String]) -> String {
    let lines: Vec<String> = commands.iter().map(|command| line(command)).collect();
    let text = lines.join("\n");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}\n{text}\n{fence}")
}

fn paragraph(spans: &[Span]) -> String {
    spans.iter().map(span).collect()
}

fn span(span: &Span) -> String {
    match span {
        Span::Ours(text) => escape(text),
        Span::Strong(text) => format!("**{}**", escape(text)),
        Span::Foreign(text) | Span::Code(text) => code(text),
        Span::Link(url) => match address(url) {
            Some(url) => format!("<{url}>"),
            None => code(&Foreign::new(url)),
        },
    }
}

fn code(text: &Foreign) -> String {
    format!("`{}`", inert(text))
}

/// Backslashes before whatever could be markup (CommonMark 2.4); at the beginning of words also before what makes
/// lists and commands there.
fn escape(text: &str) -> String {
    replaced(&ours(text), |before, c, out| {
        let is_markup = matches!(
            c,
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '~' | '|' | '$' | '#' | '!'
        );
        let is_first = before.is_none() && matches!(c, '-' | '+' | '/' | '=' | ':');
        // `1.` and `1)` begin a list.
        let is_number = matches!(c, '.' | ')') && before.is_some_and(|c| c.is_ascii_digit());
        if is_markup || is_first || is_number && out.bytes().all(|byte| byte.is_ascii_digit()) {
            out.push('\\');
        }
        false
    })
}
