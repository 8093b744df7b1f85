//! Files that a database keeps by itself: made, told apart, and put in place whole.

use std::fs::{File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use tempfile::TempPath;

/// The user and one group may write, nobody else may read: several processes share the file.
const MODE: u32 = 0o660;

/// Makes an empty file that a group shares, where there is none; whether it did.
///
/// # Errors
/// The folder is not there or cannot be written to.
pub fn make_shared(path: &Path) -> io::Result<bool> {
    match OpenOptions::new().write(true).create_new(true).mode(MODE).open(path) {
        // The umask has taken the group's right to write away.
        Ok(file) => file.set_permissions(Permissions::from_mode(MODE)).map(|()| true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

/// Where a file stands, so that a copy of it or a file that was moved is told from it: its full path and its number in
/// the file system.
///
/// # Errors
/// It is not there.
pub fn home(path: &Path) -> io::Result<String> {
    let full = path.canonicalize()?;
    let number = full.metadata()?.ino();
    Ok(format!("{} ({number})", full.display()))
}

/// The kind of network file system that `path` is on, where it is on one. Locks and shared memory do not hold between
/// machines there. One that the kernel shows as something else (FUSE) is not told.
///
/// # Errors
/// It is not there.
pub fn network_file_system(path: &Path) -> io::Result<Option<&'static str>> {
    // As statfs(2) lists them; the type's sign differs between architectures.
    let kind = rustix::fs::statfs(path)?.f_type as u32;
    let known = NETWORK.iter().find(|(magic, _)| *magic == kind);
    Ok(known.map(|(_, name)| *name))
}

/// The numbers of statfs(2).
const NETWORK: &[(u32, &str)] = &[
    (0x0000_6969, "NFS"),
    (0x0000_517B, "SMB"),
    (0xFF53_4D42, "CIFS"),
    (0xFE53_4D42, "SMB2"),
    (0x00C3_6400, "Ceph"),
    (0x5346_414F, "AFS"),
    (0x7375_7245, "Coda"),
    (0x0000_564C, "NCP"),
    (0x0102_1997, "9P"),
];

/// A file in the making beside the place where it is to stand; dropped without [`Making::finish`] it is gone.
#[derive(Debug)]
pub struct Making {
    passing: TempPath,
    place: PathBuf,
}

impl Making {
    /// Begins an empty file, which only its user may read, beside `place`.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub fn begin(place: &Path) -> io::Result<Self> {
        let folder = folder(place);
        let passing = tempfile::Builder::new().prefix(".making-").tempfile_in(folder)?;
        Ok(Self { passing: passing.into_temp_path(), place: place.to_owned() })
    }

    /// Where it is now.
    pub fn path(&self) -> &Path {
        &self.passing
    }

    /// Puts it in its place, where nothing stands, with the rights of [`make_shared`]; its size.
    ///
    /// # Errors
    /// Something stands there, or the disk does not take it.
    pub fn finish(self) -> io::Result<u64> {
        let file = File::open(&self.passing)?;
        file.set_permissions(Permissions::from_mode(MODE))?;
        file.sync_all()?;
        let bytes = file.metadata()?.len();
        self.passing.persist_noclobber(&self.place).map_err(|error| error.error)?;
        File::open(folder(&self.place))?.sync_all()?;
        Ok(bytes)
    }
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use std::fs;

    use super::*;

    #[test]
    fn a_shared_file_is_writable_by_its_group_whatever_the_umask() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        assert!(make_shared(&path).unwrap());
        assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o660);
        assert!(!make_shared(&path).unwrap(), "it is there");
    }

    #[test]
    fn a_copy_and_a_moved_file_have_another_home() {
        let folder = tempfile::tempdir().unwrap();
        let [path, copy, moved] = ["a", "b", "c"].map(|name| folder.path().join(name));
        fs::write(&path, "text").unwrap();
        let first = home(&path).unwrap();
        assert_eq!(home(&folder.path().join("./a")).unwrap(), first);
        fs::copy(&path, &copy).unwrap();
        assert_ne!(home(&copy).unwrap(), first);
        fs::rename(&path, &moved).unwrap();
        assert_ne!(home(&moved).unwrap(), first);
        fs::rename(&copy, &path).unwrap();
        assert_ne!(home(&path).unwrap(), first, "the copy in its place");
    }

    #[test]
    fn what_is_being_made_never_replaces_anything() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("copy.db");
        let making = Making::begin(&place).unwrap();
        fs::write(making.path(), "new").unwrap();
        fs::write(&place, "old").unwrap();
        assert_eq!(making.finish().unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&place).unwrap(), "old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn this_machine_s_own_disk_is_no_network() {
        assert_eq!(network_file_system(Path::new("/proc")).unwrap(), None);
    }
}
