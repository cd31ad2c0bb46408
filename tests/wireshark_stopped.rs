//! A Wireshark window that stands still for half a minute while 300 MB come in: nothing is lost, and it catches up.

#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

mod desk;

use std::{
    fs,
    io::{BufWriter, Write as _},
    os::unix::fs::MetadataExt as _,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use desk::{
    Desk, Lab, Running,
    display::{Display, captures},
    entries, signal, until,
};
use rustix::process::Signal;
use serde_json::Value;

const TOOLS: [&str; 7] = ["ip", "tcpdump", "Xvfb", "xdotool", "wireshark", "tcpreplay", "capinfos"];
/// Packets before the window is stopped.
const FIRST: u32 = 100;
/// Bytes of a packet.
const LENGTH: usize = 1400;
/// All packets: 300 MB.
const TOTAL: u32 = 300_000_000 / 1400;
/// A second, so that they take about as long as the window stands still.
const RATE: &str = "8000";
const STILL: Duration = Duration::from_secs(30);

/// Numbered packets as a classic capture file.
fn write_packets(file: &Path, numbers: std::ops::Range<u32>) {
    let mut out = BufWriter::new(fs::File::create(file).unwrap());
    let header = [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 262_144, 1];
    for word in header {
        out.write_all(&word.to_le_bytes()).unwrap();
    }
    let length = u32::try_from(LENGTH).unwrap();
    for number in numbers {
        for word in [1_700_000_000, number % 1_000_000, length, length] {
            out.write_all(&word.to_le_bytes()).unwrap();
        }
        // A type that no stack answers, and the number.
        let mut packet = vec![2; LENGTH];
        packet[12..14].copy_from_slice(&[0x88, 0xb5]);
        packet[14..18].copy_from_slice(&number.to_be_bytes());
        out.write_all(&packet).unwrap();
    }
    out.flush().unwrap();
}

/// The packets of a capture file that still grows, or 0.
fn count(file: &Path) -> u32 {
    let out = Command::new("capinfos").args(["-c", "-M", "-T", "-r"]).arg(file).output().unwrap();
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    said.split_whitespace().last().and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// The newest event of wrcap that has this key.
fn newest(out: &Path, key: &str) -> Option<Value> {
    let text = fs::read_to_string(out).unwrap();
    let mut events = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    events.rfind(|event| !event[key].is_null()).map(|event| event[key].clone())
}

/// The process and its children: the window and its dumpcap.
fn family(pid: u32) -> Vec<u32> {
    let children = entries(Path::new("/proc")).into_iter().filter_map(|folder| {
        let own = folder.file_name()?.to_str()?.parse().ok()?;
        let status = fs::read_to_string(folder.join("status")).ok()?;
        status.contains(&format!("\nPPid:\t{pid}\n")).then_some(own)
    });
    [pid].into_iter().chain(children).collect()
}

/// Whether a process has read a file to its end.
fn has_read(pid: u32, file: &Path) -> bool {
    let size = fs::metadata(file).unwrap().size();
    entries(Path::new(&format!("/proc/{pid}/fd"))).iter().any(|fd| {
        let info = format!("/proc/{pid}/fdinfo/{}", fd.file_name().unwrap().to_str().unwrap());
        fs::read_link(fd).is_ok_and(|link| link == file)
            && fs::read_to_string(info).is_ok_and(|info| info.starts_with(&format!("pos:\t{size}\n")))
    })
}

#[test]
fn a_window_that_stands_still_loses_nothing_and_catches_up() {
    if !desk::able(&TOOLS) {
        return;
    }
    let desk = Desk::new();
    let lab = Lab::new(&desk.path("lab"), 1, &[]);
    let display = Display::new(&desk);
    let (first, rest) = (desk.path("first.pcap"), desk.path("rest.pcap"));
    write_packets(&first, 0..FIRST);
    write_packets(&rest, FIRST..TOTAL);
    let (out, said) = (desk.path("out"), desk.path("said"));
    let profiles = lab.profiles.to_str().unwrap();
    let mut command = desk.wrcap(&["--profiles", profiles, "capture", "lab/t1", "-i", "cap0", "--json"]);
    command.env("DISPLAY", &display.name).stdin(Stdio::null());
    command.stdout(fs::File::create(&out).unwrap()).stderr(fs::File::create(&said).unwrap());
    let mut wrcap = Running(command.spawn().unwrap());
    let story = || format!("{}\n{}", fs::read_to_string(&said).unwrap(), desk.log());
    until("a live capture", || newest(&out, "state").filter(|state| state == "live"), story);

    lab.run(&["replay", "t1", first.to_str().unwrap(), "1000"]);
    let file =
        until("the window's file", || captures(&desk).pop().filter(|file| count(file) == FIRST), story);
    let log = fs::read_to_string(&out).unwrap();
    let words = log.split_once("started, process ").unwrap_or_else(|| panic!("no viewer in {log}")).1;
    let pid: u32 = words.split(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap();
    let stopped = family(pid);
    assert!(stopped.len() > 1, "a window without its dumpcap");
    let began = Instant::now();
    for pid in &stopped {
        signal(*pid, Signal::STOP);
    }
    lab.run(&["replay", "t1", rest.to_str().unwrap(), RATE]);
    until(
        "all packets",
        || newest(&out, "packets").filter(|packets| *packets == TOTAL),
        || format!("{:?} of {TOTAL}\n{}", newest(&out, "packets"), story()),
    );
    std::thread::sleep(STILL.saturating_sub(began.elapsed()));
    assert!(count(&file) < TOTAL / 2, "the window was not stopped");
    for pid in &stopped {
        signal(*pid, Signal::CONT);
    }
    until(
        "the window catches up",
        || (count(&file) == TOTAL && has_read(pid, &file)).then_some(()),
        || format!("{} of {TOTAL}\n{}", count(&file), story()),
    );

    signal(wrcap.0.id(), Signal::INT);
    let code = until("wrcap ends", || wrcap.0.try_wait().unwrap(), story);
    assert!(code.success(), "{}", story());
    let told = |key| newest(&out, key).unwrap();
    assert_eq!((told("packets"), told("complete")), (TOTAL.into(), true.into()), "{}", story());
    drop(display);
    desk.swept(&lab);
}
