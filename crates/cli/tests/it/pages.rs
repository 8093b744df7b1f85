//! Completions and manual pages, read by the shells and formatters that they are for.

use std::path::Path;
use std::process::{Command, Output};

use crate::command::{run, skipped};

#[test]
fn shells_read_their_completions() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish"] {
        let script = run(&["completions", shell]);
        assert_eq!(script.code, Some(0), "{}", script.told());
        let file = folder.path().join(shell);
        std::fs::write(&file, &script.out).unwrap();
        let Some(read) = outside(shell, &["-n", file.to_str().unwrap()]) else { continue };
        assert!(read.status.success(), "{shell}: {}", said(&read));
        assert_eq!(said(&read), "", "{shell}");
    }
}

/// Asks the shells themselves what follows `certvigil che` and `certvigil check --fai`.
#[test]
fn shells_complete_commands_and_options() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("script");
    let asked = |shell: &str, words: &str, last: &str| {
        std::fs::write(&file, run(&["completions", shell]).out).unwrap();
        let file = file.display();
        let ask = match shell {
            "bash" => format!(
                "source {file}; COMP_WORDS=({words} {last}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); \
                 _certvigil certvigil '{last}' ''; printf '%s\\n' \"${{COMPREPLY[@]}}\""
            ),
            _ => format!("source {file}; complete -C '{words} {last}'"),
        };
        outside(shell, &["-c", &ask]).map(|read| said(&read))
    };
    for shell in ["bash", "fish"] {
        let Some(commands) = asked(shell, "certvigil", "che") else { continue };
        assert!(commands.starts_with("check"), "{shell}: {commands}");
        let options = asked(shell, "certvigil check", "--fai").unwrap_or_default();
        assert!(options.starts_with("--fail-on"), "{shell}: {options}");
    }
}

#[test]
fn every_command_has_a_page_that_formatters_take_without_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let written = run(&["man", "--all", folder.path().to_str().unwrap()]);
    assert_eq!(written.code, Some(0), "{}", written.told());
    let pages = pages(folder.path());
    for command in commands() {
        assert!(pages.contains(&format!("certvigil-{command}.1")), "{command}: {pages:?}");
    }
    for page in &pages {
        let page = folder.path().join(page);
        let page = page.to_str().unwrap();
        if let Some(read) = outside("groff", &["-ww", "-man", "-z", "-Tutf8", page]) {
            assert!(read.status.success() && said(&read).is_empty(), "{page}: {}", said(&read));
        }
        if let Some(read) = outside("mandoc", &["-T", "lint", "-W", "warning", page]) {
            // Without a date the same source gives the same page every day.
            let said = said(&read);
            let warnings: Vec<_> =
                said.lines().filter(|line| !line.contains("missing date")).collect();
            assert!(warnings.is_empty(), "{page}: {warnings:?}");
        }
    }
}

/// What a reader sees, not what the page's source says.
#[test]
fn a_page_reads_as_the_help_does() {
    let page = run(&["man", "check"]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.1");
    std::fs::write(&file, &page.out).unwrap();
    let Some(read) = outside("man", &["-l", file.to_str().unwrap()]) else { return };
    // Where a line ends is the reader's business.
    let text = said(&read).split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "certvigil-check(1)",
        "EXIT STATUS",
        "--fail-on <SEVERITY>",
        "critical or never [default: warning]",
        "--format <FORMAT[=PATH]> [default: table]",
        "certvigil check 'tls://192.0.2.1:8443#internal.example' --trust internal-roots.pem",
    ] {
        assert!(text.contains(words), "{words} is not in {text}");
    }
}

#[test]
fn a_command_that_is_not_there_is_told_with_those_that_are() {
    for (arguments, words) in [
        (&["man", "chekc"] as &[&str], "there is check,"),
        (&["man", "check", "more"], "has no commands below it"),
        (&["man", "--all", "/nowhere/at/all"], "/nowhere/at/all"),
        (&["completions", "tcsh"], "tcsh"),
    ] {
        let ran = run(arguments);
        assert_eq!(ran.code, Some(2), "{}", ran.told());
        assert!(ran.err.contains(words), "{}", ran.told());
    }
}

/// The commands as `--help` lists them.
fn commands() -> Vec<String> {
    let help = run(&["--help"]).out;
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names = lines.take_while(|line| line.starts_with("  "));
    let names = names.filter(|line| !line.starts_with("   "));
    let names: Vec<_> =
        names.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect();
    assert!(names.len() > 4, "{help}");
    names.into_iter().filter(|name| name != "help").collect()
}

fn pages(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// Runs a program of somebody else's; none where it is not installed, and that is told.
#[expect(clippy::disallowed_methods, reason = "tests start the programs that they compare with")]
fn outside(program: &str, arguments: &[&str]) -> Option<Output> {
    let mut command = Command::new(program);
    command.args(arguments).env("LC_ALL", "C.UTF-8").env("MANWIDTH", "100").env("MANPAGER", "cat");
    match command.output() {
        Ok(output) => Some(output),
        Err(error) => {
            skipped(&format!("{program} as a judge of pages and completions, {error}"));
            None
        }
    }
}

fn said(Output { stdout, stderr, .. }: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(stdout), String::from_utf8_lossy(stderr))
}
