//! What a person is sent about an incident: one line for a pager, a title and all of it for a mail.

use certvigil_model::{Acknowledged, Block, Document, Foreign, Incident, Purpose, Span, Time};

use super::body::body;
use super::calendar::{moment, stamp};
use super::comment::closing;
use super::named::line;
use super::short::{LIMIT, asking, short};
use super::title::title;
use super::{Context, Next};

/// What a message rests on beside the incident.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    /// What it is for.
    pub purpose: Purpose,
    /// Where its readers say that they are on it.
    pub answer: Option<&'a str>,
    /// Where its issue is, and whether that was read back.
    pub issue: Option<(&'a str, bool)>,
}

/// The words of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// One line of less than 160 characters: what, the first thing to do, a link.
    pub line: String,
    /// A title, without the word for how bad it is: that ages.
    pub title: String,
    /// All of it.
    pub body: Document,
}

/// What `call` says of `incident`.
pub fn message(incident: &Incident, call: &Call<'_>, cx: &Context) -> Message {
    let title = title(incident, cx);
    let line = match (call.purpose, call.answer) {
        (Purpose::Over, _) => prefixed("Over: ", &title),
        (Purpose::Accepted, _) => prefixed("Accepted for 14 days: ", &title),
        (Purpose::Taken, _) => prefixed(&format!("Taken on by {}: ", taker(incident)), &title),
        (_, Some(answer)) => asking(incident, cx, answer),
        (_, None) => short(incident, cx, call.issue.map(|(url, _)| url)),
    };
    let title = match call.purpose {
        Purpose::Over => prefixed("Over: ", &title),
        Purpose::Taken => prefixed("Taken on: ", &title),
        Purpose::Accepted => prefixed("Accepted for 14 days: ", &title),
        Purpose::Reminder => prefixed("Not taken on: ", &title),
        _ => title,
    };
    Message { line, body: Document(blocks(incident, call, cx)), title }
}

fn prefixed(prefix: &str, title: &str) -> String {
    line(&Foreign::new(format!("{prefix}{title}")), LIMIT)
}

fn taker(incident: &Incident) -> String {
    let by = incident.acknowledged.as_ref().map(|it| line(&it.by, TAKER));
    by.unwrap_or_else(|| "somebody".to_owned())
}

/// Characters of a name in a line.
const TAKER: usize = 40;

fn blocks(incident: &Incident, call: &Call<'_>, cx: &Context) -> Vec<Block> {
    if call.purpose == Purpose::Over {
        return closing(incident, &[], cx).0;
    }
    let mut blocks = Vec::new();
    match call.purpose {
        Purpose::Page => blocks.push(asked(call, cx)),
        Purpose::Reminder => blocks.push(Block::Paragraph(unanswered(incident))),
        Purpose::Taken => blocks.extend(incident.acknowledged.as_ref().map(taken)),
        Purpose::Accepted => blocks.push(accepted()),
        _ => {}
    }
    blocks.push(Block::Paragraph(filed(call)));
    if let (Some(answer), true) = (call.answer, call.purpose != Purpose::Page) {
        blocks.push(Block::Paragraph(vec![
            "Whoever is on it says so here: ".into(),
            Span::Link(answer.to_owned()),
        ]));
    }
    blocks.extend(body(incident, cx).0);
    blocks
}

fn asked(call: &Call<'_>, cx: &Context) -> Block {
    let mut spans = vec![Span::Strong("An answer is asked for.".to_owned())];
    match call.answer {
        Some(answer) => spans.extend([
            " Whoever acts on it says so here, and nobody else is called: ".into(),
            Span::Link(answer.to_owned()),
        ]),
        None => spans.push(
            " Whoever acts on it assigns the issue to themselves, and nobody else is called."
                .into(),
        ),
    }
    if let Some(next) = &cx.next {
        spans.extend([" ".into(), without_answer(next)]);
    }
    Block::Paragraph(spans)
}

/// `Without one: the second contact is called, Wed 25 Nov 2026 12:30 UTC.`
fn without_answer(Next { step, at, whom }: &Next) -> Span {
    let at = at.map(|at| format!(", {}", moment(at))).unwrap_or_default();
    let whom = match whom.as_slice() {
        [] => String::new(),
        whom => format!(" ({})", whom.join(", ")),
    };
    let words = format!("Without one: {step}{whom}{at}.");
    Span::Foreign(Foreign::new(words))
}

fn unanswered(incident: &Incident) -> Vec<Span> {
    let since = incident.opened_at.unwrap_or(incident.first_seen);
    vec![
        Span::Strong("Nobody has taken this on".to_owned()),
        format!(" since it was found, {}.", moment(since)).into(),
    ]
}

fn taken(Acknowledged { by, until, .. }: &Acknowledged) -> Block {
    Block::Paragraph(vec![
        Span::Foreign(by.clone()),
        format!(" has taken it on until {}. Nobody is called until then.", stamp(*until)).into(),
    ])
}

fn accepted() -> Block {
    Block::Paragraph(vec![
        Span::Strong("Its issue was closed twice while it was still bad.".to_owned()),
        " That counts as an acceptance: nobody is told of it for 14 days, unless it comes near its end. If that is \
         not what your group means, open the issue again."
            .into(),
    ])
}

/// Until an issue is read back, a message stands in for it.
fn filed(call: &Call<'_>) -> Vec<Span> {
    match call.issue {
        Some((url, true)) => vec!["Its issue: ".into(), Span::Link(url.to_owned())],
        Some((url, false)) => vec![
            Span::Strong("Its issue is not proven to be filed.".to_owned()),
            " It may be here: ".into(),
            Span::Link(url.to_owned()),
        ],
        None => vec![
            Span::Strong("No issue of it is filed.".to_owned()),
            " This message stands in for it.".into(),
        ],
    }
}

/// Whether a page arrives: nothing is wrong, and an answer is asked for.
pub fn test_page(owner: &str, answer: Option<&str>, answer_by: Option<Time>) -> Message {
    let owner = line(&Foreign::new(owner), TAKER);
    let title = format!("certvigil test page for {owner}: nothing is wrong");
    let mut spans = vec![
        Span::Strong("Nothing is wrong.".to_owned()),
        " This is a test of the way in which you would be called.".into(),
    ];
    let by = answer_by.map(|by| format!(" by {}", moment(by))).unwrap_or_default();
    let tail = match answer {
        Some(answer) => {
            spans.extend([
                format!(" Please say that it arrived{by}: ").into(),
                Span::Link(answer.to_owned()),
                ". Without an answer this way counts as broken.".into(),
            ]);
            format!(". Answer: {answer}")
        }
        None => ".".to_owned(),
    };
    let line = format!("{title}{tail}");
    let line = if line.chars().count() > LIMIT { title.clone() } else { line };
    Message { line, title, body: Document(vec![Block::Paragraph(spans)]) }
}

/// So much was to be sent that only pages are.
pub fn breaker(limit: usize, since: Time) -> Message {
    let title = format!("certvigil sends only pages: more than {limit} messages in an hour");
    let words = format!(
        "{limit} messages were sent within an hour at {}. Until there is room again only pages are sent; issues are filed \
         as ever. Something changes all the time, or much at once: `certvigil incidents list` shows it. The limit is \
         messages_per_hour of [limits].",
        stamp(since)
    );
    let body = Document(vec![Block::Paragraph(vec![words.into()])]);
    Message { line: title.clone(), title, body }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_page_says_that_nothing_is_wrong_and_fits_a_pager() {
        let answer = format!("https://certvigil.example.org/answer/{}", "a".repeat(48));
        let page = test_page("web", Some(&answer), None);
        assert!(page.line.contains("nothing is wrong") && page.line.contains(&answer), "{page:?}");
        assert!(page.line.chars().count() < 160, "{}", page.line);
        let long = test_page(&"w".repeat(200), Some(&"a".repeat(200)), None);
        assert!(long.line.chars().count() < 160, "{}", long.line);
    }
}
