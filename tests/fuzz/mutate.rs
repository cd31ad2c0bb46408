//! Bad inputs made of good ones, the same ones for the same seed.

/// Random numbers (`SplitMix64`).
#[derive(Debug, Clone)]
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; 0 when there is none.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % (end.max(1) as u64)).unwrap_or(0)
    }

    pub(crate) fn one_of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}

/// Numbers at which readers go wrong.
const NUMBERS: [u64; 20] = [
    0,
    1,
    2,
    3,
    4,
    11,
    12,
    13,
    16,
    0x7f,
    0xff,
    0x7fff,
    0xffff,
    0x0004_0001,
    0x0010_0001,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_fffc,
    0xffff_ffff,
    u64::MAX,
];

/// What people put into texts that end on terminals and in logs.
const TEXTS: [&str; 16] = [
    "\x1b[2J",
    "\x1b]0;title\x07",
    "\x1bP1$q\x1b\\",
    "\u{9b}31m",
    "\u{202e}",
    "\u{2066}",
    "\u{61c}",
    "\u{200b}",
    "\r\n",
    "\n\n",
    "\0",
    "\u{fffd}",
    "ä€😀",
    "18446744073709551616",
    "-1",
    "%s%n",
];

/// The longest input, in bytes.
const LONGEST: usize = 64 << 10;

/// One of the inputs with a few things done to it.
pub(crate) fn mutate(rng: &mut Rng, corpus: &[Vec<u8>]) -> Vec<u8> {
    let mut input = rng.one_of(corpus).clone();
    for _ in 0..=rng.below(4) {
        change(rng, corpus, &mut input);
    }
    input.truncate(LONGEST);
    input
}

fn change(rng: &mut Rng, corpus: &[Vec<u8>], input: &mut Vec<u8>) {
    let at = rng.below(input.len());
    match rng.below(11) {
        0 if !input.is_empty() => input[at] ^= 1 << rng.below(8),
        1 if !input.is_empty() => input[at] = rng.next().to_le_bytes()[0],
        2 => input.truncate(at),
        3 => drop(input.drain(..at)),
        4 => {
            let end = (at + rng.below(64)).min(input.len());
            drop(input.drain(at..end));
        }
        5 => {
            let end = (at + rng.below(256)).min(input.len());
            let piece = input[at..end].repeat(1 + rng.below(8));
            insert(input, at, &piece);
        }
        6 => {
            let other = rng.one_of(corpus);
            let (from, to) = (rng.below(other.len()), rng.below(other.len()));
            insert(input, at, &other[from.min(to)..from.max(to)]);
        }
        7 | 8 => number(rng, input),
        9 => insert(input, at, rng.one_of(&TEXTS).as_bytes()),
        _ => {
            let byte = rng.next().to_le_bytes()[0];
            insert(input, at, &vec![byte; rng.below(2048)]);
        }
    }
}

fn insert(input: &mut Vec<u8>, at: usize, piece: &[u8]) {
    if input.len() + piece.len() <= LONGEST {
        drop(input.splice(at..at, piece.iter().copied()));
    }
}

/// Puts a number over what stands there, most often where fields lie: in 2, 4 or 8 bytes of either order.
fn number(rng: &mut Rng, input: &mut [u8]) {
    let width = *rng.one_of(&[2_usize, 4, 4, 4, 8]);
    let Some(last) = input.len().checked_sub(width) else { return };
    let at = rng.below(last + 1) / 4 * 4;
    let near = i64::try_from(rng.below(9)).unwrap_or(0) - 4;
    let value = match rng.below(3) {
        0 => rng.one_of(&NUMBERS).wrapping_add_signed(near),
        1 => (input.len() as u64).wrapping_add_signed(near),
        _ => u64::from(input[at]).wrapping_add_signed(near),
    };
    let bytes = if rng.below(4) == 0 { value.to_be_bytes() } else { value.to_le_bytes() };
    let bytes = if rng.below(4) == 0 { &bytes[8 - width..] } else { &bytes[..width] };
    input[at..at + width].copy_from_slice(bytes);
}

#[test]
fn the_same_seed_gives_the_same_inputs() {
    let corpus = [b"a corpus of one text that is not too short".to_vec(), vec![7; 100]];
    let inputs = |seed| {
        let mut rng = Rng::new(seed);
        (0..200).map(|_| mutate(&mut rng, &corpus)).collect::<Vec<_>>()
    };
    assert_eq!(inputs(1), inputs(1));
    assert_ne!(inputs(1), inputs(2));
    assert!(inputs(1).iter().filter(|input| !corpus.contains(input)).count() > 150);
}
