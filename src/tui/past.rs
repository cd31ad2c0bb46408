//! What a session's counters held a while ago, and when the target's own counts were last read.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use crate::session::Sample;

/// How far back a change is told.
pub(crate) const REACH: Duration = Duration::from_secs(10);

/// The least time between two samples that are kept.
const STEP: Duration = Duration::from_secs(1);

/// Samples of the last [`REACH`], oldest first.
#[derive(Debug, Default)]
pub(crate) struct Past {
    samples: VecDeque<(Instant, Sample)>,
    /// The number of the last reading of the target's counts, and when it was seen.
    reading: Option<(u64, Instant)>,
}

impl Past {
    /// Takes a sample in.
    pub(crate) fn read(&mut self, sample: Sample, now: Instant) {
        let known = self.reading.map_or(0, |(number, _)| number);
        if sample.kernel_readings > known {
            self.reading = Some((sample.kernel_readings, now));
        }
        let is_due = |(at, _): &(Instant, Sample)| now.saturating_duration_since(*at) >= STEP;
        if self.samples.back().is_none_or(is_due) {
            self.samples.push_back((now, sample));
        }
        let is_past = |at: Instant| now.saturating_duration_since(at) >= REACH;
        while self.samples.get(1).is_some_and(|(at, _)| is_past(*at)) {
            self.samples.pop_front();
        }
    }

    /// What the counters held [`REACH`] ago; nothing if there was no session then.
    pub(crate) fn sample(&self, now: Instant) -> Sample {
        match self.samples.front() {
            Some((at, sample)) if now.saturating_duration_since(*at) >= REACH => *sample,
            _ => Sample::default(),
        }
    }

    /// How old the last reading of the target's counts is; `None` before the first.
    pub(crate) fn reading_age(&self, now: Instant) -> Option<Duration> {
        self.reading.map(|(_, at)| now.saturating_duration_since(at))
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Past, Sample};

    fn sample(kernel_dropped: u64, kernel_readings: u64) -> Sample {
        Sample { kernel_dropped, kernel_readings, ..Sample::default() }
    }

    #[test]
    fn the_past_is_ten_seconds_ago_and_no_more_is_kept() {
        let start = Instant::now();
        let mut past = Past::default();
        for tick in 0..400_u64 {
            past.read(sample(tick, 0), start + Duration::from_millis(tick * 250));
        }
        let now = start + Duration::from_millis(399 * 250);
        let before = past.sample(now).kernel_dropped;
        assert!((355..=359).contains(&before), "{before}");
        assert!(past.samples.len() <= 12, "{}", past.samples.len());
        assert_eq!(past.reading_age(now), None);
    }

    #[test]
    fn a_young_session_began_with_nothing() {
        let start = Instant::now();
        let mut past = Past::default();
        past.read(sample(7, 1), start);
        assert_eq!(past.sample(start + Duration::from_secs(3)), Sample::default());
    }

    #[test]
    fn only_a_new_reading_is_young() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut past = Past::default();
        past.read(sample(0, 1), at(0));
        past.read(sample(0, 1), at(4));
        assert_eq!(past.reading_age(at(4)), Some(Duration::from_secs(4)));
        past.read(sample(0, 2), at(5));
        assert_eq!(past.reading_age(at(6)), Some(Duration::from_secs(1)));
    }
}
