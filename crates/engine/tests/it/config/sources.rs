//! What a config's lists, discovery files and folders bring.

use super::*;

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
            return without_rights_over_files(
                "config::sources::a_folder_that_cannot_be_listed_is_told",
            );
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
