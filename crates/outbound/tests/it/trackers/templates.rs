//! The templates that stand ready.

use std::collections::BTreeMap;
use std::path::Path;

/// A template that stands ready, with `changes` made to its text.
pub(crate) fn template(name: &str, changes: &[(&str, &str)]) -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/trackers");
    let mut text = std::fs::read_to_string(folder.join(name)).unwrap();
    for (from, to) in changes {
        assert!(text.contains(from), "{name} has no {from}");
        text = text.replace(from, to);
    }
    let table = toml::de::DeTable::parse(&text).unwrap().into_inner();
    let text = |value: &toml::de::DeValue<'_>| value.as_str().unwrap().to_owned();
    table.iter().map(|(key, value)| (key.get_ref().to_string(), text(value.get_ref()))).collect()
}
