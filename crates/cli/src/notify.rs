//! `certvigil notify test`: whether somebody can be reached.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use certvigil_doors::{SystemClock, random_id};
use certvigil_engine::act::{Channels, channels};
use certvigil_model::{ChannelName, Clock, Foreign, Purpose, Severity};
use certvigil_outbound::Message;
use certvigil_report::issue;

use crate::arguments::notify::Notify;
use crate::check::TOOL;
use crate::{WE_FAILED, config, words};

/// Returns the exit code: 0 handed over, 1 not, 2 we failed.
pub(crate) fn run(asked: &Notify) -> anyhow::Result<u8> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let Notify::Test { channel, config: file } = asked;
    let Some(config) = config::load(file, clock.wall()) else { return Ok(WE_FAILED) };
    let channels = channels(&config, TOOL).context("nobody can be reached")?;
    anyhow::ensure!(!channels.is_empty(), "no owner of {} can be reached", file.display());
    let Some(wanted) = channel else { return list(&channels) };
    let found = channels.get(&ChannelName(wanted.clone()));
    let Some(found) = found else {
        words::tell_fault(&format!("there is no channel {}", Foreign::new(wanted).shown()), None);
        return list(&channels).map(|_| WE_FAILED);
    };
    let message = message(wanted, &*clock);
    match found.send(&message, clock.monotonic() + WITHIN) {
        Ok(()) => {
            put(&format!(
                "handed over: {}; that somebody reads it is not said by this",
                message.title
            ))?;
            Ok(0)
        }
        Err(trouble) => {
            let why = Foreign::new(trouble.to_string()).shown_within(1000).to_string();
            words::tell_fault(&format!("not handed over: {why}"), None);
            Ok(1)
        }
    }
}

fn list(channels: &Channels) -> anyhow::Result<u8> {
    for name in channels.keys() {
        put(&Foreign::new(&name.0).shown().to_string())?;
    }
    Ok(0)
}

/// The same words as the monthly test, without a link: nobody waits for an answer.
fn message(channel: &str, clock: &dyn Clock) -> Message {
    let words = issue::test_page(channel, None, None);
    let now = clock.wall();
    Message {
        id: format!("test-{}", random_id()),
        purpose: Purpose::Test,
        incident: None,
        severity: Severity::Info,
        line: words.line,
        title: words.title,
        body: words.body,
        answer: None,
        issue: None,
        at: now,
        since: now,
    }
}

fn put(line: &str) -> anyhow::Result<()> {
    writeln!(std::io::stdout().lock(), "{line}").context("it cannot be written")
}

/// Somebody waits for it.
const WITHIN: Duration = Duration::from_secs(30);
