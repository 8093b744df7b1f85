//! A socket in the file system, for the own user and one group.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use rustix::fs::{Gid, chown};

/// The file of a socket; it goes when this is dropped.
#[derive(Debug)]
pub(crate) struct Socket(PathBuf);

impl Drop for Socket {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

impl Socket {
    /// Makes it where there is none, or where nobody answers on the one that is there.
    pub(crate) fn make(path: &Path, group: Option<&str>) -> io::Result<(Self, UnixListener)> {
        if is_served(path) {
            return Err(io::Error::new(io::ErrorKind::AddrInUse, "somebody answers there"));
        }
        match path.symlink_metadata() {
            Ok(there) if there.file_type().is_socket() => fs::remove_file(path)?,
            Ok(_) => return Err(io::Error::new(io::ErrorKind::AlreadyExists, "it is no socket")),
            Err(_) => {}
        }
        let group = group.map(gid).transpose()?;
        let listener = UnixListener::bind(path)?;
        let socket = Self(path.to_owned());
        // Nobody has connected before it has its rights: nothing accepts yet.
        if let Some(group) = group {
            chown(path, None, Some(group))?;
        }
        fs::set_permissions(path, Permissions::from_mode(0o660))?;
        listener.set_nonblocking(true)?;
        Ok((socket, listener))
    }
}

fn is_served(path: &Path) -> bool {
    UnixStream::connect(path).is_ok()
}

/// A group by its name or number, as group(5) lists them.
fn gid(name: &str) -> io::Result<Gid> {
    let unknown = || io::Error::new(io::ErrorKind::NotFound, format!("there is no group {name}"));
    if let Ok(number) = name.parse() {
        return Ok(Gid::from_raw(number));
    }
    let groups = fs::read_to_string("/etc/group")?;
    let number = groups.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next() == Some(name)).then(|| fields.nth(1)?.parse().ok()).flatten()
    });
    number.map(Gid::from_raw).ok_or_else(unknown)
}
