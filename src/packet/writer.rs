//! Writes pcapng blocks into a `Vec<u8>`, in this machine's byte order, as Wireshark 4.0 to 4.6 take them live.
//!
//! Wireshark's rules, which are the caller's too: one section, an interface before its first packet,
//! statistics once an interface and at the end.

use super::block::{self, option};
use super::info::{InterfaceInfo, InterfaceStatistics, Packet, PacketNotes, SectionInfo};

/// Bytes of the longest block: dumpcap refuses to read on after a longer one.
pub const MAX_BLOCK: usize = 262_144;

/// Bytes of the longest text option; longer ones are cut. No block comes near [`MAX_BLOCK`] by texts alone.
pub const MAX_TEXT: usize = 16_384;

/// Bytes of an enhanced packet block before its data.
const PACKET_HEAD: usize = 28;
/// All its bytes but data and options.
const PACKET_FRAME: usize = PACKET_HEAD + 4;

/// Appends a section header block.
pub fn section_header(out: &mut Vec<u8>, section: &SectionInfo<'_>) {
    framed(out, block::SECTION, |out| {
        word(out, block::ORDER_MAGIC);
        half(out, 1);
        half(out, 0);
        // The section's length: -1 says it is not known.
        out.extend_from_slice(&(-1_i64).to_ne_bytes());
        text(out, option::SHB_HARDWARE, section.hardware);
        text(out, option::SHB_OS, section.os);
        text(out, option::SHB_APPLICATION, Some(section.application));
        text(out, option::COMMENT, section.comment);
        put(out, option::END, &[]);
    });
}

/// Appends an interface description block. Interfaces are numbered in the order they are written.
pub fn interface_description(out: &mut Vec<u8>, interface: &InterfaceInfo) {
    framed(out, block::INTERFACE, |out| {
        half(out, interface.linktype);
        half(out, 0);
        word(out, interface.snaplen);
        text(out, option::IF_NAME, interface.name.as_deref());
        text(out, option::IF_DESCRIPTION, interface.description.as_deref());
        put(out, option::IF_TSRESOL, &[interface.resolution.option()]);
        if let Some(filter) = &interface.filter {
            put(out, option::IF_FILTER, &[&[0], cut(filter, MAX_TEXT - 1).as_bytes()].concat());
        }
        text(out, option::IF_OS, interface.os.as_deref());
        if interface.offset != 0 {
            put(out, option::IF_TSOFFSET, &interface.offset.to_ne_bytes());
        }
        put(out, option::END, &[]);
    });
}

/// Appends an enhanced packet block, with the packet's own notes and `notes`: counts of drops add up, both
/// comments are kept.
///
/// Answers with the payload bytes that had to be cut off to keep the block within [`MAX_BLOCK`]: 0 for any
/// packet up to 262,112 bytes without notes.
#[must_use = "packets that were cut count as truncated"]
#[inline]
pub fn enhanced_packet(out: &mut Vec<u8>, packet: &Packet<'_>, notes: &PacketNotes<'_>) -> usize {
    if packet.notes.is_empty() && notes.is_empty() {
        packet_block(out, packet, &[])
    } else {
        packet_block(out, packet, &packet_options(&packet.notes, notes))
    }
}

/// Appends an interface statistics block.
pub fn interface_statistics(out: &mut Vec<u8>, counts: &InterfaceStatistics) {
    framed(out, block::STATISTICS, |out| {
        word(out, counts.interface);
        out.extend_from_slice(&timestamp(counts.timestamp));
        for (code, time) in [(option::ISB_START, counts.start), (option::ISB_END, counts.end)] {
            if let Some(time) = time {
                put(out, code, &timestamp(time));
            }
        }
        for (code, count) in [
            (option::ISB_RECEIVED, counts.received),
            (option::ISB_INTERFACE_DROPPED, counts.interface_dropped),
            (option::ISB_FILTER_ACCEPTED, counts.filter_accepted),
            (option::ISB_OS_DROPPED, counts.os_dropped),
            (option::ISB_DELIVERED, counts.delivered),
        ] {
            if let Some(count) = count {
                put(out, code, &count.to_ne_bytes());
            }
        }
        put(out, option::END, &[]);
    });
}

/// The one copy of a payload happens here.
#[inline]
fn packet_block(out: &mut Vec<u8>, packet: &Packet<'_>, options: &[u8]) -> usize {
    let room = MAX_BLOCK - PACKET_FRAME - options.len();
    let data = &packet.data[..packet.data.len().min(room)];
    let padding = data.len().wrapping_neg() % 4;
    let total = PACKET_FRAME + data.len() + padding + options.len();
    let length = narrow(total);
    let mut head = [0; PACKET_HEAD];
    let [high, low] = halves(packet.timestamp);
    let words = [
        block::ENHANCED_PACKET,
        length,
        packet.interface,
        high,
        low,
        narrow(data.len()),
        packet.original_len,
    ];
    for (bytes, word) in head.as_chunks_mut().0.iter_mut().zip(words) {
        *bytes = word.to_ne_bytes();
    }
    out.reserve(total);
    out.extend_from_slice(&head);
    out.extend_from_slice(data);
    out.extend_from_slice(&[0; 3][..padding]);
    out.extend_from_slice(options);
    out.extend_from_slice(&length.to_ne_bytes());
    packet.data.len() - data.len()
}

#[cold]
fn packet_options(own: &PacketNotes<'_>, more: &PacketNotes<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    text(&mut out, option::COMMENT, own.comment);
    text(&mut out, option::COMMENT, more.comment);
    let flags = own.flags | more.flags;
    if flags != 0 {
        put(&mut out, option::EPB_FLAGS, &flags.to_ne_bytes());
    }
    let drops = own.drop_count.saturating_add(more.drop_count);
    if drops != 0 {
        put(&mut out, option::EPB_DROPCOUNT, &drops.to_ne_bytes());
    }
    put(&mut out, option::END, &[]);
    out
}

/// Appends a block around a body, which comes out at a multiple of 4 bytes.
fn framed(out: &mut Vec<u8>, kind: u32, body: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    word(out, kind);
    word(out, 0);
    body(out);
    let length = narrow(out.len() + 4 - start).to_ne_bytes();
    word(out, 0);
    let end = out.len();
    out[start + 4..start + 8].copy_from_slice(&length);
    out[end - 4..].copy_from_slice(&length);
}

fn text(out: &mut Vec<u8>, code: u16, value: Option<&str>) {
    if let Some(value) = value {
        put(out, code, cut(value, MAX_TEXT).as_bytes());
    }
}

/// The longest start of a text that fits and is still UTF-8.
fn cut(text: &str, limit: usize) -> &str {
    let end = (0..=limit.min(text.len())).rev().find(|&end| text.is_char_boundary(end));
    &text[..end.unwrap_or_default()]
}

/// Appends an option of at most [`MAX_TEXT`] bytes, padded.
fn put(out: &mut Vec<u8>, code: u16, value: &[u8]) {
    half(out, code);
    half(out, u16::try_from(value.len()).unwrap_or(u16::MAX));
    out.extend_from_slice(value);
    out.extend_from_slice(&[0; 3][..value.len().wrapping_neg() % 4]);
}

fn half(out: &mut Vec<u8>, value: u16) {
    out.extend_from_slice(&value.to_ne_bytes());
}

fn word(out: &mut Vec<u8>, value: u32) {
    out.extend_from_slice(&value.to_ne_bytes());
}

/// pcapng puts the high half of a time first in either byte order.
fn halves(time: u64) -> [u32; 2] {
    let [h0, h1, h2, h3, l0, l1, l2, l3] = time.to_be_bytes();
    [u32::from_be_bytes([h0, h1, h2, h3]), u32::from_be_bytes([l0, l1, l2, l3])]
}

fn timestamp(time: u64) -> [u8; 8] {
    let [[h0, h1, h2, h3], [l0, l1, l2, l3]] = halves(time).map(u32::to_ne_bytes);
    [h0, h1, h2, h3, l0, l1, l2, l3]
}

/// A length within [`MAX_BLOCK`] as blocks write it.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "no block is longer than MAX_BLOCK")]
fn narrow(length: usize) -> u32 {
    length as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::testing::{Item, Kept, Record, read, write};
    use crate::packet::{Limits, Reader, scan};

    /// The block as words in this machine's order.
    fn words(block: &[u8]) -> Vec<u32> {
        let (words, rest) = block.as_chunks();
        assert!(rest.is_empty(), "blocks are multiples of 4");
        words.iter().map(|&word| u32::from_ne_bytes(word)).collect()
    }

    #[test]
    fn a_plain_packet_is_head_data_padding_and_trailer() {
        for (data, padded) in [(&b""[..], 0), (b"a", 4), (b"abcd", 4), (b"abcde", 8)] {
            let notes = PacketNotes::default();
            let packet = Packet { interface: 3, timestamp: (7 << 32) + 9, original_len: 60, data, notes };
            let mut out = b"before".to_vec();
            assert_eq!(enhanced_packet(&mut out, &packet, &notes), 0);
            let words = words(&out[6..]);
            let length = 32 + padded;
            assert_eq!(words[..7], [6, length, 3, 7, 9, narrow(data.len()), 60]);
            assert_eq!(words.last(), Some(&length));
            let body: Vec<u8> =
                words[7..words.len() - 1].iter().flat_map(|word| word.to_ne_bytes()).collect();
            assert_eq!(body.strip_prefix(data), Some(&[0; 3][..padded as usize - data.len()]));
        }
    }

    #[test]
    fn no_block_is_longer_than_wireshark_reads() {
        let long = "é".repeat(MAX_TEXT);
        let empty = PacketNotes::default();
        let loud = PacketNotes { drop_count: 1, flags: 1, comment: Some(&long) };
        let most = MAX_BLOCK - PACKET_FRAME;
        let options = 2 * (4 + MAX_TEXT) + 8 + 12 + 4;
        for (length, notes, cut) in [
            (most, empty, 0),
            (most + 1, empty, 1),
            (MAX_BLOCK, empty, PACKET_FRAME),
            (0x0010_0000, empty, 0x0010_0000 - most),
            (most - options, loud, 0),
            (most - options + 1, loud, 1),
        ] {
            let data = vec![0x5A; length];
            let packet = Packet { interface: 0, timestamp: 0, original_len: u32::MAX, data: &data, notes };
            let mut out = Vec::new();
            assert_eq!(enhanced_packet(&mut out, &packet, &notes), cut);
            assert!(out.len() <= MAX_BLOCK);
            assert_eq!(scan::whole_blocks(&out), out.len());
            assert_eq!(words(&out[20..28]), [narrow(length - cut), u32::MAX]);
        }
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let long = format!("x{}", "é".repeat(MAX_TEXT));
        let text = Some(long.as_str());
        let interface = InterfaceInfo {
            name: Some(long.clone()),
            description: Some(long.clone()),
            filter: Some(long.clone()),
            os: Some(long.clone()),
            ..InterfaceInfo::default()
        };
        let mut out = Vec::new();
        section_header(
            &mut out,
            &SectionInfo { application: &long, hardware: text, os: text, comment: text },
        );
        interface_description(&mut out, &interface);
        assert_eq!(scan::header_len(&out), out.len());
        let mut kept = Kept::default();
        // Not `read`: its reader takes blocks of 4 KiB only.
        Reader::new(Limits::default()).feed(&out, &mut kept).unwrap();
        let [Item::Interface(0, found)] = kept.items.as_slice() else { panic!("no interface") };
        for found in [&found.name, &found.description, &found.filter, &found.os] {
            let found = found.as_deref().unwrap();
            assert!(long.starts_with(found) && (MAX_TEXT - 2..=MAX_TEXT).contains(&found.len()));
        }
    }

    #[test]
    fn both_comments_are_written() {
        let record = Record { comment: Some("of the source".into()), ..Record::default() };
        let mut out = write(&[Item::Interface(0, InterfaceInfo::default())]);
        let notes = PacketNotes { comment: Some("3 s missing"), ..PacketNotes::default() };
        assert_eq!(enhanced_packet(&mut out, &record.packet(), &notes), 0);
        assert_eq!(read(&out).0.pop(), Some(Item::Packet(record)));
        assert!(out.windows(11).any(|bytes| bytes == b"3 s missing"));
    }
}
