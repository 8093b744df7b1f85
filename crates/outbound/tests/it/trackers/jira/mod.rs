//! Jira Cloud and Jira Data Center.

mod standin;

use std::collections::BTreeMap;
use std::sync::Arc;

use certvigil_doors::Secret;
use certvigil_outbound::Tracker;
use certvigil_outbound::tracker::{Settings, open};

use self::standin::Jira;
use crate::trackers::desk::{self, Forge, TOKEN};
use crate::trackers::ground::{client, soon};
use crate::trackers::standin::Standin;
use crate::trackers::suite;

#[test]
fn self_agrees_jira_cloud_takes_what_we_send() {
    let forge = forge(true);
    suite::holds(&forge);
    what_is_lacking_is_said(&forge, true);
}

#[test]
fn self_agrees_jira_data_center_takes_what_we_send() {
    let forge = forge(false);
    suite::holds(&forge);
    what_is_lacking_is_said(&forge, false);
}

fn forge(is_cloud: bool) -> Forge {
    let desk = desk::desk();
    let on = Arc::clone(&desk);
    let server =
        Standin::start(move |asked| Jira { is_cloud }.answer(&mut on.lock().unwrap(), asked));
    let tracker = tracker(&server.base, is_cloud, "OPS", TOKEN, &[]);
    Forge {
        desk,
        tracker,
        server,
        key_label: |key| format!("certvigil:{key}"),
        begins: true,
        block_in_body: false,
        id_prefix: "OPS-",
    }
}

fn tracker(
    base: &str,
    is_cloud: bool,
    project: &str,
    token: &str,
    extra: &[(&str, &str)],
) -> Box<dyn Tracker> {
    let mut keys = BTreeMap::new();
    let edition = if is_cloud { "cloud" } else { "data-center" };
    keys.insert("edition".to_owned(), edition.to_owned());
    if is_cloud {
        keys.insert("account".to_owned(), "certvigil@example.org".to_owned());
    }
    keys.extend(extra.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
    let settings = Settings {
        kind: "jira".to_owned(),
        url: base.to_owned(),
        project: project.to_owned(),
        token: Secret::new(token),
        extra: keys,
    };
    open(settings, client()).unwrap()
}

fn what_is_lacking_is_said(forge: &Forge, is_cloud: bool) {
    let base = &forge.server.base;
    let lacks = |project: &str, token: &str, extra: &[(&str, &str)]| {
        tracker(base, is_cloud, project, token, extra).examine(soon()).unwrap().join("\n")
    };
    assert!(lacks("OPS", "another", &[]).contains("the token lets nobody in"));
    assert!(lacks("OTHER", TOKEN, &[]).contains("no project OTHER"));
    assert!(
        lacks("OPS", TOKEN, &[("issue_type", "Pony")])
            .contains("no issue type Pony; issue_type can be: Task, Bug")
    );
    forge.desk().drops_labels = true;
    assert!(
        lacks("OPS", TOKEN, &[])
            .contains("lacks permissions in the project OPS: TRANSITION_ISSUES")
    );
    forge.desk().drops_labels = false;
    let pony = tracker(base, is_cloud, "OPS", TOKEN, &[("closed_status", "Pony")]);
    let id = pony.create(&suite::issue(&suite::key()), soon()).unwrap();
    let said = pony.set_open(&id, false, soon()).unwrap_err().to_string();
    assert!(said.contains("no transition") && said.contains("closed_status"), "{said}");
}
