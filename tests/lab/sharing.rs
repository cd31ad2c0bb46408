//! Many sessions behind one bastion: one connection to it, one login, and still everyone for themselves.

use std::{collections::BTreeMap, fs};

use rustix::process::Signal;
use serde_json::Value;

use crate::common::{
    PATIENCE, holds_within,
    lab::Lab,
    wrcap::{self, Wrcap},
};

const TARGETS: u32 = 4;
const SITES: [&str; 5] = ["a", "b", "c", "d", "e"];

/// Connections to the bastion, and logins to it.
fn at_bastion(lab: &Lab) -> (usize, usize) {
    let log = lab.tell(&["log", "bastion"]);
    let connections = log.matches(&format!("Connection from {} ", lab.value("CLIENT_IP"))).count();
    (connections, log.matches("Accepted publickey").count())
}

/// The newest state of each target.
fn states(wrcap: &Wrcap) -> BTreeMap<String, String> {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let events = wrcap.events().into_iter().filter(|event| event["event"] == "state");
    events.map(|event| (word(&event["target"]), word(&event["state"]))).collect()
}

fn assert_live(wrcap: &Wrcap, count: usize) {
    let live = || states(wrcap).values().filter(|state| *state == "live").count();
    assert!(holds_within(PATIENCE * 2, || live() == count), "{:?}", states(wrcap));
}

#[test]
fn twenty_sessions_log_in_once_to_a_bastion_that_allows_three() {
    let Some(lab) = Lab::up(TARGETS) else { return };
    lab.set("bastion", &["maxstartups=3:100:3"]);
    for site in SITES {
        let line = |n| {
            let ip = lab.value(&format!("T{n}_IP"));
            format!("  t{n}: {{ host: {ip}, interface: cap0, buffer: 4MiB, lease: 10s }}\n")
        };
        lab.site(site, &[], &(1..=TARGETS).map(line).collect::<String>());
    }
    let ip = lab.value("T1_IP");
    lab.site(
        "bad",
        &[],
        &format!("  closed: {{ host: {ip}, port: 9 }}\n  nobody: {{ host: no-such.invalid }}\n"),
    );
    let folder = lab.path("files");
    fs::create_dir(&folder).unwrap();
    let folder_name = folder.to_string_lossy().into_owned();
    let words = [&["capture"], SITES.as_slice(), &["bad", "-w", &folder_name, "--json"]].concat();
    let wrcap = Wrcap::start(&lab, &words);
    assert_live(&wrcap, SITES.len() * TARGETS as usize);
    assert_eq!(at_bastion(&lab), (1, 1), "connections and logins");

    // The bastion is lost to all of them: they come back together.
    lab.on("bastion", &["sh", "-c", "pkill -KILL -f 'sshd: [e]c2-user'"]);
    let retried = || wrcap.events().iter().filter(|event| event["state"] == "retry").count();
    assert!(holds_within(PATIENCE, || retried() >= SITES.len() * TARGETS as usize), "{:?}", states(&wrcap));
    assert_live(&wrcap, SITES.len() * TARGETS as usize);
    assert_eq!(at_bastion(&lab), (2, 2), "connections and logins");

    wrcap.signal(Signal::INT);
    let ended = wrcap.end().code(7);
    for report in ended.reports() {
        let (target, kind) = (report["target"].as_str().unwrap(), &report["error"]["kind"]);
        match target {
            "bad/closed" => assert_eq!(kind, "refused", "{report}"),
            "bad/nobody" => assert_eq!(kind, "unknown-host", "{report}"),
            _ => {
                assert_eq!((&report["outcome"], &report["gaps"]), (&"stopped".into(), &1.into()), "{report}");
            }
        }
    }
    lab.assert_nothing_left();
}

#[test]
fn a_check_of_a_site_logs_in_to_its_bastion_once() {
    let Some(lab) = Lab::up(3) else { return };
    wrcap::run(&lab, &["check", "lab"]).code(0);
    assert_eq!(at_bastion(&lab), (1, 1), "connections and logins");
    lab.assert_nothing_left();
}

#[test]
fn the_connection_goes_with_its_last_session_and_not_before() {
    let Some(lab) = Lab::up(2) else { return };
    let file = |name: &str| lab.path(name).to_string_lossy().into_owned();
    fs::create_dir(lab.path("files")).unwrap();
    lab.site(
        "both",
        &[],
        &format!(
            "  t1: {{ host: {}, stop_after: {{ duration: 1s }} }}\n  t2: {{ host: {} }}\n",
            lab.value("T1_IP"),
            lab.value("T2_IP")
        ),
    );
    let wrcap = Wrcap::start(&lab, &["capture", "both", "-w", &file("files"), "--json"]);
    wrcap.until("end of the first", |event| event["event"] == "ended" && event["target"] == "both/t1");
    wrcap.until("second", |event| event["state"] == "live" && event["target"] == "both/t2");
    // Two processes carry the second; the one to the bastion is a third.
    let three = || lab.own_ssh().lines().filter(|line| line.contains("ssh ")).count() == 3;
    assert!(holds_within(PATIENCE, three), "{}", lab.own_ssh());
    assert_eq!(at_bastion(&lab), (1, 1));
    wrcap.signal(Signal::KILL);
    assert_eq!(wrcap.end().code, -9);
    let left = || lab.processes() + &lab.own_ssh();
    assert!(holds_within(PATIENCE * 2, || left().is_empty()), "left behind:\n{}", left());
    assert!(!lab.own_files().contains("/c\n"), "a master's socket:\n{}", lab.own_files());
}
