//! The sweep, on what the minder started and lost on purpose.

use crate::{
    SCRIPT_SHELLS, WAYS,
    channel::{Channel, eventually, lab, nothing_left, number, processes, settings, world},
    open, secret, shells, tcpdump,
};
use rustix::process::{Pid, Signal, kill_process};
use std::process::Command;
use wrcap::{
    profile::TargetName,
    remote::{
        label::{Client, Label},
        leftover::{Group, Traces},
        minder::{self, Tag},
        privilege::Way,
        script,
        sweep::{self, Chosen, Sweep},
    },
};

/// The tag of a session that nothing else on this machine has.
fn tag(number: u32) -> Tag {
    let name = TargetName { site: "shop".into(), target: "web-1".into() };
    let random = format!("{:08x}{number:024x}", std::process::id());
    Label::tag(&random, &name, &Client::new("alice", "laptop"), 1_700_000_000).unwrap()
}

/// What the sweep on `open`'s channel finds of the processes whose arguments or environment hold `needle`.
fn sweep(open: impl Fn(&str) -> Channel, needle: &str, chosen: &[Chosen]) -> Traces {
    let own = tag(number());
    let mut channel = open(&script::command(&own));
    let input = if chosen.is_empty() { sweep::questions(&own) } else { sweep::orders(&own, chosen) };
    channel.send(&input);
    channel.close_stdin();
    channel.gone();
    let answer = channel.until("list of processes", |c| Sweep::parse(&c.stdout(), &own).ok());
    let traces = Traces::of(&answer, &own);
    let label = Label::parse(needle);
    let wanted = |group: &Group| {
        group.label.is_some() && group.label == label
            || group.processes.iter().any(|p| p.args.contains(needle))
    };
    let of_session = |groups: Vec<Group>| groups.into_iter().filter(wanted).collect();
    Traces {
        leftovers: of_session(traces.leftovers),
        in_use: of_session(traces.in_use),
        hidden: traces.hidden,
    }
}

/// Kills every shell of the session, as nobody does who obeys.
fn kill_minder(traces: &Traces) {
    let all = traces.in_use.iter().chain(&traces.leftovers).flat_map(|group| &group.processes);
    for process in all.filter(|process| process.args.contains("eval \"$wrcap\"")) {
        let pid = Pid::from_raw(i32::try_from(process.pid).unwrap()).unwrap();
        // The first ones take others with them.
        let _ = kill_process(pid, Signal::KILL);
    }
}

#[test]
fn what_lost_its_minder_is_found_and_ended_under_every_shell() {
    for sh in shells(SCRIPT_SHELLS) {
        let on = |command: &str| {
            let mut shell = Command::new("sh");
            shell.args(["-c", &command.replacen("exec sh ", &format!("exec {sh} "), 1)]);
            Channel::open(shell)
        };
        let number = number();
        let lines = (number + 100_000).to_string();
        let args = ["sh", "-c", "echo up; exec tail -n \"$1\" -f /dev/null", "x", &lines];
        let mut settings = settings(number, Way::None, &args);
        settings.tag = tag(number);
        let session = settings.tag.to_string();
        let channel = open(&settings, "sh", "sh");
        channel.until("stream", |c| c.stream(&settings.tag).filter(|s| !s.is_empty()));
        let found = sweep(on, &session, &[]);
        assert_eq!((found.leftovers.len(), found.in_use.len()), (0, 1), "{sh}: {found:#?}");
        assert!(found.in_use[0].processes.iter().any(|p| p.args.starts_with("tail")), "{sh}: {found:#?}");

        kill_minder(&found);
        let orphaned = || Some(sweep(on, &session, &[])).filter(|found| found.left() > 0);
        let found = eventually(orphaned).unwrap();
        let chosen: Vec<Chosen> = found.leftovers[0].chosen().collect();
        // Another process with such an id is not the one that was meant.
        let others: Vec<_> = chosen.iter().map(|c| Chosen { start: "1".into(), ..c.clone() }).collect();
        assert_eq!(sweep(on, &session, &others).left(), found.left(), "{sh}");
        assert!(!processes(&lines).is_empty(), "{sh}");
        let after = sweep(on, &session, &chosen);
        assert_eq!((after.left(), after.in_use.len()), (0, 0), "{sh}: {after:#?}");
        nothing_left(&lines);
    }
}

#[test]
fn what_does_not_obey_term_or_was_stopped_is_ended_too() {
    for (script, signal) in [
        ("trap '' TERM; echo up; while :; do sleep 1; done", None),
        ("echo up; while :; do sleep 1; done", Some(Signal::STOP)),
    ] {
        let number = number();
        let needle = format!("{}", number + 100_000);
        let mut settings = settings(number, Way::Command, &["sh", "-c", script, &needle]);
        settings.tag = tag(number);
        let session = settings.tag.to_string();
        let on = |command: &str| {
            let mut shell = Command::new("sh");
            shell.args(["-c", command]);
            Channel::open(shell)
        };
        let channel = open(&settings, "sh", "sh");
        channel.until("stream", |c| c.stream(&settings.tag).filter(|s| !s.is_empty()));
        let found = sweep(on, &session, &[]);
        for process in found.in_use[0].processes.iter().filter(|process| process.args.contains(&needle)) {
            let pid = Pid::from_raw(i32::try_from(process.pid).unwrap()).unwrap();
            if let Some(signal) = signal {
                kill_process(pid, signal).unwrap();
            }
        }
        kill_minder(&found);
        let found = eventually(|| Some(sweep(on, &session, &[])).filter(|found| found.left() > 0)).unwrap();
        let mut left = found.leftovers;
        // What it starts while it is being ended takes another round.
        for _ in 0..3 {
            let chosen: Vec<Chosen> = left.iter().flat_map(Group::chosen).collect();
            left = sweep(on, &session, &chosen).still(&left);
            if left.is_empty() {
                break;
            }
        }
        assert_eq!(left, []);
        nothing_left(&needle);
    }
}

#[test]
fn what_lost_its_minder_is_ended_by_every_way_to_root() {
    if !lab() {
        return;
    }
    let path = tcpdump();
    for (kind, way) in WAYS {
        let number = number();
        let port = number % 40_000 + 20_000;
        let filter = format!("not (tcp and host 127.0.0.9 and port {port} and host 127.0.0.1 and port 22)");
        let args = [&path, "-U", "-n", "-i", "lo", "-p", "-w", "-", "--", &filter];
        let mut settings = settings(number, *way, &args);
        settings.tag = tag(number);
        settings.password = secret(*way, "open sesame");
        let on = |command: &str| world(kind, "/bin/sh", command, &path);
        let mut channel = on(&minder::command(&settings.tag));
        channel.send(&settings.encode().unwrap());
        channel.until(kind, |c| c.stream(&settings.tag).filter(|s| s.len() == 24));

        let found = sweep(on, &filter, &[]);
        assert_eq!((found.leftovers.len(), found.in_use.len()), (0, 1), "{kind}: {found:#?}");
        kill_minder(&found);
        // With script(1) its terminal is gone, and by that what was on it.
        if matches!(way, Way::SudoTty | Way::SudoTtyPassword) {
            nothing_left(&filter);
            continue;
        }
        let orphaned = || Some(sweep(on, &filter, &[])).filter(|found| found.left() > 0);
        let found = eventually(orphaned).unwrap_or_else(|| panic!("{kind}: {:#?}", processes(&filter)));
        assert!(found.leftovers[0].processes.iter().any(|p| p.args.contains(&filter)), "{kind}: {found:#?}");
        let after = sweep(on, &filter, &found.leftovers[0].chosen().collect::<Vec<_>>());
        assert_eq!(after.left(), 0, "{kind}: {after:#?}");
        nothing_left(&filter);
    }
}

/// A ps(1) as macOS and the BSDs have it, which knows one process of ours, for real, and one of somebody else.
const PS: &str = r#"#!/bin/sh
start="Thu Nov 26 11:05:20 2026"
case $* in
*"state= -p"*) kill -0 "$4" && echo S ;;
*"lstart= -p"*) echo "$start" ;;
*)
  kill -0 "$WRCAP_ORPHAN" && echo "  $WRCAP_ORPHAN 1 $WRCAP_ORPHAN 501 S    $start 01-02:03:04 sh -c eval \"\$wrcap\" wrcap-$WRCAP_LABEL"
  echo "  99 1 99 501 Ss $start 00:07 tcpdump -i lo0"
  ;;
esac
"#;

#[test]
fn a_target_without_proc_is_asked_by_ps() {
    if !lab() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let ps = folder.path().join("ps");
    std::fs::write(&ps, PS).unwrap();
    Command::new("chmod").arg("755").arg(&ps).status().unwrap();
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
    for sh in shells(SCRIPT_SHELLS) {
        let lost = Command::new("sh").args(["-c", "sleep 600 >/dev/null 2>&1 & echo $!"]).output().unwrap();
        let orphan = String::from_utf8(lost.stdout).unwrap().trim().to_owned();
        let session = tag(number()).to_string();
        let on = |command: &str| {
            let mut shell = Command::new("unshare");
            let script = "mount -t tmpfs tmpfs /proc && eval \"$1\"";
            let command = command.replacen("exec sh ", &format!("exec {sh} "), 1);
            shell.args(["-m", "sh", "-c", script, "sh", &command]).env("PATH", &path);
            shell.env("WRCAP_ORPHAN", &orphan).env("WRCAP_LABEL", &session);
            Channel::open(shell)
        };
        let found = sweep(on, &session, &[]);
        assert_eq!((found.left(), found.leftovers.len()), (1, 1), "{sh}: {found:#?}");
        assert_eq!(found.leftovers[0].age().as_secs(), 93_784, "{sh}");
        let chosen: Vec<Chosen> = found.leftovers[0].chosen().collect();
        let others: Vec<_> = chosen.iter().map(|c| Chosen { start: "Thu_Nov".into(), ..c.clone() }).collect();
        assert_eq!(sweep(on, &session, &others).left(), 1, "{sh}");
        assert_eq!(sweep(on, &session, &chosen).left(), 0, "{sh}");
        assert!(!std::path::Path::new("/proc").join(&orphan).exists(), "{sh}");
    }
}
