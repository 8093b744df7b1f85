//! SIGINT and SIGTERM end a round in order: every endpoint still gets a verdict, and the report
//! is written.

use std::io;
use std::thread;

use certvigil_engine::Stopper;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

/// The first signal stops the round; a second one ends the process as if nobody listened.
pub(crate) fn stop_on_signal(stopper: Stopper) -> io::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        let mut arrived = signals.forever();
        if let Some(signal) = arrived.next() {
            stopper.stop(if signal == SIGINT { "SIGINT" } else { "SIGTERM" });
        }
        if let Some(signal) = arrived.next() {
            let _ = emulate_default_handler(signal);
        }
    })?;
    Ok(())
}
