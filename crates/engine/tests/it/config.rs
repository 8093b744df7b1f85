//! The config: what is understood, and that every fault is told with its place.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

mod alarms;

use certvigil_engine::config::{self, Config, Refused};
use certvigil_engine::{Settings, act};
use certvigil_inventory::Listed;
use certvigil_model::{
    Accepted, Addresses, FailOn, Fingerprint, Host, Service, Severity, Target, Time,
};
use proptest::prelude::*;
use serde_json::Value;

/// 25 November 2026, 12:00 UTC.
const NOW: Time = Time::from_seconds(1_795_608_000);

fn load(text: &str) -> Result<Config, Refused> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("certvigil.toml");
    fs::write(&path, text).unwrap();
    config::load(&path, NOW)
}

/// Each fault as `line:column what`.
fn faults(text: &str) -> Vec<String> {
    let Err(Refused(faults)) = load(text) else { panic!("it was not refused:\n{text}") };
    let told = faults.iter().map(|fault| {
        let (line, column) = fault.place.at.unwrap();
        format!("{line}:{column} {}", fault.what)
    });
    told.collect()
}

fn hints(text: &str) -> Vec<String> {
    let Err(Refused(faults)) = load(text) else { panic!("it was not refused:\n{text}") };
    faults.into_iter().map(|fault| fault.hint.unwrap_or_default()).collect()
}

fn targets(config: &Config) -> Vec<Target> {
    let repeats = config.inventory.repeats();
    config.inventory.listed(&repeats).map(|Listed { target, .. }| target.unwrap()).collect()
}

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// What the config `certvigil.toml` in a folder with these files lists: each target or its fault,
/// with its file, line, owner and tags.
fn listed(files: &[(&str, &str)]) -> Vec<String> {
    let folder = folder(files);
    let config = config::load(&folder.path().join("certvigil.toml"), NOW).unwrap();
    let repeats = config.inventory.repeats();
    let told = config.inventory.listed(&repeats).map(|listed| {
        let origin = listed.origin.unwrap();
        let file =
            Path::new(&origin.file).strip_prefix(folder.path()).unwrap().display().to_string();
        let what = match &listed.target {
            Ok(target) => format!(
                "{}://{}:{} {:?} {:?}",
                target.service,
                target.host,
                target.port,
                target.owner.as_deref().unwrap_or("-"),
                target.tags
            ),
            Err(fault) => format!("{}: {fault}", listed.text.raw())
                .replace(folder.path().to_str().unwrap(), "DIR"),
        };
        format!("{file}:{} {what}", origin.line)
    });
    told.collect()
}

fn examples() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    assert!(!files.is_empty());
    files
}

#[test]
fn an_estate_is_understood() {
    let config = config::load(&examples()[0], NOW).unwrap();
    assert_eq!(config.summary(), "5 targets, 2 owners, 0 acceptances");
    assert_eq!(config.check.deadline, Some(Duration::from_secs(5)));
    assert_eq!(config.check.fail_on, Some(FailOn::Critical));
    let targets = targets(&config);
    let [www, shop, db1, _, intranet] = &targets[..] else { panic!("{targets:?}") };
    assert_eq!((www.service, www.port, www.owner.as_deref()), (Service::Https, 443, Some("web")));
    assert_eq!((shop.service, shop.port), (Service::Tls, 8443));
    assert_eq!(
        (db1.service, db1.port, db1.owner.as_deref()),
        (Service::Tls, 5433, Some("databases"))
    );
    assert_eq!(db1.options.addresses, Addresses::All);
    assert_eq!(db1.options.resolvers, ["192.0.2.53:53".parse().unwrap()]);
    assert_eq!(db1.options.deadline, Some(Duration::from_secs(20)));
    assert_eq!(db1.tags, ["internal"]);
    assert_eq!(intranet.host, Host::Ip("192.0.2.10".parse().unwrap()));
    assert_eq!(intranet.options.server_name.as_deref(), Some("intranet.example.net"));
    assert_eq!(intranet.options.second_certificate, Some(false));
    assert_eq!(intranet.owner.as_deref(), Some("databases"), "by its tag");
    let line = |target: &Target| target.origin.as_ref().unwrap().line;
    let lines: Vec<_> = targets.iter().map(line).collect();
    assert_eq!(lines, [29, 29, 33, 33, 43]);
}

/// As the design has it, letter for letter.
#[test]
fn the_smallest_config_is_understood() {
    let config = config::load(&examples()[1], NOW).unwrap();
    assert_eq!(config.summary(), "3 targets, 1 owner, 0 acceptances");
    assert_eq!(
        config.owners[0].tracker.as_ref().unwrap().token.as_ref().unwrap().to_string(),
        "env:TRACKER_TOKEN"
    );
    assert!(config.notes[0].contains("not acted on"), "{:?}", config.notes);
    let targets = targets(&config);
    let places: Vec<_> = targets.iter().map(|target| (target.service, target.port)).collect();
    assert_eq!(places, [(Service::Https, 443), (Service::Https, 443), (Service::Smtp, 25)]);
    assert_eq!(targets[1].options.wildcard.as_deref(), Some("*.apps.example.org"));
    assert!(targets.iter().all(|target| target.owner.as_deref() == Some("ops")));
}

#[test]
fn what_is_nearer_to_a_target_is_judged_later() {
    let text = r#"
        [check]
        warning_left = "21d"
        critical_left = "5d"
        adjust = [{ finding = "weak-key", severity = "info", reason = "everywhere" }]
        [[tag]]
        name = "slow"
        warning_left = "60d"
        critical_left = "30d"
        adjust = [{ finding = "weak-key", severity = "off", reason = "by tag" }]
        [[target]]
        names = ["a.example.org"]
        [[target]]
        names = ["b.example.org"]
        tags = ["slow"]
        adjust = [{ finding = "weak-key", severity = "critical", reason = "by target" }]
    "#;
    let config = load(text).unwrap();
    let targets = targets(&config);
    let policies = targets.iter().map(|target| target.options.policy.as_ref().unwrap());
    let told: Vec<_> = policies
        .map(|policy| {
            let last = policy.adjustments.last().unwrap();
            (policy.thresholds.unwrap().warning_seconds / 86_400, last.severity, &last.reason[..])
        })
        .collect();
    assert_eq!(
        told,
        [(21, Some(Severity::Info), "everywhere"), (60, Some(Severity::Critical), "by target")]
    );
}

#[test]
fn a_target_without_wishes_has_no_policy_of_its_own() {
    let config = load("[[target]]\nnames = [\"a.example.org\"]").unwrap();
    assert!(targets(&config)[0].options.policy.is_none());
}

/// An address that came twice would be one endpoint with two verdicts.
#[test]
fn addresses_are_some_and_each_of_them_once() {
    let with = |list: &str| format!("[[target]]\nnames = [\"a.example\"]\naddresses = {list}\n");
    assert_eq!(faults(&with("[]")), ["3:13 [[target]] `addresses` holds no address"]);
    let config = load(&with("[\"192.0.2.1\", \"192.0.2.2\", \"192.0.2.1\"]")).unwrap();
    let these = ["192.0.2.1", "192.0.2.2"].map(|ip| ip.parse().unwrap());
    assert_eq!(targets(&config)[0].options.addresses, Addresses::These(these.to_vec()));
}

#[test]
fn all_faults_are_told_at_once_and_where() {
    let text = "\
[check]
deadlin = \"10s\"
concurrency = \"many\"
[[owner]]
nmae = \"ops\"
[[target]]
names = [\"www.example.org\", \"http://plain.example.org\", 7]
owner = \"opps\"
families = [4, 5]
warning_left = \"7d\"
critical_left = \"30d\"
";
    assert_eq!(
        faults(text),
        [
            "2:1 [check] has no key `deadlin`",
            "3:15 [check] `concurrency` cannot be a text",
            "4:1 [[owner]] has no `name`",
            "5:1 [[owner]] has no key `nmae`",
            "7:29 [[target]] `names` cannot be \"http://plain.example.org\"",
            "7:57 [[target]] `names` cannot be a whole number",
            "8:9 no [[owner]] is called \"opps\"",
            "9:16 [[target]] `families` cannot be 5",
            "11:17 [[target]] `critical_left` is not shorter than `warning_left`",
        ]
    );
    assert_eq!(hints(text)[0], "did you mean `deadline`?");
    assert_eq!(hints(text)[4], "http has no certificate: write https://plain.example.org");
}

#[test]
fn syntax_faults_are_told_together() {
    let told = faults("a = \n[check\nb = 1 2\n");
    assert!(told.len() > 2, "{told:#?}");
    assert!(told.iter().any(|fault| fault.starts_with("1:")));
    assert!(told.iter().any(|fault| fault.starts_with("3:")));
}

#[test]
fn a_target_stands_there_once() {
    let text = "[[target]]\nnames = [\"a.example.org\", \"A.example.org:443\"]\n[[target]]\nnames = [\"https://a.example.org\"]";
    assert_eq!(faults(text), ["4:10 \"https://a.example.org\" is a target already"]);
    assert!(hints(text)[0].ends_with("certvigil.toml:2:10"), "{:?}", hints(text));
    let two_views = "[[target]]\nnames = [\"a.example.org\"]\n[[target]]\nnames = [\"a.example.org\"]\nresolvers = [\"192.0.2.53\"]";
    assert_eq!(targets(&load(two_views).unwrap()).len(), 2);
}

#[test]
fn teams_have_files_of_their_own() {
    let told = listed(&[
        (
            "certvigil.toml",
            "include = [\"teams/*.toml\"]\ndefault_owner = \"all\"\n[[owner]]\nname = \"all\"\n[[target]]\nnames = [\"a.example\"]\n",
        ),
        (
            "teams/b.toml",
            "include = [\"more/c.toml\", \"b2.toml\"]\ndefault_owner = \"b\"\n[[owner]]\nname = \"b\"\n[[target]]\nnames = [\"b.example\"]\n",
        ),
        ("teams/b2.toml", "[[target]]\nnames = [\"b2.example\"]\n"),
        ("teams/more/c.toml", "[[target]]\nhosts = [\"*.txt\"]\n"),
        ("teams/more/list.txt", "# these\nc.example\n"),
        ("teams/d.toml", "[[target]]\nnames = [\"d.example\"]\n"),
    ]);
    assert_eq!(
        told,
        [
            "certvigil.toml:6 https://a.example:443 \"all\" []",
            "teams/b.toml:6 https://b.example:443 \"b\" []",
            // Also named by the first file, where it would be b2's own; it is read once.
            "teams/b2.toml:2 https://b2.example:443 \"b\" []",
            "teams/d.toml:2 https://d.example:443 \"all\" []",
            "teams/more/list.txt:2 https://c.example:443 \"b\" []",
        ]
    );
}

#[test]
fn what_is_wrong_in_an_included_file_is_told_there() {
    let folder = folder(&[
        (
            "certvigil.toml",
            "include = [\"b.toml\", \"no.toml\"]\n[[target]]\nnames = [\"a.example\"]\n",
        ),
        (
            "b.toml",
            "include = [\"certvigil.toml\"]\n[check]\n[[target]]\nnames = [\"a.example\"]\n",
        ),
    ]);
    let Err(Refused(faults)) = config::load(&folder.path().join("certvigil.toml"), NOW) else {
        panic!("not refused")
    };
    let path = format!("{}/", folder.path().display());
    let told: Vec<_> = faults.iter().map(|fault| fault.to_string().replace(&path, "")).collect();
    assert_eq!(
        told,
        [
            "b.toml:1:12: certvigil.toml includes itself",
            "b.toml:2:1: [check] stands in a file that is included",
            "b.toml:4:10: \"a.example\" is a target already",
            "certvigil.toml:1:22: no file is called no.toml",
        ]
    );
}

#[test]
fn a_pattern_that_includes_nothing_is_told() {
    let config = load("include = [\"teams/*.toml\"]\n").unwrap();
    let [note] = &config.notes[..] else { panic!("{:?}", config.notes) };
    assert!(note.ends_with(":1:12: no file is called teams/*.toml, nothing is included"), "{note}");
}

#[test]
fn lists_and_discovery_files_are_part_of_the_inventory() {
    let told = listed(&[
        (
            "certvigil.toml",
            "[[target]]\nnames = [\"a.example\"]\nhosts = [\"lists/*.txt\"]\ntags = [\"t\"]\n[[target]]\nfile_sd = [\"sd/*\"]\nservice = \"imaps\"\n",
        ),
        ("lists/1.txt", "b.example\nnot a target\na.example:443 # direct tls\n"),
        ("lists/2.txt", "https://a.example\nb.example\n"),
        ("sd/x.yml", "- targets: [c.example]\n  labels: {env: prod}\n"),
        ("sd/y.json", "[{\"targets\": [\"d.example:10993\"]}]"),
    ]);
    assert_eq!(
        told,
        [
            "certvigil.toml:2 https://a.example:443 \"-\" [\"t\"]",
            "lists/1.txt:1 https://b.example:443 \"-\" [\"t\"]",
            "lists/1.txt:2 not a target: the line holds a blank: write one target a line, as `host:port`",
            "lists/1.txt:3 tls://a.example:443 \"-\" [\"t\"]",
            "sd/x.yml:1 imaps://c.example:993 \"-\" [\"env=prod\"]",
            "sd/y.json:1 imaps://d.example:10993 \"-\" []",
        ]
    );
}

/// Promise 2: what a list should have held is not watched, and so it is not OK.
#[test]
fn a_list_that_cannot_be_had_is_a_line_without_a_target() {
    let told = listed(&[
        (
            "certvigil.toml",
            "[[target]]\nhosts = [\"no/*.txt\"]\nfile_sd = [\"sd.yml\"]\n[[target]]\nnames = [\"a.example\"]\n",
        ),
        ("sd.yml", "- targets:\n  - a\n  hosts: []\n"),
    ]);
    assert_eq!(
        told,
        [
            "certvigil.toml:5 https://a.example:443 \"-\" []",
            "certvigil.toml:2 no/*.txt: no file has such a name: what it should hold is not watched",
            "sd.yml:3 DIR/sd.yml: this is no file for service discovery, and what it lists is not watched: `targets` or `labels` should stand here, not `hosts`",
        ]
    );
}

/// Runs a test once more as a root who may not open what its mode forbids.
#[expect(clippy::disallowed_methods, reason = "a test starts itself with fewer rights")]
fn without_rights_over_files(test: &str) {
    assert!(std::env::var_os(FEWER_RIGHTS).is_none(), "{test} runs with all rights");
    let mut again = std::process::Command::new("setpriv");
    again.args(["--bounding-set=-dac_override,-dac_read_search", "--"]);
    again.arg(std::env::current_exe().unwrap()).args(["--exact", test]).env(FEWER_RIGHTS, "1");
    let output = again.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{output:?}");
}

const FEWER_RIGHTS: &str = "CERTVIGIL_TEST_FEWER_RIGHTS";

/// What it holds would be watched no more, without a word.
#[test]
fn a_folder_that_cannot_be_listed_is_told() {
    for pattern in ["*/*.txt", "*/b.txt", "*/deeper/*.txt", "**/b.txt"] {
        let text = format!("[[target]]\nhosts = [\"open/a.txt\", \"{pattern}\"]\n");
        let files = [
            ("certvigil.toml", &text[..]),
            ("open/a.txt", "a.example"),
            ("shut/b.txt", "b.example"),
        ];
        let folder = folder(&files);
        let shut = folder.path().join("shut");
        fs::set_permissions(&shut, fs::Permissions::from_mode(0o000)).unwrap();
        if fs::read_dir(&shut).is_ok() {
            return without_rights_over_files("config::a_folder_that_cannot_be_listed_is_told");
        }
        let config = config::load(&folder.path().join("certvigil.toml"), NOW).unwrap();
        let repeats = config.inventory.repeats();
        let listed: Vec<_> = config.inventory.listed(&repeats).collect();
        fs::set_permissions(&shut, fs::Permissions::from_mode(0o700)).unwrap();
        let [a, b] = &listed[..] else { panic!("{pattern}: {listed:?}") };
        assert!(a.target.is_ok(), "{pattern}: {a:?}");
        let fault = b.target.as_ref().unwrap_err().to_string();
        assert!(b.text.raw().ends_with("shut"), "{pattern}: {b:?}");
        assert!(fault.contains("ermission denied"), "{pattern}: {fault}");
    }
}

#[test]
fn a_label_gives_a_line_what_its_tag_has() {
    let folder = folder(&[
        (
            "certvigil.toml",
            "[[tag]]\nname = \"env=test\"\nwarning_left = \"3d\"\ncritical_left = \"1d\"\n[[target]]\nfile_sd = [\"sd.yml\"]\n",
        ),
        ("sd.yml", "- targets: [a.example]\n  labels: {env: test}\n- targets: [b.example]\n"),
    ]);
    let config = config::load(&folder.path().join("certvigil.toml"), NOW).unwrap();
    let warning = |target: &Target| {
        let policy = target.options.policy.as_ref();
        policy.and_then(|policy| policy.thresholds).map(|it| it.warning_seconds)
    };
    assert_eq!(targets(&config).iter().map(warning).collect::<Vec<_>>(), [Some(3 * 86_400), None]);
}

#[test]
fn an_acceptance_ends_within_ninety_days() {
    let with = |until: &str| {
        format!(
            "[[accept]]\nfinding = \"weak-key\"\ntag = \"old\"\nreason = \"r\"\nowner = \"o\"\nuntil = {until}\n"
        )
    };
    let config = load(&with("2027-02-23")).unwrap();
    assert_eq!(config.acceptances[0].of, Accepted::Tag("old".into()));
    assert_eq!(config.acceptances[0].answer.until.to_string(), "2027-02-23T00:00:00Z");
    assert_eq!(config.acceptances[0].origin.as_ref().unwrap().line, 2);
    assert_eq!(
        load(&with("\"2026-12-24T18:00:00Z\"")).unwrap().acceptances[0].answer.until.to_string(),
        "2026-12-24T18:00:00Z"
    );
    assert_eq!(faults(&with("2027-02-24")), ["6:9 [[accept]] `until` is more than 90 days ahead"]);
    assert_eq!(hints(&with("2027-02-24")), ["the latest date allowed is 2027-02-23"]);
    assert_eq!(faults(&with("12:00:00")), ["6:9 [[accept]] `until` cannot be 12:00:00"]);
    let ended = load(&with("2026-11-25")).unwrap();
    assert_eq!(ended.notes, ["1 acceptance ended: what was accepted is red again"]);
}

#[test]
fn what_does_nothing_is_told_with_its_place() {
    let notes = |text: &str| -> Vec<String> {
        let notes = load(text).unwrap().notes.into_iter();
        notes.map(|note| note.split_once("certvigil.toml:").unwrap().1.to_owned()).collect()
    };
    let owned = |name: &str| {
        format!(
            "default_owner = \"ops\"\n[[owner]]\nname = \"ops\"\n[[accept]]\nfinding = \"weak-key\"\ntag = \"old\"\nreason = \"r\"\nowner = \"{name}\"\nuntil = 2026-12-24\n[[target]]\nnames = [\"a.example.org\"]\n"
        )
    };
    let unheard = "2:1: nobody can confirm: owner ops has no tracker and no page, so nothing is told but in reports";
    assert_eq!(
        notes(&owned("oops")),
        ["8:9: \"oops\" answers here, and no [[owner]] is called so", unheard]
    );
    assert_eq!(notes(&owned("ops")), [unheard]);
    let labelled = |name: &str| format!("[[target]]\nlabel = \"www\"\nnames = [\"{name}\"]\n");
    assert_eq!(
        notes(&labelled("a.example.org")),
        ["2:9: `label` does nothing: no name here is like *.example.org"]
    );
    assert_eq!(notes(&labelled("*.example.org")), [""; 0]);
}

#[test]
fn an_acceptance_may_be_for_one_certificate() {
    let with = |certificate: &str| {
        format!(
            "[[accept]]\nfinding = \"weak-key\"\ntag = \"old\"\ncertificate = \"{certificate}\"\nreason = \"r\"\nowner = \"o\"\nuntil = 2026-12-24\n"
        )
    };
    let pin = Fingerprint::of(b"a certificate");
    let config = load(&with(&pin.to_string())).unwrap();
    assert_eq!(config.acceptances[0].certificate, Some(pin));
    assert_eq!(faults(&with("beef")), ["4:15 [[accept]] `certificate` cannot be \"beef\""]);
}

#[test]
fn the_unknown_cannot_be_accepted_and_nothing_twice() {
    let with = |what: &str| {
        format!("[[accept]]\n{what}\nreason = \"r\"\nowner = \"o\"\nuntil = 2026-12-24\n")
    };
    let unknown = faults(&with("finding = \"timeout\"\ntarget = \"a.example.org\""));
    assert_eq!(
        unknown,
        [
            "2:11 [[accept]] `finding` cannot be \"timeout\": it says that nothing was seen, and what is unknown is not OK"
        ]
    );
    let misspelt = with("finding = \"expire-soon\"\nround = true");
    assert_eq!(faults(&misspelt), ["2:11 [[accept]] `finding` cannot be \"expire-soon\""]);
    assert_eq!(hints(&misspelt), ["there is no finding of this id; did you mean expires-soon?"]);
    for of in ["", "tag = \"a\"\nround = true", "round = false"] {
        let told = faults(&with(&format!("finding = \"weak-key\"\n{of}")));
        assert_eq!(told, ["1:1 [[accept]] must say once what it is for"], "{of}");
    }
}

#[test]
fn a_secret_is_named_and_never_written_or_shown() {
    let text = "[[owner]]\nname = \"ops\"\ntracker = { kind = \"jira\", url = \"https://t.example\", project = \"p\", token = \"hunter2\" }\n";
    let Err(Refused(faults)) = load(text) else { panic!("not refused") };
    assert_eq!(faults[0].place.at.unwrap().0, 3);
    assert!(!format!("{faults:?}").contains("hunter2"), "{faults:?}");
}

#[test]
fn paths_are_relative_to_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("certvigil.toml");
    fs::write(&path, "[check]\ntrust = [\"in=a.pem,/b.pem\"]\nclient_certificate = \"c.pem\"\nclient_key = \"c.key\"\n").unwrap();
    let config = config::load(&path, NOW).unwrap();
    let trust = format!("{:?}", config.check.trust);
    assert!(trust.contains(&format!("{:?}, \"/b.pem\"", folder.path().join("a.pem"))), "{trust}");
    assert_eq!(config.check.client.unwrap().0, folder.path().join("c.pem"));
}

#[test]
fn the_example_can_be_used_and_has_every_key() {
    load(&config::example()).unwrap();
    // What is commented out is written as it would stand there: none of it is refused for its form.
    let told = match load(&uncommented()) {
        Ok(_) => Vec::new(),
        Err(Refused(faults)) => faults,
    };
    let told: Vec<_> = told.iter().map(|fault| &fault.what[..]).collect();
    assert_eq!(
        told,
        [
            "[[accept]] must say once what it is for",
            "[[window]] must say once when it begins",
            "[store] must say once where it is",
        ]
    );
}

/// Whoever keeps the example as it is printed gets what comes without it.
#[test]
fn the_example_changes_nothing() {
    let config = load(&config::example()).unwrap();
    let bare = load("[[target]]\nnames = [\"www.example.org\"]\n").unwrap();
    let options = |config| format!("{:?}", targets(config)[0].options);
    assert_eq!(options(&config), options(&bare));
    let config::CheckConfig {
        deadline,
        connect_timeout,
        concurrency,
        rate_per_address,
        trust,
        fail_on,
        first_address,
        first_certificate,
        client,
        ehlo_name,
        look_again_after,
        act_within,
    } = config.check.clone();
    let usual = Settings::resting_on(Vec::new());
    assert_eq!(deadline, usual.deadline, "mail servers have more time than others");
    assert_eq!(connect_timeout, Some(usual.connect_timeout));
    assert_eq!(concurrency, Some(usual.concurrency));
    assert_eq!(rate_per_address, Some(usual.rate_per_address));
    assert_eq!(fail_on, Some(FailOn::default()));
    assert!(trust.is_empty() && client.is_none() && ehlo_name.is_none());
    assert_eq!(look_again_after, Some(act::LOOK_AGAIN_AFTER));
    assert_eq!(act_within, Some(act::ACT_WITHIN));
    assert_eq!((first_address, first_certificate), (usual.first_address, usual.first_certificate));
}

/// The example with all that is commented out in it.
fn uncommented() -> String {
    let example = config::example();
    let bare = example.lines().map(|line| match line.strip_prefix('#') {
        Some(key) if !key.starts_with(' ') => key,
        _ => line,
    });
    bare.collect::<Vec<_>>().join("\n")
}

/// Every example file, what `config example` prints, and that with all its tables.
fn example_texts() -> Vec<String> {
    let one_subject = [
        "tag = \"internal\"",
        "round = true",
        "date = 2026-12-24",
        "url = \"env:CERTVIGIL_STORE\"",
    ];
    let whole = uncommented();
    let whole: Vec<_> = whole.lines().filter(|line| !one_subject.contains(line)).collect();
    let mut texts = vec![config::example(), whole.join("\n")];
    texts.extend(examples().iter().map(|file| fs::read_to_string(file).unwrap()));
    texts.iter().for_each(|text| drop(load(text).unwrap()));
    texts
}

/// The page's end is drawn from the table of keys; a key that is added is copied from the message.
#[test]
fn the_documentation_has_every_key() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/config.md");
    let page = fs::read_to_string(page).unwrap();
    let manual = config::manual();
    let drawn = page.find("\n## The top of a file").map(|at| &page[at..]).unwrap_or_default();
    if drawn != manual {
        let new = Path::new(env!("CARGO_TARGET_TMPDIR")).join("config.md");
        fs::write(&new, &manual).unwrap();
        panic!(
            "docs/config.md is not what the keys say; its end as it should be is in {}",
            new.display()
        );
    }
}

/// Config keys are a contract: none goes, and none means something else, without a word.
#[test]
fn the_schema_is_the_one_in_the_contracts() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../contracts/config-1.schema.json");
    let schema = format!("{:#}\n", without_registries(config::schema()));
    if fs::read_to_string(path).unwrap_or_default() != schema {
        let new = Path::new(env!("CARGO_TARGET_TMPDIR")).join("config-1.schema.json");
        fs::write(&new, &schema).unwrap();
        panic!(
            "contracts/config-1.schema.json is not what is read; the new one is in {}",
            new.display()
        );
    }
}

/// Ids of findings and services have contracts of their own, and grow.
fn without_registries(schema: Value) -> Value {
    match schema {
        Value::Object(map) => map
            .into_iter()
            .filter(|(key, value)| {
                key != "enum" || value.as_array().is_some_and(|it| it.len() < 12)
            })
            .map(|(key, value)| (key, without_registries(value)))
            .collect(),
        Value::Array(items) => items.into_iter().map(without_registries).collect(),
        value => value,
    }
}

/// The schema knows every key too, and is judged by somebody else's validator.
#[test]
fn the_schema_takes_the_examples_and_refuses_a_spurious_key() {
    let schema = config::schema();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let json = |text: &str| serde_json::to_value(text.parse::<toml::Table>().unwrap()).unwrap();
    for text in example_texts() {
        let whole = plain(json(&text));
        let errors: Vec<_> = validator.iter_errors(&whole).map(|error| error.to_string()).collect();
        assert_eq!(errors, [""; 0]);
        for (line, spurious) in with_spurious_keys(&text) {
            assert!(!validator.is_valid(&plain(json(&spurious))), "line {line}:\n{spurious}");
        }
    }
}

#[test]
fn a_spurious_key_is_refused_in_every_table_of_every_example() {
    for text in example_texts() {
        for (line, spurious) in with_spurious_keys(&text) {
            let told = faults(&spurious);
            let [fault] = &told[..] else { panic!("{told:#?}") };
            assert!(fault.starts_with(&format!("{line}:")), "{fault}");
            assert!(fault.contains("`spurious`"), "{fault}");
        }
    }
}

/// `text` once for each table in it, with a key there that no table has, and that key's line.
fn with_spurious_keys(text: &str) -> Vec<(usize, String)> {
    let mut all = vec![(1, format!("spurious = 1\n{text}"))];
    let mut start = 0;
    for (at, line) in text.lines().enumerate() {
        let bare = line.split(" # ").next().unwrap();
        let opened: Vec<_> = match bare.as_bytes() {
            [b'#', ..] => Vec::new(),
            [b'[', ..] => vec![(line.len(), "\nspurious = 1", at + 2)],
            _ => bare
                .match_indices('{')
                .map(|(open, _)| (open + 1, "spurious = 1,", at + 1))
                .collect(),
        };
        for (column, key, told_at) in opened {
            let mut changed = text.to_owned();
            changed.insert_str(start + column, key);
            all.push((told_at, changed));
        }
        start += line.len() + 1;
    }
    let whole = toml::Value::Table(text.parse().unwrap());
    assert_eq!(all.len(), tables_in(&whole), "a table was left out of\n{text}");
    all
}

fn tables_in(value: &toml::Value) -> usize {
    match value {
        toml::Value::Table(table) => 1 + table.values().map(tables_in).sum::<usize>(),
        toml::Value::Array(items) => items.iter().map(tables_in).sum(),
        _ => 0,
    }
}

/// A TOML date is a string in JSON.
fn plain(value: Value) -> Value {
    match value {
        Value::Object(map) if map.contains_key("$__toml_private_datetime") => {
            map["$__toml_private_datetime"].clone()
        }
        Value::Object(map) => map.into_iter().map(|(key, value)| (key, plain(value))).collect(),
        Value::Array(items) => items.into_iter().map(plain).collect(),
        value => value,
    }
}

#[test]
fn a_config_that_is_not_there_is_a_fault_without_a_line() {
    let Err(Refused(faults)) = config::load(Path::new("/no/such/certvigil.toml"), NOW) else {
        panic!("it was there")
    };
    assert_eq!(faults[0].place.to_string(), "/no/such/certvigil.toml");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("certvigil.toml");
        fs::write(&path, bytes).unwrap();
        let _ = config::load(&path, NOW);
    }

    /// Text that is nearly a config comes deeper.
    #[test]
    fn no_mutant_of_the_example_makes_it_panic(
        at in any::<prop::sample::Index>(),
        length in 0..40usize,
        insert in "[\\[\\]{}=\",.#\\na-z0-9é-]{0,12}",
    ) {
        let mut text = config::example().replace("\n#", "\n");
        let start = text.floor_char_boundary(at.index(text.len()));
        let end = text.floor_char_boundary((start + length).min(text.len()));
        text.replace_range(start..end, &insert);
        let _ = load(&text);
    }
}
