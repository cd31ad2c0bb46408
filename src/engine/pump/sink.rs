//! What the stream reader finds, written to the spool and counted.

use std::{collections::BTreeMap, ops::ControlFlow, sync::Arc};

use super::{GapNote, Labels, LastPacket, PendingDrops, PumpEnd, PumpError, Settings, Trigger};
use crate::{
    engine::spool::{SpoolError, SpoolNews, SpoolWriter},
    packet::{InterfaceInfo, InterfaceStatistics, Packet, PacketNotes, Sink, writer as pcapng},
    session::{Counters, Limit},
};

/// Writes interfaces and packets into a spool.
#[derive(Debug)]
pub(super) struct SpoolSink {
    labels: Labels,
    quota: Quota,
    writer: SpoolWriter,
    counters: Arc<Counters>,
    drops: Arc<PendingDrops>,
    /// All of the spool, those of earlier runs first.
    interfaces: Vec<InterfaceInfo>,
    /// Which of the earlier runs' interfaces this run's stream has described again.
    described: Vec<bool>,
    /// The place in `interfaces` of each interface of this run's stream.
    places: Vec<u32>,
    /// The last ones of each interface: each account in a stream replaces the one before.
    statistics: BTreeMap<u32, InterfaceStatistics>,
    /// How many packets of each interface have come.
    delivered: Vec<u64>,
    watch: Watch,
    /// The gap before this run, until it is noted on the first packet.
    gap: Option<GapNote>,
    /// Since the last flush.
    batch: Batch,
    reached: Option<Limit>,
}

/// How much is wanted of all runs, and how much has come.
#[derive(Debug)]
struct Quota {
    packets_wanted: Option<u64>,
    bytes_wanted: Option<u64>,
    packets: u64,
    bytes: u64,
}

impl Quota {
    /// Takes a packet of so many captured bytes; the condition that it fulfils.
    fn take(&mut self, captured: u64) -> Option<Limit> {
        self.packets += 1;
        self.bytes += captured;
        if self.packets_wanted.is_some_and(|wanted| self.packets >= wanted) {
            Some(Limit::Packets)
        } else if self.bytes_wanted.is_some_and(|wanted| self.bytes >= wanted) {
            Some(Limit::Bytes)
        } else {
            None
        }
    }
}

/// The wait for the packet that ends the capture.
#[derive(Debug)]
struct Watch {
    /// Until it has come.
    trigger: Option<(Arc<Trigger>, LastPacket)>,
    /// The trigger's program for each interface of this run's stream.
    programs: Vec<Option<usize>>,
    /// It has come, others follow for a while, and that was not told yet.
    matched: bool,
    /// A link type for which the trigger has no program.
    unmatchable: Option<u16>,
}

impl Watch {
    /// Takes an interface of this run's stream; false if nobody could tell the packet on it.
    fn interface(&mut self, linktype: u16) -> bool {
        let program = self.trigger.as_ref().map(|(trigger, _)| trigger.program(linktype));
        if program == Some(None) {
            self.unmatchable = Some(linktype);
            return false;
        }
        self.programs.push(program.flatten());
        true
    }

    /// Looks whether this packet is the one; true if it is to be the last one.
    fn ends_with(&mut self, packet: &Packet<'_>, interface: u32) -> bool {
        let Some((trigger, last)) = &self.trigger else { return false };
        let Some(program) = self.programs.get(interface as usize).copied().flatten() else { return false };
        if !trigger.fires(program, packet) {
            return false;
        }
        let is_last = *last == LastPacket::Itself;
        self.matched = !is_last;
        self.trigger = None;
        is_last
    }
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
        settings: Settings,
        writer: SpoolWriter,
        counters: Arc<Counters>,
        drops: Arc<PendingDrops>,
    ) -> Self {
        let before = counters.sample();
        Self {
            labels: settings.labels,
            quota: Quota {
                packets_wanted: settings.packets,
                bytes_wanted: settings.bytes,
                packets: before.packets,
                bytes: before.captured_bytes,
            },
            writer,
            counters,
            drops,
            described: vec![false; settings.interfaces.len()],
            delivered: vec![0; settings.interfaces.len()],
            interfaces: settings.interfaces,
            places: Vec::new(),
            statistics: BTreeMap::new(),
            watch: Watch {
                trigger: settings.trigger.filter(|(trigger, _)| !trigger.has_fired()),
                programs: Vec::new(),
                matched: false,
                unmatchable: None,
            },
            gap: settings.gap,
            batch: Batch::default(),
            reached: None,
        }
    }

    /// How many interfaces this run's stream has described.
    pub(super) fn interfaces(&self) -> usize {
        self.places.len()
    }

    /// The stop condition that was reached.
    pub(super) fn reached(&self) -> Option<Limit> {
        self.reached
    }

    /// Whether the packet has come after which the capture ends later; true once.
    pub(super) fn take_match(&mut self) -> bool {
        std::mem::take(&mut self.watch.matched)
    }

    /// A link type for which the trigger has no program.
    pub(super) fn unmatchable(&self) -> Option<u16> {
        self.watch.unmatchable
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

    /// What it leaves behind, with how the pump ended.
    pub(super) fn end(self, result: Result<(), PumpError>) -> PumpEnd {
        let began = !self.places.is_empty();
        let Self { writer, interfaces, statistics, delivered, .. } = self;
        let statistics = statistics.into_values().collect();
        PumpEnd { writer, interfaces, statistics, delivered, began, result }
    }

    /// What the disk has to tell.
    pub(super) fn take_news(&mut self) -> Vec<SpoolNews> {
        self.writer.take_news()
    }

    /// The interface as the file names it: with the target's name, because files of many targets get merged.
    fn labelled(&self, interface: &InterfaceInfo) -> InterfaceInfo {
        let labels = &self.labels;
        let name = interface.name.as_ref().or(labels.interface.as_ref());
        let name = name.map_or_else(|| labels.target.clone(), |name| super::label(&labels.target, name));
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

    /// The number in the spool of an interface of this run's stream; the reader lets no unknown one through.
    fn place(&self, interface: u32) -> u32 {
        self.places.get(interface as usize).copied().unwrap_or(interface)
    }
}

impl Sink for SpoolSink {
    /// An interface that an earlier run had described in the same way is the same one: readers see one interface
    /// that goes on after a gap, and the file has one statistics block for it.
    fn interface(&mut self, _index: u32, interface: &InterfaceInfo) {
        if !self.watch.interface(interface.linktype) {
            return;
        }
        let labelled = self.labelled(interface);
        let mut earlier = self.described.iter().zip(&self.interfaces);
        let known = earlier.position(|(taken, known)| !*taken && *known == labelled);
        if let Some(at) = known {
            self.described[at] = true;
        }
        let place = u32::try_from(known.unwrap_or(self.interfaces.len())).unwrap_or(u32::MAX);
        self.places.push(place);
        if place as usize == self.interfaces.len() {
            let mut block = Vec::new();
            pcapng::interface_description(&mut block, &labelled);
            self.writer.describe(&block);
            self.interfaces.push(labelled);
            self.delivered.push(0);
        }
        if let Some(gap) = &mut self.gap {
            gap.end();
        }
    }

    fn packet(&mut self, packet: &Packet<'_>) -> ControlFlow<()> {
        if self.watch.unmatchable.is_some() {
            return ControlFlow::Break(());
        }
        let gap = self.gap.take().map(|gap| gap.to_string());
        let drop_count = self.drops.take(packet.interface);
        let notes = PacketNotes { drop_count, comment: gap.as_deref(), ..PacketNotes::default() };
        let stream_interface = packet.interface;
        let packet = &Packet { interface: self.place(packet.interface), ..*packet };
        let cut = pcapng::enhanced_packet(self.writer.buffer(), packet, &notes);
        self.writer.count_packet();
        let captured = (packet.data.len() - cut) as u64;
        self.batch.packets += 1;
        if let Some(delivered) = self.delivered.get_mut(packet.interface as usize) {
            *delivered += 1;
        }
        self.batch.drops += notes.drop_count;
        self.batch.captured += captured;
        self.batch.wire += u64::from(packet.original_len);
        self.batch.truncated += u64::from(captured < u64::from(packet.original_len));
        self.reached = self.quota.take(captured);
        if self.reached.is_none() && self.watch.ends_with(packet, stream_interface) {
            self.reached = Some(Limit::Match);
        }
        if self.reached.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn statistics(&mut self, statistics: &InterfaceStatistics) {
        let interface = self.place(statistics.interface);
        self.statistics.insert(interface, InterfaceStatistics { interface, ..*statistics });
    }
}
