//! Text with a little structure, in no markup: a report words it, each sink writes it in its own.

use serde::{Deserialize, Serialize};

use crate::Foreign;

/// A few blocks, one below the other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document(pub Vec<Block>);

/// One block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Block {
    /// A short line above what follows.
    Heading(String),
    /// Running text.
    Paragraph(Vec<Span>),
    /// Items, in no order.
    List(Vec<Vec<Span>>),
    /// Commands to be typed, one a line, shown as they are.
    Commands(Vec<String>),
}

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Span {
    /// Words of ours. A sink escapes its own markup in them all the same.
    Ours(String),
    /// Words of ours that matter.
    Strong(String),
    /// What somebody else chose: no command, mention, link or image may come of it.
    Foreign(Foreign),
    /// A value to be copied: a hash, a name, a place.
    Code(Foreign),
    /// An address that we made or the config gives.
    Link(String),
}

impl From<&str> for Span {
    fn from(text: &str) -> Self {
        Self::Ours(text.to_owned())
    }
}

impl From<String> for Span {
    fn from(text: String) -> Self {
        Self::Ours(text)
    }
}
