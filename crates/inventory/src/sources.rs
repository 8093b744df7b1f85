//! Lists in files of their own, named by patterns.

use std::io;
use std::path::{Path, PathBuf};

use certvigil_doors::file;
use certvigil_model::{Foreign, Origin};

use crate::file_sd::{self, Discovered, Unfit};
use crate::lines::numbered;
use crate::{Fault, Listed};

/// A file that lists targets, or why there is none.
#[derive(Clone, Debug)]
pub struct Source(Kind);

#[derive(Clone, Debug)]
enum Kind {
    /// One target a line.
    Lines { file: String, text: String },
    /// Groups with labels.
    Discovered { file: String, groups: Vec<Discovered> },
    /// Not a list, but files that hold certificates themselves.
    Certificates { paths: Vec<PathBuf>, origin: Origin },
    /// What it lists is not watched, and that has a verdict.
    Lost(Box<Listed>),
}

impl Source {
    /// The list `text`, one target a line, as [`crate::lines()`] reads it; `file` is its name in
    /// every origin.
    pub fn list(file: &str, text: String) -> Self {
        Self(Kind::Lines { file: file.to_owned(), text })
    }

    /// The lists that `pattern` names, one target a line, as [`crate::lines()`] reads them. What
    /// cannot be read, and a pattern that names nothing, is a source with one line that is no target.
    pub fn lists(folder: &Path, pattern: &str, origin: &Origin) -> Vec<Self> {
        each(folder, pattern, origin, |file, text| Kind::Lines { file, text })
    }

    /// The files for Prometheus' service discovery that `pattern` names.
    pub fn discovery(folder: &Path, pattern: &str, origin: &Origin) -> Vec<Self> {
        each(folder, pattern, origin, |file, text| match file_sd::read(&text) {
            Ok(groups) => Kind::Discovered { file, groups },
            Err(Unfit { line, why }) => {
                let origin = Origin { file: file.clone(), line };
                Kind::Lost(lost(&file, origin, Fault::Discovery { why }))
            }
        })
    }

    /// The files with certificates that `pattern` names.
    pub fn certificates(folder: &Path, pattern: &str, origin: &Origin) -> Vec<Self> {
        let paths = matching(folder, pattern).unwrap_or_default();
        vec![Self(match paths.is_empty() {
            true => Kind::Lost(lost(pattern, origin.clone(), Fault::NoFile)),
            false => Kind::Certificates { paths, origin: origin.clone() },
        })]
    }

    /// Each line as its text and place, with the tags that it has of its own.
    pub(crate) fn entries(&self) -> Box<dyn Iterator<Item = Entry<'_>> + '_> {
        match &self.0 {
            Kind::Lines { file, text } => Box::new(numbered(text).map(|(text, line)| {
                Entry::Line { text, origin: Origin { file: file.clone(), line }, tags: &[] }
            })),
            Kind::Discovered { file, groups } => Box::new(groups.iter().flat_map(|group| {
                group.targets.iter().map(|(text, line)| Entry::Line {
                    text,
                    origin: Origin { file: file.clone(), line: *line },
                    tags: &group.tags,
                })
            })),
            Kind::Certificates { paths, origin } => {
                Box::new(paths.iter().map(|path| Entry::File { path, origin }))
            }
            Kind::Lost(listed) => Box::new(std::iter::once(Entry::Lost(listed))),
        }
    }
}

/// A line of a source.
pub(crate) enum Entry<'a> {
    /// A target as written.
    Line { text: &'a str, origin: Origin, tags: &'a [String] },
    /// A file with certificates, and the line of the config that names it.
    File { path: &'a Path, origin: &'a Origin },
    /// It is known already that there is none.
    Lost(&'a Listed),
}

/// The paths that `pattern` names, in order; relative ones begin at `folder`.
///
/// # Errors
/// It is no pattern.
pub fn matching(folder: &Path, pattern: &str) -> Result<Vec<PathBuf>, String> {
    let base = glob::Pattern::escape(&folder.to_string_lossy());
    let whole = match Path::new(pattern).is_absolute() || base.is_empty() {
        true => pattern.to_owned(),
        false => format!("{base}/{pattern}"),
    };
    let paths = glob::glob(&whole).map_err(|error| error.msg.to_owned())?;
    // A folder that cannot be listed stands for what it may hold: who reads it is told why not.
    let named = paths.filter_map(|path| match path {
        Ok(path) => (!path.is_dir()).then_some(path),
        Err(unlisted) => Some(unlisted.path().to_owned()),
    });
    let mut named: Vec<_> = named.collect();
    for folder in unsearchable(&whole) {
        if !named.contains(&folder) {
            named.push(folder);
        }
    }
    Ok(named)
}

/// Folders that `pattern` goes through by a name, and that let nobody go through them: a pattern
/// passes over these as if there were nothing of that name.
fn unsearchable(pattern: &str) -> Vec<PathBuf> {
    let is_wild = |part: &&str| part.contains(['*', '?', '[']);
    let parts: Vec<&str> = pattern.split('/').collect();
    let first = parts.iter().position(is_wild).unwrap_or(parts.len());
    let through = (first + 1..parts.len()).filter(|at| !is_wild(&parts[*at]));
    let folders = through.filter_map(|at| glob::glob(&parts[..at].join("/")).ok());
    let denies = |folder: &PathBuf| {
        let inside = folder.join(".").metadata();
        inside.is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied)
    };
    folders.flatten().filter_map(Result::ok).filter(denies).collect()
}

fn each(
    folder: &Path,
    pattern: &str,
    origin: &Origin,
    read: impl Fn(String, String) -> Kind,
) -> Vec<Source> {
    let found = matching(folder, pattern).unwrap_or_default();
    if found.is_empty() {
        let lost = lost(pattern, origin.clone(), Fault::NoFile);
        return vec![Source(Kind::Lost(lost))];
    }
    let source = |path: PathBuf| {
        let name = path.display().to_string();
        Source(match text(&path) {
            Ok(text) => read(name, text),
            Err(why) => {
                let origin = Origin { file: name.clone(), line: 1 };
                Kind::Lost(lost(&name, origin, Fault::Unreadable { why }))
            }
        })
    };
    found.into_iter().map(source).collect()
}

fn lost(text: &str, origin: Origin, fault: Fault) -> Box<Listed> {
    Box::new(Listed {
        origin: Some(origin),
        text: Foreign::new(text),
        target: Err(fault),
        owner: None,
    })
}

fn text(path: &Path) -> Result<String, String> {
    let bytes = file::read_at_most(path, LARGEST).map_err(|error| error.to_string())?;
    // A byte that is no UTF-8 costs its line, and no other.
    Ok(String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

/// The longest list, in bytes.
const LARGEST: u64 = 256 << 20;
