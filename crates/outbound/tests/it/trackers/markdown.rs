//! Documents in Markdown as GitHub's own renderer shows them.

use std::io::Write as _;
use std::process::{Command, Stdio};

use certvigil_model::{Block, Document, Foreign, Span};
use certvigil_outbound::markup::Markup;

use crate::trackers::ground::is_here;
use crate::trackers::hostile;

#[test]
fn hostile_text_stays_text() {
    if !is_here("Markdown by cmark-gfm", &["/usr/bin/cmark-gfm"]) {
        return;
    }
    for words in hostile::TEXTS {
        let html = rendered(&Markup::Markdown.write(&hostile::document(&[words])));
        hostile::assert_harmless(&html);
        let outside = outside_of_code(&html);
        for sign in ["@", "#", "evil", "!"] {
            assert!(!outside.contains(sign), "{words:?}: {sign} stands outside of code: {html}");
        }
    }
}

/// Words of ours come out as they went in, whatever they are made of.
#[test]
fn our_words_come_out_as_they_are() {
    if !is_here("Markdown by cmark-gfm", &["/usr/bin/cmark-gfm"]) {
        return;
    }
    for words in [
        "a *b* _c_ `d` [e](f) <g> &amp; ~~h~~ | i $j$ \\k #12 !x",
        "1. one",
        "- two",
        "# three",
        "+ four",
        "> five",
        "/close",
        "=== six",
        "12) seven",
    ] {
        let document = Document(vec![Block::Paragraph(vec![Span::from(words)])]);
        let html = rendered(&Markup::Markdown.write(&document));
        let want = words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        assert_eq!(html.trim(), format!("<p>{want}</p>"));
    }
}

#[test]
fn structure_is_kept() {
    if !is_here("Markdown by cmark-gfm", &["/usr/bin/cmark-gfm"]) {
        return;
    }
    let document = Document(vec![
        Block::Heading("What breaks".to_owned()),
        Block::Paragraph(vec![Span::Strong("All".to_owned()), Span::from(" of it.")]),
        Block::List(vec![vec![Span::from("one")], vec![Span::Code(Foreign::new("two"))]]),
        Block::Commands(vec!["openssl x509 <a.pem >b && echo `date`".to_owned(), "```".to_owned()]),
        Block::Paragraph(vec![Span::Link("https://tracker.example.org/a_b_c?d=e&f".to_owned())]),
    ]);
    let html = rendered(&Markup::Markdown.write(&document));
    assert_eq!(
        html,
        "<h3>What breaks</h3>\n<p><strong>All</strong> of it.</p>\n<ul>\n<li>one</li>\n\
         <li><code>two</code></li>\n</ul>\n\
         <pre><code>openssl x509 &lt;a.pem &gt;b &amp;&amp; echo `date`\n```\n</code></pre>\n\
         <p><a href=\"https://tracker.example.org/a%5Fb%5Fc?d=e&amp;f\">\
         https://tracker.example.org/a%5Fb%5Fc?d=e&amp;f</a></p>\n"
    );
}

#[expect(clippy::disallowed_methods, reason = "tests start what they need")]
fn rendered(markdown: &str) -> String {
    let mut cmark = Command::new("cmark-gfm");
    for extension in ["autolink", "table", "strikethrough", "tasklist"] {
        cmark.args(["-e", extension]);
    }
    let mut child =
        cmark.arg("--unsafe").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(markdown.as_bytes()).unwrap();
    String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
}

fn outside_of_code(html: &str) -> String {
    let parts = html.split("<code>").enumerate();
    parts
        .map(|(at, part)| if at == 0 { part } else { part.split_once("</code>").unwrap().1 })
        .collect()
}
