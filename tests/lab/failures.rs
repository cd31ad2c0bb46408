//! What cannot work is said with its place, its reason and what to do, and with the promised exit code.

use std::process::Command;

use rustix::process::Signal;
use serde_json::Value;

use crate::common::{
    lab::Lab,
    wrcap::{self, Wrcap},
};

/// Runs a capture that must fail; gives its error.
fn error(lab: &Lab, selector: &str, options: &[&str], code: i32, kind: &str) -> Value {
    let file = lab.path("failed.pcapng");
    let path = file.to_string_lossy();
    let words = [&["capture", selector, "-w", &path, "--json", "-d", "5s"], options].concat();
    let report = wrcap::run(lab, &words).code(code).report();
    let error = &report["error"];
    assert_eq!((&report["outcome"], &error["kind"]), (&"failed".into(), &kind.into()), "{report}");
    assert!(error["hint"].as_str().is_some_and(|hint| !hint.is_empty()), "no hint: {report}");
    assert!(!file.exists(), "a file of a capture that never began");
    error.clone()
}

fn says(error: &Value, key: &str, words: &str) {
    assert!(error[key].as_str().is_some_and(|text| text.contains(words)), "no '{words}' in {error}");
}

#[test]
fn what_the_target_lacks_is_exit_code_4() {
    let Some(lab) = Lab::up(3) else { return };
    let failed = error(&lab, "lab/t1", &["-f", "tcp prt 80"], 4, "filter");
    says(&failed, "message", "syntax error");
    let failed = error(&lab, "lab/t1", &["-i", "nope0"], 4, "interface");
    says(&failed, "message", "nope0");
    says(&failed, "hop", lab.value("T1_IP"));
    lab.set("t2", &["tcpdump=off"]);
    says(&error(&lab, "lab/t2", &[], 4, "no-tcpdump"), "message", "tcpdump");
    lab.set("t3", &["sudo=none"]);
    let tcpdump = lab.on("t3", &["sh", "-c", "readlink -f $(command -v tcpdump)"]);
    let line = format!("ec2-user ALL=(root) NOPASSWD: {}", tcpdump.trim());
    // sudo asks for the password before it says that the user may do nothing.
    says(&error(&lab, "lab/t3", &[], 4, "unanswered"), "hint", &line);
    lab.site("plain", &[], &format!("  t3: {{ host: {}, privilege: none }}\n", lab.value("T3_IP")));
    says(&error(&lab, "plain/t3", &[], 4, "privilege"), "hint", &line);

    let folder = lab.path("files");
    std::fs::create_dir(&folder).unwrap();
    let words = ["capture", "lab", "-w", &folder.to_string_lossy(), "-d", "2s", "--json"];
    let ended = wrcap::run(&lab, &words).code(7);
    let outcome = |target: &str| {
        let report = ended.reports().into_iter().find(|report| report["target"] == target);
        report.unwrap()["outcome"].clone()
    };
    assert_eq!(["lab/t1", "lab/t2", "lab/t3"].map(outcome), ["limit", "failed", "failed"]);
    assert!(folder.join("lab-t1.pcapng").exists());
    lab.assert_nothing_left();
}

#[test]
fn what_is_in_the_way_is_exit_code_3() {
    let Some(lab) = Lab::up(2) else { return };
    let key = lab.path("stranger");
    let words = ["-q", "-t", "ed25519", "-N", "", "-f"];
    assert!(Command::new("ssh-keygen").args(words).arg(&key).status().unwrap().success());
    let ip = lab.value("T1_IP");
    let (known, own) = (lab.path("nobody-known"), lab.value("LAB_KNOWN_HOSTS"));
    std::fs::write(&known, "").unwrap();
    lab.site(
        "road",
        &[],
        &format!(
            "  nobody: {{ host: no-such-host.invalid }}\n  closed: {{ host: {ip}, port: 9 }}\n  \
             stranger: {{ host: {ip}, identity: {} }}\n",
            key.display(),
        ),
    );
    let identity = lab.value("LAB_IDENTITY");
    let target = format!("  t1: {{ host: {ip} }}\n");
    lab.site("stranger", &[(identity, &*key.to_string_lossy())], &target);
    let replaced = [(own, &*known.to_string_lossy()), ("host_key: strict", "host_key: ask")];
    lab.site("unknown", &replaced, &target);

    let bastion = lab.value("BASTION_IP");
    says(&error(&lab, "road/nobody", &[], 3, "unknown-host"), "message", "no-such-host.invalid");
    let failed = error(&lab, "road/closed", &[], 3, "refused");
    assert_eq!(failed["stage"], "connect", "{failed}");
    says(&failed, "hop", ip);
    says(&error(&lab, "road/stranger", &[], 3, "authentication"), "hop", ip);
    says(&error(&lab, "stranger/t1", &[], 3, "authentication"), "hop", bastion);
    says(&error(&lab, "unknown/t1", &[], 3, "unanswered"), "hop", bastion);
    lab.set("t1", &["hostkey=new"]);
    says(&error(&lab, "lab/t1", &[], 3, "host-key-changed"), "hop", ip);
    lab.set("t1", &["hostkey=old"]);
    lab.set("bastion", &["forwarding=no"]);
    says(&error(&lab, "lab/t1", &[], 3, "forwarding-denied"), "hop", bastion);
    lab.assert_nothing_left();
}

#[test]
fn what_is_wrong_here_is_said_before_anything_is_started() {
    let Some(lab) = Lab::up(1) else { return };
    let missing = lab.path("no/such/folder/out.pcapng");
    let ended = wrcap::run(&lab, &["capture", "lab/t1", "-w", &missing.to_string_lossy()]).code(5);
    assert!(ended.err.contains("no/such/folder") && ended.err.contains("\nhint: "), "{}", ended.err);
    let ended = wrcap::run(&lab, &["capture", "lab/t9", "--no-viewer"]).code(2);
    assert!(ended.err.contains("t9"), "{}", ended.err);
    let ended = wrcap::run(&lab, &["capture", "lab/t1", "--viewer", "no-such-viewer", "-d", "1s"]).code(5);
    assert!(ended.err.contains("no-such-viewer"), "{}", ended.err);
    assert!(!lab.tell(&["log", "bastion"]).contains("Accepted"), "it logged in before");
    lab.assert_nothing_left();
}

#[test]
fn an_interrupt_before_the_start_is_exit_code_130() {
    let Some(lab) = Lab::up(1) else { return };
    lab.tell(&["link", "bastion", "down"]);
    let file = lab.path("out.pcapng");
    let wrcap = Wrcap::start(&lab, &["capture", "lab/t1", "-w", &file.to_string_lossy(), "--json"]);
    wrcap.until("first step", |event| event["state"] == "dial");
    wrcap.signal(Signal::INT);
    let report = wrcap.end().code(130).report();
    assert_eq!((&report["outcome"], &report["error"]), (&"interrupted".into(), &Value::Null), "{report}");
    assert!(!file.exists());
    assert_eq!(lab.own_ssh() + &lab.own_files(), "");
}
