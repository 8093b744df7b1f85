//! A place that one process holds for as long as it lives.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::fs::OFlags;

/// Held until it is dropped or the process ends, however it ends: the system gives it back.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "the lock is the open file")] File);

/// Who holds a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder(pub Option<u32>);

/// Takes the lock whose file is `path`; where another process has it, which one. The file stays when the lock is given
/// back: one that is removed could be held twice. A link is not followed: whoever may write to the folder could have
/// laid it, and what it leads to would be emptied.
///
/// # Errors
/// The file cannot be made or opened, is a link, or its file system knows no locks.
pub fn hold(path: &Path) -> io::Result<Result<Lock, Holder>> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o660);
    let no_links = i32::try_from(OFlags::NOFOLLOW.bits()).unwrap_or_default();
    let mut file = options.custom_flags(no_links).open(path)?;
    match file.try_lock() {
        Ok(()) => {
            file.set_len(0)?;
            file.seek(SeekFrom::Start(0))?;
            writeln!(file, "{}", std::process::id())?;
            Ok(Ok(Lock(file)))
        }
        Err(TryLockError::WouldBlock) => {
            let mut text = String::new();
            let read = file.take(32).read_to_string(&mut text);
            Ok(Err(Holder(read.ok().and_then(|_| text.trim().parse().ok()))))
        }
        Err(TryLockError::Error(error)) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    #[test]
    fn of_two_one_has_it_and_the_other_is_told_who() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db.serve");
        let first = hold(&path).unwrap().unwrap();
        assert_eq!(hold(&path).unwrap().unwrap_err(), Holder(Some(std::process::id())));
        drop(first);
        assert!(hold(&path).unwrap().is_ok());
    }

    #[test]
    fn what_a_link_leads_to_is_not_emptied() {
        let folder = tempfile::tempdir().unwrap();
        let [theirs, path] = ["theirs", "store.db.serve"].map(|name| folder.path().join(name));
        std::fs::write(&theirs, "text").unwrap();
        std::os::unix::fs::symlink(&theirs, &path).unwrap();
        assert!(hold(&path).is_err());
        assert_eq!(std::fs::read_to_string(&theirs).unwrap(), "text");
    }
}
