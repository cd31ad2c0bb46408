//! `wrcap spool list`.

use std::{
    io::Write,
    time::{Duration, SystemTime},
};

use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr as _;

use super::stored;
use crate::{
    cli::{
        error::{CliError, put, sentence},
        json,
    },
    engine::{
        paths::Paths,
        spool::{About, StoredSpool},
    },
    remote::text::clean,
};

/// Shows the captures in the spool.
#[derive(Debug, Clone, clap::Args)]
pub struct ListArgs {
    /// One JSON object instead of a table
    #[arg(long)]
    pub json: bool,
}

/// A spool and how many packets are in it; `None` where it cannot be read.
type Counted = (StoredSpool, Option<u64>);

/// Prints a line for each.
pub(super) fn run(
    args: &ListArgs,
    paths: &Paths,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<(), CliError> {
    let count = |spool: &StoredSpool| Some(spool.snapshot().ok()?.survey().ok()?.packets());
    let all: Vec<Counted> =
        stored(paths)?.into_iter().map(|spool| (count(&spool), spool)).map(|(n, s)| (s, n)).collect();
    let now = SystemTime::now();
    if args.json {
        let spools: Vec<Value> = all.iter().map(|counted| to_json(counted, now)).collect();
        return put(out, json::line(&json!({"schema": 1, "spools": spools})));
    }
    if all.is_empty() {
        return put(err, sentence(&format!("nothing is in the spool {}", paths.spool.display()), None));
    }
    put(out, table(&all, now))
}

fn to_json((spool, packets): &Counted, now: SystemTime) -> Value {
    json!({
        "name": spool.name,
        "target": spool.about.as_ref().map(|about| &about.target),
        "interface": spool.about.as_ref().and_then(|about| about.interface.as_ref()),
        "started": spool.about.as_ref().map(|about| &about.started),
        "age_seconds": spool.age(now).as_secs(),
        "bytes": spool.bytes,
        "packets": packets,
        "state": state(spool).0,
        "path": spool.path.to_string_lossy(),
    })
}

/// For programs, and for people.
fn state(spool: &StoredSpool) -> (&'static str, &'static str) {
    match (spool.is_live, spool.has_ended) {
        (true, false) => ("live", "live"),
        // Its dashboard still runs, and will ask what becomes of it.
        (true, true) => ("ended", "ended, in use"),
        (false, _) => ("left", "left"),
    }
}

/// Aligned by display width, numbers to the right.
fn table(all: &[Counted], now: SystemTime) -> String {
    let heading = ["NAME", "TARGET", "STARTED", "LAST", "BYTES", "PACKETS", "STATE"].map(str::to_owned);
    let rows: Vec<[String; 7]> =
        std::iter::once(heading).chain(all.iter().map(|counted| row(counted, now))).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].width()).max().unwrap_or(0);
    let widths: [usize; 7] = std::array::from_fn(width);
    let line = |row: &[String; 7]| {
        let cells = row.iter().zip(widths).enumerate().map(|(column, (cell, width))| {
            let space = " ".repeat(width - cell.width());
            if (3..=5).contains(&column) { format!("{space}{cell}") } else { format!("{cell}{space}") }
        });
        format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

fn row((spool, packets): &Counted, now: SystemTime) -> [String; 7] {
    let about = spool.about.as_ref();
    let started = about.and_then(About::started).and_then(|at| jiff::Timestamp::try_from(at).ok());
    let started = started.map(|at| at.to_zoned(jiff::tz::TimeZone::system()).strftime("%F %T").to_string());
    [
        clean(&spool.name),
        about.map_or_else(|| "-".to_owned(), |about| clean(&about.target)),
        started.unwrap_or_else(|| "-".to_owned()),
        age(spool.age(now)),
        spool.bytes.to_string(),
        packets.map_or_else(|| "-".to_owned(), |packets| packets.to_string()),
        state(spool).1.to_owned(),
    ]
}

/// The largest unit that says something: `40s`, `12m`, `3h`, `2d`.
fn age(age: Duration) -> String {
    match age.as_secs() {
        seconds @ ..60 => format!("{seconds}s"),
        seconds @ ..3600 => format!("{}m", seconds / 60),
        seconds @ ..86_400 => format!("{}h", seconds / 3600),
        seconds => format!("{}d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_each_and_nothing_raw() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        let spool = StoredSpool {
            name: "shop-web-1-Ab3dE".into(),
            path: "/s/shop-web-1-Ab3dE".into(),
            about: Some(About::new("shop/\u{1b}[2Jweb-1".into(), now - Duration::from_secs(7300), None)),
            bytes: 123_456,
            written: now - Duration::from_secs(7200),
            is_live: false,
            has_ended: false,
        };
        let other = StoredSpool { name: "x".into(), about: None, is_live: true, ..spool.clone() };
        let held = StoredSpool { has_ended: true, ..other.clone() };
        let text = table(&[(spool.clone(), Some(42)), (other, None), (held.clone(), None)], now);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("NAME              TARGET"), "{text}");
        assert!(lines[1].ends_with("  2h  123456       42  left") && !text.contains('\u{1b}'), "{text}");
        assert!(lines[2].ends_with("  2h  123456        -  live"), "{text}");
        assert!(lines[3].ends_with("  2h  123456        -  ended, in use"), "{text}");
        assert_eq!(to_json(&(held, None), now)["state"], "ended");
        let value = to_json(&(spool, Some(42)), now);
        assert_eq!((&value["age_seconds"], &value["packets"]), (&7200.into(), &42.into()));
        for (seconds, text) in [(0, "0s"), (59, "59s"), (60, "1m"), (3600, "1h"), (86_400, "1d")] {
            assert_eq!(age(Duration::from_secs(seconds)), text);
        }
    }
}
