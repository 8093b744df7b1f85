//! What the first bytes of a certificate make this reader do.

use std::fs::File;
use std::hint::black_box;
use std::io::{ErrorKind, Write as _};
use std::net::UdpSocket;
use std::os::unix::process::CommandExt as _;
use std::process::Command;
use std::time::Duration;

use certvigil_doors::SystemClock;
use certvigil_model::Clock as _;

/// Does what the marker at the beginning of `bytes` says; returns the bytes behind it where that
/// comes to an end.
#[expect(clippy::exit, reason = "a reader that ends is one of those to be borne")]
pub(crate) fn if_told(bytes: &[u8]) -> &[u8] {
    let Some((marker, rest)) = bytes.split_at_checked(8) else { return bytes };
    match marker {
        b"LOOP    " => loop {
            black_box(());
        },
        b"SLEEP   " => loop {
            std::thread::park();
        },
        b"RECURSE " => drop(black_box(recurse(&[0; 64]))),
        b"ALLOC   " => allocate(),
        b"ABORT   " => std::process::abort(),
        b"PANIC   " => drop(black_box(rest[rest.len()])),
        b"EXIT    " => std::process::exit(0),
        b"GARBAGE " => say(b"rubbish\n"),
        b"READY   " => say(&[1, 0, 0, 0, 0]),
        b"FACTS   " => say(&[5, 3, 0, 0, 0, 9, 9, 9]),
        b"LONG    " => say(&[5, 0xff, 0xff, 0xff, 0xff]),
        b"TORN    " => {
            say(&[5, 9, 0, 0, 0, 1]);
            std::process::exit(0);
        }
        b"OPEN    " => refused(File::open("/dev/null").map(drop)),
        b"THREAD  " => refused(std::thread::Builder::new().spawn(|| ()).map(drop)),
        b"SOCKET  " => drop(UdpSocket::bind("127.0.0.1:0")),
        b"EXEC    " => execute(),
        b"SLOW    " => spin(Duration::from_millis(50)),
        _ => return bytes,
    }
    rest
}

fn recurse(from: &[u8; 64]) -> u64 {
    let here = black_box(from.map(|byte| byte.wrapping_add(1)));
    if black_box(false) { 0 } else { recurse(&here) + u64::from(here[0]) }
}

fn allocate() {
    let mut all = Vec::new();
    loop {
        all.push(black_box(vec![0_u8; 1 << 20]));
    }
}

/// Without a new process, so that nothing is refused on the way to it.
#[expect(clippy::disallowed_methods, reason = "the door has no way to become another program")]
fn execute() {
    drop(Command::new("/bin/true").exec());
}

fn say(bytes: &[u8]) {
    let mut output = std::io::stdout();
    output.write_all(bytes).unwrap();
    output.flush().unwrap();
}

/// A filter that lets it happen, or forbids it in another way, ends the process.
#[expect(clippy::exit, reason = "the parent is to see that it was not refused")]
fn refused(result: std::io::Result<()>) {
    if result.map_err(|error| error.kind()) != Err(ErrorKind::PermissionDenied) {
        std::process::exit(77);
    }
}

fn spin(time: Duration) {
    let start = SystemClock.monotonic();
    while start.elapsed() < time {
        black_box(());
    }
}
