//! Joins the readers of `x509` to the processes of `reader`.

use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use certvigil_doors::command::Program;
use certvigil_model::Clock;
use certvigil_reader::{Pool, serve};

pub use certvigil_reader::READ;

/// A pool of this very program's children; none is started before it is needed.
///
/// # Errors
/// The system does not say where the program's file is.
pub fn reader_pool(clock: Arc<dyn Clock>) -> io::Result<Pool> {
    Ok(Pool::new(Program::this([READ])?, clock))
}

/// The whole life of a reading child: what `main` does when its first argument is [`READ`].
pub fn read_for_parent() -> ExitCode {
    serve(certvigil_x509::read, certvigil_x509::find)
}
