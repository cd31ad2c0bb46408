//! When each target was captured on last.

use std::{
    cmp::Reverse,
    collections::BTreeMap,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use jiff::{Timestamp, tz::TimeZone};

use crate::profile::TargetName;

/// How many targets are remembered between runs.
const KEPT: usize = 500;

/// The last use of each target that was ever used.
#[derive(Debug, Clone, Default)]
pub(crate) struct Used(BTreeMap<TargetName, SystemTime>);

impl Used {
    /// Notes that a target was in use at `at`.
    pub(crate) fn note(&mut self, name: &TargetName, at: SystemTime) {
        self.0.insert(name.clone(), at);
    }

    /// When it was used last.
    pub(crate) fn of(&self, name: &TargetName) -> Option<SystemTime> {
        self.0.get(name).copied()
    }

    /// For the state file: seconds since 1970 by `site/target`, as far as there is room for.
    pub(crate) fn to_seconds(&self) -> BTreeMap<String, u64> {
        let seconds = |at: &SystemTime| at.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let mut all: Vec<_> = self.0.iter().map(|(name, at)| (name.to_string(), seconds(at))).collect();
        all.sort_by_key(|(_, at)| Reverse(*at));
        all.into_iter().take(KEPT).collect()
    }

    /// From the state file. What is not understood counts as not there.
    pub(crate) fn from_seconds(seconds: &BTreeMap<String, u64>) -> Self {
        let read = |(name, at): (&String, &u64)| {
            let (site, target) = name.split_once('/')?;
            let at = UNIX_EPOCH.checked_add(Duration::from_secs(*at))?;
            Some((TargetName { site: site.to_owned(), target: target.to_owned() }, at))
        };
        Self(seconds.iter().filter_map(read).collect())
    }
}

/// The clock that an age is told by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock<'a> {
    /// Now.
    pub(crate) now: SystemTime,
    /// Where.
    pub(crate) zone: &'a TimeZone,
    /// Whether the screen is drawn anew as time goes by. Where it stands still an age would soon be wrong.
    pub(crate) runs: bool,
}

impl Clock<'_> {
    /// How long ago that was, in at most nine cells: `2 min`, `14:03`, `yesterday`, `3 Nov`, `Nov 2025`.
    pub(crate) fn ago(self, at: SystemTime) -> String {
        let age = self.now.duration_since(at).unwrap_or_default().as_secs();
        match age {
            0..60 if self.runs => return "just now".to_owned(),
            60..3600 if self.runs => return format!("{} min", age / 60),
            _ => {}
        }
        let local = |at| Timestamp::try_from(at).map(|at| at.to_zoned(self.zone.clone()));
        let (Ok(then), Ok(now)) = (local(at), local(self.now)) else { return "?".to_owned() };
        let format = match now.date() {
            today if then.date() >= today => "%H:%M",
            today if today.yesterday().is_ok_and(|day| day == then.date()) => "yesterday",
            today if today.year() == then.year() => "%-d %b",
            _ => "%b %Y",
        };
        then.strftime(format).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::{Clock, Duration, KEPT, SystemTime, TargetName, TimeZone, UNIX_EPOCH, Used};

    fn at(text: &str) -> SystemTime {
        text.parse::<jiff::Timestamp>().unwrap().into()
    }

    fn name(target: &str) -> TargetName {
        TargetName { site: "shop".to_owned(), target: target.to_owned() }
    }

    #[test]
    fn ages_are_told_in_nine_cells() {
        let now = at("2026-11-26T14:03:27Z");
        let told = |then: &str, runs| Clock { now, zone: &TimeZone::UTC, runs }.ago(at(then));
        for (then, runs, expected) in [
            ("2026-11-26T14:03:00Z", true, "just now"),
            ("2026-11-26T14:01:00Z", true, "2 min"),
            ("2026-11-26T13:03:28Z", true, "59 min"),
            ("2026-11-26T13:03:27Z", true, "13:03"),
            ("2026-11-26T14:03:00Z", false, "14:03"),
            ("2026-11-26T18:00:00Z", true, "just now"),
            ("2026-11-26T18:00:00Z", false, "18:00"),
            ("2026-11-25T23:59:00Z", true, "yesterday"),
            ("2026-11-03T10:00:00Z", true, "3 Nov"),
            ("2025-11-03T10:00:00Z", true, "Nov 2025"),
        ] {
            assert_eq!(told(then, runs), expected, "{then}");
            assert!(told(then, runs).len() <= 9);
        }
    }

    #[test]
    fn uses_come_back_from_the_state_file_and_the_oldest_go() {
        let mut used = Used::default();
        for second in 0..KEPT as u64 + 10 {
            used.note(&name(&format!("t{second}")), UNIX_EPOCH + Duration::from_secs(second));
        }
        let kept = Used::from_seconds(&used.to_seconds());
        assert_eq!(kept.of(&name("t9")), None, "the oldest went");
        assert_eq!(kept.of(&name("t10")), Some(UNIX_EPOCH + Duration::from_secs(10)));
        let odd = [("no-site".to_owned(), 1), ("shop/web".to_owned(), u64::MAX)].into();
        assert!(Used::from_seconds(&odd).to_seconds().is_empty());
    }
}
