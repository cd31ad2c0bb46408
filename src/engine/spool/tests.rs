use std::{fs, os::unix::fs::PermissionsExt as _, sync::Arc};

use super::{Place, SpoolReader, SpoolWriter, Step};
use crate::profile::Rotate;
use crate::session::Counters;

fn segments(folder: &tempfile::TempDir, budget: u64) -> (SpoolWriter, Arc<Counters>) {
    let counters = Arc::new(Counters::default());
    let place = Place::Segments { folder: folder.path().join("s"), budget };
    let mut writer = SpoolWriter::create(place, b"HEAD".to_vec(), Arc::clone(&counters)).unwrap();
    writer.describe(b"IF0!");
    (writer, counters)
}

/// Adds `count` packets of one mebibyte, each filled with its own byte.
fn add(writer: &mut SpoolWriter, first: u8, count: u8) {
    for fill in first..first + count {
        writer.buffer().extend(std::iter::repeat_n(fill, 1 << 20));
        writer.count_packet();
        writer.flush().unwrap();
    }
}

/// All bytes until the reader waits or ends, run-length coded by mebibyte for packets.
fn read(reader: &mut SpoolReader) -> (Vec<u8>, Step) {
    let mut all = Vec::new();
    let mut buffer = vec![0; 700_001];
    loop {
        match reader.read(&mut buffer).unwrap() {
            Step::Data(n) => all.extend_from_slice(&buffer[..n]),
            step => return (all, step),
        }
    }
}

/// The fill bytes of the packets after the header.
fn fills(bytes: &[u8]) -> Vec<u8> {
    bytes
        .chunks(1 << 20)
        .map(|chunk| {
            assert!(chunk.iter().all(|b| *b == chunk[0]));
            chunk[0]
        })
        .collect()
}

#[test]
fn a_reader_sees_one_header_over_many_segments() {
    let folder = tempfile::tempdir().unwrap();
    let (mut writer, counters) = segments(&folder, 1 << 40);
    let mut early = writer.spool().reader();
    add(&mut writer, 0, 150);
    let (first, step) = read(&mut early);
    assert_eq!(step, Step::Wait);
    let spool = Arc::clone(writer.spool());
    writer.finish(b"").unwrap();
    assert_eq!(read(&mut early), (vec![], Step::Ended));
    let (late, step) = read(&mut spool.reader());
    assert_eq!(step, Step::Ended);
    assert_eq!(first, late);
    assert_eq!(&late[..8], b"HEADIF0!");
    assert_eq!(fills(&late[8..]), (0..150).collect::<Vec<u8>>());
    let files: Vec<_> = fs::read_dir(spool.path()).unwrap().map(|e| e.unwrap()).collect();
    assert_eq!(files.len(), 3);
    for file in files {
        assert_eq!(&fs::read(file.path()).unwrap()[..8], b"HEADIF0!", "each segment opens by itself");
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(fs::metadata(spool.path()).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(counters.sample().stored_bytes, (150 << 20) + 3 * 8);
}

#[test]
fn an_interface_described_later_is_seen_once() {
    let folder = tempfile::tempdir().unwrap();
    let (mut writer, _) = segments(&folder, 1 << 40);
    add(&mut writer, 1, 63);
    let mut reader = writer.spool().reader();
    read(&mut reader);
    writer.describe(b"LATE");
    add(&mut writer, 100, 2);
    add(&mut writer, 1, 64);
    let (tail, _) = read(&mut reader);
    assert_eq!(&tail[..4], b"LATE");
    assert_eq!(fills(&tail[4..]).len(), 66);
}

#[test]
fn the_budget_drops_the_oldest_and_counts_it() {
    let folder = tempfile::tempdir().unwrap();
    let (mut writer, counters) = segments(&folder, 128 << 20);
    let mut slow = writer.spool().reader();
    let mut buffer = vec![0; 1 << 20];
    writer.flush().unwrap();
    assert_eq!(slow.read(&mut buffer[..8]).unwrap(), Step::Data(8));
    add(&mut writer, 0, 200);
    // 31 packets a segment of 32 MiB: 0 to 2 are gone, 3 to 6 are there.
    assert_eq!(counters.sample().evicted_packets, 93);
    assert!(counters.sample().stored_bytes <= 128 << 20);
    let (rest, _) = read(&mut slow);
    let expected: Vec<u8> = (0..31).chain(93..200).collect();
    assert_eq!(fills(&rest), expected, "an open segment is read to its end");
    assert_eq!(slow.missed_packets(), 62);
    let mut late = writer.spool().reader();
    let (all, _) = read(&mut late);
    assert_eq!(fills(&all[8..]), (93..200).collect::<Vec<u8>>());
    assert_eq!(late.missed_packets(), 0, "what was gone before it came");
    assert_eq!(counters.sample().viewer_missed, 62);
}

#[test]
fn a_file_is_never_cut_into_segments() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.pcapng");
    fs::write(&path, "older content, much longer than the header").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    let mut writer =
        SpoolWriter::create(Place::File(path.clone()), b"HEAD".to_vec(), Arc::default()).unwrap();
    writer.describe(b"IF0!");
    add(&mut writer, 0, 70);
    writer.finish(b"LAST").unwrap();
    let bytes = fs::read(&path).unwrap();
    assert_eq!(bytes.len(), (70 << 20) + 12);
    assert!(bytes.ends_with(b"LAST"));
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn a_waiting_reader_wakes_up() {
    let folder = tempfile::tempdir().unwrap();
    let (mut writer, _) = segments(&folder, 1 << 40);
    let mut reader = writer.spool().reader();
    read(&mut reader);
    let waiting = tokio::spawn(async move {
        reader.changed().await;
        read(&mut reader).0
    });
    add(&mut writer, 7, 1);
    assert_eq!(waiting.await.unwrap().len(), (1 << 20) + 8);
}

#[test]
fn a_small_budget_has_small_segments() {
    let folder = tempfile::tempdir().unwrap();
    let (mut writer, counters) = segments(&folder, 16 << 20);
    add(&mut writer, 0, 100);
    assert!(counters.sample().stored_bytes <= 16 << 20);
    assert!(counters.sample().evicted_packets >= 84);
}

#[test]
fn a_capture_that_never_begins_leaves_an_older_file_alone() {
    let folder = tempfile::tempdir().unwrap();
    for existed in [true, false] {
        let path = folder.path().join("out.pcapng");
        if existed {
            fs::write(&path, "older").unwrap();
        } else {
            fs::remove_file(&path).unwrap();
        }
        let writer =
            SpoolWriter::create(Place::File(path.clone()), b"HEAD".to_vec(), Arc::default()).unwrap();
        writer.finish(b"").unwrap();
        assert_eq!(fs::read_to_string(&path).ok().as_deref(), existed.then_some("older"));
    }
}

#[test]
fn what_cannot_be_written_is_said_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::File(folder.path().to_owned());
    assert!(matches!(
        SpoolWriter::create(place, Vec::new(), Arc::default()),
        Err(super::SpoolError::Create { .. })
    ));
}

/// Gives the disk of this thread its room back at the end of a test, however that ends.
struct Disk;

impl Disk {
    fn with(bytes: u64) -> Self {
        super::fault::set_room(Some(bytes));
        Self
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        super::fault::set_room(None);
    }
}

fn file_writer(folder: &tempfile::TempDir) -> (SpoolWriter, Arc<Counters>, std::path::PathBuf) {
    let (path, counters) = (folder.path().join("out.pcapng"), Arc::new(Counters::default()));
    let writer =
        SpoolWriter::create(Place::File(path.clone()), b"HEAD".to_vec(), Arc::clone(&counters)).unwrap();
    (writer, counters, path)
}

#[test]
fn a_full_disk_costs_counted_packets_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let (mut writer, counters, path) = file_writer(&folder);
    writer.describe(b"IF0!");
    let mut reader = writer.spool().reader();
    let _disk = Disk::with((2 << 20) + 100);
    add(&mut writer, 0, 5);
    assert_eq!(fs::read(&path).unwrap().len(), (2 << 20) + 8, "no part of what did not fit stays");
    assert_eq!(counters.sample().unwritten_packets, 3);
    assert!(!counters.sample().losses().is_empty());
    writer.describe(b"IF1!");
    add(&mut writer, 5, 1);
    super::fault::set_room(None);
    add(&mut writer, 6, 2);
    assert_eq!((writer.unwritten(), counters.sample().unwritten_packets), (4, 4));
    let Err(super::SpoolError::Unwritten { packets, path: told, .. }) = writer.finish(b"LAST") else {
        panic!("not told")
    };
    assert_eq!((packets, &told), (4, &path));
    let bytes = fs::read(&path).unwrap();
    assert_eq!(counters.sample().stored_bytes, bytes.len() as u64);
    assert_eq!(&bytes[..8], b"HEADIF0!");
    let (before, after) = bytes[8..].split_at(2 << 20);
    assert_eq!(fills(before), [0, 1]);
    assert_eq!(&after[..4], b"IF1!", "the interface was not given up");
    assert_eq!(fills(&after[4..after.len() - 4]), [6, 7]);
    assert!(bytes.ends_with(b"LAST"));
    assert_eq!(read(&mut reader).0, bytes);
}

#[test]
fn a_disk_that_is_full_from_the_start_is_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let (mut writer, counters, path) = file_writer(&folder);
    writer.describe(b"IF0!");
    let _disk = Disk::with(2);
    add(&mut writer, 0, 2);
    assert!(!path.exists(), "half a header is no capture");
    assert_eq!((counters.sample().unwritten_packets, counters.sample().stored_bytes), (2, 0));
    super::fault::set_room(None);
    add(&mut writer, 9, 1);
    assert!(writer.finish(b"").is_err());
    let bytes = fs::read(&path).unwrap();
    assert_eq!(&bytes[..8], b"HEADIF0!");
    assert_eq!(fills(&bytes[8..]), [9]);
}

#[test]
fn a_full_disk_takes_the_oldest_segments_before_it_takes_packets() {
    let folder = tempfile::tempdir().unwrap();
    let (mut writer, counters) = segments(&folder, 16 << 20);
    let _disk = Disk::with((10 << 20) + 100);
    add(&mut writer, 0, 30);
    let sample = counters.sample();
    assert_eq!((sample.unwritten_packets, sample.evicted_packets), (0, 21));
    let spool = Arc::clone(writer.spool());
    writer.finish(b"").unwrap();
    let (all, _) = read(&mut spool.reader());
    assert_eq!(fills(&all[8..]), (21..30).collect::<Vec<u8>>());
    let on_disk: u64 = spool.files().iter().map(|file| fs::metadata(file).unwrap().len()).sum();
    assert_eq!(counters.sample().stored_bytes, on_disk);
}

#[test]
fn statistics_that_cannot_be_written_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let (mut writer, counters, path) = file_writer(&folder);
    writer.describe(b"IF0!");
    add(&mut writer, 0, 1);
    let _disk = Disk::with(1);
    assert!(matches!(writer.finish(b"LAST"), Err(super::SpoolError::Write { .. })));
    assert_eq!(fs::read(&path).unwrap().len(), (1 << 20) + 8);
    assert_eq!(counters.sample().unwritten_packets, 0);
}

#[test]
fn trouble_is_told_once() {
    let folder = tempfile::tempdir().unwrap();
    let (mut writer, _, path) = file_writer(&folder);
    writer.describe(b"IF0!");
    let _disk = Disk::with(100);
    add(&mut writer, 0, 3);
    let [super::SpoolNews::Trouble(text)] = &writer.take_news()[..] else { panic!("not told once") };
    assert!(text.starts_with(&format!("could not write to {}: No space left", path.display())), "{text}");
}

fn rotating(folder: &tempfile::TempDir, rotate: Rotate) -> (SpoolWriter, Arc<Counters>) {
    let counters = Arc::new(Counters::default());
    let place = Place::Files { stem: folder.path().join("out"), first: 1, rotate };
    let mut writer = SpoolWriter::create(place, b"HEAD".to_vec(), Arc::clone(&counters)).unwrap();
    writer.describe(b"IF0!");
    (writer, counters)
}

fn names(folder: &tempfile::TempDir) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn files_are_rotated_by_size_and_only_so_many_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let rotate = Rotate { size: Some((3 << 20) + 8), every: None, keep: Some(2) };
    let (mut writer, counters) = rotating(&folder, rotate);
    let mut reader = writer.spool().reader();
    let mut first = [0; 8];
    writer.flush().unwrap();
    assert_eq!(reader.read(&mut first).unwrap(), Step::Data(8));
    add(&mut writer, 0, 10);
    assert_eq!(names(&folder), ["out-00003.pcapng", "out-00004.pcapng"]);
    assert_eq!(counters.sample().evicted_packets, 6);
    let removed = writer.take_news();
    let removed: Vec<_> = removed
        .iter()
        .map(|news| match news {
            super::SpoolNews::Removed { path, packets } => {
                (path.file_name().unwrap().to_str().unwrap(), *packets)
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(removed, [("out-00001.pcapng", 3), ("out-00002.pcapng", 3)]);
    let spool = Arc::clone(writer.spool());
    writer.finish(b"LAST").unwrap();
    assert_eq!(names(&folder).len(), 2, "the statistics begin no file");
    let files: Vec<Vec<u8>> = spool.files().iter().map(|path| fs::read(path).unwrap()).collect();
    assert!(files.iter().all(|bytes| bytes.starts_with(b"HEADIF0!")));
    assert!(files[1].ends_with(b"LAST") && !files[0].ends_with(b"LAST"));
    assert_eq!(fills(&files[0][8..]), [6, 7, 8]);
    let mode = |path: &std::path::PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert!(spool.files().iter().all(|path| mode(path) == 0o600));
    // A viewer that had the first file open reads that to its end and goes on with what is there.
    let (rest, _) = read(&mut reader);
    assert_eq!(fills(&rest[..rest.len() - 4]), [0, 1, 2, 6, 7, 8, 9]);
}

#[test]
fn the_first_packet_after_the_time_begins_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let every = std::time::Duration::from_secs(3600);
    let (mut writer, _) = rotating(&folder, Rotate { size: None, every: Some(every), keep: None });
    let start = std::time::Instant::now();
    let mut at = |seconds| {
        writer.buffer().extend_from_slice(b"packet!!");
        writer.count_packet();
        writer.flush_at(start + std::time::Duration::from_secs(seconds)).unwrap();
        names(&folder).len()
    };
    assert_eq!([at(0), at(3599), at(3600), at(3601), at(20_000), at(20_001)], [1, 1, 2, 2, 3, 3]);
}
