//! A target that lies: its login shell says what no honest one would (`liar.sh`). Whatever it sends, the session ends
//! or goes on with a reason, in little memory, and nothing of the target's own reaches a terminal.

use std::fs;

use serde_json::Value;

use crate::{
    common::{
        PATIENCE, files, holds_within,
        lab::Lab,
        wrcap::{self, Ended, MOST_MEMORY, Wrcap},
    },
    ways::OnPty,
};

/// A lab with a target whose login shell lies.
fn lab() -> Option<Lab> {
    let lab = Lab::up(1)?;
    let install = "printf '%s\\n' \"$1\" >/run/lab/liar && chmod 755 /run/lab/liar && echo >/run/lab/lie &&
        sed -i 's|^\\(ec2-user:.*:\\)[^:]*$|\\1/run/lab/liar|' /etc/passwd";
    lab.on("t1", &["sh", "-c", install, "sh", include_str!("liar.sh")]);
    let target =
        format!("  t1: {{ host: {}, lease: 5s, reconnect: false, viewer: none }}\n", lab.value("T1_IP"));
    lab.site("lies", &[], &target);
    Some(lab)
}

fn lie(lab: &Lab, lie: &str) {
    lab.on("t1", &["sh", "-c", "echo \"$1\" >/run/lab/lie", "sh", lie]);
}

/// Waits for the end of a run; gives the most memory it had with it, in KiB.
fn measured(wrcap: Wrcap) -> (Ended, u64) {
    let mut peak = None;
    // A process that has ended has no memory any more.
    let over = holds_within(PATIENCE * 2, || {
        let now = wrcap.peak_memory();
        peak = now.or(peak);
        now.is_none()
    });
    assert!(over, "it does not end");
    (wrcap.end(), peak.unwrap())
}

/// All texts of a JSON value.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(list) => list.iter().flat_map(texts).collect(),
        Value::Object(map) => map.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// No character that steers a terminal, neither in what was printed nor in what scripts make of it.
fn assert_clean(what: &str, printed: &str) {
    let steers = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    for line in printed.lines() {
        assert!(!line.contains(steers), "{what}: {line:?}");
        let event: Value = serde_json::from_str(line).unwrap_or_default();
        for text in texts(&event) {
            assert!(!text.contains(steers), "{what}: {text:?}");
        }
    }
}

/// Captures from a target that lies in this way; checks what is true of all lies.
fn capture(lab: &Lab, what: &str, options: &[&str], code: i32) -> Value {
    lie(lab, what);
    let file = lab.path("out.pcapng");
    let _ = fs::remove_file(&file);
    let path = file.to_string_lossy();
    let words = [&["capture", "lies/t1", "-i", "lo", "-w", &path, "--json", "-v"], options].concat();
    let (ended, peak) = measured(Wrcap::start(lab, &words));
    assert_clean(what, &(ended.out.clone() + &ended.err));
    assert!(!ended.err.contains("panicked"), "{what}: {}", ended.err);
    let report = ended.code(code).report();
    assert!((1..MOST_MEMORY).contains(&peak), "{what}: {peak} KiB");
    lab.assert_nothing_left();
    report
}

/// The same for a lie that ends the session; the words are part of what is said about it.
fn fails(lab: &Lab, what: &str, code: i32, kind: &str, words: &str) {
    let report = capture(lab, what, &[], code);
    let error = &report["error"];
    assert_eq!((&report["outcome"], &error["kind"]), (&"failed".into(), &kind.into()), "{what}: {report}");
    let said = error["message"].as_str().unwrap();
    assert!(said.contains(words), "{what}: no {words:?} in {error}");
    assert!(said.chars().count() < 1000, "{what}: {error}");
    assert!(error["hint"].as_str().is_some_and(|hint| !hint.is_empty()), "{what}: no hint in {error}");
}

fn packets_in(lab: &Lab) -> Vec<Vec<u8>> {
    files::bytes_of(&lab.path("out.pcapng"))
}

#[test]
fn an_answer_that_is_none_ends_before_the_capture() {
    let Some(lab) = lab() else { return };
    fails(&lab, "probe-endless", 4, "bad-answer", "does not end");
    fails(&lab, "probe-banner", 4, "bad-answer", "does not end");
    fails(&lab, "probe-words", 4, "bad-answer", "something else");
}

#[test]
fn a_stream_that_is_none_ends_before_the_capture() {
    let Some(lab) = lab() else { return };
    fails(&lab, "banner-endless", 4, "bad-stream", "no capture but");
    fails(&lab, "silent", 4, "bad-stream", "nothing came within 30 s");
    fails(&lab, "random", 4, "bad-stream", "this is no capture");
    fails(&lab, "text", 4, "bad-stream", "this is no capture");
    fails(&lab, "error", 4, "interface", "No such device");
    fails(&lab, "sudo", 4, "privilege", "");
}

#[test]
fn a_stream_that_breaks_ends_with_what_came_before() {
    let Some(lab) = lab() else { return };
    fails(&lab, "record-4g", 6, "bad-stream", "claims 4294967295 bytes");
    fails(&lab, "too-long", 6, "bad-stream", "claims 262145 bytes");
    assert_eq!(packets_in(&lab), [vec![b'x'; 60]]);
    fails(&lab, "mid-record", 6, "capture-died", "ended by somebody else");
    assert_eq!(packets_in(&lab), [vec![b'x'; 60]]);
    fails(&lab, "interfaces", 6, "bad-stream", "describes its interfaces in more than");
}

#[test]
fn lies_about_lengths_clocks_and_counts_do_not_end_a_capture() {
    let Some(lab) = lab() else { return };
    let report = capture(&lab, "lengths", &["-c", "5"], 0);
    assert_eq!((&report["outcome"], &report["packets"]), (&"limit".into(), &5.into()), "{report}");
    let lengths: Vec<usize> = packets_in(&lab).iter().map(Vec::len).collect();
    assert_eq!(lengths, [300, 60, 0, 262_112, 60]);
    let frames = files::fields(&lab.path("out.pcapng"), "frame", "frame.number");
    assert_eq!(frames.len(), 5, "Wireshark does not read on");

    let report = capture(&lab, "counts", &["-d", "3s"], 0);
    assert_eq!((&report["packets"], &report["outcome"]), (&1.into(), &"limit".into()), "{report}");
    let dropped = report["kernel_dropped"].as_u64().unwrap();
    assert!(dropped <= 8 << 32, "{report}");

    let report = capture(&lab, "statistics", &["-d", "3s"], 0);
    assert_eq!(report["outcome"], "limit", "{report}");
}

#[test]
fn a_target_that_never_stops_talking_is_listened_to_in_little_memory() {
    let Some(lab) = lab() else { return };
    for what in ["stderr-line", "stderr-lines"] {
        let report = capture(&lab, what, &["-d", "3s"], 0);
        assert_eq!(report["outcome"], "limit", "{report}");
        let log = lab.path("s/wrcap/wrcap.log");
        let logs = [log.clone(), log.with_extension("log.old")];
        let sizes = logs.map(|log| fs::metadata(log).map_or(0, |log| log.len()));
        assert!(sizes.iter().all(|&size| size < 9 << 20), "{what}: logs of {sizes:?} bytes");
    }
}

/// Makes sshd greet with a large banner before the login.
fn greet(lab: &Lab) {
    let listens = || lab.tell(&["log", "t1"]).matches("Server listening on 0.0.0.0").count();
    let before = listens();
    let banner = "for n in $(seq 3000); do printf '%s \\033]0;OWNED\\007\\033[2Jevil greeting\\n' $n; done >/run/lab/greet &&
        echo 'Banner /run/lab/greet' >>/etc/ssh/sshd_config && kill -HUP $(cat /run/sshd.pid)";
    lab.on("t1", &["sh", "-c", banner]);
    assert!(holds_within(PATIENCE, || listens() > before), "sshd does not listen again");
}

#[test]
fn names_and_banners_of_the_target_steer_no_terminal() {
    let Some(lab) = lab() else { return };
    let report = capture(&lab, "banner-once", &["-d", "2s"], 0);
    assert_eq!(report["outcome"], "limit", "{report}");

    lie(&lab, "probe-names");
    for words in [&["check", "lies/t1"][..], &["check", "lies/t1", "--json"], &["interfaces", "lies/t1"]] {
        let ended = wrcap::run(&lab, words).code(0);
        assert!(ended.out.contains("evil"), "{words:?}: {}", ended.out);
        assert_clean(&format!("{words:?}"), &(ended.out + &ended.err));
    }
    let report = capture(&lab, "probe-names", &["-d", "2s"], 0);
    assert_eq!(report["outcome"], "limit", "{report}");
    greet(&lab);
    let report = capture(&lab, "banner-once", &["-d", "2s"], 0);
    assert_eq!(report["outcome"], "limit", "{report}");
    let log = fs::read_to_string(lab.path("s/wrcap/wrcap.log")).unwrap();
    assert!(log.contains("[2Jevil greeting"), "the greeting is not in the log");
    assert_clean("the log", &log);
}

#[test]
fn the_dashboard_shows_the_words_of_a_liar_and_not_their_escapes() {
    let Some(lab) = lab() else { return };
    fs::remove_file(lab.path("lab/profiles/lab.yaml")).unwrap();
    lie(&lab, "error");
    let mut dashboard = OnPty::start(&lab, &[]);
    dashboard.until("Nothing running");
    dashboard.keys.write_all(b"2s").unwrap();
    // The words come before the end; until then leaving is asked about.
    dashboard.until("1 failed");
    dashboard.until("evil");
    let shown = dashboard.shown();
    for steers in ["\x1b]0;OWNED", "\x1b]0;", "\u{9b}", "\u{202e}", "\x07"] {
        assert!(!shown.contains(steers), "{steers:?} in {shown:?}");
    }
    dashboard.keys.write_all(b"q").unwrap();
    assert_eq!(dashboard.end(), 0);
    lab.assert_nothing_left();
}
