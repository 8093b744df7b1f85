//! Joins the readers of `x509` to the processes of `reader`.

use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use certvigil_doors::command::Program;
use certvigil_model::{Clock, Fingerprint, Outcome};
use certvigil_reader::{Pool, serve};
use certvigil_x509::{Certificate, Defect, Reading};

pub use certvigil_reader::READ;

/// A pool of this very program's children; none is started before it is needed.
///
/// # Errors
/// The system does not say where the program's file is.
pub fn reader_pool(clock: Arc<dyn Clock>) -> io::Result<Pool> {
    Ok(Pool::new(Program::this([READ])?, clock))
}

/// Reads a certificate that was cut out of something; `flaws` are those of what it was cut out of.
pub(crate) async fn found_certificate(
    pool: &Pool,
    der: Arc<[u8]>,
    flaws: Vec<Defect>,
) -> Certificate {
    let fingerprint = Fingerprint::of(&der);
    let mut reading = pool.certificate(Arc::clone(&der), fingerprint).await;
    if let Reading::Facts(facts) = &mut reading
        && !flaws.is_empty()
    {
        Arc::make_mut(facts).defects.splice(0..0, flaws);
    }
    Certificate { der, fingerprint, reading }
}

/// How a container ended that could not be read.
pub(crate) fn why_unread(reading: Reading) -> (Outcome, String) {
    match reading {
        Reading::Stalled(reason) => (Outcome::ReaderStalled, reason),
        Reading::Crashed(reason) => (Outcome::ReaderCrashed, reason),
        Reading::Local(reason) => (Outcome::Local, reason),
        Reading::Facts(_) => (Outcome::Local, "a container was read as a certificate".to_owned()),
    }
}

/// In bytes; a larger file is not read.
pub(crate) const LARGEST_FILE: u64 = 64 << 20;

/// The whole life of a reading child: what `main` does when its first argument is [`READ`].
pub fn read_for_parent() -> ExitCode {
    serve(certvigil_x509::read, certvigil_x509::find)
}
