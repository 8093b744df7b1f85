//! What the config says of memory, issues and alarms.

use certvigil_alarm::windows::Days;
use certvigil_alarm::{Renewer, Sentinel};
use certvigil_engine::config::{Http, Located, ProxyChoice, StorePlace, TrackerKind};

use super::*;

fn estate() -> Config {
    config::load(&examples()[0], NOW).unwrap()
}

#[test]
fn an_estate_says_what_is_remembered_and_how_much_is_filed() {
    let config = estate();
    let folder = examples()[0].parent().unwrap().to_owned();
    assert_eq!(config.site.name, "example");
    let key = format!("file:{}", folder.join("site.key").display());
    assert_eq!(config.site.key.as_ref().unwrap().to_string(), key);
    let store = config.store.as_ref().unwrap();
    assert_eq!(store.at, StorePlace::File(folder.join("certvigil.db")));
    let day = Duration::from_secs(86_400);
    assert_eq!((store.keep_rounds, store.keep_sightings), (day * 30, day * 730));
    assert_eq!(config.limits.new_issues_per_round, 10);
    assert_eq!(config.limits.new_issues_per_hour, 60);
    assert_eq!(config.serve.interval, Some(Duration::from_secs(1800)));
    assert_eq!(config.serve.listen, "127.0.0.1:9219".parse().ok());
    let sentinels: Vec<_> = config.sentinels.iter().map(ToString::to_string).collect();
    assert_eq!(sentinels, ["resolver 192.0.2.53", "host router.example.net"]);
}

/// What a tracker says by itself wins over `[http]`, key by key.
#[test]
fn one_table_says_how_all_are_reached_and_each_may_say_otherwise() {
    let config = estate();
    let folder = examples()[0].parent().unwrap().to_owned();
    let http = |owner: usize| config.owners[owner].tracker.as_ref().unwrap().http.clone();
    let base = Http {
        proxy: Some(ProxyChoice::At(Located::Url("http://proxy.example.net:3128".to_owned()))),
        no_proxy: Some(vec!["example.net".to_owned(), "192.0.2.0/24".to_owned()]),
        ca_file: None,
        source_address: None,
        timeout: Some(Duration::from_secs(10)),
    };
    assert_eq!(config.http, base);
    assert_eq!(http(1), base);
    let own =
        Http { proxy: Some(ProxyChoice::None), ca_file: Some(folder.join("internal.pem")), ..base };
    assert_eq!(http(0), own);
}

#[test]
fn an_estate_gives_alarms_their_rules() {
    let rules = estate().rules(Some("secret".to_owned()));
    assert_eq!((&rules.site[..], &rules.default_owner[..]), ("example", "web"));
    assert_eq!(rules.site_key.as_deref(), Some("secret"));
    let tracker = |owner: &str| rules.owners[owner].tracker.as_ref().unwrap().to_string();
    assert_eq!(tracker("web"), "rt https://rt.example.net web");
    assert_eq!(tracker("databases"), "github https://github.com example/databases");
    assert_eq!(rules.owners["databases"].env, "staging");
    let [rule] = &rules.certificates[..] else { panic!("{rules:?}") };
    assert_eq!((rule.renewer, rule.owner.as_deref()), (Renewer::Certbot, Some("databases")));
    assert_eq!(rule.origin.as_ref().unwrap().line, 49);
    let [window] = &rules.windows[..] else { panic!("{rules:?}") };
    // 28 November 2026 is a Saturday, and Berlin an hour ahead.
    let at = |text: &str| window.ends(Time::from_text(text).unwrap());
    assert_eq!(at("2026-11-28T21:00:00Z"), Time::from_text("2026-11-29T01:00:00Z"));
    assert_eq!(at("2026-11-28T20:59:59Z"), None);
    assert_eq!(rules.config.len(), 64);
}

#[test]
fn a_changed_config_has_another_hash() {
    let hash = |text| load(text).unwrap().rules(None).config;
    let one = "[[target]]\nnames = [\"a.example.org\"]\n";
    assert_eq!(hash(one), hash(one));
    assert_ne!(hash(one), hash("[[target]]\nnames = [\"b.example.org\"]\n"));
}

fn tracker(keys: &str) -> String {
    format!("default_owner = \"o\"\n[[owner]]\nname = \"o\"\ntracker = {{ {keys} }}\n")
}

#[test]
fn each_kind_of_tracker_is_told_what_it_lacks() {
    let rest = "url = \"https://t.example\", project = \"p\", token = \"env:T\"";
    for (keys, lacking) in [
        ("kind = \"redmine\"", "url project token"),
        ("kind = \"rt\", url = \"https://t.example\"", "project token"),
        ("kind = \"github\"", "project token"),
        ("kind = \"gitlab\"", "url project token"),
        ("kind = \"gitea\"", "url project token"),
        ("kind = \"jira\"", "url project token"),
        ("kind = \"local\"", "folder"),
        (&format!("kind = \"http\", {rest}"), "template"),
    ] {
        let kind = keys.split('"').nth(1).unwrap();
        let expected: Vec<_> = lacking
            .split(' ')
            .map(|key| format!("4:11 tracker of kind {kind} has no `{key}`"))
            .collect();
        let mut told = faults(&tracker(keys));
        told.sort_by_key(|fault| expected.iter().position(|it| it == fault));
        assert_eq!(told, expected);
    }
    let config = load(&tracker("kind = \"local\", folder = \"issues\"")).unwrap();
    assert_eq!(config.owners[0].tracker.as_ref().unwrap().kind, TrackerKind::Local);
    let name = config.owners[0].tracker.as_ref().unwrap().name().to_string();
    assert!(name.starts_with("local /") && name.ends_with("/issues"), "{name}");
}

#[test]
fn what_a_tracker_would_not_heed_is_refused() {
    let text = tracker(
        "kind = \"gitea\", url = \"https://t.example\", project = \"a/b\", token = \"env:T\", markup = \"textile\"",
    );
    let told = faults(&text);
    let [fault] = &told[..] else { panic!("{told:?}") };
    assert!(fault.ends_with("tracker of kind gitea does not heed `markup`"), "{fault}");
}

/// What its kind takes goes on as its file has it: lists in one line, flags as words.
#[test]
fn a_tracker_hands_on_what_its_kind_takes() {
    let extra = |keys: &str| {
        let config = load(&tracker(&format!(
            "{keys}, url = \"https://T.example/\", project = \"p\", token = \"env:T\""
        )))
        .unwrap();
        let tracker = config.owners[0].tracker.clone().unwrap();
        let name = tracker.name().to_string();
        (
            tracker
                .extra
                .into_iter()
                .map(|(key, value)| format!("{key}={value}"))
                .collect::<Vec<_>>(),
            name,
        )
    };
    let (redmine, name) =
        extra("kind = \"redmine\", tracker = \"Support\", bots = [\"ci\", \"deploy bot\"]");
    assert_eq!(redmine, ["bots=ci,deploy bot", "tracker=Support"]);
    assert_eq!(name, "redmine https://t.example p");
    assert_eq!(extra("kind = \"gitlab\", confidential = true").0, ["confidential=true"]);
    assert_eq!(extra("kind = \"rt\", account = \"7\"").0, ["account=7"]);
    assert_eq!(
        extra("kind = \"jira\", edition = \"cloud\", account = \"a@b.example\"").0,
        ["account=a@b.example", "edition=cloud"]
    );
}

/// Each page under docs/trackers has a config that can be used, and names keys that its kind heeds.
#[test]
fn pages_about_trackers_say_what_the_config_reads() {
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/trackers");
    let pages: Vec<_> = fs::read_dir(pages).unwrap().map(|page| page.unwrap().path()).collect();
    assert!(pages.len() >= 4, "{pages:?}");
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        let shown = text.split("```toml").nth(1).unwrap().split("```").next().unwrap();
        // The template stands among the examples; what may stand in it, the page tells instead of keys.
        let template = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/trackers/roundup.toml");
        let shown = &shown.replace("\"roundup.toml\"", &format!("\"{template}\""));
        let config = load(&format!("default_owner = \"ops\"\n{shown}")).unwrap();
        let kind = config.owners[0].tracker.as_ref().unwrap().kind;
        assert_eq!(Some(kind.name()), page.file_stem().unwrap().to_str());
        let keys = text.split("## Keys").nth(1).filter(|_| kind != TrackerKind::Http);
        let rows = keys.unwrap_or_default().lines();
        let cells =
            rows.filter(|row| row.starts_with("| `")).map(|row| row.split('|').nth(1).unwrap());
        let mut keys = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).peekable();
        let has_keys = !matches!(kind, TrackerKind::Http | TrackerKind::Local);
        assert_eq!(keys.peek().is_some(), has_keys, "{page:?}");
        for key in keys {
            let value = match key {
                "bots" => "[\"ci\"]",
                "confidential" => "true",
                "markup" => "\"markdown\"",
                "comments_as" => "\"correspond\"",
                "edition" => "\"cloud\"",
                _ => "\"7\"",
            };
            if shown.contains(&format!("{key} = ")) {
                continue;
            }
            let with = shown.replace(" }", &format!(", {key} = {value} }}"));
            let config = load(&format!("default_owner = \"ops\"\n{with}")).unwrap();
            assert!(config.owners[0].tracker.as_ref().unwrap().extra.contains_key(key), "{key}");
        }
    }
}

#[test]
fn a_template_is_a_file_of_texts() {
    let text = tracker(
        "kind = \"http\", url = \"https://t.example\", project = \"p\", token = \"env:T\", template = \"t.toml\", account = \"us\"",
    );
    let with = |template: Option<&str>| {
        let mut files = vec![("certvigil.toml", text.as_str())];
        files.extend(template.map(|it| ("t.toml", it)));
        let folder = folder(&files);
        config::load(&folder.path().join("certvigil.toml"), NOW)
    };
    let config = with(Some("find = \"GET /issues?key={key}\"\naccount = \"them\"\n")).unwrap();
    let tracker = config.owners[0].tracker.as_ref().unwrap();
    assert_eq!(tracker.extra["find"], "GET /issues?key={key}");
    assert_eq!(tracker.extra["account"], "us");
    assert!(!tracker.has_block());
    let remembers = with(Some("remember = \"PUT /issues/{id}\"\n")).unwrap();
    assert!(remembers.owners[0].tracker.as_ref().unwrap().has_block());
    for (template, why) in [
        (None, "cannot be read: No such file"),
        (Some("find = 7\n"), "cannot be read: find is no text"),
        (Some("find\n"), "cannot be read: it is no TOML"),
    ] {
        let Err(Refused(faults)) = with(template) else { panic!("{template:?}") };
        let [fault] = &faults[..] else { panic!("{faults:?}") };
        assert!(fault.what.contains(why), "{fault:?}");
        assert_eq!(fault.place.at.unwrap().0, 4);
    }
}

#[test]
fn a_kind_of_tracker_that_does_not_exist_is_told_once() {
    assert_eq!(faults(&tracker("kind = \"redmin\"")), ["4:20 tracker `kind` cannot be \"redmin\""]);
    assert_eq!(hints(&tracker("kind = \"redmin\"")), ["did you mean redmine?"]);
}

#[test]
fn whoever_files_has_somebody_for_what_nobody_owns() {
    let text = "[[owner]]\nname = \"o\"\ntracker = { kind = \"local\", folder = \"issues\" }\n";
    assert_eq!(
        faults(text),
        ["1:1 there is no `default_owner`: nobody would hear of what has no owner"]
    );
    assert_eq!(hints(text), ["write default_owner = \"o\" at the top of the first file"]);
    let unknown = "default_owner = \"p\"\n[[owner]]\nname = \"o\"\n";
    assert_eq!(faults(unknown), ["1:17 no [[owner]] is called \"p\""]);
}

#[test]
fn owners_that_are_named_anywhere_must_exist() {
    let text = "\
[[tag]]
name = \"t\"
owner = \"a\"
[[certificate]]
names = [\"www.example.org\"]
owner = \"b\"
[[window]]
name = \"w\"
date = 2026-12-24
from = \"22:00\"
for = \"1h\"
owners = [\"c\"]
";
    assert_eq!(
        faults(text),
        [
            "3:9 no [[owner]] is called \"a\"",
            "6:9 no [[owner]] is called \"b\"",
            "12:11 no [[owner]] is called \"c\"",
        ]
    );
}

/// A target's own word, that of its last tag, that of its file.
#[test]
fn a_targets_owner_is_the_nearest_word_for_it() {
    let told = listed(&[
        (
            "certvigil.toml",
            "default_owner = \"d\"\n[[owner]]\nname = \"d\"\n[[owner]]\nname = \"o\"\n[[owner]]\nname = \"t\"\n[[owner]]\nname = \"env\"\n\
             [[tag]]\nname = \"t\"\nowner = \"t\"\n[[tag]]\nname = \"env=test\"\nowner = \"env\"\n\
             [[target]]\nnames = [\"a.example\"]\n[[target]]\nnames = [\"b.example\"]\ntags = [\"t\", \"u\"]\n\
             [[target]]\nnames = [\"c.example\"]\ntags = [\"t\"]\nowner = \"o\"\n\
             [[target]]\nfile_sd = [\"sd.yml\"]\ntags = [\"t\"]\n",
        ),
        (
            "sd.yml",
            "- targets: [d.example]\n  labels: {env: test}\n- targets: [e.example, 'not a target']\n",
        ),
    ]);
    let owners: Vec<_> = told.iter().map(|line| line.split(' ').nth(2).unwrap()).collect();
    assert_eq!(owners[..5], ["\"d\"", "\"t\"", "\"o\"", "\"env\"", "\"t\""], "{told:?}");
}

#[test]
fn a_store_is_once_somewhere() {
    for keys in ["", "path = \"a.db\"\nurl = \"postgres://db/x\"\n", "keep_rounds = \"1d\"\n"] {
        assert_eq!(
            faults(&format!("[store]\n{keys}")),
            ["1:1 [store] must say once where it is"],
            "{keys}"
        );
    }
    let database = load("[store]\nurl = \"postgres://db/x\"\n").unwrap();
    assert_eq!(
        database.store.unwrap().at,
        StorePlace::Database(Located::Url("postgres://db/x".to_owned()))
    );
    // It may hold a password, and is not shown.
    let text = "[store]\nurl = \"mysql://u:hunter2@db/x\"\n";
    assert_eq!(faults(text), ["2:7 [store] `url` cannot be what is written there"]);
    assert_eq!(hints(text), ["write a URL that begins with postgres://"]);
}

#[test]
fn the_way_out_and_the_service_have_their_forms() {
    for (text, fault) in [
        ("[http]\nproxy = \"socks5://p\"", "2:9 [http] `proxy` cannot be what is written there"),
        ("[http]\nno_proxy = [\"a,b\"]", "2:13 [http] `no_proxy` cannot be \"a,b\""),
        (
            "[http]\nno_proxy = [\"10.0.0.0/33\"]",
            "2:13 [http] `no_proxy` cannot be \"10.0.0.0/33\"",
        ),
        ("[http]\ntimeout = \"1h\"", "2:11 [http] `timeout` cannot be \"1h\""),
        ("[serve]\nlisten = \"0.0.0.0:9219\"", "2:10 [serve] `listen` cannot be \"0.0.0.0:9219\""),
        ("[serve]\ninterval = \"30s\"", "2:12 [serve] `interval` is not between 1m and 24h"),
        ("[limits]\nnew_issues_per_round = 0", "2:24 [limits] `new_issues_per_round` cannot be 0"),
        ("sentinels = [\"router\"]", "1:14 `sentinels` cannot be \"router\""),
        ("sentinels = [\"2001:db8::1:443\"]", "1:14 `sentinels` cannot be \"2001:db8::1:443\""),
        ("sentinels = [\"dns://name\"]", "1:14 `sentinels` cannot be \"dns://name\""),
    ] {
        assert_eq!(faults(text), [fault]);
    }
    let v6 = load("sentinels = [\"[2001:db8::1]:443\"]").unwrap();
    let host = "2001:db8::1".to_owned();
    assert_eq!(v6.sentinels, [Sentinel::Host { role: "host", host, port: 443 }]);
}

#[test]
fn a_window_begins_once_and_lasts_a_day_at_most() {
    let with = |keys: &str| format!("[[window]]\nname = \"w\"\nfrom = \"22:00\"\n{keys}\n");
    for (keys, fault) in [
        ("for = \"4h\"", "1:1 [[window]] must say once when it begins"),
        ("for = \"4h\"\ndays = []", "1:1 [[window]] must say once when it begins"),
        (
            "for = \"4h\"\ndays = [\"sat\"]\ndate = 2026-12-24",
            "1:1 [[window]] must say once when it begins",
        ),
        ("for = \"4h\"\ndays = [\"saturday\"]", "5:9 [[window]] `days` cannot be \"saturday\""),
        ("for = \"4h\"\ndate = 2026-12-24T10:00:00Z", "5:8 [[window]] `date` is no date"),
        ("for = \"25h\"\ndate = 2026-12-24", "4:7 [[window]] `for` is more than 24h"),
        (
            "for = \"4h\"\ndate = 2026-12-24\nzone = \"Europe/Bonn\"",
            "6:8 [[window]] `zone` cannot be \"Europe/Bonn\"",
        ),
    ] {
        assert_eq!(faults(&with(keys)), [fault], "{keys}");
    }
    let once = load(&with("for = \"1d\"\ndate = \"2026-12-24\"")).unwrap();
    assert_eq!(once.windows[0].days, Days::On("2026-12-24".parse().unwrap()));
    for time in ["24:00", "9:00", "22", "22:60", "+2:00"] {
        let text = format!(
            "[[window]]\nname = \"w\"\nfrom = \"{time}\"\nfor = \"1h\"\ndate = 2026-12-24\n"
        );
        assert_eq!(faults(&text), [format!("3:8 [[window]] `from` cannot be \"{time}\"")]);
    }
}

#[test]
fn a_certificate_is_named_and_its_renewer_known() {
    for (text, fault) in [
        ("[[certificate]]\nnames = []", "1:1 [[certificate]] names none"),
        ("[[certificate]]\nnames = [\"a..b\"]", "2:10 [[certificate]] `names` cannot be \"a..b\""),
        (
            "[[certificate]]\nnames = [\"*.example.org\"]\nrenewer = \"cerbot\"",
            "3:11 [[certificate]] `renewer` cannot be \"cerbot\"",
        ),
        (
            "[[certificate]]\nnames = [\"a.example\"]\nstate = [\"state.sh\"]",
            "3:9 [[certificate]] `state` does not begin with a program's full path",
        ),
        (
            "[[certificate]]\nnames = [\"a.example\"]\nstate = []",
            "3:9 [[certificate]] `state` does not begin with a program's full path",
        ),
    ] {
        assert_eq!(faults(text), [fault]);
    }
}

/// Who shares the site's name or its memory with others says so once.
#[test]
fn what_is_about_the_whole_site_stands_in_the_first_file() {
    let folder = folder(&[
        ("certvigil.toml", "include = [\"b.toml\"]\n"),
        (
            "b.toml",
            "site = \"b\"\nsite_key = \"env:K\"\nsentinels = []\n[store]\npath = \"b.db\"\n[http]\n[limits]\n[serve]\n",
        ),
    ]);
    let Err(Refused(faults)) = config::load(&folder.path().join("certvigil.toml"), NOW) else {
        panic!("not refused")
    };
    let told: Vec<_> = faults.iter().map(|fault| &fault.what[..]).collect();
    let title = |title: &str| format!("{title} stands in a file that is included");
    let expected =
        ["`site`", "`site_key`", "`sentinels`", "[store]", "[http]", "[limits]", "[serve]"];
    assert_eq!(told, expected.map(title));
}

#[test]
fn whom_nothing_reaches_is_told() {
    let template = tempfile::NamedTempFile::new().unwrap();
    fs::write(&template, "find = \"GET /issues?key={key}\"\n").unwrap();
    let template = template.path().display();
    let text = &format!(
        "default_owner = \"web\"\n[[owner]]\nname = \"web\"\n[[owner]]\nname = \"anna\"\nperson = true\ntracker = {{ kind = \"http\", url = \"https://t.example\", project = \"p\", token = \"env:T\", template = \"{template}\" }}\n[[target]]\nnames = [\"a.example\"]\n[[target]]\nnames = [\"b.example\"]\nowner = \"anna\"\n"
    );
    let notes = load(text).unwrap().notes;
    let [unheard, alone, stateless] = &notes[..] else { panic!("{notes:#?}") };
    assert!(unheard.contains(":2:1: nobody can confirm: owner web"), "{unheard}");
    assert!(alone.contains(":4:1: the owner \"anna\" is one person"), "{alone}");
    assert!(stateless.contains("no place for what a run has to remember (http)"), "{stateless}");
    let with_store = load(&format!("{text}[store]\npath = \"a.db\"\n")).unwrap().notes;
    assert_eq!(with_store.len(), 2, "{with_store:#?}");
}
