//! The example, the page and the schema say what the keys are.

use super::*;

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
