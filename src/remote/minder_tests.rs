use super::{
    LineSplitter, MAX_BANNER, MAX_LINE, MarkerFinder, Message, Order, Settings, SettingsError, StatsSignal,
    Tag,
};
use crate::remote::{
    privilege::{Refusal, Way},
    tcpdump::Line,
};
use proptest::prelude::*;
use std::time::Duration;
use zeroize::Zeroizing;

fn settings(way: Way, args: &[&str]) -> Settings {
    Settings {
        tag: Tag::new("t1").unwrap(),
        way,
        lease: Duration::from_secs(30),
        stats: StatsSignal::of("Linux"),
        password: None,
        args: args.iter().map(|&arg| arg.to_owned()).collect(),
    }
}

fn lines(settings: &Settings) -> Vec<String> {
    let bytes = settings.encode().unwrap();
    std::str::from_utf8(&bytes).unwrap().lines().skip(1).map(str::to_owned).collect()
}

#[test]
fn a_password_is_not_part_of_debug_output() {
    let password = Some(Zeroizing::new("hunter2".to_owned()));
    let settings = Settings { password, ..settings(Way::SudoPassword, &["tcpdump"]) };
    let shown = format!("{settings:?}");
    assert!(shown.contains("tcpdump") && !shown.contains("hunter2"), "{shown}");
}

#[test]
fn settings_are_lines_in_their_order() {
    assert_eq!(
        lines(&settings(Way::Sudo, &["tcpdump", "-w", "-"])),
        ["t1", "sudo", "30", "USR1", "3", "tcpdump", "-w", "-"]
    );
    let mut secret = settings(Way::SudoPassword, &["tcpdump"]);
    assert_eq!(secret.encode().unwrap_err(), SettingsError::NoPassword(Way::SudoPassword));
    secret.password = Some(Zeroizing::new("a'b $c".into()));
    assert_eq!(lines(&secret), ["t1", "sudo-password", "30", "USR1", "a'b $c", "1", "tcpdump"]);
}

#[test]
fn what_is_more_than_a_line_is_refused() {
    assert_eq!(settings(Way::None, &["a\nstop"]).encode().unwrap_err(), SettingsError::Line("an argument"));
    assert_eq!(settings(Way::None, &["a\0"]).encode().unwrap_err(), SettingsError::Line("an argument"));
    assert_eq!(settings(Way::None, &[]).encode().unwrap_err(), SettingsError::Arguments);
    for bad in ["", "a b", "a'b", "a\n"] {
        assert_eq!(Tag::new(bad), None, "{bad:?}");
    }
}

#[test]
fn orders_and_answers() {
    assert_eq!(Order::Beat(7).encode(), b"beat 7\n");
    let beat = |at| Message::Beat { n: 7, at, wire: None };
    assert_eq!(
        Message::parse("wrcap: beat 7 1795473494904678236"),
        beat(Some(Duration::from_nanos(1_795_473_494_904_678_236)))
    );
    assert_eq!(Message::parse("wrcap: beat 7 1795473494N"), beat(Some(Duration::from_secs(1_795_473_494))));
    assert_eq!(Message::parse("wrcap: beat 7 1795473494%N"), beat(Some(Duration::from_secs(1_795_473_494))));
    assert_eq!(Message::parse("wrcap: beat 7"), beat(None));
    assert_eq!(Message::parse("wrcap: exit 143"), Message::Exit(143));
    assert!(matches!(Message::parse("wrcap: what"), Message::Tcpdump(Line::Other(_))));
    assert!(matches!(
        Message::parse("sudo: 1 incorrect password attempt"),
        Message::Refused(Refusal::WrongPassword, _)
    ));
    assert!(matches!(Message::parse("1 packet captured"), Message::Tcpdump(Line::Count(_))));
}

#[test]
fn an_endless_line_stays_small() {
    let mut splitter = LineSplitter::default();
    for _ in 0..100 {
        assert!(splitter.push(&[b'x'; 1000]).is_empty());
    }
    let lines = splitter.push(b"\nGot 5\rtail");
    assert_eq!(lines[0].len(), MAX_LINE + '…'.len_utf8());
    assert_eq!(lines[1], "Got 5");
    assert_eq!(splitter.finish().unwrap(), "tail");
}

#[test]
fn no_marker_shows_what_came() {
    let mut finder = MarkerFinder::new(&Tag::new("t1").unwrap());
    assert_eq!(finder.push(b"\x1b[1mThis account is closed.\r\n").unwrap(), None);
    let failure = finder.lost().failure("web-1");
    assert_eq!(failure.message, "web-1 sent something else than a capture: [1mThis account is closed.");
    assert!(finder.push(&vec![0; MAX_BANNER]).is_err());
}

proptest! {
    #[test]
    fn the_marker_is_found_however_it_is_cut(
        banner in proptest::collection::vec(any::<u8>(), 0..200),
        stream in proptest::collection::vec(any::<u8>(), 0..100),
        size in 1_usize..50,
    ) {
        let whole = [&banner[..], b"wrcap-stream t1\n", &stream[..]].concat();
        let mut finder = MarkerFinder::new(&Tag::new("t1").unwrap());
        let mut out: Option<Vec<u8>> = None;
        for chunk in whole.chunks(size) {
            match &mut out {
                Some(out) => out.extend_from_slice(chunk),
                None => out = finder.push(chunk).unwrap().map(<[u8]>::to_vec),
            }
        }
        prop_assert_eq!(out, Some(stream));
    }

    #[test]
    fn lines_do_not_depend_on_the_cuts(text in "[a-c\n]{0,100}", size in 1_usize..20) {
        let mut splitter = LineSplitter::default();
        let mut lines: Vec<String> = text.as_bytes().chunks(size).flat_map(|c| splitter.push(c)).collect();
        lines.extend(splitter.finish());
        let expected: Vec<&str> = text.split('\n').filter(|line| !line.is_empty()).collect();
        prop_assert_eq!(lines, expected);
    }
}

#[test]
fn an_interface_that_went_away_for_a_while_is_news() {
    let wire = |text: &str| match Message::parse(&format!("wrcap: beat 1 1700000000 {text}")) {
        Message::Beat { wire, .. } => wire,
        message => panic!("{message:?}"),
    };
    let (up, down, again) = (wire("2 up"), wire("3 down"), wire("4 up"));
    assert_eq!((wire(""), wire("x up"), wire("2")), (None, None, None));
    let news = |now: Option<super::Wire>, before| {
        now.unwrap().news(before).map(|words| words.split(';').next().unwrap())
    };
    assert_eq!(news(up, None), None);
    assert_eq!(news(up, up), None);
    assert_eq!(news(down, up), Some("is down"));
    assert_eq!(news(down, down), None);
    assert_eq!(news(again, down), Some("is up again"));
    assert_eq!(news(again, up), Some("was down for a while"), "between two beats");
    assert_eq!(news(wire("0 unknown"), None), None);
}
