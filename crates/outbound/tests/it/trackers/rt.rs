//! A real Request Tracker.

use std::path::Path;
use std::process::Command;

use certvigil_doors::Secret;
use certvigil_fetch::Method;
use certvigil_model::IncidentKey;
use certvigil_outbound::tracker::{Settings, open};
use certvigil_outbound::{Found, Tracker, Trouble};
use serde_json::{Value, json};

use crate::trackers::ground::{Person, Server, client, free_port, is_here, run, soon, sql};
use crate::trackers::hostile;
use crate::trackers::suite::{self, World, issue, key, read};

const PROGRAM: &str = "/usr/share/request-tracker5/libexec/rt-server";

/// One server for all that is tried.
#[test]
fn request_tracker_does_what_a_tracker_has_to() {
    if !is_here("a real Request Tracker", &[PROGRAM, "/usr/sbin/rt-setup-database-5"]) {
        return;
    }
    let rt = Rt::start();
    suite::holds(&rt);
    what_is_lacking_is_said(&rt);
    a_ticket_that_was_merged_is_followed(&rt);
    what_it_will_not_do_is_said(&rt);
    hostile_text_stays_text(&rt);
}

struct Rt {
    folder: tempfile::TempDir,
    seed: Value,
    base: String,
    tracker: Box<dyn Tracker>,
    ann: Person,
    _server: Server,
}

impl Rt {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let base = format!("http://127.0.0.1:{port}");
        lay_out(folder.path(), port);
        let mut setup = command("/usr/sbin/rt-setup-database-5", folder.path());
        setup.args(["--action", "init", "--skip-create"]);
        run(setup);
        let script = folder.path().join("seed.pl");
        std::fs::write(&script, SEED).unwrap();
        let mut perl = command("perl", folder.path());
        perl.arg("-I/usr/share/request-tracker5/lib").arg(&script);
        let printed = run(perl);
        let seed: Value = serde_json::from_str(printed.lines().last().unwrap()).unwrap();
        let token = |name: &str| seed[name].as_str().unwrap().to_owned();
        let secret = ("authorization", format!("token {}", token("ann")));
        let ann = Person { secret, base: format!("{base}/REST/2.0") };
        let mut server = command(PROGRAM, folder.path());
        server.args(["--host", "127.0.0.1", "--max-workers", "2", "--port", &port.to_string()]);
        let log = folder.path().join("server.log");
        let server = Server::start(server, &log, || ann.ask(Method::Get, "/rt", None).0 == 200);
        let settings = settings(&base, "certificates", &token("certvigil"), &[]);
        let tracker = open(settings, client()).unwrap();
        Self { folder, base, tracker, ann, seed, _server: server }
    }

    fn other(&self, queue: &str, token: &str, extra: &[(&str, &str)]) -> Box<dyn Tracker> {
        open(settings(&self.base, queue, token, extra), client()).unwrap()
    }

    fn token(&self, name: &str) -> &str {
        self.seed[name].as_str().unwrap()
    }

    fn change(&self, id: &str, change: &Value) {
        self.ann.does(Method::Put, &format!("/ticket/{id}"), change.clone());
    }

    /// Its page as a person sees it.
    #[expect(clippy::disallowed_methods, reason = "tests start what they need")]
    fn page(&self, id: &str) -> String {
        let url = format!("{}/Helpers/TicketHistory?id={id}", self.base);
        let mut curl = Command::new("curl");
        curl.args(["--noproxy", "*", "-sf", "-d", "user=ann&pass=labpassword", &url]);
        run(curl)
    }
}

fn settings(base: &str, queue: &str, token: &str, extra: &[(&str, &str)]) -> Settings {
    let extra = extra.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    Settings {
        kind: "rt".to_owned(),
        url: base.to_owned(),
        project: queue.to_owned(),
        token: Secret::new(token),
        extra: extra.collect(),
    }
}

fn lay_out(folder: &Path, port: u16) {
    for part in ["conf.d", "mason", "session"] {
        std::fs::create_dir_all(folder.join(part)).unwrap();
    }
    let home = folder.display();
    let config = format!(
        "Set($rtname, 'lab.test'); Set($Organization, 'lab.test');\n\
         Set($DatabaseType, 'SQLite'); Set($DatabaseName, '{home}/rt5.db');\n\
         Set($WebDomain, '127.0.0.1'); Set($WebPort, {port}); Set($WebPath, '');\n\
         Set($WebBaseURL, 'http://127.0.0.1:{port}'); Set($WebSecureCookies, 0);\n\
         Set($LogToSyslog, ''); Set($LogToSTDERR, 'warning'); Set($LogToFile, '');\n\
         Set($MailCommand, 'testfile'); Set($Timezone, 'UTC'); Set($RestrictReferrer, 0);\n\
         Set($RestrictLoginReferrer, 0);\n\
         $RT::MasonDataDir = '{home}/mason'; $RT::MasonSessionDir = '{home}/session';\n1;\n"
    );
    std::fs::write(folder.join("conf.d/50-lab.pm"), config).unwrap();
}

#[expect(clippy::disallowed_methods, reason = "tests start what they need")]
fn command(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder);
    command.env("RT_SITE_CONFIG", "/etc/request-tracker5/RT_SiteConfig.pm");
    command.env("RT_SITE_CONFIG_DIR", folder.join("conf.d"));
    command
}

/// Our account has the rights that `docs/trackers/rt.md` names, in its own queue.
const SEED: &str = r#"
use RT -init;
my $system = RT->SystemUser;
sub made { my ($ok, $said) = @_; die $said unless $ok; }
sub queue { my $queue = RT::Queue->new($system); made($queue->Create(Name => $_[0])); $queue }
sub field {
    my ($name, $type, @queues) = @_;
    my $field = RT::CustomField->new($system);
    made($field->Create(Name => $name, Type => $type, MaxValues => 1, LookupType => 'RT::Queue-RT::Ticket'));
    $field->AddToObject($_) for @queues;
    $field->Id;
}
sub user { my $user = RT::User->new($system); made($user->Create(Privileged => 1, @_)); $user }
sub token {
    my $token = RT::AuthToken->new($system);
    my ($ok, $said, $text) = $token->Create(Owner => $_[0]->Id, Description => 'lab');
    $text;
}
my ($home, $elsewhere, $bare) = map { queue($_) } qw(certificates elsewhere bare);
my $key = field('certvigil key', 'Freeform', $home, $elsewhere);
my $state = field('certvigil state', 'Text', $home, $elsewhere);
my $ours = user(Name => 'certvigil', EmailAddress => 'certvigil@lab.test');
for my $queue ($home, $bare) {
    made($ours->PrincipalObj->GrantRight(Object => $queue, Right => $_)) for qw(SeeQueue ShowTicket
        ShowTicketComments CreateTicket CommentOnTicket ModifyTicket SeeCustomField ModifyCustomField);
}
my $ann = user(Name => 'ann', EmailAddress => 'ann@lab.test', Password => 'labpassword');
made($ann->PrincipalObj->GrantRight(Object => RT->System, Right => 'SuperUser'));
my $bob = user(Name => 'bob', EmailAddress => 'bob@lab.test');
made($bob->PrincipalObj->GrantRight(Object => $home, Right => $_)) for qw(SeeQueue ShowTicket SeeCustomField);
printf qq({"certvigil":"%s","ann":"%s","bob":"%s","key":"%s","state":"%s"}\n),
    token($ours), token($ann), token($bob), $key, $state;
"#;

impl World for Rt {
    fn tracker(&self) -> &dyn Tracker {
        &*self.tracker
    }

    fn person(&self) -> &str {
        "ann"
    }

    fn age(&self, id: &str) {
        let earlier = "datetime(Created, '-10 minutes')";
        let statement = format!("UPDATE Tickets SET Created = {earlier} WHERE id = {id}");
        sql(&self.folder.path().join("rt5.db"), &statement);
    }

    fn file(&self, key: &IncidentKey) -> String {
        let fields = json!({"certvigil key": key.as_str()});
        let ticket = json!({"Queue": "certificates", "Subject": "a copy", "CustomFields": fields});
        self.ann.does(Method::Post, "/ticket", ticket)["id"].as_str().unwrap().to_owned()
    }

    fn assign(&self, id: &str) {
        self.change(id, &json!({"Owner": "ann"}));
    }

    fn begin(&self, id: &str) -> bool {
        self.change(id, &json!({"Status": "open"}));
        true
    }

    fn comment(&self, id: &str, text: &str) {
        let body = json!({"Content": text, "ContentType": "text/plain"});
        self.ann.does(Method::Post, &format!("/ticket/{id}/comment"), body);
    }

    fn close(&self, id: &str) {
        self.change(id, &json!({"Status": "resolved"}));
    }

    fn edit_block(&self, id: &str, text: &str) {
        let value = if text.is_empty() { json!([]) } else { json!(text) };
        self.change(id, &json!({"CustomFields": {"certvigil state": value}}));
    }

    fn move_away(&self, id: &str) {
        self.change(id, &json!({"Queue": "elsewhere"}));
    }

    fn delete(&self, id: &str) {
        assert_eq!(self.ann.ask(Method::Delete, &format!("/ticket/{id}"), None).0, 204);
    }
}

fn what_is_lacking_is_said(rt: &Rt) {
    let ours = rt.token("certvigil");
    let forged = format!("1-{}-{}", ours.split('-').nth(1).unwrap(), "0".repeat(32));
    for (queue, token, extra, words) in [
        ("certificates", forged.as_str(), &[][..], vec!["no account with this token"]),
        ("nowhere", ours, &[], vec!["no queue nowhere"]),
        ("elsewhere", ours, &[], vec!["no queue elsewhere that our account sees", "SeeQueue"]),
        ("bare", ours, &[], vec!["no ticket custom field \"certvigil key\""]),
        (
            "certificates",
            ours,
            &[("state_field", "memory")],
            vec!["no ticket custom field \"memory\""],
        ),
        (
            "certificates",
            rt.token("bob"),
            &[],
            vec!["may not create", "give it ModifyTicket", "give it CommentOnTicket"],
        ),
    ] {
        let said = rt.other(queue, token, extra).examine(soon()).unwrap().join("\n");
        for words in words {
            assert!(said.contains(words), "{queue} {extra:?}: {said}");
        }
    }
    let disabled = json!({"Disabled": 1});
    rt.ann.does(Method::Put, "/queue/certificates", disabled);
    let said = rt.other("certificates", ours, &[]).examine(soon()).unwrap().join("\n");
    assert!(said.contains("is disabled"), "{said}");
    assert!(matches!(rt.tracker.create(&issue(&key()), soon()), Err(Trouble::Refused(_))));
    rt.ann.does(Method::Put, "/queue/certificates", json!({"Disabled": 0}));
}

fn a_ticket_that_was_merged_is_followed(rt: &Rt) {
    let made = || rt.tracker.create(&issue(&key()), soon()).unwrap();
    let (first, second) = (made(), made());
    rt.change(&second, &json!({"MergeInto": first}));
    assert_eq!(rt.tracker.read(&second, soon()), Ok(Found::Moved { to: first.clone() }));
    assert!(read(rt, &first).is_open);
}

/// Request Tracker says 200 to what it refuses.
fn what_it_will_not_do_is_said(rt: &Rt) {
    let id = rt.tracker.create(&issue(&key()), soon()).unwrap();
    let tracker = rt.other("certificates", rt.token("certvigil"), &[("closed_status", "done")]);
    let said = tracker.set_open(&id, false, soon()).unwrap_err().to_string();
    assert!(
        said.contains("'done' isn't a valid status") && said.contains("closed_status"),
        "{said}"
    );
    let bob = rt.other("certificates", rt.token("bob"), &[]);
    let said = bob.set_open(&id, false, soon()).unwrap_err().to_string();
    assert!(said.contains("Permission Denied") && said.contains("ModifyTicket"), "{said}");
}

/// As its page shows it.
fn hostile_text_stays_text(rt: &Rt) {
    for words in hostile::TEXTS.chunks(8) {
        let body = hostile::document(words);
        let issue = certvigil_outbound::Issue { body: body.clone(), ..issue(&key()) };
        let id = rt.tracker.create(&issue, soon()).unwrap();
        rt.tracker.comment(&id, &body, soon()).unwrap();
        let page = rt.page(&id);
        let shown: Vec<&str> = page.split("class=\"message-stanza").skip(1).collect();
        assert!(shown.len() >= 2, "{page}");
        for part in shown {
            hostile::assert_harmless(part.split("</div>").next().unwrap());
        }
    }
}
