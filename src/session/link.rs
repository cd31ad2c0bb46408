//! How sure we are that the target still hears us.

use std::time::{Duration, Instant};

/// The longest time between two beats.
const LONGEST_BEAT: Duration = Duration::from_secs(5);

/// The rhythm of beats, derived from the lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rhythm {
    /// Time between two beats.
    pub every: Duration,
    /// No reply for this long is `late`: two replies are missing.
    pub late: Duration,
    /// No reply for this long is `lost`: the target's own dead man's switch has fired by now.
    pub lost: Duration,
}

impl Rhythm {
    /// Beats every 5 s, or four to a lease where that is shorter.
    pub fn of_lease(lease: Duration) -> Self {
        let every = LONGEST_BEAT.min(lease / 4).max(Duration::from_secs(1));
        Self { every, late: every * 2 + every / 2, lost: lease }
    }
}

/// What the last replies say about the link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// Replies come.
    Live {
        /// When the last one came.
        heard: Instant,
        /// Its round trip; `None` before the first.
        round_trip: Option<Duration>,
    },
    /// Two replies are missing.
    Late {
        /// When the last one came.
        heard: Instant,
    },
    /// The lease is over.
    Lost {
        /// When the last one came.
        heard: Instant,
    },
}

impl Link {
    /// A link that has just come up.
    pub fn fresh(now: Instant) -> Self {
        Self::Live { heard: now, round_trip: None }
    }

    /// When the target was last heard.
    pub fn heard(&self) -> Instant {
        match *self {
            Self::Live { heard, .. } | Self::Late { heard } | Self::Lost { heard } => heard,
        }
    }

    /// The link as of `now`, without news.
    #[must_use]
    pub fn aged(self, rhythm: Rhythm, now: Instant) -> Self {
        let heard = self.heard();
        let age = now.saturating_duration_since(heard);
        if age >= rhythm.lost {
            Self::Lost { heard }
        } else if age >= rhythm.late {
            Self::Late { heard }
        } else {
            self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, Instant, Link, Rhythm};

    #[test]
    fn the_rhythm_fits_the_lease() {
        assert_eq!(Rhythm::of_lease(Duration::from_secs(30)).every, Duration::from_secs(5));
        assert_eq!(Rhythm::of_lease(Duration::from_secs(8)).every, Duration::from_secs(2));
        assert_eq!(Rhythm::of_lease(Duration::from_secs(5)).every, Duration::from_millis(1250));
    }

    #[test]
    fn a_silent_link_is_late_and_then_lost() {
        let rhythm = Rhythm::of_lease(Duration::from_secs(30));
        let start = Instant::now();
        let link = Link::fresh(start);
        let at = |seconds| link.aged(rhythm, start + Duration::from_secs(seconds));
        assert_eq!(at(10), link);
        assert_eq!(at(13), Link::Late { heard: start });
        assert_eq!(at(29), Link::Late { heard: start });
        assert_eq!(at(30), Link::Lost { heard: start });
    }
}
