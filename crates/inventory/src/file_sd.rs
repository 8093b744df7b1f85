//! Prometheus' files for service discovery, in YAML or in JSON, which is YAML too.
//!
//! A list of groups, each with `targets` and `labels`, as Prometheus' configuration reference has
//! it under `file_sd_config`. What Prometheus' blackbox exporter is given as a URL is looked at
//! where its host is.

use certvigil_model::Foreign;
use saphyr_parser::{Event, Parser, Span, StrInput};

/// Targets with the same labels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Discovered {
    /// Each target and its line.
    pub(crate) targets: Vec<(String, u32)>,
    /// `name=value` for each label that Prometheus would keep.
    pub(crate) tags: Vec<String>,
}

/// What keeps a file from being read as one for service discovery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unfit {
    pub(crate) line: u32,
    pub(crate) why: String,
}

/// Reads a whole file; one with a fault gives nothing, for nobody knows what it should have held.
pub(crate) fn read(text: &str) -> Result<Vec<Discovered>, Unfit> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader { parser: Parser::new_from_str(text), line: 1 };
    loop {
        match reader.next()? {
            Event::SequenceStart(..) => break,
            Event::StreamEnd => return Ok(Vec::new()),
            Event::StreamStart | Event::DocumentStart(_) | Event::Nothing => {}
            other => return Err(reader.unfit("a list of groups", &other)),
        }
    }
    let groups = reader.groups()?;
    match reader.next()? {
        Event::DocumentEnd => {}
        other => return Err(reader.unfit("the end of the file", &other)),
    }
    match reader.next()? {
        Event::StreamEnd => Ok(groups),
        other => Err(reader.unfit("the end of the file", &other)),
    }
}

/// The events of a document. Its shape is known, so nothing nests deeper than it may; aliases,
/// by which a small text becomes a huge one, are none of it.
struct Reader<'t> {
    parser: Parser<'t, StrInput<'t>>,
    line: u32,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<Event<'t>, Unfit> {
        match self.parser.next_event() {
            Some(Ok((event, Span { start, .. }))) => {
                self.line = u32::try_from(start.line()).unwrap_or(u32::MAX);
                Ok(event)
            }
            Some(Err(error)) => Err(Unfit {
                line: u32::try_from(error.marker().line()).unwrap_or(u32::MAX),
                why: Foreign::new(error.info()).shown().to_string(),
            }),
            None => Ok(Event::StreamEnd),
        }
    }

    fn unfit(&self, wanted: &str, found: &Event<'_>) -> Unfit {
        let found = match found {
            Event::Scalar(text, ..) => {
                format!("`{}`", Foreign::new(&**text).shown_within(60))
            }
            Event::Alias(_) => "an alias, which is not followed".to_owned(),
            Event::SequenceStart(..) => "a list".to_owned(),
            Event::MappingStart(..) => "a mapping".to_owned(),
            _ => "something else".to_owned(),
        };
        Unfit { line: self.line, why: format!("{wanted} should stand here, not {found}") }
    }

    fn too_much(&self) -> Unfit {
        let why = format!(
            "a group has at most {LABELS} labels, each of at most {LONGEST_LABEL} bytes, name and \
             value together"
        );
        Unfit { line: self.line, why }
    }

    fn groups(&mut self) -> Result<Vec<Discovered>, Unfit> {
        let mut groups = Vec::new();
        loop {
            match self.next()? {
                Event::SequenceEnd => return Ok(groups),
                Event::MappingStart(..) => groups.push(self.group()?),
                other => return Err(self.unfit("a group with targets", &other)),
            }
        }
    }

    fn group(&mut self) -> Result<Discovered, Unfit> {
        let mut group = Discovered::default();
        loop {
            match self.next()? {
                Event::MappingEnd => return Ok(group),
                Event::Scalar(key, ..) if key == "targets" => self.targets(&mut group)?,
                Event::Scalar(key, ..) if key == "labels" => self.labels(&mut group)?,
                other => return Err(self.unfit("`targets` or `labels`", &other)),
            }
        }
    }

    fn targets(&mut self, group: &mut Discovered) -> Result<(), Unfit> {
        match self.next()? {
            Event::SequenceStart(..) => {}
            other => return Err(self.unfit("a list of targets", &other)),
        }
        loop {
            match self.next()? {
                Event::SequenceEnd => return Ok(()),
                Event::Scalar(text, ..) => {
                    group.targets.push((without_path(&text).to_owned(), self.line));
                }
                other => return Err(self.unfit("a target", &other)),
            }
        }
    }

    fn labels(&mut self, group: &mut Discovered) -> Result<(), Unfit> {
        match self.next()? {
            Event::MappingStart(..) => {}
            other => return Err(self.unfit("a mapping of labels", &other)),
        }
        loop {
            let name = match self.next()? {
                Event::MappingEnd => return Ok(()),
                Event::Scalar(name, ..) => name,
                other => return Err(self.unfit("a label's name", &other)),
            };
            match self.next()? {
                // Prometheus drops these itself once it has relabelled.
                Event::Scalar(..) if name.starts_with("__") => {}
                Event::Scalar(value, ..) => {
                    let tag = format!("{name}={value}");
                    if tag.len() > LONGEST_LABEL || group.tags.len() == LABELS {
                        return Err(self.too_much());
                    }
                    group.tags.push(tag);
                }
                other => return Err(self.unfit("a label's value", &other)),
            }
        }
    }
}

/// Each target of a group has all of its labels: a small file could ask for any amount of work.
const LABELS: usize = 100;
const LONGEST_LABEL: usize = 1024;

/// A URL's path and query say nothing of its certificate.
fn without_path(text: &str) -> &str {
    let Some((scheme, rest)) = text.split_once("://") else { return text };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    &text[..scheme.len() + 3 + end]
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,60}") {
            let _ = read(&text);
        }

        #[test]
        fn no_mixture_of_pieces_makes_it_panic(pieces in prop::collection::vec(
            prop::sample::select(vec![
                "- ", "targets:", "labels: ", "[", "]", "{", "}", ",", ": ", "'", "\"", "\n", "  ",
                "\t", "a.example", "&a ", "*a", "!!str ", "|\n", ">-\n", "#", "---\n", "...\n", "? ",
                "%YAML 1.2\n", "\\u", "é", "\r",
            ]),
            0..40,
        )) {
            let _ = read(&pieces.concat());
        }
    }

    fn discovered(targets: &[(&str, u32)], tags: &[&str]) -> Discovered {
        Discovered {
            targets: targets.iter().map(|(text, line)| ((*text).to_owned(), *line)).collect(),
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        }
    }

    #[test]
    fn yaml_and_json_say_the_same() {
        let yaml = "\
# by hand
- targets:
    - a.example.org:443   # the first
    - https://b.example.org/health?full=1
  labels:
    env: prod
    __meta_rack: '7'
- targets: [\"[2001:db8::1]:443\", 'c.example.org']
";
        let json = "[\n\t{\"targets\": [\"a.example.org:443\",\n\t\t\"https://b.example.org/health?full=1\"],\n\t \"labels\": {\"env\": \"prod\", \"__meta_rack\": \"7\"}},\n\t{\"targets\": [\"[2001:db8::1]:443\", \"c.example.org\"]}\n]\n";
        let want = |lines: [u32; 4]| {
            [
                discovered(
                    &[("a.example.org:443", lines[0]), ("https://b.example.org", lines[1])],
                    &["env=prod"],
                ),
                discovered(&[("[2001:db8::1]:443", lines[2]), ("c.example.org", lines[3])], &[]),
            ]
        };
        assert_eq!(read(yaml).unwrap(), want([3, 4, 8, 8]));
        assert_eq!(read(json).unwrap(), want([2, 3, 5, 5]));
    }

    #[test]
    fn nothing_is_no_groups() {
        for text in ["", "# nothing\n", "[]", "---\n[]\n"] {
            assert_eq!(read(text).unwrap(), [], "{text:?}");
        }
    }

    #[test]
    fn what_is_unfit_is_told_with_its_line() {
        for (text, line, why) in [
            ("a: 1", 1, "a list of groups should stand here, not a mapping"),
            (
                "- targets: [a]\n- hosts: [b]\n",
                2,
                "`targets` or `labels` should stand here, not `hosts`",
            ),
            (
                "- targets: a.example.org\n",
                1,
                "a list of targets should stand here, not `a.example.org`",
            ),
            (
                "- targets: [&x a]\n- targets: [*x]\n",
                2,
                "a target should stand here, not an alias, which is not followed",
            ),
            ("- labels: {a: [1]}\n", 1, "a label's value should stand here, not a list"),
        ] {
            let unfit = read(text).unwrap_err();
            assert_eq!((unfit.line, &unfit.why[..]), (line, why), "{text}");
        }
        assert_eq!(read("- targets: [a\n").unwrap_err().line, 2);
    }

    /// Twenty thousand of each in one group kept a round from beginning for minutes.
    #[test]
    fn labels_are_bounded() {
        let group = |count: usize, value: &str| {
            let labels: String = (0..count).map(|n| format!("    k{n}: {value}\n")).collect();
            read(&format!("- targets: [a]\n  labels:\n    __meta: m\n{labels}"))
        };
        assert_eq!(group(LABELS, "v").unwrap()[0].tags.len(), LABELS);
        assert_eq!(group(LABELS + 1, "v").unwrap_err().line, 104);
        assert!(group(1, &"v".repeat(LONGEST_LABEL - 3)).is_ok());
        let unfit = group(1, &"v".repeat(LONGEST_LABEL - 2)).unwrap_err();
        assert!(unfit.why.contains("at most 1024 bytes"), "{}", unfit.why);
    }
}
