//! Our own list, for who has no tracker: a folder with a file for each issue.
//!
//! `12.json` is issue 12, written whole or not at all; a number is given once, whoever asks for it at the same time.
//! People may read and edit the files, and delete them; the command does it for them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use certvigil_doors::{SystemClock, file};
use certvigil_model::{Clock as _, Document, Foreign, IncidentKey, Time, TrackerName};
use serde::{Deserialize, Serialize};

use super::people::{Act, Event, acts};
use super::{Found, Issue, Stored, Tracker, Trouble};
use crate::markup::{Markup, title};

/// A folder of issues. Files are quick: the moments that calls are given are not looked at.
#[derive(Clone, Debug)]
pub struct Local {
    name: TrackerName,
    folder: PathBuf,
}

/// We, where people have names.
const US: &str = "certvigil";
/// The only project.
const PROJECT: &str = "local";
/// Characters of a title.
const TITLE: usize = 200;
/// Bytes of a file that are read.
const MOST: u64 = 4 << 20;

/// An issue as its file holds it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct File {
    title: String,
    text: String,
    key: String,
    #[serde(default = "local")]
    project: String,
    author: String,
    created_at: Time,
    open: bool,
    #[serde(default)]
    block: String,
    #[serde(default)]
    comments: Vec<Comment>,
    #[serde(default)]
    history: Vec<Deed>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Comment {
    by: String,
    at: Time,
    text: String,
}

/// What somebody did.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Deed {
    by: String,
    at: Time,
    #[serde(rename = "did")]
    what: What,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum What {
    Take,
    Begin,
    Close,
    Reopen,
}

fn local() -> String {
    PROJECT.to_owned()
}

impl Local {
    /// The list in `folder`, which has to be there.
    pub fn new(folder: &Path) -> Self {
        let name =
            TrackerName(format!("local {}", Foreign::new(folder.display().to_string()).shown()));
        Self { name, folder: folder.to_owned() }
    }

    fn path(&self, id: u64) -> PathBuf {
        self.folder.join(format!("{id}.json"))
    }

    /// The numbers of all issues, the lowest first.
    fn ids(&self) -> Result<Vec<u64>, Trouble> {
        let fail = |error: io::Error| {
            Trouble::Refused(format!(
                "{}: {error}: make the folder, for our user to write to",
                self.folder.display()
            ))
        };
        let mut ids = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(fail)? {
            let name = entry.map_err(fail)?.file_name();
            let id = name.to_str().and_then(|name| name.strip_suffix(".json"));
            ids.extend(id.and_then(number));
        }
        ids.sort_unstable();
        Ok(ids)
    }

    fn load(&self, id: u64) -> Result<Option<File>, Trouble> {
        let path = self.path(id);
        let strange = |why: String| Trouble::Strange(format!("{}: {why}", path.display()));
        match file::read_at_most(&path, MOST) {
            Ok(bytes) => {
                serde_json::from_slice(&bytes).map(Some).map_err(|e| strange(e.to_string()))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(strange(error.to_string())),
        }
    }

    /// Those that `is_wanted` picks, the first made first. A file that somebody broke is told when it is read itself;
    /// here it hides no other.
    fn all(&self, is_wanted: impl Fn(&Stored) -> bool) -> Result<Vec<Stored>, Trouble> {
        let mut all = Vec::new();
        for id in self.ids()? {
            if let Ok(Some(file)) = self.load(id) {
                all.push(self.stored(id, file));
            }
        }
        all.retain(is_wanted);
        Ok(all)
    }

    fn stored(&self, id: u64, file: File) -> Stored {
        let history: Vec<Event> = file.history.into_iter().map(Deed::event).collect();
        let acts = acts(Some(file.created_at), &history);
        let ours = file.comments.into_iter().filter(|comment| comment.by == US);
        Stored {
            id: id.to_string(),
            url: self.path(id).display().to_string(),
            is_in_project: file.project == PROJECT,
            project: Foreign::new(file.project),
            is_ours: file.author == US,
            title: Foreign::new(file.title),
            key: file.key.parse().ok(),
            is_labelled: true,
            is_open: file.open,
            is_locked: false,
            created_at: Some(file.created_at),
            block: Some(file.block).filter(|block| !block.is_empty()).map(Foreign::new),
            our_comments: ours.map(|comment| Foreign::new(comment.text)).collect(),
            taken: acts.taken,
            closed: acts.closed.filter(|_| !file.open),
        }
    }

    fn change(&self, id: &str, change: impl FnOnce(&mut File)) -> Result<(), Trouble> {
        let gone = || {
            Trouble::Refused(format!("issue {} is not there any more", Foreign::new(id).shown()))
        };
        let id = number(id).ok_or_else(gone)?;
        let mut file = self.load(id)?.ok_or_else(gone)?;
        change(&mut file);
        // The old content stands where it fails.
        file::write_atomically(&self.path(id), &written(&file)?).map_err(|error| later(&error))
    }
}

impl Deed {
    fn event(self) -> Event {
        let is_person = self.by != US;
        let act = match self.what {
            What::Take => Act::Assigned,
            What::Begin => Act::Begun,
            What::Close => Act::Closed,
            What::Reopen => Act::Reopened,
        };
        Event { at: Some(self.at), by: Foreign::new(self.by), is_person, act }
    }
}

/// One name for each number: `7`, not `07`.
fn number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number: &u64| number.to_string() == text)
}

fn written(file: &File) -> Result<Vec<u8>, Trouble> {
    let mut bytes =
        serde_json::to_vec_pretty(file).map_err(|error| Trouble::Refused(error.to_string()))?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn later(error: &file::Error) -> Trouble {
    Trouble::Later { after: None, why: format!("{error}: {}", error.source) }
}

impl Tracker for Local {
    fn name(&self) -> &TrackerName {
        &self.name
    }

    fn settle(&self) -> Duration {
        Duration::ZERO
    }

    fn has_block(&self) -> bool {
        true
    }

    fn find(&self, key: &IncidentKey, _: Instant) -> Result<Vec<Stored>, Trouble> {
        self.all(|stored| stored.key.as_ref() == Some(key))
    }

    fn recent(&self, since: Time, _: Instant) -> Result<Vec<Stored>, Trouble> {
        self.all(|stored| stored.created_at.is_some_and(|at| at >= since))
    }

    fn ours(&self, _: Instant) -> Result<Vec<Stored>, Trouble> {
        self.all(|stored| stored.is_open && stored.key.is_some() && stored.is_in_project)
    }

    fn create(&self, issue: &Issue, _: Instant) -> Result<String, Trouble> {
        let bytes = written(&File {
            title: title(&issue.title, TITLE),
            text: Markup::Plain.write(&issue.body),
            key: issue.key.to_string(),
            project: local(),
            author: US.to_owned(),
            created_at: SystemClock.wall(),
            open: true,
            block: issue.block.clone(),
            comments: Vec::new(),
            history: Vec::new(),
        })?;
        let mut id = self.ids()?.last().map_or(1, |last| last + 1);
        // Who was quicker has the number, and we the next one.
        while !file::write_new(&self.path(id), &bytes).map_err(|error| later(&error))? {
            id += 1;
        }
        Ok(id.to_string())
    }

    fn read(&self, id: &str, _: Instant) -> Result<Found, Trouble> {
        let Some(number) = number(id) else { return Ok(Found::Gone) };
        let here = |file| Found::Here(Box::new(self.stored(number, file)));
        Ok(self.load(number)?.map_or(Found::Gone, here))
    }

    fn comment(&self, id: &str, text: &Document, _: Instant) -> Result<(), Trouble> {
        let text = Markup::Plain.write(text);
        self.change(id, |file| {
            file.comments.push(Comment { by: US.to_owned(), at: SystemClock.wall(), text });
        })
    }

    fn set_open(&self, id: &str, open: bool, _: Instant) -> Result<(), Trouble> {
        self.change(id, |file| {
            if file.open != open {
                let what = if open { What::Reopen } else { What::Close };
                file.history.push(Deed { by: US.to_owned(), at: SystemClock.wall(), what });
            }
            file.open = open;
        })
    }

    fn remember(&self, id: &str, block: &str, _: Instant) -> Result<(), Trouble> {
        self.change(id, |file| block.clone_into(&mut file.block))
    }

    fn examine(&self, _: Instant) -> Result<Vec<String>, Trouble> {
        match self.ids() {
            Ok(_) => Ok(Vec::new()),
            Err(Trouble::Refused(why)) => Ok(vec![why]),
            Err(other) => Err(other),
        }
    }
}
