//! A process with a pool, to be looked at and killed from outside.

use std::io::Write as _;
use std::sync::Arc;

use certvigil_doors::SystemClock;
use certvigil_doors::command::Program;
use certvigil_model::Fingerprint;
use certvigil_reader::{Pool, READ};

/// Asks for one certificate that begins with `marker`, says when it is answered, and stays.
pub(crate) fn wait_for_ever(tag: &str, marker: &str) -> ! {
    let pool = Pool::new(Program::this([READ, tag]).unwrap(), Arc::new(SystemClock));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let bytes = format!("{marker:<8}");
    let fingerprint = Fingerprint::of(bytes.as_bytes());
    let reading = runtime.block_on(pool.certificate(bytes.into_bytes().into(), fingerprint));
    let mut output = std::io::stdout();
    writeln!(output, "{reading:?}").unwrap();
    loop {
        std::thread::park();
    }
}
