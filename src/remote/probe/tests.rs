use super::{FilterCheck, Found, ProbeError, ProbeReport, Tag, questions};
use crate::{
    profile::{Interface, Privilege},
    remote::{
        opening::Opening,
        privilege::{Way, WayState},
    },
    session::FailKind,
};
use proptest::prelude::*;

const LINUX: &str = "Welcome!\r\nwrcap-probe T1
ssh ::ffff:10.0.0.9 50000 ::ffff:10.0.0.1 22
other ::ffff:10.0.0.9 50000 ::ffff:10.0.0.1 22
other 10.0.0.9 50001 10.0.0.1 22
other nonsense
system Linux
release 6.1
hostname web-1
uid 1000
user alice
clock 1795474290
memory 1024
tcpdump /usr/bin/tcpdump
version tcpdump version 4.99.3
version libpcap version 1.10.3 (with TPACKET_V3)
version OpenSSL 3.0.19 27 Jan 2026
interface 1.eth0 [Up, Running, Connected]
interface 2.any (Pseudo-device that captures on all interfaces) [Up, Running]
interface 3.lo [Up, Running, Loopback]
interface 4.odd (Card [x]) [none]
match-exit 0
program EN10MB 1 6 0 0 262144 
program ODD 1 6 0 0 0 
filter tcpdump: can't parse filter expression: syntax error
filter-exit 1
none tcpdump: any: You don't have permission to perform this capture on that device
none (socket: Operation not permitted)
none-exit 1
sudo sudo: a password is required
sudo-exit 1
link 1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536
link 2: eth0@if5: <BROADCAST,UP,LOWER_UP> mtu 1500
address 1: lo    inet 127.0.0.1/8 scope host lo\\ valid_lft forever
address 2: eth0    inet 10.0.0.1/24 brd 10.0.0.255 scope global eth0
address 2: eth0    inet6 fe80::1/64 scope link
route 10.0.0.9 dev eth0 src 10.0.0.1
default default via 10.0.0.254 dev eth0
wrcap-probe-end T1\nbye";

fn parse(text: &str) -> Result<ProbeReport, ProbeError> {
    ProbeReport::parse(text.as_bytes(), &Tag::new("T1").unwrap())
}

fn auto(text: &str) -> (String, Found) {
    parse(text).unwrap().auto_interface.unwrap()
}

#[test]
fn a_whole_answer() {
    let report = parse(LINUX).unwrap();
    assert_eq!((report.login.uid, report.login.user.as_str(), report.clock), (1000, "alice", 1_795_474_290));
    assert_eq!(report.memory, Some(1 << 20));
    let others: Vec<_> = report.others.iter().map(|other| other.client_port).collect();
    assert_eq!(others, [50_001], "our own is none of them");
    assert_eq!(report.matching.programs, [(1, "1 6 0 0 262144 ".to_owned())]);
    let tool = report.tcpdump.clone().unwrap();
    assert_eq!(tool.version, "tcpdump version 4.99.3, libpcap version 1.10.3 (with TPACKET_V3)");
    assert_eq!(report.filter, FilterCheck::Bad("can't parse filter expression: syntax error".into()));
    assert_eq!(report.filter_failure("t").unwrap().kind, FailKind::Filter);
    assert!(matches!(&report.ways[0], (Way::None, WayState::Fails(text)) if text.contains("permission")));
    assert_eq!(report.ways[2], (Way::Doas, WayState::NotTried));
    assert_eq!(report.ways[3], (Way::SudoPassword, WayState::AsksPassword));
    let names: Vec<&str> = report.interfaces.iter().map(|info| info.name.as_str()).collect();
    assert_eq!(names, ["eth0", "any", "lo", "odd"]);
    assert_eq!(report.interfaces[0].addresses.len(), 2);
    assert!(report.interfaces[2].loopback && !report.interfaces[3].up);
    assert_eq!(report.interfaces[3].description, "Card [x]");
    assert_eq!(report.auto_interface, Some(("eth0".into(), Found::Address)));
}

#[test]
fn auto_falls_back_rule_by_rule() {
    let nat = LINUX.replace("::ffff:10.0.0.1 22", "203.0.113.7 22");
    assert_eq!(auto(&nat), ("eth0".into(), Found::RouteToClient));
    let no_route = nat.replace("\nroute 10.0.0.9 dev eth0 src 10.0.0.1", "");
    assert_eq!(auto(&no_route), ("eth0".into(), Found::DefaultRoute));
    let nothing = no_route.replace("\ndefault default via 10.0.0.254 dev eth0", "");
    assert_eq!(auto(&nothing), ("eth0".into(), Found::FirstUp));
    let tunnel = LINUX
        .replace("::ffff:10.0.0.9 50000 ::ffff:10.0.0.1", "127.0.0.1 50000 127.0.0.1")
        .replace("10.0.0.9 dev eth0", "local 127.0.0.1 dev lo");
    assert_eq!(auto(&tunnel), ("eth0".into(), Found::DefaultRoute));
    let alone = tunnel.replace("\ndefault default via 10.0.0.254 dev eth0", "");
    assert_eq!(auto(&alone), ("lo".into(), Found::Loopback));
    let zone = LINUX.replace("::ffff:10.0.0.9 50000 ::ffff:10.0.0.1", "fe80::9%eth0 50000 fe80::1%eth0");
    assert_eq!(auto(&zone), ("eth0".into(), Found::Address));
}

#[test]
fn ifconfig_of_all_kinds() {
    let (head, _) = LINUX.split_once("link 1").unwrap();
    let bsd = format!(
        "{head}ifconfig en0: flags=8863<UP,BROADCAST> mtu 1500\nifconfig \tinet 10.0.0.1 netmask 0xffffff00\n\
         ifconfig eth9      Link encap:Ethernet\nifconfig           inet addr:10.0.9.1  Bcast:10.0.9.255\n\
         ifconfig           UP BROADCAST RUNNING\nwrcap-probe-end T1\n"
    );
    let report = parse(&bsd).unwrap();
    assert_eq!(report.auto_interface, Some(("en0".into(), Found::Address)));
    let old = report.interfaces.iter().find(|info| info.name == "eth9").unwrap();
    assert!(old.up && old.addresses == ["10.0.9.1".parse::<std::net::IpAddr>().unwrap()]);
}

#[test]
fn a_device_that_is_down_still_shows_the_right_to_capture() {
    let down =
        LINUX.replace("sudo sudo: a password is required", "sudo tcpdump: eth0: That device is not up");
    assert_eq!(parse(&down).unwrap().ways[1], (Way::Sudo, WayState::Works));
}

#[test]
fn names_are_checked_against_the_list() {
    let report = parse(LINUX).unwrap();
    assert_eq!(report.interfaces(&Interface::Named("any".into()), "t").unwrap(), ["any"]);
    assert_eq!(report.interfaces(&Interface::Auto, "t").unwrap(), ["eth0"]);
    let failure = report.interfaces(&Interface::Named("eth7".into()), "t").unwrap_err();
    assert_eq!(
        (failure.kind, failure.hint.as_deref()),
        (FailKind::Interface, Some("it has eth0, any, lo, odd"))
    );
}

#[test]
fn an_interface_that_does_not_open_is_named_with_the_others() {
    let with =
        |lines: &str| parse(&LINUX.replace("wrcap-probe-end", &format!("{lines}wrcap-probe-end"))).unwrap();
    assert_eq!(parse(LINUX).unwrap().opening, Opening::NotTried);
    assert_eq!(with("opened all\n").opening, Opening::Opens);
    let refused = with(
        "unopened odd\nrefusal sudo: unable to resolve host\nrefusal tcpdump: odd: No such \u{1b}device exists\n",
    );
    let failure = refused.opening_failure("t").unwrap();
    assert_eq!(failure.message, "t cannot capture on odd: No such device exists");
    assert_eq!((failure.kind, failure.hint.as_deref()), (FailKind::Interface, Some("it has eth0, any, lo")));
    let denied = with("unopened eth0\nrefusal tcpdump: eth0: You don't have permission to capture\n");
    assert_eq!(denied.opening_failure("t").unwrap().kind, FailKind::Privilege);
    let by_sudo = with("unopened odd\nrefusal sudo: a password is required\n");
    assert_eq!(by_sudo.opening, Opening::NotTried, "sudo's refusal says nothing about the interface");
}

#[test]
fn what_is_not_the_probes_is_refused() {
    assert_eq!(parse("go\x1b[2J away"), Err(ProbeError::NoBegin("go [2J away".into())));
    assert_eq!(parse("wrcap-probe T1\nsystem Linux\n"), Err(ProbeError::NoEnd));
    assert_eq!(parse(&LINUX.replace("uid 1000", "uid x")), Err(ProbeError::Value("uid")));
    assert_eq!(parse(&LINUX.replace("uid 1000", "hello")), Err(ProbeError::Line("hello".into())));
    assert_eq!(parse(&LINUX.replace("/usr/bin/tcpdump\n", "tcp dump\n")), Err(ProbeError::Value("tcpdump")));
    assert_eq!(parse(&"x".repeat(super::MAX_ANSWER + 1)), Err(ProbeError::TooLong));
}

#[test]
fn questions_take_one_line_each() {
    let tag = Tag::new("T1").unwrap();
    let ask = |filter| questions(&tag, Privilege::Auto, &Interface::Auto, filter, None);
    let bytes = ask(Some(" $(touch /tmp/x) ")).unwrap();
    let lines: Vec<&str> = std::str::from_utf8(&bytes).unwrap().lines().skip(1).collect();
    assert_eq!(lines[..5], ["T1", "auto", "EN10MB", "$(touch /tmp/x)", ""]);
    assert!(lines[5].starts_with("EN10MB LINUX_SLL2 ") && lines.len() == 7, "{lines:?}");
    assert_eq!(lines[6], "", "nothing is named, nothing is opened");
    let both = Interface::Merged(vec!["eth0".into(), "$(reboot)".into()]);
    let bytes = questions(&tag, Privilege::Auto, &both, None, None).unwrap();
    assert_eq!(std::str::from_utf8(&bytes).unwrap().lines().last(), Some("eth0 $(reboot)"));
    assert!(ask(Some("a\nb")).is_err());
}

proptest! {
    #[test]
    fn no_answer_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = ProbeReport::parse(&bytes, &Tag::new("T1").unwrap());
    }

    #[test]
    fn no_mangled_answer_makes_it_panic(at in 0_usize..1500, cut in 0_usize..60, new in "[ -~\n\\.\\[\\]]{0,30}") {
        let mut text = LINUX.to_owned();
        let at = at.min(text.len());
        let end = (at + cut).min(text.len());
        text.replace_range(at..end, &new);
        if let Ok(report) = parse(&text) {
            prop_assert!(!report.hostname.contains('\x1b'));
        }
    }
}
