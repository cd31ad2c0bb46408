//! A viewer that stops reading slows nobody, costs no memory, and gets everything once it reads on.

use std::{path::Path, process::Command};

use rustix::process::{Pid, Signal, kill_process};

use crate::common::{
    holds_within,
    lab::Lab,
    wrcap::{MOST_MEMORY, Wrcap},
};

/// Bytes of a packet with its record header.
const RECORD: usize = 1416;
/// Packets before the viewer is stopped.
const FIRST: usize = 100;
/// How long some hundred megabytes may take on a machine that does other things too.
const LIMIT: std::time::Duration = std::time::Duration::from_secs(180);

/// Megabytes that are captured meanwhile; `WRCAP_STALLED_MB=3000` for a minute of 50 MB/s.
fn megabytes() -> usize {
    std::env::var("WRCAP_STALLED_MB").map_or(300, |number| number.parse().unwrap())
}

/// A capture command that sends some packets, and the rest when it may: numbered ones, in chunks of 1000.
const SOURCE: &str = r#"
$| = 1;
my ($first, $chunks) = @ARGV;
sub records { join '', map { pack('V4', 1700000000 + $_ / 1000000, $_ % 1000000, 1400, 1400) . pack('N', $_) . 'x' x 1396 } @_ }
sub wait_for { select undef, undef, undef, 0.05 until -e "/run/lab/$_[0]" }
print pack('Vv2V4', 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1), records(0 .. $first - 1);
wait_for('go');
for my $chunk (0 .. $chunks - 1) { my $at = $first + 1000 * $chunk; print records($at .. $at + 999) }
wait_for('end');
"#;

/// The packets of a capture file that still grows, or 0.
fn count(file: &Path) -> usize {
    let output = Command::new("capinfos").args(["-c", "-M", "-T", "-r"]).arg(file).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    said.split_whitespace().last().and_then(|number| number.parse().ok()).unwrap_or(0)
}

fn signal(pid: i32, signal: Signal) {
    kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
}

/// The process of the viewer.
fn viewer(wrcap: &Wrcap) -> i32 {
    let pid = |text: &str| text.split_once("started, process ")?.1.parse().ok();
    let event = wrcap.until("viewer", |event| event["text"].as_str().and_then(pid).is_some());
    pid(event["text"].as_str().unwrap()).unwrap()
}

fn until(what: &str, wrcap: &Wrcap, holds: impl FnMut() -> bool) {
    let last = || wrcap.events().into_iter().rfind(|event| event["event"] == "stats");
    assert!(holds_within(LIMIT, holds), "never: {what}\n{:?}", last());
}

/// Captures while the viewer is stopped; `options` say where the packets are kept.
fn stall(lab: &Lab, viewer_command: &str, options: &[&str]) {
    let seen = lab.path("seen.pcapng");
    let _ = std::fs::remove_file(&seen);
    lab.on("t1", &["rm", "-f", "/run/lab/go", "/run/lab/end"]);
    let command = viewer_command.replace("FILE", &seen.to_string_lossy());
    let words = [&["capture", "source/t1", "--viewer", &command, "--json"], options].concat();
    let wrcap = Wrcap::start(lab, &words);
    wrcap.until_live();
    let pid = viewer(&wrcap);
    until("the viewer's first packets", &wrcap, || count(&seen) == FIRST);
    signal(pid, Signal::STOP);

    let total = FIRST + megabytes() * 1_000_000 / RECORD / 1000 * 1000;
    lab.on("t1", &["touch", "/run/lab/go"]);
    let packets = || {
        wrcap
            .events()
            .into_iter()
            .rfind(|event| event["event"] == "stats")
            .map(|event| event["packets"].clone())
    };
    until("all packets while the viewer is stopped", &wrcap, || packets() == Some(total.into()));
    let behind = count(&seen);
    assert!(behind < total / 2, "the viewer was not stopped: it has {behind} of {total}");
    signal(pid, Signal::CONT);
    until("the viewer catches up", &wrcap, || count(&seen) == total);
    let peak = wrcap.peak_memory().unwrap();
    assert!(peak < MOST_MEMORY, "{viewer_command}: {peak} KiB");

    lab.on("t1", &["touch", "/run/lab/end"]);
    let report = wrcap.end().code(0).report();
    assert_eq!(report["packets"], total, "{report}");
    assert_eq!(report["evicted_packets"], 0, "{report}");
    if let Some(file) = report["file"].as_str() {
        assert_eq!(count(Path::new(file)), total);
    }
    // The last of them is the last that was sent.
    let last = format!("frame.number == {total} && frame[0:4] == {}", hex(total - 1));
    let found = Command::new("tshark").args(["-n", "-r"]).arg(&seen).args(["-Y", &last]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&found.stdout).lines().count(), 1, "another packet at the end");
    lab.assert_nothing_left();
}

/// A number as bytes of a display filter.
fn hex(number: usize) -> String {
    let bytes = u32::try_from(number).unwrap().to_be_bytes();
    bytes.map(|byte| format!("{byte:02x}")).join(":")
}

#[test]
fn a_viewer_that_is_stopped_slows_nobody_and_catches_up() {
    let Some(lab) = Lab::up(1) else { return };
    lab.on("t1", &["sh", "-c", "printf '%s' \"$1\" >/run/lab/source.pl", "sh", SOURCE]);
    let chunks = megabytes() * 1_000_000 / RECORD / 1000;
    let target = format!(
        "  t1: {{ host: {}, reconnect: false, on_viewer_exit: keep, spool: 8GiB, command: \"perl /run/lab/source.pl {FIRST} {chunks}\" }}\n",
        lab.value("T1_IP"),
    );
    lab.site("source", &[], &target);
    // On the socket, from a spool; on stdin, from a file that is kept.
    stall(&lab, "dumpcap -q -i {} -w FILE", &[]);
    let file = lab.path("kept.pcapng");
    stall(&lab, "dumpcap -q -i - -w FILE", &["-w", &file.to_string_lossy()]);
}
