//! Captures that are kept: in several files, on disks that fill up, in the spool until somebody wants them.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use rustix::process::Signal;
use serde_json::Value;

use crate::common::{
    PATIENCE,
    disk::SmallDisk,
    files, holds_within,
    lab::Lab,
    wrcap::{self, Wrcap},
};

fn number(event: &Value, key: &str) -> u64 {
    event[key].as_u64().unwrap_or_else(|| panic!("no {key} in {event}"))
}

/// Waits until the numbers of a session are as `wanted` says.
fn until_stats(wrcap: &Wrcap, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    wrcap.until(what, |event| event["event"] == "stats" && wanted(event))
}

fn kilobytes(numbers: std::ops::Range<u32>) -> Vec<Vec<u8>> {
    numbers.map(|number| files::known_packet(number, 1000)).collect()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// The capture files of a folder by name, each checked to be whole in Wireshark's own eyes.
fn captures(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.retain(|path| path.extension().is_some_and(|ending| ending == "pcapng"));
    found.sort();
    for path in &found {
        assert!(files::capinfos(path).contains("pcapng"), "{}", path.display());
        assert_eq!(mode(path), 0o600, "{}", path.display());
    }
    found
}

/// The names of files, and how many packets are in each.
fn counted(paths: &[PathBuf]) -> (Vec<String>, Vec<usize>) {
    let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
    (paths.iter().map(name).collect(), paths.iter().map(|path| files::bytes_of(path).len()).collect())
}

#[test]
fn files_of_a_size_are_whole_and_only_the_newest_are_kept() {
    let Some(lab) = Lab::up(1) else { return };
    let folder = lab.path("kept");
    fs::create_dir(&folder).unwrap();
    let template = folder.join("{site}-{target}-{interface}.pcapng");
    let template = template.to_string_lossy();
    let words = ["capture", "lab/t1", "-i", "cap0", "-w", &template, "-c", "6000", "--json"];
    let wrcap = Wrcap::start(&lab, &[&words[..], &["--rotate", "size=1MiB,keep=3"]].concat());
    wrcap.until_live();
    lab.replay("t1", &kilobytes(0..6000), Some(4000));
    let report = wrcap.end().code(0).report();

    let paths = captures(&folder);
    let (names, packets) = counted(&paths);
    assert_eq!(names.len(), 3, "{names:?}");
    assert!(names[0].starts_with("lab-t1-cap0-0000"), "{names:?}");
    assert_eq!(report["files"], serde_json::json!(paths), "{report}");
    assert_eq!(report["file"], paths[2].to_string_lossy().as_ref(), "{report}");
    assert!(paths.iter().all(|path| fs::metadata(path).unwrap().len() <= 1 << 20));
    let kept: usize = packets.iter().sum();
    assert_eq!(number(&report, "evicted_packets") + kept as u64, 6000, "{report}");
    assert_eq!((&report["packets"], &report["complete"]), (&6000.into(), &false.into()), "{report}");
    // What is left is the end, in order.
    let first = u32::try_from(6000 - kept).unwrap();
    let came: Vec<Vec<u8>> = paths.iter().flat_map(|path| files::bytes_of(path)).collect();
    assert!(came == kilobytes(first..6000), "other packets than the last {kept}");
    assert_eq!(files::statistics_block(&paths[2])[&8], 6000);
    assert!(paths[..2].iter().all(|path| !files::capinfos(path).contains("isb_")));
    lab.assert_nothing_left();
}

#[test]
fn a_profile_records_into_a_file_for_every_second() {
    let Some(lab) = Lab::up(1) else { return };
    let folder = lab.path("kept");
    let record = format!("record: '{}/{{target}}.pcapng', rotate: {{ every: 1s }}", folder.display());
    let target =
        format!("{{ host: {}, interface: cap0, delivery: immediate, {record} }}", lab.value("T1_IP"));
    lab.site("timed", &[], &format!("  t1: {target}\n"));
    for first in [1, 4] {
        let wrcap = Wrcap::start(&lab, &["capture", "timed/t1", "--no-viewer", "-c", "60", "--json"]);
        wrcap.until_live();
        lab.replay("t1", &files::known_packets(60), Some(25));
        let report = wrcap.end().code(0).report();
        assert_eq!((&report["complete"], &report["packets"]), (&true.into(), &60.into()), "{report}");
        let paths: Vec<PathBuf> = serde_json::from_value(report["files"].clone()).unwrap();
        assert!((2..=4).contains(&paths.len()), "{paths:?}");
        let came: Vec<Vec<u8>> = paths.iter().flat_map(|path| files::bytes_of(path)).collect();
        assert!(came == files::known_packets(60), "other packets than those of the wire");
        let (names, packets) = counted(&paths);
        assert!(packets.iter().all(|count| *count > 0), "{packets:?}");
        if first == 1 {
            assert_eq!(names[0], "t1-00001.pcapng");
        } else {
            assert!(names[0].as_str() > "t1-00002.pcapng", "a second run goes on: {names:?}");
        }
    }
    lab.assert_nothing_left();
}

#[test]
fn a_disk_that_is_full_for_a_while_costs_packets_and_not_the_capture() {
    let Some(lab) = Lab::up(1) else { return };
    let disk = SmallDisk::new(&lab, "8m");
    let ballast = disk.path("ballast");
    fs::write(&ballast, vec![1; 4 << 20]).unwrap();
    let file = disk.path("out.pcapng");
    let path = file.to_string_lossy();
    let wrcap = Wrcap::start(&lab, &["capture", "lab/t1", "-i", "cap0", "-w", &path, "--json"]);
    wrcap.until_live();
    lab.replay("t1", &kilobytes(0..8000), Some(4000));
    let full = until_stats(&wrcap, "full disk", |stats| number(stats, "packets") == 8000);
    let lost = number(&full, "unwritten_packets");
    assert!(lost > 3000, "{full}");
    wrcap.until("word of it", |event| {
        event["event"] == "log"
            && event["text"].as_str().is_some_and(|text| text.contains("No space left on device"))
    });
    fs::remove_file(&ballast).unwrap();
    lab.replay("t1", &kilobytes(8000..10_000), Some(1000));
    until_stats(&wrcap, "last packets", |stats| number(stats, "packets") == 10_000);
    wrcap.until("word of the recovery", |event| {
        event["event"] == "log"
            && event["text"].as_str().is_some_and(|text| text.starts_with("writing works again"))
    });
    wrcap.signal(Signal::INT);

    let ended = wrcap.end().code(5);
    let report = ended.report();
    let unwritten = number(&report, "unwritten_packets");
    assert_eq!((&report["packets"], &report["complete"]), (&10_000.into(), &false.into()), "{report}");
    assert_eq!((&report["error"]["stage"], &report["error"]["kind"]), (&"write".into(), &"file".into()));
    let told = format!("{unwritten} packets could not be written to {path}: No space left on device");
    assert!(report["error"]["message"].as_str().unwrap().starts_with(&told), "{report}");
    assert_eq!(number(&report, "stored_bytes"), fs::metadata(&file).unwrap().len());
    let copy = lab.path("copy.pcapng");
    fs::copy(&file, &copy).unwrap();
    let came = files::bytes_of(&copy);
    assert_eq!(came.len() as u64 + unwritten, 10_000);
    assert!(came[came.len() - 2000..] == kilobytes(8000..10_000), "what came after the disk had room");
    let noted = files::fields(&copy, "frame.drop_count", "frame.drop_count");
    assert_eq!(noted.iter().map(|count| count.parse::<u64>().unwrap()).sum::<u64>(), unwritten, "{noted:?}");
    files::capinfos(&copy);
    lab.assert_nothing_left();
}

#[test]
fn a_file_that_somebody_deletes_is_not_a_complete_capture() {
    let Some(lab) = Lab::up(1) else { return };
    let file = lab.path("out.pcapng");
    let path = file.to_string_lossy();
    let wrcap = Wrcap::start(&lab, &["capture", "lab/t1", "-i", "cap0", "-w", &path, "--json"]);
    wrcap.until_live();
    lab.replay("t1", &kilobytes(0..10), Some(100));
    until_stats(&wrcap, "all packets", |stats| number(stats, "packets") == 10);
    fs::remove_file(&file).unwrap();
    wrcap.signal(Signal::INT);
    let report = wrcap.end().code(5).report();
    assert_eq!(report["complete"], false, "{report}");
    let told = format!("{path} was deleted while the capture was written to it");
    assert_eq!(report["error"]["message"], told, "{report}");
    lab.assert_nothing_left();
}

#[test]
fn the_longest_file_that_may_be_is_not_the_end() {
    let Some(lab) = Lab::up(1) else { return };
    let file = lab.path("out.pcapng");
    let path = file.to_string_lossy();
    let wrcap = Wrcap::start(&lab, &["capture", "lab/t1", "-i", "cap0", "-w", &path, "--json"]);
    wrcap.until_live();
    let limit = ["--fsize=1048576", "--pid", &wrcap.id().to_string()];
    assert!(Command::new("prlimit").args(limit).status().unwrap().success());
    lab.replay("t1", &kilobytes(0..3000), Some(3000));
    until_stats(&wrcap, "all packets", |stats| number(stats, "packets") == 3000);
    wrcap.signal(Signal::INT);
    let report = wrcap.end().code(5).report();
    let unwritten = number(&report, "unwritten_packets");
    assert!(report["error"]["message"].as_str().unwrap().contains("File too large"), "{report}");
    assert_eq!(files::bytes_of(&file).len() as u64 + unwritten, 3000, "{report}");
    lab.assert_nothing_left();
}

/// The only line of `wrcap spool list`.
fn only_spool(lab: &Lab) -> Value {
    let ended = wrcap::run(lab, &["spool", "list", "--json"]).code(0);
    let listed: Value = serde_json::from_str(&ended.out).unwrap();
    let spools = listed["spools"].as_array().unwrap();
    assert_eq!(spools.len(), 1, "{listed}");
    spools[0].clone()
}

#[test]
fn what_the_spool_still_has_is_saved_while_the_capture_goes_on() {
    let Some(lab) = Lab::up(1) else { return };
    let target = format!("{{ host: {}, interface: cap0, viewer: none, spool: 4MiB }}", lab.value("T1_IP"));
    lab.site("small", &[], &format!("  t1: {target}\n"));
    let folder = lab.path("here");
    fs::create_dir(&folder).unwrap();
    let wrcap = Wrcap::start_with(&lab, &["capture", "small/t1", "--json"], |command| {
        command.current_dir(&folder);
    });
    wrcap.until_live();
    wrcap.signal(Signal::USR1);
    let early = wrcap.until("answer without packets", |event| event["event"] == "saved");
    assert_eq!((&early["path"], &early["error"]["stage"]), (&Value::Null, &"write".into()), "{early}");

    lab.replay("t1", &kilobytes(0..8000), Some(4000));
    let stats = until_stats(&wrcap, "all packets", |stats| number(stats, "packets") == 8000);
    assert!(number(&stats, "evicted_packets") > 3000, "{stats}");
    let live = only_spool(&lab);
    assert_eq!((&live["state"], &live["target"]), (&"live".into(), &"small/t1".into()), "{live}");
    let name = live["name"].as_str().unwrap();
    let refused = wrcap::run(&lab, &["spool", "rm", name, "--yes"]).code(2);
    assert!(refused.err.contains("a running session writes to"), "{refused:?}");
    let spool = lab.path("s/wrcap/spool").join(name);
    assert_eq!((mode(&spool), mode(&spool.join("session.json"))), (0o700, 0o600));

    wrcap.signal(Signal::USR1);
    let saved = wrcap.until("saved file", |event| event["event"] == "saved" && event["packets"] != 0);
    lab.replay("t1", &kilobytes(8000..8010), Some(50));
    wrcap.until("packets after it", |event| event["event"] == "stats" && event["packets"] == 8010);
    wrcap.signal(Signal::USR1);
    wrcap
        .until("second file", |event| event["path"].as_str().is_some_and(|path| path.ends_with("-1.pcapng")));
    wrcap.signal(Signal::INT);
    let report = wrcap.end().code(0).report();
    let paths = captures(&folder);
    assert_eq!(saved["path"], paths.iter().map(|p| p.to_string_lossy()).max().unwrap().as_ref(), "{saved}");
    let first = PathBuf::from(saved["path"].as_str().unwrap());
    let came = files::bytes_of(&first);
    assert_eq!(came.len() as u64, number(&saved, "packets"));
    assert_eq!(came.len() as u64 + number(&stats, "evicted_packets"), 8000, "{stats}");
    assert!(
        came == kilobytes(8000 - u32::try_from(came.len()).unwrap()..8000),
        "other packets than the last ones"
    );
    assert_eq!(report["complete"], false, "{report}");
    assert_eq!(paths.len(), 2, "{paths:?}");
    lab.assert_nothing_left();
}

#[test]
fn a_hangup_leaves_what_is_not_saved_and_an_interrupt_does_not() {
    let Some(lab) = Lab::up(1) else { return };
    let target = format!("{{ host: {}, interface: cap0, viewer: none }}", lab.value("T1_IP"));
    lab.site("quiet", &[], &format!("  t1: {target}\n"));
    let end_by = |signal| {
        let wrcap = Wrcap::start(&lab, &["capture", "quiet/t1"]);
        wrcap.until_said("capturing on cap0");
        lab.replay("t1", &files::known_packets(50), Some(1000));
        assert!(holds_within(PATIENCE, || only_spool(&lab)["packets"] == 50), "not all packets");
        wrcap.signal(signal);
        wrcap.end().code(0)
    };
    assert!(!end_by(Signal::INT).err.contains("stays in the spool"));
    lab.assert_nothing_left();
    let ended = end_by(Signal::HUP);
    let told = "wrcap: 1 capture that is not saved stays in the spool\nhint: wrcap spool list\n";
    assert!(ended.err.ends_with(told), "{ended:?}");
    let left = only_spool(&lab);
    assert_eq!((&left["state"], &left["packets"]), (&"left".into(), &50.into()), "{left}");
    wrcap::run(&lab, &["spool", "rm", "--all", "--yes"]).code(0);
    // A signal before the first packet leaves nothing to keep.
    let wrcap = Wrcap::start(&lab, &["capture", "quiet/t1", "--json"]);
    wrcap.until_live();
    wrcap.signal(Signal::TERM);
    wrcap.end().code(0);
    lab.assert_nothing_left();
}

#[test]
fn what_a_killed_run_left_is_told_saved_and_removed() {
    let Some(lab) = Lab::up(1) else { return };
    let target = format!("{{ host: {}, interface: cap0, viewer: none }}", lab.value("T1_IP"));
    lab.site("quiet", &[], &format!("  t1: {target}\n"));
    let wrcap = Wrcap::start(&lab, &["capture", "quiet/t1", "--json"]);
    wrcap.until_live();
    lab.replay("t1", &files::known_packets(500), Some(1000));
    until_stats(&wrcap, "all packets", |stats| number(stats, "packets") == 500);
    wrcap.signal(Signal::KILL);
    assert_eq!(wrcap.end().code, -9);

    let left = only_spool(&lab);
    assert_eq!(
        (&left["state"], &left["packets"], &left["interface"]),
        (&"left".into(), &500.into(), &"cap0".into())
    );
    let name = left["name"].as_str().unwrap();
    // As a crash may leave it: in the middle of a block.
    let segment = lab.path("s/wrcap/spool").join(name).join("000000.pcapng");
    let bytes = fs::read(&segment).unwrap();
    fs::write(&segment, &bytes[..bytes.len() - 5]).unwrap();

    let next = wrcap::run(&lab, &["capture", "quiet/t1", "-w", "/dev/null", "-d", "1s"]).code(0);
    let told = "wrcap: 1 capture of an earlier run is still in the spool\nhint: wrcap spool list\n";
    assert!(next.err.starts_with(told), "{next:?}");
    let listed = wrcap::run(&lab, &["spool", "list"]).code(0);
    assert!(listed.out.contains(name) && listed.out.contains(" 499  left"), "{listed:?}");

    let folder = lab.path("here");
    fs::create_dir(&folder).unwrap();
    let here = folder.to_string_lossy();
    let saved = wrcap::run(&lab, &["spool", "save", name, "-w", &here]).code(0);
    assert!(saved.out.starts_with(&format!("{name}: saved 499 packets")), "{saved:?}");
    wrcap::run(&lab, &["spool", "save", name, "-w", &here, "--last-bytes", "10kB"]).code(0);
    wrcap::run(&lab, &["spool", "save", name, "-w", &here, "--last", "0"]).code(0);
    let too_little = wrcap::run(&lab, &["spool", "save", name, "-w", &here, "--last-bytes", "1"]).code(5);
    assert!(too_little.err.contains("not even the last packet fits"), "{too_little:?}");
    let paths = captures(&folder);
    let (names, mut packets) = counted(&paths);
    packets.sort_unstable();
    assert_eq!((names.len(), packets[2]), (3, 499), "{names:?}");
    assert!(packets[0] < 20 && packets[1] < 30, "{packets:?}");
    let whole = paths.iter().map(|path| files::bytes_of(path)).find(|came| came.len() == 499).unwrap();
    assert!(whole == files::known_packets(499), "other packets than those that came");
    assert!(names.iter().all(|name| name.starts_with("quiet-t1-2")), "{names:?}");

    let unsure = wrcap::run(&lab, &["spool", "rm", "--all"]).code(2);
    assert!(unsure.err.contains("no terminal"), "{unsure:?}");
    wrcap::run(&lab, &["spool", "rm", "nobody", "--yes"]).code(2);
    let removed = wrcap::run(&lab, &["spool", "rm", "--all", "--yes"]).code(0);
    assert_eq!(removed.out, format!("removed {name}\n"));
    lab.assert_no_tcpdump("t1", PATIENCE);
    lab.assert_nothing_left();
}
