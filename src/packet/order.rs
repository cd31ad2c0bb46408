//! Byte order of a stream, and the options of a pcapng block read with it.

use super::block::option;

/// The byte order the writing machine had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

impl Order {
    pub(super) fn u16(self, bytes: [u8; 2]) -> u16 {
        match self {
            Self::Little => u16::from_le_bytes(bytes),
            Self::Big => u16::from_be_bytes(bytes),
        }
    }

    pub(super) fn u32(self, bytes: [u8; 4]) -> u32 {
        match self {
            Self::Little => u32::from_le_bytes(bytes),
            Self::Big => u32::from_be_bytes(bytes),
        }
    }

    pub(super) fn u64(self, bytes: [u8; 8]) -> u64 {
        match self {
            Self::Little => u64::from_le_bytes(bytes),
            Self::Big => u64::from_be_bytes(bytes),
        }
    }

    /// The first `N` 16-bit numbers, if there are that many.
    pub(super) fn halves<const N: usize>(self, bytes: &[u8]) -> Option<[u16; N]> {
        bytes.as_chunks().0.first_chunk::<N>().map(|halves| halves.map(|half| self.u16(half)))
    }

    /// The first `N` 32-bit numbers, if there are that many.
    #[inline]
    pub(super) fn words<const N: usize>(self, bytes: &[u8]) -> Option<[u32; N]> {
        bytes.as_chunks().0.first_chunk::<N>().map(|words| words.map(|word| self.u32(word)))
    }

    /// The options of a block, up to the end option or the end of `bytes`.
    pub(super) fn options(self, bytes: &[u8]) -> Options<'_> {
        Options { order: self, bytes }
    }
}

/// Two words, high one first in either byte order: how pcapng writes timestamps.
pub(super) fn join(high: u32, low: u32) -> u64 {
    u64::from(high) << 32 | u64::from(low)
}

/// The options of one block as `(code, value)`; `Err(code)` once for one longer than its block.
pub(super) struct Options<'a> {
    order: Order,
    bytes: &'a [u8],
}

impl<'a> Iterator for Options<'a> {
    type Item = Result<(u16, &'a [u8]), u16>;

    fn next(&mut self) -> Option<Self::Item> {
        let [code, length] = self.order.halves(self.bytes)?;
        let value = self.bytes.get(4..4 + usize::from(length));
        let next = 4 + usize::from(length).next_multiple_of(4);
        // A last option without its padding is read all the same, as Wireshark does.
        self.bytes = if code == option::END { &[] } else { self.bytes.get(next..).unwrap_or_default() };
        (code != option::END).then(|| value.map(|value| (code, value)).ok_or(code))
    }
}
