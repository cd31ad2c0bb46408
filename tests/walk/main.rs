//! The whole way of a user through the dashboard: the built program on a real terminal, in the real lab.
//!
//! As root on Linux with the tools; elsewhere each test says in a line why it is skipped. With `WRCAP_REQUIRE_LAB=1`
//! that is a failure.

#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

#[path = "../desk/mod.rs"]
mod desk;

mod bastion;
mod endings;
mod first_run;
mod marks;
mod secrets;
mod steps;
mod storm;
