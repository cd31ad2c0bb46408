//! Several tcpdumps as one stream: a thread that reads the channel of each interface and writes pcapng into a pipe,
//! which the pump reads like the channel of one.

use std::{
    collections::VecDeque,
    fs::File,
    io::{self, Write as _},
    ops::ControlFlow,
    os::fd::OwnedFd,
    thread,
    time::{Duration, Instant},
};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::{BLOCK, read};
use crate::{
    packet::{
        InterfaceInfo, InterfaceStatistics, Limits, Packet, PacketNotes, Reader, SectionInfo, Sink,
        writer as pcapng,
    },
    remote::minder::MarkerFinder,
};

/// Bytes of memory that packets which wait for a silent interface take at most, whatever the time.
const HELD: usize = 64 << 20;

/// No length that a block can have: tells the pump that the stream cannot be read.
const BROKEN: [u8; 16] = [0xff; 16];

/// One interface's channel.
#[derive(Debug)]
pub(in crate::engine) struct Source {
    /// The reading end of its stdout.
    pub(in crate::engine) channel: OwnedFd,
    /// Finds where its stream begins.
    pub(in crate::engine) marker: MarkerFinder,
    /// The interface's name on the target.
    pub(in crate::engine) name: String,
}

/// Reads `sources` into `out` until all of them are at their end. Packets come in the order of their time; one waits
/// for what other interfaces may still bring, but not longer than `hold`.
pub(in crate::engine) fn start(sources: Vec<Source>, out: OwnedFd, hold: Duration) -> io::Result<()> {
    let marker = sources.first().map(|source| source.marker.marker().to_vec()).unwrap_or_default();
    let inputs = sources.into_iter().map(Input::new).collect();
    let merge =
        Merge { inputs, marker, stage: Stage::Marker, out: File::from(out), pending: Vec::new(), hold };
    thread::Builder::new().name("merge".into()).spawn(move || merge.run())?;
    Ok(())
}

/// How far the stream that is written has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Not every minder has begun.
    Marker,
    /// Not every tcpdump has told its link type.
    Header,
    /// Packets flow.
    Packets,
    /// The stream cannot go on; what comes is read and thrown away.
    Broken,
}

#[derive(Debug)]
struct Merge {
    inputs: Vec<Input>,
    /// What all of the streams begin with, and the merged one as well.
    marker: Vec<u8>,
    stage: Stage,
    out: File,
    /// What is to be written next.
    pending: Vec<u8>,
    hold: Duration,
}

#[derive(Debug)]
struct Input {
    channel: File,
    is_open: bool,
    /// Until the stream has begun.
    marker: Option<MarkerFinder>,
    name: String,
    reader: Reader,
    /// What came and was not read yet.
    rest: Vec<u8>,
    queue: Queue,
}

/// What an interface has brought and others are waited for with.
#[derive(Debug)]
struct Queue {
    /// Its number in the stream that is written.
    number: u32,
    interface: Option<InterfaceInfo>,
    packets: VecDeque<Held>,
    bytes: usize,
    /// When what is being read came.
    now: Instant,
}

/// A packet that waits.
#[derive(Debug)]
struct Held {
    /// Nanoseconds since 1970.
    time: u64,
    came: Instant,
    /// As it will be written.
    block: Vec<u8>,
}

impl Held {
    /// What it takes, with what the allocator needs for it.
    fn memory(&self) -> usize {
        self.block.capacity() + size_of::<Self>() + 16
    }
}

impl Sink for Queue {
    fn interface(&mut self, _: u32, interface: &InterfaceInfo) {
        self.interface.get_or_insert_with(|| interface.clone());
    }

    fn packet(&mut self, packet: &Packet<'_>) -> ControlFlow<()> {
        let unit =
            self.interface.as_ref().map_or(1, |known| 1_000_000_000 / known.resolution.per_second().max(1));
        let mut block = Vec::with_capacity(packet.data.len() + 40);
        let packet = &Packet { interface: self.number, ..*packet };
        // What is cut off is seen, and counted, by the difference of the lengths.
        let _ = pcapng::enhanced_packet(&mut block, packet, &PacketNotes::default());
        let held = Held { time: packet.timestamp.saturating_mul(unit), came: self.now, block };
        self.bytes += held.memory();
        self.packets.push_back(held);
        ControlFlow::Continue(())
    }

    fn statistics(&mut self, _: &InterfaceStatistics) {}
}

/// Why an input's stream cannot be merged.
struct Unreadable;

impl Input {
    fn new(source: Source) -> Self {
        let queue =
            Queue { number: 0, interface: None, packets: VecDeque::new(), bytes: 0, now: Instant::now() };
        Self {
            channel: File::from(source.channel),
            is_open: true,
            marker: Some(source.marker),
            name: source.name,
            reader: Reader::new(Limits::default()),
            rest: Vec::new(),
            queue,
        }
    }

    /// Takes in what the channel holds now; `is_open` is false after its end.
    fn take(&mut self, buffer: &mut [u8]) -> Result<(), Unreadable> {
        let got = read(&mut self.channel, buffer).unwrap_or(0);
        self.is_open = got > 0;
        let mut came = &buffer[..got];
        if let Some(marker) = &mut self.marker {
            if !self.is_open {
                return Err(Unreadable);
            }
            match marker.push(came) {
                Ok(Some(rest)) => came = rest,
                Ok(None) => return Ok(()),
                Err(_) => return Err(Unreadable),
            }
            self.marker = None;
        }
        self.rest.extend_from_slice(came);
        self.queue.now = Instant::now();
        let read = self.reader.feed(&self.rest, &mut self.queue).map_err(|_| Unreadable)?;
        self.rest.drain(..read.consumed);
        Ok(())
    }
}

impl Merge {
    fn run(mut self) {
        for (number, input) in (0..).zip(&mut self.inputs) {
            input.queue.number = number;
        }
        let mut buffer = vec![0; BLOCK];
        while self.inputs.iter().any(|input| input.is_open) {
            for at in self.wait() {
                if self.stage == Stage::Broken {
                    self.inputs[at].is_open =
                        read(&mut self.inputs[at].channel, &mut buffer).is_ok_and(|got| got > 0);
                } else if self.inputs[at].take(&mut buffer).is_err() {
                    self.give_up(at);
                }
            }
            self.begin();
            self.release();
            self.write();
        }
    }

    /// Waits until something came, or until a packet has waited long enough; gives the inputs that can be read.
    fn wait(&self) -> Vec<usize> {
        let full = self.stage != Stage::Packets && self.held() > HELD;
        let open = |input: &Input| input.is_open && !(full && input.queue.interface.is_some());
        let open: Vec<usize> = (0..self.inputs.len()).filter(|at| open(&self.inputs[*at])).collect();
        let mut channels: Vec<PollFd<'_>> =
            open.iter().map(|at| PollFd::new(&self.inputs[*at].channel, PollFlags::IN)).collect();
        let oldest =
            self.inputs.iter().filter_map(|input| input.queue.packets.front()).map(|held| held.came).min();
        let left = oldest.filter(|_| self.stage == Stage::Packets).map(|came| {
            let left = (came + self.hold).saturating_duration_since(Instant::now());
            Timespec::try_from(left).unwrap_or(Timespec { tv_sec: 1, tv_nsec: 0 })
        });
        if poll(&mut channels, left.as_ref()).is_err() {
            return Vec::new();
        }
        let ready = channels.iter().map(|channel| !channel.revents().is_empty());
        open.iter().zip(ready).filter(|(_, ready)| *ready).map(|(at, _)| *at).collect()
    }

    fn held(&self) -> usize {
        self.inputs.iter().map(|input| input.queue.bytes).sum()
    }

    /// Writes what comes before the packets once it is known. Until all interfaces are described none has packets in
    /// the stream: their numbers are the same in each run.
    fn begin(&mut self) {
        if self.stage == Stage::Marker && self.inputs.iter().all(|input| input.marker.is_none()) {
            self.stage = Stage::Header;
            self.pending.extend_from_slice(&self.marker);
        }
        let is_void = |input: &Input| !input.is_open && input.queue.interface.is_none();
        if self.stage == Stage::Header && self.inputs.iter().any(is_void) {
            self.stage = Stage::Broken;
        }
        if self.stage == Stage::Header && self.inputs.iter().all(|input| input.queue.interface.is_some()) {
            self.stage = Stage::Packets;
            let section = SectionInfo { application: "wrcap", hardware: None, os: None, comment: None };
            pcapng::section_header(&mut self.pending, &section);
            for input in &self.inputs {
                let interface = input.queue.interface.clone().unwrap_or_default();
                let named = InterfaceInfo { name: Some(input.name.clone()), ..interface };
                pcapng::interface_description(&mut self.pending, &named);
            }
        }
    }

    /// Moves on what need not wait: the earliest packet, as long as every interface has brought one or none can bring
    /// any more, or when one has waited long enough.
    fn release(&mut self) {
        let now = Instant::now();
        while self.stage == Stage::Packets {
            let queues = || self.inputs.iter().map(|input| &input.queue);
            let all_known = self.inputs.iter().all(|input| !input.is_open || !input.queue.packets.is_empty());
            let is_over = |held: &Held| held.came + self.hold <= now;
            let over = queues().filter_map(|queue| queue.packets.front()).any(is_over);
            if !(all_known || over || self.held() > HELD) {
                return;
            }
            let earliest =
                queues().enumerate().filter_map(|(at, queue)| Some((queue.packets.front()?.time, at)));
            let Some((_, at)) = earliest.min() else { return };
            let queue = &mut self.inputs[at].queue;
            let Some(held) = queue.packets.pop_front() else { return };
            queue.bytes -= held.memory();
            self.pending.extend_from_slice(&held.block);
            if self.pending.len() >= BLOCK {
                self.write();
            }
        }
    }

    /// An input brought something else than a capture, or ended before one: the pump gets to see what it was.
    fn give_up(&mut self, at: usize) {
        let input = &self.inputs[at];
        match (&input.marker, self.stage) {
            (Some(marker), _) => self.pending.extend_from_slice(marker.seen()),
            (None, Stage::Marker) => {
                self.pending.extend_from_slice(&self.marker);
                self.pending.extend_from_slice(&input.rest);
            }
            (None, Stage::Header) => self.pending.extend_from_slice(&input.rest),
            (None, _) => self.pending.extend_from_slice(&BROKEN),
        }
        self.stage = Stage::Broken;
        self.write();
    }

    /// A pump that is gone ends nothing: the channels are read to their end.
    fn write(&mut self) {
        if self.out.write_all(&self.pending).is_err() {
            self.stage = Stage::Broken;
        }
        self.pending.clear();
    }
}

#[cfg(test)]
#[path = "merge_tests.rs"]
mod tests;
