//! Every way to root, with real sudo, doas and tcpdump.

use std::{process::Command, time::Duration};

use rustix::process::{Pid, Signal, kill_process};
use wrcap::{
    profile::{Interface, Privilege},
    remote::{
        minder::{self, Message, Order, Tag},
        opening::Opening,
        privilege::{self, Refusal, Way},
        probe::{self, FilterCheck, ProbeReport},
        tcpdump::Line,
    },
};

use crate::{
    WAYS, beat,
    channel::{Channel, installed, lab, nothing_left, number, processes, settings, world},
    secret, shells, tcpdump,
};

/// A silent capture by real tcpdump, opened and listening.
fn capture(kind: &str, way: Way, shell: &str, lease: Option<Duration>) -> (Channel, Tag, String) {
    let number = number();
    let filter = format!("udp port {}", number % 60_000);
    let path = tcpdump();
    let mut settings =
        settings(number, way, &[&path, "-U", "-n", "-p", "-i", "lo", "-w", "-", "--", &filter]);
    settings.password = secret(way, "open sesame");
    settings.lease = lease.unwrap_or(settings.lease);
    let mut channel = world(kind, shell, &minder::command(&settings.tag), &path);
    channel.send(&settings.encode().unwrap());
    let header = |c: &Channel| c.stream(&settings.tag).filter(|s| s.len() == 24);
    assert_eq!(
        channel.until(&format!("header ({kind})"), header)[..4],
        0xa1b2_c3d4_u32.to_ne_bytes(),
        "{kind}"
    );
    (channel, settings.tag, filter)
}

#[test]
fn every_way_to_root_is_found_by_the_probe() {
    if !lab() {
        return;
    }
    let path = tcpdump();
    let tag = Tag::new("probe1").unwrap();
    let ask = |kind: &str, shell: &str, filter: Option<&str>| {
        let mut channel = world(kind, shell, &probe::command(&tag), &path);
        channel.send(&probe::questions(&tag, Privilege::Auto, &Interface::Auto, filter, None).unwrap());
        channel.close_stdin();
        channel.gone();
        channel.until("report", |c| ProbeReport::parse(&c.stdout(), &tag).ok())
    };
    for (kind, way) in WAYS {
        let report = ask(kind, "/bin/sh", Some("tcp port 80"));
        assert_eq!(privilege::choose(&report, Privilege::Auto, "t"), Ok(*way), "{kind}: {report:#?}");
        assert_eq!(report.filter, FilterCheck::Good, "{kind}");
        assert_eq!(report.auto_interface.as_ref().unwrap().0, "lo");
    }
    for shell in shells(&["/usr/bin/fish", "/usr/bin/tcsh", "/usr/bin/ksh93"]) {
        for filter in
            ["-w /tmp/wrcap-was-here", "$(touch /tmp/wrcap-was-here)", "`id`", "'; reboot; '", "tcp prt 80"]
        {
            let report = ask("none", shell, Some(filter));
            assert!(
                matches!(&report.filter, FilterCheck::Bad(words) if words.contains("syntax error") || words.contains("illegal")),
                "{filter}: {report:?}"
            );
        }
    }
    assert!(!std::path::Path::new("/tmp/wrcap-was-here").exists());
}

#[test]
fn every_way_to_root_opens_what_is_named() {
    if !lab() {
        return;
    }
    let (path, tag) = (tcpdump(), Tag::new("probe2").unwrap());
    let open = |kind: &str, names: &[&str]| {
        let interface = Interface::Merged(names.iter().map(|name| (*name).to_owned()).collect());
        let mut channel = world(kind, "/bin/sh", &probe::command(&tag), &path);
        channel.send(&probe::questions(&tag, Privilege::Auto, &interface, None, None).unwrap());
        channel.close_stdin();
        channel.gone();
        channel.until("report", |c| ProbeReport::parse(&c.stdout(), &tag).ok()).opening
    };
    for (kind, way) in WAYS {
        if way.needs_password() {
            assert_eq!(open(kind, &["lo"]), Opening::NotTried, "{kind}");
            continue;
        }
        assert_eq!(open(kind, &["lo", "any"]), Opening::Opens, "{kind}");
        for name in ["none0", "*", "$(touch${IFS}/tmp/wrcap-was-here)"] {
            let opening = open(kind, &["lo", name]);
            assert!(
                matches!(&opening, Opening::Fails { interface, words } if interface == name && !words.is_empty()),
                "{kind} {name}: {opening:?}"
            );
        }
    }
    assert!(!std::path::Path::new("/tmp/wrcap-was-here").exists());
}

#[test]
fn every_way_to_root_stops_and_counts() {
    if !lab() {
        return;
    }
    let logins = ["/bin/sh", "/usr/bin/fish", "/usr/bin/tcsh", "/bin/bash"];
    for ((kind, way), shell) in WAYS.iter().zip(logins.into_iter().filter(|s| installed(s)).cycle()) {
        let (mut channel, tag, filter) = capture(kind, *way, shell, None);
        beat(&mut channel, 1);
        if way.live_statistics() {
            channel.order(Order::Stat);
            channel.message(&format!("statistics ({kind})"), |message| {
                matches!(message, Message::Tcpdump(Line::Statistics(_))).then_some(())
            });
        }
        channel.order(Order::Stop);
        channel.message("count", |message| matches!(message, Message::Tcpdump(Line::Count(_))).then_some(()));
        // doas waits two seconds after its TERM before it lets go.
        assert_eq!(channel.exit(), if *way == Way::Doas { 143 } else { 0 }, "{kind}");
        channel.gone();
        nothing_left(&filter);
        nothing_left(&tag.to_string());
    }
}

#[test]
fn every_way_to_root_ends_by_eof_and_by_silence() {
    if !lab() {
        return;
    }
    for (kind, way) in WAYS {
        for lease in [None, Some(Duration::from_secs(1))] {
            let (mut channel, tag, filter) = capture(kind, *way, "/bin/sh", lease);
            if lease.is_none() {
                channel.close_stdin();
            }
            channel.exit();
            channel.gone();
            nothing_left(&filter);
            nothing_left(&tag.to_string());
        }
    }
}

#[test]
fn a_capture_that_was_stopped_is_continued_to_its_end_by_every_way_to_root() {
    if !lab() {
        return;
    }
    for (kind, way) in WAYS {
        let (mut channel, tag, filter) = capture(kind, *way, "/bin/sh", None);
        beat(&mut channel, 1);
        for pid in pids(&filter, "tcpdump") {
            kill_process(pid, Signal::STOP).unwrap();
        }
        channel.order(Order::Stop);
        // doas itself ends it by KILL after two seconds, without its counts.
        if *way != Way::Doas {
            channel.message(&format!("count ({kind})"), |message| {
                matches!(message, Message::Tcpdump(Line::Count(_))).then_some(())
            });
        }
        // Not by the minder's own KILL, which is for what does not go on.
        assert_eq!(channel.exit(), if *way == Way::Doas { 143 } else { 0 }, "{kind}");
        channel.gone();
        nothing_left(&filter);
        nothing_left(&tag.to_string());
    }
}

#[test]
fn what_cannot_be_ended_is_told_and_keeps_the_sudo_that_says_whose_it_is() {
    if !lab() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("stubborn");
    std::fs::write(&program, "#!/bin/sh\ntrap '' TERM\necho up\nwhile :; do sleep 1; done\n").unwrap();
    Command::new("chmod").args(["-R", "755"]).arg(folder.path()).status().unwrap();
    let path = program.to_str().unwrap();
    let number = number().to_string();
    for (kind, stays) in [("dump", true), ("sudo", false)] {
        let mut settings = settings(number.parse().unwrap(), Way::Sudo, &[path, &number]);
        settings.tag = Tag::new(&format!("{kind}{number}")).unwrap();
        let mut channel = world(kind, "/bin/sh", &minder::command(&settings.tag), path);
        channel.send(&settings.encode().unwrap());
        channel.until("stream", |c| c.stream(&settings.tag).filter(|s| !s.is_empty()));
        channel.order(Order::Stop);
        channel.exit();
        assert_eq!(channel.messages().contains(&Message::Stays), stays, "{kind}: {:?}", channel.messages());
        let label = format!("sudo -n -p wrcap-{}", settings.tag);
        assert_eq!(!processes(&label).is_empty(), stays, "{kind}");
        for pid in pids(path, "/bin/sh") {
            kill_process(pid, Signal::KILL).unwrap();
        }
        nothing_left(path);
        nothing_left(&settings.tag.to_string());
    }
}

/// The processes with this in their command line whose program's path ends so.
fn pids(needle: &str, program: &str) -> Vec<Pid> {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let pid = |entry: std::fs::DirEntry| {
        let line =
            String::from_utf8_lossy(&std::fs::read(entry.path().join("cmdline")).ok()?).replace('\0', " ");
        let named = line.split(' ').next()?.ends_with(program) && line.contains(needle);
        let pid = entry.file_name().to_str()?.parse().ok()?;
        named.then(|| Pid::from_raw(pid)).flatten()
    };
    entries.filter_map(pid).collect()
}

#[test]
fn every_way_to_root_is_byte_exact() {
    if !lab() {
        return;
    }
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|i| (i ^ (i >> 8)).to_le_bytes()[0]).collect();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &bytes).unwrap();
    Command::new("chmod").arg("644").arg(file.path()).status().unwrap();
    let cat = which::which("cat").unwrap().to_str().unwrap().to_owned();
    for (kind, way) in WAYS.iter().filter(|(kind, _)| *kind != "caps") {
        let mut settings = settings(number(), *way, &[&cat, file.path().to_str().unwrap()]);
        settings.password = secret(*way, "open sesame");
        let mut channel = world(kind, "/bin/sh", &minder::command(&settings.tag), &cat);
        channel.send(&settings.encode().unwrap());
        assert_eq!(channel.exit(), 0, "{kind}");
        channel.gone();
        let stream = channel.until("stream", |c| c.stream(&settings.tag).filter(|s| s.len() >= bytes.len()));
        assert!(stream == bytes, "{kind}: {} bytes", stream.len());
    }
}

#[test]
fn a_wrong_password_is_told_apart() {
    if !lab() {
        return;
    }
    for (kind, way) in WAYS.iter().filter(|(_, way)| way.needs_password()) {
        let mut settings = settings(number(), *way, &[&tcpdump(), "-i", "lo", "-w", "-"]);
        settings.password = secret(*way, "not this one");
        let mut channel = world(kind, "/bin/sh", &minder::command(&settings.tag), &tcpdump());
        channel.send(&settings.encode().unwrap());
        assert_eq!(channel.exit(), 1, "{kind}");
        channel.message("refusal", |message| {
            matches!(message, Message::Refused(Refusal::WrongPassword, _)).then_some(())
        });
        nothing_left(&settings.tag.to_string());
    }
}
