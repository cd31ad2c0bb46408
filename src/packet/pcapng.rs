//! A pcapng stream (draft-ietf-opsawg-pcapng): cut into blocks, each handed to its section.

use super::block;
use super::error::StreamError;
use super::reader::{Limits, Sink, Step};
use super::section::{Block, Section};

/// Bytes before a block's body.
const HEAD: usize = 8;
/// Bytes of the shortest block.
const FRAME: usize = block::FRAME as usize;
/// Bytes of a block's trailing length.
const TRAILER: usize = FRAME - HEAD;

/// Where a stream stands between two inputs.
#[derive(Debug)]
pub(super) struct Stream {
    limits: Limits,
    section: Section,
    /// The block being passed over.
    skip: Option<Skip>,
}

/// A block that nobody reads and nobody buffers.
#[derive(Debug, Clone, Copy)]
struct Skip {
    length: u32,
    /// Bytes of its body still to come.
    body: usize,
}

/// What comes next in the input.
enum Next<'a> {
    Block(Block<'a>, usize),
    Skip(Skip),
    /// Not all of it is there: bytes it needs.
    Wait(usize),
}

impl Stream {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, section: Section::default(), skip: None }
    }

    /// Whether the stream is inside a block that is passed over.
    pub(super) fn skips(&self) -> bool {
        self.skip.is_some()
    }

    /// Hands what every whole block of `input` says to the sink; `base` is where `input` starts.
    pub(super) fn feed(
        &mut self,
        input: &[u8],
        base: u64,
        sink: &mut impl Sink,
    ) -> Result<Step, StreamError> {
        let mut at = 0;
        loop {
            if let Some(skip) = self.skip {
                at += self.pass(skip, &input[at..], base + at as u64)?;
            }
            match self.next(&input[at..], base + at as u64)? {
                Next::Wait(need) => return Ok(Step::waiting(at, need as u64)),
                Next::Skip(skip) => {
                    at += HEAD;
                    self.skip = Some(skip);
                }
                Next::Block(block, length) => {
                    at += length;
                    if self.section.read(&block, self.limits, sink)?.is_break() {
                        return Ok(Step::stopped(at));
                    }
                }
            }
        }
    }

    /// Looks at the next block, or at the one being passed over if that has not ended.
    #[inline]
    fn next<'a>(&mut self, rest: &'a [u8], offset: u64) -> Result<Next<'a>, StreamError> {
        if let Some(Skip { body, .. }) = self.skip {
            return Ok(Next::Wait(body + TRAILER));
        }
        let Some(head) = rest.first_chunk() else { return Ok(Next::Wait(FRAME)) };
        let (kind, length) = self.head(head, offset)?;
        let end = length as usize;
        if !block::is_read(kind) {
            return Ok(Next::Skip(Skip { length, body: end - FRAME }));
        }
        let Some(whole) = rest.get(..end) else { return Ok(Next::Wait(end)) };
        let (body, trailer) = whole[HEAD..].split_at(end - FRAME);
        self.trailer(trailer, length, offset + (end - TRAILER) as u64)?;
        Ok(Next::Block(Block { offset, kind, body }, end))
    }

    /// Type and length of a block, checked. A section header sets the byte order already here.
    #[inline]
    fn head(&mut self, head: &[u8; FRAME], offset: u64) -> Result<(u32, u32), StreamError> {
        let [k0, k1, k2, k3, l0, l1, l2, l3, magic @ ..] = *head;
        let kind = self.section.order().u32([k0, k1, k2, k3]);
        if kind == block::SECTION {
            self.section.begin(magic, offset)?;
        }
        let length = self.section.order().u32([l0, l1, l2, l3]);
        if length < block::FRAME || !length.is_multiple_of(4) {
            return Err(StreamError::BlockLength { offset, kind, length });
        }
        let limit = self.limits.record;
        if length > limit && block::is_read(kind) {
            return Err(StreamError::BlockTooLong { offset, kind, length, limit });
        }
        Ok((kind, length))
    }

    /// Compares the trailing length, if it is there; answers with the bytes it took.
    #[inline]
    fn trailer(&self, rest: &[u8], length: u32, offset: u64) -> Result<usize, StreamError> {
        match self.section.order().words(rest) {
            None => Ok(0),
            Some([found]) if found == length => Ok(TRAILER),
            Some([found]) => Err(StreamError::Trailer { offset, length, found }),
        }
    }

    /// Passes over what came of a block, and ends the skip where the block ends; answers with its bytes.
    fn pass(&mut self, skip: Skip, rest: &[u8], offset: u64) -> Result<usize, StreamError> {
        let passed = skip.body.min(rest.len());
        let body = skip.body - passed;
        let trailer = self.trailer(&rest[passed..], skip.length, offset + passed as u64)?;
        self.skip = (trailer == 0).then_some(Skip { body, ..skip });
        Ok(passed + trailer)
    }
}
