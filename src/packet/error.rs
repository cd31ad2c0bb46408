//! Why a stream of packets cannot be read on.

/// What is wrong with a stream, and where: offsets count bytes from the start of the stream.
///
/// Everything before the offset was read and is good.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StreamError {
    /// The stream ended before its first byte.
    #[error("the capture ended before it began: no pcap or pcapng header came")]
    Empty,
    /// The first four bytes are no magic number of pcap or pcapng.
    #[error("this is no capture: it starts with \"{}\", not with a pcap or pcapng header", found.escape_ascii())]
    NotCapture {
        /// The bytes in place of a magic number.
        found: [u8; 4],
    },
    /// A pcap file or pcapng section of a version nobody writes any more, or yet.
    #[error("unknown capture version {major}.{minor} at byte {offset}")]
    Version {
        /// Where the header starts.
        offset: u64,
        /// Major version.
        major: u16,
        /// Minor version.
        minor: u16,
    },
    /// A pcap record claims more bytes than any packet has: what follows is no record.
    #[error("broken pcap stream: the packet at byte {offset} claims {length} bytes, at most {limit} can be")]
    RecordTooLong {
        /// Where the record starts.
        offset: u64,
        /// Captured bytes it claims.
        length: u32,
        /// The most that was acceptable.
        limit: u32,
    },
    /// A pcapng block whose length no block can have.
    #[error("broken pcapng stream: the block at byte {offset} (type {kind:#x}) claims {length} bytes")]
    BlockLength {
        /// Where the block starts.
        offset: u64,
        /// Block type.
        kind: u32,
        /// Total length it claims; under 12, or no multiple of 4.
        length: u32,
    },
    /// A pcapng block that has to be read whole is too long for that.
    #[error(
        "broken pcapng stream: the block at byte {offset} (type {kind:#x}) claims {length} bytes, at most {limit} can be"
    )]
    BlockTooLong {
        /// Where the block starts.
        offset: u64,
        /// Block type.
        kind: u32,
        /// Total length it claims.
        length: u32,
        /// The most that was acceptable.
        limit: u32,
    },
    /// The two lengths around a pcapng block differ.
    #[error("broken pcapng stream: a block of {length} bytes ends with length {found} at byte {offset}")]
    Trailer {
        /// Where the trailing length starts.
        offset: u64,
        /// Length at the start of the block.
        length: u32,
        /// Length at its end.
        found: u32,
    },
    /// A pcapng block whose contents contradict themselves.
    #[error("broken pcapng stream: {what} in the block at byte {offset} (type {kind:#x})")]
    Block {
        /// Where the block starts.
        offset: u64,
        /// Block type.
        kind: u32,
        /// What was found.
        what: &'static str,
    },
    /// A pcapng packet or statistics of an interface that was not described before.
    #[error("broken pcapng stream: the block at byte {offset} names interface {interface} of {known}")]
    UnknownInterface {
        /// Where the block starts.
        offset: u64,
        /// The interface's number in its section.
        interface: u32,
        /// Interfaces described in this section so far.
        known: u32,
    },
    /// More interfaces than the limit.
    #[error("the stream describes more than {limit} interfaces, at byte {offset}")]
    TooManyInterfaces {
        /// Where the description starts that is one too many.
        offset: u64,
        /// The most that was acceptable.
        limit: u32,
    },
    /// Longer descriptions of interfaces than the limit.
    #[error("the stream describes its interfaces in more than {limit} bytes, at byte {offset}")]
    DescriptionsTooLong {
        /// Where the description starts that is one too many.
        offset: u64,
        /// The most that was acceptable.
        limit: u32,
    },
    /// The stream ended inside a header, a record or a block.
    #[error("the capture was cut off at byte {offset}: {have} of {need} bytes of the next item came")]
    Truncated {
        /// Where the unfinished item (or what was left of one being skipped) starts.
        offset: u64,
        /// Its bytes that came.
        have: u64,
        /// Bytes it needs, as far as known.
        need: u64,
    },
}
