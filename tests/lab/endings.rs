//! However a capture ends, nothing of it stays.

use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;

use crate::common::{PATIENCE, files, holds_within, lab::Lab, wrcap::Wrcap};

/// Two seconds, and what a busy machine needs to look.
const SOON: Duration = Duration::from_secs(5);

/// A capture of web traffic with packets in it.
fn running(lab: &Lab, selector: &str, file: &str) -> Wrcap {
    let path = lab.path(file);
    let wrcap = Wrcap::start(lab, &["capture", selector, "-w", &path.to_string_lossy(), "--json"]);
    wrcap.until("packets", |event| event["event"] == "stats" && event["packets"].as_u64() > Some(0));
    assert!(lab.tell(&["ps", "t1"]).contains("tcpdump"));
    wrcap
}

fn assert_whole(lab: &Lab, file: &str, report: &Value) {
    let path = lab.path(file);
    let packets = files::bytes_of(&path).len();
    assert_eq!(report["packets"], packets, "{report}");
    assert_eq!(files::statistics_block(&path)[&4], report["kernel_received"].as_u64().unwrap(), "{report}");
    assert!(report["kernel_received"].as_u64() >= report["packets"].as_u64(), "{report}");
}

#[test]
fn signals_end_a_capture_with_its_statistics() {
    let Some(lab) = Lab::up(2) else { return };
    lab.tell(&["traffic", "t1", "start", "http", "rate=40"]);
    for (signal, file) in
        [(Signal::INT, "int.pcapng"), (Signal::TERM, "term.pcapng"), (Signal::HUP, "hup.pcapng")]
    {
        let wrcap = running(&lab, "lab/t1", file);
        wrcap.signal(signal);
        lab.assert_no_tcpdump("t1", SOON);
        let report = wrcap.end().code(0).report();
        assert_eq!((&report["outcome"], &report["complete"]), (&"stopped".into(), &true.into()), "{report}");
        assert_whole(&lab, file, &report);
        lab.assert_nothing_left();
    }
}

#[test]
fn a_second_interrupt_does_not_wait_for_a_target_that_is_silent() {
    let Some(lab) = Lab::up(2) else { return };
    lab.site("brief", &[], &format!("  t1: {{ host: {}, lease: 5s }}\n", lab.value("T1_IP")));
    lab.tell(&["traffic", "t1", "start", "http", "rate=40"]);
    let wrcap = running(&lab, "brief/t1", "out.pcapng");
    lab.tell(&["link", "t1", "down"]);
    wrcap.signal(Signal::INT);
    wrcap.until("stopping session", |event| event["state"] == "stop");
    wrcap.signal(Signal::INT);
    let ended = wrcap.end().code(0);
    assert_eq!(ended.report()["complete"], false, "{ended:?}");
    assert_eq!(lab.own_ssh() + &lab.own_files(), "");
    // Nobody could tell the target; its lease is over at some time.
    lab.assert_no_tcpdump("t1", PATIENCE);
    assert_eq!(files::bytes_of(&lab.path("out.pcapng")).len(), ended.report()["packets"]);
    lab.tell(&["traffic", "t1", "stop"]);
    lab.tell(&["link", "t1", "up"]);
}

#[test]
fn after_kill_9_no_process_stays() {
    let Some(lab) = Lab::up(2) else { return };
    lab.tell(&["traffic", "t1", "start", "http", "rate=40"]);
    let wrcap = running(&lab, "lab/t1", "out.pcapng");
    wrcap.signal(Signal::KILL);
    assert_eq!(wrcap.end().code, -9);
    lab.assert_no_tcpdump("t1", PATIENCE + SOON);
    let left = || lab.processes() + &lab.own_ssh();
    assert!(holds_within(PATIENCE, || left().is_empty()), "left behind:\n{}", left());
    assert!(!lab.own_files().contains("/c\n"), "the master's socket:\n{}", lab.own_files());
    let dead = lab.own_files();
    // What was written up to then can be read.
    assert!(!files::fields(&lab.path("out.pcapng"), "tcp.port == 80", "frame.number").is_empty());

    // The next run takes the dead one's folder away.
    assert!(dead.contains("/r/wrcap/s"), "{dead}");
    let wrcap = running(&lab, "lab/t1", "next.pcapng");
    let folder = dead.lines().next().unwrap();
    assert!(!std::path::Path::new(folder).exists(), "{folder}");
    wrcap.signal(Signal::INT);
    wrcap.end().code(0);
    lab.tell(&["traffic", "t1", "stop"]);
    lab.assert_nothing_left();
}

#[test]
fn an_interface_that_was_down_between_two_beats_is_told() {
    let Some(lab) = Lab::up(1) else { return };
    let path = lab.path("down.pcapng");
    let wrcap =
        Wrcap::start(&lab, &["capture", "lab/t1", "-i", "cap0", "-w", &path.to_string_lossy(), "--json"]);
    wrcap.until_live();
    let link = |how: &str| lab.on("t1", &["ip", "link", "set", "cap0", how]);
    let told = |words: &'static str| {
        wrcap.until(words, |event| event["text"].as_str().is_some_and(|text| text.contains(words)));
    };
    link("down");
    told("cap0 is down; what the wire carries meanwhile is unknown");
    link("up");
    told("cap0 is up again; what the wire carried meanwhile is unknown");
    link("down");
    link("up");
    told("cap0 was down for a while; what the wire carried meanwhile is unknown");
    wrcap.signal(Signal::INT);
    let report = wrcap.end().code(0).report();
    assert_eq!((&report["complete"], &report["gaps"]), (&true.into(), &0.into()), "{report}");
}
