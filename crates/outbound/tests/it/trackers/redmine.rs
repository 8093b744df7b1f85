//! A real Redmine.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use certvigil_doors::{Secret, SystemClock};
use certvigil_fetch::Method;
use certvigil_model::{Clock as _, IncidentKey};
use certvigil_outbound::tracker::{Settings, open};
use certvigil_outbound::{Found, Tracker, Trouble};
use serde_json::{Value, json};

use crate::trackers::ground::{Person, Server, client, free_port, is_here, run, soon, sql};
use crate::trackers::hostile;
use crate::trackers::suite::{self, World, issue, key, text};

const HOME: &str = "/usr/share/redmine";

/// Its own test starts one Redmine for all that is tried: seeding takes long.
#[test]
fn redmine_does_what_a_tracker_has_to() {
    if !is_here("a real Redmine", &["/usr/share/redmine/config.ru", "/usr/bin/puma"]) {
        return;
    }
    let redmine = Redmine::start();
    suite::holds(&redmine);
    block_changes_are_mailed_to_nobody(&redmine);
    a_wrong_key_is_not_taken_for_a_visitor(&redmine);
    what_is_lacking_is_said(&redmine);
    a_workflow_that_forbids_is_said(&redmine);
    a_field_that_was_dropped_is_noticed(&redmine);
    projects_that_are_closed_and_archived(&redmine);
    hostile_text_stays_text(&redmine);
}

struct Redmine {
    folder: tempfile::TempDir,
    seed: Value,
    base: String,
    tracker: Box<dyn Tracker>,
    ann: Person,
    admin: Person,
    _server: Server,
}

impl Redmine {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        lay_out(folder.path());
        for task in [&["db:migrate"][..], &["redmine:load_default_data"]] {
            let mut rake = command("bin/rake", folder.path());
            rake.args(task);
            run(rake);
        }
        let script = folder.path().join("seed.rb");
        std::fs::write(&script, SEED).unwrap();
        let mut rails = command("bin/rails", folder.path());
        rails.arg("runner").arg(&script);
        let printed = run(rails);
        let seed: Value = serde_json::from_str(printed.lines().last().unwrap()).unwrap();
        let port = free_port();
        let base = format!("http://127.0.0.1:{port}");
        let person = |name: &str| Person {
            secret: ("x-redmine-api-key", seed[name].as_str().unwrap().to_owned()),
            base: base.clone(),
        };
        let (ann, admin) = (person("ann"), person("admin"));
        let mut puma = command("puma", folder.path());
        let listen = format!("tcp://127.0.0.1:{port}");
        puma.args(["-e", "production", "-t", "1:3", "-b", &listen, "config.ru"]);
        let log = folder.path().join("puma.log");
        let server = Server::start(puma, &log, || {
            ann.ask(Method::Get, "/users/current.json", None).0 == 200
        });
        let token = seed["certvigil"].as_str().unwrap();
        let tracker = open(settings(&base, "certificates", token, &[]), client()).unwrap();
        Self { folder, base, tracker, ann, admin, seed, _server: server }
    }

    fn other(&self, project: &str, token: &str, extra: &[(&str, &str)]) -> Box<dyn Tracker> {
        open(settings(&self.base, project, token, extra), client()).unwrap()
    }

    fn token(&self) -> &str {
        self.seed["certvigil"].as_str().unwrap()
    }

    fn change(&self, id: &str, change: &Value) {
        let path = format!("/issues/{id}.json");
        self.ann.does(Method::Put, &path, json!({"issue": change}));
    }

    fn sql(&self, statements: &str) {
        sql(&self.folder.path().join("redmine.db"), statements);
    }

    /// Its page as a visitor sees it.
    #[expect(clippy::disallowed_methods, reason = "tests start what they need")]
    fn page(&self, id: &str) -> String {
        let mut curl = Command::new("curl");
        curl.args(["--noproxy", "*", "-sf", &format!("{}/issues/{id}", self.base)]);
        run(curl)
    }

    fn mails(&self) -> String {
        let folder = self.folder.path().join("mails");
        let Ok(files) = std::fs::read_dir(folder) else { return String::new() };
        files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()).collect()
    }
}

fn settings(base: &str, project: &str, token: &str, extra: &[(&str, &str)]) -> Settings {
    let extra = extra.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    Settings {
        kind: "redmine".to_owned(),
        url: base.to_owned(),
        project: project.to_owned(),
        token: Secret::new(token),
        extra: extra.collect(),
    }
}

fn lay_out(folder: &Path) {
    for part in ["config", "files", "log", "tmp", "public/plugin_assets", "mails"] {
        std::fs::create_dir_all(folder.join(part)).unwrap();
    }
    let write = |name: &str, text: String| std::fs::write(folder.join(name), text).unwrap();
    let shown = folder.display();
    write(
        "config/database.yml",
        format!(
            "production:\n  adapter: sqlite3\n  timeout: 30000\n  database: {shown}/redmine.db\n"
        ),
    );
    write(
        "config/configuration.yml",
        format!(
            "production:\n  email_delivery:\n    delivery_method: :file\n    \
             file_settings:\n      location: {shown}/mails\n"
        ),
    );
    write("config/secret_key.txt", "0123456789abcdef".repeat(4));
}

#[expect(clippy::disallowed_methods, reason = "tests start what they need")]
fn command(program: &str, folder: &Path) -> Command {
    let program: PathBuf =
        if program.contains('/') { Path::new(HOME).join(program) } else { program.into() };
    let mut command = Command::new(program);
    // Instances are looked for under /usr/share/redmine/instances, a link to /var/lib/redmine.
    let instance = format!("../../../..{}", folder.display());
    command.current_dir(HOME).env("REDMINE_INSTANCE", instance).env("RAILS_ENV", "production");
    command.env("REDMINE_LANG", "en").env("SCHEMA", "/dev/null");
    command
}

/// Our account has one role with four rights, in its own project.
const SEED: &str = r##"
Setting.rest_api_enabled = '1'
Setting.text_formatting = 'textile'
statuses = [:view_issues, :add_issues, :edit_own_issues, :add_issue_notes]
role = Role.create!(name: 'certvigil', permissions: statuses, issues_visibility: 'all')
manager = Role.find_by_name('Manager')
role.copy_workflow_rules(manager)
projects = %w[certificates elsewhere closed archived bare].map do |name|
  Project.create!(name: name.capitalize, identifier: name, is_public: name != 'elsewhere',
    enabled_module_names: %w[issue_tracking], tracker_ids: Tracker.pluck(:id))
end
home = projects.reject { |project| project.identifier == 'bare' }
common = {project_ids: home.map(&:id), tracker_ids: Tracker.pluck(:id)}
key = IssueCustomField.create!(name: 'certvigil key', field_format: 'string', is_filter: true, **common)
state = IssueCustomField.create!(name: 'certvigil state', field_format: 'text', visible: false,
  role_ids: [role.id], **common)
def user(login, first, last, **more)
  user = User.new(login: login, firstname: first, lastname: last, mail: "#{login}@lab.test",
    password: 'labpassword', password_confirmation: 'labpassword', **more)
  user.save!
  user
end
ours = user('certvigil', 'Cert', 'Vigil')
ann = user('ann', 'Ann', 'Lee', mail_notification: 'all')
bob = user('bob', 'Bob', 'Ray')
projects.each do |project|
  Member.create!(project: project, user: ours, roles: [role]) unless project.identifier == 'elsewhere'
  Member.create!(project: project, user: ann, roles: [manager])
end
Project.find('closed').close
Project.find('archived').archive
admin = User.find_by_login('admin')
admin.must_change_passwd = false
admin.save!(validate: false)
puts({certvigil: ours.api_key, ann: ann.api_key, bob: bob.api_key, admin: admin.api_key, annid: ann.id,
  role: role.id, key: key.id, state: state.id}.to_json)
"##;

impl World for Redmine {
    fn tracker(&self) -> &dyn Tracker {
        &*self.tracker
    }

    fn person(&self) -> &str {
        "Ann Lee"
    }

    fn age(&self, id: &str) {
        let earlier = "datetime(created_on, '-10 minutes')";
        self.sql(&format!("UPDATE issues SET created_on = {earlier} WHERE id = {id}"));
    }

    fn file(&self, key: &IncidentKey) -> String {
        let field = json!([{"id": self.seed["key"], "value": key.as_str()}]);
        let issue =
            json!({"project_id": "certificates", "subject": "a copy", "custom_fields": field});
        let made = self.ann.does(Method::Post, "/issues.json", json!({"issue": issue}));
        made["issue"]["id"].to_string()
    }

    fn assign(&self, id: &str) {
        self.change(id, &json!({"assigned_to_id": self.seed["annid"]}));
    }

    fn begin(&self, id: &str) -> bool {
        self.change(id, &json!({"status_id": 2}));
        true
    }

    fn comment(&self, id: &str, text: &str) {
        self.change(id, &json!({"notes": text}));
    }

    fn close(&self, id: &str) {
        self.change(id, &json!({"status_id": 5}));
    }

    fn edit_block(&self, id: &str, text: &str) {
        let field = json!([{"id": self.seed["state"], "value": text}]);
        let change = json!({"issue": {"custom_fields": field}});
        self.admin.does(Method::Put, &format!("/issues/{id}.json"), change);
    }

    fn move_away(&self, id: &str) {
        let projects = self.ann.ask(Method::Get, "/projects/elsewhere.json", None).1;
        self.change(id, &json!({"project_id": projects["project"]["id"]}));
    }

    fn delete(&self, id: &str) {
        assert_eq!(self.ann.ask(Method::Delete, &format!("/issues/{id}.json"), None).0, 204);
    }
}

/// Whoever watches everything hears of the comment that comes after, and of nothing else.
fn block_changes_are_mailed_to_nobody(redmine: &Redmine) {
    let id = redmine.tracker.create(&issue(&key()), soon()).unwrap();
    redmine.tracker.remember(&id, "state-that-nobody-reads", soon()).unwrap();
    redmine.tracker.comment(&id, &text("comment-that-everybody-reads"), soon()).unwrap();
    let until = soon();
    while !redmine.mails().contains("comment-that-everybody-reads") {
        assert!(SystemClock.monotonic() < until, "no mail came: {}", redmine.mails());
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(!redmine.mails().contains("state-that-nobody-reads"), "{}", redmine.mails());
    assert!(!redmine.page(&id).contains("state-that-nobody-reads"));
}

/// The project is public: Redmine lists it to anybody, also with a key that it does not know.
fn a_wrong_key_is_not_taken_for_a_visitor(redmine: &Redmine) {
    let stranger =
        Person { secret: ("x-redmine-api-key", "0".repeat(40)), base: redmine.base.clone() };
    let (status, _) = stranger.ask(Method::Get, "/issues.json?project_id=certificates", None);
    assert_eq!(status, 200, "the trap is there");
    let tracker = redmine.other("certificates", &"0".repeat(40), &[]);
    let lacks = tracker.examine(soon()).unwrap();
    assert!(lacks[0].contains("no account with this API key"), "{lacks:?}");
    assert!(matches!(tracker.find(&key(), soon()), Err(Trouble::Refused(_))));
    assert!(matches!(tracker.create(&issue(&key()), soon()), Err(Trouble::Refused(_))));
}

fn what_is_lacking_is_said(redmine: &Redmine) {
    let lacks = |project: &str, token: &str, extra: &[(&str, &str)]| {
        redmine.other(project, token, extra).examine(soon()).unwrap().join("\n")
    };
    let (ours, admin) = (redmine.token(), redmine.admin.secret.1.as_str());
    let bob = redmine.seed["bob"].as_str().unwrap();
    for (project, token, extra, words) in [
        ("nowhere", ours, &[][..], "no project nowhere"),
        ("elsewhere", ours, &[], "our account is no member of it"),
        ("bare", ours, &[], "no custom field \"certvigil key\""),
        ("certificates", ours, &[("state_field", "memory")], "no custom field \"memory\""),
        ("certificates", ours, &[("tracker", "Pony")], "no tracker Pony here; there are: Bug, "),
        ("certificates", ours, &[("priority", "Panic")], "no priority Panic here; there are: "),
        ("certificates", admin, &[], "is an administrator"),
        ("certificates", bob, &[], "is no member of the project certificates"),
    ] {
        let said = lacks(project, token, extra);
        assert!(said.contains(words), "{project} {extra:?}: {said}");
    }
    let extra = [("tracker", "Support"), ("priority", "Urgent")];
    let tracker = redmine.other("certificates", ours, &extra);
    let id = tracker.create(&issue(&key()), soon()).unwrap();
    let made = redmine.ann.ask(Method::Get, &format!("/issues/{id}.json"), None).1;
    assert_eq!(made["issue"]["tracker"]["name"], "Support");
    assert_eq!(made["issue"]["priority"]["name"], "Urgent");

    redmine
        .sql(&format!("UPDATE custom_fields SET is_filter = 0 WHERE id = {}", redmine.seed["key"]));
    assert!(lacks("certificates", ours, &[]).contains("tick \"Used as a filter\""));
    assert_eq!(redmine.tracker.find(&key(), soon()), Ok(vec![]), "not every issue of the project");
    redmine
        .sql(&format!("UPDATE custom_fields SET is_filter = 1 WHERE id = {}", redmine.seed["key"]));
    assert_eq!(lacks("certificates", ours, &[]), "");
}

/// Redmine passes over a status that the workflow does not allow, and says 204.
fn a_workflow_that_forbids_is_said(redmine: &Redmine) {
    let id = redmine.tracker.create(&issue(&key()), soon()).unwrap();
    redmine.sql("UPDATE workflows SET role_id = -role_id WHERE type = 'WorkflowTransition'");
    let said = redmine.tracker.set_open(&id, false, soon()).unwrap_err().to_string();
    redmine.sql("UPDATE workflows SET role_id = -role_id WHERE type = 'WorkflowTransition'");
    assert!(said.contains("workflow") && said.contains("closed status"), "{said}");
    let tracker = redmine.other("certificates", redmine.token(), &[("closed_status", "Rejected")]);
    tracker.set_open(&id, false, soon()).unwrap();
    let now = redmine.ann.ask(Method::Get, &format!("/issues/{id}.json"), None).1;
    assert_eq!(now["issue"]["status"]["name"], "Rejected");
}

/// A field that the issue's tracker does not have is dropped, and the issue is made all the same.
fn a_field_that_was_dropped_is_noticed(redmine: &Redmine) {
    let support = "tracker_id = (SELECT id FROM trackers WHERE name = 'Support')";
    redmine.sql(&format!("DELETE FROM custom_fields_trackers WHERE {support}"));
    let tracker = redmine.other("certificates", redmine.token(), &[("tracker", "Support")]);
    let id = tracker.create(&issue(&key()), soon()).unwrap();
    let stored = suite::read(redmine, &id);
    assert!(stored.is_ours && stored.is_open, "{stored:?}");
    assert_eq!((stored.is_labelled, stored.key, stored.block), (false, None, None));
}

fn projects_that_are_closed_and_archived(redmine: &Redmine) {
    let closed = redmine.other("closed", redmine.token(), &[]);
    let lacks = closed.examine(soon()).unwrap().join("\n");
    assert!(lacks.contains("is closed and can only be read"), "{lacks}");
    assert!(matches!(closed.create(&issue(&key()), soon()), Err(Trouble::Refused(_))));
    let archived = redmine.other("archived", redmine.token(), &[]);
    let lacks = archived.examine(soon()).unwrap().join("\n");
    assert!(lacks.contains("is archived"), "{lacks}");

    let id = redmine.tracker.create(&issue(&key()), soon()).unwrap();
    redmine.sql("UPDATE projects SET status = 5 WHERE identifier = 'certificates'");
    let again = redmine.other("certificates", redmine.token(), &[]);
    let Found::Here(stored) = again.read(&id, soon()).unwrap() else { panic!("{id} is there") };
    assert!(stored.is_locked);
    assert!(again.comment(&id, &text("in vain"), soon()).is_err());
    redmine.sql("UPDATE projects SET status = 9 WHERE identifier = 'certificates'");
    assert_eq!(redmine.tracker.read(&id, soon()), Ok(Found::Gone));
    redmine.sql("UPDATE projects SET status = 1 WHERE identifier = 'certificates'");
}

/// As Redmine's own renderers show it, and as they look for mentions.
fn hostile_text_stays_text(redmine: &Redmine) {
    // `#1` would lead somewhere, and `@bob` would call somebody.
    let issue = |body| certvigil_outbound::Issue { body, ..issue(&key()) };
    for (setting, markup) in [("textile", "textile"), ("common_mark", "markdown")] {
        redmine.sql(&format!(
            "UPDATE settings SET value = '{setting}', updated_on = datetime('now', '+1 second') \
             WHERE name = 'text_formatting'"
        ));
        let tracker = redmine.other("certificates", redmine.token(), &[("markup", markup)]);
        let texts: Vec<String> =
            hostile::TEXTS.iter().map(|one| one.replace("ann", "bob")).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        for words in texts.chunks(4) {
            let id = tracker.create(&issue(hostile::document(words)), soon()).unwrap();
            tracker.comment(&id, &hostile::document(words), soon()).unwrap();
            let page = redmine.page(&id);
            let shown: Vec<&str> = page.split("class=\"wiki\"").skip(1).collect();
            assert!(shown.len() >= 2, "{page}");
            for part in shown {
                let part = part.split("</div>").next().unwrap();
                hostile::assert_harmless(part);
            }
        }
        nobody_is_called(redmine);
    }
}

/// Bob gets mails when he is mentioned, and at no other time: a person does it last.
fn nobody_is_called(redmine: &Redmine) {
    let call = json!({"project_id": "certificates", "subject": "a call", "description": "Hello @bob, look!"});
    redmine.ann.does(Method::Post, "/issues.json", json!({"issue": call}));
    let box_of_bob = redmine.folder.path().join("mails/bob@lab.test");
    let until = soon();
    let mails = loop {
        let mails = std::fs::read_to_string(&box_of_bob).unwrap_or_default();
        if mails.contains("look!") {
            break mails;
        }
        assert!(SystemClock.monotonic() < until, "the trap is there: a mention is mailed");
        std::thread::sleep(Duration::from_millis(20));
    };
    assert!(!mails.contains("Served: "), "{mails}");
}
