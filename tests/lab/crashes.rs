//! Power that fails while a capture is written, played by copies of the folder that are made meanwhile.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use rustix::process::Signal;

use crate::common::{files, holds_within, lab::Lab, wrcap::Wrcap};

const PACKETS: u32 = 6000;
const LENGTH: usize = 1000;
/// For a replay of so many packets at 2000 a second.
const LIMIT: std::time::Duration = std::time::Duration::from_secs(60);

/// Copies the capture files of a folder, in the middle of whatever is written, and gives the copies in order.
fn copy(folder: &Path, to: &Path) -> Vec<PathBuf> {
    fs::create_dir(to).unwrap();
    let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    names.retain(|name| fs::copy(folder.join(name), to.join(name)).is_ok());
    names.into_iter().map(|name| to.join(name)).collect()
}

/// The packets of a file whose last block may be cut.
fn packets(file: &Path) -> Vec<Vec<u8>> {
    let pcap = file.with_extension("as.pcap");
    let mut editcap = Command::new("editcap");
    // It complains of the cut, and gives what is before it.
    editcap.args(["-F", "pcap"]).arg(file).arg(&pcap).stderr(Stdio::null()).status().unwrap();
    if pcap.exists() {
        files::read_pcap(&pcap).into_iter().map(|(_, packet)| packet).collect()
    } else {
        Vec::new()
    }
}

#[test]
fn a_folder_that_is_cut_off_at_any_moment_is_a_capture_up_to_there() {
    let Some(lab) = Lab::up(1) else { return };
    let folder = lab.path("kept");
    fs::create_dir(&folder).unwrap();
    let template = folder.join("{target}.pcapng");
    let words = ["capture", "lab/t1", "-i", "cap0", "--rotate", "size=1MB", "--json", "-w"];
    let wrcap = Wrcap::start(&lab, &[&words[..], &[&template.to_string_lossy()]].concat());
    wrcap.until_live();
    let sent: Vec<Vec<u8>> = (0..PACKETS).map(|number| files::known_packet(number, LENGTH)).collect();
    let file = lab.path("sent.pcap");
    files::write_pcap(&file, &sent);
    let mut replay =
        lab.start(&["replay", "t1", &file.to_string_lossy(), "2000"], Stdio::null(), &lab.path("said"));

    let captured = || {
        let events = wrcap.events();
        let stats = events.iter().rfind(|event| event["event"] == "stats");
        stats.and_then(|stats| stats["packets"].as_u64()).unwrap_or(0)
    };
    let mut copies = Vec::new();
    let all = holds_within(LIMIT, || {
        // What was told to be captured is in the copy that is made afterwards.
        let told = captured();
        copies.push((told, copy(&folder, &lab.path(&format!("copy{}", copies.len())))));
        told == u64::from(PACKETS)
    });
    assert!(all, "{} of {PACKETS} packets", captured());
    assert!(replay.0.wait().unwrap().success());
    wrcap.signal(Signal::KILL);
    assert_eq!(wrcap.end().code, -9);

    let mut partial = 0;
    for (told, copied) in copies {
        let came: Vec<Vec<u8>> = copied.iter().flat_map(|file| packets(file)).collect();
        assert!(came.len() as u64 >= told, "{} packets in a copy, {told} were told before", came.len());
        assert!(came == sent[..came.len()], "other packets than the first {}", came.len());
        partial += usize::from((1..PACKETS as usize).contains(&came.len()));
    }
    assert!(partial > 2, "only {partial} copies were made meanwhile");
    lab.assert_no_tcpdump("t1", LIMIT);
}
