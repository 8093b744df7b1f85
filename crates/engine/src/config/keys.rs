//! What a config may say. One table of keys is what refuses an unknown key, what the schema, the
//! example and the documentation are drawn from, and what every value is checked against.

/// A table of the config.
pub(crate) struct Table {
    /// As it is written in a file: `[check]`, `[[target]]`; empty for the top of a file.
    pub(crate) title: &'static str,
    /// What it is for.
    pub(crate) doc: &'static str,
    /// Whether the example has it as something that is meant, or commented out.
    pub(crate) live: bool,
    /// All that may stand in it.
    pub(crate) keys: &'static [Key],
}

/// A key of a table.
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) need: Need,
    /// What it does.
    pub(crate) doc: &'static str,
}

/// What holds where a key is left out. Values are written as TOML.
pub(crate) enum Need {
    /// The table is refused without it; with an example.
    Must(&'static str),
    /// This value.
    Default(&'static str),
    /// Nothing; with an example.
    May(&'static str),
    /// Nothing, where another key stands in its place; with an example.
    Or(&'static str),
}

/// What a value may be.
pub(crate) enum Kind {
    /// `true` or `false`.
    Flag,
    /// A whole number within these bounds.
    Number(i64, i64),
    /// One of these whole numbers.
    OneOf(&'static [i64]),
    /// A text of a certain form.
    Text(&'static Form),
    /// A date or a moment, bare or as a text.
    Moment,
    /// Several of one kind.
    List(&'static Self),
    /// One of these kinds.
    Either(&'static [Self]),
    /// A table.
    Table(&'static Table),
    /// An array of tables.
    Tables(&'static Table),
}

/// The form of a text.
pub(crate) struct Form {
    /// What it is, as in "write …".
    pub(crate) noun: &'static str,
    /// Says what to write instead of a text that does not have it.
    pub(crate) check: fn(&str) -> Result<(), String>,
    /// Whether somebody may have written a secret there by mistake: it is never shown.
    pub(crate) hidden: bool,
    /// All that it may be, where that is a short list.
    pub(crate) words: Option<fn() -> Vec<&'static str>>,
}

impl Table {
    /// The key called `name`.
    pub(crate) fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// The key or other word that was probably meant by `name`.
    pub(crate) fn near(&self, name: &str) -> Option<&'static str> {
        near(name, self.keys.iter().map(|key| key.name))
    }
}

impl Key {
    /// A value that it may have, as TOML.
    pub(crate) const fn example(&self) -> &'static str {
        match self.need {
            Need::Must(value) | Need::Default(value) | Need::May(value) | Need::Or(value) => value,
        }
    }
}

impl Kind {
    /// What to write, as in "write …".
    pub(crate) fn noun(&self) -> String {
        match self {
            Self::Flag => "true or false".to_owned(),
            Self::Number(least, most) if *most == i64::MAX => {
                format!("a whole number from {least}")
            }
            Self::Number(least, most) => format!("a whole number from {least} to {most}"),
            Self::OneOf(numbers) => {
                numbers.iter().map(i64::to_string).collect::<Vec<_>>().join(" or ")
            }
            Self::Text(form) => format!("a text in quotes, {}", form.noun),
            Self::Moment => "a date like 2027-01-15 or a moment like 2027-01-15T12:00:00Z".into(),
            Self::List(Self::Text(form)) => format!("a list of texts in [ ], each {}", form.noun),
            Self::List(Self::Table(table)) => format!("a list of tables in [ ], {}", table.doc),
            Self::List(each) => format!("a list in [ ], each {}", each.noun()),
            Self::Either(kinds) => {
                let nouns: Vec<_> = kinds.iter().map(Self::noun).collect();
                nouns.join("; or ")
            }
            Self::Table(table) => format!("a table, {}", table.doc),
            Self::Tables(table) => format!("it as {}", table.title),
        }
    }
}

/// The one of `known` that was probably meant by `word`.
pub(crate) fn near<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let rated = known.into_iter().map(|known| (strsim::jaro_winkler(word, known), known));
    let best = rated.max_by(|one, other| one.0.total_cmp(&other.0));
    best.filter(|(rate, _)| *rate > 0.8).map(|(_, known)| known)
}
