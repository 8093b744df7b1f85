//! Text that tries to become more than text.

use certvigil_model::{Block, Document, Foreign, Span};

/// Everything that some tracker acts upon, each where it would be acted upon.
pub(crate) const TEXTS: &[&str] = &[
    "@ann @all @channel @here @everyone user:ann",
    "#1 issue#1 fixes #1 closes #1 !1 &1 ~bug %1 r1 commit:a1b2c3 document:x GH-1 OPS-1",
    "/close /assign @ann /label ~bug /unassign",
    "\n/close\n/remove_due_date\n",
    "!http://evil.example/x.png! ![x](http://evil.example/x.png) <img src=//evil.example/x.png>",
    "[ok](http://evil.example) \"ok\":http://evil.example [ok|http://evil.example] [[Wiki]] [[x|y]]",
    "http://evil.example/ https://evil.example www.evil.example ftp://evil.example mailto:a@evil.example",
    "someone@evil.example <a@evil.example> ann.lee@lab.test",
    "<script>alert(1)</script><a href='javascript:alert(1)'>x</a><iframe src=//evil.example>",
    "`@ann` ``#1`` ```\n@ann #1 ~~~ </code> @ann #1 http://evil.example <code>",
    "</code></pre>@ann #1 <b>http://evil.example</b> <pre><code>",
    "<!-- --> @ann <!-- #1 --> &lt;b&gt; &#64;ann &#35;1 &commat;ann",
    "{{toc}} {{include(Wiki)}} {{collapse(x)\n@ann\n}} {code}@ann{code} {noformat} {{{x}}}",
    "*b* _i_ -s- +u+ ^s^ ~s~ %{color:red}x% ??c?? ==x== <notextile>#1</notextile> |a|b| h1. x",
    "\u{1b}[2J\u{202e}evil\0\u{200b}@ann\u{2028}#1",
    "$`a`$ $$x$$ :smile: [ ] [x] - [ ] x\n\n# heading\n\n> quote\n\n---\n",
    "\\@ann \\#1 \\http://evil.example \\`@ann\\` \\",
    "[~ann] [~accountid:1] [^file.txt] (!) (/) :) ABC-123",
    "CF.{certvigil key} RT-Attach-Message: yes [lab.test #1] =1+1 -- sig",
    "",
    "   ",
    "`",
    "``",
    "@",
];

/// `texts` everywhere that foreign text can stand.
pub(crate) fn document(texts: &[&str]) -> Document {
    Document(texts.iter().flat_map(|words| blocks(words)).collect())
}

fn blocks(words: &str) -> Vec<Block> {
    let foreign = || Span::Foreign(Foreign::new(words));
    let code = || Span::Code(Foreign::new(words));
    vec![
        Block::Paragraph(vec![foreign()]),
        Block::Paragraph(vec![Span::from("Served: "), foreign(), Span::from(" there.")]),
        Block::List(vec![vec![code()], vec![foreign(), foreign()]]),
        Block::Paragraph(vec![Span::Strong("Ends".to_owned()), code()]),
        Block::Paragraph(vec![Span::Link(format!("javascript:{words}"))]),
    ]
}

/// Whether nothing in the page's part leads anywhere, loads anything or calls anybody.
#[track_caller]
pub(crate) fn assert_harmless(html: &str) {
    let low = html.to_lowercase();
    for sign in [
        "<a ",
        "<img",
        "<script",
        "<iframe",
        "<input",
        "<table",
        "<h1",
        "<blockquote",
        "<b>",
        "onclick",
    ] {
        assert!(!low.contains(sign), "there is {sign}: {html}");
    }
    let is_wrong = |c: char| c != '\n' && c != '\t' && certvigil_model::is_unsafe_to_show(c);
    assert!(!html.replace('\r', "").contains(is_wrong), "{html:?}");
}
