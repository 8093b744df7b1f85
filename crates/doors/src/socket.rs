//! Sockets in the file system.

use std::os::unix::net::UnixStream;
use std::path::Path;

/// Whether somebody answers at `socket`.
pub fn is_answered(socket: &Path) -> bool {
    UnixStream::connect(socket).is_ok()
}
