//! Scripts that ask a target something, under every script shell.

use std::process::Command;

use wrcap::{
    profile::{Interface, Privilege},
    remote::{
        compile,
        exclude::{self, SshConnection},
        minder::Tag,
        probe::{self, FilterCheck, ProbeReport},
        rates, script,
    },
};

use crate::{
    SCRIPT_SHELLS,
    channel::{Channel, installed},
    shells,
};

#[test]
fn the_probe_speaks_under_every_shell() {
    let tag = Tag::new("probe0").unwrap();
    for sh in shells(SCRIPT_SHELLS) {
        let mut shell = Command::new("sh");
        shell.args(["-c", &probe::command(&tag).replacen("exec sh ", &format!("exec {sh} "), 1)]);
        shell.env("SSH_CONNECTION", "::ffff:127.0.0.1 50000 ::ffff:127.0.0.1 22");
        let mut channel = Channel::open(shell);
        channel.send(
            &probe::questions(&tag, Privilege::None, &Interface::Auto, Some("arp"), Some("icmp")).unwrap(),
        );
        channel.close_stdin();
        channel.gone();
        let report = channel.until(sh, |c| ProbeReport::parse(&c.stdout(), &tag).ok());
        assert_eq!(report.system, "Linux", "{sh}");
        assert!(report.auto_interface.is_some() && report.connection.is_some(), "{sh}: {report:#?}");
        assert!(report.interfaces.iter().any(|info| info.loopback && !info.addresses.is_empty()), "{sh}");
    }
}

#[test]
fn counters_are_read_as_often_as_asked_by_every_script_shell() {
    for sh in shells(SCRIPT_SHELLS) {
        let tag = Tag::new("rates").unwrap();
        let mut shell = Command::new("sh");
        shell.args(["-c", &rates::command(&tag).replacen("exec sh ", &format!("exec {sh} "), 1)]);
        let mut channel = Channel::open(shell);
        channel.send(&rates::opening(&tag));
        let readings = |channel: &Channel| {
            let (out, mut reader) = (channel.stdout(), rates::Reader::new(&tag));
            String::from_utf8(out).unwrap().lines().filter_map(|line| reader.line(line)).collect::<Vec<_>>()
        };
        for count in 1..=3 {
            channel.send(rates::ASK);
            let reading = channel.until(sh, |channel| readings(channel).get(count - 1).cloned());
            assert!(reading.contains_key("lo"), "{sh}: {reading:?}");
        }
        assert_eq!(readings(&channel).len(), 3, "{sh}: nothing without being asked");
        channel.close_stdin();
        channel.gone();
    }
}

#[test]
fn a_filter_is_compiled_by_every_script_shell_and_is_never_more_than_a_filter() {
    if !installed("tcpdump") {
        assert!(std::env::var_os("WRCAP_REQUIRE_LAB").is_none(), "tcpdump is missing");
        return;
    }
    let hostile = "'; touch /tmp/wrcap-compiled; $(touch /tmp/wrcap-compiled) `id` \\ %s \"! *";
    for sh in shells(SCRIPT_SHELLS) {
        for (filter, good) in
            [("tcp port 80", true), ("", true), ("prt 80", false), ("-w /tmp/x", false), (hostile, false)]
        {
            let tag = Tag::new("compile").unwrap();
            let mut shell = Command::new("sh");
            shell.args(["-c", &script::command(&tag).replacen("exec sh ", &format!("exec {sh} "), 1)]);
            let mut channel = Channel::open(shell);
            channel.send(&compile::questions(&tag, &Interface::Auto, filter).unwrap());
            channel.close_stdin();
            let verdict = channel.until(sh, |channel| compile::read(&channel.stdout(), &tag));
            channel.gone();
            match (&verdict, good) {
                (FilterCheck::Good, true) => {}
                (FilterCheck::Bad(words), false) => {
                    assert!(!words.is_empty() && !words.contains('\n'), "{words}");
                }
                _ => panic!("{sh}, {filter}: {verdict:?}"),
            }
        }
    }
    assert!(!std::path::Path::new("/tmp/wrcap-compiled").exists());
}

#[test]
fn the_conjunction_compiles_for_both_families() {
    if !installed("tcpdump") {
        assert!(std::env::var_os("WRCAP_REQUIRE_LAB").is_none(), "tcpdump is missing");
        return;
    }
    let own = ["::ffff:10.0.0.9 5 ::ffff:10.0.0.1 22", "fe80::9%eth0 5 fe80::1%eth0 22"]
        .map(|text| SshConnection::parse(text).unwrap());
    for (user, good) in [(None, true), (Some("tcp port 80 or arp"), true), (Some("-w /tmp/x"), false)] {
        let filter = exclude::filter(user, &own, &[]).unwrap().unwrap();
        let out = Command::new("tcpdump").args(["-y", "EN10MB", "-d", "--", &filter]).output().unwrap();
        assert_eq!(out.status.success(), good, "{filter}");
    }
}
