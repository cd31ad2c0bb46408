use std::{fs, os::unix::fs::PermissionsExt as _, sync::Arc};

use super::{Place, SpoolReader, SpoolWriter, Step};
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
    assert_eq!(late.missed_packets(), 93);
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
