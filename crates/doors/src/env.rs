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
/// The convention of curl and most HTTP clients.
pub const HTTPS_PROXY: Variable = Variable { name: "HTTPS_PROXY", purpose: PROXY };
/// See [`HTTPS_PROXY`], which counts where both are set.
pub const HTTPS_PROXY_LOWER: Variable = Variable { name: "https_proxy", purpose: PROXY };
const PROXY: &str = "the proxy for https addresses, where the config names none";
/// POSIX's own variables, the first that is set counts: where it names no UTF-8, tables are ASCII.
pub const LC_ALL: Variable = Variable { name: "LC_ALL", purpose: LOCALE };
/// See [`LC_ALL`].
pub const LC_CTYPE: Variable = Variable { name: "LC_CTYPE", purpose: LOCALE };
/// See [`LC_ALL`].
pub const LANG: Variable = Variable { name: "LANG", purpose: LOCALE };
const LOCALE: &str = "tables in ASCII where it names a locale without UTF-8";
/// POSIX's own variable for the login name; see [`SUDO_USER`].
pub const LOGNAME: Variable = Variable { name: "LOGNAME", purpose: WHO };
/// The convention of no-color.org.
pub const NO_COLOR: Variable =
    Variable { name: "NO_COLOR", purpose: "no colours when it holds anything" };
/// The convention of curl and most HTTP clients.
pub const NO_PROXY: Variable = Variable { name: "NO_PROXY", purpose: NO_PROXY_PURPOSE };
/// See [`NO_PROXY`], which counts where both are set.
pub const NO_PROXY_LOWER: Variable = Variable { name: "no_proxy", purpose: NO_PROXY_PURPOSE };
const NO_PROXY_PURPOSE: &str = "names and networks that are asked without the proxy";
/// Set by a service manager (sd_notify(3)).
pub const NOTIFY_SOCKET: Variable =
    Variable { name: "NOTIFY_SOCKET", purpose: "where `serve` tells that it is ready and alive" };
/// OpenSSL's own variable; the system's trust store is looked for there first.
pub const SSL_CERT_DIR: Variable =
    Variable { name: "SSL_CERT_DIR", purpose: "folders of the system's trust store" };
/// OpenSSL's own variable; the system's trust store is looked for there first.
pub const SSL_CERT_FILE: Variable =
    Variable { name: "SSL_CERT_FILE", purpose: "the file of the system's trust store" };
/// Set by sudo (sudo(8)): who really asks. It counts before the other two.
pub const SUDO_USER: Variable = Variable { name: "SUDO_USER", purpose: WHO };
/// Set by most logins; see [`SUDO_USER`].
pub const USER: Variable = Variable { name: "USER", purpose: WHO };
const WHO: &str = "who gives an order, where --by does not say it";
/// Set by a service manager (sd_watchdog_enabled(3)).
pub const WATCHDOG_PID: Variable =
    Variable { name: "WATCHDOG_PID", purpose: "the process that WATCHDOG_USEC is meant for" };
/// See [`WATCHDOG_PID`].
pub const WATCHDOG_USEC: Variable = Variable {
    name: "WATCHDOG_USEC",
    purpose: "`serve` tells that it is alive twice in so many microseconds",
};

/// All of them, in the order that help texts list them.
pub const ALL: &[Variable] = &[
    CI,
    CREDENTIALS_DIRECTORY,
    HTTPS_PROXY,
    HTTPS_PROXY_LOWER,
    LANG,
    LC_ALL,
    LC_CTYPE,
    LOGNAME,
    NO_COLOR,
    NO_PROXY,
    NO_PROXY_LOWER,
    NOTIFY_SOCKET,
    SSL_CERT_DIR,
    SSL_CERT_FILE,
    SUDO_USER,
    USER,
    WATCHDOG_PID,
    WATCHDOG_USEC,
];

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
