//! Where in a certificate the reader stands, and the list that defects are noted in.

use std::fmt::{self, Display};

use crate::defect::{Defect, DefectId};
use crate::facts::Malformed;

/// The ASN.1 path that the reader stands at, and the defects met so far. A path is a chain of
/// borrowed steps, so that a certificate without a defect never pays for words.
pub(crate) struct Site<'a> {
    path: Path<'a>,
    defects: &'a mut Defects,
}

impl<'a> Site<'a> {
    /// At the outermost level.
    pub(crate) const fn top(defects: &'a mut Defects) -> Self {
        Self { path: Path { up: None, name: "", index: None }, defects }
    }

    /// One step down, to the field `name`.
    pub(crate) fn under<'b>(&'b mut self, name: &'b str) -> Site<'b> {
        let path = Path { up: Some(&self.path), name, index: None };
        Site { path, defects: &mut *self.defects }
    }

    /// One step down, to entry `index` of a SEQUENCE OF or SET OF.
    pub(crate) fn entry(&mut self, index: usize) -> Site<'_> {
        let path = Path { up: Some(&self.path), name: "", index: Some(index) };
        Site { path, defects: &mut *self.defects }
    }

    /// Keeps a defect; beyond a bound only their number.
    pub(crate) fn note(&mut self, id: DefectId, offset: usize, message: impl Display) {
        self.defects.add(LISTED, id, offset, &self.path, &message);
    }

    /// Keeps the defect that leaves a field without a value; there is room for it beyond the bound.
    pub(crate) fn malformed(
        &mut self,
        id: DefectId,
        offset: usize,
        message: impl Display,
    ) -> Malformed {
        self.defects.add(2 * LISTED, id, offset, &self.path, &message);
        Malformed { defect: id, offset }
    }
}

/// The defects of one certificate, bounded.
#[derive(Default)]
pub(crate) struct Defects {
    list: Vec<Defect>,
    unlisted: usize,
    form_broken: bool,
}

impl Defects {
    /// In the order of their offsets, with a last one that counts those not listed.
    pub(crate) fn into_sorted(mut self) -> Vec<Defect> {
        self.list.sort_by_key(|defect| defect.offset);
        if self.unlisted > 0 {
            let offset = self.list.last().map_or(0, |defect| defect.offset);
            let message = format!("{} more defects are not listed", self.unlisted);
            self.list.push(Defect {
                id: DefectId::TooManyDefects,
                offset,
                field: String::new(),
                message,
            });
        }
        self.list
    }

    /// Whether the encoding or a date is broken anywhere, listed or not.
    pub(crate) const fn form_broken(&self) -> bool {
        self.form_broken
    }

    fn add(
        &mut self,
        bound: usize,
        id: DefectId,
        offset: usize,
        path: &Path<'_>,
        message: &dyn Display,
    ) {
        self.form_broken |= id.breaks_the_form();
        if self.list.len() >= bound {
            self.unlisted += 1;
            return;
        }
        self.list.push(Defect {
            id,
            offset,
            field: path.to_string(),
            message: message.to_string(),
        });
    }
}

#[derive(Clone, Copy)]
struct Path<'a> {
    up: Option<&'a Self>,
    name: &'a str,
    index: Option<usize>,
}

impl Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(up) = self.up {
            up.fmt(f)?;
        }
        match (self.index, self.up.is_some_and(|up| up.up.is_some())) {
            (Some(index), _) => write!(f, "[{index}]"),
            (None, true) => write!(f, ".{}", self.name),
            (None, false) => f.write_str(self.name),
        }
    }
}

/// A certificate that is wrong in more ways is told by their number.
const LISTED: usize = 64;
