//! Files instead of endpoints: every certificate in them, and a word for what is none.

use std::collections::VecDeque;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use certvigil_doors::{Secret, file};
use certvigil_model::Foreign;
use certvigil_reader::Pool;
use certvigil_report::{Inspected, Inspection, Item};
use certvigil_x509::{Certificate, Found, Reading};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use crate::Error;
use crate::reading::{LARGEST_FILE, found_certificate, why_unread};

/// How an inspection came out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Examined {
    /// Files that were opened, or should have been.
    pub files: u64,
    /// Things found that are not as they should be: ill-formed, or nothing that can be read.
    pub flawed: u64,
    /// Files or certificates that we failed to read, whatever is in them.
    pub failed: u64,
}

/// Reads all that `paths` hold, folders with all below them, and tells it to `wording` in order.
/// `moved` hears how far it is.
///
/// # Errors
/// The runtime could not be started, or the wording not written.
pub fn inspect(
    paths: impl IntoIterator<Item = PathBuf>,
    password: Option<&Secret>,
    pool: Pool,
    wording: &mut dyn Inspection,
    mut moved: impl FnMut(&Examined),
) -> Result<Examined, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let runtime = runtime.map_err(Error::Runtime)?;
    let password = password.map(|it| it.reveal().to_owned());
    let reading = Arc::new(Files { pool, password, room: Semaphore::new(ROOM) });
    let mut examined = Examined::default();
    let told = runtime.block_on(async {
        let mut window: VecDeque<JoinHandle<Vec<Inspected>>> = VecDeque::new();
        let mut files = paths.into_iter().flat_map(below);
        loop {
            while window.len() < WINDOW
                && let Some(file) = files.next()
            {
                window.push_back(tokio::spawn(Arc::clone(&reading).file(file)));
            }
            let Some(first) = window.pop_front() else { return Ok(()) };
            let items = first.await.unwrap_or_default();
            examined.count(&items);
            items.iter().try_for_each(|item| wording.item(item))?;
            moved(&examined);
        }
    });
    reading.pool.close();
    told.map_err(Error::Report)?;
    Ok(examined)
}

impl Examined {
    fn count(&mut self, items: &[Inspected]) {
        self.files += 1;
        for Inspected { item, .. } in items {
            match item {
                Item::Certificate(Certificate { reading: Reading::Facts(facts), .. }) => {
                    self.flawed += u64::from(!facts.well_formed());
                }
                Item::Nothing(_) => self.flawed += 1,
                Item::Certificate(_) | Item::Unread { .. } => self.failed += 1,
            }
        }
        // Whoever was to read the file is gone without a word.
        self.failed += u64::from(items.is_empty());
    }
}

/// What all files share.
struct Files {
    pool: Pool,
    password: Option<String>,
    /// For the bytes of files read ahead, in KiB.
    room: Semaphore,
}

impl Files {
    async fn file(self: Arc<Self>, entry: Entry) -> Vec<Inspected> {
        let name = Foreign::new(entry.path.to_string_lossy());
        let inspected = |(index, (at, item))| Inspected { file: name.clone(), index, at, item };
        let room = self.room.acquire_many(entry.kibibytes()).await;
        let found = match entry.bytes() {
            Ok(bytes) => self.pool.container(bytes, self.password.clone()).await,
            Err(error) => Err(Reading::Local(error.to_string())),
        };
        drop(room);
        let items = match found {
            Ok(found) => self.items(found).await,
            Err(reading) => vec![(String::new(), unread(reading))],
        };
        items.into_iter().enumerate().map(inspected).collect()
    }

    async fn items(&self, found: Vec<Found>) -> Vec<(String, Item)> {
        let mut items = Vec::with_capacity(found.len());
        for Found { at, item, flaws } in found {
            let item = match item {
                Ok(der) => {
                    Item::Certificate(found_certificate(&self.pool, der.into(), flaws).await)
                }
                Err(defect) => Item::Nothing(defect),
            };
            items.push((at, item));
        }
        items
    }
}

fn unread(reading: Reading) -> Item {
    let (outcome, reason) = why_unread(reading);
    Item::Unread { outcome, reason }
}

/// A file to read, or why a path is none.
struct Entry {
    path: PathBuf,
    length: io::Result<u64>,
}

impl Entry {
    fn bytes(self) -> io::Result<Arc<[u8]>> {
        self.length?;
        file::read_at_most(&self.path, LARGEST_FILE).map(Arc::from)
    }

    /// How much room its bytes may take. What says that it is empty may be a pseudo file.
    fn kibibytes(&self) -> u32 {
        let length = match self.length {
            Ok(0) => LARGEST_FILE,
            Ok(length) => length,
            Err(_) => 0,
        };
        u32::try_from(length.min(LARGEST_FILE).div_ceil(1024)).unwrap_or(u32::MAX)
    }
}

/// `path` itself when it is a file; the files in it, in order of their names, when it is a folder.
/// Links to folders are not followed: they may lead round in circles.
fn below(path: PathBuf) -> Box<dyn Iterator<Item = Entry>> {
    match fs::metadata(&path) {
        Ok(metadata) if metadata.is_dir() => match names(&path) {
            Ok(paths) => Box::new(paths.into_iter().flat_map(below_folder)),
            Err(error) => one(path, Err(error)),
        },
        Ok(metadata) => one(path, fit(&metadata)),
        Err(error) => one(path, Err(error)),
    }
}

fn below_folder(path: PathBuf) -> Box<dyn Iterator<Item = Entry>> {
    match (fs::symlink_metadata(&path), fs::metadata(&path)) {
        (Ok(link), Ok(target)) if link.is_symlink() && target.is_dir() => Box::new([].into_iter()),
        // Sockets and pipes lie about in folders; nobody means them.
        (_, Ok(target)) if !target.is_dir() && !target.is_file() => Box::new([].into_iter()),
        _ => below(path),
    }
}

fn names(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort_unstable();
    Ok(paths)
}

/// The length of what can be read whole: a pipe would keep us waiting, a huge file would fill the
/// memory.
fn fit(metadata: &fs::Metadata) -> io::Result<u64> {
    let why = match metadata.len() {
        _ if !metadata.is_file() => "it is no regular file",
        length if length > LARGEST_FILE => "it is larger than 64 MiB",
        length => return Ok(length),
    };
    Err(io::Error::new(io::ErrorKind::InvalidInput, why))
}

fn one(path: PathBuf, length: io::Result<u64>) -> Box<dyn Iterator<Item = Entry>> {
    Box::new(std::iter::once(Entry { path, length }))
}

/// Files read ahead of the one whose turn it is to be told.
const WINDOW: usize = 32;

/// KiB of files held at a time: the largest two.
const ROOM: usize = 2 * (LARGEST_FILE as usize >> 10);
