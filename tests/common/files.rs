//! Capture files, written and read without wrcap's own code.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

/// A packet of a file: microseconds since 1970, and its bytes.
pub(crate) type Stamped = (u64, Vec<u8>);

/// `count` Ethernet frames of 60 to 1514 bytes, each one unlike every other.
pub(crate) fn known_packets(count: u32) -> Vec<Vec<u8>> {
    (0..count).map(|number| known_packet(number, 60 + (number as usize * 37) % 1455)).collect()
}

/// A frame of `length` bytes whose contents follow from `number`.
pub(crate) fn known_packet(number: u32, length: usize) -> Vec<u8> {
    let mut packet = b"\x02\0\0\0\0\xff\x02\0\0\0\0\xfe\x88\xb5".to_vec();
    packet.extend_from_slice(&number.to_be_bytes());
    let mut state = number.wrapping_mul(2_654_435_761).wrapping_add(1);
    while packet.len() < length {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        packet.push((state >> 24) as u8);
    }
    packet
}

/// Writes a pcap file in microseconds.
pub(crate) fn write_pcap(path: &Path, packets: &[Vec<u8>]) {
    let mut bytes = Vec::new();
    let words = |words: &[u32]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
    bytes.extend(words(&[0xa1b2_c3d4, 4 << 16 | 2, 0, 0, 262_144, 1]));
    for (number, packet) in (0..).zip(packets) {
        let length = u32::try_from(packet.len()).unwrap();
        bytes.extend(words(&[1_700_000_000, number, length, length]));
        bytes.extend_from_slice(packet);
    }
    fs::write(path, bytes).unwrap();
}

/// Reads a pcap file in microseconds.
pub(crate) fn read_pcap(path: &Path) -> Vec<Stamped> {
    let bytes = fs::read(path).unwrap();
    let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    assert_eq!(word(0), 0xa1b2_c3d4, "{} is no such file", path.display());
    let mut packets = Vec::new();
    let mut at = 24;
    while at < bytes.len() {
        let length = word(at + 8) as usize;
        let time = u64::from(word(at)) * 1_000_000 + u64::from(word(at + 4));
        packets.push((time, bytes[at + 16..at + 16 + length].to_vec()));
        at += 16 + length;
    }
    packets
}

/// The packets of a pcapng file as Wireshark's own tools read them.
pub(crate) fn packets_of(pcapng: &Path) -> Vec<Stamped> {
    let pcap = pcapng.with_extension("as.pcap");
    tool("editcap", &["-F", "pcap", &pcapng.to_string_lossy(), &pcap.to_string_lossy()]);
    read_pcap(&pcap)
}

/// The same without their times.
pub(crate) fn bytes_of(pcapng: &Path) -> Vec<Vec<u8>> {
    packets_of(pcapng).into_iter().map(|(_, packet)| packet).collect()
}

/// The values of `field` in the packets that a display filter selects, one line a packet.
pub(crate) fn fields(pcapng: &Path, display_filter: &str, field: &str) -> Vec<String> {
    let file = pcapng.to_string_lossy();
    let said = tool("tshark", &["-n", "-r", &file, "-Y", display_filter, "-T", "fields", "-e", field]);
    said.lines().map(str::to_owned).collect()
}

/// What `capinfos` says of a file.
pub(crate) fn capinfos(pcapng: &Path) -> String {
    tool("capinfos", &["-M", &pcapng.to_string_lossy()])
}

fn tool(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap();
    let (said, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{program} {arguments:?}: {said}{errors}");
    said.into_owned()
}

/// The counts of the only Interface Statistics Block of a file: option number to value
/// (4 `ifrecv`, 5 `ifdrop`, 7 `osdrop`, 8 `usrdeliv`).
pub(crate) fn statistics_block(pcapng: &Path) -> BTreeMap<u16, u64> {
    let mut found = statistics_blocks(pcapng);
    assert_eq!(found.len(), 1, "statistics blocks in {}", pcapng.display());
    found.remove(0)
}

/// The same of each interface, in the order of the file.
pub(crate) fn statistics_blocks(pcapng: &Path) -> Vec<BTreeMap<u16, u64>> {
    let bytes = fs::read(pcapng).unwrap();
    let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    let half = |at: usize| u16::from_le_bytes(bytes[at..at + 2].try_into().unwrap());
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let (kind, length) = (word(at), word(at + 4) as usize);
        if kind == 5 {
            let mut options = BTreeMap::new();
            let mut option = at + 20;
            while option + 4 < at + length - 4 && half(option) != 0 {
                let size = usize::from(half(option + 2));
                if size == 8 {
                    let value = u64::from_le_bytes(bytes[option + 4..option + 12].try_into().unwrap());
                    options.insert(half(option), value);
                }
                option += 4 + size.next_multiple_of(4);
            }
            found.push(options);
        }
        at += length;
    }
    found
}
