//! Why something is or is not alarmed, what comes next and when, and who is told.

use std::net::SocketAddr;

use certvigil_model::{
    CertificateSeen, Delivery, EndpointId, Family, Filing, Foreign, Incident, Place, Severity,
    Sighting, Status, Time,
};

use crate::subject::Patience;
use crate::time::DAY;
use crate::{Deed, Pace, Rules, State, acknowledge, brake, ladder, long_dead, owners};

/// Says of everything that `what` names: an incident's key, an endpoint's id, a place, a target, a name or the first
/// eight or more digits of a certificate's SHA-256. One line a sentence, what belongs together below what it belongs to
/// and indented. Foreign text in it is escaped.
pub fn explain(state: &State, rules: &Rules, now: Time, what: &str) -> Vec<String> {
    let case = Case { state, rules, now };
    let sightings = state.sightings.values().filter(|sighting| is_of_sighting(sighting, what));
    let mut lines: Vec<String> =
        sightings.flat_map(|sighting| case.of_sighting(sighting)).collect();
    let incidents = state.incidents.values().filter(|incident| is_of_incident(incident, what));
    for incident in incidents {
        lines.extend(case.of_incident(incident));
    }
    if lines.is_empty() {
        lines.push(format!("nothing that is remembered is called {what}"));
    }
    lines.into_iter().map(|line| Foreign::new(line).shown_within(1000).to_string()).collect()
}

fn is_of_sighting(sighting: &Sighting, what: &str) -> bool {
    let of_certificate = |it: &CertificateSeen| is_of_certificate(it, what);
    sighting.endpoint.to_string() == what
        || sighting.place == what
        || sighting.target.raw() == what
        || sighting.server_name.as_deref() == Some(what)
        || sighting.certificate.as_ref().is_some_and(of_certificate)
}

fn is_of_certificate(certificate: &CertificateSeen, what: &str) -> bool {
    let is_digits = what.len() >= 8 && what.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_digits && certificate.sha256.to_string().starts_with(&what.to_ascii_lowercase())
        || certificate.names.iter().any(|name| name.raw() == what)
}

/// Whether `what` names it, or one of its places of which there is no sighting.
fn is_of_incident(incident: &Incident, what: &str) -> bool {
    let of_place = |(endpoint, place): (&EndpointId, &Place)| {
        endpoint.to_string() == what || place.shown == what || place.target.raw() == what
    };
    incident.status != Status::Resolved
        && (incident.key.as_str() == what
            || incident.certificate.as_ref().is_some_and(|it| is_of_certificate(it, what))
            || incident.places.iter().any(of_place))
        || incident.key.as_str() == what
}

#[derive(Clone, Copy)]
struct Case<'a> {
    state: &'a State,
    rules: &'a Rules,
    now: Time,
}

impl Case<'_> {
    fn of_sighting(self, sighting: &Sighting) -> Vec<String> {
        let mut lines = vec![format!("{} of {}", sighting.place, sighting.target.raw())];
        let is_stale = self.pace().is_stale(sighting.last_seen, self.now);
        let shows = sighting.shows_certificate();
        // By a clock that was ahead it may have begun in days to come.
        let since = sighting.since.min(self.now);
        if is_stale {
            let (looked_at, pace) = (sighting.last_seen, self.pace().interval().as_secs() / 60);
            lines.push(format!(
                "  unknown: stale: looked at last {looked_at}, and everything should be each {pace} min"
            ));
        } else if !shows {
            let outcome = sighting.outcome.name();
            lines.push(format!("  nothing can be seen there: {outcome} since {since}"));
        }
        if let Some(certificate) = &sighting.certificate {
            let seen = if shows && !is_stale { "it shows" } else { "as last seen it showed" };
            let (names, end) = (name_of(certificate), certificate.ends.at);
            lines.push(format!("  {seen} {names}, which ends {end}, since {since}"));
        }
        if let Some((since, why)) = &self.state.memory.blind {
            lines.push(format!("  we cannot see since {since}: {why}"));
        }
        let alarmed = self.state.incidents.values().any(|incident| {
            incident.status != Status::Resolved && incident.places.contains_key(&sighting.endpoint)
        });
        if !alarmed {
            lines.extend(self.of_quiet(sighting, shows));
        }
        lines
    }

    fn pace(self) -> Pace {
        Pace::remembered(&self.state.memory, &self.state.sightings)
    }

    /// Why it is quiet, and until when.
    fn of_quiet(self, sighting: &Sighting, shows: bool) -> Vec<String> {
        let Some(certificate) = &sighting.certificate else {
            return vec![
                "  no incident: somebody answers for it, or it was never a problem".to_owned(),
            ];
        };
        let ends = &certificate.ends;
        let why = match ends.severity(self.now) {
            None if self.pace().is_stale(sighting.last_seen, self.now) => {
                "its last certificate has time left, and what else is wrong nobody has looked at since"
            }
            None if shows => "it was seen good",
            None => {
                "its last certificate has time left, and somebody answers for what cannot be seen"
            }
            Some(_) => "somebody answers for it: see the accepted findings of the last report",
        };
        let next = match self.now {
            now if now < ends.warning_from => {
                format!(
                    "a warning from {}, critical from {}",
                    ends.warning_from, ends.critical_from
                )
            }
            now if now < ends.critical_from => format!("critical from {}", ends.critical_from),
            _ => format!("it ends {}", ends.at),
        };
        let served = owners::Served {
            target: &sighting.target,
            server_name: sighting.server_name.as_deref(),
            owner: sighting.owner.as_deref(),
        };
        let owner = owners::of_certificate(self.rules, certificate, [served]);
        vec![
            format!("  no incident: {why}"),
            format!("  next: {next}, by its dates alone"),
            format!("  told then: {}", self.told(owner)),
        ]
    }

    fn of_incident(self, incident: &Incident) -> Vec<String> {
        let (family, severity) = (incident.family.name(), incident.severity.name());
        let mut lines = vec![
            format!("incident {} ({family}, {severity}): {}", incident.key, self.status(incident)),
            format!("  issue: {}", self.filing(incident)),
        ];
        if let Some((place, problem)) = incident.worst() {
            lines.push(format!("  {} at {}: {}", problem.id, place.shown, problem.message));
        }
        if let Some(since) = incident.unseen_since {
            lines.push(format!(
                "  no place could be seen since {since}: judged from the last certificate seen"
            ));
        }
        if let Some(taken) = &incident.acknowledged {
            lines.push(format!("  {} is on it until {}", taken.by.raw(), taken.until));
        }
        lines.extend(self.muted(incident).map(|why| format!("  nobody is told of it: {why}")));
        lines.extend(self.next(incident).map(|next| format!("  next: {next}")));
        lines.extend(self.climbs(incident));
        lines.push(format!("  told: {}", self.told(&incident.owner)));
        lines
    }

    fn status(self, incident: &Incident) -> String {
        let places = incident.places.len();
        let bad = incident.places.values().filter(|place| !place.is_good()).count();
        let shows = format!("{bad} of {places} places");
        match incident.status {
            Status::Open => {
                let since = incident.opened_at.unwrap_or(incident.first_seen);
                format!("open since {since}, at {shows}")
            }
            Status::Resolved => match incident.resolved_at {
                Some(at) => format!("resolved at {at}"),
                None => "resolved".to_owned(),
            },
            Status::Waiting => format!("waiting at {shows}: {}", self.waits(incident)),
        }
    }

    fn waits(self, incident: &Incident) -> String {
        let mut shown = incident.places.values().map(|place| &place.shown);
        let is_pool = shown.any(|shown| shown.parse::<SocketAddr>().is_err());
        match Patience::of(incident, is_pool, false) {
            Patience::None => "for the next look".to_owned(),
            Patience::SecondLook => "a second look has to see it too".to_owned(),
            Patience::For(time) => {
                let since = incident.places.values().map(|place| place.first_bad).min();
                let until = since.unwrap_or(self.now).plus(time);
                format!("it is taken for a roll-out until {until}")
            }
        }
    }

    fn filing(self, incident: &Incident) -> String {
        match &incident.filing {
            Filing::None if incident.status == Status::Open => "none".to_owned(),
            Filing::None => "none is asked for".to_owned(),
            Filing::Held { since } => {
                let why = match self.state.memory.observing_since {
                    Some(at) => format!("only observed until {}", at.plus(DAY)),
                    None => "filed as the brake allows, the soonest end first".to_owned(),
                };
                format!("held since {since}, {why}")
            }
            Filing::Queued { since } => format!("asked for since {since}"),
            Filing::Doubtful { since } => format!("doubtful since {since}: it may be there or not"),
            Filing::Stored { issue, at } => {
                format!("{} was stored at {at}, and is not yet found by its key", issue.url)
            }
            Filing::Confirmed { issue, at } => format!("{}, read back at {at}", issue.url),
            Filing::Failed { since, why } => {
                format!("refused since {since}: {why}")
            }
            Filing::Closed { issue, at } => format!("{}, closed at {at}", issue.url),
        }
    }

    fn muted(self, incident: &Incident) -> Option<String> {
        if long_dead::is_long_dead(incident) {
            let owner = &incident.owner;
            return Some(format!(
                "it ended long before it was first seen, and is on the list of {owner}"
            ));
        }
        let silence =
            self.state.memory.silences.iter().find(|silence| silence.incident == incident.key);
        if let Some(silence) = silence {
            let near = incident.family == Family::Expiry && incident.severity == Severity::Critical;
            let by = silence.by.raw();
            return (!near).then(|| format!("{by} until {} ({})", silence.until, silence.reason));
        }
        let is_maintained = acknowledge::is_maintained(self.rules, incident, self.now);
        is_maintained.then(|| "all of its places are in maintenance".to_owned())
    }

    /// What happens next if nobody does anything.
    fn next(self, incident: &Incident) -> impl Iterator<Item = String> {
        let delivery = self.state.deliveries.values().find(|it| it.incident == incident.key);
        let act = delivery.map(|it| self.act(it));
        let climbs = incident.certificate.as_ref().filter(|_| incident.status != Status::Resolved);
        let climbs = climbs.and_then(|certificate| {
            let ends = &certificate.ends;
            match self.now {
                now if now < ends.warning_from => {
                    Some(format!("a warning from {}", ends.warning_from))
                }
                now if now < ends.critical_from => {
                    Some(format!("critical from {}", ends.critical_from))
                }
                now if now < ends.at => Some(format!("it ends {}", ends.at)),
                _ => None,
            }
        });
        let is_open = incident.status == Status::Open && !brake::is_summary(incident);
        let closes = is_open.then(|| {
            "closed when every place was seen free of it twice in a row, or has left the inventory"
                .to_owned()
        });
        act.into_iter().chain(climbs).chain(closes)
    }

    /// Whom it is told to if nobody does anything.
    fn climbs(self, incident: &Incident) -> Vec<String> {
        let steps = ladder::steps(self.state, self.rules, incident, self.now).take(STEPS);
        let steps = steps.map(|rung| {
            let at = match rung.at <= self.now {
                true => "now".to_owned(),
                false => rung.at.to_string(),
            };
            let whom: Vec<_> = rung.whom.iter().map(|channel| channel.0.as_str()).collect();
            let whom = match (whom.as_slice(), rung.deed) {
                (_, Deed::Comment) => String::new(),
                ([], Deed::Tell(_)) => ": nobody, there is no contact".to_owned(),
                (whom, Deed::Tell(purpose)) => {
                    format!(": {} to {}", purpose.name(), whom.join(", "))
                }
            };
            format!("    {at} {}{whom}", rung.words)
        });
        let steps: Vec<_> = steps.collect();
        let head = (!steps.is_empty()).then(|| "  if nobody does anything:".to_owned());
        head.into_iter().chain(steps).collect()
    }

    fn act(self, delivery: &Delivery) -> String {
        let Delivery { act, state, due_at, attempts, tracker, .. } = delivery;
        let trouble =
            delivery.trouble.as_deref().map(|why| format!(", after {attempts} attempts: {why}"));
        format!(
            "{} at {tracker}, {}, due {due_at}{}",
            act.name(),
            state.name(),
            trouble.unwrap_or_default()
        )
    }

    fn told(self, owner: &str) -> String {
        let rule = self.rules.owners.get(owner);
        match rule.and_then(|rule| Some((rule, rule.tracker.as_ref()?))) {
            None => format!("owner {owner} has no tracker: nobody can confirm"),
            Some((rule, tracker)) => {
                let second =
                    if rule.contacts.second.is_some() { "" } else { ", without a second contact" };
                format!("owner {owner} at {tracker} ({}){second}", rule.env)
            }
        }
    }
}

/// Steps that are told ahead: some repeat for ever.
const STEPS: usize = 10;

fn name_of(certificate: &CertificateSeen) -> String {
    let name = certificate.names.first().unwrap_or(&certificate.subject);
    let digits = certificate.sha256.to_string();
    format!("the certificate of {} ({})", name.raw(), digits.get(..16).unwrap_or(&digits))
}
