//! Environment variables: every one that the program reads stands here.

use std::ffi::OsString;

/// A variable that the program reads, and what for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What it changes.
    pub purpose: &'static str,
}

/// Set by CI systems: plain lines instead of a progress bar.
pub const CI: Variable =
    Variable { name: "CI", purpose: "plain progress lines instead of a bar, whatever its value" };
/// Set by systemd where a unit loads credentials (systemd.exec(5), `LoadCredential=`).
pub const CREDENTIALS_DIRECTORY: Variable = Variable {
    name: "CREDENTIALS_DIRECTORY",
    purpose: "the folder of the secrets that are named cred:NAME",
};
/// The convention of no-color.org.
pub const NO_COLOR: Variable =
    Variable { name: "NO_COLOR", purpose: "no colours when it holds anything" };
/// OpenSSL's own variable; the system's trust store is looked for there first.
pub const SSL_CERT_DIR: Variable =
    Variable { name: "SSL_CERT_DIR", purpose: "folders of the system's trust store" };
/// OpenSSL's own variable; the system's trust store is looked for there first.
pub const SSL_CERT_FILE: Variable =
    Variable { name: "SSL_CERT_FILE", purpose: "the file of the system's trust store" };

/// All of them, in the order that help texts list them.
pub const ALL: &[Variable] = &[CI, CREDENTIALS_DIRECTORY, NO_COLOR, SSL_CERT_DIR, SSL_CERT_FILE];

/// The variable's value; none when it is not set or empty.
pub fn read(variable: Variable) -> Option<OsString> {
    read_named(variable.name)
}

/// The value of a variable that somebody's configuration names, as `env:NAME` does.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the door that the environment comes through"
)]
pub fn read_named(name: &str) -> Option<OsString> {
    // `std::env::var_os` panics on names that no variable can have on some systems.
    if name.is_empty() || name.contains(['=', '\0']) {
        return None;
    }
    std::env::var_os(name).filter(|value| !value.is_empty())
}
