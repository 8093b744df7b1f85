//! What is in order, what is accepted and what is merely worth knowing.

use std::io::{self, Write};

use certvigil_model::Time;

use super::chain::{Span, bar};
use super::overview::Overview;
use super::text::{Apart, Text, name};
use crate::Closed;
use crate::contract::Endpoint;
use crate::proof::common_name;
use crate::table::Grade;
use crate::words::{count, counted, day, length, relative};

/// Findings that somebody answers for.
pub(super) fn accepted(
    overview: &Overview,
    closed: &Closed,
    now: Time,
    out: &mut dyn Write,
) -> io::Result<()> {
    if overview.accepted.is_empty() && closed.accepted == 0 {
        return Ok(());
    }
    let next = closed.accepted_until.map(|until| {
        format!(" <small>the next ends {} ({})</small>", day(until), relative(until, now))
    });
    writeln!(
        out,
        "<section id=\"accepted\" aria-labelledby=\"accepted-h\">\n\
         <h2 id=\"accepted-h\">Accepted for a time ({}){}</h2>\n<ul class=\"accepted-list\">",
        count(closed.accepted),
        next.unwrap_or_default()
    )?;
    for (place, finding) in &overview.accepted {
        let Some(answer) = &finding.accepted else { continue };
        writeln!(
            out,
            "<li><p>{} <code class=\"id\">{}</code> {}</p>\
             <p class=\"quiet\">until <strong>{}</strong> ({}), by {}: {}</p></li>",
            Apart(place),
            Text(&finding.id),
            Text(&finding.message),
            day(answer.until),
            relative(answer.until, now),
            Apart(&answer.owner),
            Apart(&answer.reason)
        )?;
    }
    out.write_all(b"</ul>\n</section>\n")
}

/// What reddens nothing: each kind once, with its count.
pub(super) fn notes(overview: &Overview, out: &mut dyn Write) -> io::Result<()> {
    if overview.notes.is_empty() {
        return Ok(());
    }
    out.write_all(
        b"<section id=\"notes\" aria-labelledby=\"notes-h\">\n\
          <h2 id=\"notes-h\">Worth knowing</h2>\n<ul class=\"notes\">\n",
    )?;
    for (id, note) in &overview.notes {
        let others = match note.total.saturating_sub(1) {
            0 => String::new(),
            others => format!(" and {} more", count(others)),
        };
        writeln!(
            out,
            "<li><p><span class=\"sign\" aria-hidden=\"true\">{}</span> <code class=\"id\">{}</code> \
             <span class=\"quiet\">{}{others}</span></p><p>{}</p>",
            Grade::Info.sign(),
            Text(id),
            Apart(&note.place),
            Text(&note.message)
        )?;
        if let Some(hint) = &note.hint {
            writeln!(out, "<p class=\"hint\">{}</p>", Text(hint))?;
        }
        out.write_all(b"</li>\n")?;
    }
    out.write_all(b"</ul>\n</section>\n")
}

/// Healthy endpoints, what ends soonest first.
pub(super) fn healthy(
    endpoints: &[Endpoint],
    total: u64,
    now: Time,
    out: &mut dyn Write,
) -> io::Result<()> {
    if total == 0 {
        return Ok(());
    }
    writeln!(
        out,
        "<section id=\"ok\" aria-labelledby=\"ok-h\">\n\
         <h2 id=\"ok-h\">In order ({})</h2>",
        count(total)
    )?;
    if !endpoints.is_empty() {
        out.write_all(
            b"<div class=\"scroll\" role=\"region\" aria-labelledby=\"ok-h\" tabindex=\"0\">\n\
              <table>\n<thead><tr><th scope=\"col\">Name</th><th scope=\"col\">Address</th>\
              <th scope=\"col\">Left</th><th scope=\"col\" class=\"wide\">Valid</th>\
              <th scope=\"col\">Ends</th>\
              <th scope=\"col\">Issuer</th><th scope=\"col\">Owner</th></tr></thead>\n<tbody>\n",
        )?;
        for endpoint in endpoints {
            row(endpoint, now, out)?;
        }
        out.write_all(b"</tbody>\n</table>\n</div>\n")?;
    }
    let more = total.saturating_sub(endpoints.len() as u64);
    if more > 0 {
        writeln!(out, "<p class=\"quiet\">… and {} that end later</p>", counted(more, "endpoint"))?;
    }
    out.write_all(b"</section>\n")
}

fn row(endpoint: &Endpoint, now: Time, out: &mut dyn Write) -> io::Result<()> {
    let certificate = endpoint.end_entity.as_ref();
    let ends = endpoint.ends();
    write!(
        out,
        "<tr><th scope=\"row\">{}</th><td>{} <code>{}</code></td><td class=\"number\">{}</td>\
         <td class=\"wide\">",
        Apart(&name(&endpoint.targets)),
        endpoint.service,
        Text(endpoint.address.as_deref().unwrap_or_default()),
        ends.map_or_else(|| "unknown".to_owned(), |ends| left(ends, now)),
    )?;
    if let Some((certificate, to)) = certificate.zip(ends)
        && let Some(from) = certificate.not_before
    {
        let words = format!("valid {} to {}", day(from), day(to));
        bar(Span { from, to, now }, "ok", &words, out)?;
    }
    let ends = match ends {
        None | Some(Time::NO_SET_EXPIRY) => String::new(),
        Some(ends) => day(ends),
    };
    let issuer = certificate.and_then(|it| it.issuer.as_ref()).map(common_name);
    writeln!(
        out,
        "</td><td class=\"number\">{ends}</td><td>{}</td><td>{}</td></tr>",
        Apart(&issuer.unwrap_or_default()),
        Apart(endpoint.owner.as_deref().unwrap_or_default())
    )
}

fn left(ends: Time, now: Time) -> String {
    match ends {
        Time::NO_SET_EXPIRY => "no set end".to_owned(),
        ends => length(ends.seconds_since(now)),
    }
}
