//! Whole lists.

use certvigil_inventory::{Defaults, lines};

#[test]
fn one_bad_line_costs_no_other_and_lines_are_counted_from_1() {
    let list = "\u{feff}# our hosts\n\
        a.example:443\r\n\
        \n\
        \u{1b}[2J bad\n\
        \t b.example   # the second one\n\
        192.0.2.1:443#c.example\n\
        https://\n\
        #d.example\n\
        e.example";
    let defaults = Defaults::default();
    let read: Vec<_> = lines(list, "hosts.txt", &defaults)
        .map(|listed| {
            let origin = listed.origin.unwrap();
            assert_eq!(origin.file, "hosts.txt");
            let target = listed.target.ok().inspect(|target| {
                assert_eq!(target.origin.as_ref().map(|of| of.line), Some(origin.line));
            });
            (origin.line, listed.text.raw().to_owned(), target.map(|of| of.host.to_string()))
        })
        .collect();
    let want = [
        (2, "a.example:443", Some("a.example")),
        (4, "\u{1b}[2J bad", None),
        (5, "b.example", Some("b.example")),
        (6, "192.0.2.1:443#c.example", Some("192.0.2.1")),
        (7, "https://", None),
        (9, "e.example", Some("e.example")),
    ];
    let want = want.map(|(line, text, host)| (line, text.to_owned(), host.map(str::to_owned)));
    assert_eq!(read, want);
}

#[test]
fn a_list_is_read_as_it_is_asked_for() {
    let list = "a.example\n".repeat(100_000);
    let defaults = Defaults::default();
    let mut lines = lines(&list, "-", &defaults);
    assert!(lines.next().unwrap().target.is_ok());
    assert_eq!(lines.count(), 99_999);
}

#[test]
fn an_empty_list_has_no_targets() {
    for list in ["", "\n\n", "# nothing\n  \n", "\u{feff}"] {
        assert_eq!(lines(list, "-", &Defaults::default()).count(), 0, "{list:?}");
    }
}
