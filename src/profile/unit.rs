//! Sizes and durations as people write them.

use std::time::Duration;

/// The units of sizes, and the bytes each stands for.
const UNITS: [(&str, u64); 7] = [
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("kB", 1_000),
    ("B", 1),
];

/// The bytes that `32MiB`, `100MB` or a bare `4096` stand for; `None` for anything else. Upper and lower
/// case of units are the same, as no unit of ours differs by it alone.
pub fn parse_size(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (count, unit) = text.split_at(digits);
    let unit = unit.trim_start();
    let bytes = match unit {
        "" => 1,
        _ => UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit))?.1,
    };
    count.parse::<u64>().ok()?.checked_mul(bytes)
}

/// `bytes` in the largest unit that holds it without a fraction.
pub(super) fn format_size(bytes: u64) -> String {
    let (unit, size) =
        UNITS.into_iter().find(|(_, size)| bytes != 0 && bytes.is_multiple_of(*size)).unwrap_or(("B", 1));
    format!("{}{unit}", bytes / size)
}

/// `60s`, `1m 30s`, or a bare number of seconds; `None` for anything else.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    match text.parse::<u64>() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => humantime::parse_duration(text).ok(),
    }
}

/// `duration` as the profile would have it: seconds up to two minutes, larger units above.
pub(super) fn format_duration(duration: Duration) -> String {
    if duration.subsec_nanos() == 0 && duration.as_secs() <= 120 {
        format!("{}s", duration.as_secs())
    } else {
        humantime::format_duration(duration).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::{format_duration, format_size, parse_duration, parse_size};
    use proptest::prelude::*;
    use std::time::Duration;

    #[test]
    fn sizes_by_unit() {
        for (text, bytes) in [
            ("0", Some(0)),
            ("4096", Some(4096)),
            ("512B", Some(512)),
            ("64KiB", Some(65536)),
            ("32 MiB", Some(32 << 20)),
            ("32mib", Some(32 << 20)),
            ("2GiB", Some(2 << 30)),
            ("100MB", Some(100_000_000)),
            ("1kB", Some(1000)),
            ("", None),
            ("MiB", None),
            ("1.5GiB", None),
            ("-1", None),
            ("1M", None),
            ("99999999999GiB", None),
        ] {
            assert_eq!(parse_size(text), bytes, "{text}");
        }
    }

    #[test]
    fn durations_by_unit() {
        for (text, seconds) in [
            ("60s", Some(60)),
            ("1m 30s", Some(90)),
            ("1m30s", Some(90)),
            ("45", Some(45)),
            ("1h", Some(3600)),
        ] {
            assert_eq!(parse_duration(text), seconds.map(Duration::from_secs), "{text}");
        }
        for text in ["", "s", "-5s", "5 parsecs", "99999999999999999999s"] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(bytes: u64, millis in 0_u64..1 << 40) {
            prop_assert_eq!(parse_size(&format_size(bytes)), Some(bytes));
            let duration = Duration::from_millis(millis);
            prop_assert_eq!(parse_duration(&format_duration(duration)), Some(duration));
        }
    }
}
