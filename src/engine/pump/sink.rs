//! What the stream reader finds, written to the spool and counted.

use std::{ops::ControlFlow, sync::Arc};

use super::{Labels, PendingDrops};
use crate::{
    engine::spool::{SpoolError, SpoolNews, SpoolWriter},
    packet::{InterfaceInfo, InterfaceStatistics, Packet, PacketNotes, Sink, writer as pcapng},
    session::{Counters, Limit},
};

/// Writes interfaces and packets into a spool.
#[derive(Debug)]
pub(super) struct SpoolSink {
    labels: Labels,
    packets_wanted: Option<u64>,
    bytes_wanted: Option<u64>,
    writer: SpoolWriter,
    counters: Arc<Counters>,
    drops: Arc<PendingDrops>,
    interfaces: Vec<InterfaceInfo>,
    statistics: Vec<InterfaceStatistics>,
    packets: u64,
    bytes: u64,
    /// Since the last flush.
    batch: Batch,
    reached: Option<Limit>,
}

#[derive(Debug, Default)]
struct Batch {
    packets: u64,
    captured: u64,
    wire: u64,
    truncated: u64,
    /// Drops that its packets carry.
    drops: u64,
}

impl SpoolSink {
    pub(super) fn new(
        labels: Labels,
        packets_wanted: Option<u64>,
        bytes_wanted: Option<u64>,
        writer: SpoolWriter,
        counters: Arc<Counters>,
        drops: Arc<PendingDrops>,
    ) -> Self {
        Self {
            labels,
            packets_wanted,
            bytes_wanted,
            writer,
            counters,
            drops,
            interfaces: Vec::new(),
            statistics: Vec::new(),
            packets: 0,
            bytes: 0,
            batch: Batch::default(),
            reached: None,
        }
    }

    pub(super) fn interfaces(&self) -> usize {
        self.interfaces.len()
    }

    /// The stop condition that was reached.
    pub(super) fn reached(&self) -> Option<Limit> {
        self.reached
    }

    /// Brings everything taken so far to disk and into the counters. What a full disk does not take is noted on the
    /// next packet that it takes, like all drops before it.
    pub(super) fn flush(&mut self) -> Result<(), SpoolError> {
        let before = self.writer.unwritten();
        self.writer.flush()?;
        let batch = std::mem::take(&mut self.batch);
        let unwritten = self.writer.unwritten() - before;
        if unwritten > 0 {
            self.drops.add(unwritten + batch.drops);
        }
        if batch.packets > 0 {
            self.counters.add_packets(batch.packets, batch.captured, batch.wire, batch.truncated);
        }
        Ok(())
    }

    /// What the disk has to tell.
    pub(super) fn take_news(&mut self) -> Vec<SpoolNews> {
        self.writer.take_news()
    }

    pub(super) fn into_parts(self) -> (SpoolWriter, Vec<InterfaceInfo>, Vec<InterfaceStatistics>) {
        (self.writer, self.interfaces, self.statistics)
    }

    /// The interface as the file names it: with the target's name, because files of many targets get merged.
    fn labelled(&self, interface: &InterfaceInfo) -> InterfaceInfo {
        let labels = &self.labels;
        let name = interface.name.as_ref().or(labels.interface.as_ref());
        let name = name.map_or_else(|| labels.target.clone(), |name| format!("{}:{name}", labels.target));
        let description = match &interface.description {
            Some(description) => format!("{name} ({}; {description})", labels.road),
            None => format!("{name} ({})", labels.road),
        };
        InterfaceInfo {
            name: Some(name),
            description: Some(description),
            filter: interface.filter.clone().or_else(|| labels.filter.clone()),
            os: interface.os.clone().or_else(|| labels.os.clone()),
            ..interface.clone()
        }
    }

    fn limit(&self) -> Option<Limit> {
        if self.packets_wanted.is_some_and(|wanted| self.packets >= wanted) {
            Some(Limit::Packets)
        } else if self.bytes_wanted.is_some_and(|wanted| self.bytes >= wanted) {
            Some(Limit::Bytes)
        } else {
            None
        }
    }
}

impl Sink for SpoolSink {
    fn interface(&mut self, _index: u32, interface: &InterfaceInfo) {
        let labelled = self.labelled(interface);
        let mut block = Vec::new();
        pcapng::interface_description(&mut block, &labelled);
        self.writer.describe(&block);
        self.interfaces.push(labelled);
    }

    fn packet(&mut self, packet: &Packet<'_>) -> ControlFlow<()> {
        let notes = PacketNotes { drop_count: self.drops.take(), ..PacketNotes::default() };
        let cut = pcapng::enhanced_packet(self.writer.buffer(), packet, &notes);
        self.writer.count_packet();
        let captured = (packet.data.len() - cut) as u64;
        self.packets += 1;
        self.bytes += captured;
        self.batch.packets += 1;
        self.batch.drops += notes.drop_count;
        self.batch.captured += captured;
        self.batch.wire += u64::from(packet.original_len);
        self.batch.truncated += u64::from(captured < u64::from(packet.original_len));
        self.reached = self.limit();
        if self.reached.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn statistics(&mut self, statistics: &InterfaceStatistics) {
        self.statistics.push(*statistics);
    }
}
