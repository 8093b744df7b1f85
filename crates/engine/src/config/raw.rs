//! One file as text: parsed, each value with its place, and held against the table of keys.

use std::cell::RefCell;
use std::ops::Range;

use certvigil_model::{Foreign, Origin};
use serde_spanned::Spanned;
use toml::de::{DeTable, DeValue};

use super::fault::{ConfigFault, Place};
use super::keys::{Key, Kind, Need, Table};
use super::tables::FILE;

/// A file's text under the name by which messages call it.
pub(super) struct Source {
    pub(super) name: String,
    text: String,
    /// Where each line begins.
    lines: Vec<usize>,
}

/// All faults found so far.
#[derive(Default)]
pub(super) struct Faults(RefCell<Vec<ConfigFault>>);

impl Source {
    pub(super) fn new(name: String, text: String) -> Self {
        let starts = text.match_indices('\n').map(|(at, _)| at + 1);
        let lines = std::iter::once(0).chain(starts).collect();
        Self { name, text, lines }
    }

    /// Parses the text and checks every key and value in it; `faults` hears all that is wrong.
    pub(super) fn parse(&self, faults: &Faults) -> Spanned<DeTable<'_>> {
        let (parsed, errors) = DeTable::parse_recoverable(&self.text);
        for error in errors {
            let at = error.span().map_or(0, |span| span.start);
            let what = format!("this is no TOML: {}", Foreign::new(error.message()).shown());
            faults.add(self.place(at), what, None);
        }
        let file = Fields { source: self, table: parsed.get_ref(), at: 0, keys: &FILE };
        file.check(faults);
        parsed
    }

    fn place(&self, at: usize) -> Place {
        let line = self.lines.partition_point(|start| *start <= at);
        let start = self.lines.get(line.wrapping_sub(1)).copied().unwrap_or(0);
        let before = self.text.get(start..at).unwrap_or_default();
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Place {
            file: self.name.clone(),
            at: Some((number(line), number(before.chars().count() + 1))),
        }
    }
}

impl Faults {
    pub(super) fn add(&self, place: Place, what: impl Into<String>, hint: Option<String>) {
        self.0.borrow_mut().push(ConfigFault { place, what: what.into(), hint });
    }

    /// `there` stands in `table` without `lacking`, which it needs.
    pub(super) fn lonely(&self, table: Fields<'_>, there: &str, lacking: &str) {
        let place = table.value(there).map_or_else(|| table.place(), Value::place);
        let what = format!("{} stands without `{lacking}`", table.named(there));
        self.add(place, what, Some(format!("write both {there} and {lacking}")));
    }

    /// All of them, those of one file together and in its order.
    pub(super) fn into_sorted(self) -> Vec<ConfigFault> {
        let mut faults = self.0.into_inner();
        faults.sort();
        faults.dedup();
        faults
    }
}

/// A table of a file and what may stand in it.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    source: &'a Source,
    table: &'a DeTable<'a>,
    at: usize,
    keys: &'static Table,
}

/// A value and its place.
#[derive(Clone, Copy)]
pub(super) struct Value<'a> {
    source: &'a Source,
    value: &'a Spanned<DeValue<'a>>,
}

impl<'a> Fields<'a> {
    /// The top of a parsed file.
    pub(super) fn top(source: &'a Source, parsed: &'a Spanned<DeTable<'a>>) -> Self {
        Self { source, table: parsed.get_ref(), at: 0, keys: &FILE }
    }

    /// What stands under `key`. A value of a wrong kind is a fault already, and gives nothing below.
    pub(super) fn value(self, key: &str) -> Option<Value<'a>> {
        debug_assert!(self.keys.key(key).is_some(), "{key} is in no table of keys");
        let value = self.table.get(key)?;
        Some(Value { source: self.source, value })
    }

    pub(super) fn text(self, key: &str) -> Option<&'a str> {
        self.value(key)?.text()
    }

    pub(super) fn owned(self, key: &str) -> Option<String> {
        self.text(key).map(str::to_owned)
    }

    /// The text under `key`, read by `read`; what it refuses is a fault already.
    pub(super) fn read<T>(self, key: &str, read: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        self.text(key).and_then(|text| read(text).ok())
    }

    pub(super) fn flag(self, key: &str) -> Option<bool> {
        self.value(key)?.value.get_ref().as_bool()
    }

    pub(super) fn number(self, key: &str) -> Option<i64> {
        self.value(key)?.number()
    }

    /// The items of the list under `key`.
    pub(super) fn list(self, key: &str) -> impl Iterator<Item = Value<'a>> {
        self.value(key).into_iter().flat_map(Value::items)
    }

    /// The texts of the list under `key`.
    pub(super) fn texts(self, key: &str) -> impl Iterator<Item = &'a str> {
        self.list(key).filter_map(Value::text)
    }

    pub(super) fn table(self, key: &str) -> Option<Self> {
        let value = self.value(key)?;
        value.table(self.inner(key)?)
    }

    /// The tables of the array under `key`.
    pub(super) fn tables(self, key: &str) -> impl Iterator<Item = Self> {
        let inner = self.inner(key);
        self.list(key).filter_map(move |value| value.table(inner?))
    }

    /// What may stand in the table or tables under `key`.
    fn inner(self, key: &str) -> Option<&'static Table> {
        match &self.keys.key(key)?.kind {
            Kind::Table(table) | Kind::Tables(table) | Kind::List(Kind::Table(table)) => {
                Some(table)
            }
            _ => None,
        }
    }

    /// The keys that stand in the table and are known.
    pub(super) fn names(self) -> impl Iterator<Item = &'static str> {
        self.keys.keys.iter().map(|key| key.name).filter(move |name| self.table.contains_key(*name))
    }

    /// What is known of the key `name`.
    pub(super) fn key(self, name: &str) -> Option<&'static Key> {
        self.keys.key(name)
    }

    /// Where the table begins.
    pub(super) fn place(self) -> Place {
        self.source.place(self.at)
    }

    /// The keys and values of the table, and of all below it.
    fn check(self, faults: &Faults) {
        for (key, value) in self.table.iter() {
            let name = &**key.get_ref();
            let value = Value { source: self.source, value };
            match self.keys.key(name) {
                Some(known) => value.check(&known.kind, &self.named(name), faults),
                None => self.unknown(name, key.span(), faults),
            }
        }
        for key in self.keys.keys {
            if let Need::Must(example) = key.need
                && !self.table.contains_key(key.name)
            {
                let what = format!("{} has no `{}`", self.keys.title, key.name);
                let hint = format!("write {} = {example}", key.name);
                faults.add(self.place(), what, Some(hint));
            }
        }
    }

    fn unknown(self, name: &str, span: Range<usize>, faults: &Faults) {
        let shown = Foreign::new(name);
        let what = match self.keys.title {
            "" => format!("there is no key or table `{}`", shown.shown_within(60)),
            title => format!("{title} has no key `{}`", shown.shown_within(60)),
        };
        let hint = match self.keys.near(name) {
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                let known: Vec<_> = self.keys.keys.iter().map(|key| key.name).collect();
                format!("the keys here are {}", known.join(", "))
            }
        };
        faults.add(self.source.place(span.start), what, Some(hint));
    }

    /// How messages call the key `name` of this table.
    pub(super) fn named(self, name: &str) -> String {
        match self.keys.title {
            "" => format!("`{name}`"),
            title => format!("{title} `{name}`"),
        }
    }
}

impl<'a> Value<'a> {
    pub(super) fn text(self) -> Option<&'a str> {
        self.value.get_ref().as_str()
    }

    pub(super) fn number(self) -> Option<i64> {
        let integer = self.value.get_ref().as_integer()?;
        i64::from_str_radix(integer.as_str(), integer.radix()).ok()
    }

    /// A bare date or moment, or a text.
    pub(super) fn moment(self) -> Option<String> {
        match self.value.get_ref() {
            DeValue::Datetime(moment) => Some(moment.to_string()),
            DeValue::String(text) => Some(text.to_string()),
            _ => None,
        }
    }

    pub(super) fn items(self) -> impl Iterator<Item = Self> {
        let items = self.value.get_ref().as_array();
        items.into_iter().flatten().map(move |value| Self { source: self.source, value })
    }

    fn table(self, keys: &'static Table) -> Option<Fields<'a>> {
        let table = self.value.get_ref().as_table()?;
        Some(Fields { source: self.source, table, at: self.value.span().start, keys })
    }

    pub(super) fn place(self) -> Place {
        self.source.place(self.value.span().start)
    }

    /// The file and line, as a target carries them.
    pub(super) fn origin(self) -> Origin {
        let place = self.place();
        Origin { file: place.file, line: place.at.map_or(1, |(line, _)| line) }
    }

    fn check(self, kind: &Kind, named: &str, faults: &Faults) {
        let wrong = |what: String, hint: String| faults.add(self.place(), what, Some(hint));
        match (kind, self.value.get_ref()) {
            (Kind::Flag, DeValue::Boolean(_)) => {}
            (Kind::Number(..) | Kind::OneOf(_), DeValue::Integer(written)) => match self.number() {
                Some(number) if kind.holds(number) => {}
                _ => wrong(
                    format!("{named} cannot be {}", Foreign::new(written.as_str()).shown()),
                    format!("write {}", kind.noun()),
                ),
            },
            (Kind::Text(form), DeValue::String(text)) => {
                if let Err(hint) = (form.check)(text) {
                    let shown = Foreign::new(&**text);
                    let what = match form.hidden {
                        true => format!("{named} cannot be what is written there"),
                        false => format!("{named} cannot be \"{}\"", shown.shown_within(60)),
                    };
                    wrong(what, hint);
                }
            }
            (Kind::Moment, _) if self.moment().is_some() => {
                let written = self.moment().unwrap_or_default();
                if let Err(hint) = super::units::moment(&written) {
                    let shown = Foreign::new(written);
                    wrong(format!("{named} cannot be {}", shown.shown_within(60)), hint);
                }
            }
            (Kind::List(each), DeValue::Array(_)) => {
                self.items().for_each(|item| item.check(each, named, faults));
            }
            (Kind::Tables(table), DeValue::Array(_)) => {
                self.items().for_each(|item| item.check(&Kind::Table(table), named, faults));
            }
            (Kind::Table(table), DeValue::Table(_)) => {
                if let Some(fields) = self.table(table) {
                    fields.check(faults);
                }
            }
            (Kind::Either(kinds), value) => match kinds.iter().find(|kind| kind.takes(value)) {
                Some(kind) => self.check(kind, named, faults),
                None => wrong(self.misplaced(named), format!("write {}", kind.noun())),
            },
            _ => wrong(self.misplaced(named), format!("write {}", kind.noun())),
        }
    }

    fn misplaced(self, named: &str) -> String {
        format!(
            "{named} cannot be {}",
            match self.value.get_ref() {
                DeValue::String(_) => "a text",
                DeValue::Integer(_) => "a whole number",
                DeValue::Float(_) => "a number with a point",
                DeValue::Boolean(_) => "true or false",
                DeValue::Datetime(_) => "a date",
                DeValue::Array(_) => "a list",
                DeValue::Table(_) => "a table",
            }
        )
    }
}

impl Kind {
    /// Whether a number is one of these.
    fn holds(&self, number: i64) -> bool {
        match self {
            Self::Number(least, most) => (*least..=*most).contains(&number),
            Self::OneOf(numbers) => numbers.contains(&number),
            _ => false,
        }
    }

    /// Whether a value is of this kind at all, right or wrong.
    fn takes(&self, value: &DeValue<'_>) -> bool {
        match self {
            Self::Flag => value.is_bool(),
            Self::Number(..) | Self::OneOf(_) => value.is_integer(),
            Self::Text(_) => value.is_str(),
            Self::Moment => value.is_datetime() || value.is_str(),
            Self::List(_) | Self::Tables(_) => value.is_array(),
            Self::Table(_) => value.is_table(),
            Self::Either(kinds) => kinds.iter().any(|kind| kind.takes(value)),
        }
    }
}
