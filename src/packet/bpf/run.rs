//! A program over one packet.

use super::{Compute, MEMORY, Op, Operand, Place, Program, Size, Test, Value};

/// Instructions that jumps back may repeat in one run. `protochain` repeats about 25 for each header of 8 bytes and
/// more: this is enough for packets larger than any that a snaplen lets through. It also bounds what a program
/// made by somebody evil can take.
const MOST_REPEATED: usize = 1 << 20;

struct Registers {
    a: u32,
    x: u32,
    cells: [u32; MEMORY],
}

impl Program {
    /// Whether a packet matches: `data` are its captured bytes from the link layer on, `wire_length` is how long it
    /// was before the snaplen. Always comes to an end; one that repeats too much does not match.
    pub fn matches(&self, data: &[u8], wire_length: u32) -> bool {
        self.run(data, wire_length).is_some_and(|kept| kept != 0)
    }

    /// The bytes to keep by the program's word; `None` when it broke off.
    pub(super) fn run(&self, data: &[u8], wire_length: u32) -> Option<u32> {
        let mut registers = Registers { a: 0, x: 0, cells: [0; MEMORY] };
        let mut repeats = MOST_REPEATED;
        let mut at = 0;
        loop {
            let op = *self.0.get(at)?;
            at += 1;
            match op {
                Op::LoadPacket(size, place) => registers.a = load(data, size, registers.offset(place)?)?,
                Op::Load(value) => registers.a = registers.value(value, wire_length),
                Op::LoadIndex(value) => registers.x = registers.value(value, wire_length),
                Op::LoadHeaderLength(at) => registers.x = (load(data, Size::Byte, at)? & 0x0f) * 4,
                Op::Store(cell) => *registers.cell(cell) = registers.a,
                Op::StoreIndex(cell) => *registers.cell(cell) = registers.x,
                Op::Jump(to) => {
                    let to = to as usize;
                    repeats = repeats.checked_sub(at.saturating_sub(to))?;
                    at = to;
                }
                Op::Branch { test, with, yes, no } => {
                    let holds = test.holds(registers.a, registers.operand(with));
                    at = if holds { yes } else { no } as usize;
                }
                Op::Compute(how, with) => registers.a = how.apply(registers.a, registers.operand(with))?,
                Op::Negate => registers.a = registers.a.wrapping_neg(),
                Op::Return(kept) => return Some(kept),
                Op::ReturnAccumulator => return Some(registers.a),
                Op::ToIndex => registers.x = registers.a,
                Op::ToAccumulator => registers.a = registers.x,
            }
        }
    }
}

/// Bytes of a packet as a number; `None` when not all of them were captured.
fn load(data: &[u8], size: Size, at: u32) -> Option<u32> {
    let rest = data.get(at as usize..)?;
    match size {
        Size::Byte => rest.first().map(|&byte| byte.into()),
        Size::Half => rest.first_chunk().map(|&half| u16::from_be_bytes(half).into()),
        Size::Word => rest.first_chunk().map(|&word| u32::from_be_bytes(word)),
    }
}

impl Registers {
    /// An offset over 32 bits is beyond every packet.
    fn offset(&self, place: Place) -> Option<u32> {
        match place {
            Place::At(at) => Some(at),
            Place::AfterIndex(by) => self.x.checked_add(by),
        }
    }

    fn value(&mut self, value: Value, wire_length: u32) -> u32 {
        match value {
            Value::Constant(k) => k,
            Value::WireLength => wire_length,
            Value::Cell(cell) => *self.cell(cell),
        }
    }

    fn operand(&self, operand: Operand) -> u32 {
        match operand {
            Operand::Constant(k) => k,
            Operand::Index => self.x,
        }
    }

    /// The remainder is the number itself: it was checked.
    fn cell(&mut self, cell: u8) -> &mut u32 {
        &mut self.cells[usize::from(cell) % MEMORY]
    }
}

impl Test {
    fn holds(self, a: u32, b: u32) -> bool {
        match self {
            Self::Equal => a == b,
            Self::Greater => a > b,
            Self::GreaterOrEqual => a >= b,
            Self::AnyBit => a & b != 0,
        }
    }
}

impl Compute {
    /// `None` for a division by zero. Shifts by more bits than there are leave none.
    fn apply(self, a: u32, b: u32) -> Option<u32> {
        Some(match self {
            Self::Add => a.wrapping_add(b),
            Self::Subtract => a.wrapping_sub(b),
            Self::Multiply => a.wrapping_mul(b),
            Self::Divide => a.checked_div(b)?,
            Self::Remainder => a.checked_rem(b)?,
            Self::And => a & b,
            Self::Or => a | b,
            Self::Xor => a ^ b,
            Self::ShiftLeft => a.checked_shl(b).unwrap_or(0),
            Self::ShiftRight => a.checked_shr(b).unwrap_or(0),
        })
    }
}
