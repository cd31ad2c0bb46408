//! What an earlier session left on a target on purpose: `check` tells of it, `clean` ends it and nothing else.

use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::common::{
    PATIENCE, holds_within,
    lab::{Helper, Lab},
    wrcap::{self, Wrcap},
};

/// A capture on a silent interface by a user of this name.
fn capture(lab: &Lab, user: &str) -> Wrcap {
    let path = lab.path(&format!("{user}.pcapng"));
    let words = ["capture", "lab/t1", "-i", "cap0", "-w", &path.to_string_lossy(), "--json"];
    let wrcap = Wrcap::start_with(lab, &words, |command| {
        command.env("USER", user);
    });
    wrcap.until_live();
    wrcap
}

/// Processes on the target whose line of `ps` holds all of these: pid and line.
fn processes(lab: &Lab, needles: &[&str]) -> Vec<(Pid, String)> {
    let ps = lab.tell(&["ps", "t1"]);
    let lines = ps.lines().filter(|line| needles.iter().all(|needle| line.contains(needle)));
    let pid = |line: &str| Pid::from_raw(line.split('\t').next().unwrap().parse().unwrap()).unwrap();
    lines.map(|line| (pid(line), line.to_owned())).collect()
}

fn kill(lab: &Lab, needles: &[&str]) {
    let found = processes(lab, needles);
    assert!(!found.is_empty(), "no {needles:?} in\n{}", lab.tell(&["ps", "t1"]));
    for (pid, _) in found {
        // One may have taken another with it.
        let _ = kill_process(pid, Signal::KILL);
    }
}

/// An administrator's own tcpdump, which is none of our business.
fn admin(lab: &Lab) -> Helper {
    let words = ["exec", "t1", "--", "tcpdump", "-i", "lo", "-w", "/dev/null"];
    let helper = lab.start(&words, Stdio::null(), &lab.path("admin.log"));
    assert!(holds_within(PATIENCE, || !processes(lab, &["tcpdump -i lo"]).is_empty()));
    helper
}

/// Runs a verb as this user; gives its only target.
fn verb(lab: &Lab, user: &str, words: &[&str], code: i32) -> Value {
    let words = [words, &["lab/t1", "--json"]].concat();
    let ended = Wrcap::start_with(lab, &words, |command| {
        command.env("USER", user);
    });
    let ended = ended.end().code(code);
    let report: Value = serde_json::from_str(&ended.out).unwrap_or_else(|_| panic!("{ended:?}"));
    assert_eq!(report["schema"], 1);
    report["targets"][0].clone()
}

/// The users whose sessions they are.
fn clients(groups: &Value) -> Vec<&str> {
    let groups = groups.as_array().unwrap().iter();
    groups.map(|group| group["client"].as_str().map_or("?", |name| name.split('@').next().unwrap())).collect()
}

#[test]
fn what_lost_its_minder_is_told_and_ended_and_nothing_else() {
    let Some(lab) = Lab::up(1) else { return };
    let admin = admin(&lab);
    let bob = capture(&lab, "bob");
    for knobs in [&["sudo=tcpdump-only"][..], &["sudo=all"], &["sudo=none", "caps=on"]] {
        lab.set("t1", knobs);
        let alice = capture(&lab, "alice");
        let found = verb(&lab, "carl", &["check"], 0);
        let mut users = clients(&found["in_use"]);
        users.sort_unstable();
        assert_eq!((clients(&found["leftovers"]), users), (vec![], vec!["alice", "bob"]), "{found}");

        kill(&lab, &["eval", ":alice@"]);
        alice.signal(Signal::KILL);
        alice.end();
        let found = verb(&lab, "carl", &["check"], 0);
        assert_eq!(
            (clients(&found["leftovers"]), clients(&found["in_use"])),
            (vec!["alice"], vec!["bob"]),
            "{found}"
        );
        let step =
            found["steps"].as_array().unwrap().iter().find(|step| step["step"] == "leftovers").unwrap();
        let detail = step["detail"].as_str().unwrap();
        assert!(
            detail.contains("of an earlier session (alice@") && detail.contains("in use by bob@"),
            "{step}"
        );
        assert_eq!(step["hint"], "wrcap clean lab/t1 ends them");

        // Nobody to ask: nothing is ended.
        let asked = verb(&lab, "carl", &["clean"], 2);
        assert_eq!(
            (&asked["still_there"], clients(&asked["chosen"])),
            (&Value::Null, vec!["alice"]),
            "{asked}"
        );
        // Without a question only one's own is.
        let cleaned = verb(&lab, "carl", &["clean", "--yes"], 0);
        assert_eq!(
            (clients(&cleaned["chosen"]), clients(&cleaned["leftovers"])),
            (vec![], vec!["alice"]),
            "{cleaned}"
        );
        let cleaned = verb(&lab, "alice", &["clean", "--yes"], 0);
        assert_eq!(
            (clients(&cleaned["chosen"]), clients(&cleaned["still_there"])),
            (vec!["alice"], vec![]),
            "{cleaned}"
        );
        assert_eq!(processes(&lab, &[":alice@"]).len(), 0, "{knobs:?}");
        assert_eq!(
            processes(&lab, &["tcpdump -U", "cap0"])
                .iter()
                .filter(|(_, line)| !line.contains("sudo"))
                .count(),
            1
        );
        assert_eq!(processes(&lab, &["tcpdump -i lo"]).len(), 1, "{knobs:?}");
        assert_eq!(clients(&verb(&lab, "carl", &["clean", "--yes", "--all"], 0)["chosen"]), [""; 0]);
        assert_eq!(clients(&verb(&lab, "carl", &["check"], 0)["in_use"]), ["bob"]);
    }
    let told = wrcap::run(&lab, &["clean", "lab/t1"]).code(0).out;
    assert!(told.contains("nothing of an earlier session") && told.contains("in use  by bob@"), "{told}");
    lab.set("t1", &["sudo=tcpdump-only", "caps=off"]);
    let cleaned = verb(&lab, "bob", &["clean", "--yes", "--all"], 0);
    assert_eq!(clients(&cleaned["chosen"]), ["bob"], "{cleaned}");
    bob.signal(Signal::INT);
    bob.end();
    assert_eq!(processes(&lab, &["wrcap-"]), []);
    assert_eq!(processes(&lab, &["tcpdump -i lo"]).len(), 1);
    drop(admin);
}

#[test]
fn a_tcpdump_that_lost_its_sudo_too_is_known_by_its_filter() {
    let Some(lab) = Lab::up(1) else { return };
    let admin = admin(&lab);
    let left_alone = |lab: &Lab| {
        let alice = capture(lab, "alice");
        // In one go, and with nobody there who could notice in between.
        alice.signal(Signal::STOP);
        let minder = processes(lab, &["eval", ":alice@"]);
        let sudo = processes(lab, &["sudo", ":alice@"]);
        assert!(!minder.is_empty() && !sudo.is_empty(), "{}", lab.tell(&["ps", "t1"]));
        for (pid, _) in minder.into_iter().chain(sudo) {
            let _ = kill_process(pid, Signal::KILL);
        }
        alice.signal(Signal::KILL);
        alice.end();
        let known = || clients(&verb(lab, "carl", &["check"], 0)["leftovers"]) == ["?"];
        assert!(holds_within(PATIENCE, known), "{}", lab.tell(&["ps", "t1"]));
    };
    lab.set("t1", &["sudo=tcpdump-only"]);
    left_alone(&lab);
    // Nothing says whose it is: it may be bob's, so that nobody ends it by the way.
    for user in ["alice", "bob"] {
        let kept = verb(&lab, user, &["clean", "--yes"], 0);
        assert_eq!((clients(&kept["chosen"]), clients(&kept["leftovers"])), (vec![], vec!["?"]), "{kept}");
    }
    assert_eq!(processes(&lab, &["tcpdump -U", "cap0"]).len(), 1);
    let told = wrcap::run(&lab, &["clean", "lab/t1", "--yes"]).code(0).out;
    assert!(told.contains("whose it is cannot be told: left alone; --all ends it too"), "{told}");
    // tcpdump gave up root for a user of its own; nothing we may do reaches it, and that is said.
    let cleaned = verb(&lab, "carl", &["clean", "--yes", "--all"], 4);
    assert_eq!(clients(&cleaned["still_there"]), ["?"], "{cleaned}");
    let told = wrcap::run(&lab, &["clean", "lab/t1", "--yes", "--all"]).code(4).out;
    assert!(told.contains("1 process is still there\n  hint: as root on the target: kill -KILL "), "{told}");
    lab.set("t1", &["sudo=all"]);
    let cleaned = verb(&lab, "carl", &["clean", "--yes", "--all"], 0);
    assert_eq!(
        (clients(&cleaned["chosen"]), clients(&cleaned["still_there"])),
        (vec!["?"], vec![]),
        "{cleaned}"
    );
    assert_eq!(processes(&lab, &["tcpdump -U"]), []);
    assert_eq!(processes(&lab, &["tcpdump -i lo"]).len(), 1);
    drop(admin);
}

#[test]
fn a_capture_that_clean_ended_stays_ended_and_says_so() {
    let Some(lab) = Lab::up(1) else { return };
    for knobs in [&["sudo=tcpdump-only"][..], &["sudo=none", "caps=on"]] {
        lab.set("t1", knobs);
        let alice = capture(&lab, "alice");
        let cleaned = verb(&lab, "alice", &["clean", "--yes", "--all"], 0);
        assert_eq!(clients(&cleaned["chosen"]), ["alice"], "{cleaned}");
        let ended = alice.end().code(6);
        let report = ended.report();
        let failure = &report["error"];
        let message = failure["message"].as_str().unwrap_or_default();
        assert!(message.ends_with("was ended by `wrcap clean`"), "{report}");
        assert_eq!((&failure["kind"], &report["reconnects"]), (&"cleaned".into(), &0.into()), "{report}");
        // tcpdump ended as it should: the account is whole.
        assert_eq!(report["losses"], Value::Array(vec![]), "{report}");
        assert_eq!(processes(&lab, &["wrcap-"]), []);
    }
}

#[test]
fn a_tcpdump_that_was_stopped_ends_with_its_session() {
    let Some(lab) = Lab::up(1) else { return };
    for knobs in [&["sudo=tcpdump-only"][..], &["sudo=none", "caps=on"]] {
        lab.set("t1", knobs);
        let alice = capture(&lab, "alice");
        for (pid, line) in processes(&lab, &["tcpdump -U", "cap0"]) {
            if !line.contains("sudo") {
                kill_process(pid, Signal::STOP).unwrap();
            }
        }
        alice.signal(Signal::INT);
        let report = alice.end().code(0).report();
        assert_eq!(report["complete"], true, "{knobs:?}: {report}");
        assert_eq!(processes(&lab, &["tcpdump"]), [], "{knobs:?}");
    }
}

/// In place of tcpdump: captures as it does, and does not end by TERM.
const STUBBORN: &str = r#"#!/bin/sh
case "$*" in
*"-w - "*) trap "" TERM; /run/lab/real "$@" & while :; do sleep 1; done ;;
*) exec /run/lab/real "$@" ;;
esac
"#;

#[test]
fn a_capture_that_withstands_everything_is_told_at_the_end_with_what_to_do() {
    let Some(lab) = Lab::up(1) else { return };
    lab.set("t1", &["sudo=tcpdump-only"]);
    let place = "cp /usr/bin/tcpdump /run/lab/real && printf %s \"$1\" >/run/lab/stub && \
                 chmod 755 /run/lab/real /run/lab/stub && mount --bind /run/lab/stub /usr/bin/tcpdump";
    lab.on("t1", &["sh", "-c", place, "sh", STUBBORN]);
    let alice = capture(&lab, "alice");
    alice.signal(Signal::INT);
    let ended = alice.end().code(0);
    let words = "could not be ended and is still there; hint: wrcap clean lab/t1";
    assert!(ended.out.contains(words), "{ended:?}");
    assert_eq!(ended.report()["complete"], false, "{ended:?}");
    // Its sudo is there still and says whose it is.
    let known = || clients(&verb(&lab, "carl", &["check"], 0)["leftovers"]) == ["alice"];
    assert!(holds_within(PATIENCE, known), "{}", lab.tell(&["ps", "t1"]));
    kill(&lab, &["/run/lab/real"]);
    kill(&lab, &["/bin/sh /usr/bin/tcpdump"]);
    assert!(holds_within(PATIENCE, || processes(&lab, &["tcpdump"]).is_empty()));
}
