//! Real trackers: six runs in six empty folders, two of them at the same time.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use certvigil_doors::SystemClock;
use certvigil_model::Clock as _;
use rustix::process::{Pid, Signal, kill_process_group};

use crate::act::drill::Drill;
use crate::act::world::{Desk, World, counts};
use crate::command::{free_port, ran, skipped};

const REDMINE: &str = "/usr/share/redmine";
const RT: &str = "/usr/share/request-tracker5/libexec/rt-server";

/// A server with its workers, ended with the test.
struct Server(Child);

/// A tracker that runs, and how its database tells what stands in it.
struct Real {
    desk: Desk,
    database: PathBuf,
    /// Gives each issue's number, whether it is open, and how many comments it has.
    issues: &'static str,
    _server: Server,
    _folder: tempfile::TempDir,
}

#[test]
fn redmine_six_runs_leave_one_issue() {
    if let Some(redmine) = redmine() {
        six_runs(&redmine);
    }
}

#[test]
fn request_tracker_six_runs_leave_one_issue() {
    if let Some(rt) = request_tracker() {
        six_runs(&rt);
    }
}

/// The drill of 2017, whole: what it was for is an issue that stands there.
#[test]
fn redmine_gets_the_issue_that_the_outage_of_2017_had_needed() {
    let Some(redmine) = redmine() else { return };
    let drill = Drill::new(redmine.desk.clone());
    let ran = drill.run(120);
    assert_eq!(ran.code, Some(1), "{}: {}", counts(&ran), ran.told());
    let ending = drill.ending(&ran);
    assert_eq!(ending["state"], "filed", "{}", ran.told());
    let id: u64 = ending["id"].as_str().unwrap().parse().unwrap();
    let issues = redmine.issues();
    assert!(issues.contains(&(id, true, 0)), "{issues:?}: {}", ran.told());
}

/// One issue, one comment a change, closed on the second good run, no double left open.
fn six_runs(real: &Real) {
    let world = World::new(real.desk.clone());
    world.certificate("old", 20);
    world.certificate("good", 90);
    let (mut one, mut two) = (world.serve("old"), world.serve("good"));
    world.config(&[one.target("one"), two.target("two")], "");

    // The first two overlap: each looks, finds nothing, and wants to file.
    let folders = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let runs = folders.each_ref().map(|folder| {
        let mut command = world.command(folder.path(), &[]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    });
    let runs = runs.map(|run| ran(run.wait_with_output().unwrap()));
    let told = || runs.each_ref().map(|run| run.told()).join("\n");
    let open = || real.issues().into_iter().filter(|(_, is_open, _)| *is_open).collect::<Vec<_>>();
    assert!(!open().is_empty(), "{}", told());

    two.give(&world, "old");
    let changed = world.act(&[]);
    assert_eq!((changed.code, &*counts(&changed)), (Some(1), "updated 1"), "{}", changed.told());
    let issues = open();
    assert_eq!(issues.len(), 1, "{issues:?}: {}", told());
    let standing = world.act(&[]);
    assert_eq!(
        (standing.code, &*counts(&standing)),
        (Some(1), "standing 1"),
        "{}",
        standing.told()
    );
    assert_eq!(open(), issues, "nothing is said twice");

    one.give(&world, "good");
    two.give(&world, "good");
    let good = world.act(&[]);
    assert_eq!(good.code, Some(0), "{}", good.told());
    assert_eq!(open(), issues, "one good run is no proof");
    let closing = world.act(&[]);
    assert_eq!((closing.code, &*counts(&closing)), (Some(0), "closed 1"), "{}", closing.told());
    assert_eq!(open(), []);
    let (first, _, comments) = issues[0];
    let last = real.issues();
    assert!(last.contains(&(first, false, comments + 1)), "{last:?}");
    assert_eq!(first, last.iter().map(|(id, ..)| *id).min().unwrap(), "the first stays: {last:?}");
}

impl Real {
    fn issues(&self) -> Vec<(u64, bool, u64)> {
        let program = "import sqlite3,sys,json\n\
             d=sqlite3.connect(sys.argv[1],timeout=30)\n\
             print(json.dumps(d.execute(sys.argv[2]).fetchall()))";
        let mut python = tool("python3", Path::new("/"));
        python.args(["-c", program]).arg(&self.database).arg(self.issues);
        let rows: Vec<(u64, u64, u64)> = serde_json::from_str(&done(python)).unwrap();
        rows.into_iter().map(|(id, open, comments)| (id, open != 0, comments)).collect()
    }
}

fn redmine() -> Option<Real> {
    if !is_here("a real Redmine", &["/usr/share/redmine/config.ru", "/usr/bin/puma"]) {
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    for part in ["config", "files", "log", "tmp", "public/plugin_assets"] {
        fs::create_dir_all(home.join(part)).unwrap();
    }
    let database = home.join("redmine.db");
    let text = format!(
        "production:\n  adapter: sqlite3\n  timeout: 30000\n  database: {}\n",
        database.display()
    );
    fs::write(home.join("config/database.yml"), text).unwrap();
    fs::write(home.join("config/secret_key.txt"), "0123456789abcdef".repeat(4)).unwrap();
    let of = |program: &str| {
        let program =
            if program.contains('/') { format!("{REDMINE}/{program}") } else { program.to_owned() };
        let mut command = tool(&program, Path::new(REDMINE));
        // Instances are looked for under /usr/share/redmine/instances, a link to /var/lib/redmine.
        command.env("REDMINE_INSTANCE", format!("../../../..{}", home.display()));
        command.env("RAILS_ENV", "production").env("REDMINE_LANG", "en").env("SCHEMA", "/dev/null");
        command
    };
    for task in [&["db:migrate"][..], &["redmine:load_default_data"]] {
        let mut rake = of("bin/rake");
        rake.args(task);
        done(rake);
    }
    let script = home.join("seed.rb");
    fs::write(&script, REDMINE_SEED).unwrap();
    let mut rails = of("bin/rails");
    rails.arg("runner").arg(&script);
    let token = done(rails).lines().last().unwrap().to_owned();
    let port = free_port();
    let mut puma = of("puma");
    let listen = format!("tcp://127.0.0.1:{port}");
    puma.args(["-e", "production", "-t", "1:3", "-b", &listen, "config.ru"]);
    let server = Server::start(puma, home, &format!("http://127.0.0.1:{port}/users/current.json"));
    let table = format!(
        "{{ kind = \"redmine\", url = \"http://127.0.0.1:{port}\", project = \"certificates\", \
         token = \"env:TRACKER_TOKEN\", http = {{ proxy = \"none\" }} }}"
    );
    let issues = "SELECT i.id, NOT s.is_closed, (SELECT count(*) FROM journals j WHERE j.journalized_id = i.id \
                  AND coalesce(j.notes, '') != '') FROM issues i JOIN issue_statuses s ON s.id = i.status_id ORDER BY 1";
    Some(Real { desk: Desk { table, token }, database, issues, _server: server, _folder: folder })
}

fn request_tracker() -> Option<Real> {
    if !is_here("a real Request Tracker", &[RT, "/usr/sbin/rt-setup-database-5"]) {
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let port = free_port();
    for part in ["conf.d", "mason", "session"] {
        fs::create_dir_all(home.join(part)).unwrap();
    }
    let shown = home.display();
    let config = format!(
        "Set($rtname, 'lab.test'); Set($Organization, 'lab.test');\n\
         Set($DatabaseType, 'SQLite'); Set($DatabaseName, '{shown}/rt5.db');\n\
         Set($WebDomain, '127.0.0.1'); Set($WebPort, {port}); Set($WebPath, '');\n\
         Set($WebBaseURL, 'http://127.0.0.1:{port}'); Set($WebSecureCookies, 0);\n\
         Set($LogToSyslog, ''); Set($LogToSTDERR, 'warning'); Set($LogToFile, '');\n\
         Set($MailCommand, 'testfile'); Set($Timezone, 'UTC'); Set($RestrictReferrer, 0);\n\
         $RT::MasonDataDir = '{shown}/mason'; $RT::MasonSessionDir = '{shown}/session';\n1;\n"
    );
    fs::write(home.join("conf.d/50-lab.pm"), config).unwrap();
    let of = |program: &str| {
        let mut command = tool(program, home);
        command.env("RT_SITE_CONFIG", "/etc/request-tracker5/RT_SiteConfig.pm");
        command.env("RT_SITE_CONFIG_DIR", home.join("conf.d"));
        command
    };
    let mut setup = of("/usr/sbin/rt-setup-database-5");
    setup.args(["--action", "init", "--skip-create"]);
    done(setup);
    let script = home.join("seed.pl");
    fs::write(&script, RT_SEED).unwrap();
    let mut perl = of("perl");
    perl.arg("-I/usr/share/request-tracker5/lib").arg(&script);
    let token = done(perl).lines().last().unwrap().to_owned();
    let mut server = of(RT);
    server.args(["--host", "127.0.0.1", "--max-workers", "2", "--port", &port.to_string()]);
    let server = Server::start(server, home, &format!("http://127.0.0.1:{port}/"));
    let table = format!(
        "{{ kind = \"rt\", url = \"http://127.0.0.1:{port}\", project = \"certificates\", account = \"certvigil\", \
         token = \"env:TRACKER_TOKEN\", http = {{ proxy = \"none\" }} }}"
    );
    let issues = "SELECT t.id, t.Status NOT IN ('resolved', 'rejected', 'deleted'), (SELECT count(*) FROM Transactions x \
                  WHERE x.ObjectType = 'RT::Ticket' AND x.ObjectId = t.id AND x.Type IN ('Comment', 'Correspond')) \
                  FROM Tickets t ORDER BY 1";
    let database = home.join("rt5.db");
    Some(Real { desk: Desk { table, token }, database, issues, _server: server, _folder: folder })
}

fn is_here(what: &str, files: &[&str]) -> bool {
    let missing = files.iter().find(|file| !Path::new(file).exists());
    if let Some(file) = missing {
        skipped(&format!("{what}, {file} absent (scripts/test installs it)"));
    }
    missing.is_none()
}

#[expect(clippy::disallowed_methods, reason = "tests start what they need")]
fn tool(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).stdin(Stdio::null());
    command
}

/// Runs a program to its end; what it printed.
fn done(mut command: Command) -> String {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{command:?}: {printed}{said}");
    printed
}

impl Server {
    /// Starts it in a process group of its own and waits until `url` is answered, whatever with.
    fn start(mut command: Command, folder: &Path, url: &str) -> Self {
        use std::os::unix::process::CommandExt as _;
        let log = fs::File::create(folder.join("server.log")).unwrap();
        command.stdout(log.try_clone().unwrap()).stderr(log).process_group(0);
        let mut server = Self(command.spawn().unwrap());
        let until = SystemClock.monotonic() + Duration::from_secs(60);
        loop {
            let mut curl = tool("curl", folder);
            curl.args(["--noproxy", "*", "-s", "-o", "/dev/null", "-m", "20", url]);
            if curl.status().unwrap().success() {
                return server;
            }
            let said = || fs::read_to_string(folder.join("server.log")).unwrap_or_default();
            assert!(server.0.try_wait().unwrap().is_none(), "it ended: {}", said());
            assert!(SystemClock.monotonic() < until, "it is not ready: {}", said());
            // Its own work needs the processor.
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let group = Pid::from_child(&self.0);
        let _ = kill_process_group(group, Signal::TERM);
        let until = SystemClock.monotonic() + Duration::from_secs(10);
        while matches!(self.0.try_wait(), Ok(None)) && SystemClock.monotonic() < until {
            std::thread::yield_now();
        }
        let _ = kill_process_group(group, Signal::KILL);
        let _ = self.0.wait();
    }
}

/// Our account has the role that `docs/trackers/redmine.md` describes.
const REDMINE_SEED: &str = r##"
Setting.rest_api_enabled = '1'
Setting.text_formatting = 'textile'
rights = [:view_issues, :add_issues, :edit_own_issues, :add_issue_notes]
role = Role.create!(name: 'certvigil', permissions: rights, issues_visibility: 'all')
role.copy_workflow_rules(Role.find_by_name('Manager'))
home = Project.create!(name: 'Certificates', identifier: 'certificates', is_public: false,
  enabled_module_names: %w[issue_tracking], tracker_ids: Tracker.pluck(:id))
common = {project_ids: [home.id], tracker_ids: Tracker.pluck(:id)}
IssueCustomField.create!(name: 'certvigil key', field_format: 'string', is_filter: true, **common)
IssueCustomField.create!(name: 'certvigil state', field_format: 'text', visible: false, role_ids: [role.id], **common)
user = User.new(login: 'certvigil', firstname: 'Cert', lastname: 'Vigil', mail: 'certvigil@lab.test',
  password: 'labpassword', password_confirmation: 'labpassword')
user.save!
Member.create!(project: home, user: user, roles: [role])
puts user.api_key
"##;

/// Our account has the rights that `docs/trackers/rt.md` names.
const RT_SEED: &str = r#"
use RT -init;
my $system = RT->SystemUser;
sub made { my ($ok, $said) = @_; die $said unless $ok; }
my $home = RT::Queue->new($system);
made($home->Create(Name => 'certificates'));
for (['certvigil key', 'Freeform'], ['certvigil state', 'Text']) {
    my $field = RT::CustomField->new($system);
    made($field->Create(Name => $_->[0], Type => $_->[1], MaxValues => 1, LookupType => 'RT::Queue-RT::Ticket'));
    $field->AddToObject($home);
}
my $user = RT::User->new($system);
made($user->Create(Privileged => 1, Name => 'certvigil', EmailAddress => 'certvigil@lab.test'));
made($user->PrincipalObj->GrantRight(Object => $home, Right => $_)) for qw(SeeQueue ShowTicket
    ShowTicketComments CreateTicket CommentOnTicket ModifyTicket SeeCustomField ModifyCustomField);
my $token = RT::AuthToken->new($system);
my ($ok, $said, $text) = $token->Create(Owner => $user->Id, Description => 'lab');
made($ok, $said);
print "$text\n";
"#;
