//! A process with a pool, to be looked at and killed from outside.

use std::io::Write as _;
use std::sync::Arc;

use certvigil_doors::SystemClock;
use certvigil_doors::command::Program;
use certvigil_model::Fingerprint;
use certvigil_reader::{Pool, READ};

/// Asks for one certificate or container that begins with `marker`, says when it is answered, and
/// stays.
pub(crate) fn wait_for_ever(tag: &str, what: &str, marker: &str) -> ! {
    let pool = Pool::new(Program::this([READ, tag]).unwrap(), Arc::new(SystemClock));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let bytes: Arc<[u8]> = format!("{marker:<8}").into_bytes().into();
    let fingerprint = Fingerprint::of(&bytes);
    if what == "container" {
        let _ = runtime.block_on(pool.container(bytes, None));
    } else {
        runtime.block_on(pool.certificate(bytes, fingerprint));
    }
    let mut output = std::io::stdout();
    writeln!(output, "answered").unwrap();
    loop {
        std::thread::park();
    }
}
