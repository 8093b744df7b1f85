//! `certvigil man`: the manual pages, made of the same words as `--help`.

use std::io::{self, Write as _};
use std::path::Path;

use anyhow::Context as _;
use certvigil_doors::file;
use clap::{Command, CommandFactory as _};
use clap_mangen::roff::{Roff, roman};

use crate::arguments::{Arguments, Man};

/// Prints a page, or writes all of them. Returns the exit code.
pub(crate) fn run(arguments: &Man) -> anyhow::Result<u8> {
    let mut root = Arguments::command().disable_help_subcommand(true);
    root.build();
    match &arguments.all {
        Some(folder) => write_all(&root, folder)?,
        None => io::stdout().write_all(&page(called(&root, &arguments.command)?)?)?,
    }
    Ok(0)
}

/// A file for `command` and for each one below it, named as `man` looks for it.
fn write_all(command: &Command, folder: &Path) -> anyhow::Result<()> {
    let name = format!("{}.1", name(command));
    file::write_atomically(&folder.join(name), &page(command)?)?;
    command.get_subcommands().try_for_each(|below| write_all(below, folder))
}

fn called<'a>(root: &'a Command, words: &[String]) -> anyhow::Result<&'a Command> {
    words.iter().try_fold(root, |command, word| {
        let known = || command.get_subcommands().map(Command::get_name).collect::<Vec<_>>();
        command.find_subcommand(word).with_context(|| match known().is_empty() {
            true => format!("{} has no commands below it", name(command)),
            false => format!("there is no command {word:?} here; there is {}", known().join(", ")),
        })
    })
}

fn page(command: &Command) -> anyhow::Result<Vec<u8>> {
    let after_help = command.get_after_help().map(ToString::to_string);
    let mut bytes = Vec::new();
    let man = clap_mangen::Man::new(command.clone().after_help(None::<&str>))
        .date(NO_DATE)
        .source(concat!("certvigil ", env!("CARGO_PKG_VERSION")))
        .manual("certvigil");
    man.render(&mut bytes)?;
    let sections = sections(after_help.as_deref().unwrap_or_default()).render();
    // What every text begins with stands at the top already.
    let preamble = Roff::new().render();
    bytes.extend(sections.strip_prefix(&preamble).unwrap_or(&sections).bytes());
    Ok(in_ascii(&String::from_utf8(bytes)?))
}

/// troff reads bytes: what is more than ASCII is named.
fn in_ascii(page: &str) -> Vec<u8> {
    let named = |c: char| match c {
        c if c.is_ascii() => c.to_string(),
        c => format!("\\[u{:04X}]", u32::from(c)),
    };
    page.chars().map(named).collect::<String>().into_bytes()
}

/// What `--help` ends with, each paragraph under its first word: "Exit: …", "Examples:".
fn sections(text: &str) -> Roff {
    let mut roff = Roff::new();
    for paragraph in text.split("\n\n") {
        let Some((heading, body)) = paragraph.split_once(':') else { continue };
        let heading = if heading == "Exit" { "EXIT STATUS" } else { &heading.to_uppercase() };
        roff.control("SH", [heading]);
        let as_written = body.starts_with('\n');
        if as_written {
            roff.control("nf", []);
        }
        for line in body.trim_start_matches('\n').lines() {
            roff.text([roman(line.trim())]);
        }
        if as_written {
            roff.control("fi", []);
        }
    }
    roff
}

fn name(command: &Command) -> &str {
    command.get_display_name().unwrap_or_else(|| command.get_name())
}

/// The same source gives the same page on every day. An argument left out would make the next one
/// the date, so this is an empty one as roff quotes it.
const NO_DATE: &str = "\"\"";
