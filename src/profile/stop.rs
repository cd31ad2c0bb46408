//! `stop_after`: what ends a capture by itself.

use super::{
    field::{Field, Shape, from_duration, optional},
    target::StopAfter,
    unit::format_size,
    value,
};
use serde_yaml::Value;
use std::{ops::RangeInclusive, time::Duration};

const MONTH: Duration = Duration::from_secs(30 * 86_400);
const DURATION: RangeInclusive<Duration> = Duration::from_millis(1)..=MONTH;
const THEN: RangeInclusive<Duration> = Duration::ZERO..=MONTH;
const COUNT: RangeInclusive<u64> = 1..=1 << 53;

/// The conditions of `stop_after`.
pub(super) static STOP: [Field<StopAfter>; 6] = [
    Field::new(
        "duration",
        "Stop after this long.",
        Shape::Duration,
        |stop| stop.duration.map_or(Value::Null, from_duration),
        |stop, v| value::duration(v, &DURATION, false).map(|x| stop.duration = Some(x)),
    ),
    Field::new(
        "packets",
        "Stop after this many packets.",
        Shape::Number(COUNT),
        |stop| stop.packets.map_or(Value::Null, Value::from),
        |stop, v| value::number(v, &COUNT).map(|x| stop.packets = Some(x)),
    ),
    Field::new(
        "bytes",
        "Stop after this many captured bytes.",
        Shape::Size,
        |stop| stop.bytes.map_or(Value::Null, |bytes| format_size(bytes).into()),
        |stop, v| value::size(v, &COUNT).map(|x| stop.bytes = Some(x)),
    ),
    Field::new(
        "at",
        "Stop at this local time: 14:30 is the next time it is that, 2026-11-26 14:30 that day.",
        Shape::Moment,
        |stop| stop.at.map_or(Value::Null, |at| at.to_string().into()),
        |stop, v| value::moment(v).map(|x| stop.at = Some(x)),
    ),
    Field::new(
        "match",
        "Stop after the first packet that matches this pcap-filter expression.",
        Shape::Line,
        |stop| optional(stop.matching.as_deref()),
        |stop, v| value::line(v).map(|x| stop.matching = x),
    ),
    Field::new(
        "then",
        "How long after that packet; without it the packet is the last one.",
        Shape::Duration,
        |stop| stop.then.map_or(Value::Null, from_duration),
        |stop, v| value::duration(v, &THEN, false).map(|x| stop.then = Some(x)),
    ),
];
