//! Two network namespaces: one that watches, and one that is everything else.

use std::fs;
use std::io;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use certvigil_doors::SystemClock;
use certvigil_lab::tracker::LabTls;
use certvigil_model::Clock as _;
use serde_json::Value;

use crate::act::world::Lab;
use crate::command::{Ran, ran, skipped};
use crate::openssl::Authority;

/// The watcher reaches `10.66.1.0/24` by the link `switch`, and `10.77.0.0/16` by the link `uplink`.
pub(crate) struct World {
    pub(crate) authority: Authority,
    tag: String,
    tracker: String,
    server: Option<Child>,
    resolver: Option<Child>,
}

impl World {
    /// None, loudly, where namespaces cannot be had.
    pub(crate) fn new(what: &str) -> Option<Self> {
        let authority = Authority::new();
        authority.leaf("leaf", "ec", &["DNS:*.lab.test"], 20);
        fs::create_dir(authority.path("issues")).unwrap();
        let tag = format!("cv{}-{what}", std::process::id());
        let tracker = "{ kind = \"local\", folder = \"issues\" }".to_owned();
        let mut world = Self { authority, tag, tracker, server: None, resolver: None };
        let commands = world.commands();
        fs::write(world.authority.path("links"), commands).unwrap();
        let links = world.authority.path("links");
        let laid = world.tool("ip", &["-batch", links.to_str().unwrap()]);
        if !laid.is_ok_and(|it| it.success()) {
            skipped(&format!("{what}: network namespaces cannot be had (ip netns, as root)"));
            return None;
        }
        world.inside("elsewhere", &FAR);
        world.inside("watcher", &NEAR);
        world.serve();
        Some(world)
    }

    fn commands(&self) -> String {
        let (watcher, elsewhere) = (self.space("watcher"), self.space("elsewhere"));
        format!(
            "netns add {watcher}\nnetns add {elsewhere}\n\
             link add switch netns {watcher} type veth peer name switch netns {elsewhere}\n\
             link add uplink netns {watcher} type veth peer name uplink netns {elsewhere}\n"
        )
    }

    fn space(&self, name: &str) -> String {
        format!("{}-{name}", self.tag)
    }

    #[expect(clippy::disallowed_methods, reason = "tests start what they test")]
    fn tool(&self, program: &str, arguments: &[&str]) -> io::Result<std::process::ExitStatus> {
        let log = fs::File::create(self.authority.path("tools.log"))?;
        Command::new(program).args(arguments).stdout(log.try_clone()?).stderr(log).status()
    }

    /// Runs lines of `ip` in a namespace.
    pub(crate) fn inside(&self, name: &str, lines: &[&str]) {
        let batch = self.authority.path("batch");
        fs::write(&batch, lines.join("\n") + "\n").unwrap();
        let space = self.space(name);
        let done = self.tool("ip", &["-n", &space, "-batch", batch.to_str().unwrap()]).unwrap();
        let log = fs::read_to_string(self.authority.path("tools.log"));
        assert!(done.success(), "{lines:?}: {log:?}");
    }

    #[expect(clippy::disallowed_methods, reason = "tests start the peers that they need")]
    fn start(&self, arguments: &[&str]) -> Child {
        let log = fs::File::create(self.authority.path("peer.log")).unwrap();
        let space = self.space("elsewhere");
        Command::new("ip")
            .args(["netns", "exec", &space])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap()
    }

    /// Every address elsewhere serves the certificate on the ports 443 and 8443.
    fn serve(&mut self) {
        let folder = self.authority.folder().to_str().unwrap();
        let config = format!(
            "daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/nginx.log;\n\
             events {{ worker_connections 2000; }}\n\
             http {{ access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;\n\
             fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n\
             server {{ listen 443 ssl backlog=2000; listen 8443 ssl backlog=2000;\n\
             ssl_certificate {folder}/leaf.chain.pem; ssl_certificate_key {folder}/leaf.key; }}\n\
             server {{ listen 9443 ssl; ssl_certificate {folder}/leaf.chain.pem;\n\
             ssl_certificate_key {folder}/leaf.key;\n\
             location / {{ proxy_pass http://unix:{folder}/tracker.sock; }} }} }}\n"
        );
        let path = self.authority.path("nginx.conf");
        fs::write(&path, config).unwrap();
        self.server = Some(self.start(&["nginx", "-c", path.to_str().unwrap()]));
        self.wait_for(443);
    }

    /// A resolver for `*.lab.test`, each name at an address of its own network; the watcher's only one.
    pub(crate) fn resolve(&mut self, names: usize) {
        let folder = self.authority.folder().to_str().unwrap();
        let mut zone = "$TTL 1\n@ SOA ns root 1 1 1 1 1\n@ NS ns\nns A 10.77.250.53\n".to_owned();
        (1..=names).for_each(|n| zone.push_str(&format!("n{n} A 10.77.{n}.1\n")));
        fs::write(self.authority.path("zone"), zone).unwrap();
        let config = format!(
            "options {{ directory \"{folder}\"; listen-on {{ 10.77.250.53; }}; listen-on-v6 {{ none; }};\n\
             recursion no; pid-file none; session-keyfile none; dnssec-validation no; }};\n\
             controls {{ }};\nzone \"lab.test\" {{ type master; file \"{folder}/zone\"; }};\n"
        );
        let path = self.authority.path("named.conf");
        fs::write(&path, config).unwrap();
        let etc = format!("/etc/netns/{}", self.space("watcher"));
        fs::create_dir_all(&etc).unwrap();
        fs::write(format!("{etc}/resolv.conf"), "nameserver 10.77.250.53\n").unwrap();
        self.resolver = Some(self.start(&["named", "-g", "-c", path.to_str().unwrap()]));
        self.wait_for(53);
    }

    /// Has a tracker elsewhere from the next config on, at an address behind the uplink or the switch.
    pub(crate) fn track_at(&mut self, address: &str) -> Lab {
        let lab = Lab::new(LabTls::None);
        let (_, port) =
            lab.tracker.url().rsplit_once(':').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        carry(&self.authority.path("tracker.sock"), port.parse().unwrap());
        let etc = format!("/etc/netns/{}", self.space("watcher"));
        fs::create_dir_all(&etc).unwrap();
        fs::write(format!("{etc}/hosts"), format!("{address} tracker.lab.test\n")).unwrap();
        self.tracker = lab.table("https://tracker.lab.test:9443", &self.authority.root());
        lab
    }

    pub(crate) fn end_resolver(&mut self) {
        end(&mut self.resolver);
    }

    fn wait_for(&self, port: u16) {
        let until = SystemClock.monotonic() + Duration::from_secs(20);
        let listing = self.authority.path("tools.log");
        let space = self.space("elsewhere");
        loop {
            self.tool("ip", &["netns", "exec", &space, "cat", "/proc/net/tcp"]).unwrap();
            let sockets = fs::read_to_string(&listing).unwrap();
            if sockets.lines().any(|line| line.contains(&format!(":{port:04X} 00000000:0000 0A"))) {
                return;
            }
            let log = fs::read_to_string(self.authority.path("peer.log"));
            assert!(SystemClock.monotonic() < until, "nobody listens on {port}: {log:?}");
            thread::yield_now();
        }
    }

    /// Writes the config: issues go into a folder beside it.
    pub(crate) fn config(&self, targets: &[String], checking: &str) {
        self.config_with("", targets, checking);
    }

    /// The same with more lines at its top.
    pub(crate) fn config_with(&self, top: &str, targets: &[String], checking: &str) {
        let (root, tracker) = (self.authority.root(), &self.tracker);
        let text = format!(
            "default_owner = \"ops\"\nsite = \"lab\"\n\
             {top}\n[[owner]]\nname = \"ops\"\ntracker = {tracker}\n\
             [[target]]\nnames = {targets:?}\n\
             [check]\ntrust = [{root:?}]\nfirst_certificate = true\ndeadline = \"4s\"\n\
             connect_timeout = \"1s\"\nconcurrency = 200\nlook_again_after = \"1s\"\n{checking}\n"
        );
        fs::write(self.authority.path("certvigil.toml"), text).unwrap();
    }

    /// A run in the watcher's namespace.
    pub(crate) fn act(&self) -> Ran {
        self.run(&[], &["--store", self.authority.path("store.db").to_str().unwrap()])
    }

    /// The same with so many descriptors.
    pub(crate) fn act_with_descriptors(&self, limit: u32) -> Ran {
        let limit = format!("--nofile={limit}:{limit}");
        let store = self.authority.path("store.db");
        self.run(&["prlimit", &limit], &["--store", store.to_str().unwrap()])
    }

    /// The same without a store.
    pub(crate) fn act_without_store(&self) -> Ran {
        self.run(&[], &[])
    }

    #[expect(clippy::disallowed_methods, reason = "tests start what they test")]
    fn run(&self, before: &[&str], more: &[&str]) -> Ran {
        let config = self.authority.path("certvigil.toml");
        let run = ["check", "--act", "--no-progress", "--format", "json", "-c"];
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.space("watcher")]).args(before);
        command.arg(env!("CARGO_BIN_EXE_certvigil")).args(run).arg(config).args(more);
        command.env_clear().env("CI", "1").env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        command.env("TRACKER_TOKEN", "robot-token");
        ran(command.current_dir(self.authority.folder()).stdin(Stdio::null()).output().unwrap())
    }

    /// The issues that are open.
    pub(crate) fn open(&self) -> Vec<Issue> {
        self.issues().into_iter().filter(|issue| issue.open).collect()
    }

    /// Every issue there ever was.
    pub(crate) fn issues(&self) -> Vec<Issue> {
        let mut issues: Vec<_> = fs::read_dir(self.authority.path("issues"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|it| it == "json"))
            .map(|path| Issue::of(&serde_json::from_slice(&fs::read(path).unwrap()).unwrap()))
            .collect();
        issues.sort_by(|a, b| a.title.cmp(&b.title));
        issues
    }
}

/// An issue as its file has it.
#[derive(Debug)]
pub(crate) struct Issue {
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) open: bool,
    pub(crate) comments: Vec<String>,
}

impl Issue {
    fn of(file: &Value) -> Self {
        let text = |key: &str| file[key].as_str().unwrap().to_owned();
        let comments = file["comments"].as_array().unwrap().iter();
        Self {
            title: text("title"),
            text: text("text"),
            open: file["open"].as_bool().unwrap(),
            comments: comments.map(|it| it["text"].as_str().unwrap().to_owned()).collect(),
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        end(&mut self.server);
        end(&mut self.resolver);
        for name in ["watcher", "elsewhere"] {
            let _ = self.tool("ip", &["netns", "del", &self.space(name)]);
        }
        let _ = fs::remove_dir_all(format!("/etc/netns/{}", self.space("watcher")));
    }
}

/// Carries what comes to `socket` to a port of this namespace: sockets in a file system know no namespaces.
#[expect(clippy::disallowed_methods, reason = "tests dial the peers that they need")]
fn carry(socket: &std::path::Path, port: u16) {
    let listener = UnixListener::bind(socket).unwrap();
    fs::set_permissions(socket, fs::Permissions::from_mode(0o666)).unwrap();
    thread::spawn(move || {
        for near in listener.incoming().map_while(Result::ok) {
            let Ok(far) = TcpStream::connect(("127.0.0.1", port)) else { return };
            thread::spawn(move || both_ways(&near, &far));
        }
    });
}

fn both_ways(near: &UnixStream, far: &TcpStream) -> io::Result<()> {
    let (mut from, mut to) = (near.try_clone()?, far.try_clone()?);
    thread::spawn(move || io::copy(&mut from, &mut to));
    io::copy(&mut &*far, &mut &*near)?;
    near.shutdown(std::net::Shutdown::Both)
}

fn end(child: &mut Option<Child>) {
    if let Some(mut child) = child.take() {
        let _ = child.kill();
        let _ = child.wait();
    }
}

const FAR: [&str; 8] = [
    "link set lo up",
    "address add 10.77.250.53/32 dev lo",
    "link set switch up",
    "link set uplink up",
    "route add local 10.66.1.0/24 dev lo",
    "route add local 10.77.0.0/16 dev lo",
    "route add 10.66.2.0/24 dev switch",
    "route add 10.70.0.0/24 dev uplink",
];

const NEAR: [&str; 7] = [
    "link set lo up",
    "address add 10.66.2.1/32 dev switch",
    "address add 10.70.0.1/32 dev uplink",
    "link set switch up",
    "link set uplink up",
    "route add 10.66.1.0/24 dev switch src 10.66.2.1",
    "route add 10.77.0.0/16 dev uplink src 10.70.0.1",
];
