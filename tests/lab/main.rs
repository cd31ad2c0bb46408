//! wrcap against a real bastion, real targets, sshd, sudo and tcpdump, in network namespaces (see `lab.sh`).
//!
//! As root on Linux with the tools; elsewhere each test says in a line why it is skipped. With `WRCAP_REQUIRE_LAB=1`
//! that is a failure.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "the helpers of tests are tests too"
)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../terminal/mod.rs"]
#[expect(dead_code, reason = "no use here for a terminal's settings")]
mod terminal;

mod bursts;
mod check;
mod crashes;
mod endings;
mod failures;
mod filters;
mod leftovers;
mod liar;
mod merged;
mod recording;
mod road;
mod scenarios;
mod secrets;
mod sharing;
mod silence;
mod soak;
mod stalled;
mod strangers;
mod streams;
mod switch;
mod triggers;
mod ways;
