//! `openssl s_server` as the peer: a program that nobody here wrote.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::identity::Identity;

/// A running `openssl s_server`, which ends with this value.
pub(crate) struct OpenSsl {
    pub(crate) address: SocketAddr,
    child: Child,
    output: BufReader<ChildStdout>,
    /// It ends when its input does.
    _input: ChildStdin,
}

impl OpenSsl {
    /// Shows one identity or the other, and takes `connections` before it ends; other options as
    /// in its manual.
    #[expect(clippy::disallowed_methods, reason = "a test starts its own peer")]
    pub(crate) fn start(identities: &[&Identity], connections: usize, options: &[&str]) -> Self {
        let folder = folder();
        let mut command = Command::new("openssl");
        command.args(["s_server", "-accept", "127.0.0.1:0", "-naccept", &connections.to_string()]);
        for (identity, letter) in identities.iter().zip(["", "d"]) {
            let file = |what: &str| folder.join(format!("{letter}{what}.der"));
            fs::write(file("cert"), identity.der()).unwrap();
            fs::write(file("key"), &identity.key).unwrap();
            for what in ["cert", "key"] {
                command.arg(format!("-{letter}{what}")).arg(file(what));
                command.args([&format!("-{letter}{what}form"), "DER"]);
            }
        }
        let mut child = command
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port(&mut output)));
        fs::remove_dir_all(folder).unwrap();
        Self { address, child, output, _input: input }
    }

    /// All that it printed, once it has had its connections.
    pub(crate) fn said(mut self) -> String {
        let mut said = String::new();
        self.output.read_to_string(&mut said).unwrap();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        said
    }
}

impl Drop for OpenSsl {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An RSA key of `bits`, of a length that the provider may not make itself, and a certificate for it.
#[expect(clippy::disallowed_methods, reason = "a test has its key made")]
pub(crate) fn rsa(bits: u32) -> Identity {
    let folder = folder();
    let (certificate, key) = (folder.join("made.der"), folder.join("made.pem"));
    let run = |command: &mut Command| {
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    let mut request = Command::new("openssl");
    request.args(["req", "-x509", "-nodes", "-subj", "/CN=www.example.org", "-outform", "DER"]);
    request.args(["-newkey", &format!("rsa:{bits}")]);
    run(request.arg("-keyout").arg(&key).arg("-out").arg(&certificate));
    let mut rewrite = Command::new("openssl");
    rewrite.args(["pkcs8", "-topk8", "-nocrypt", "-outform", "DER", "-in"]);
    let key = run(rewrite.arg(&key));
    let chain = vec![fs::read(&certificate).unwrap()];
    fs::remove_dir_all(folder).unwrap();
    Identity { chain, key, ocsp_response: None }
}

/// A folder of this process and call alone.
fn folder() -> std::path::PathBuf {
    use std::sync::atomic::{AtomicU32, Ordering};
    static CALLS: AtomicU32 = AtomicU32::new(0);
    let name = format!("{}-{}", std::process::id(), CALLS.fetch_add(1, Ordering::SeqCst));
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn port(output: &mut impl std::io::BufRead) -> u16 {
    for line in output.lines() {
        if let Some(address) = line.unwrap().strip_prefix("ACCEPT 127.0.0.1:") {
            return address.parse().unwrap();
        }
    }
    panic!("openssl s_server did not start");
}
