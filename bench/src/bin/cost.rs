//! `cost REPORT PROGRAM [ARGUMENT]…` runs a program, then writes into REPORT what it and all the
//! children that it waited for took of this machine, as one JSON object:
//! `{"exit", "user_s", "system_s", "wall_s", "peak_rss_kib"}`.
//!
//! It is small because a child's peak memory is never counted below its parent's.

#![expect(clippy::disallowed_methods, reason = "this program stands alone and measures others")]

use std::error::Error;
use std::ffi::OsString;
use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::sys::time::TimeVal;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(report), Some(program)) = (arguments.next(), arguments.next()) else {
        return Err("usage: cost REPORT PROGRAM [ARGUMENT]…".into());
    };
    let (status, wall) = run(program, arguments)?;
    let used = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    std::fs::write(report, told(status, wall, &used).to_string())?;
    Ok(())
}

fn run(
    program: OsString,
    arguments: impl Iterator<Item = OsString>,
) -> std::io::Result<(ExitStatus, Duration)> {
    let begun = Instant::now();
    let status = Command::new(program).args(arguments).status()?;
    Ok((status, begun.elapsed()))
}

fn told(status: ExitStatus, wall: Duration, used: &Usage) -> serde_json::Value {
    serde_json::json!({
        "exit": status.code(),
        "user_s": seconds(used.user_time()),
        "system_s": seconds(used.system_time()),
        "wall_s": wall.as_secs_f64(),
        "peak_rss_kib": used.max_rss(),
    })
}

fn seconds(time: TimeVal) -> f64 {
    time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6
}
