//! Acceptances, and what stands there to no end.

use super::*;

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
    let unheard = "2:1: nobody can confirm: owner ops has no tracker and nobody to call, so nothing is told but in reports";
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
