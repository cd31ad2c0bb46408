//! tcpdump's statistics, made monotonic.

/// tcpdump's counts at one moment: `N packets received by filter, N dropped by kernel, N dropped by interface`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KernelCounts {
    /// Received by filter, the dropped ones included (measured with tcpdump 4.99 on Linux).
    pub received: u64,
    /// Dropped by the kernel.
    pub dropped: u64,
    /// Dropped by the interface.
    pub interface_dropped: u64,
}

/// Sums of tcpdump's counts over 32-bit wrap-arounds (libpcap's `pcap_stat` has `u_int` fields).
#[derive(Debug, Clone, Copy, Default)]
pub struct DropLedger {
    last: KernelCounts,
    total: KernelCounts,
}

/// A step back by more than half of the range is a wrap-around of `pcap_stat`'s 32-bit counters;
/// a smaller one is a counter that jumped, which adds nothing.
fn advance(last: u64, now: u64) -> u64 {
    const RANGE: u64 = 1 << 32;
    if now >= last {
        now - last
    } else if last - now > RANGE / 2 {
        now + RANGE - last
    } else {
        0
    }
}

/// The ledgers of all interfaces of a capture, in its order.
#[derive(Debug, Clone, Default)]
pub struct Ledgers(Vec<DropLedger>);

impl Ledgers {
    /// So many tcpdumps count from zero; the sums stay.
    pub fn restart(&mut self, count: usize) {
        self.0.resize(count.max(self.0.len()), DropLedger::default());
        self.0.iter_mut().for_each(DropLedger::restart);
    }

    /// Takes a reading of one of them, as [`DropLedger::read`] does.
    pub fn read(&mut self, interface: usize, now: KernelCounts) -> u64 {
        self.0.get_mut(interface).map_or(0, |ledger| ledger.read(now))
    }

    /// The sums of one of them.
    pub fn of(&self, interface: usize) -> KernelCounts {
        self.0.get(interface).map(DropLedger::total).unwrap_or_default()
    }

    /// The sums of all.
    pub fn total(&self) -> KernelCounts {
        let add = |sum: KernelCounts, ledger: &DropLedger| KernelCounts {
            received: sum.received + ledger.total.received,
            dropped: sum.dropped + ledger.total.dropped,
            interface_dropped: sum.interface_dropped + ledger.total.interface_dropped,
        };
        self.0.iter().fold(KernelCounts::default(), add)
    }
}

impl DropLedger {
    /// Takes a reading; returns how many packets were dropped since the one before, and keeps the sums.
    pub fn read(&mut self, now: KernelCounts) -> u64 {
        let dropped = advance(self.last.dropped, now.dropped);
        let interface_dropped = advance(self.last.interface_dropped, now.interface_dropped);
        self.total.received += advance(self.last.received, now.received);
        self.total.dropped += dropped;
        self.total.interface_dropped += interface_dropped;
        self.last = now;
        dropped + interface_dropped
    }

    /// Another tcpdump counts from zero; the sums stay.
    pub fn restart(&mut self) {
        self.last = KernelCounts::default();
    }

    /// The sums so far.
    pub fn total(&self) -> KernelCounts {
        self.total
    }
}

#[cfg(test)]
mod tests {
    use super::{DropLedger, KernelCounts, Ledgers};

    fn counts(received: u64, dropped: u64) -> KernelCounts {
        KernelCounts { received, dropped, interface_dropped: 0 }
    }

    #[test]
    fn sums_differences() {
        let mut ledger = DropLedger::default();
        assert_eq!(ledger.read(counts(10, 3)), 3);
        assert_eq!(ledger.read(counts(20, 3)), 0);
        assert_eq!(ledger.read(counts(30, 5)), 2);
        assert_eq!(ledger.total(), counts(30, 5));
    }

    #[test]
    fn a_wrap_around_goes_on_counting() {
        let mut ledger = DropLedger::default();
        ledger.read(counts(u64::from(u32::MAX) - 1, u64::from(u32::MAX)));
        assert_eq!(ledger.read(counts(8, 4)), 5);
        assert_eq!(ledger.total(), counts((1 << 32) + 8, (1 << 32) + 4));
    }

    #[test]
    fn another_run_adds_to_the_one_before() {
        let mut ledger = DropLedger::default();
        ledger.read(counts(100, 7));
        ledger.restart();
        assert_eq!(ledger.read(counts(20, 3)), 3);
        assert_eq!(ledger.total(), counts(120, 10));
    }

    #[test]
    fn each_interface_has_a_ledger_of_its_own() {
        let mut ledgers = Ledgers::default();
        ledgers.restart(2);
        assert_eq!((ledgers.read(0, counts(10, 3)), ledgers.read(1, counts(5, 1))), (3, 1));
        assert_eq!(ledgers.read(0, counts(12, 3)), 0);
        ledgers.restart(2);
        assert_eq!(ledgers.read(1, counts(7, 2)), 2);
        assert_eq!((ledgers.of(0), ledgers.of(1)), (counts(12, 3), counts(12, 3)));
        assert_eq!(ledgers.total(), counts(24, 6));
    }

    #[test]
    fn a_counter_that_jumps_back_adds_nothing() {
        let mut ledger = DropLedger::default();
        ledger.read(counts(1000, 100));
        assert_eq!(ledger.read(counts(900, 90)), 0);
        assert_eq!(ledger.total(), counts(1000, 100));
    }
}
