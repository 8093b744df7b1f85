//! What this machine calls itself.

use std::fs;

/// The name of this machine; `localhost` where it has none that a mail could bear.
pub fn host_name() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = name.trim();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    let is_name = !name.is_empty() && name.len() < 254 && name.chars().all(is_plain);
    if is_name { name.to_owned() } else { "localhost".to_owned() }
}
