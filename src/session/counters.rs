//! Numbers of a session: written by the packet path, sampled by whoever shows them.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

/// Counters of one session. The packet path adds, fronts [`sample`](Self::sample); neither ever waits.
#[derive(Debug, Default)]
pub struct Counters {
    packets: AtomicU64,
    captured_bytes: AtomicU64,
    wire_bytes: AtomicU64,
    truncated: AtomicU64,
    kernel_received: AtomicU64,
    kernel_dropped: AtomicU64,
    interface_dropped: AtomicU64,
    kernel_readings: AtomicU64,
    stored_bytes: AtomicU64,
    evicted_packets: AtomicU64,
    viewer_missed: AtomicU64,
    gaps: AtomicU64,
    gap_millis: AtomicU64,
    reconnects: AtomicU64,
    unwritten_packets: AtomicU64,
}

/// What [`Counters`] held at one moment. Bytes are octets, everything else packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sample {
    /// Packets that arrived here.
    pub packets: u64,
    /// Bytes of them as captured.
    pub captured_bytes: u64,
    /// Bytes of them as they were on the wire.
    pub wire_bytes: u64,
    /// Packets of which the snaplen kept less than all.
    pub truncated: u64,
    /// Packets that tcpdump's filter let through in the kernel, the dropped ones included.
    pub kernel_received: u64,
    /// Packets that the target's kernel dropped because tcpdump was too slow or its buffer too small.
    pub kernel_dropped: u64,
    /// Packets that the interface or its driver dropped.
    pub interface_dropped: u64,
    /// How often the target's counts were read: what tells a new reading from an old one.
    pub kernel_readings: u64,
    /// Bytes in the spool or file.
    pub stored_bytes: u64,
    /// Packets that the spool's budget pushed out.
    pub evicted_packets: u64,
    /// Packets that were pushed out before a viewer had read them, summed over viewers.
    pub viewer_missed: u64,
    /// How often the capture broke off after it had begun; a gap that still lasts is counted.
    pub gaps: u64,
    /// Milliseconds of all gaps that are over.
    pub gap_millis: u64,
    /// How often packets flowed again after a gap.
    pub reconnects: u64,
    /// Packets that arrived here and could not be written: the disk was full or ill.
    pub unwritten_packets: u64,
}

impl Sample {
    /// Everything that was lost on the way and is counted, each as a phrase for people: `3 packets dropped by the target's kernel`.
    pub fn losses(&self) -> Vec<String> {
        let packets = |count, what: &str| {
            (count > 0).then(|| format!("{count} {} {what}", if count == 1 { "packet" } else { "packets" }))
        };
        let gap = || {
            let seconds = self.gap_millis.div_ceil(1000);
            let gaps = if self.gaps == 1 { "gap" } else { "gaps" };
            format!("{} {gaps} of {seconds} s in all, packets in it unknown", self.gaps)
        };
        [
            packets(self.kernel_dropped, "dropped by the target's kernel"),
            packets(self.interface_dropped, "dropped by the target's interface"),
            (self.gaps > 0).then(gap),
            packets(self.truncated, "cut by the snaplen"),
            packets(
                self.evicted_packets,
                "pushed out by newer ones, as the spool's or the files' limit says",
            ),
            packets(self.unwritten_packets, "not written: the disk was full or ill"),
            packets(self.viewer_missed, "pushed out before a viewer had read them"),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// How many packets are nowhere but in the spool, if `saved` of them from the first one on are in a file.
    pub fn only_in_spool(&self, saved: u64) -> u64 {
        self.packets.saturating_sub(self.evicted_packets.max(saved))
    }

    /// All packets known to be dropped before they reached us.
    pub fn dropped(&self) -> u64 {
        self.kernel_dropped + self.interface_dropped
    }
}

impl Counters {
    /// Adds a batch of packets that arrived.
    pub fn add_packets(&self, packets: u64, captured_bytes: u64, wire_bytes: u64, truncated: u64) {
        self.packets.fetch_add(packets, Relaxed);
        self.captured_bytes.fetch_add(captured_bytes, Relaxed);
        self.wire_bytes.fetch_add(wire_bytes, Relaxed);
        self.truncated.fetch_add(truncated, Relaxed);
    }

    /// Sets the target's own counts, as last read.
    pub fn set_kernel(&self, received: u64, dropped: u64, interface_dropped: u64) {
        self.kernel_received.store(received, Relaxed);
        self.kernel_dropped.store(dropped, Relaxed);
        self.interface_dropped.store(interface_dropped, Relaxed);
        self.kernel_readings.fetch_add(1, Relaxed);
    }

    /// Adds bytes that were written to the spool or file.
    pub fn add_stored(&self, bytes: u64) {
        self.stored_bytes.fetch_add(bytes, Relaxed);
    }

    /// Takes away what an evicted segment held.
    pub fn evict(&self, bytes: u64, packets: u64) {
        self.stored_bytes.fetch_sub(bytes, Relaxed);
        self.evicted_packets.fetch_add(packets, Relaxed);
    }

    /// Adds packets that a viewer came too late for.
    pub fn add_viewer_missed(&self, packets: u64) {
        self.viewer_missed.fetch_add(packets, Relaxed);
    }

    /// Counts a gap that begins.
    pub fn begin_gap(&self) {
        self.gaps.fetch_add(1, Relaxed);
    }

    /// Adds the length of a gap that is over.
    pub fn end_gap(&self, length: Duration) {
        self.gap_millis.fetch_add(u64::try_from(length.as_millis()).unwrap_or(u64::MAX), Relaxed);
    }

    /// Counts that packets flow again.
    pub fn add_reconnect(&self) {
        self.reconnects.fetch_add(1, Relaxed);
    }

    /// Adds packets that arrived and could not be written.
    pub fn add_unwritten(&self, packets: u64) {
        self.unwritten_packets.fetch_add(packets, Relaxed);
    }

    /// All numbers as of now.
    pub fn sample(&self) -> Sample {
        Sample {
            packets: self.packets.load(Relaxed),
            captured_bytes: self.captured_bytes.load(Relaxed),
            wire_bytes: self.wire_bytes.load(Relaxed),
            truncated: self.truncated.load(Relaxed),
            kernel_received: self.kernel_received.load(Relaxed),
            kernel_dropped: self.kernel_dropped.load(Relaxed),
            interface_dropped: self.interface_dropped.load(Relaxed),
            kernel_readings: self.kernel_readings.load(Relaxed),
            stored_bytes: self.stored_bytes.load(Relaxed),
            evicted_packets: self.evicted_packets.load(Relaxed),
            viewer_missed: self.viewer_missed.load(Relaxed),
            gaps: self.gaps.load(Relaxed),
            gap_millis: self.gap_millis.load(Relaxed),
            reconnects: self.reconnects.load(Relaxed),
            unwritten_packets: self.unwritten_packets.load(Relaxed),
        }
    }
}
