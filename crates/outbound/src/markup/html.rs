//! HTML for mails: a few elements, no images, no scripts, and no links but ours.

use std::fmt::Write as _;

use certvigil_model::{Block, Document, Foreign, Span};

use super::{LIMIT, address, line};

/// Writes `document` as a whole page.
pub(crate) fn write(document: &Document) -> String {
    let mut out = String::from(HEAD);
    for block in &document.0 {
        write_block(block, &mut out);
    }
    out.push_str("</body></html>\n");
    out
}

const HEAD: &str = "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"></head>\
    <body style=\"font-family:sans-serif;font-size:15px;line-height:1.45;color:#1b1f24;max-width:44em\">\n";
const COMMANDS: &str = "font-family:monospace;font-size:13px;background:#f1f3f5;padding:8px 10px;white-space:pre-wrap;\
    overflow-wrap:anywhere";

fn write_block(block: &Block, out: &mut String) {
    // Writing into a text does not fail.
    let _ = match block {
        Block::Heading(text) => {
            writeln!(
                out,
                "<h2 style=\"font-size:16px;margin:20px 0 6px\">{}</h2>",
                escaped(&line(text))
            )
        }
        Block::Paragraph(all) => writeln!(out, "<p>{}</p>", spans(all)),
        Block::List(items) => {
            let items = items.iter().map(|item| format!("<li>{}</li>", spans(item)));
            writeln!(out, "<ul>{}</ul>", items.collect::<String>())
        }
        Block::Commands(commands) => {
            let commands: Vec<_> = commands.iter().map(|it| escaped(&line(it))).collect();
            writeln!(out, "<pre style=\"{COMMANDS}\">{}</pre>", commands.join("\n"))
        }
    };
}

fn spans(spans: &[Span]) -> String {
    spans.iter().map(span).collect()
}

fn span(span: &Span) -> String {
    match span {
        Span::Ours(text) => escaped(&line(text)),
        Span::Strong(text) => format!("<strong>{}</strong>", escaped(&line(text))),
        Span::Foreign(text) => foreign(text),
        Span::Code(text) => {
            format!("<code style=\"overflow-wrap:anywhere\">{}</code>", foreign(text))
        }
        Span::Link(url) => match address(url) {
            Some(url) => format!("<a href=\"{0}\">{0}</a>", escaped(&url)),
            None => foreign(&Foreign::new(url)),
        },
    }
}

/// Whoever shows HTML makes links of what looks like one: a character that is not seen parts it.
fn foreign(text: &Foreign) -> String {
    let text = escaped(&text.shown_within(LIMIT).to_string());
    text.replace("://", ":&#8203;//").replace('@', "&#8203;@").replace("www.", "www&#8203;.")
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_else_chose_is_text() {
        let hostile = "<img src=x onerror=alert(1)> https://evil.example \u{202e}\r\nBcc: a@b";
        let document = Document(vec![
            Block::Paragraph(vec![Span::Foreign(Foreign::new(hostile))]),
            Block::List(vec![vec![Span::Code(Foreign::new(hostile))]]),
            Block::Commands(vec!["certvigil check '<img src=x>'".to_owned()]),
            Block::Paragraph(vec![Span::Link("javascript:alert(1)".to_owned())]),
            Block::Paragraph(vec![Span::Link("https://a.example/\"><b>".to_owned())]),
        ]);
        let html = write(&document);
        assert!(!html.contains("<img") && !html.contains("\u{202e}"), "{html}");
        assert_eq!(html.matches("<a href=").count(), 1, "{html}");
        assert!(html.contains("<a href=\"https://a.example/%22%3E%3Cb%3E\">"), "{html}");
        assert!(!html.contains("https://evil"), "{html}");
    }
}
