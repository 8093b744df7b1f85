//! What renewers say of themselves: programs that the config names, each printing one JSON text.

use std::time::Instant;

use certvigil_alarm::renewers::{self, Said};
use certvigil_doors::SystemClock;
use certvigil_doors::command::{self, Limits, Output, Program};
use certvigil_model::{Clock as _, Foreign};

use crate::config::StateProgram;
use crate::words::causes;

/// Runs `programs` one after the other, and reads what they print; all of it is over by then. What stood in the way comes
/// second, one line each: a renewer that cannot be asked says nothing, which is not that all is well.
pub fn renewer_states(programs: &[StateProgram], by: Instant) -> (Vec<Said>, Vec<String>) {
    let (mut said, mut troubles) = (Vec::new(), Vec::new());
    for program in programs {
        match ask(program, by) {
            Ok(more) => said.extend(more),
            Err(why) => {
                let StateProgram { path, origin, .. } = program;
                let path = Foreign::new(path.to_string_lossy());
                troubles.push(format!("{}:{}: {}: {why}", origin.file, origin.line, path.shown()));
            }
        }
    }
    (said, troubles)
}

fn ask(program: &StateProgram, by: Instant) -> Result<Vec<Said>, String> {
    let left = by.saturating_duration_since(SystemClock.monotonic());
    if left.is_zero() {
        return Err("no time was left to run it".to_owned());
    }
    let limits = Limits { deadline: Some(left), output_bytes: LARGEST };
    let program = Program::new(&program.path, &program.arguments);
    let output = command::run(&program, limits).map_err(|error| causes(&error))?;
    match output {
        Output { truncated: true, .. } => Err(format!("it prints more than {LARGEST} bytes")),
        Output { status, stderr, .. } if !status.success() => {
            let last = String::from_utf8_lossy(&stderr);
            let last = Foreign::new(last.lines().last().unwrap_or_default());
            Err(format!("it ended with {status}: {}", last.shown()))
        }
        Output { stdout, .. } => {
            let text = String::from_utf8(stdout).map_err(|_| "it prints no UTF-8".to_owned())?;
            renewers::read(&text)
        }
    }
}

/// Bytes taken of what one program prints.
const LARGEST: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use certvigil_model::Origin;

    use super::*;

    /// Asks a shell script.
    fn ask_script(script: &str, within: Duration) -> (Vec<Said>, Vec<String>) {
        let program = StateProgram {
            path: "/bin/sh".into(),
            arguments: vec!["-c".to_owned(), script.to_owned()],
            origin: Origin { file: "certvigil.toml".to_owned(), line: 7 },
        };
        renewer_states(&[program.clone(), program], SystemClock.monotonic() + within)
    }

    #[test]
    fn each_program_is_read() {
        let script = r#"echo '{"schema": "certvigil.renewer/1", "certificates": [{"names": ["a.example"], "state": "issued"}]}'"#;
        let (said, troubles) = ask_script(script, Duration::from_secs(30));
        assert_eq!((said.len(), troubles), (2, Vec::new()));
    }

    #[test]
    fn what_stands_in_the_way_is_told_with_its_line() {
        for (script, told) in [
            (
                "echo 'no \u{1b}[2Jrights' >&2; exit 3",
                "it ended with exit status: 3: no \\u{1b}[2Jrights",
            ),
            ("echo '[]'", "it does not have the shape certvigil.renewer/1"),
            ("printf '\\377'", "it prints no UTF-8"),
        ] {
            let (said, troubles) = ask_script(script, Duration::from_secs(30));
            assert!(said.is_empty());
            assert!(troubles.iter().all(|it| it.starts_with("certvigil.toml:7: /bin/sh: ")));
            assert!(troubles.first().is_some_and(|it| it.contains(told)), "{troubles:?}");
        }
    }

    /// One limit for all: what one takes is taken from the others.
    #[test]
    fn all_of_them_are_over_by_then() {
        let (said, troubles) = ask_script("exec sleep 60", Duration::from_millis(300));
        assert!(said.is_empty());
        assert!(troubles.first().is_some_and(|it| it.contains("did not end within")));
        assert!(troubles.last().is_some_and(|it| it.ends_with("no time was left to run it")));
    }
}
