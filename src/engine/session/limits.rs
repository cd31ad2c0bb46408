//! The times that end a capture.

use std::time::{Duration, Instant, SystemTime};

use jiff::{Timestamp, ToSpan as _, Zoned, civil};

use crate::{
    profile::{Clock, Date, Moment, StopAfter},
    session::Limit,
};

/// When something is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    /// So long after a moment of this run.
    Instant(Instant),
    /// At a time of the wall clock, which goes on while the machine sleeps and can be set.
    Wall(SystemTime),
}

impl Due {
    /// So long from now.
    pub(super) fn after(time: Duration) -> Self {
        Self::Instant(Instant::now() + time)
    }

    /// Whether it is due.
    pub(super) fn is_over(self) -> bool {
        match self {
            Self::Instant(at) => Instant::now() >= at,
            Self::Wall(at) => SystemTime::now() >= at,
        }
    }

    /// When that is, as far as is known now.
    pub(super) fn instant(self) -> Instant {
        match self {
            Self::Instant(at) => at,
            Self::Wall(at) => Instant::now() + at.duration_since(SystemTime::now()).unwrap_or_default(),
        }
    }
}

/// The limits of a capture that begins now.
pub(super) fn of(stop_after: &StopAfter) -> Vec<(Due, Limit)> {
    let duration = stop_after.duration.map(|time| (Due::after(time), Limit::Duration));
    let at = stop_after.at.and_then(|moment| wall(moment, &Zoned::now()));
    duration.into_iter().chain(at.map(|at| (Due::Wall(at.into()), Limit::Time))).collect()
}

/// Whether a moment that names its day is over already.
pub(crate) fn is_over(moment: Moment) -> bool {
    let now = Zoned::now();
    wall(moment, &now).is_some_and(|at| at <= now.timestamp())
}

/// The moment, seen from `now`; `None` for a time that its day does not have.
fn wall(moment: Moment, now: &Zoned) -> Option<Timestamp> {
    let at = |day: civil::Date, Clock { hour, minute, second }: Clock| {
        let parts = [hour, minute, second].map(|part| i8::try_from(part).unwrap_or_default());
        let time = civil::Time::new(parts[0], parts[1], parts[2], 0).ok()?;
        Some(day.to_datetime(time).to_zoned(now.time_zone().clone()).ok()?.timestamp())
    };
    match moment {
        Moment::On(Date { year, month, day }, clock) => {
            let year = i16::try_from(year).ok()?;
            let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
            at(civil::Date::new(year, month, day).ok()?, clock)
        }
        Moment::Next(clock) => {
            let today = at(now.date(), clock)?;
            if today > now.timestamp() {
                Some(today)
            } else {
                at(now.date().checked_add(1.day()).ok()?, clock)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Clock, Date, Moment, wall};

    #[test]
    fn the_next_time_is_today_or_tomorrow() {
        let now: jiff::Zoned = "2026-11-30T14:30:00+01:00[Europe/Berlin]".parse().unwrap();
        let clock = |hour, minute| Clock { hour, minute, second: 0 };
        let shown = |moment| wall(moment, &now).unwrap().to_string();
        assert_eq!(shown(Moment::Next(clock(14, 31))), "2026-11-30T13:31:00Z");
        assert_eq!(shown(Moment::Next(clock(14, 30))), "2026-12-01T13:30:00Z", "now is over");
        let day = Date { year: 2026, month: 7, day: 1 };
        assert_eq!(shown(Moment::On(day, clock(9, 5))), "2026-07-01T07:05:00Z", "that day's own offset");
    }
}
