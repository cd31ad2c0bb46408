//! The packet that ends a capture: the first one that a second filter lets through.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use crate::packet::{Packet, bpf::Program};

/// A filter, compiled for each link type that a stream may have. It outlives the runs of a capture: what matched in
/// one run has matched.
#[derive(Debug)]
pub struct Trigger {
    programs: Vec<(u16, Program)>,
    fired: AtomicBool,
}

impl Trigger {
    /// From what `tcpdump -ddd` printed, by the link type's number in capture files. A text that is no program counts
    /// as one that the target could not compile.
    pub fn new(texts: &[(u16, String)]) -> Self {
        let program = |(linktype, text): &(u16, String)| Some((*linktype, Program::parse(text).ok()?));
        Self { programs: texts.iter().filter_map(program).collect(), fired: AtomicBool::new(false) }
    }

    /// The place of the program for a link type.
    pub(super) fn program(&self, linktype: u16) -> Option<usize> {
        self.programs.iter().position(|(known, _)| *known == linktype)
    }

    /// Whether this packet is the one; true only once.
    pub(super) fn fires(&self, program: usize, packet: &Packet<'_>) -> bool {
        let matches = || self.programs[program].1.matches(packet.data, packet.original_len);
        !self.fired.load(Relaxed) && matches() && !self.fired.swap(true, Relaxed)
    }

    /// Whether the packet has come already.
    pub(super) fn has_fired(&self) -> bool {
        self.fired.load(Relaxed)
    }
}
