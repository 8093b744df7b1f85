//! The config: what is understood, and that every fault is told with its place.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

mod accepting;
mod alarms;
mod documents;
mod sources;

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
