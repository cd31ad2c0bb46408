//! What was found of sessions on a target, as scripts see it.

use serde_json::{Value, json};

use crate::remote::leftover::Group;

/// The processes of one session.
pub(super) fn group(group: &Group) -> Value {
    let label = group.label.as_ref();
    let processes: Vec<Value> = group
        .processes
        .iter()
        .map(|process| json!({"pid": process.pid, "uid": process.uid, "command": process.args}))
        .collect();
    json!({
        "client": group.owner().map(ToString::to_string),
        "target": label.and_then(|label| label.target.as_ref()),
        "age_seconds": group.age().as_secs(),
        "processes": processes,
    })
}
