//! The page behind a link by which somebody says that they are on it. Following the link changes nothing: mail scanners
//! and chat previews do. The button does.

use std::fmt::Write as _;

use certvigil_model::{Foreign, Time};

use super::text::Text;

/// What the page is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerPage {
    /// It can be taken on.
    Open {
        /// What is wrong; of a test that nothing is.
        title: String,
        /// Whom the link was sent to: who presses the button answers as them.
        who: String,
        /// It is a test of the way.
        is_test: bool,
        /// Who has taken it on already, and until when.
        taken: Option<(Foreign, Time)>,
    },
    /// The button was pressed.
    Taken {
        /// What is wrong.
        title: String,
        /// Lines that say what follows.
        said: Vec<String>,
    },
    /// There is nothing to take on.
    Nothing {
        /// Why, and what to do.
        why: String,
    },
}

/// Writes the page.
pub fn answer_page(page: &AnswerPage) -> String {
    let mut body = String::new();
    // Writing into a text does not fail.
    let _ = match page {
        AnswerPage::Open { title, who, is_test, taken } => {
            let (question, button) = match is_test {
                true => ("Nothing is wrong. Has this test arrived?", "It has arrived"),
                false => ("Are you on it?", "I am on it"),
            };
            let taken = taken.as_ref().map(|(by, until)| {
                let by = by.shown_within(80).to_string();
                format!("<p class=\"note\">{} is on it until {until}.</p>", Text(&by))
            });
            write!(
                body,
                "<h1>{}</h1>{}<p>{question}</p><form method=\"post\"><button type=\"submit\">{button}</button></form>\
                 <p class=\"small\">You answer as {}. Nobody else is called meanwhile; it ends by itself.</p>",
                Text(title),
                taken.unwrap_or_default(),
                Text(who),
            )
        }
        AnswerPage::Taken { title, said } => {
            let said = said.iter().map(|line| format!("<p>{}</p>", Text(line))).collect::<String>();
            write!(body, "<p class=\"done\">✓ Recorded</p><h1>{}</h1>{said}", Text(title))
        }
        AnswerPage::Nothing { why } => {
            write!(body, "<h1>There is nothing to answer here</h1><p>{}</p>", Text(why))
        }
    };
    format!("{HEAD}{body}</main></body></html>\n")
}

const HEAD: &str = "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>certvigil</title>\
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\">\
<meta name=\"robots\" content=\"noindex\"><meta name=\"referrer\" content=\"no-referrer\"><style>\
:root{--ink:#1b1f24;--page:#f6f7f9;--card:#fff;--line:#d5dae1;--go:#0b57d0;--on:#fff;--quiet:#566070}\
@media(prefers-color-scheme:dark){:root{--ink:#e8eaed;--page:#14171a;--card:#1e2226;--line:#3a4149;--go:#8ab4f8;--on:#10151b;--quiet:#a4adb8}}\
body{margin:0;background:var(--page);color:var(--ink);font:17px/1.5 system-ui,sans-serif}\
main{max-width:32rem;margin:10vh auto;padding:1.75rem;background:var(--card);border:1px solid var(--line);border-radius:12px}\
h1{font-size:1.25rem;line-height:1.35;margin:0 0 1rem;overflow-wrap:anywhere}p{margin:.6rem 0;overflow-wrap:anywhere}\
button{width:100%;min-height:3.25rem;margin:.75rem 0;font:600 1.1rem system-ui,sans-serif;color:var(--on);background:var(--go);\
border:0;border-radius:8px;cursor:pointer}button:focus-visible{outline:3px solid var(--ink);outline-offset:2px}\
.small{font-size:.9rem;color:var(--quiet)}.note{border-left:4px solid var(--go);padding-left:.75rem}\
.done{font-weight:600}@media(max-width:36rem){main{margin:0;min-height:100vh;border:0;border-radius:0;box-sizing:border-box}}\
</style></head><body><main>";
