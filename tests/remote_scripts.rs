//! The scripts that go to a target, run for real: under every shell of this machine, and with sudo, doas and
//! tcpdump in a namespace of their own.
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod remote;
#[path = "remote/sweep.rs"]
mod sweep;

use remote::{Channel, LIMIT, installed, lab, nothing_left, number, processes, settings, world};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    process::Command,
    time::{Duration, Instant},
};
use wrcap::{
    profile::{Interface, Privilege},
    remote::{
        compile,
        exclude::{self, SshConnection},
        minder::{self, Message, Order, Settings, Tag},
        opening::Opening,
        privilege::{self, Refusal, Way},
        probe::{self, FilterCheck, ProbeReport},
        rates, script,
        tcpdump::Line,
    },
};
use zeroize::Zeroizing;

/// Login shells and script shells that exist here.
fn shells(all: &[&'static str]) -> Vec<&'static str> {
    all.iter().copied().filter(|shell| installed(shell.split(' ').next().unwrap())).collect()
}

/// Opens the minder below a login shell, with `sh` replaced by another script shell.
fn open(settings: &Settings, login: &str, sh: &str) -> Channel {
    let command = minder::command(&settings.tag).replacen("exec sh ", &format!("exec {sh} "), 1);
    let mut shell = Command::new(login);
    shell.args(["-c", &command]);
    let mut channel = Channel::open(shell);
    channel.send(&settings.encode().unwrap());
    channel
}

fn beat(channel: &mut Channel, n: u64) {
    channel.order(Order::Beat(n));
    let at = channel.message("beat", |message| match message {
        Message::Beat { n: got, at, .. } if *got == n => Some(*at),
        _ => None,
    });
    assert!(at.unwrap() > Duration::from_secs(1_700_000_000));
}

/// Writes its first argument, then stays silent until it is ended; `number` makes it recognisable.
fn silent(number: u32, text: &str) -> [String; 5] {
    let script = format!("printf %s \"$1\"; exec sleep {}", number + 100_000);
    ["sh".into(), "-c".into(), script, "x".into(), text.into()]
}

const SCRIPT_SHELLS: &[&str] = &["sh", "dash", "bash", "bash --posix", "busybox ash", "ksh93"];

#[test]
fn the_protocol_holds_below_every_login_and_script_shell() {
    let hostile = "'; touch /tmp/wrcap-was-here; $(touch /tmp/wrcap-was-here) `id` \\ \\n %s \"! *";
    let logins =
        shells(&["sh", "bash", "ksh93", "csh", "tcsh", "fish"]).into_iter().map(|login| (login, "sh"));
    for (login, sh) in logins.chain(shells(SCRIPT_SHELLS).into_iter().map(|sh| ("sh", sh))) {
        let number = number();
        let args = silent(number, hostile);
        let settings = settings(number, Way::None, &args.each_ref().map(String::as_str));
        let mut channel = open(&settings, login, sh);
        let whole = |c: &Channel| c.stream(&settings.tag).filter(|s| s.len() >= hostile.len());
        let stream = channel.until(&format!("stream ({login}, {sh})"), whole);
        assert_eq!(String::from_utf8(stream).unwrap(), hostile, "{login} {sh}");
        (1..4).for_each(|n| beat(&mut channel, n));
        channel.order(Order::Stop);
        assert!(channel.exit() > 128, "{login} {sh}");
        channel.gone();
        nothing_left(&(number + 100_000).to_string());
        nothing_left(&settings.tag.to_string());
    }
    assert!(!std::path::Path::new("/tmp/wrcap-was-here").exists());
}

#[test]
fn beats_say_how_the_interface_is_under_every_shell() {
    for sh in shells(SCRIPT_SHELLS) {
        let number = number();
        let script = format!("echo up; exec sleep {}", number + 100_000);
        for (interface, known) in
            [("lo", std::path::Path::new("/sys/class/net/lo/carrier_changes").exists()), ("none0", false)]
        {
            let settings =
                settings(number, Way::None, &["sh", "-c", &script, "x", "-i", interface, "-w", "-"]);
            let mut channel = open(&settings, "sh", sh);
            channel.order(Order::Beat(1));
            let wire = channel.message("beat", |message| match message {
                Message::Beat { wire, .. } => Some(*wire),
                _ => None,
            });
            assert_eq!(wire.is_some(), known, "{sh} {interface}: {wire:?}");
            channel.order(Order::Stop);
            channel.exit();
        }
    }
}

#[test]
fn a_capture_that_ends_by_itself_ends_everything_at_once() {
    for sh in shells(SCRIPT_SHELLS) {
        for _ in 0..5 {
            let number = number();
            let settings = settings(number, Way::None, &["sh", "-c", "exit 3"]);
            let mut channel = open(&settings, "sh", sh);
            assert_eq!(channel.exit(), 3, "{sh}");
            channel.gone();
            nothing_left(&settings.lease.as_secs().to_string());
        }
    }
}

#[test]
fn closing_stdin_and_silence_end_a_silent_capture() {
    for sh in shells(SCRIPT_SHELLS) {
        for lease in [false, true] {
            let number = number();
            let args = silent(number, "x");
            let mut settings = settings(number, Way::None, &args.each_ref().map(String::as_str));
            if lease {
                settings.lease = Duration::from_secs(1);
            }
            let mut channel = open(&settings, "sh", sh);
            channel.until("stream", |c| c.stream(&settings.tag));
            if !lease {
                channel.close_stdin();
            }
            assert!(channel.exit() > 128, "{sh}");
            channel.gone();
            nothing_left(&(number + 100_000).to_string());
        }
    }
}

#[test]
fn a_client_that_vanishes_leaves_nothing() {
    for sh in shells(SCRIPT_SHELLS) {
        let number = number();
        let args = silent(number, "x");
        let settings = settings(number, Way::None, &args.each_ref().map(String::as_str));
        let mut channel = open(&settings, "sh", sh);
        channel.until("stream", |c| c.stream(&settings.tag).filter(|s| !s.is_empty()));
        beat(&mut channel, 1);
        let start = Instant::now();
        // Beats whose answers nobody takes any more must not be what ends the minder.
        (2..40).for_each(|n| channel.order(Order::Beat(n)));
        channel.vanish();
        nothing_left(&(number + 100_000).to_string());
        nothing_left(&settings.tag.to_string());
        assert!(start.elapsed() < Duration::from_secs(3), "{sh}: {:?}", start.elapsed());
    }
}

#[test]
fn what_does_not_end_by_term_is_killed() {
    let number = number();
    let script = format!("trap '' TERM; echo up; while :; do sleep 0.{}; done", number + 100_000);
    let settings = settings(number, Way::None, &["sh", "-c", &script]);
    let mut channel = open(&settings, "sh", "sh");
    channel.until("stream", |c| c.stream(&settings.tag).filter(|s| !s.is_empty()));
    let start = Instant::now();
    channel.order(Order::Stop);
    channel.exit();
    assert!((Duration::from_secs(4)..LIMIT).contains(&start.elapsed()));
    nothing_left(&(number + 100_000).to_string());
}

#[test]
fn an_own_command_ends_with_all_its_parts() {
    for sh in shells(SCRIPT_SHELLS) {
        let number = number();
        let command = format!("echo up; sleep {0} | sleep {0}; sleep {0}", number + 100_000);
        let settings = settings(number, Way::Command, &["sh", "-c", &command]);
        let mut channel = open(&settings, "sh", sh);
        let two = format!("sleep {}", number + 100_000);
        channel.until("parts", |_| {
            (processes(&two).iter().filter(|line| line.starts_with("sleep")).count() >= 2).then_some(())
        });
        channel.order(Order::Stop);
        channel.exit();
        nothing_left(&(number + 100_000).to_string());
    }
}

#[test]
fn settings_that_are_cut_off_are_refused() {
    let settings = settings(number(), Way::None, &["true"]);
    let mut shell = Command::new("sh");
    shell.args(["-c", &minder::command(&settings.tag)]);
    let mut channel = Channel::open(shell);
    let bytes = settings.encode().unwrap();
    channel.send(&bytes[..bytes.len() - 3]);
    channel.close_stdin();
    assert_eq!(channel.exit(), 125);
}

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

/// Who comes to root how: the user's kind in `world.sh` and the way that must be chosen.
const WAYS: &[(&str, Way)] = &[
    ("root", Way::None),
    ("caps", Way::None),
    ("sudo", Way::Sudo),
    ("dump", Way::Sudo),
    ("password", Way::SudoPassword),
    ("requiretty", Way::SudoTty),
    ("tty-password", Way::SudoTtyPassword),
    ("doas", Way::Doas),
];

fn tcpdump() -> String {
    which::which("tcpdump").unwrap().to_str().unwrap().to_owned()
}

fn secret(way: Way, text: &str) -> Option<Zeroizing<String>> {
    way.needs_password().then(|| Zeroizing::new(text.to_owned()))
}

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
        let start = Instant::now();
        channel.order(Order::Stop);
        channel.message("count", |message| matches!(message, Message::Tcpdump(Line::Count(_))).then_some(()));
        assert!(start.elapsed() < Duration::from_secs(1), "{kind}: {:?}", start.elapsed());
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
        let start = Instant::now();
        for pid in pids(&filter, "tcpdump") {
            kill_process(pid, Signal::STOP).unwrap();
        }
        channel.order(Order::Stop);
        // doas ends it by KILL, without its counts.
        if *way != Way::Doas {
            channel.message(&format!("count ({kind})"), |message| {
                matches!(message, Message::Tcpdump(Line::Count(_))).then_some(())
            });
        }
        channel.exit();
        assert!(start.elapsed() < Duration::from_secs(4), "{kind}: {:?}", start.elapsed());
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
