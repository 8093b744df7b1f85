//! PEM text (RFC 7468) as it is met: between mail headers, indented, in JSON, with blocks broken.

use certvigil_model::Foreign;

use super::base64::{self, Decoded, Wrong};
use super::{Finds, Found, binary, defect, shape};
use crate::defect::{Defect, DefectId};
use crate::der::Cursor;

/// Says whether there is any PEM block at all.
pub(super) fn find(text: &[u8], password: Option<&str>, finds: &mut Finds) -> bool {
    let told = finds.list.len();
    let mut markers = Markers { text, at: 0, after: 0, line: 1, counted: 0 };
    let mut passed_over = None;
    let mut next = markers.next();
    if next.is_none() {
        return false;
    }
    while let Some(marker) = next.take() {
        next = markers.next();
        if marker.kind == Kind::Begin {
            let end = next.take_if(|next| next.kind == Kind::End);
            let until = end.as_ref().or(next.as_ref()).map_or(text.len(), |next| next.start);
            if marker.holds_certificates() {
                let body = &text[marker.after..until];
                Block { begin: &marker, body, end: end.as_ref() }.tell(password, finds);
            } else {
                passed_over.get_or_insert_with(|| (marker.line, marker.label.clone()));
            }
            if end.is_some() {
                next = markers.next();
            }
        } else if marker.holds_certificates() {
            let lost = flaw(marker.start, "END without its BEGIN");
            finds.push(Found::bad(marker.place(), lost));
        }
    }
    if finds.list.len() == told {
        finds.push(nothing(passed_over));
    }
    true
}

/// `-----BEGIN …-----` or `-----END …-----`, wherever in a line.
#[derive(Debug)]
struct Marker {
    kind: Kind,
    label: String,
    line: usize,
    /// Where its first dash stands.
    start: usize,
    /// Where what follows its last dash begins.
    after: usize,
    /// Five dashes on either side.
    well_formed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Begin,
    End,
}

impl Marker {
    fn place(&self) -> String {
        format!("line {}", self.line)
    }

    fn holds_certificates(&self) -> bool {
        (self.label.ends_with("CERTIFICATE") && self.label != "ATTRIBUTE CERTIFICATE")
            || OTHER_LABELS.contains(&self.label.as_str())
    }
}

/// Walks from marker to marker and counts lines on the way.
struct Markers<'a> {
    text: &'a [u8],
    at: usize,
    /// Where the last marker ended.
    after: usize,
    line: usize,
    /// Up to where lines were counted.
    counted: usize,
}

impl Markers<'_> {
    fn next(&mut self) -> Option<Marker> {
        loop {
            let from = self.at;
            let dash = from + self.text[from..].iter().position(|&byte| byte == b'-')?;
            self.at = dash + 1;
            let after_dash = &self.text[dash + 1..];
            let kind = match after_dash {
                [b'B', b'E', b'G', b'I', b'N', b' ', ..] => Kind::Begin,
                [b'E', b'N', b'D', b' ', ..] => Kind::End,
                _ => continue,
            };
            let keyword = if kind == Kind::Begin { 6 } else { 4 };
            if let Some(marker) = self.marker(kind, dash, dash + 1 + keyword) {
                return Some(marker);
            }
        }
    }

    /// The marker whose keyword follows `dash` and whose label begins at `label`.
    fn marker(&mut self, kind: Kind, dash: usize, label: usize) -> Option<Marker> {
        let rest = &self.text[label..];
        let length = rest.iter().take(LONGEST_LABEL).position(|&byte| byte == b'-')?;
        let text = std::str::from_utf8(&rest[..length]).ok().filter(|text| is_label(text))?;
        let (before, behind) =
            (run(self.text[self.after..=dash].iter().rev()), run(rest[length..].iter()));
        let start = dash + 1 - before;
        self.line += lines(&self.text[self.counted..start]);
        self.counted = start;
        // Where a file without a last line end was joined to another, ten dashes are two markers'.
        self.after = label + length + behind.min(DASHES);
        self.at = self.after;
        let well_formed = before == DASHES && behind == DASHES;
        let label = text.trim().to_ascii_uppercase();
        Some(Marker { kind, label, line: self.line, start, after: self.after, well_formed })
    }
}

fn is_label(text: &str) -> bool {
    !text.trim().is_empty() && !text.contains(char::is_control)
}

/// How many dashes come first.
fn run<'a>(bytes: impl Iterator<Item = &'a u8>) -> usize {
    bytes.take_while(|&&byte| byte == b'-').count()
}

/// Line ends: `\n`, or `\r` by itself as old systems wrote it.
fn lines(text: &[u8]) -> usize {
    let mut bytes = text.iter().peekable();
    let mut count = 0;
    while let Some(&byte) = bytes.next() {
        count += usize::from(byte == b'\n' || byte == b'\r' && bytes.peek() != Some(&&b'\n'));
    }
    count
}

/// What stands between BEGIN and END, or whatever comes in END's stead.
struct Block<'a> {
    begin: &'a Marker,
    body: &'a [u8],
    end: Option<&'a Marker>,
}

impl Block<'_> {
    fn tell(&self, password: Option<&str>, finds: &mut Finds) {
        let headless = without_headers(self.body);
        let body = if self.end.is_some() { headless } else { base64_lines(headless) };
        match base64::decode(body) {
            Ok(Decoded { bytes, .. }) if bytes.is_empty() => {
                finds.push(self.bad(flaw(self.begin.after, "there is nothing in it")));
            }
            Ok(Decoded { bytes, oddities }) => {
                let odd = |why: &&str| flaw(self.begin.start, *why);
                self.give(&bytes, oddities.iter().map(odd).collect(), password, finds);
            }
            Err(wrong) => {
                let flaw = self.wrong(&wrong, self.body.len() - headless.len());
                match base64::salvage(body).into_iter().find(|bytes| is_whole(bytes)) {
                    Some(bytes) => self.give(&bytes, vec![flaw], password, finds),
                    None => finds.push(self.bad(flaw)),
                }
            }
        }
    }

    fn give(
        &self,
        mut bytes: &[u8],
        mut flaws: Vec<Defect>,
        password: Option<&str>,
        finds: &mut Finds,
    ) {
        let whole = shape::step(&mut Cursor::new(bytes, 0)).filter(|first| !first.cut);
        match (self.end, whole) {
            // Behind a trusted certificate stands what OpenSSL trusts it for; behind a block
            // without an end, text that may look like base64.
            (None, Some(first)) => bytes = first.whole,
            (Some(_), Some(first)) if self.begin.label == "TRUSTED CERTIFICATE" => {
                bytes = first.whole;
            }
            (None, None) => {
                return finds.push(self.bad(flaw(self.begin.start, "its end is missing")));
            }
            (Some(_), _) => {}
        }
        flaws.extend(self.flaws());
        let told = finds.list.len();
        let at = self.begin.place();
        if !binary(bytes, password, &at, finds) {
            finds.push(Found::good(at, bytes));
        }
        for found in &mut finds.list[told..] {
            found.flaws.extend_from_slice(&flaws);
        }
    }

    /// Tells of a character that is out of place, where `skipped` bytes of the body were headers.
    fn wrong(&self, wrong: &Wrong, skipped: usize) -> Defect {
        let (Wrong::Character(at) | Wrong::BehindPadding(at)) = wrong;
        let (before, from) = self.body.split_at(skipped + at);
        let line = self.begin.line + lines(before);
        let character = Foreign::from_bytes(&from[..1]);
        let what = match wrong {
            Wrong::Character(_) => "is not base64",
            Wrong::BehindPadding(_) => "comes behind the padding, which is the end",
        };
        let message = format!("\"{}\" in line {line} {what}", character.shown());
        flaw(self.begin.after + before.len(), message)
    }

    /// What others may refuse it for.
    fn flaws(&self) -> Vec<Defect> {
        let begin = self.begin;
        let markers = [Some(begin), self.end];
        let dashes = markers.into_iter().flatten().find(|marker| !marker.well_formed);
        let other = self.end.filter(|end| end.label != begin.label);
        let flaws = [
            dashes.map(|marker| (marker.start, "a marker without five dashes on either side")),
            other.map(|end| (end.start, "BEGIN and END name different things")),
            self.end.is_none().then_some((begin.start, "there is no END line")),
        ];
        flaws.into_iter().flatten().map(|(at, message)| flaw(at, message)).collect()
    }

    fn bad(&self, why: Defect) -> Found {
        Found::bad(self.begin.place(), why)
    }
}

fn flaw(offset: usize, message: impl Into<String>) -> Defect {
    defect(DefectId::PemMalformed, offset, message)
}

/// Whether a block says so much and no more.
fn is_whole(bytes: &[u8]) -> bool {
    let first = shape::step(&mut Cursor::new(bytes, 0));
    first.is_some_and(|first| !first.cut && first.whole.len() == bytes.len())
}

/// Leaves out header lines (RFC 1421 section 4.4), which have a colon as no base64 has.
fn without_headers(mut body: &[u8]) -> &[u8] {
    loop {
        let line =
            body.iter().skip(1).position(|&byte| byte == b'\n').map_or(body.len(), |at| at + 1);
        if !body[..line].contains(&b':') {
            return body;
        }
        body = &body[line..];
    }
}

/// The lines that are base64, up to the first that is not.
fn base64_lines(body: &[u8]) -> &[u8] {
    let mut length = 0;
    for line in body.split_inclusive(|&byte| byte == b'\n') {
        if base64::decode(line).is_err() {
            break;
        }
        length += line.len();
    }
    &body[..length]
}

fn nothing(passed_over: Option<(usize, String)>) -> Found {
    let (at, message) = match passed_over {
        Some((line, label)) => {
            let label = Foreign::new(label);
            let shown = label.shown_within(LONGEST_LABEL);
            (format!("line {line}"), format!("it holds {shown} and no certificate"))
        }
        None => ("line 1".to_owned(), "it holds no certificate".to_owned()),
    };
    Found::bad(at, defect(DefectId::NotACertificate, 0, message))
}

/// Labels of what may hold certificates, besides those that end in the word.
const OTHER_LABELS: &[&str] = &["CMS", "PKCS #7 SIGNED DATA", "PKCS12", "PKCS7"];
const LONGEST_LABEL: usize = 64;
const DASHES: usize = 5;
