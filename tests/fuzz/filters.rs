//! Filter programs as tcpdump prints them, whoever's tcpdump that was.

use wrcap::packet::bpf::Program;

use crate::{harness::Fuzz, shown::assert_short};

/// Whatever can be read can be run: to its end, over packets of any length.
#[test]
fn programs() {
    Fuzz::new("bpf", 6000).memory(256 << 10, 64).run(|input, rng| {
        match Program::parse(&String::from_utf8_lossy(input)) {
            Ok(program) => {
                let packet: Vec<u8> =
                    (0..rng.below(200)).map(|_| rng.below(256).try_into().unwrap()).collect();
                let matched = program.matches(&packet, u32::MAX);
                assert_eq!(matched, program.matches(&packet, u32::MAX), "a filter with a memory");
                program.matches(&[], 0);
            }
            Err(error) => assert_short("the error", &error.to_string()),
        }
    });
}
