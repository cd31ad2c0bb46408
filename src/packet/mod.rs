//! The packet stream: pcap and pcapng, bytes in, bytes out.
//!
//! [`Reader`] cuts what a capture command writes into interfaces, packets and statistics, [`writer`]
//! appends the same as pcapng blocks, [`scan`] finds whole blocks in what was written, [`bpf`] says which packets
//! match a filter. Nothing here owns a stream: slices come in, a [`Sink`] or a `Vec<u8>` takes what comes out,
//! and a payload is copied once.

mod block;
pub mod bpf;
mod cut;
mod error;
mod info;
mod order;
mod pcap;
mod pcapng;
mod reader;
#[cfg(test)]
mod round_trip;
pub mod scan;
mod section;
#[cfg(test)]
mod testing;
pub mod writer;

pub use cut::{Cut, SaveRange, Survey};
pub use error::StreamError;
pub use info::{InterfaceInfo, InterfaceStatistics, Packet, PacketNotes, Resolution, SectionInfo};
pub use reader::{Limits, Progress, Reader, Sink};
