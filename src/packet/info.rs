//! What streams are made of: packets, interfaces, statistics. The reader gives them, the writer takes them.

use std::time::Duration;

/// One captured packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet<'a> {
    /// Number of its interface, counted from 0 through the whole stream.
    pub interface: u32,
    /// Time since 1970 in units of the interface's [`Resolution`], before its offset is added. From pcap:
    /// seconds times units plus the fraction as given, also when that fraction is more than a second.
    /// 0 from pcapng's simple packets, which have no time.
    pub timestamp: u64,
    /// Length on the wire, bytes.
    pub original_len: u32,
    /// The bytes captured, from the link layer on.
    pub data: &'a [u8],
    /// What its source said about it beyond that (pcapng only).
    pub notes: PacketNotes<'a>,
}

/// What can be said about a packet beyond itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PacketNotes<'a> {
    /// Packets lost on this interface since the packet before (`epb_dropcount`); 0: none, or not known.
    pub drop_count: u64,
    /// Direction and link-layer errors (`epb_flags`); 0: not known.
    pub flags: u32,
    /// A remark for people (`opt_comment`).
    pub comment: Option<&'a str>,
}

impl PacketNotes<'_> {
    /// Whether nothing is noted.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.drop_count == 0 && self.flags == 0 && self.comment.is_none()
    }
}

/// An interface packets were captured on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InterfaceInfo {
    /// Link type (`LINKTYPE_*`), without the FCS bits pcap puts above it.
    pub linktype: u16,
    /// Most bytes captured of one packet; 0: no limit.
    pub snaplen: u32,
    /// Unit of its packets' timestamps.
    pub resolution: Resolution,
    /// Seconds to add to its packets' timestamps.
    pub offset: i64,
    /// Name, such as `eth0`.
    pub name: Option<String>,
    /// Description. Wireshark's file properties show it in place of the name.
    pub description: Option<String>,
    /// Capture filter in pcap's language.
    pub filter: Option<String>,
    /// Operating system of the machine.
    pub os: Option<String>,
}

/// Unit of timestamps: a negative power of 10 or of 2 of a second, as `if_tsresol` has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resolution(u8);

/// Set: the exponent is one of 2, not of 10.
const BINARY: u8 = 0x80;

impl Resolution {
    /// Microseconds: pcap's usual unit and pcapng's default.
    pub const MICRO: Self = Self(6);
    /// Nanoseconds.
    pub const NANO: Self = Self(9);

    /// From the `if_tsresol` byte; `None` for units so small that a second of them is over 64 bits.
    pub fn from_option(byte: u8) -> Option<Self> {
        let limit = if byte & BINARY == 0 { 19 } else { BINARY | 63 };
        (byte <= limit).then_some(Self(byte))
    }

    /// The `if_tsresol` byte.
    pub fn option(self) -> u8 {
        self.0
    }

    /// Units in a second.
    pub fn per_second(self) -> u64 {
        match self.0 & BINARY {
            0 => 10_u64.pow(u32::from(self.0)),
            _ => 1 << (self.0 & !BINARY),
        }
    }

    /// A time since 1970 in this unit; the largest number when that is over 64 bits.
    pub fn units(self, since_epoch: Duration) -> u64 {
        let units = since_epoch.as_nanos().checked_mul(u128::from(self.per_second()));
        units.and_then(|units| u64::try_from(units / 1_000_000_000).ok()).unwrap_or(u64::MAX)
    }
}

impl Default for Resolution {
    fn default() -> Self {
        Self::MICRO
    }
}

/// Counters of an interface, `None` where nobody counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct InterfaceStatistics {
    /// Number of the interface, as in [`Packet::interface`].
    pub interface: u32,
    /// When this was counted, in units of the interface's resolution.
    pub timestamp: u64,
    /// When the capture began, same unit.
    pub start: Option<u64>,
    /// When it ended, same unit.
    pub end: Option<u64>,
    /// Packets the interface received.
    pub received: Option<u64>,
    /// Packets the interface or its driver dropped.
    pub interface_dropped: Option<u64>,
    /// Packets the filter let through.
    pub filter_accepted: Option<u64>,
    /// Packets the kernel dropped for want of buffer.
    pub os_dropped: Option<u64>,
    /// Packets that reached the capture.
    pub delivered: Option<u64>,
}

impl InterfaceStatistics {
    /// Two accounts of one interface, one after the other, as one.
    #[must_use]
    pub fn plus(self, later: Self) -> Self {
        let sum = |a: Option<u64>, b: Option<u64>| a.zip(b).map(|(a, b)| a.saturating_add(b)).or(a).or(b);
        Self {
            interface: self.interface,
            timestamp: later.timestamp,
            start: self.start.or(later.start),
            end: later.end.or(self.end),
            received: sum(self.received, later.received),
            interface_dropped: sum(self.interface_dropped, later.interface_dropped),
            filter_accepted: sum(self.filter_accepted, later.filter_accepted),
            os_dropped: sum(self.os_dropped, later.os_dropped),
            delivered: sum(self.delivered, later.delivered),
        }
    }
}

/// What a pcapng section says of its making.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SectionInfo<'a> {
    /// Program and version that writes it.
    pub application: &'a str,
    /// Hardware it was captured on.
    pub hardware: Option<&'a str>,
    /// Operating system it was captured on.
    pub os: Option<&'a str>,
    /// A remark for people.
    pub comment: Option<&'a str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolutions_are_powers_of_ten_or_two() {
        for (byte, per_second) in [
            (0, Some(1)),
            (6, Some(1_000_000)),
            (9, Some(1_000_000_000)),
            (19, Some(10_000_000_000_000_000_000)),
            (20, None),
            (0x7f, None),
            (0x80, Some(1)),
            (0x94, Some(1 << 20)),
            (0xbf, Some(1 << 63)),
            (0xc0, None),
            (0xff, None),
        ] {
            let resolution = Resolution::from_option(byte);
            assert_eq!(resolution.map(Resolution::per_second), per_second, "{byte:#x}");
            assert!(resolution.is_none_or(|resolution| resolution.option() == byte));
        }
    }

    #[test]
    fn times_are_counted_in_units() {
        let time = Duration::new(1_700_000_000, 123_456_789);
        assert_eq!(Resolution::MICRO.units(time), 1_700_000_000_123_456);
        assert_eq!(Resolution::NANO.units(time), 1_700_000_000_123_456_789);
        assert_eq!(Resolution::from_option(0x81).map(|half| half.units(time)), Some(3_400_000_000));
        assert_eq!(Resolution::from_option(19).map(|tiny| tiny.units(time)), Some(u64::MAX));
        assert_eq!(Resolution::NANO.units(Duration::MAX), u64::MAX);
    }
}
