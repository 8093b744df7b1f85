//! The page from top to bottom.

use std::io::{self, Write};
use std::time::Duration;

use certvigil_model::{Time, Verdict};

use super::card::{self, Card};
use super::overview::{Overview, WORST_FIRST};
use super::text::Text;
use super::{horizon, issues, lists};
use crate::contract::{Endpoint, Said};
use crate::run::Run;
use crate::table::Grade;
use crate::words::{count, counted, took};
use crate::{Closed, Opened, Summary};

/// Writes the run as one page: the worst [`SHOWN`] endpoints, and a count of the rest.
pub(crate) fn write(run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
    let now = run.tail.judged_at.unwrap_or(run.tail.finished_at);
    let overview = Overview::of(run, now)?;
    head(run.tail, out)?;
    summary(run.head, run.tail, out)?;
    out.write_all(b"<main id=\"main\" tabindex=\"-1\">\n")?;
    horizon::write(&overview, now, out)?;
    let (wrong, healthy): (Vec<Endpoint>, Vec<Endpoint>) = run
        .worst_endpoints(SHOWN)?
        .into_iter()
        .partition(|endpoint| endpoint.verdict != Verdict::Ok);
    let shown = wrong.len() as u64;
    let cards = Card::of(wrong);
    let said = run.worst_said(SHOWN)?;
    for verdict in WORST_FIRST.into_iter().filter(|verdict| *verdict != Verdict::Ok) {
        section(verdict, &cards, &said, run.tail, now, out)?;
    }
    rest(&run.tail.summary, shown, out)?;
    issues::write(run.tail, out)?;
    lists::accepted(&overview, run.tail, now, out)?;
    lists::healthy(&healthy, run.tail.summary.ok, now, out)?;
    lists::notes(&overview, out)?;
    out.write_all(b"</main>\n")?;
    foot(run.head, run.tail, out)
}

fn head(closed: &Closed, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"robots\" content=\"noindex\">\n\
         <title>{} certvigil: {}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#main\">Skip to what was found</a>",
        worst(closed).sign(),
        Text(&sentence(closed)),
    )
}

/// First on the page, and last.
fn sentence(closed: &Closed) -> String {
    let Closed { checked, expected, summary, .. } = closed;
    let unknown = count(summary.unknown);
    format!("checked {} of {}, {unknown} unknown", count(*checked), count(*expected))
}

/// The worst that the round came to.
fn worst(closed: &Closed) -> Grade {
    let Summary { warning, critical, unknown, .. } = closed.summary;
    match () {
        () if critical > 0 => Grade::Critical,
        () if unknown > 0 || !closed.complete() || !closed.told() => Grade::Unknown,
        () if warning > 0 => Grade::Warning,
        () => Grade::Ok,
    }
}

fn summary(opened: &Opened, closed: &Closed, out: &mut dyn Write) -> io::Result<()> {
    let worst = worst(closed);
    writeln!(out, "<header class=\"top {}\">", worst.name())?;
    writeln!(
        out,
        "<p class=\"brand\">certvigil</p>\n<h1><span class=\"sign\" aria-hidden=\"true\">{}</span> {}</h1>",
        worst.sign(),
        Text(&sentence(closed))
    )?;
    incomplete(closed, out)?;
    tiles(&closed.summary, out)?;
    frame(opened, closed, out)?;
    out.write_all(b"</header>\n")
}

/// A round that is not whole is nobody's good news.
fn incomplete(closed: &Closed, out: &mut dyn Write) -> io::Result<()> {
    if closed.complete() {
        return Ok(());
    }
    let Closed { attempted, expected, .. } = closed;
    writeln!(
        out,
        "<p class=\"banner\"><strong>This round is incomplete: attempted {} of {}.</strong> It \
         still runs, or it was ended; until it is whole nothing here says that all is well.</p>",
        count(*attempted),
        count(*expected)
    )
}

/// How many of each, as a way to them.
fn tiles(summary: &Summary, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"<nav aria-label=\"verdicts\"><ul class=\"tiles\">\n")?;
    for verdict in WORST_FIRST {
        let number = number(summary, verdict);
        let (name, sign) = (verdict.name(), Grade::from(verdict).sign());
        let inside = format!(
            "<span class=\"sign\" aria-hidden=\"true\">{sign}</span> <b>{}</b> {name}",
            count(number)
        );
        match number {
            0 => writeln!(out, "<li class=\"{name} none\"><span>{inside}</span></li>")?,
            _ => writeln!(out, "<li class=\"{name}\"><a href=\"#{name}\">{inside}</a></li>")?,
        }
    }
    out.write_all(b"</ul></nav>\n")
}

const fn number(summary: &Summary, verdict: Verdict) -> u64 {
    match verdict {
        Verdict::Critical => summary.critical,
        Verdict::Unknown => summary.unknown,
        Verdict::Warning => summary.warning,
        Verdict::Ok => summary.ok,
    }
}

/// When, from where, how long, by whose trust, and what was left out.
fn frame(opened: &Opened, closed: &Closed, out: &mut dyn Write) -> io::Result<()> {
    let elapsed = closed.finished_at.millis().saturating_sub(opened.started_at.millis());
    let elapsed = Duration::from_millis(u64::try_from(elapsed).unwrap_or(0));
    let mut words = vec![format!(
        "looked <time datetime=\"{0}\">{0}</time>, for {1} of at most {2}",
        opened.started_at,
        took(elapsed),
        took(closed.bound)
    )];
    words.extend(opened.location.as_ref().map(|place| format!("from {}", Text(place))));
    if !opened.trust_profiles.is_empty() {
        words.push(format!("trust: {}", Text(&opened.trust_profiles.join(", "))));
    }
    writeln!(out, "<p class=\"frame\">{}</p>", words.join(" · "))?;
    if let Some(at) = closed.judged_at {
        writeln!(
            out,
            "<p class=\"frame\"><strong>judged as of <time datetime=\"{at}\">{at}</time>, not as of the look</strong></p>"
        )?;
    }
    for not in &closed.not_looked {
        let words = format!(
            "IPv{} was not looked at: {}, {}",
            not.family,
            counted(not.addresses, "address"),
            not.why
        );
        writeln!(out, "<p class=\"frame\">{}</p>", Text(&words))?;
    }
    if closed.accepted > 0 {
        let words = counted(closed.accepted, "finding");
        writeln!(
            out,
            "<p class=\"frame\"><a href=\"#accepted\">{words} accepted for a time</a></p>"
        )?;
    }
    Ok(())
}

/// All that has one verdict.
fn section(
    verdict: Verdict,
    cards: &[Card],
    said: &[Said],
    closed: &Closed,
    now: Time,
    out: &mut dyn Write,
) -> io::Result<()> {
    let cards: Vec<_> = cards.iter().filter(|card| card.verdict() == verdict).collect();
    let said: Vec<_> = said.iter().filter(|said| said.verdict() == verdict).collect();
    if cards.is_empty() && said.is_empty() {
        return Ok(());
    }
    let name = verdict.name();
    writeln!(
        out,
        "<section id=\"{name}\" class=\"cards\" aria-labelledby=\"{name}-h\">\n\
         <h2 id=\"{name}-h\">{} <small>{}</small></h2>",
        title(verdict),
        counted(number(&closed.summary, verdict), "endpoint")
    )?;
    for said in said {
        card::write_said(said, out)?;
    }
    for card in cards {
        card.write(now, out)?;
    }
    out.write_all(b"</section>\n")
}

const fn title(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Critical => "Critical: clients fail now or within hours",
        Verdict::Unknown => "Unknown: could not be judged, so not good",
        Verdict::Warning => "Warning: needs a person within days",
        Verdict::Ok => "In order",
    }
}

/// What the page has no room for.
fn rest(summary: &Summary, shown: u64, out: &mut dyn Write) -> io::Result<()> {
    let wrong = summary.critical + summary.unknown + summary.warning;
    match wrong.saturating_sub(shown) {
        0 => Ok(()),
        more => writeln!(
            out,
            "<p class=\"banner\"><strong>… and {} that are not in order.</strong> The JSON report has all of them.</p>",
            counted(more, "more endpoint")
        ),
    }
}

fn foot(opened: &Opened, closed: &Closed, out: &mut dyn Write) -> io::Result<()> {
    let worst = worst(closed);
    writeln!(
        out,
        "<footer class=\"{}\">\n<p class=\"last\"><span class=\"sign\" aria-hidden=\"true\">{}</span> {}</p>",
        worst.name(),
        worst.sign(),
        Text(&sentence(closed))
    )?;
    incomplete(closed, out)?;
    writeln!(
        out,
        "<p class=\"quiet\">{} · round <code>{}</code> · ended <time datetime=\"{2}\">{2}</time></p>\n\
         </footer>\n</body>\n</html>",
        Text(&opened.tool),
        Text(&opened.id),
        closed.finished_at
    )
}

/// All of the page's looks; nothing is loaded.
const STYLE: &str = include_str!("page.css");
/// Endpoints that a page shows.
const SHOWN: usize = 1_000;
