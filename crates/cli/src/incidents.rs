//! `certvigil incidents`: what is wrong, and what people say of it.

use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use certvigil_doors::{SystemClock, env};
use certvigil_engine::act::{self, look_at};
use certvigil_engine::config::Config;
use certvigil_engine::orders::{Desk, Error, Given, Noted, Order, Rules, about, note};
use certvigil_engine::reader_pool;
use certvigil_model::{Clock, Foreign, IncidentKey, Observation, Time};
use certvigil_report::incidents::{Written, answer, list, list_json, show, show_json};

use crate::arguments::Check;
use crate::arguments::incidents::{Incidents, Moment, Whose};
use crate::arguments::memory::{Asked, At, Form};
use crate::check::{TOOL, settings};
use crate::{WE_FAILED, config, store, terminal, words};

/// Returns the exit code: 0 done, 1 an order was not taken, 2 we failed.
pub(crate) fn run(asked: &Incidents) -> anyhow::Result<u8> {
    let now = SystemClock.wall();
    let done = match asked {
        Incidents::List { asked, all } => listed(asked, *all, now),
        Incidents::Show { key, asked } => shown(key, asked, now),
        Incidents::Ack { key, whose, until } => order(key, whose, now, |incident, by| {
            Order::Acknowledge { incident, by, until: *until }
        }),
        Incidents::Silence { key, until, reason, whose } => {
            order(key, whose, now, |incident, by| Order::Silence {
                incident,
                by,
                reason: reason.clone(),
                until: *until,
            })
        }
        Incidents::Release { key, whose, .. } => released(key.as_deref(), whose, now),
        Incidents::Note { what, at, whose, text } => {
            let at = at.map_or(now, |at: Moment| at.before(now));
            noted(what, at, whose, &text.join(" "), now)
        }
        Incidents::Explain { what, at } => explained(what, at, now),
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

fn listed(asked: &Asked, all: bool, now: Time) -> anyhow::Result<u8> {
    let listed = desk(&asked.at, now)?.list(all, now)?;
    match asked.format {
        Form::Table => put(&list(&listed, written(now), terminal::style())),
        Form::Json => put(&format!("{:#}\n", list_json(&listed, written(now)))),
    }
}

fn shown(key: &str, asked: &Asked, now: Time) -> anyhow::Result<u8> {
    let mut desk = desk(&asked.at, now)?;
    let key = desk.find(key, now)?;
    let whole = desk.show(&key, now)?;
    match asked.format {
        Form::Table => put(&show(&whole, written(now), terminal::style())),
        Form::Json => put(&format!("{:#}\n", show_json(&whole, written(now)))),
    }
}

fn explained(what: &str, at: &At, now: Time) -> anyhow::Result<u8> {
    let Some((_, rules)) = rules(&at.config(), now)? else { return Ok(WE_FAILED) };
    put(&lines(desk(at, now)?.explain(what, &rules, now)?))
}

fn order(
    key: &str,
    whose: &Whose,
    now: Time,
    make: impl FnOnce(IncidentKey, Foreign) -> Order,
) -> anyhow::Result<u8> {
    let by = by(whose)?;
    let Some((_, rules)) = rules(&whose.at.config(), now)? else { return Ok(WE_FAILED) };
    let mut desk = desk(&whose.at, now)?;
    let key = desk.find(key, now)?;
    told(&desk.give(&make(key, by), &rules, now)?)
}

fn released(key: Option<&str>, whose: &Whose, now: Time) -> anyhow::Result<u8> {
    if let Some(key) = key {
        let make = |incident, by| Order::Release { incident: Some(incident), by };
        return order(key, whose, now, make);
    }
    let by = by(whose)?;
    let Some((_, rules)) = rules(&whose.at.config(), now)? else { return Ok(WE_FAILED) };
    let all = Order::Release { incident: None, by };
    told(&desk(&whose.at, now)?.give(&all, &rules, now)?)
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
    let by = by(whose)?;
    let Some((config, rules)) = rules(&whose.at.config(), now)? else { return Ok(WE_FAILED) };
    let mut desk = desk(&whose.at, now)?;
    let about = about(&mut desk, what, &config, now)?;
    for line in written_down(&mut desk, &about, (by.raw(), at, text), &rules, now)? {
        words::tell(&line);
    }
    words::tell(&format!("looking at {} now", Foreign::new(about.called.as_str()).shown()));
    let seen = match look(&about, &config) {
        Ok(seen) => seen,
        Err(error) => {
            words::warn(&error.context("it could not be looked at"));
            Vec::new()
        }
    };
    let now = SystemClock.wall();
    if about.is_ours && !seen.is_empty() {
        desk.take_in(&seen, &rules, now)?.iter().for_each(|line| words::tell(line));
    }
    put(&lines(answer(&about.called, &seen, now)))?;
    Ok(u8::from(seen.is_empty()))
}

/// Puts the report into the timeline of each incident; where there is none, with the name that it is about.
fn written_down(
    desk: &mut Desk,
    about: &Noted,
    (by, at, text): (&str, Time, &str),
    rules: &Rules,
    now: Time,
) -> Result<Vec<String>, Error> {
    if about.incidents.is_empty() {
        let text = format!("{}: {text}", about.called);
        desk.give(&note(None, by, at, &text), rules, now)?;
        return Ok(vec!["noted; no incident is open there".to_owned()]);
    }
    let mut lines = Vec::new();
    for key in &about.incidents {
        desk.give(&note(Some(key.clone()), by, at, text), rules, now)?;
        lines.push(format!("noted in the timeline of incident {key}"));
    }
    Ok(lines)
}

fn look(about: &Noted, config: &Config) -> anyhow::Result<Vec<Observation>> {
    if about.targets.is_empty() {
        anyhow::bail!("none of its targets is in the inventory any more");
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let settings = settings(&Check::default(), config)?;
    let pool = reader_pool(Arc::clone(&clock))?;
    let by = clock.monotonic() + LOOK_WITHIN;
    Ok(look_at(about.targets.clone(), settings, pool, clock, by)?)
}

/// Somebody waits for the answer.
const LOOK_WITHIN: Duration = Duration::from_secs(60);

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
fn by(whose: &Whose) -> anyhow::Result<Foreign> {
    let login = || [env::SUDO_USER, env::LOGNAME, env::USER].into_iter().find_map(env::read);
    let login = || login().map(|name| name.to_string_lossy().into_owned());
    let by =
        whose.by.clone().or_else(login).context("nobody knows who you are: write --by NAME")?;
    anyhow::ensure!(!by.trim().is_empty(), "--by needs a name");
    Ok(Foreign::new(by))
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
