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
fn blocks(mut rest: &[u8]) -> impl Iterator<Item = (u32, usize)> {
    std::iter::from_fn(move || {
        let kind = word(rest, 0)?;
        let length = word(rest, 4)? as usize;
        let sound = (block::FRAME as usize..=writer::MAX_BLOCK).contains(&length) && length % 4 == 0;
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
