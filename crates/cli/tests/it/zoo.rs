//! The whole zoo in one round, healthy endpoints between: every verdict is the one deserved.

use std::path::Path;
use std::process::Command;

use crate::command::run;

#[test]
fn every_endpoint_of_the_lab_gets_the_verdict_that_it_deserves() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("demo.html");
    let ran = run(&["demo", "--format", "json", "--page", page.to_str().unwrap()]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let report = ran.json();
    let expected = report["round"]["expected"].as_u64().unwrap();
    assert!(expected >= 70, "only {expected} endpoints");
    assert_eq!(report["round"]["attempted"], expected);
    let verdicts = &report["round"]["summary"];
    for verdict in ["ok", "warning", "critical", "unknown"] {
        assert!(verdicts[verdict].as_u64().unwrap() >= 5, "{verdicts}");
    }
    assert!(
        ran.err.contains(&format!("{expected} of {expected} endpoints got the verdict")),
        "{}",
        ran.err
    );
    assert!(!ran.out.contains('\u{1b}') && !ran.err.contains('\u{1b}'));
    assert_eq!(
        ran.err.lines().last(),
        Some(&*format!("the same as a page: {}", page.display())),
        "{}",
        ran.err
    );
    let (checked, unknown) = (&report["round"]["checked"], &verdicts["unknown"]);
    let text = std::fs::read_to_string(&page).unwrap();
    let sum = format!("checked {checked} of {expected}, {unknown} unknown");
    assert_eq!(text.matches(&sum).count(), 3, "in the title, first and last");
    assert_sound(&page);
}

/// What every hostile certificate of the lab is on is a page of HTML, by two readers of it that
/// nobody here wrote.
#[expect(clippy::disallowed_methods, reason = "tests start the programs that they compare with")]
fn assert_sound(page: &Path) {
    let judges =
        [("tidy", &["-quiet", "-errors"][..]), ("/usr/bin/python3", &["-c", PARSED_BY_HTML5LIB])];
    for (judge, arguments) in judges {
        let judged = Command::new(judge).args(arguments).arg(page).output();
        let judged = judged.unwrap_or_else(|_| panic!("{judge} is installed by scripts/test"));
        let said = [judged.stdout, judged.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(judged.status.success() && said.is_empty(), "{judge}: {said}");
    }
}

/// Strictly, and then: no element but ours, nothing that runs or loads, no link or label to nowhere.
const PARSED_BY_HTML5LIB: &str = r##"
import sys, html5lib
parser = html5lib.HTMLParser()
page = parser.parse(open(sys.argv[1], encoding="utf-8").read())
for error in parser.errors: print(error)
ours = set("""html head meta title style body a header p h1 h2 h3 span nav ul ol li b main section svg desc
rect text line g path circle small article div code bdi dl dt dd time strong table thead tbody tr th td
footer""".split())
ids, wanted = set(), set()
for element in page.iter():
    name = element.tag.rpartition("}")[2]
    if name not in ours: print("element", name)
    for attribute, value in element.attrib.items():
        if attribute.startswith("on") or attribute in ("src", "style"): print(name, attribute)
        if attribute == "href" and not value.startswith("#"): print("link to", value)
        if attribute == "id" and value in ids: print("twice:", value)
        if attribute == "id": ids.add(value)
        if attribute == "href": wanted.add(value[1:])
        if attribute in ("aria-labelledby", "aria-describedby"): wanted.update(value.split())
print(*("nothing has the id " + it for it in wanted - ids), end="")
"##;
