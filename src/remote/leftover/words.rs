//! What was found on a target, in words.

use super::{Group, Traces};
use std::time::Duration;

impl Group {
    /// `alice@laptop, 2 h ago`, as far as it is known.
    pub fn whose(&self) -> String {
        format!("{}, {} ago", self.client(), rounded(self.age()))
    }

    /// `alice@laptop for 2 h`: a capture that goes on.
    pub fn user(&self) -> String {
        format!("{} for {}", self.client(), rounded(self.age()))
    }

    fn client(&self) -> String {
        self.owner().map_or_else(|| "somebody".to_owned(), ToString::to_string)
    }

    /// The arguments that tell a human best what it is: those of the capture.
    pub fn command(&self) -> &str {
        let capture = |args: &&str| args.contains("tcpdump");
        let all = || self.processes.iter().map(|process| process.args.as_str());
        all().rev().find(capture).or_else(|| all().next()).unwrap_or_default()
    }
}

impl Traces {
    /// What is left over in one sentence; `None` when nothing is.
    pub fn sentence(&self) -> Option<String> {
        let oldest = self.leftovers.first()?;
        let processes = counted(self.left(), "process", "processes");
        Some(match self.leftovers.len() {
            1 => format!("{processes} of an earlier session ({})", oldest.whose()),
            more => format!("{processes} of {more} earlier sessions (the oldest: {})", oldest.whose()),
        })
    }

    /// Who captures there now, in one sentence; `None` when nobody does.
    pub fn users(&self) -> Option<String> {
        let all: Vec<String> = self.in_use.iter().map(Group::user).collect();
        (!all.is_empty()).then(|| format!("in use by {}", all.join(", ")))
    }
}

/// `1 process`, `3 processes`.
pub fn counted(number: usize, one: &str, more: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { more })
}

/// A time in the largest unit that it fills, rounded down.
fn rounded(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..3600 => format!("{} min", seconds / 60),
        seconds @ 3600..172_800 => format!("{} h", seconds / 3600),
        seconds => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, rounded};

    #[test]
    fn times_are_said_in_one_unit() {
        for (seconds, words) in
            [(0, "0 s"), (59, "59 s"), (60, "1 min"), (7200, "2 h"), (172_799, "47 h"), (172_800, "2 days")]
        {
            assert_eq!(rounded(Duration::from_secs(seconds)), words);
        }
    }
}
