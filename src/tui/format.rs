//! Numbers, times and ages as text of a known greatest width, so that columns never jump.

use std::time::{Duration, SystemTime};

use jiff::{Timestamp, tz::TimeZone};

/// Three significant digits at most: `0`, `8.2`, `31.4`, `999`; four cells at most.
fn digits(value: f64) -> String {
    match value {
        v if v < 0.05 => "0".to_owned(),
        v if v < 99.95 => format!("{v:.1}"),
        v => format!("{v:.0}"),
    }
}

/// `value` divided by 1000 until it is below 999.5, and how often that was.
fn scale(mut value: f64, steps: usize) -> (f64, usize) {
    let mut step = 0;
    while value >= 999.5 && step < steps {
        value /= 1000.0;
        step += 1;
    }
    (value, step)
}

fn unit<'a>(units: &[&'a str], step: usize) -> &'a str {
    units.get(step).copied().unwrap_or("")
}

/// Bytes a second as bits a second: `31.4 Mb/s`; nine cells at most.
pub(crate) fn rate(bytes_per_second: f64) -> String {
    const UNITS: [&str; 5] = ["b/s", "kb/s", "Mb/s", "Gb/s", "Tb/s"];
    let (value, step) = scale(bytes_per_second * 8.0, UNITS.len() - 1);
    match step {
        0 => format!("{value:.0}  {}", unit(&UNITS, step)),
        _ => format!("{} {}", digits(value), unit(&UNITS, step)),
    }
}

/// Packets a second: `41`, `5.9k`, `120k`; four cells, five from a thousand on.
pub(crate) fn packets(per_second: f64) -> String {
    const UNITS: [&str; 4] = ["", "k", "M", "G"];
    let (value, step) = scale(per_second, UNITS.len() - 1);
    match step {
        0 => format!("{value:.0}"),
        _ => format!("{}{}", digits(value), unit(&UNITS, step)),
    }
}

/// Octets: `0`, `512  B`, `88.0 MB`, `1.21 GB`; seven cells at most.
pub(crate) fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["B", "kB", "MB", "GB", "TB", "PB"];
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let (value, step) = scale(bytes as f64, UNITS.len() - 1);
    match (step, value) {
        (0, _) => format!("{value:.0}  B"),
        (_, v) if v < 9.995 => format!("{v:.2} {}", unit(&UNITS, step)),
        (_, v) => format!("{} {}", digits(v), unit(&UNITS, step)),
    }
}

/// A size as people choose them: `32 MiB`, `2 GiB`, otherwise like [`bytes`].
pub(crate) fn size(octets: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let round = UNITS.iter().find(|(unit, _)| octets > 0 && octets.is_multiple_of(*unit));
    round.map_or_else(|| bytes(octets).replace("  ", " "), |(unit, word)| format!("{} {word}", octets / unit))
}

/// `part` of `whole` in percent: `0`, `<0.01%`, `0.02%`, `12.3%`, `100%`; six cells at most.
pub(crate) fn share(part: u64, whole: u64) -> String {
    if part == 0 {
        return "0".to_owned();
    }
    #[expect(clippy::cast_precision_loss, reason = "two digits are shown")]
    let percent = part as f64 * 100.0 / whole.max(part) as f64;
    match percent {
        p if p < 0.01 => "<0.01%".to_owned(),
        p if p < 9.995 => format!("{p:.2}%"),
        p => format!("{}%", digits(p)),
    }
}

/// Hours, minutes, seconds: `0:19:38`, from ten hours on `12h 02m`; seven cells at most in the first hundred
/// days.
pub(crate) fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    match hours {
        0..10 => format!("{hours}:{minutes:02}:{:02}", seconds % 60),
        10..100 => format!("{hours}h {minutes:02}m"),
        _ => format!("{}d {:02}h", hours / 24, hours % 24),
    }
}

/// Minutes and seconds in running text: `0:12`, from an hour on `1:02:11`.
pub(crate) fn stretch(span: Duration) -> String {
    let seconds = span.as_secs();
    if seconds < 3600 { format!("{}:{:02}", seconds / 60, seconds % 60) } else { self::span(span) }
}

/// One number and a unit: `24s`, `12m`, `3h`; four cells at most.
pub(crate) fn age(age: Duration) -> String {
    match age.as_secs() {
        seconds @ 0..100 => format!("{seconds}s"),
        seconds @ 100..6000 => format!("{}m", seconds / 60),
        seconds => format!("{}h", seconds / 3600),
    }
}

/// The time of day with seconds: `14:03:27`.
pub(crate) fn clock(at: SystemTime, zone: &TimeZone) -> String {
    Timestamp::try_from(at).map_or_else(
        |_| "--:--:--".to_owned(),
        |at| at.to_zoned(zone.clone()).strftime("%H:%M:%S").to_string(),
    )
}

/// A whole number in groups of three: `6 204 118`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.char_indices() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// A round number for a scale: `500`, `2k`, `60M`; four cells at most.
pub(crate) fn magnitude(value: f64) -> String {
    const UNITS: [&str; 5] = ["", "k", "M", "G", "T"];
    let (value, step) = scale(value, UNITS.len() - 1);
    format!("{value:.0}{}", unit(&UNITS, step))
}

/// `1 capture`, `2 captures`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{age, bytes, packets, rate, share, span, stretch};

    #[test]
    fn numbers_keep_three_digits_and_their_width() {
        assert_eq!(rate(0.0), "0  b/s");
        assert_eq!(rate(125.0), "1.0 kb/s");
        assert_eq!(rate(3_925_000.0), "31.4 Mb/s");
        assert_eq!(rate(124_999_999.0), "1.0 Gb/s");
        assert_eq!((packets(41.2).as_str(), packets(5_900.0).as_str()), ("41", "5.9k"));
        assert_eq!((bytes(0).as_str(), bytes(1_210_000_000).as_str()), ("0  B", "1.21 GB"));
        assert_eq!((bytes(999_999).as_str(), bytes(88_000_000).as_str()), ("1.00 MB", "88.0 MB"));
        for exponent in 0..19 {
            for digit in [1, 5, 9] {
                let value = digit * 10_u64.pow(exponent);
                assert!(bytes(value).len() <= 7, "{}", bytes(value));
                assert!(share(1, value).len() <= 6);
                assert!(age(Duration::from_secs(value.min(30_000_000))).len() <= 5);
                assert!(span(Duration::from_secs(value.min(8_000_000))).len() <= 7);
                #[expect(clippy::cast_precision_loss, reason = "test values")]
                let value = value.min(10_u64.pow(13)) as f64;
                assert!(rate(value).len() <= 9, "{}", rate(value));
                assert!(packets(value / 100.0).len() <= 5, "{}", packets(value / 100.0));
            }
        }
    }

    #[test]
    fn shares_never_hide_a_drop() {
        assert_eq!(share(0, 0), "0");
        assert_eq!(share(1, 10_000_000), "<0.01%");
        assert_eq!(share(2, 10_000), "0.02%");
        assert_eq!(share(1, 1), "100%");
        assert_eq!(share(5, 0), "100%");
    }

    #[test]
    fn times_read_like_clocks() {
        assert_eq!(span(Duration::from_secs(3731)), "1:02:11");
        assert_eq!(span(Duration::from_secs(43_320)), "12h 02m");
        assert_eq!(stretch(Duration::from_secs(12)), "0:12");
        assert_eq!(age(Duration::from_secs(24)), "24s");
    }
}
