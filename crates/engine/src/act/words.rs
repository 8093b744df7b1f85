//! The words of an act, made of the incident as it stands.

use std::collections::BTreeMap;

use certvigil_alarm::{
    CertificateRule, Deed, Renewer, Rules, State, block, held, is_notes, long_dead, next_step,
    owners,
};
use certvigil_model::{
    Act, CertificateSeen, Document, EndpointId, Ends, Filing, Foreign, Incident, Origin, Severity,
    Sighting, Time,
};
use certvigil_outbound::delivery::Words;
use certvigil_report::issue::{
    self, Change, ClockSeen, Context, Link, Next, RenewerKind, Reopened,
};

/// What words rest on beside incidents.
#[derive(Clone, Debug)]
pub struct Wording {
    /// The program and its version.
    pub tool: String,
    /// The config's path, as it was named.
    pub config: Option<String>,
    /// From where it is looked.
    pub location: Option<String>,
    /// Whether there is a store, so that orders can be given.
    pub has_store: bool,
    /// How commands find it.
    pub store_named: Option<(&'static str, String)>,
}

/// What words are made of.
pub(crate) struct Matter<'a> {
    pub(crate) state: &'a State,
    pub(crate) rules: &'a Rules,
    /// What this run saw at the places.
    pub(crate) seen: &'a BTreeMap<EndpointId, Sighting>,
    /// The journal's head.
    pub(crate) head: Option<String>,
    /// How our clock stood.
    pub(crate) clock: Option<ClockSeen>,
    pub(crate) now: Time,
}

impl Wording {
    /// What `act` says of `incident`.
    pub(crate) fn of(&self, incident: &Incident, act: &Act, matter: &Matter<'_>) -> Words {
        let cx = self.context(incident, matter);
        Words {
            title: issue::title(incident, &cx),
            body: body(incident, &cx, matter),
            comment: comment(incident, act, &cx, matter),
            block: block(incident, matter.state, matter.rules),
            change: incident.changes,
        }
    }

    /// What a message to people says of `incident`.
    pub(crate) fn message(
        &self,
        incident: &Incident,
        call: &issue::Call<'_>,
        matter: &Matter<'_>,
    ) -> issue::Message {
        issue::message(incident, call, &self.context(incident, matter))
    }

    /// What an owner hears once a week.
    pub(crate) fn digest(&self, owner: &str, open: &[&Incident], now: Time) -> issue::Message {
        issue::digest(owner, open, &Context::new(now, self.tool.as_str()))
    }

    /// What `incident` is called.
    pub(crate) fn title(&self, incident: &Incident, now: Time) -> String {
        issue::title(incident, &Context::new(now, self.tool.as_str()))
    }

    fn context(&self, incident: &Incident, matter: &Matter<'_>) -> Context {
        let Matter { rules, now, .. } = *matter;
        let certificate = incident.certificate.as_ref();
        let owner = rules.owners.get(&incident.owner);
        Context {
            location: self.location.clone(),
            config: self.config.clone(),
            env: owner.map(|owner| owner.env.clone()),
            owner_from: certificate.and_then(|it| owner_from(rules, it)),
            renewer: certificate
                .and_then(|it| owners::rules_of(rules, it).next())
                .and_then(renewer),
            journal_head: matter.head.clone(),
            clock: matter.clock.clone(),
            chain: certificate
                .map(|it| Link {
                    subject: it.subject.clone(),
                    serial_number: it.serial_number.clone(),
                    sha256: it.sha256,
                    not_after: Some(it.not_after),
                })
                .into_iter()
                .collect(),
            has_store: self.has_store,
            store_named: self.store_named.clone(),
            next: called_next(incident, matter)
                .or_else(|| certificate.and_then(|it| next(incident, it.ends, now))),
            ..Context::new(now, self.tool.as_str())
        }
    }
}

fn body(incident: &Incident, cx: &Context, Matter { state, rules, .. }: &Matter<'_>) -> Document {
    if let Some(dead) = long_dead(state, incident) {
        return issue::long_dead_body(incident, &dead, cx);
    }
    match held(state, rules, incident) {
        Some(held) => issue::held_body(incident, &held, why_held(state), cx),
        None if is_notes(incident) => issue::notes_body(incident),
        None => issue::body(incident, cx),
    }
}

const fn why_held(state: &State) -> &'static str {
    match state.memory.observing_since {
        Some(_) => "a first round, or a new config, would open too many issues at once",
        None => "more issues are due than the limits of this tracker allow",
    }
}

fn comment(incident: &Incident, act: &Act, cx: &Context, matter: &Matter<'_>) -> Document {
    match act {
        Act::File | Act::Remember => Document::default(),
        Act::Comment { .. } => issue::comment(incident, &Change::default(), cx),
        Act::Close => {
            let seen = incident.places.keys().filter_map(|id| matter.seen.get(id));
            issue::closing(incident, &seen.cloned().collect::<Vec<_>>(), cx)
        }
        Act::Reopen => issue::reopening(incident, &why_reopened(incident), cx),
    }
}

fn why_reopened(incident: &Incident) -> Reopened {
    match &incident.filing {
        Filing::Closed { at, .. } if incident.closings > 0 => {
            Reopened::ClosedWhileBad { by: Foreign::new("a person"), at: *at }
        }
        _ => Reopened::CameBack,
    }
}

/// Where the config says who owns a certificate, wherever that is served.
fn owner_from(rules: &Rules, certificate: &CertificateSeen) -> Option<Origin> {
    owners::rules_of(rules, certificate).find(|rule| rule.owner.is_some())?.origin.clone()
}

fn renewer(rule: &CertificateRule) -> Option<issue::Renewer> {
    let kind = match rule.renewer {
        Renewer::Certvigil => RenewerKind::Certvigil,
        Renewer::Certbot => RenewerKind::Certbot,
        Renewer::CertManager => RenewerKind::CertManager,
        Renewer::Provider => RenewerKind::Provider,
        Renewer::Hand => RenewerKind::Hand,
        Renewer::Unknown => return None,
    };
    let advice = rule.advice.clone().unwrap_or_else(|| rule.renewer.remedy().to_owned());
    Some(issue::Renewer { kind, from: rule.origin.clone(), advice: Some(advice) })
}

fn called_next(incident: &Incident, Matter { state, rules, now, .. }: &Matter<'_>) -> Option<Next> {
    let rung = next_step(state, rules, incident, *now)?;
    if rung.whom.is_empty() && rung.deed != Deed::Comment {
        return None;
    }
    Some(Next {
        step: rung.words.to_owned(),
        at: Some(rung.at.max(*now)),
        whom: rung.whom.into_iter().map(|channel| channel.0).collect(),
    })
}

fn next(incident: &Incident, ends: Ends, now: Time) -> Option<Next> {
    let is_to_come = incident.severity < Severity::Critical && now < ends.critical_from;
    is_to_come.then(|| Next {
        step: "it becomes critical, and its readers hear of it here".to_owned(),
        at: Some(ends.critical_from),
        whom: vec![incident.owner.clone()],
    })
}
