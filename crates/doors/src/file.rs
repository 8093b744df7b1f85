//! Files that are either there in full or not at all.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Read as _, Seek as _, Write};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use certvigil_model::Clock as _;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{AtFlags, CWD, Mode, OFlags, linkat};
use tempfile::{NamedTempFile, TempPath};

use crate::SystemClock;

/// Writes `bytes` to `path`: a reader sees the old content or the new one, never a part.
///
/// # Errors
/// The folder cannot be written to, or the disk is full; `path` is then as it was.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut file = open_report(path)?;
    file.write_all(bytes).map_err(|source| Error::new(path, source))?;
    file.commit()
}

/// Writes `bytes` to `path` where nothing is there yet, in full or not at all; false where something is. Of several who
/// do it at once one succeeds.
///
/// # Errors
/// The folder cannot be written to, or the disk is full.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<bool, Error> {
    let fail = |source| Error::new(path, source);
    let mut named = named_beside(path).map_err(fail)?;
    named.write_all(bytes).and_then(|()| named.as_file().sync_all()).map_err(fail)?;
    match named.persist_noclobber(path) {
        Ok(_) => {}
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
        Err(error) => return Err(fail(error.error)),
    }
    File::open(folder(path)).and_then(|folder| folder.sync_all()).map_err(fail)?;
    Ok(true)
}

/// Opens `path` for a report that is written later, so that a folder that cannot be written to
/// is known before a round begins and not after it.
///
/// # Errors
/// The folder is not there or cannot be written to.
pub fn open_report(path: &Path) -> Result<Report, Error> {
    let fail = |source| Error::new(path, source);
    match path.metadata() {
        // A pipe, a terminal or /dev/null is written to; renaming over it would replace it.
        Ok(metadata) if !metadata.is_file() => {
            let file = OpenOptions::new().write(true).open(path).map_err(fail)?;
            Ok(Report { path: path.to_owned(), place: Place::Direct(file) })
        }
        // A link to a file stays a link: what it leads to is replaced.
        Ok(_) => Report::beside(path.canonicalize().map_err(fail)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Report::beside(path.to_owned()),
        Err(error) => Err(fail(error)),
    }
}

/// A new, empty file in the folder for temporary files; it stays.
/// Where everybody may write, nobody can have laid a link in its way.
///
/// # Errors
/// The folder cannot be written to.
pub fn fresh(prefix: &str, suffix: &str) -> Result<PathBuf, Error> {
    let fail = |source| Error::new(&std::env::temp_dir(), source);
    let file = tempfile::Builder::new().prefix(prefix).suffix(suffix).tempfile().map_err(fail)?;
    let (_, path) = file.keep().map_err(|error| fail(error.error))?;
    Ok(path)
}

/// Reads `path`, which holds at most `most` bytes, and never waits for anybody to write them: what
/// a file says of its kind and size need not be so, and may change before it is opened.
///
/// # Errors
/// It cannot be read, holds more, or is a pipe into which nobody has written: an empty list would
/// be silence.
pub fn read_at_most(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    let metadata = file.metadata()?;
    let told = metadata.len().min(most);
    let mut bytes = Vec::with_capacity(usize::try_from(told).unwrap_or(0) + 1);
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    if bytes.is_empty() && metadata.file_type().is_fifo() {
        return Err(io::Error::new(io::ErrorKind::WouldBlock, "nobody has written into the pipe"));
    }
    Ok(bytes)
}

/// Reads `path` like [`read_at_most`], but waits for who writes into a pipe, for `patience` at most.
///
/// # Errors
/// It cannot be read, holds more, or was not written to its end in time.
pub fn read_within(path: &Path, most: u64, patience: Duration) -> io::Result<Vec<u8>> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    let until = SystemClock.monotonic() + patience;
    let mut source = file.try_clone()?.take(most.saturating_add(1));
    let mut bytes = Vec::new();
    loop {
        let left = until.saturating_duration_since(SystemClock.monotonic());
        let left = Timespec {
            tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: i64::from(left.subsec_nanos()),
        };
        // A pipe that nobody has opened yet is not at its end: it is waited for here.
        if poll(&mut [PollFd::new(&file, PollFlags::IN)], Some(&left))? == 0 {
            return Err(io::ErrorKind::TimedOut.into());
        }
        match source.read_to_end(&mut bytes) {
            Ok(_) if bytes.len() as u64 > most => return Err(io::ErrorKind::FileTooLarge.into()),
            Ok(_) => return Ok(bytes),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
}

/// A file being written. Dropped without [`Report::commit`] it leaves nothing behind.
#[derive(Debug)]
pub struct Report {
    path: PathBuf,
    place: Place,
}

#[derive(Debug)]
enum Place {
    /// In the same folder without a name: a process that is killed leaves nothing behind.
    Unnamed(File),
    /// In the same folder under a passing name, where the file system knows no other way.
    Beside(NamedTempFile),
    /// At its own place: it is no regular file.
    Direct(File),
}

impl Report {
    fn beside(path: PathBuf) -> Result<Self, Error> {
        if path.file_name().is_none() {
            return Err(Error::new(
                &path,
                io::Error::new(io::ErrorKind::InvalidInput, "no file name"),
            ));
        }
        let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
        let place = match rustix::fs::open(folder(&path), flags, MODE) {
            Ok(file) => Place::Unnamed(file.into()),
            // Whatever else is wrong with the folder, the other way meets too.
            Err(_) => {
                Place::Beside(named_beside(&path).map_err(|source| Error::new(&path, source))?)
            }
        };
        Ok(Self { path, place })
    }

    /// The folder that the file is going to be in; none where it is no regular file.
    pub fn folder(&self) -> Option<&Path> {
        match self.place {
            Place::Unnamed(_) | Place::Beside(_) => Some(folder(&self.path)),
            Place::Direct(_) => None,
        }
    }

    /// Makes what was written appear under its name, on the disk when this returns.
    ///
    /// # Errors
    /// The disk is full or the folder went away; the old file, if any, is as it was.
    pub fn commit(self) -> Result<(), Error> {
        let Self { path, place } = self;
        let fail = |source| Error::new(&path, source);
        let named = match place {
            Place::Direct(mut file) => return file.flush().map_err(fail),
            Place::Beside(named) => {
                named.as_file().sync_all().map_err(fail)?;
                named.into_temp_path()
            }
            Place::Unnamed(file) => {
                file.sync_all().map_err(fail)?;
                give_name(file, &path).map_err(fail)?
            }
        };
        named.persist(&path).map_err(|error| fail(error.error))?;
        // The rename is on the disk once the folder is.
        File::open(folder(&path)).and_then(|folder| folder.sync_all()).map_err(fail)
    }
}

/// A file beside `path` under a passing name.
fn named_beside(path: &Path) -> io::Result<NamedTempFile> {
    tempfile::Builder::new()
        .prefix(&prefix(path))
        .suffix(SUFFIX)
        .permissions(Permissions::from_mode(MODE.as_raw_mode()))
        .tempfile_in(folder(path))
}

/// Gives a file without a name a passing one beside `path`: no system call puts it in the place of
/// another file, and between this one and the renaming lies but a moment.
fn give_name(mut file: File, path: &Path) -> io::Result<TempPath> {
    let handle = format!("/proc/self/fd/{}", file.as_raw_fd());
    let link = |to: &Path| Ok(linkat(CWD, &handle, CWD, to, AtFlags::SYMLINK_FOLLOW)?);
    let prefix = prefix(path);
    let mut passing = tempfile::Builder::new();
    if let Ok(named) = passing.prefix(&prefix).suffix(SUFFIX).make_in(folder(path), link) {
        return Ok(named.into_temp_path());
    }
    // Where /proc is not there, it is copied.
    let mut named = named_beside(path)?;
    file.rewind()?;
    io::copy(&mut file, &mut named)?;
    named.as_file().sync_all()?;
    Ok(named.into_temp_path())
}

/// The head of passing names beside `path`: hidden, and telling whose they are.
fn prefix(path: &Path) -> OsString {
    [".".as_ref(), path.file_name().unwrap_or_default()].into_iter().collect()
}

impl Write for Report {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.place {
            Place::Beside(named) => named.write(bytes),
            Place::Unnamed(file) | Place::Direct(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.place {
            Place::Beside(named) => named.flush(),
            Place::Unnamed(file) | Place::Direct(file) => file.flush(),
        }
    }
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// As any new file: the umask takes away what the user does not want to give.
const MODE: Mode = Mode::from_raw_mode(0o666);
/// The end of passing names.
const SUFFIX: &str = ".part";

/// A file could not be written.
#[derive(Debug, thiserror::Error)]
#[error("{path} cannot be written")]
pub struct Error {
    /// The file.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

impl Error {
    fn new(path: &Path, source: io::Error) -> Self {
        Self { path: path.to_owned(), source }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use std::fs;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn the_old_content_stays_until_commit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        fs::write(&path, "old").unwrap();
        let mut report = open_report(&path).unwrap();
        report.write_all(b"new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        report.commit().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(names(folder.path()), ["report.json"]);
    }

    #[test]
    fn what_is_there_is_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("1.json");
        assert!(write_new(&path, b"first").unwrap());
        assert!(!write_new(&path, b"second").unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "first");
        assert_eq!(names(folder.path()), ["1.json"]);
        assert!(write_new(&folder.path().join("missing/1.json"), b"").is_err());
    }

    #[test]
    fn nothing_is_left_without_commit() {
        let folder = tempfile::tempdir().unwrap();
        let mut report = open_report(&folder.path().join("report.json")).unwrap();
        report.write_all(b"half").unwrap();
        if matches!(report.place, Place::Unnamed(_)) {
            assert_eq!(names(folder.path()), [""; 0], "nor while it is written");
        }
        drop(report);
        assert_eq!(names(folder.path()), [""; 0]);
    }

    #[test]
    fn every_way_of_writing_replaces_the_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        let unnamed = || {
            let flags = OFlags::TMPFILE | OFlags::RDWR;
            Place::Unnamed(rustix::fs::open(folder.path(), flags, MODE).unwrap().into())
        };
        let named = || Place::Beside(named_beside(&path).unwrap());
        for (text, place) in [("a", &unnamed as &dyn Fn() -> Place), ("b", &named)] {
            fs::write(&path, "longer than that").unwrap();
            let mut report = Report { path: path.clone(), place: place() };
            report.write_all(text.as_bytes()).unwrap();
            report.commit().unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
            assert_eq!(names(folder.path()), ["report.json"]);
        }
    }

    #[test]
    fn a_link_stays_a_link_and_a_device_a_device() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::write(&real, "old").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        write_atomically(&link, b"new").unwrap();
        assert_eq!(fs::read_to_string(&real).unwrap(), "new");
        assert!(link.symlink_metadata().unwrap().is_symlink());
        write_atomically(Path::new("/dev/null"), b"gone").unwrap();
        assert!(!Path::new("/dev/null").metadata().unwrap().is_file());
    }

    #[test]
    fn a_file_is_read_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("four");
        fs::write(&path, "four").unwrap();
        assert_eq!(read_at_most(&path, 4).unwrap(), b"four");
        assert_eq!(read_at_most(&path, 3).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
    }

    /// A pseudo file says that it is regular and empty, and ends when the machine's memory does.
    #[test]
    fn what_has_no_end_is_not_waited_for() {
        for endless in ["/proc/self/pagemap", "/dev/zero"] {
            assert!(read_at_most(Path::new(endless), 1 << 16).is_err(), "{endless}");
        }
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        rustix::fs::mknodat(CWD, &pipe, rustix::fs::FileType::Fifo, Mode::RUSR, 0).unwrap();
        let unwritten = read_at_most(&pipe, 1).unwrap_err();
        assert_eq!(unwritten.kind(), io::ErrorKind::WouldBlock, "nobody writes");
    }

    /// A secret may come through a pipe, and from somebody who never comes.
    #[test]
    fn a_pipe_is_waited_for_but_not_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        rustix::fs::mknodat(CWD, &pipe, rustix::fs::FileType::Fifo, MODE, 0).unwrap();
        let brief = Duration::from_millis(50);
        let late = read_within(&pipe, 9, brief).unwrap_err();
        assert_eq!(late.kind(), io::ErrorKind::TimedOut, "nobody writes");
        let writer = std::thread::spawn({
            let pipe = pipe.clone();
            move || fs::write(pipe, "four").unwrap()
        });
        assert_eq!(read_within(&pipe, 9, Duration::from_secs(20)).unwrap(), b"four");
        writer.join().unwrap();
        let _silent = OpenOptions::new().read(true).write(true).open(&pipe).unwrap();
        let late = read_within(&pipe, 9, brief).unwrap_err();
        assert_eq!(late.kind(), io::ErrorKind::TimedOut, "its writer is silent");
        assert!(read_within(Path::new("/dev/zero"), 9, brief).is_err());
    }

    #[test]
    fn a_missing_folder_is_known_before_anything_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let error = open_report(&folder.path().join("no/report.json")).unwrap_err();
        assert_eq!(error.source.kind(), io::ErrorKind::NotFound);
    }
}
