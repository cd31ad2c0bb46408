//! Classic BPF, what pcap filters are compiled to: read a program, check it, run it over packets.
//!
//! The meaning is that of libpcap's `bpf_filter.c`, so a packet matches here if and only if it matches in tcpdump:
//! a load beyond the captured bytes and a division by zero end a run without a match. Linux's ancillary loads ask for
//! what is not in the packet (its direction, its interface); a program that has one is refused, as it could not match.

mod decode;
mod run;

/// Instructions of the longest program that is taken: the kernels' own limit, `BPF_MAXINSNS`.
pub const MAX_INSTRUCTIONS: usize = 4096;

/// Cells of scratch memory (`BPF_MEMWORDS`).
const MEMORY: usize = 16;

/// A program that was checked: every jump stays inside, every cell exists, the last instruction returns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program(Box<[Op]>);

/// Why a text is no program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProgramError {
    /// A word is no number, or one too large for its place.
    #[error("word {0} is no number of a program")]
    Number(usize),
    /// There are more or fewer numbers than the first one says.
    #[error("it says {said} instructions and has {found} numbers for them")]
    Count {
        /// Instructions by the first number.
        said: usize,
        /// Numbers that follow; an instruction has four.
        found: usize,
    },
    /// There is no instruction, or there are more than [`MAX_INSTRUCTIONS`].
    #[error("it has {0} instructions, 1 to {MAX_INSTRUCTIONS} can be")]
    Length(usize),
    /// An instruction that does not exist.
    #[error("instruction {at} has the unknown code {code:#x}")]
    Code {
        /// Its number, from 0.
        at: usize,
        /// Its code.
        code: u16,
    },
    /// Linux's ancillary data, which only a kernel has: libpcap's code for `inbound`, `outbound`, `ifindex`.
    #[error("it asks for what only the kernel knows of a packet, as inbound, outbound and ifindex do")]
    Ancillary,
    /// A jump that leaves the program.
    #[error("instruction {0} jumps out of the program")]
    Jump(usize),
    /// A cell of scratch memory that does not exist.
    #[error("instruction {0} uses memory that does not exist")]
    Memory(usize),
    /// A division by a constant zero.
    #[error("instruction {0} divides by zero")]
    Zero(usize),
    /// The last instruction is no return.
    #[error("it does not end with a return")]
    End,
}

/// One instruction; `A` is the accumulator, `X` the index register. Jump targets are counted from the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Op {
    /// `A` = bytes of the packet, big-endian.
    LoadPacket(Size, Place),
    /// `A` = the value.
    Load(Value),
    /// `X` = the value.
    LoadIndex(Value),
    /// `X` = four times the lower half of the byte there: the length of an IPv4 header.
    LoadHeaderLength(u32),
    /// The cell = `A`.
    Store(u8),
    /// The cell = `X`.
    StoreIndex(u8),
    Jump(u32),
    Branch {
        test: Test,
        with: Operand,
        yes: u32,
        no: u32,
    },
    /// `A` = `A` and the operand, computed.
    Compute(Compute, Operand),
    Negate,
    /// The end with this many bytes to keep; 0: no match.
    Return(u32),
    /// The end with `A` bytes to keep.
    ReturnAccumulator,
    /// `X` = `A`.
    ToIndex,
    /// `A` = `X`.
    ToAccumulator,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Size {
    Byte,
    Half,
    Word,
}

/// Where in a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    At(u32),
    /// So many bytes after `X`.
    AfterIndex(u32),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Value {
    Constant(u32),
    /// The packet's length on the wire.
    WireLength,
    Cell(u8),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operand {
    Constant(u32),
    Index,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Test {
    Equal,
    Greater,
    GreaterOrEqual,
    AnyBit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compute {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    And,
    Or,
    Xor,
    ShiftLeft,
    ShiftRight,
}

#[cfg(test)]
mod tests;
