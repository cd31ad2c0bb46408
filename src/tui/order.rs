//! The order of rows: by which column, and which way.

use std::cmp::Ordering;

use super::{sessions::Session, used::Used};
use crate::profile::{Interface, Target};

/// What a list can be sorted by. The first one is what a list begins with.
pub(crate) trait Key: Copy + PartialEq + 'static {
    /// All of them, in the order in which they are tried.
    const ALL: &'static [Self];

    /// Its name, for the section's title and for what is kept between runs.
    fn name(self) -> &'static str;

    /// The one with this name.
    fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|key| key.name() == name)
    }

    /// The one after it, around.
    fn next(self) -> Self {
        let at = Self::ALL.iter().position(|key| *key == self).unwrap_or(0);
        Self::ALL.get((at + 1) % Self::ALL.len()).copied().unwrap_or(self)
    }
}

/// How a list is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Sort<K> {
    /// By what.
    pub(crate) key: K,
    /// The other way round.
    pub(crate) reversed: bool,
}

impl<K: Key> Sort<K> {
    /// Sorts by the next column.
    pub(crate) fn advance(&mut self) {
        *self = Self { key: self.key.next(), reversed: false };
    }

    /// Sorts by this column; where it did, the other way round.
    pub(crate) fn choose(&mut self, key: K) {
        let reversed = self.key == key && !self.reversed;
        *self = Self { key, reversed };
    }

    /// Turns the order around.
    pub(crate) fn reverse(&mut self) {
        self.reversed = !self.reversed;
    }

    /// For the section's title: `by rate`, `by rate, reversed`.
    pub(crate) fn status(self) -> String {
        let reversed = if self.reversed { ", reversed" } else { "" };
        format!("by {}{reversed}", self.key.name())
    }

    fn turned(self, order: Ordering) -> Ordering {
        if self.reversed { order.reverse() } else { order }
    }
}

/// What sessions can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum SessionKey {
    /// What needs the user first.
    #[default]
    Need,
    /// `site/target`.
    Name,
    /// The interface.
    Interface,
    /// Bits a second, most first.
    Rate,
    /// Packets a second, most first.
    Packets,
    /// Captured bytes, most first.
    Captured,
    /// Dropped packets, most first.
    Drops,
    /// The age of the last sign of life, oldest first.
    Link,
    /// How long it has been, longest first.
    Time,
}

impl Key for SessionKey {
    const ALL: &'static [Self] = &[
        Self::Need,
        Self::Name,
        Self::Interface,
        Self::Rate,
        Self::Packets,
        Self::Captured,
        Self::Drops,
        Self::Link,
        Self::Time,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Need => "need",
            Self::Name => "profile",
            Self::Interface => "interface",
            Self::Rate => "rate",
            Self::Packets => "packets",
            Self::Captured => "captured",
            Self::Drops => "drops",
            Self::Link => "link",
            Self::Time => "time",
        }
    }
}

impl Sort<SessionKey> {
    /// Which of two sessions comes first; equal ones stay in the order in which they were started.
    pub(crate) fn compare(self, a: &Session, b: &Session) -> Ordering {
        let order = match self.key {
            SessionKey::Need => a.standing().rank().cmp(&b.standing().rank()),
            SessionKey::Name => a.name.cmp(&b.name),
            SessionKey::Interface => a.interface.cmp(&b.interface),
            SessionKey::Rate => b.shown_rate().bytes.total_cmp(&a.shown_rate().bytes),
            SessionKey::Packets => b.shown_rate().packets.total_cmp(&a.shown_rate().packets),
            SessionKey::Captured => b.sample.captured_bytes.cmp(&a.sample.captured_bytes),
            SessionKey::Drops => b.sample.dropped().cmp(&a.sample.dropped()),
            SessionKey::Link => a.heard().cmp(&b.heard()),
            SessionKey::Time => a.since().cmp(&b.since()),
        };
        self.turned(order)
    }
}

/// What the targets of a site can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum ProfileKey {
    /// As in the file.
    #[default]
    File,
    /// The target's own name.
    Name,
    /// The machine.
    Host,
    /// The interface.
    Interface,
    /// The capture filter.
    Filter,
    /// The last use, latest first.
    Used,
}

impl Key for ProfileKey {
    const ALL: &'static [Self] =
        &[Self::File, Self::Name, Self::Host, Self::Interface, Self::Filter, Self::Used];

    fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Name => "name",
            Self::Host => "host",
            Self::Interface => "interface",
            Self::Filter => "filter",
            Self::Used => "last used",
        }
    }
}

impl Sort<ProfileKey> {
    /// Puts the places of a site's targets in order.
    pub(crate) fn arrange(self, places: &mut [usize], targets: &[Target], used: &Used) {
        let interface =
            |target: &Target| (target.interface != Interface::Auto).then(|| target.interface.to_string());
        places.sort_by(|a, b| {
            let (Some(left), Some(right)) = (targets.get(*a), targets.get(*b)) else { return a.cmp(b) };
            let order = match self.key {
                ProfileKey::File => a.cmp(b),
                ProfileKey::Name => left.name.target.cmp(&right.name.target),
                ProfileKey::Host => left.host.host.cmp(&right.host.host),
                ProfileKey::Interface => interface(left).cmp(&interface(right)),
                ProfileKey::Filter => left.filter.cmp(&right.filter),
                ProfileKey::Used => used.of(&right.name).cmp(&used.of(&left.name)),
            };
            self.turned(order)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::{Key, ProfileKey, SessionKey, Sort};

    fn every_key_is_reached<K: Key + Default + std::fmt::Debug>() {
        let mut sort = Sort::<K>::default();
        for key in K::ALL {
            assert_eq!(sort.key, *key);
            assert_eq!(K::named(key.name()), Some(*key));
            sort.advance();
        }
        assert_eq!(sort.key, K::default(), "around");
    }

    #[test]
    fn keys_go_around() {
        every_key_is_reached::<SessionKey>();
        every_key_is_reached::<ProfileKey>();
    }
}
