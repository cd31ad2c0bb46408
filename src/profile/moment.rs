//! A moment of local time, as people write it.

use std::fmt;

/// When a capture ends by the clock of this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The next time that the clock shows this.
    Next(Clock),
    /// This time on this day.
    On(Date, Clock),
}

/// A time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59.
    pub second: u8,
}

/// A day that exists, years 1970 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Date {
    /// The year.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
}

impl Moment {
    /// Reads `14:30`, `14:30:05`, or either behind a day: `2026-11-26 14:30`, `2026-11-26T14:30`. `None` for
    /// anything else.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        match text.split_once(['T', ' ']) {
            Some((date, clock)) => Some(Self::On(Date::parse(date)?, Clock::parse(clock.trim_start())?)),
            None => Clock::parse(text).map(Self::Next),
        }
    }
}

impl Clock {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(':');
        let (hour, minute) = (parts.next()?, parts.next()?);
        let second = parts.next().unwrap_or("00");
        let whole = parts.next().is_none() && (1..=2).contains(&hour.len());
        let clock = Self { hour: digits(hour)?, minute: two(minute)?, second: two(second)? };
        (whole && clock.hour < 24 && clock.minute < 60 && clock.second < 60).then_some(clock)
    }
}

impl Date {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        let whole = parts.next().is_none() && year.len() == 4;
        let date = Self { year: digits(year)?, month: two(month)?, day: two(day)? };
        let exists = date.year >= 1970 && (1..=date.days_of_month()).contains(&date.day);
        (whole && exists).then_some(date)
    }

    /// 0 for a month that does not exist.
    fn days_of_month(self) -> u8 {
        let leap =
            self.year.is_multiple_of(4) && (!self.year.is_multiple_of(100) || self.year.is_multiple_of(400));
        match self.month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => 0,
        }
    }
}

fn two(text: &str) -> Option<u8> {
    if text.len() == 2 { digits(text) } else { None }
}

/// Digits alone: numbers could also begin with a sign.
fn digits<T: std::str::FromStr>(text: &str) -> Option<T> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.hour, self.minute)?;
        if self.second > 0 { write!(f, ":{:02}", self.second) } else { Ok(()) }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Next(clock) => clock.fmt(f),
            Self::On(Date { year, month, day }, clock) => write!(f, "{year:04}-{month:02}-{day:02} {clock}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Moment;
    use proptest::prelude::*;

    #[test]
    fn times_and_days() {
        for (text, shown) in [
            ("14:30", Some("14:30")),
            ("9:05", Some("09:05")),
            (" 00:00:00 ", Some("00:00")),
            ("23:59:59", Some("23:59:59")),
            ("2026-11-26 14:30", Some("2026-11-26 14:30")),
            ("2026-11-26T14:30:01", Some("2026-11-26 14:30:01")),
            ("2028-02-29  7:00", Some("2028-02-29 07:00")),
            ("2000-02-29 07:00", Some("2000-02-29 07:00")),
            ("2026-02-29 07:00", None),
            ("2100-02-29 07:00", None),
            ("2026-04-31 07:00", None),
            ("2026-13-01 07:00", None),
            ("2026-00-01 07:00", None),
            ("2026-01-00 07:00", None),
            ("0026-01-01 07:00", None),
            ("26-01-01 07:00", None),
            ("2026-1-1 07:00", None),
            ("2026-11-26", None),
            ("24:00", None),
            ("14:60", None),
            ("14:30:60", None),
            ("14:3", None),
            ("14", None),
            ("+1:30", None),
            ("014:30", None),
            (":30", None),
            ("14:30:00:00", None),
            ("14:30 tomorrow", None),
            ("", None),
        ] {
            assert_eq!(Moment::parse(text).map(|moment| moment.to_string()).as_deref(), shown, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(text in "([0-9]{4}-[01][0-9]-[0-3][0-9] )?[012]?[0-9]:[0-5][0-9](:[0-5][0-9])?") {
            if let Some(moment) = Moment::parse(&text) {
                prop_assert_eq!(Moment::parse(&moment.to_string()), Some(moment));
            }
        }
    }
}
