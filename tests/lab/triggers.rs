//! Captures that end by themselves: at a time, or after a packet that was waited for.

use crate::common::{
    files,
    lab::Lab,
    wrcap::{self, Wrcap},
};

/// An Ethernet frame with a TCP segment of these flags.
fn segment(number: u16, flags: u8) -> Vec<u8> {
    let mut frame = b"\x02\0\0\0\0\xff\x02\0\0\0\0\xfe\x08\0".to_vec();
    let mut ip = vec![0x45, 0, 0, 40, 0, 0, 0x40, 0, 64, 6, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2];
    ip[4..6].copy_from_slice(&number.to_be_bytes());
    let sum: u32 = ip.chunks(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(pair[1])).sum();
    let sum = !u16::try_from((sum & 0xffff) + (sum >> 16)).unwrap();
    ip[10..12].copy_from_slice(&sum.to_be_bytes());
    frame.extend(ip);
    frame.extend([0x30, 0x39, 0, 80]);
    frame.extend([0, 0, 0, 1, 0, 0, 0, 0, 0x50, flags, 1, 0, 0, 0, 0, 0]);
    frame.resize(60, 0);
    frame
}

const ACK: u8 = 0x10;
const RST: u8 = 0x04;
const RESET: &str = "tcp[tcpflags] & tcp-rst != 0";

fn packets(acknowledged: u16, then: u8) -> Vec<Vec<u8>> {
    (0..acknowledged).map(|n| segment(n, ACK)).chain([segment(acknowledged, then)]).collect()
}

#[test]
fn the_packet_that_was_waited_for_is_the_last_one() {
    let Some(lab) = Lab::up(1) else { return };
    for (interface, file) in [("cap0", "ether.pcapng"), ("any", "sll2.pcapng")] {
        let path = lab.path(file);
        let path_name = path.to_string_lossy();
        let words = ["capture", "lab/t1", "-i", interface, "-f", "src host 192.0.2.1", "-w", &path_name];
        let wrcap = Wrcap::start(&lab, &[&words[..], &["--stop-match", RESET, "--json"]].concat());
        wrcap.until_live();
        let sent = [packets(50, RST), packets(20, ACK)].concat();
        lab.replay("t1", &sent, Some(500));
        let report = wrcap.end().code(0).report();
        assert_eq!((&report["outcome"], &report["limit"]), (&"limit".into(), &"match".into()), "{report}");
        assert_eq!(files::fields(&path, "tcp", "ip.id").len(), 51, "{interface}: {report}");
        assert_eq!(files::fields(&path, "tcp.flags.reset == 1", "frame.number"), ["51"], "{interface}");
    }
    lab.assert_nothing_left();
}

#[test]
fn what_comes_for_a_while_after_it_is_kept() {
    let Some(lab) = Lab::up(1) else { return };
    let target = format!(
        "{{ host: {}, interface: cap0, stop_after: {{ match: \"{RESET}\", then: 4s }} }}",
        lab.value("T1_IP")
    );
    lab.site("reset", &[], &format!("  t1: {target}\n"));
    let path = lab.path("out.pcapng");
    let wrcap = Wrcap::start(&lab, &["capture", "reset/t1", "-w", &path.to_string_lossy(), "--json"]);
    wrcap.until_live();
    let sent = [packets(10, RST), packets(10, RST)].concat();
    lab.replay("t1", &sent, Some(500));
    let report = wrcap.end().code(0).report();
    assert_eq!(report["limit"], "match", "{report}");
    assert!(files::bytes_of(&path) == sent, "not all that came: {report}");
    lab.assert_nothing_left();
}

#[test]
fn a_time_of_the_clock_ends_a_capture() {
    let Some(lab) = Lab::up(1) else { return };
    let soon = jiff::Zoned::now() + jiff::SignedDuration::from_secs(8);
    let until = soon.strftime("%Y-%m-%d %H:%M:%S").to_string();
    let path = lab.path("out.pcapng");
    let words = ["capture", "lab/t1", "-w", &path.to_string_lossy(), "--until", &until, "--json"];
    let report = wrcap::run(&lab, &words).code(0).report();
    assert_eq!((&report["limit"], &report["complete"]), (&"time".into(), &true.into()), "{report}");
    assert!(
        jiff::Zoned::now() >= soon.round(jiff::Unit::Second).unwrap() - jiff::SignedDuration::from_secs(1)
    );
    lab.assert_nothing_left();
}

#[test]
fn an_expression_that_is_none_is_refused_and_nothing_of_it_is_run() {
    let Some(lab) = Lab::up(1) else { return };
    let path = lab.path("out.pcapng");
    let file = path.to_string_lossy();
    // The last one compiles to what only a kernel knows of a packet: there is no link type here that it can be told for.
    for expression in ["tcp prt 80", "$(touch /tmp/x)", "`id`", "'; reboot; '", "-w /tmp/x", "inbound"] {
        let words = ["capture", "lab/t1", "-w", &file, "--json", "--stop-match", expression];
        let report = wrcap::run(&lab, &words).code(4).report();
        assert_eq!(report["error"]["kind"], "filter", "{report}");
        assert_eq!(lab.on("t1", &["sh", "-c", "ls /tmp"]), "", "{expression}");
    }
    wrcap::run(&lab, &["capture", "lab/t1", "-w", &file, "--stop-match", "tcp\nreboot"]).code(2);
    wrcap::run(&lab, &["capture", "lab/t1", "-w", &file, "--until", "25:00"]).code(2);
    assert!(!path.exists());
    lab.assert_nothing_left();
}
