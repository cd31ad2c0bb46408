//! All fields of a target: the one place that knows a key. Reading, writing, the schema and the suggestions for
//! mistyped keys are made from this table; the defaults are those of [`Target::new`].

mod values;

use super::{
    field::{self, Field, Shape, from_duration, optional},
    hop::{self, HOP},
    rotate::{self, ROTATE},
    stop::STOP,
    target::{
        Delivery, Direction, HostKeyPolicy, Interface, OnViewerExit, Precision, Privilege, Target, Viewer,
    },
    unit::format_size,
    value,
    words::Words,
};
use serde_yaml::Value;
use std::{ops::RangeInclusive, path::Path, time::Duration};
pub use values::MAX_INTERFACES;
use values::{SNAPLEN, interface, options, options_value, record, snaplen, viewer, viewer_value};

const SECOND: Duration = Duration::from_secs(1);
const MONTH: Duration = Duration::from_secs(30 * 86_400);
const KEEPALIVE: RangeInclusive<Duration> = SECOND..=Duration::from_secs(86_400);
const LEASE: RangeInclusive<Duration> = Duration::from_secs(5)..=Duration::from_secs(86_400);
const RETRY_FOR: RangeInclusive<Duration> = SECOND..=MONTH;
/// tcpdump takes KiB and keeps bytes in an `int`.
const BUFFER: RangeInclusive<u64> = 1 << 10..=2047 << 20;
const SPOOL: RangeInclusive<u64> = 1_000_000..=1 << 44;

/// The keys of a site file and what they are for.
pub(super) const SITE: [(&str, &str); 3] = [
    ("via", "The bastions on the way to every target, outermost first."),
    ("defaults", "Fields for all targets that do not set them; bastions take user and identity from here."),
    ("targets", "The machines to capture on, by name."),
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
        |t| field::written(&ROTATE, &t.rotate),
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
        |t| field::written(&STOP, &t.stop_after),
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
