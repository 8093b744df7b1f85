//! `certvigil incidents`: what is wrong, and what people say of it. The service that runs is asked, where there is one;
//! else the store.

use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use certvigil_doors::{SystemClock, env};
use certvigil_engine::act;
use certvigil_engine::config::Config;
use certvigil_engine::orders::{
    self, Desk, Error, Given, Noted, Remote, Report, Reported, Rules, Wish,
};
use certvigil_model::{Clock, Observation, Time};
use certvigil_report::incidents::{Written, answer, list, list_json, show, show_json};

use crate::arguments::Check;
use crate::arguments::incidents::{Incidents, Moment, Whose};
use crate::arguments::memory::{At, Form, Whom};
use crate::check::{TOOL, settings};
use crate::{WE_FAILED, config, store, terminal, words};

/// Returns the exit code: 0 done, 1 an order was not taken, 2 we failed.
pub(crate) fn run(asked: &Incidents) -> anyhow::Result<u8> {
    let now = SystemClock.wall();
    let done = match asked {
        Incidents::List { whom, format, all } => listed(whom, *format, *all, now),
        Incidents::Show { key, whom, format } => shown(key, whom, *format, now),
        Incidents::Ack { key, whose, until } => {
            order(whose, now, |by| Wish::Acknowledge { incident: key.clone(), by, until: *until })
        }
        Incidents::Silence { key, until, reason, whose } => order(whose, now, |by| Wish::Silence {
            incident: key.clone(),
            by,
            reason: reason.clone(),
            until: *until,
        }),
        Incidents::Release { key, whose, .. } => {
            order(whose, now, |by| Wish::Release { incident: key.clone(), by })
        }
        Incidents::Note { what, at, whose, text } => {
            let at = at.map_or(now, |at: Moment| at.before(now));
            noted(what, at, whose, &text.join(" "), now)
        }
        Incidents::Explain { what, whom } => explained(what, whom, now),
    };
    or_candidates(done)
}

/// Where several incidents may be meant, all of them are told.
pub(crate) fn or_candidates(done: anyhow::Result<u8>) -> anyhow::Result<u8> {
    done.or_else(|error| match error.downcast_ref::<Error>() {
        Some(Error::Ambiguous { candidates, .. }) => {
            words::tell_fault(&error.to_string(), None);
            for candidate in candidates {
                words::tell(&format!("  {}  {}", candidate.key, candidate.title));
            }
            Ok(WE_FAILED)
        }
        _ => Err(error),
    })
}

fn listed(whom: &Whom, format: Form, all: bool, now: Time) -> anyhow::Result<u8> {
    let listed = match service(whom, now)? {
        Some(service) => service.list(all)?,
        None => desk(&whom.at, now)?.list(all, now)?,
    };
    match format {
        Form::Table => put(&list(&listed, written(now), terminal::style())),
        Form::Json => put(&format!("{:#}\n", list_json(&listed, written(now)))),
    }
}

fn shown(key: &str, whom: &Whom, format: Form, now: Time) -> anyhow::Result<u8> {
    let whole = match service(whom, now)? {
        Some(service) => service.show(key)?,
        None => {
            let mut desk = desk(&whom.at, now)?;
            let key = desk.find(key, now)?;
            desk.show(&key, now)?
        }
    };
    match format {
        Form::Table => put(&show(&whole, written(now), terminal::style())),
        Form::Json => put(&format!("{:#}\n", show_json(&whole, written(now)))),
    }
}

fn explained(what: &str, whom: &Whom, now: Time) -> anyhow::Result<u8> {
    let told = match service(whom, now)? {
        Some(service) => service.explain(what)?,
        None => {
            let Some((_, rules)) = rules(&whom.at.config(), now)? else { return Ok(WE_FAILED) };
            desk(&whom.at, now)?.explain(what, &rules, now)?
        }
    };
    put(&lines(told))
}

fn order(whose: &Whose, now: Time, make: impl FnOnce(String) -> Wish) -> anyhow::Result<u8> {
    let (wish, whom) = (make(by(whose)?), &whose.whom);
    let given = match service(whom, now)? {
        Some(service) => service.grant(&wish)?,
        None => {
            let Some((_, rules)) = rules(&whom.at.config(), now)? else { return Ok(WE_FAILED) };
            desk(&whom.at, now)?.grant(&wish, &rules, now)?
        }
    };
    told(&given)
}

/// What was done, or why not, and what comes next.
fn told(given: &Given) -> anyhow::Result<u8> {
    if !given.is_taken {
        given.said.iter().for_each(|line| words::tell_fault(line, None));
        return Ok(1);
    }
    put(&lines(given.said.iter().chain(&given.next)))
}

fn noted(what: &str, at: Time, whose: &Whose, text: &str, now: Time) -> anyhow::Result<u8> {
    anyhow::ensure!(at <= now, "--at {at} is yet to come: it says when it was reported");
    let (by, whom) = (by(whose)?, &whose.whom);
    let report = Report { what: what.to_owned(), by, at, text: text.to_owned() };
    let reported = match service(whom, now)? {
        Some(service) => service.report(&report)?,
        None => {
            let Some((config, rules)) = rules(&whom.at.config(), now)? else {
                return Ok(WE_FAILED);
            };
            let mut look = |about: &Noted| look(about, &config);
            desk(&whom.at, now)?.report(&report, (&config, &rules), &SystemClock, &mut look)?
        }
    };
    let Reported { called, said, seen, trouble } = reported;
    said.iter().for_each(|line| words::tell(line));
    if let Some(why) = trouble {
        words::warn(&anyhow::anyhow!(why).context("it could not be looked at"));
    }
    put(&lines(answer(&called, &seen, SystemClock.wall())))?;
    Ok(u8::from(seen.is_empty()))
}

fn look(about: &Noted, config: &Config) -> Result<Vec<Observation>, String> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let settings = settings(&Check::default(), config).map_err(|error| format!("{error:#}"))?;
    let by = clock.monotonic() + LOOK_WITHIN;
    orders::look(about, settings, clock, by)
}

/// Somebody waits for the answer.
const LOOK_WITHIN: Duration = Duration::from_secs(60);

/// The service to ask: whoever is named; else the one that the config names, where it runs. None: the store is asked.
fn service(whom: &Whom, now: Time) -> anyhow::Result<Option<Remote>> {
    let clock = || -> Arc<dyn Clock> { Arc::new(SystemClock) };
    if let Some(url) = whom.socket.as_ref().filter(|at| at.contains("://")) {
        let http = certvigil_fetch::Http::default();
        return Ok(Some(Remote::at_url(url, &http, TOOL, clock())?));
    }
    let socket = match &whom.socket {
        Some(path) => Some(path.into()),
        None if whom.at.store.is_some() => None,
        // A config that cannot be read is told by whoever needs it.
        None => certvigil_engine::config::load(&whom.at.config(), now)
            .ok()
            .and_then(|config| config.serve.socket)
            .filter(|socket| is_answered(socket)),
    };
    Ok(socket.map(|socket| Remote::at_socket(socket, TOOL, clock())).transpose()?)
}

/// Whoever expects the service is told that it is not what answers.
fn is_answered(socket: &Path) -> bool {
    let answers = certvigil_doors::answers(socket);
    if let Err(error) = &answers {
        let shown = socket.display();
        words::note(&format!("no service answers at {shown} ({error}): the store is asked"));
    }
    answers.is_ok()
}

/// What is asked and ordered of.
pub(crate) fn desk(at: &At, now: Time) -> anyhow::Result<Desk> {
    Ok(Desk::new(store::open(&store::place(at, now)?, now)?))
}

/// The config, and what alarms keep to by it: an order without them would change what it should not. None where the
/// config cannot be used, and that has been told.
fn rules(file: &Path, now: Time) -> anyhow::Result<Option<(Config, Rules)>> {
    let Some(config) = config::load(file, now) else { return Ok(None) };
    let rules = act::rules(&config)?;
    Ok(Some((config, rules)))
}

/// Who orders.
fn by(whose: &Whose) -> anyhow::Result<String> {
    let login = || [env::SUDO_USER, env::LOGNAME, env::USER].into_iter().find_map(env::read);
    let login = || login().map(|name| name.to_string_lossy().into_owned());
    let by =
        whose.by.clone().or_else(login).context("nobody knows who you are: write --by NAME")?;
    anyhow::ensure!(!by.trim().is_empty(), "--by needs a name");
    Ok(by)
}

fn written(now: Time) -> Written<'static> {
    Written { tool: TOOL, now }
}

fn lines<T: AsRef<str>>(lines: impl IntoIterator<Item = T>) -> String {
    lines.into_iter().map(|line| format!("{}\n", line.as_ref())).collect()
}

fn put(text: &str) -> anyhow::Result<u8> {
    io::stdout().lock().write_all(text.as_bytes()).context("it cannot be written")?;
    Ok(0)
}
