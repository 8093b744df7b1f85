//! What became of issues: one line each, what has failed first.

use std::io::{self, Write};

use super::text::{Apart, Text};
use crate::Closed;
use crate::acted::{IssueLine, WITHOUT_STORE, bounded};
use crate::words::count;

/// Nothing where nobody acted.
pub(super) fn write(closed: &Closed, out: &mut dyn Write) -> io::Result<()> {
    let Some(acted) = &closed.acted else { return Ok(()) };
    writeln!(
        out,
        "<section id=\"issues\" aria-labelledby=\"issues-h\">\n\
         <h2 id=\"issues-h\">Issues</h2>\n<p class=\"quiet\">{}</p>\n<ul class=\"issues\">",
        Text(&acted.headline())
    )?;
    for heard in &acted.heard {
        line(sign(heard.is_failure), &Text(&bounded(&heard.text)).to_string(), out)?;
    }
    let mut issues: Vec<&IssueLine> = acted.issues.iter().collect();
    issues.sort_by_key(|issue| issue.state);
    for one in issues.iter().take(SHOWN) {
        line(sign(one.state.is_failure()), &issue(one), out)?;
    }
    let more = issues.len().saturating_sub(SHOWN);
    if more > 0 {
        line(sign(false), &format!("… and {} more", count(more as u64)), out)?;
    }
    if !acted.has_store {
        line(sign(false), &Text(WITHOUT_STORE).to_string(), out)?;
    }
    out.write_all(b"</ul>\n</section>\n")
}

fn line((class, sign): (&str, &str), inside: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<li class=\"{class}\"><span class=\"sign\" aria-hidden=\"true\">{sign}</span><div>{inside}</div></li>"
    )
}

const fn sign(is_failure: bool) -> (&'static str, &'static str) {
    if is_failure { ("critical", "✗") } else { ("info", "·") }
}

/// `TITLE` as a link, then what came of it and where, then what stood in the way.
fn issue(issue: &IssueLine) -> String {
    let title = bounded(&issue.title);
    let title = Apart(&title);
    // Only what a browser opens as a page may be a link: a tracker's answer chose it.
    let page = issue
        .url
        .as_deref()
        .filter(|url| url.starts_with("https://") || url.starts_with("http://"));
    let title = match page {
        Some(url) => format!("<a href=\"{}\" rel=\"noreferrer\">{title}</a>", Text(&bounded(url))),
        None => title.to_string(),
    };
    let mut place = issue.state.words().to_owned();
    let tracker = issue.tracker.as_ref().map(|tracker| tracker.0.as_str());
    for part in tracker.into_iter().chain(issue.id.as_deref()) {
        place.push_str(" · ");
        place.push_str(part);
    }
    let trouble = issue
        .trouble
        .as_deref()
        .map(|trouble| format!("<p class=\"hint\">{}</p>", Apart(&bounded(trouble))));
    let trouble = trouble.unwrap_or_default();
    format!("{title}<p class=\"where\">{}</p>{trouble}", Text(&bounded(&place)))
}

/// Issues that the page shows.
const SHOWN: usize = 200;
