//! What stands in an issue, in the order in which somebody who was just woken needs it.

use certvigil_model::{Block, Document, Family, Foreign, Incident, Origin, Severity, Span, Time};

use super::calendar::{is_same_day, last_working_day_before, moment, weekday_date};
use super::commands::{order, worst_place};
use super::dial::{Dial, quoted};
use super::named::{Named, sentence, targets};
use super::phrases::{Dates, Phrase, dated, phrase};
use super::places::{owners, places, written_at};
use super::proof::proof;
use super::todo::{text, todo};
use super::{Context, Renewer, RenewerKind};

/// Targets that are named as affected.
const AFFECTED: usize = 5;

/// What breaks, for whom and when; where; who; what to do; what it rests on; what comes next; the
/// key.
pub fn body(incident: &Incident, cx: &Context) -> Document {
    let said = phrase(incident, cx.now);
    let mut blocks = breaks(incident, said, cx);
    let places = places(incident);
    if !places.is_empty() {
        blocks.extend([heading("Where"), Block::List(places)]);
    }
    blocks.extend([heading("Who"), Block::List(who(incident, cx))]);
    blocks.push(heading("Do"));
    blocks.extend(todo(incident, said, cx));
    blocks.extend([heading("Proof"), Block::List(proof(incident, cx))]);
    blocks.push(heading("Next"));
    blocks.extend(next(incident, cx));
    blocks.push(key(incident));
    Document(blocks)
}

fn heading(text: &str) -> Block {
    Block::Heading(text.to_owned())
}

fn breaks(incident: &Incident, said: Phrase, cx: &Context) -> Vec<Block> {
    let named = Named::of(incident, cx);
    let mut first = vec![Span::Foreign(named.name)];
    if named.more > 0 {
        first.push(format!(" (+{})", named.more).into());
    }
    let message = incident.worst().map(|(_, problem)| problem.message.as_str());
    first.push(": ".into());
    first.push(match message.filter(|_| said.breaks.is_empty()) {
        Some(message) => sentence(message),
        None => Span::Strong(dated(said.breaks, incident, Dates::Moments)),
    });
    let is_to_come = said.breaks.contains("{end}");
    if let Some(deadline) = deadline(incident, cx.now).filter(|_| is_to_come) {
        first.push(format!(" {deadline}").into());
    }
    let mut blocks = vec![Block::Paragraph(first)];
    let affected = affected(incident, cx);
    if !affected.is_empty() {
        blocks.push(Block::Paragraph(affected));
    }
    blocks.extend(seen(incident).filter(|_| !said.breaks.is_empty()));
    if let Some(since) = incident.unseen_since {
        let words = format!(
            "Its places cannot be seen since {}: this is judged from what was last seen there, \
             {}. Dates run on meanwhile.",
            moment(since),
            moment(incident.last_bad)
        );
        blocks.push(Block::Paragraph(vec![words.into()]));
    }
    blocks
}

/// What shows it, where dates do not say it all, and what was last known of a place that nobody can
/// see.
fn seen(incident: &Incident) -> Option<Block> {
    let (_, problem) = incident.worst().filter(|_| incident.family != Family::Expiry)?;
    let mut spans = vec!["Seen: ".into(), sentence(&problem.message)];
    if let (Family::Reach, Some(certificate)) = (incident.family, &incident.certificate) {
        let ends = moment(certificate.ends.at);
        spans.push(format!(". The certificate that was last seen there ends {ends}").into());
    }
    spans.push(".".into());
    Some(Block::Paragraph(spans))
}

/// `The last working day before is Mon 21 Dec 2026.`
fn deadline(incident: &Incident, now: Time) -> Option<String> {
    let ends = incident.certificate.as_ref()?.ends.at;
    if ends <= now || ends == Time::NO_SET_EXPIRY {
        return None;
    }
    let day = last_working_day_before(ends);
    let words = match () {
        () if is_same_day(day, now) => "today, ".to_owned() + &weekday_date(day),
        () if day < now => format!("over: it was {}", weekday_date(day)),
        () => weekday_date(day),
    };
    Some(format!("The last working day before that is {words}."))
}

fn affected(incident: &Incident, cx: &Context) -> Vec<Span> {
    let targets = targets(incident);
    let mut spans = Vec::new();
    for (position, target) in targets.iter().take(AFFECTED).enumerate() {
        let joint = if position == 0 { "Affected: clients of " } else { ", " };
        spans.extend([joint.into(), Span::Foreign((*target).clone())]);
    }
    if targets.len() > AFFECTED {
        spans.push(format!(" and {} more", targets.len() - AFFECTED).into());
    }
    if let Some(env) = cx.env.as_ref().filter(|_| !spans.is_empty()) {
        spans.extend([" (".into(), Span::Foreign(Foreign::new(env)), ")".into()]);
    }
    if !spans.is_empty() {
        spans.push(".".into());
    }
    spans
}

fn who(incident: &Incident, cx: &Context) -> Vec<Vec<Span>> {
    let mut owner = vec!["owner: ".into(), Span::Foreign(Foreign::new(&incident.owner))];
    owner.extend(by_origin(cx.owner_from.as_ref()));
    let mut items = vec![owner];
    let owners = owners(incident);
    if owners.iter().any(|(name, _)| *name != incident.owner) {
        let mut spans = Vec::new();
        for (position, (name, count)) in owners.into_iter().enumerate() {
            let joint = if position == 0 { "owners of the places: " } else { ", " };
            spans.extend([joint.into(), Span::Foreign(Foreign::new(name))]);
            spans.push(format!(" ({count})").into());
        }
        items.push(spans);
    }
    if incident.certificate.is_some() {
        items.push(renewed_by(cx.renewer.as_ref()));
    }
    items
}

fn by_origin(origin: Option<&Origin>) -> Vec<Span> {
    origin.map_or_else(Vec::new, |origin| vec![" (".into(), written_at(origin), ")".into()])
}

fn renewed_by(renewer: Option<&Renewer>) -> Vec<Span> {
    let Some(Renewer { kind, from, .. }) = renewer else {
        return vec!["renewed by: nobody knows; the config can say who".into()];
    };
    let mut spans = vec!["renewed by: ".into()];
    match kind {
        RenewerKind::Certvigil => spans.push("certvigil itself".into()),
        RenewerKind::Certbot => spans.push("certbot".into()),
        RenewerKind::CertManager => spans.push("cert-manager".into()),
        RenewerKind::Provider => spans.push("its provider".into()),
        RenewerKind::Hand => spans.push("hand".into()),
    }
    match from {
        Some(_) => spans.extend(by_origin(from.as_ref())),
        None => spans.push(", as learned from renewals seen".into()),
    }
    spans
}

fn next(incident: &Incident, cx: &Context) -> Vec<Block> {
    let mut items = Vec::new();
    items.extend(cx.next.as_ref().map(step));
    items.push(vec![
        "closed by itself, with the proof, once every place was twice seen good; closed by hand \
         while it is still so, it opens again"
            .into(),
    ]);
    items.push(vec![
        "you are on it: assign this issue to yourself, or set it in progress; a comment does not \
         count"
            .into(),
    ]);
    items.extend(cx.links.iter().map(link));
    let mut blocks = vec![Block::List(items)];
    if let Some(accept) = accept(incident) {
        let words = "To accept it for a time: this prints what belongs into the config, where it \
                     wants a reason and a name:";
        blocks.extend([text(words), Block::Commands(vec![accept])]);
    }
    if cx.has_store {
        let words = "To take it on, or to hear nothing of it for a time:";
        let key = &incident.key;
        let ack = order(cx, &format!("ack {key}"));
        let silence = order(cx, &format!("silence {key} --until YYYY-MM-DD --reason 'WHY'"));
        blocks.extend([text(words), Block::Commands(vec![ack, silence])]);
    }
    blocks
}

fn step(next: &super::Next) -> Vec<Span> {
    let mut spans = vec!["next: ".into(), Span::Foreign(Foreign::new(&next.step))];
    spans.extend(next.at.map(|at| format!(", {}", moment(at)).into()));
    for (position, whom) in next.whom.iter().enumerate() {
        let joint = if position == 0 { "; told: " } else { ", " };
        spans.extend([joint.into(), Span::Foreign(Foreign::new(whom))]);
    }
    spans
}

fn link((label, url): &(String, String)) -> Vec<Span> {
    vec![format!("{label}: ").into(), Span::Link(url.clone())]
}

/// What is unknown cannot be accepted, and neither can what no target shows.
fn accept(incident: &Incident) -> Option<String> {
    if incident.severity == Severity::Unknown {
        return None;
    }
    let place = worst_place(incident)?;
    let target = match Dial::of(place) {
        Some(Dial::File(path)) => path,
        _ => quoted(place.target.raw())?,
    };
    Some(format!("certvigil check {target} --format accept --accept-until YYYY-MM-DD"))
}

/// What it is found by.
pub(super) fn key(incident: &Incident) -> Block {
    Block::Paragraph(vec![
        "Key of this issue: ".into(),
        Span::Code(Foreign::new(incident.key.as_str())),
        format!(" (family {}). certvigil finds it by this key.", incident.family.name()).into(),
    ])
}
