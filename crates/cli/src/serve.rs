//! `certvigil serve`: starts the service, passes signals on, keeps the service manager informed.

use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::Context as _;
use certvigil_doors::{SystemClock, service_manager};
use certvigil_engine::Settings;
use certvigil_engine::config::{Config, Refused};
use certvigil_engine::serve::{Desk, Error, Handle, Hands, Service};
use certvigil_model::{Clock, Foreign};
use clap::Parser as _;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::arguments::{Arguments, Check, Command, Serve};
use crate::check::{TOOL, settings};
use crate::{WE_FAILED, words};

/// Returns the exit code.
pub(crate) fn run(asked: &Serve) -> anyhow::Result<u8> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let hands = Arc::new(Told::new(&asked.config)?);
    let service = match Service::open(asked.config.clone(), asked.observe, hands, clock.clone()) {
        Ok(service) => service,
        Err(Error::Config(Refused(faults))) => {
            for fault in &faults {
                words::tell_fault(&fault.to_string(), fault.hint.as_deref());
            }
            return Ok(WE_FAILED);
        }
        Err(error) => return Err(error.into()),
    };
    let (desk, handle) = (service.desk(), service.handle());
    let (say, said) = channel();
    hear_signals(say.clone()).context("signals cannot be listened for")?;
    let _server = listen(&service.config(), &desk)?;
    tell(&format!("serving {}", service.config().summary()));
    thread::Builder::new().name("loop".to_owned()).spawn(move || {
        let _over = Over(say);
        service.run();
    })?;
    notify("READY=1");
    Ok(supervise(&said, &handle, &desk, &*clock))
}

/// Where others ask it, as `[serve]` says.
fn listen(config: &Config, desk: &Arc<Desk>) -> anyhow::Result<certvigil_server::Server> {
    let certvigil_engine::config::Serve { listen, socket, group, .. } = config.serve.clone();
    let listeners = certvigil_server::Listeners { public: listen, socket, group };
    let server = certvigil_server::start(&listeners, desk)?;
    if let Some(at) = server.public {
        tell(&format!("listening on http://{at}"));
    }
    Ok(server)
}

/// What the main thread hears.
enum Said {
    Signal(i32),
    Over,
}

/// Tells that the loop has ended, however it did.
struct Over(Sender<Said>);

impl Drop for Over {
    fn drop(&mut self) {
        let _ = self.0.send(Said::Over);
    }
}

fn hear_signals(say: Sender<Said>) -> std::io::Result<()> {
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM])?;
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for signal in signals.forever() {
            if say.send(Said::Signal(signal)).is_err() {
                return;
            }
        }
    })?;
    Ok(())
}

/// Passes signals on until one of them ends the service; the exit code.
fn supervise(said: &Receiver<Said>, handle: &Handle, desk: &Desk, clock: &dyn Clock) -> u8 {
    // As sd_watchdog_enabled(3) advises: at half of the time.
    let pulse = service_manager::watchdog().map_or(IDLE, |time| time / 2);
    loop {
        match said.recv_timeout(pulse) {
            Ok(Said::Signal(SIGHUP)) => handle.reload(),
            Ok(Said::Signal(_)) => return stop(said, handle, clock),
            Err(RecvTimeoutError::Timeout) if desk.is_alive() => notify("WATCHDOG=1"),
            // Whoever watches us is not told that a loop lives which does not show itself.
            Err(RecvTimeoutError::Timeout) => tell("error: the loop has not shown itself in time"),
            Ok(Said::Over) | Err(RecvTimeoutError::Disconnected) => {
                tell("error: the loop has ended by itself");
                return WE_FAILED;
            }
        }
    }
}

/// Ends the looks and waits for what is under way; what is not over in time is in the store as far as it has come.
fn stop(said: &Receiver<Said>, handle: &Handle, clock: &dyn Clock) -> u8 {
    notify("STOPPING=1");
    let by = clock.monotonic() + STOP_WITHIN;
    handle.stop();
    let next = || said.recv_timeout(by.saturating_duration_since(clock.monotonic()));
    let last = loop {
        match next() {
            Ok(Said::Signal(SIGHUP)) => {}
            last => break last,
        }
    };
    tell(match last {
        Ok(Said::Over) => "stopped",
        Ok(Said::Signal(_)) | Err(_) => "stopped; what was under way goes on at the next start",
    });
    0
}

/// What the service needs of the command: settings as `check` makes them, and the standard error stream.
struct Told {
    check: Box<Check>,
    // Two threads' lines do not mix.
    line: Mutex<()>,
}

impl Told {
    /// A round of the service is one of `certvigil check --config FILE`.
    fn new(config: &Path) -> anyhow::Result<Self> {
        let words =
            ["certvigil".as_ref(), "check".as_ref(), "--config".as_ref(), config.as_os_str()];
        match Arguments::try_parse_from(words)?.command {
            Command::Check(check) => Ok(Self { check, line: Mutex::new(()) }),
            _ => anyhow::bail!("the settings of a round cannot be made"),
        }
    }
}

impl Hands for Told {
    fn settings(&self, config: &Config) -> Result<Settings, String> {
        settings(&self.check, config).map_err(|error| format!("{error:#}"))
    }

    fn tell(&self, line: &str) {
        let _one = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        tell(line);
    }

    fn reloading(&self) {
        // sd_notify(3): the time is that of CLOCK_MONOTONIC, in microseconds.
        notify(&format!("RELOADING=1\nMONOTONIC_USEC={}", service_manager::monotonic_micros()));
    }

    fn ready(&self) {
        notify("READY=1");
    }

    fn tool(&self) -> &str {
        TOOL
    }
}

/// One line, whatever it quotes.
fn tell(line: &str) {
    words::tell(&Foreign::new(line).shown_within(LINE).to_string());
}

fn notify(state: &str) {
    if let Err(error) = service_manager::notify(state) {
        tell(&format!("note: the service manager cannot be told: {error}"));
    }
}

/// Characters of one line.
const LINE: usize = 2000;

/// Where nobody watches.
const IDLE: Duration = Duration::from_secs(3600);

/// The longest from the signal to the end.
const STOP_WITHIN: Duration = Duration::from_secs(20);
