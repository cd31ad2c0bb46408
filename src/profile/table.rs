//! All fields of a target: the one place that knows a key. Reading, writing, the schema and the suggestions for
//! mistyped keys are made from this table; the defaults are those of [`Target::new`].

use super::{
    check,
    field::{self, Field, Shape, from_duration, optional},
    hop::{self, HOP},
    nearest::nearest,
    problem::Invalid,
    rotate,
    target::{
        Delivery, Direction, HostKeyPolicy, Interface, MAX_SNAPLEN, OnViewerExit, Precision, Privilege,
        StopAfter, Target, Viewer,
    },
    template,
    unit::format_size,
    value::{self, did_you_mean},
    words::Words,
};
use serde_yaml::{Mapping, Value};
use std::{collections::BTreeMap, ops::RangeInclusive, path::Path, path::PathBuf, time::Duration};

const SECOND: Duration = Duration::from_secs(1);
const MONTH: Duration = Duration::from_secs(30 * 86_400);
const KEEPALIVE: RangeInclusive<Duration> = SECOND..=Duration::from_secs(86_400);
const LEASE: RangeInclusive<Duration> = Duration::from_secs(5)..=Duration::from_secs(86_400);
const RETRY_FOR: RangeInclusive<Duration> = SECOND..=MONTH;
const STOP_DURATION: RangeInclusive<Duration> = Duration::from_millis(1)..=MONTH;
const THEN: RangeInclusive<Duration> = Duration::ZERO..=MONTH;
/// tcpdump takes KiB and keeps bytes in an `int`.
const BUFFER: RangeInclusive<u64> = 1 << 10..=2047 << 20;
const SPOOL: RangeInclusive<u64> = 1_000_000..=1 << 44;
const COUNT: RangeInclusive<u64> = 1..=1 << 53;
/// How many interfaces one capture may have: sshd allows ten sessions of a connection unless told otherwise, and looks
/// go over it as well.
pub const MAX_INTERFACES: usize = 8;
const SNAPLEN: RangeInclusive<u64> = 0..=MAX_SNAPLEN as u64;

/// The keys of a site file and what they are for.
pub(super) const SITE: [(&str, &str); 3] = [
    ("via", "The bastions on the way to every target, outermost first."),
    ("defaults", "Fields for all targets that do not set them; bastions take user and identity from here."),
    ("targets", "The machines to capture on, by name."),
];

/// The conditions of `stop_after`.
pub(super) static STOP: [Field<StopAfter>; 6] = [
    Field::new(
        "duration",
        "Stop after this long.",
        Shape::Duration,
        |stop| stop.duration.map_or(Value::Null, from_duration),
        |stop, v| value::duration(v, &STOP_DURATION, false).map(|x| stop.duration = Some(x)),
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

/// The fields of a target. `host` is the first one, and the only one that a site's defaults cannot hold.
pub(super) static TARGET: [Field<Target>; 31] = [
    Field::new(
        "host",
        "The machine to capture on: name, address, or an alias of your ssh_config.",
        Shape::Line,
        |t| (HOP[0].get)(&t.host),
        |t, v| (HOP[0].set)(&mut t.host, v),
    ),
    Field::new(
        "port",
        "TCP port of sshd; without it ssh decides.",
        Shape::Number(1..=65535),
        |t| (HOP[1].get)(&t.host),
        |t, v| (HOP[1].set)(&mut t.host, v),
    ),
    Field::new(
        "user",
        "Login name; without it ssh decides.",
        Shape::Line,
        |t| (HOP[2].get)(&t.host),
        |t, v| (HOP[2].set)(&mut t.host, v),
    ),
    Field::new(
        "identity",
        "Private key file, ~ is expanded; without it ssh decides.",
        Shape::Line,
        |t| (HOP[3].get)(&t.host),
        |t, v| (HOP[3].set)(&mut t.host, v),
    ),
    Field::new(
        "via",
        "The bastions on the way, outermost first, in place of the site's; [] goes there directly.",
        Shape::Hops,
        |t| hop::written_all(&t.via),
        |t, v| hop::hops(v).map(|x| t.via = x),
    ),
    Field::new(
        "host_key",
        "What to do with a host key that is not known yet; a changed one is always refused.",
        Shape::Words(HostKeyPolicy::words),
        |t| optional(t.host_key.word()),
        |t, v| value::choice(v).map(|x| t.host_key = x),
    ),
    Field::new(
        "ssh_options",
        "More ssh_config keywords for every hop.",
        Shape::Options,
        |t| options_value(&t.ssh_options),
        |t, v| options(v).map(|x| t.ssh_options = x),
    ),
    Field::new(
        "keepalive",
        "How often ssh asks every hop for a sign of life; 0 is off.",
        Shape::Duration,
        |t| from_duration(t.keepalive),
        |t, v| value::duration(v, &KEEPALIVE, true).map(|x| t.keepalive = x),
    ),
    Field::new(
        "lease",
        "How long the target goes on capturing without hearing from us.",
        Shape::Duration,
        |t| from_duration(t.lease),
        |t, v| value::duration(v, &LEASE, false).map(|x| t.lease = x),
    ),
    Field::new(
        "compression",
        "Compress the ssh transport.",
        Shape::Switch,
        |t| t.compression.into(),
        |t, v| value::switch(v).map(|x| t.compression = x),
    ),
    Field::new(
        "reconnect",
        "Go on by itself after the capture broke off.",
        Shape::Switch,
        |t| t.reconnect.into(),
        |t, v| value::switch(v).map(|x| t.reconnect = x),
    ),
    Field::new(
        "retry_for",
        "How long reconnect tries to go on.",
        Shape::Duration,
        |t| from_duration(t.retry_for),
        |t, v| value::duration(v, &RETRY_FOR, false).map(|x| t.retry_for = x),
    ),
    Field::new(
        "interface",
        "Interface to capture on; auto is the one that holds the address we came in by. Several, as a list or with commas, are one capture.",
        Shape::WordsOrList(Interface::words),
        |t| Value::from(t.interface.to_string()),
        |t, v| interface(v).map(|x| t.interface = x),
    ),
    Field::new(
        "filter",
        "A pcap-filter expression; without it everything is captured.",
        Shape::Line,
        |t| optional(t.filter.as_deref()),
        |t, v| value::line(v).map(|x| t.filter = x),
    ),
    Field::new(
        "exclude_self",
        "Leave out the session's own transport.",
        Shape::Switch,
        |t| t.exclude_self.into(),
        |t, v| value::switch(v).map(|x| t.exclude_self = x),
    ),
    Field::new(
        "group",
        "A word to group targets by.",
        Shape::Line,
        |t| optional(t.group.as_deref()),
        |t, v| value::line(v).map(|x| t.group = x),
    ),
    Field::new(
        "note",
        "Free text.",
        Shape::Lines,
        |t| optional(t.note.as_deref()),
        |t, v| value::lines(v).map(|x| t.note = x),
    ),
    Field::new(
        "snaplen",
        "Bytes kept of each packet; 0 keeps all.",
        Shape::Number(SNAPLEN),
        |t| t.snaplen.into(),
        |t, v| snaplen(v).map(|x| t.snaplen = x),
    ),
    Field::new(
        "buffer",
        "The kernel's buffer on the target, which holds bursts; at most an eighth of its free memory.",
        Shape::Size,
        |t| format_size(t.buffer).into(),
        |t, v| value::size(v, &BUFFER).map(|x| t.buffer = x),
    ),
    Field::new(
        "direction",
        "Which packets, as the target sees them.",
        Shape::Words(Direction::words),
        |t| optional(t.direction.word()),
        |t, v| value::choice(v).map(|x| t.direction = x),
    ),
    Field::new(
        "promiscuous",
        "Put the interface into promiscuous mode.",
        Shape::Switch,
        |t| t.promiscuous.into(),
        |t, v| value::switch(v).map(|x| t.promiscuous = x),
    ),
    Field::new(
        "precision",
        "Resolution of timestamps.",
        Shape::Words(Precision::words),
        |t| optional(t.precision.word()),
        |t, v| value::choice(v).map(|x| t.precision = x),
    ),
    Field::new(
        "delivery",
        "batched holds bursts, immediate shows each packet at once.",
        Shape::Words(Delivery::words),
        |t| optional(t.delivery.word()),
        |t, v| value::choice(v).map(|x| t.delivery = x),
    ),
    Field::new(
        "privilege",
        "How to become allowed to capture; auto takes the first way that works.",
        Shape::Words(Privilege::words),
        |t| optional(t.privilege.word()),
        |t, v| value::choice(v).map(|x| t.privilege = x),
    ),
    Field::new(
        "command",
        "Your own capture command in place of tcpdump; it writes pcap or pcapng to its output.",
        Shape::Line,
        |t| optional(t.command.as_deref()),
        |t, v| value::line(v).map(|x| t.command = x),
    ),
    Field::new(
        "viewer",
        "What shows the packets: a known viewer, or a command ({} is the socket; without it the command reads its input).",
        Shape::WordsOr(Viewer::words),
        |t| viewer_value(&t.viewer),
        |t, v| viewer(v).map(|x| t.viewer = x),
    ),
    Field::new(
        "record",
        "Folder for kept captures, or their path with {site}, {target}, {interface} and {start} in its last part; ~ is expanded. Without it a capture is kept only when saved.",
        Shape::Line,
        |t| optional(t.record.as_deref().and_then(Path::to_str)),
        |t, v| record(v).map(|x| t.record = x),
    ),
    Field::new(
        "rotate",
        "When a kept capture goes on in another file, and how many files are kept.",
        Shape::Rotate,
        |t| rotate::written(&t.rotate),
        |t, v| rotate::set(&mut t.rotate, v),
    ),
    Field::new(
        "spool",
        "Budget for the packets of a session on this disk; beyond it the oldest go.",
        Shape::Size,
        |t| format_size(t.spool).into(),
        |t, v| value::size(v, &SPOOL).map(|x| t.spool = x),
    ),
    Field::new(
        "stop_after",
        "What ends a capture by itself; the first condition reached does.",
        Shape::Stop,
        |t| stop_value(&t.stop_after),
        |t, v| field::apply_first(&STOP, &mut t.stop_after, v),
    ),
    Field::new(
        "on_viewer_exit",
        "What closing the viewer does; without it the session stops, or goes on when it is recorded.",
        Shape::Words(OnViewerExit::words),
        |t| optional(t.on_viewer_exit.as_ref().and_then(Words::word)),
        |t, v| value::choice(v).map(|x| t.on_viewer_exit = Some(x)),
    ),
];

/// A path in which only known names stand in braces.
fn record(value: &Value) -> Result<Option<PathBuf>, Invalid> {
    let path = value::line(value)?.map(PathBuf::from);
    path.as_deref().map_or(Ok(()), template::check)?;
    Ok(path)
}

/// 0 keeps whole packets, as in tcpdump.
fn snaplen(value: &Value) -> Result<u32, Invalid> {
    let bytes = value::number(value, &SNAPLEN)?;
    Ok(u32::try_from(bytes).ok().filter(|bytes| *bytes > 0).unwrap_or(MAX_SNAPLEN))
}

/// A name, or several in a list or with commas.
fn interface(value: &Value) -> Result<Interface, Invalid> {
    let names: Vec<&str> = match value {
        Value::Sequence(names) => names.iter().map(value::text).collect::<Result<_, _>>()?,
        name => value::text(name)?.split(',').map(str::trim).collect(),
    };
    names.iter().try_for_each(|name| check::interface(name))?;
    match names[..] {
        [] => Err(Invalid::new("names no interface")),
        [name] => Ok(Interface::from_word(name).unwrap_or_else(|| Interface::Named(name.to_owned()))),
        _ => several(&names),
    }
}

fn several(names: &[&str]) -> Result<Interface, Invalid> {
    let twice = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name));
    if let Some((_, name)) = twice {
        return Err(Invalid::new(format!("names {name:?} twice")));
    }
    if names.iter().any(|name| Interface::from_word(name).is_some()) {
        return Err(Invalid::new("\"auto\" cannot be one of several").hint("name the interface itself"));
    }
    if names.len() > MAX_INTERFACES {
        return Err(Invalid::new(format!("names {} interfaces", names.len())).hint(format!(
            "one capture has {MAX_INTERFACES} at most, as each takes a channel of the connection"
        )));
    }
    Ok(Interface::Merged(names.iter().map(|name| (*name).to_owned()).collect()))
}

/// A viewer's word or a command. A single word that is nearly a viewer's is a slip and not a command.
fn viewer(value: &Value) -> Result<Viewer, Invalid> {
    let Some(text) = value::line(value)? else { return Err(Invalid::new("the viewer is empty")) };
    if let Some(known) = Viewer::from_word(&text) {
        return Ok(known);
    }
    match nearest(&text, Viewer::words()) {
        Some(near) => Err(Invalid::new(format!("{text:?} is no viewer"))
            .hint(format!("{} A command of your own is written with its path.", did_you_mean(near)))),
        None => Ok(Viewer::Command(text)),
    }
}

fn viewer_value(viewer: &Viewer) -> Value {
    match viewer {
        Viewer::Command(command) => command.as_str().into(),
        known => optional(known.word()),
    }
}

/// `ssh_options`: keywords to values; numbers and switches are written as ssh reads them.
fn options(value: &Value) -> Result<BTreeMap<String, String>, Invalid> {
    value::map(value)?.iter().map(|(key, value)| option(key, value)).collect()
}

fn option(key: &Value, value: &Value) -> Result<(String, String), Invalid> {
    let keyword = value::key(key)?;
    check::ssh_keyword(keyword).map_err(|invalid| invalid.under_key(keyword))?;
    let text = match value {
        Value::Bool(true) => Ok(Some("yes".to_owned())),
        Value::Bool(false) => Ok(Some("no".to_owned())),
        Value::Number(number) => Ok(Some(number.to_string())),
        other => value::line(other),
    };
    let text = text.and_then(|text| text.ok_or_else(|| Invalid::new("has no value")));
    Ok((keyword.to_owned(), text.map_err(|invalid| invalid.under_key(keyword))?))
}

fn options_value(options: &BTreeMap<String, String>) -> Value {
    let pair = |(key, value): (&String, &String)| (Value::from(key.as_str()), Value::from(value.as_str()));
    Value::Mapping(options.iter().map(pair).collect())
}

fn stop_value(stop: &StopAfter) -> Value {
    let pair = |field: &Field<StopAfter>| (Value::from(field.key), (field.get)(stop));
    let set: Mapping = STOP.iter().map(pair).filter(|(_, value)| !value.is_null()).collect();
    if set.is_empty() { Value::Null } else { Value::Mapping(set) }
}

#[cfg(test)]
mod tests {
    use super::TARGET;
    use crate::profile::{
        parse_site,
        target::{Hop, Target, TargetName},
    };

    fn plain() -> Target {
        Target::new(TargetName { site: "s".into(), target: "all".into() }, Hop::default())
    }

    /// The fixture sets every field to something else than its default.
    #[test]
    fn every_field_comes_out_as_it_went_in() {
        let text = include_str!("../../tests/profiles/valid/every-field.yaml");
        let full = parse_site("s", text).unwrap().targets.remove(0);
        let mut copy = plain();
        for field in &TARGET {
            let value = (field.get)(&full);
            if field.key != "snaplen" {
                assert_ne!(value, (field.get)(&plain()), "{} is not in the fixture", field.key);
            }
            (field.set)(&mut copy, &value).unwrap();
            assert_eq!((field.get)(&copy), value, "{}", field.key);
        }
        assert_eq!(copy, full);
    }

    #[test]
    fn defaults_are_values_that_could_be_written() {
        for field in TARGET.iter().skip(1) {
            let value = (field.get)(&plain());
            assert!(value.is_null() || (field.set)(&mut plain(), &value).is_ok(), "{}", field.key);
        }
        assert_eq!(TARGET[0].key, "host", "the defaults leave out the first field");
    }
}
