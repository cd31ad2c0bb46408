//! What tests in the lab share: the lab itself, wrcap as a process, capture files.

pub(crate) mod disk;
pub(crate) mod files;
pub(crate) mod lab;
pub(crate) mod wrcap;

use std::time::{Duration, Instant};

/// For everything that should happen soon, on a machine that is busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Looks at short intervals until `holds`; false when `limit` is over.
pub(crate) fn holds_within(limit: Duration, mut holds: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + limit;
    while !holds() {
        if Instant::now() > end {
            return false;
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    true
}
