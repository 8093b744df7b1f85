//! A PostgreSQL of a test's own: a cluster in a temporary folder, on a free port of 127.0.0.1, with a certificate
//! of its own authority.

use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use certvigil_doors::SystemClock;
use certvigil_model::Clock as _;
use postgres::{Client, NoTls};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;

/// Where Debian has them, a folder for each version.
const VERSIONS: &str = "/usr/lib/postgresql";
/// The password of the cluster's only user, which no error may show.
pub(crate) const PASSWORD: &str = "s3cret/p@ss word";
const PASSWORD_IN_URL: &str = "s3cret%2Fp%40ss%20word";

/// A running cluster; it ends with this value.
#[derive(Debug)]
pub(crate) struct Cluster {
    port: u16,
    pid: u32,
    keeper: Option<thread::JoinHandle<()>>,
    folder: TempDir,
    programs: PathBuf,
    databases: AtomicU32,
}

impl Cluster {
    /// Starts a cluster. None, told loudly, where PostgreSQL is not installed.
    #[expect(clippy::print_stdout, reason = "what is skipped is told where it is counted")]
    pub(crate) fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            println!(
                "SKIPPED: PostgreSQL absent at {VERSIONS}: the store of a fleet is not tried (scripts/test installs it)"
            );
            return None;
        };
        let folder = tempfile::Builder::new().prefix("certvigil-pg").tempdir().unwrap();
        let account = Account::of_servers(programs);
        account.own(folder.path());
        initialise(folder.path(), &account);
        write_certificates(folder.path(), &account);
        let port =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let (pid, keeper) = keep_running(folder.path(), &account, port);
        let cluster = Self {
            port,
            pid,
            keeper: Some(keeper),
            folder,
            programs: account.programs,
            databases: AtomicU32::new(0),
        };
        cluster.wait_until_it_answers();
        Some(cluster)
    }

    /// The name of a new, empty database.
    pub(crate) fn database(&self) -> String {
        let name = format!("d{}", self.databases.fetch_add(1, Ordering::SeqCst));
        self.client("postgres").batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
        name
    }

    /// The address of a database by the server's name or address.
    pub(crate) fn url(&self, host: &str, database: &str) -> String {
        format!("postgres://lab:{PASSWORD_IN_URL}@{host}:{}/{database}", self.port)
    }

    /// The address of a database by the socket in the cluster's folder, where no password is asked for.
    pub(crate) fn socket_url(&self, database: &str) -> String {
        let folder = self.folder.path().display().to_string().replace('/', "%2F");
        format!("postgres://lab@{folder}:{}/{database}", self.port)
    }

    /// The file of the authority that signed the server's certificate.
    pub(crate) fn authority(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// The port that it listens on.
    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// A connection that is not the store's.
    pub(crate) fn client(&self, database: &str) -> Client {
        Client::connect(&self.socket_url(database), NoTls).unwrap()
    }

    /// Ends all connections to `database` but its own.
    pub(crate) fn cut_connections(&self, database: &str) {
        let statement =
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = $1";
        self.client("postgres").execute(statement, &[&database]).unwrap();
    }

    /// Runs `file` through psql, as a person would.
    #[expect(clippy::disallowed_methods, reason = "a test starts its own peer")]
    pub(crate) fn psql(&self, database: &str, file: &Path) {
        let output = Command::new(self.programs.join("psql"))
            .args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-f"])
            .arg(file)
            .arg(self.socket_url(database))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
    }

    fn wait_until_it_answers(&self) {
        let begun = SystemClock.monotonic();
        let url = self.socket_url("postgres");
        while Client::connect(&url, NoTls).is_err() {
            let waited = SystemClock.monotonic() - begun;
            assert!(waited < Duration::from_secs(30), "PostgreSQL does not answer");
            // It listens before it answers: this waits for its next turn, not for a time.
            self.wait_for_a_listener();
            thread::yield_now();
        }
    }

    #[expect(clippy::disallowed_methods, reason = "a test looks at its own peer")]
    fn wait_for_a_listener(&self) {
        let address = (Ipv4Addr::LOCALHOST, self.port).into();
        let _ = TcpStream::connect_timeout(&address, Duration::from_secs(1));
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        end(self.pid);
        if let Some(keeper) = self.keeper.take() {
            let _ = keeper.join();
        }
    }
}

/// The programs of the newest version that is installed.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir(VERSIONS).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    let number = |path: &PathBuf| path.file_name()?.to_str()?.parse::<u32>().ok();
    let whole = versions.filter(|path| path.join("bin/postgres").exists());
    whole.max_by_key(number).map(|path| path.join("bin"))
}

/// Immediate shutdown: SIGQUIT to the server's own pid.
#[expect(clippy::disallowed_methods, reason = "a test ends its own peer")]
fn end(pid: u32) {
    let _ = Command::new("kill").args(["-QUIT", &pid.to_string()]).status();
}

/// Who a server runs as: PostgreSQL refuses root.
struct Account {
    is_other: bool,
    programs: PathBuf,
}

impl Account {
    fn of_servers(programs: PathBuf) -> Self {
        Self { is_other: fs::metadata("/proc/self").unwrap().uid() == 0, programs }
    }

    /// `program`, ended by the system when the test's process ends in whatever way.
    #[expect(clippy::disallowed_methods, reason = "a test starts its own peer")]
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new("setpriv");
        if self.is_other {
            command.args(["--reuid", "postgres", "--regid", "postgres", "--clear-groups"]);
        }
        command.args(["--pdeathsig", "QUIT"]).arg(self.programs.join(program));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn own(&self, path: &Path) {
        if self.is_other {
            let postgres = fs::read_to_string("/etc/passwd").unwrap();
            let line = postgres.lines().find(|line| line.starts_with("postgres:")).unwrap();
            let mut numbers = line.split(':').skip(2).map(|number| number.parse().unwrap());
            chown(path, numbers.next(), numbers.next()).unwrap();
        }
    }
}

fn initialise(folder: &Path, account: &Account) {
    let password = folder.join("password");
    fs::write(&password, PASSWORD).unwrap();
    account.own(&password);
    let status = account
        .command("initdb")
        .arg("-D")
        .arg(folder.join("data"))
        .args(["-U", "lab", "--auth-local=trust", "--auth-host=scram-sha-256"])
        .args(["--no-sync", "-E", "UTF8", "--locale=C.UTF-8"])
        .arg(format!("--pwfile={}", password.display()))
        .status();
    assert!(status.unwrap().success(), "initdb");
}

/// An authority, and a certificate for `db.example.org` and nothing else.
fn write_certificates(folder: &Path, account: &Account) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["db.example.org".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &authority).unwrap();
    fs::write(folder.join("ca.pem"), authority.pem()).unwrap();
    let files = [("server.crt", certificate.pem()), ("server.key", key.serialize_pem())];
    for (name, text) in files {
        let path = folder.join("data").join(name);
        fs::write(&path, text).unwrap();
        account.own(&path);
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        fs::set_permissions(&path, mode).unwrap();
    }
}

/// The server, started and awaited by a thread that lives as long as it: the death signal follows the thread.
fn keep_running(folder: &Path, account: &Account, port: u16) -> (u32, thread::JoinHandle<()>) {
    let mut command = account.command("postgres");
    command.arg("-D").arg(folder.join("data"));
    for (name, value) in [
        ("listen_addresses", "127.0.0.1"),
        ("port", &port.to_string()),
        ("unix_socket_directories", &folder.display().to_string()),
        ("ssl", "on"),
        ("fsync", "off"),
        ("full_page_writes", "off"),
    ] {
        command.arg("-c").arg(format!("{name}={value}"));
    }
    let (told, pid) = mpsc::channel();
    let keeper = thread::spawn(move || {
        let mut child: Child = command.spawn().unwrap();
        told.send(child.id()).unwrap();
        let _ = child.wait();
    });
    (pid.recv().unwrap(), keeper)
}
