//! Whole blocks in what [`super::writer`] wrote: for what a crash left, and for viewers at its heels.

use super::{block, writer};

/// Length of the start of `bytes` that is whole blocks. `bytes` begins with a block.
///
/// It ends before the first block that is cut off, is longer than the writer's, or whose two lengths
/// differ; zeros that a file system left in place of data are no block either.
pub fn whole_blocks(bytes: &[u8]) -> usize {
    blocks(bytes).map(|(_, length)| length).sum()
}

/// Length of the section header and of the interface descriptions right behind it; 0 when `bytes` does
/// not begin with a whole section header.
pub fn header_len(bytes: &[u8]) -> usize {
    let mut blocks = blocks(bytes);
    let Some((block::SECTION, section)) = blocks.next() else { return 0 };
    let interfaces = blocks.take_while(|&(kind, _)| kind == block::INTERFACE);
    section + interfaces.map(|(_, length)| length).sum::<usize>()
}

/// Type and length of every whole block from the start on.
pub(super) fn blocks(mut rest: &[u8]) -> impl Iterator<Item = (u32, usize)> {
    std::iter::from_fn(move || {
        let kind = word(rest, 0)?;
        let length = word(rest, 4)? as usize;
        let sound = (block::FRAME as usize..=writer::MAX_BLOCK).contains(&length) && length.is_multiple_of(4);
        if !sound || word(rest, length - 4)? as usize != length {
            return None;
        }
        rest = &rest[length..];
        Some((kind, length))
    })
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|&word| u32::from_ne_bytes(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::{InterfaceInfo, Packet, PacketNotes, SectionInfo};

    #[test]
    fn a_segment_is_read_up_to_its_last_whole_block() {
        let mut segment = Vec::new();
        let section = SectionInfo { application: "wrcap", hardware: None, os: None, comment: None };
        writer::section_header(&mut segment, &section);
        let one = segment.len();
        writer::interface_description(&mut segment, &InterfaceInfo::default());
        let header = segment.len();
        let notes = PacketNotes::default();
        let packet = Packet { interface: 0, timestamp: 0, original_len: 4, data: b"data", notes };
        assert_eq!(writer::enhanced_packet(&mut segment, &packet, &notes), 0);
        let whole = segment.len();
        // An interface that came later is no part of the header.
        writer::interface_description(&mut segment, &InterfaceInfo::default());
        let all = segment.len();
        for (end, blocks, head) in [
            (0, 0, 0),
            (one - 1, 0, 0),
            (one, one, one),
            (header - 1, one, one),
            (header, header, header),
            (whole - 1, header, header),
            (whole, whole, header),
            (all, all, header),
        ] {
            assert_eq!((whole_blocks(&segment[..end]), header_len(&segment[..end])), (blocks, head), "{end}");
        }
        assert_eq!((whole_blocks(&segment[one..]), header_len(&segment[one..])), (all - one, 0));
    }

    #[test]
    fn what_is_no_block_ends_it() {
        let framed = |length: u32, trailer: u32| {
            let mut bytes = [1, length].map(u32::to_ne_bytes).concat();
            bytes.resize(length.clamp(12, 300_000) as usize - 4, 0);
            bytes.extend_from_slice(&trailer.to_ne_bytes());
            bytes
        };
        for (length, trailer, whole) in [
            (12, 12, 12),
            (262_144, 262_144, 262_144),
            (262_148, 262_148, 0),
            (14, 14, 0),
            (8, 8, 0),
            (0, 0, 0),
            (16, 12, 0),
            (u32::MAX - 3, 12, 0),
        ] {
            assert_eq!(whole_blocks(&framed(length, trailer)), whole, "{length} {trailer}");
        }
    }
}
