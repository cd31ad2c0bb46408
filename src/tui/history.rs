//! The last minutes of a session, one value a second.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use crate::session::Sample;

/// How many seconds are kept.
pub(crate) const SECONDS: usize = 900;

/// How many of the last seconds make the rate that is shown: the target's kernel hands packets over in blocks
/// of up to a second, and one second alone would flicker.
const SMOOTHED: usize = 3;

/// Rates a second.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Rate {
    /// Bytes on the wire.
    pub(crate) bytes: f64,
    /// Packets.
    pub(crate) packets: f64,
}

/// A ring of rates, oldest first.
#[derive(Debug)]
pub(crate) struct History {
    slots: VecDeque<Rate>,
    /// How many slots there have ever been.
    completed: usize,
    /// Where the open second began.
    open: Instant,
    /// When and what was read last at the end of a second.
    read: (Instant, Sample),
}

impl History {
    /// An empty history that begins now.
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            slots: VecDeque::with_capacity(SECONDS),
            completed: 0,
            open: now,
            read: (now, Sample::default()),
        }
    }

    /// Takes a reading. Returns true if a second was completed.
    pub(crate) fn read(&mut self, sample: Sample, now: Instant) -> bool {
        let seconds = now.saturating_duration_since(self.open).as_secs();
        if seconds == 0 {
            return false;
        }
        let rate = rate_between(self.read, (now, sample));
        for _ in 0..seconds.min(SECONDS as u64) {
            if self.slots.len() == SECONDS {
                self.slots.pop_front();
            }
            self.slots.push_back(rate);
            self.completed += 1;
        }
        self.open += Duration::from_secs(seconds);
        self.read = (now, sample);
        true
    }

    /// The rate as it is shown: the mean of the last few seconds.
    pub(crate) fn rate(&self) -> Rate {
        mean(self.slots.iter().rev().take(SMOOTHED))
    }

    /// The last `cells * step` seconds as one mean of `step` seconds a cell, oldest first. Cells keep the seconds
    /// they began with, so that bars wander but do not wobble; only the newest one is still growing.
    pub(crate) fn cells(&self, cells: usize, step: usize) -> Vec<f64> {
        let slots: Vec<&Rate> = self.slots.iter().collect();
        let growing = self.completed % step.max(1);
        let (whole, growing) = slots.split_at(slots.len().saturating_sub(growing));
        let newest = (!growing.is_empty()).then_some(growing);
        let chunks = newest.into_iter().chain(whole.rchunks(step.max(1)));
        let mut means: Vec<f64> = chunks.take(cells).map(|chunk| mean(chunk.iter().copied()).bytes).collect();
        means.reverse();
        means
    }
}

fn rate_between(from: (Instant, Sample), to: (Instant, Sample)) -> Rate {
    let elapsed = to.0.saturating_duration_since(from.0).as_secs_f64().max(0.001);
    #[expect(clippy::cast_precision_loss, reason = "rates are shown with three digits")]
    let per_second = |from: u64, to: u64| to.saturating_sub(from) as f64 / elapsed;
    Rate {
        bytes: per_second(from.1.wire_bytes, to.1.wire_bytes),
        packets: per_second(from.1.packets, to.1.packets),
    }
}

fn mean<'a>(rates: impl Iterator<Item = &'a Rate>) -> Rate {
    let (mut sum, mut number) = (Rate::default(), 0.0);
    for rate in rates {
        sum.bytes += rate.bytes;
        sum.packets += rate.packets;
        number += 1.0;
    }
    if number == 0.0 { sum } else { Rate { bytes: sum.bytes / number, packets: sum.packets / number } }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{History, Rate, SECONDS, Sample};

    fn sample(wire_bytes: u64) -> Sample {
        Sample { wire_bytes, packets: wire_bytes / 100, ..Sample::default() }
    }

    #[test]
    fn a_second_is_a_slot_and_the_rate_is_a_difference() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut history = History::new(start);
        assert!(!history.read(sample(500), at(750)));
        assert!(history.read(sample(1000), at(1000)));
        assert_eq!(history.rate(), Rate { bytes: 1000.0, packets: 10.0 });
        assert!(history.read(sample(5000), at(3000)), "two seconds at once");
        assert_eq!(history.cells(10, 1), [1000.0, 2000.0, 2000.0]);
        assert_eq!(history.cells(10, 2), [1500.0, 2000.0], "the newest cell has one second so far");
        assert_eq!(history.cells(1, 1), [2000.0]);
    }

    #[test]
    fn a_late_reading_shifts_no_slot() {
        let start = Instant::now();
        let mut history = History::new(start);
        for tick in 1..=4000_u64 {
            history.read(sample(tick), start + Duration::from_millis(tick * 260));
        }
        assert_eq!(history.cells(SECONDS * 2, 1).len(), SECONDS);
        assert_eq!(history.open, start + Duration::from_secs(1040));
    }
}
