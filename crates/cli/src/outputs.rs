//! Where reports go: standard output, or files that appear when the round is over.

use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use certvigil_doors::file;
use certvigil_report::{Closed, Opened, Report, Style, open};

use crate::arguments::Output;
use crate::terminal;

/// Reports ready to be written, and the files that they end up in.
pub(crate) struct Outputs {
    /// For the round.
    pub(crate) reports: Vec<Box<dyn Report>>,
    files: Vec<Shared>,
}

impl Outputs {
    /// Opens every report before the round begins, so that a path that cannot be written is
    /// known before anything was looked at.
    pub(crate) fn open(outputs: &[Output], opened: &Opened) -> anyhow::Result<Self> {
        for (at, output) in outputs.iter().enumerate() {
            let is_taken = outputs[..at].iter().any(|earlier| earlier.path == output.path);
            anyhow::ensure!(!is_taken, "two reports would be written to {}", place(output));
        }
        let (mut wanted, mut files) = (Vec::with_capacity(outputs.len()), Vec::new());
        // What waits for the round's end takes as much room as the report: it waits beside it.
        let mut folder = None;
        for Output { format, path } in outputs {
            let (out, style): (Box<dyn Write + Send>, _) = match path {
                None => (Box::new(io::stdout()), terminal::style()),
                Some(path) => {
                    let file = file::open_report(path)?;
                    folder = folder.or_else(|| file.folder().map(Path::to_owned));
                    let file = Shared(Arc::new(Mutex::new(Some(file))));
                    files.push(file.clone());
                    (Box::new(file), Style::plain())
                }
            };
            wanted.push(certvigil_report::Output { format: *format, out, style });
        }
        put_pending(outputs, opened)?;
        let reports =
            open(wanted, opened, folder.as_deref()).context("a report cannot be begun")?;
        Ok(Self { reports, files })
    }

    /// The reports, and what makes their files appear.
    pub(crate) fn split(self) -> (Vec<Box<dyn Report>>, Files) {
        (self.reports, Files(self.files))
    }
}

/// Puts into the place of every report file one that says that the round has not ended: that is
/// what a killed round leaves, and never yesterday's.
fn put_pending(outputs: &[Output], opened: &Opened) -> anyhow::Result<()> {
    let pending = Closed::pending(opened);
    for Output { format, path } in outputs {
        let Some(path) = path else { continue };
        let file = file::open_report(path)?;
        if file.folder().is_none() {
            continue; // a pipe or a device keeps what it is given
        }
        let file = Shared(Arc::new(Mutex::new(Some(file))));
        let (out, style) = (Box::new(file.clone()), Style::plain());
        let output = certvigil_report::Output { format: *format, out, style };
        for report in open(vec![output], opened, None)? {
            report.finish(&pending)?;
        }
        Files(vec![file]).commit()?;
    }
    Ok(())
}

fn place(output: &Output) -> String {
    output
        .path
        .as_ref()
        .map_or_else(|| "standard output".to_owned(), |path| path.display().to_string())
}

/// Files written and not yet there.
pub(crate) struct Files(Vec<Shared>);

impl Files {
    /// Makes every file appear under its name.
    pub(crate) fn commit(self) -> anyhow::Result<()> {
        for Shared(file) in self.0 {
            let file = file.lock().unwrap_or_else(PoisonError::into_inner).take();
            file.map_or(Ok(()), file::Report::commit)?;
        }
        Ok(())
    }
}

/// A file that a report writes to and that is committed here.
#[derive(Clone)]
struct Shared(Arc<Mutex<Option<file::Report>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.with(|file| file.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.with(file::Report::flush)
    }
}

impl Shared {
    fn with<T>(&self, act: impl FnOnce(&mut file::Report) -> io::Result<T>) -> io::Result<T> {
        match &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(file) => act(file),
            None => Err(io::Error::other("the file is already complete")),
        }
    }
}
