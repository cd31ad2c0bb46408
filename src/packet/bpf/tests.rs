use proptest::prelude::*;

use super::{Program, ProgramError};

/// `tcp[tcpflags] & tcp-rst != 0` on Ethernet, as tcpdump 4.99.3 prints it.
const RESET: &str = "11\n40 0 0 12\n21 0 8 2048\n48 0 0 23\n21 0 6 6\n40 0 0 20\n69 4 0 8191\n177 0 0 14\n80 0 0 27\n\
                     69 0 1 4\n6 0 0 262144\n6 0 0 0\n";

fn program(text: &str) -> Program {
    Program::parse(text).unwrap()
}

/// An Ethernet frame with a TCP segment of these flags; `options` are words of the IPv4 header.
fn segment(flags: u8, options: u8) -> Vec<u8> {
    let mut frame = vec![0; 12];
    frame.extend([0x08, 0x00, 0x45 + options, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
    frame.resize(frame.len() + usize::from(options) * 4, 1);
    frame.extend([0; 13]);
    frame.push(flags);
    frame.extend([0; 6]);
    frame
}

#[test]
fn a_reset_is_found_wherever_its_header_ends() {
    let reset = program(RESET);
    for options in 0..=10 {
        assert!(reset.matches(&segment(0x04, options), 60));
        assert!(reset.matches(&segment(0x14, options), 60));
        assert!(!reset.matches(&segment(0x12, options), 60));
    }
}

#[test]
fn what_was_not_captured_does_not_match() {
    let (reset, whole) = (program(RESET), segment(0x04, 0));
    let flags = 14 + 20 + 13;
    for length in 0..=whole.len() {
        assert_eq!(reset.matches(&whole[..length], 54), length > flags, "{length}");
    }
}

/// Programs that keep `A`, over the packet `01 02 03 04 05` that had 100 bytes on the wire.
#[test]
fn every_instruction_does_what_libpcap_s_does() {
    let results: &[(&str, Option<u32>)] = &[
        ("32 0 0 0", Some(0x0102_0304)),
        ("32 0 0 1", Some(0x0203_0405)),
        ("32 0 0 2", None),
        ("40 0 0 3", Some(0x0405)),
        ("40 0 0 4", None),
        ("48 0 0 4", Some(5)),
        ("48 0 0 5", None),
        ("48 0 0 2147483647", None),
        ("1 0 0 1 64 0 0 0", Some(0x0203_0405)),
        ("1 0 0 1 72 0 0 2", Some(0x0405)),
        ("1 0 0 4294967295 80 0 0 1", None),
        ("1 0 0 2 80 0 0 2147483647", None),
        ("1 0 0 2 80 0 0 2", Some(5)),
        ("0 0 0 7 2 0 0 15 0 0 0 0 96 0 0 15", Some(7)),
        ("1 0 0 7 3 0 0 0 97 0 0 0 135 0 0 0", Some(7)),
        ("96 0 0 3", Some(0)),
        ("128 0 0 0", Some(100)),
        ("129 0 0 0 135 0 0 0", Some(100)),
        ("177 0 0 4 135 0 0 0", Some(20)),
        ("177 0 0 5 135 0 0 0", None),
        ("0 0 0 9 7 0 0 0 0 0 0 1 12 0 0 0", Some(10)),
        ("0 0 0 4294967295 4 0 0 2", Some(1)),
        ("0 0 0 1 20 0 0 2", Some(u32::MAX)),
        ("0 0 0 65536 36 0 0 65537", Some(65536)),
        ("0 0 0 7 52 0 0 2", Some(3)),
        ("0 0 0 7 60 0 0 0", None),
        ("0 0 0 7 148 0 0 4", Some(3)),
        ("0 0 0 7 156 0 0 0", None),
        ("0 0 0 12 68 0 0 3", Some(15)),
        ("0 0 0 12 84 0 0 6", Some(4)),
        ("0 0 0 12 164 0 0 6", Some(10)),
        ("0 0 0 1 100 0 0 31", Some(1 << 31)),
        ("0 0 0 1 100 0 0 32", Some(0)),
        ("1 0 0 40 0 0 0 1 108 0 0 0", Some(0)),
        ("0 0 0 8 116 0 0 2", Some(2)),
        ("1 0 0 33 0 0 0 8 124 0 0 0", Some(0)),
        ("0 0 0 1 132 0 0 0", Some(u32::MAX)),
        ("5 0 0 1 6 0 0 9 0 0 0 3", Some(3)),
        ("0 0 0 5 21 0 1 5 6 0 0 1 0 0 0 2", Some(1)),
        ("0 0 0 5 37 0 1 5 6 0 0 1 0 0 0 2", Some(2)),
        ("0 0 0 5 53 0 1 5 6 0 0 1 0 0 0 2", Some(1)),
        ("0 0 0 5 69 0 1 2 6 0 0 1 0 0 0 2", Some(2)),
        ("1 0 0 5 0 0 0 5 29 0 1 0 6 0 0 1 0 0 0 2", Some(1)),
    ];
    for (body, result) in results {
        let count = body.split(' ').count() / 4 + 1;
        let program = program(&format!("{count} {body} 22 0 0 0"));
        assert_eq!(program.run(&[1, 2, 3, 4, 5], 100), *result, "{body}");
    }
}

#[test]
fn a_jump_back_walks_and_an_endless_one_ends() {
    // X += 1 until the byte there is 9.
    let walk = program("8 1 0 0 0 80 0 0 0 21 4 0 9 135 0 0 0 4 0 0 1 7 0 0 0 5 0 0 4294967290 6 0 0 1");
    assert!(walk.matches(&[0, 0, 0, 9], 4));
    assert!(!walk.matches(&[0, 0, 0], 3));
    let mut long = vec![0; 60_000];
    long.push(9);
    assert!(walk.matches(&long, 60_001));
    assert!(!program("2 5 0 0 4294967295 6 0 0 1").matches(&[], 0));
}

#[test]
fn what_is_no_program_is_refused_with_its_place() {
    use ProgramError::{Ancillary, Code, Count, End, Jump, Length, Memory, Number, Zero};
    let cases: &[(&str, ProgramError)] = &[
        ("", Number(0)),
        ("x", Number(0)),
        ("-1", Number(0)),
        ("0", Length(0)),
        ("4097", Length(4097)),
        ("1 6 0 0", Count { said: 1, found: 3 }),
        ("1 6 0 0 0 0", Count { said: 1, found: 5 }),
        ("2 6 0 0 0", Count { said: 2, found: 4 }),
        ("1 6 0 256 0", Number(3)),
        ("1 6 0 0 4294967296", Number(4)),
        ("1 65536 0 0 0", Number(1)),
        ("1 0 0 0 0", End),
        ("1 21 0 0 0", Jump(0)),
        ("2 21 1 0 0 6 0 0 0", Jump(0)),
        ("2 21 0 1 0 6 0 0 0", Jump(0)),
        ("2 5 0 0 1 6 0 0 0", Jump(0)),
        ("2 5 0 0 4294967294 6 0 0 0", Jump(0)),
        ("2 96 0 0 16 6 0 0 0", Memory(0)),
        ("2 97 0 0 4294967295 6 0 0 0", Memory(0)),
        ("2 2 0 0 16 6 0 0 0", Memory(0)),
        ("2 3 0 0 256 6 0 0 0", Memory(0)),
        // `inbound` on Ethernet.
        ("4 40 0 0 4294963204 21 0 1 4 6 0 0 0 6 0 0 262144", Ancillary),
        // The same on 802.11 behind a radiotap header.
        ("2 72 0 0 4294963204 6 0 0 0", Ancillary),
        ("2 48 0 0 2147483648 6 0 0 0", Ancillary),
        ("2 52 0 0 0 6 0 0 0", Zero(0)),
        ("2 148 0 0 0 6 0 0 0", Zero(0)),
        ("2 8 0 0 0 6 0 0 0", Code { at: 0, code: 8 }),
        ("2 13 0 0 0 6 0 0 0", Code { at: 0, code: 13 }),
        ("2 140 0 0 0 6 0 0 0", Code { at: 0, code: 140 }),
        ("2 0 0 0 0 14 0 0 0", Code { at: 1, code: 14 }),
        ("2 0 0 0 0 65286 0 0 0", Code { at: 1, code: 0xff06 }),
    ];
    for (text, error) in cases {
        assert_eq!(Program::parse(text), Err(*error), "{text}");
    }
    let longest = format!("4096 {}", "6 0 0 1 ".repeat(4096));
    assert!(program(&longest).matches(&[], 0));
}

/// Codes that exist, so that random programs are not all refused.
const CODES: [u16; 41] = [
    0x00, 0x20, 0x28, 0x30, 0x40, 0x48, 0x50, 0x60, 0x80, 0x01, 0x61, 0x81, 0xb1, 0x02, 0x03, 0x04, 0x0c,
    0x14, 0x1c, 0x24, 0x2c, 0x34, 0x3c, 0x44, 0x4c, 0x54, 0x5c, 0x64, 0x6c, 0x74, 0x7c, 0x84, 0x9c, 0x05,
    0x15, 0x1d, 0x25, 0x35, 0x45, 0x07, 0x87,
];

fn instruction() -> impl Strategy<Value = String> {
    let k = prop_oneof![4 => 0_u32..16, 1 => any::<u32>(), 2 => (0_u32..30).prop_map(u32::wrapping_neg)];
    (proptest::sample::select(&CODES[..]), 0_u8..8, 0_u8..8, k)
        .prop_map(|(code, yes, no, k)| format!("{code} {yes} {no} {k}"))
}

proptest! {
    #[test]
    fn every_program_that_is_taken_comes_to_an_end(
        body in proptest::collection::vec(instruction(), 0..30),
        data in proptest::collection::vec(any::<u8>(), 0..60),
        wire_length: u32,
    ) {
        // Jumps near the end would leave the program: returns take them in.
        let text = format!("{} {} {}", body.len() + 8, body.join(" "), "6 0 0 1 ".repeat(8));
        if let Ok(program) = Program::parse(&text) {
            program.matches(&data, wire_length);
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "([0-9]{1,11}[ \n]{1,2}){0,40}|\\PC{0,40}") {
        if let Ok(program) = Program::parse(&text) {
            program.matches(&[0; 60], 60);
        }
    }
}
