//! Whether a spool's disk takes what it gets, and what is told about it.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

/// A disk is well again once nothing failed for this long; a nearly full one takes small things now and then.
const RECOVERY: Duration = Duration::from_secs(1);

/// What a spool has to tell beside its numbers. Few and far between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SpoolNews {
    /// Packets are being given up: the disk takes nothing. What failed, as a sentence.
    Trouble(String),
    /// The disk takes packets again.
    Recovered {
        /// Packets that were given up since it began.
        packets: u64,
    },
    /// A recorded file was removed, because only so many are kept.
    Removed {
        /// Which.
        path: PathBuf,
        /// The packets in it.
        packets: u64,
    },
}

/// How a disk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Health {
    /// It takes everything.
    #[default]
    Well,
    /// It did not.
    Ill {
        /// Packets given up since it began.
        packets: u64,
        /// When it failed last.
        failed: Instant,
    },
}

impl Health {
    /// Packets were given up; true if that is news.
    pub(super) fn fail(&mut self, lost: u64, now: Instant) -> bool {
        let (before, is_new) = match *self {
            Self::Well => (0, true),
            Self::Ill { packets, .. } => (packets, false),
        };
        *self = Self::Ill { packets: before + lost, failed: now };
        is_new
    }

    /// Something was written; the packets that were given up before, if that is news.
    pub(super) fn succeed(&mut self, now: Instant) -> Option<u64> {
        match *self {
            Self::Ill { packets, failed } if now.saturating_duration_since(failed) >= RECOVERY => {
                *self = Self::Well;
                Some(packets)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, Health, Instant};

    #[test]
    fn a_bout_is_told_once_and_its_end_only_when_it_lasts() {
        let (start, mut health) = (Instant::now(), Health::default());
        let at = |millis| start + Duration::from_millis(millis);
        assert_eq!(health.succeed(at(0)), None);
        assert!(health.fail(3, at(0)));
        assert!(!health.fail(4, at(10)));
        assert_eq!(health.succeed(at(20)), None);
        assert!(!health.fail(1, at(900)));
        assert_eq!(health.succeed(at(1899)), None);
        assert_eq!(health.succeed(at(1900)), Some(8));
        assert_eq!(health.succeed(at(1901)), None);
        assert!(health.fail(1, at(1902)));
    }
}
