//! From the decimal text of `tcpdump -ddd` to a program that is safe to run.

use super::{
    Compute, MAX_INSTRUCTIONS, MEMORY, Op, Operand, Place, Program, ProgramError, Size, Test, Value,
};

/// Offsets from here on are negative to Linux: ancillary data (`SKF_AD_OFF`) and the like (`SKF_NET_OFF`, `SKF_LL_OFF`).
/// No packet is that long.
const ANCILLARY: u32 = 1 << 31;

/// An instruction as it is written: `code jt jf k`.
#[derive(Debug, Clone, Copy)]
struct Raw {
    code: u16,
    yes: u8,
    no: u8,
    k: u32,
}

/// An instruction's neighbours: its own number, and how many there are.
#[derive(Debug, Clone, Copy)]
struct Spot {
    at: usize,
    length: usize,
}

impl Program {
    /// Reads what `tcpdump -ddd` prints: the number of instructions, then four numbers for each, any white space
    /// between them.
    pub fn parse(text: &str) -> Result<Self, ProgramError> {
        let mut words = text.split_ascii_whitespace();
        let said = words.next().and_then(|word| word.parse().ok()).ok_or(ProgramError::Number(0))?;
        if !(1..=MAX_INSTRUCTIONS).contains(&said) {
            return Err(ProgramError::Length(said));
        }
        let words: Vec<&str> = words.take(4 * MAX_INSTRUCTIONS + 1).collect();
        let (instructions, rest) = words.as_chunks();
        if instructions.len() != said || !rest.is_empty() {
            return Err(ProgramError::Count { said, found: words.len() });
        }
        let ops: Vec<Op> = instructions
            .iter()
            .enumerate()
            .map(|(at, words)| read(at, words)?.decode(Spot { at, length: said }))
            .collect::<Result<_, _>>()?;
        match ops.last() {
            Some(Op::Return(_) | Op::ReturnAccumulator) => Ok(Self(ops.into())),
            _ => Err(ProgramError::End),
        }
    }
}

fn read(at: usize, words: &[&str; 4]) -> Result<Raw, ProgramError> {
    let [code, yes, no, k] = words;
    let wrong = |place| ProgramError::Number(1 + 4 * at + place);
    Ok(Raw {
        code: code.parse().map_err(|_| wrong(0))?,
        yes: yes.parse().map_err(|_| wrong(1))?,
        no: no.parse().map_err(|_| wrong(2))?,
        k: k.parse().map_err(|_| wrong(3))?,
    })
}

impl Raw {
    /// The instruction by its class, the lowest three bits of the code.
    fn decode(self, spot: Spot) -> Result<Op, ProgramError> {
        match self.code & 0x07 {
            0x00..=0x03 => self.memory(spot),
            0x04 => self.compute(spot),
            0x05 => self.jump(spot),
            _ => match self.code {
                0x06 => Ok(Op::Return(self.k)),
                0x16 => Ok(Op::ReturnAccumulator),
                0x07 => Ok(Op::ToIndex),
                0x87 => Ok(Op::ToAccumulator),
                _ => Err(self.unknown(spot)),
            },
        }
    }

    fn unknown(self, spot: Spot) -> ProgramError {
        ProgramError::Code { at: spot.at, code: self.code }
    }

    /// Loads and stores.
    fn memory(self, spot: Spot) -> Result<Op, ProgramError> {
        let k = self.k;
        let cell = || {
            let cell = u8::try_from(k).ok().filter(|cell| usize::from(*cell) < MEMORY);
            cell.ok_or(ProgramError::Memory(spot.at))
        };
        Ok(match self.code {
            0x20 | 0x28 | 0x30 | 0x40 | 0x48 | 0x50 if k >= ANCILLARY => return Err(ProgramError::Ancillary),
            0x20 => Op::LoadPacket(Size::Word, Place::At(k)),
            0x28 => Op::LoadPacket(Size::Half, Place::At(k)),
            0x30 => Op::LoadPacket(Size::Byte, Place::At(k)),
            0x40 => Op::LoadPacket(Size::Word, Place::AfterIndex(k)),
            0x48 => Op::LoadPacket(Size::Half, Place::AfterIndex(k)),
            0x50 => Op::LoadPacket(Size::Byte, Place::AfterIndex(k)),
            0x00 => Op::Load(Value::Constant(k)),
            0x60 => Op::Load(Value::Cell(cell()?)),
            0x80 => Op::Load(Value::WireLength),
            0x01 => Op::LoadIndex(Value::Constant(k)),
            0x61 => Op::LoadIndex(Value::Cell(cell()?)),
            0x81 => Op::LoadIndex(Value::WireLength),
            0xb1 => Op::LoadHeaderLength(k),
            0x02 => Op::Store(cell()?),
            0x03 => Op::StoreIndex(cell()?),
            _ => return Err(self.unknown(spot)),
        })
    }

    /// The fourth bit of a code says where its second operand is.
    fn operand(self) -> Operand {
        if self.code & 0x08 == 0 { Operand::Constant(self.k) } else { Operand::Index }
    }

    fn compute(self, spot: Spot) -> Result<Op, ProgramError> {
        let how = match self.code & !0x08 {
            0x04 => Compute::Add,
            0x14 => Compute::Subtract,
            0x24 => Compute::Multiply,
            0x34 => Compute::Divide,
            0x44 => Compute::Or,
            0x54 => Compute::And,
            0x64 => Compute::ShiftLeft,
            0x74 => Compute::ShiftRight,
            0x84 if self.code == 0x84 => return Ok(Op::Negate),
            0x94 => Compute::Remainder,
            0xa4 => Compute::Xor,
            _ => return Err(self.unknown(spot)),
        };
        match (how, self.operand()) {
            (Compute::Divide | Compute::Remainder, Operand::Constant(0)) => Err(ProgramError::Zero(spot.at)),
            (how, operand) => Ok(Op::Compute(how, operand)),
        }
    }

    /// Jumps are relative to the next instruction. Only the unconditional one can go back, by an offset that wraps
    /// around: that is how `protochain` walks through headers.
    fn jump(self, spot: Spot) -> Result<Op, ProgramError> {
        let inside = |by: u32| {
            let next = u32::try_from(spot.at + 1).ok()?;
            Some(next.wrapping_add(by)).filter(|to| (*to as usize) < spot.length)
        };
        let to = |by: u32| inside(by).ok_or(ProgramError::Jump(spot.at));
        let test = match self.code & !0x08 {
            0x05 if self.code == 0x05 => return to(self.k).map(Op::Jump),
            0x15 => Test::Equal,
            0x25 => Test::Greater,
            0x35 => Test::GreaterOrEqual,
            0x45 => Test::AnyBit,
            _ => return Err(self.unknown(spot)),
        };
        Ok(Op::Branch { test, with: self.operand(), yes: to(self.yes.into())?, no: to(self.no.into())? })
    }
}
