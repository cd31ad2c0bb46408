//! Packets that go on to another program.

use std::{
    fs,
    process::{Command, Stdio},
};

use rustix::process::Signal;

use crate::common::{
    PATIENCE, files, holds_within,
    lab::Lab,
    wrcap::{self, Wrcap},
};

#[test]
fn packets_on_stdout_are_a_capture_and_everything_else_is_on_stderr() {
    let Some(lab) = Lab::up(1) else { return };
    let words = ["capture", "lab/t1", "-i", "cap0", "-w", "-", "-c", "500", "--json"];
    let mut wrcap = Wrcap::start_with(&lab, &words, |command| {
        command.stdout(Stdio::piped());
    });
    let tshark = Command::new("tshark")
        .args(["-n", "-r", "-", "-T", "fields", "-e", "frame.len"])
        .stdin(wrcap.stdout())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    wrcap.until_live();
    let sent = files::known_packets(500);
    lab.replay("t1", &sent, Some(2000));
    let ended = wrcap.end().code(0);
    assert_eq!(ended.report()["packets"], 500);
    let output = tshark.unwrap().wait_with_output().unwrap();
    let lengths: Vec<usize> =
        String::from_utf8_lossy(&output.stdout).lines().map(|line| line.parse().unwrap()).collect();
    assert_eq!(lengths, sent.iter().map(Vec::len).collect::<Vec<_>>());
    lab.assert_nothing_left();
}

#[test]
fn packets_go_on_through_a_named_pipe() {
    let Some(lab) = Lab::up(1) else { return };
    let (pipe, file) = (lab.path("pipe"), lab.path("out.pcapng"));
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let words = ["capture", "lab/t1", "-i", "cap0", "-w", &pipe.to_string_lossy(), "-c", "500", "--json"];
    let wrcap = Wrcap::start(&lab, &words);
    let mut reader = Command::new("cat").arg(&pipe).stdout(fs::File::create(&file).unwrap()).spawn().unwrap();
    wrcap.until_live();
    let sent = files::known_packets(500);
    lab.replay("t1", &sent, Some(2000));
    assert_eq!(wrcap.end().code(0).report()["packets"], 500);
    assert!(reader.wait().unwrap().success());
    assert!(files::bytes_of(&file) == sent, "other packets than those that were sent");
    lab.assert_nothing_left();
}

/// What the reader of a stream has not taken is no part of a complete capture, and no stop waits for it for ever.
#[test]
fn a_pipe_that_nobody_reads_is_waited_for_until_somebody_loses_patience() {
    let Some(lab) = Lab::up(1) else { return };
    let pipe = lab.path("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let words = ["capture", "lab/t1", "-i", "cap0", "-w", &pipe.to_string_lossy(), "-c", "500", "--json"];
    let end_by = |signal| {
        let wrcap = Wrcap::start(&lab, &words);
        wrcap.until_live();
        lab.replay("t1", &files::known_packets(500), Some(2000));
        wrcap.until("word of it", |event| {
            event["text"].as_str().is_some_and(|text| text.starts_with("waiting for the reader of "))
        });
        wrcap.signal(signal);
        let report = wrcap.end().code(0).report();
        assert_eq!((&report["packets"], &report["complete"]), (&500.into(), &false.into()), "{report}");
        assert!(report["untaken_bytes"].as_u64().unwrap() > 100_000, "{report}");
    };
    end_by(Signal::INT);
    lab.assert_nothing_left();
    // Nobody has chosen to do without them.
    end_by(Signal::TERM);
    let listed = wrcap::run(&lab, &["spool", "list", "--json"]).code(0).out;
    assert!(listed.contains("\"packets\":500"), "{listed}");
    wrcap::run(&lab, &["spool", "rm", "--all", "--yes"]).code(0);
    lab.assert_nothing_left();
}

#[test]
fn a_viewer_that_breaks_off_leaves_the_packets_in_the_spool() {
    let Some(lab) = Lab::up(1) else { return };
    let viewer = "sh -c 'head -c 1000 >/dev/null; kill -SEGV $$'";
    let wrcap = Wrcap::start(&lab, &["capture", "lab/t1", "-i", "cap0", "--viewer", viewer]);
    wrcap.until_said("capturing on cap0");
    lab.replay("t1", &files::known_packets(50), Some(1000));
    let ended = wrcap.end().code(5);
    let told = "wrcap: 1 capture that is not saved stays in the spool\nhint: wrcap spool list\n";
    assert!(ended.err.ends_with(told) && !ended.err.contains("display"), "{}", ended.err);
    let folder = lab.path("here");
    fs::create_dir(&folder).unwrap();
    let name = wrcap::run(&lab, &["spool", "list", "--json"]).code(0).out;
    let name = name.split_once("\"name\":\"").unwrap().1.split('"').next().unwrap();
    let saved = wrcap::run(&lab, &["spool", "save", name, "-w", &folder.to_string_lossy()]).code(0);
    assert!(saved.out.contains("saved 50 packets"), "{saved:?}");
    wrcap::run(&lab, &["spool", "rm", name, "--yes"]).code(0);
    lab.assert_nothing_left();
}

#[test]
fn viewers_on_stdin_and_on_the_socket_get_everything() {
    let Some(lab) = Lab::up(1) else { return };
    let copy = lab.path("copy.pl");
    let program = "use IO::Socket::UNIX; my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die; \
                   open my $f, '>', $ARGV[1] or die; \
                   while (sysread $s, my $b, 65536) { syswrite $f, $b } rename $ARGV[1], $ARGV[2]";
    fs::write(&copy, program).unwrap();
    let path = |name: &str| lab.path(name).to_string_lossy().into_owned();
    let on_stdin = format!("sh -c 'cat >{0}.new; mv {0}.new {0}'", path("stdin.pcapng"));
    let on_socket = format!("perl {} {{}} {} {}", path("copy.pl"), path("socket.new"), path("socket.pcapng"));
    for (viewer, file) in [(on_stdin, "stdin.pcapng"), (on_socket, "socket.pcapng")] {
        let words = ["capture", "lab/t1", "-i", "cap0", "--viewer", &viewer, "-c", "500", "--json"];
        let wrcap = Wrcap::start(&lab, &words);
        wrcap.until_live();
        let sent = files::known_packets(500);
        lab.replay("t1", &sent, Some(2000));
        let report = wrcap.end().code(0).report();
        assert_eq!((&report["packets"], &report["outcome"]), (&500.into(), &"limit".into()), "{report}");
        let file = lab.path(file);
        assert!(holds_within(PATIENCE, || file.exists()), "the viewer '{viewer}' is not at its end");
        assert!(files::bytes_of(&file) == sent, "'{viewer}' got other packets than those that were sent");
        lab.assert_nothing_left();
    }
}

#[test]
fn a_viewer_that_is_closed_ends_a_capture_that_is_not_kept() {
    let Some(lab) = Lab::up(1) else { return };
    let viewer = "sh -c 'head -c 1000 >/dev/null'";
    let words = ["capture", "lab/t1", "-i", "cap0", "--viewer", viewer, "--json"];
    let wrcap = Wrcap::start(&lab, &words);
    wrcap.until_live();
    lab.replay("t1", &files::known_packets(50), Some(1000));
    let report = wrcap.end().code(0).report();
    assert_eq!(report["outcome"], "viewer-closed", "{report}");
    lab.assert_nothing_left();
}

#[test]
fn a_reader_that_goes_away_ends_the_capture_quietly() {
    let Some(lab) = Lab::up(2) else { return };
    lab.tell(&["traffic", "t1", "start", "http", "rate=40"]);
    let mut wrcap = Wrcap::start_with(&lab, &["capture", "lab/t1", "-w", "-"], |command| {
        command.stdout(Stdio::piped());
    });
    let head = Command::new("head").args(["-c", "100"]).stdin(wrcap.stdout()).stdout(Stdio::piped()).output();
    assert_eq!(head.unwrap().stdout.len(), 100);
    let ended = wrcap.end().code(0);
    assert!(!ended.err.contains("roken pipe"), "{}", ended.err);
    assert!(ended.err.contains("bytes not taken by the reader of the stream"), "{}", ended.err);
    lab.tell(&["traffic", "t1", "stop"]);
    lab.assert_nothing_left();
}
