//! Several interfaces of a target as one capture.

use std::{collections::HashSet, path::Path, time::Duration};

use rustix::process::Signal;

use crate::common::{files, holds_within, lab::Lab, wrcap::Wrcap};

const PACKETS: u32 = 3000;

/// What packets take that wait for the kernel, for another interface and for a busy machine.
const SOON: Duration = Duration::from_secs(20);

fn start(lab: &Lab, file: &Path, more: &[&str]) -> Wrcap {
    let words = ["capture", "lab/t1", "-i", "eth0,cap0", "--json", "-w", &file.to_string_lossy()];
    Wrcap::start(lab, &[&words[..], more].concat())
}

/// The packets of `sent` that are in the file, in its order.
fn came(file: &Path, sent: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let known: HashSet<&Vec<u8>> = sent.iter().collect();
    files::bytes_of(file).into_iter().filter(|packet| known.contains(packet)).collect()
}

fn on(file: &Path, interface: &str) -> u64 {
    let filter = format!("frame.interface_name == \"{interface}\"");
    files::fields(file, &filter, "frame.number").len() as u64
}

/// Waits until cap0's packets are in the file, the last of which may wait for its interface's turn.
fn until_all_came(file: &Path, sent: &[Vec<u8>]) {
    let mut count = 0;
    let all = holds_within(SOON, || {
        count = came(file, sent).len();
        count == sent.len()
    });
    assert!(all, "{count} of {}", sent.len());
}

#[test]
fn interfaces_are_one_capture_in_the_order_of_time() {
    let Some(lab) = Lab::up(2) else { return };
    lab.tell(&["traffic", "t1", "start", "http", "rate=40"]);
    let file = lab.path("out.pcapng");
    let wrcap = start(&lab, &file, &[]);
    wrcap.until_live();
    let sent = files::known_packets(PACKETS);
    lab.replay("t1", &sent, Some(2000));
    until_all_came(&file, &sent);
    wrcap.signal(Signal::INT);
    let report = wrcap.end().code(0).report();
    assert_eq!((&report["outcome"], &report["complete"]), (&"stopped".into(), &true.into()), "{report}");

    assert!(came(&file, &sent) == sent, "other packets than those that were sent, or in another order");
    let info = files::capinfos(&file);
    assert!(info.contains("Number of interfaces in file: 2"), "{info}");
    assert!(info.lines().any(|l| l.starts_with("Strict time order:") && l.ends_with("True")), "{info}");
    let (eth0, cap0) = (on(&file, "t1:eth0"), on(&file, "t1:cap0"));
    assert!(eth0 > 20 && cap0 >= u64::from(PACKETS), "{eth0} and {cap0}");
    assert_eq!(report["packets"], eth0 + cap0, "{report}");
    let blocks = files::statistics_blocks(&file);
    assert_eq!(blocks.iter().map(|block| block[&8]).collect::<Vec<_>>(), [eth0, cap0]);
    assert!(blocks.iter().all(|block| block[&4] >= block[&8]), "{blocks:?}");
    assert_eq!(report["kernel_received"], blocks[0][&4] + blocks[1][&4], "{report}");
    lab.assert_nothing_left();
}

#[test]
fn a_limit_is_one_of_all_interfaces() {
    let Some(lab) = Lab::up(2) else { return };
    let file = lab.path("out.pcapng");
    let wrcap = start(&lab, &file, &["--filter", "not ip6", "-c", "100"]);
    wrcap.until_live();
    lab.replay("t1", &files::known_packets(PACKETS), Some(2000));
    let report = wrcap.end().code(0).report();
    assert_eq!((&report["packets"], &report["limit"]), (&100.into(), &"packets".into()), "{report}");
    assert_eq!(report["complete"], true, "{report}");
    assert_eq!(on(&file, "t1:eth0") + on(&file, "t1:cap0"), 100);
    lab.assert_nothing_left();
}

#[test]
fn one_tcpdump_that_dies_is_a_gap_of_all_and_they_come_back() {
    let Some(lab) = Lab::up(2) else { return };
    let file = lab.path("out.pcapng");
    let wrcap = start(&lab, &file, &[]);
    wrcap.until_live();
    let sent = files::known_packets(PACKETS);
    let (first, second) = sent.split_at(1000);
    lab.replay("t1", first, Some(2000));
    until_all_came(&file, first);
    lab.on("t1", &["pkill", "-KILL", "-f", "^/usr/bin/tcpdump .*-i cap0 "]);
    wrcap.until("capture that is tried again", |event| event["state"] == "retry");
    let is_live = |event: &serde_json::Value| event["event"] == "state" && event["state"] == "live";
    assert!(holds_within(SOON, || wrcap.events().iter().filter(|event| is_live(event)).count() > 1));
    lab.replay("t1", second, Some(2000));
    until_all_came(&file, &sent);
    wrcap.signal(Signal::INT);
    let report = wrcap.end().code(0).report();
    assert_eq!((&report["reconnects"], &report["gaps"]), (&1.into(), &1.into()), "{report}");
    assert!(came(&file, &sent) == sent, "other packets than those that were sent, or in another order");
    let info = files::capinfos(&file);
    assert!(info.contains("Number of interfaces in file: 2"), "{info}");
    assert_eq!(files::fields(&file, "frame.comment contains \"gap of\"", "frame.number").len(), 1);
    lab.assert_nothing_left();
}
