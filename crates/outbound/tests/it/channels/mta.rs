//! A mail on its whole way: Exim takes it, delivers it, and Python's parser reads it in the mailbox.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use certvigil_outbound::Channel;
use serde_json::Value;

use crate::channels::ground::{KEY, channel, empty, saying, within};
use crate::trackers::ground::{Server, free_port, is_here, run};

const READ: &str = "
import email, email.policy, json, mailbox, sys
parse = lambda file: email.message_from_binary_file(file, policy=email.policy.default)
def told(mail):
    parts = {p.get_content_type(): p.get_content() for p in mail.walk() if not p.is_multipart()}
    defects = [str(d) for p in mail.walk() for d in p.defects]
    return {'headers': [[k.lower(), str(v)] for k, v in mail.items()], 'parts': parts, 'defects': defects}
print(json.dumps([told(mail) for mail in mailbox.mbox(sys.argv[1], parse, create=False)]))
";

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let inbox = folder.path().join("inbox");
    std::fs::create_dir(&inbox).unwrap();
    let set = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    // Exim delivers as somebody who is not root.
    set(folder.path(), 0o755);
    set(&inbox, 0o777);
    folder
}

#[expect(clippy::disallowed_methods, reason = "tests start what they need")]
fn start_exim(folder: &Path, port: u16, mail: &dyn Channel) -> Server {
    let at = folder.display();
    let config = format!(
        "primary_hostname = mx.lab.test\nexim_user = root\nexim_group = root\nspool_directory = {at}/spool\n\
         log_file_path = {at}/exim.%slog\npid_file_path = {at}/exim.pid\ndaemon_smtp_ports = {port}\n\
         local_interfaces = 127.0.0.1\ntls_advertise_hosts =\nhost_lookup =\nrfc1413_hosts =\nkeep_environment =\n\
         acl_smtp_rcpt = rcpt\nbegin acl\nrcpt:\n  accept domains = lab.test\n  deny message = relay denied\n\
         begin routers\nlocal:\n  driver = accept\n  transport = inbox\nbegin transports\ninbox:\n  driver = appendfile\n  \
         file = {at}/inbox/mbox\n  user = nobody\n  group = nogroup\n  delivery_date_add\n"
    );
    let path = folder.join("exim.conf");
    std::fs::write(&path, config).unwrap();
    let mut command = Command::new("/usr/sbin/exim4");
    command.arg("-C").arg(path).args(["-bdf", "-odf"]);
    Server::start(command, &folder.join("log"), || mail.examine(within(1000)).is_ok())
}

#[expect(clippy::disallowed_methods, reason = "tests start what they need")]
fn delivered(mailbox: &Path) -> Vec<Value> {
    let mut python = Command::new("python3");
    python.args(["-c", READ]).arg(mailbox);
    serde_json::from_str(&run(python)).unwrap()
}

#[test]
fn exim_delivers_what_was_sent_in_one_thread() {
    if !is_here("a real Exim", &["/usr/sbin/exim4"]) {
        return;
    }
    let folder = folder();
    let port = free_port();
    let to = |address: &str| {
        let mut settings = empty("email");
        settings.to = Some(address.to_owned());
        settings.from = Some("certvigil@lab.test".to_owned());
        settings.via = Some(format!("smtp://127.0.0.1:{port}"));
        channel(settings)
    };
    let mail = to("oncall@lab.test");
    let _server = start_exim(folder.path(), port, &*mail);
    let hostile = saying("größer\r\nBcc: all@evil.example\r\n\r\nFrom evil\n.\n<script>");
    let mut second = hostile.clone();
    second.id = "n-42".to_owned();
    mail.send(&hostile, within(20_000)).unwrap();
    mail.send(&second, within(20_000)).unwrap();
    let refused = to("a@elsewhere.test").send(&hostile, within(20_000)).err().unwrap();
    assert!(matches!(refused, certvigil_outbound::Trouble::Refused(_)), "{refused:?}");

    let mailbox = folder.path().join("inbox/mbox");
    let until = within(30_000);
    // Exim answers before it has delivered.
    let mails = loop {
        let mails = if mailbox.exists() { delivered(&mailbox) } else { Vec::new() };
        if mails.len() >= 2 {
            break mails;
        }
        assert!(within(0) < until, "{mails:?}");
        std::thread::sleep(std::time::Duration::from_millis(50));
    };
    assert_eq!(mails.len(), 2, "{mails:?}");
    for (mail, id) in mails.iter().zip(["n-41", "n-42"]) {
        assert_eq!(mail["defects"].as_array().unwrap().len(), 0, "{mail}");
        let headers: Vec<(String, String)> =
            serde_json::from_value(mail["headers"].clone()).unwrap();
        let all = |name: &str| -> Vec<&str> {
            headers.iter().filter(|it| it.0 == name).map(|it| it.1.as_str()).collect()
        };
        assert_eq!(all("message-id"), [format!("<{id}@lab.test>")]);
        assert_eq!(all("references"), [format!("<{KEY}@lab.test>")]);
        assert_eq!(all("to"), ["oncall@lab.test"]);
        assert!(all("bcc").is_empty() && all("subject")[0].starts_with("größer\\u{d}\\u{a}Bcc"));
        let text = mail["parts"]["text/plain"].as_str().unwrap();
        assert!(text.contains("größer") && text.contains("<script>"), "{text}");
        assert!(!mail["parts"]["text/html"].as_str().unwrap().contains("<script"), "{mail}");
    }
}
