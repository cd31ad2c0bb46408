//! The dead man's switch: however a target stops hearing from us, tcpdump is gone from it once the lease is over, on
//! an interface where nothing happens that could tell it.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::common::{PATIENCE, holds_within, lab::Lab, wrcap::Wrcap};

/// The lease of these captures, the two seconds that are promised, and what a busy machine needs to look.
const LIMIT: Duration = Duration::from_secs(5 + 2 + 5);

/// Signals every ssh of the test's wrcap; gives how many there were.
fn signal_ssh(lab: &Lab, wanted: &str, signal: Signal) -> usize {
    let own = lab.own_ssh();
    let of = |line: &str| {
        let (pid, rest) = line.trim_start().split_once(' ')?;
        rest.contains(wanted).then(|| Pid::from_raw(pid.parse().unwrap()).unwrap())
    };
    let pids: Vec<Pid> = own.lines().filter_map(of).collect();
    for pid in &pids {
        // One may have taken another with it.
        let _ = kill_process(*pid, signal);
    }
    pids.len()
}

/// A capture on an interface without any packets.
fn silent(lab: &Lab, file: &str) -> Wrcap {
    let path = lab.path(file);
    let words = ["capture", "brief/t1", "-i", "cap0", "-w", &path.to_string_lossy(), "--json"];
    let wrcap = Wrcap::start(lab, &words);
    wrcap.until_live();
    assert!(lab.tell(&["ps", "t1"]).contains("tcpdump"));
    wrcap
}

/// Neither tcpdump nor anything that watches it.
fn assert_gone(lab: &Lab, how: &str) {
    let ps = || lab.tell(&["ps", "t1"]);
    let ours = |text: &str| text.contains("tcpdump") || text.contains("wrcap-");
    assert!(holds_within(LIMIT, || !ours(&ps())), "{how}: after {} s\n{}", LIMIT.as_secs(), ps());
}

fn assert_the_switch_works(knobs: &[&str]) {
    let Some(lab) = Lab::up(1) else { return };
    lab.set("t1", knobs);
    lab.site("brief", &[], &format!("  t1: {{ host: {}, lease: 5s }}\n", lab.value("T1_IP")));

    let wrcap = silent(&lab, "killed.pcapng");
    wrcap.signal(Signal::KILL);
    assert_gone(&lab, "wrcap killed");
    assert_eq!(wrcap.end().code, -9);

    // What wrcap does about it is its own business; here it must not come back.
    let wrcap = silent(&lab, "master.pcapng");
    wrcap.signal(Signal::STOP);
    assert!(signal_ssh(&lab, " -M ", Signal::KILL) > 0, "no master:\n{}", lab.own_ssh());
    assert_gone(&lab, "the ssh master killed");
    wrcap.signal(Signal::KILL);
    wrcap.end();

    let wrcap = silent(&lab, "stopped.pcapng");
    wrcap.signal(Signal::STOP);
    assert!(signal_ssh(&lab, "ssh", Signal::STOP) > 1, "no ssh:\n{}", lab.own_ssh());
    assert_gone(&lab, "everything here stopped");
    signal_ssh(&lab, "ssh", Signal::CONT);
    wrcap.signal(Signal::CONT);
    wrcap.signal(Signal::INT);
    wrcap.end();
    assert_gone(&lab, "stopped and continued");

    let wrcap = silent(&lab, "cut.pcapng");
    lab.tell(&["link", "t1", "down"]);
    assert_gone(&lab, "the link cut");
    wrcap.signal(Signal::KILL);
    wrcap.end();
    lab.tell(&["link", "t1", "up"]);
    assert_gone(&lab, "the link up again");
    assert!(holds_within(PATIENCE, || lab.own_ssh().is_empty()), "{}", lab.own_ssh());
}

#[test]
fn the_switch_works_with_sudo_for_everything() {
    assert_the_switch_works(&["sudo=all"]);
}

#[test]
fn the_switch_works_with_sudo_for_tcpdump_alone() {
    assert_the_switch_works(&["sudo=tcpdump-only"]);
}

#[test]
fn the_switch_works_with_capabilities() {
    assert_the_switch_works(&["sudo=none", "caps=on"]);
}
