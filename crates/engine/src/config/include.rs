//! `include`: a config in several files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use certvigil_doors::file;
use certvigil_inventory::matching;
use certvigil_model::Foreign;

use super::build::Build;
use super::fault::Place;
use super::raw::{Fields, Value};

/// The files of a config, as they are read.
#[derive(Default)]
pub(super) struct Files {
    /// Those that are being read, each included by the one before.
    open: Vec<PathBuf>,
    /// All that were begun.
    read: BTreeSet<PathBuf>,
}

impl Files {
    /// Whether the file that is being read is the one named on the command line.
    pub(super) const fn is_first(&self) -> bool {
        self.open.len() == 1
    }
}

impl Build {
    /// Reads the config in `path`, and all that it includes. `owner` answers for targets that name
    /// none; `place` is where the file is named.
    pub(super) fn read(&mut self, path: &Path, owner: Option<&str>, place: Place) {
        // One that cannot be found cannot be opened either, and is told then.
        let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if self.files.open.contains(&real) {
            let what = format!("{} includes itself", shown(path));
            let hint = "leave this include out, here or there".to_owned();
            return self.faults.add(place, what, Some(hint));
        }
        if self.files.open.len() == DEEPEST {
            let what = format!("{} is included {DEEPEST} files deep", shown(path));
            return self.faults.add(place, what, Some("include it nearer to the first".to_owned()));
        }
        // Two patterns may name the same file.
        if !self.files.read.insert(real.clone()) {
            return;
        }
        match text(path) {
            Ok(text) => {
                self.files.open.push(real);
                self.file(path, text, owner);
                self.files.open.pop();
            }
            Err(why) => {
                let what = format!("the config {} cannot be read: {why}", shown(path));
                self.faults.add(place, what, Some("name a readable file".to_owned()));
            }
        }
    }

    /// Reads what the file's `include` names, in order. Relative patterns begin at `folder`.
    pub(super) fn include(&mut self, top: Fields<'_>, folder: &Path, owner: Option<&str>) {
        for value in top.list("include") {
            let Some(pattern) = value.text() else { continue };
            let paths = matching(folder, pattern).unwrap_or_default();
            if paths.is_empty() {
                self.nothing(value, pattern);
            }
            for path in paths {
                self.read(&path, owner, value.place());
            }
        }
    }

    /// A pattern may match later; a file that is named is missed.
    fn nothing(&mut self, value: Value<'_>, pattern: &str) {
        let what = format!("no file is called {}", shown(Path::new(pattern)));
        if pattern.contains(['*', '?', '[']) {
            self.note(format!("{}: {what}, nothing is included", value.place()));
        } else {
            let hint = "write the path of a file, relative to this one".to_owned();
            self.faults.add(value.place(), what, Some(hint));
        }
    }
}

fn shown(path: &Path) -> String {
    Foreign::new(path.to_string_lossy()).shown().to_string()
}

fn text(path: &Path) -> Result<String, String> {
    let bytes = file::read_at_most(path, LARGEST).map_err(|error| error.to_string())?;
    String::from_utf8(bytes)
        .map_err(|error| format!("byte {} is no UTF-8", error.utf8_error().valid_up_to()))
}

/// Files that may be open, each included by the one before.
const DEEPEST: usize = 16;

/// The largest config, in bytes: a million names.
const LARGEST: u64 = 64 << 20;
