use super::{Count, Line, Spec, Statistics, Totals, arguments, failure};
use crate::{
    profile::{Delivery, Direction, Precision},
    session::{FailKind, Stage},
};
use proptest::prelude::*;

fn spec() -> Spec {
    Spec {
        tcpdump: "/usr/bin/tcpdump".into(),
        interface: "eth0".into(),
        snaplen: 262_144,
        buffer: 32 << 20,
        promiscuous: true,
        direction: Direction::InOut,
        precision: Precision::Micro,
        delivery: Delivery::Batched,
        filter: Some("tcp port 80".into()),
    }
}

#[test]
fn the_default_line() {
    assert_eq!(
        arguments(&spec()).join(" "),
        "/usr/bin/tcpdump -U -n -i eth0 -s 262144 -B 32768 -w - -- tcp port 80"
    );
}

#[test]
fn every_option_and_a_hostile_filter_stay_apart() {
    let args = arguments(&Spec {
        promiscuous: false,
        direction: Direction::In,
        precision: Precision::Nano,
        delivery: Delivery::Immediate,
        buffer: 1,
        filter: Some("-w /etc/passwd".into()),
        ..spec()
    });
    assert_eq!(
        args[7..],
        [
            "-B",
            "1",
            "-p",
            "-Q",
            "in",
            "--time-stamp-precision=nano",
            "--immediate-mode",
            "-w",
            "-",
            "--",
            "-w /etc/passwd"
        ]
    );
}

#[test]
fn messages_of_both_generations() {
    let listening = Line::Listening { interface: "v0".into(), link_type: "EN10MB".into(), snaplen: 262_144 };
    for line in [
        "tcpdump: listening on v0, link-type EN10MB (Ethernet), snapshot length 262144 bytes",
        "tcpdump: listening on v0, link-type EN10MB (Ethernet), capture size 262144 bytes",
        "listening on v0, link-type EN10MB, capture size 262144 bytes",
    ] {
        assert_eq!(Line::parse(line), listening, "{line}");
    }
    let numbers = Statistics { captured: 5, received: 6, dropped: 1, interface_dropped: None };
    assert_eq!(
        Line::parse("tcpdump: 5 packets captured, 6 packets received by filter, 1 packet dropped by kernel"),
        Line::Statistics(numbers)
    );
    assert_eq!(
        Line::parse(
            "5 packets captured, 6 packets received by filter, 1 packet dropped by kernel, 2 packets dropped by interface"
        ),
        Line::Statistics(Statistics { interface_dropped: Some(2), ..numbers })
    );
    assert_eq!(Line::parse("1 packet captured"), Line::Count(Count::Captured(1)));
    assert!(matches!(Line::parse("tcpdump: WARNING: When trying to set"), Line::Warning(_)));
    assert!(matches!(Line::parse("dropped privs to tcpdump"), Line::Other(_)));
    assert!(matches!(Line::parse("tcpdump: data link type LINUX_SLL2"), Line::Other(_)));
}

#[test]
fn errors_have_kinds() {
    for (line, kind) in [
        ("tcpdump: nosuch0: No such device exists", FailKind::Interface),
        ("tcpdump: v1: That device is not up", FailKind::Interface),
        ("tcpdump: pcap_loop: The interface disappeared", FailKind::Interface),
        (
            "tcpdump: v0: You don't have permission to perform this capture on that device",
            FailKind::Privilege,
        ),
        ("tcpdump: can't parse filter expression: syntax error", FailKind::Filter),
        ("tcpdump: syntax error", FailKind::Filter),
        ("tcpdump: unknown capture direction `foo'", FailKind::CaptureDied),
    ] {
        assert!(matches!(Line::parse(line), Line::Error(k, _) if k == kind), "{line}");
    }
    let told = failure(FailKind::Filter, "syntax error", Stage::Arm, "t1");
    assert_eq!(told.message, "tcpdump on t1: syntax error");
    assert!(told.hint.is_some());
}

#[test]
fn the_end_needs_its_three_lines() {
    let mut totals = Totals::default();
    totals.add(Count::Captured(5));
    totals.add(Count::Received(5));
    assert_eq!(totals.statistics(), None);
    totals.add(Count::Dropped(0));
    assert_eq!(totals.statistics().unwrap().captured, 5);
}

proptest! {
    #[test]
    fn any_line_is_read_without_control_characters(line in ".{0,80}") {
        if let Line::Other(text) | Line::Error(_, text) | Line::Warning(text) = Line::parse(&line) {
            prop_assert!(!text.chars().any(char::is_control));
        }
    }
}
