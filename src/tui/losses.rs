//! Every place where packets can be lost, as a list: one more place is one more row here.

use std::time::Duration;

use super::sessions::Session;
use crate::session::Sample;

/// A place where packets can be lost.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// Its name where there is room.
    long: &'static str,
    /// Its name where there is not.
    short: &'static str,
    /// What a sample says of it.
    count: fn(&Sample) -> u64,
    /// What that is a share of.
    whole: fn(&Sample) -> u64,
    /// Whose count it is.
    source: Source,
    /// What to know about it.
    note: fn(&Session) -> String,
}

/// Whose count a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// tcpdump's on the target, which tells when it is asked.
    Target,
    /// Our own, at any time.
    Here,
}

/// How old a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AsOf {
    /// Counted here.
    Now,
    /// Read from the target this long ago.
    Ago(Duration),
    /// Not read yet.
    Never,
}

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Loss {
    /// The place, with room and without.
    pub(crate) place: (&'static str, &'static str),
    /// How many packets; `None` if nobody knows yet.
    pub(crate) count: Option<u64>,
    /// Of how many.
    pub(crate) whole: u64,
    /// How many of them in the last ten seconds.
    pub(crate) recent: u64,
    /// How old the number is.
    pub(crate) as_of: AsOf,
    /// What to know about it.
    pub(crate) note: String,
}

fn nothing(_: &Session) -> String {
    String::new()
}

fn budget(session: &Session) -> String {
    let stored = super::format::bytes(session.sample.stored_bytes).replace("  ", " ");
    match &session.facts.target {
        Some(target) if target.record.is_none() => {
            format!("{stored} of {}", super::format::size(target.spool))
        }
        _ => stored,
    }
}

fn snaplen(session: &Session) -> String {
    match session.facts.target.as_ref().map(|target| target.snaplen) {
        None => String::new(),
        Some(0) => "whole packets".to_owned(),
        Some(bytes) => format!("{bytes} bytes kept of each"),
    }
}

/// In the order of the road.
const PLACES: [Place; 4] = [
    Place {
        long: "target kernel (tcpdump)",
        short: "target kernel",
        count: |sample| sample.kernel_dropped,
        whole: |sample| sample.kernel_received,
        source: Source::Target,
        note: nothing,
    },
    Place {
        long: "target interface",
        short: "target interface",
        count: |sample| sample.interface_dropped,
        whole: |sample| sample.kernel_received,
        source: Source::Target,
        note: nothing,
    },
    Place {
        long: "cut by the snaplen",
        short: "cut by snaplen",
        count: |sample| sample.truncated,
        whole: |sample| sample.packets,
        source: Source::Here,
        note: snaplen,
    },
    Place {
        long: "pushed out of the spool",
        short: "spool",
        count: |sample| sample.evicted_packets,
        whole: |sample| sample.packets,
        source: Source::Here,
        note: budget,
    },
];

/// The rows of a session, worst first.
pub(crate) fn of(session: &Session, now: std::time::Instant) -> Vec<Loss> {
    let (sample, before) = (&session.sample, session.facts.past.sample(now));
    let age = session.facts.past.reading_age(now);
    let mut rows: Vec<Loss> = PLACES
        .iter()
        .map(|place| {
            let as_of = match (place.source, age) {
                (Source::Here, _) => AsOf::Now,
                (Source::Target, Some(age)) => AsOf::Ago(age),
                (Source::Target, None) => AsOf::Never,
            };
            let count = (place.count)(sample);
            Loss {
                place: (place.long, place.short),
                count: (as_of != AsOf::Never || count > 0).then_some(count),
                whole: (place.whole)(sample),
                recent: count.saturating_sub((place.count)(&before)),
                as_of,
                note: (place.note)(session),
            }
        })
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.count.unwrap_or(0)));
    rows
}
