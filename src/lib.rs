//! wrcap: capture packets on hosts behind bastions and watch them live in Wireshark.
//!
//! Four pure rooms ([`profile`], [`remote`], [`packet`], [`session`]) hold values and rules; [`engine`]
//! drives them against processes, sockets, files and clocks; [`cli`] and [`tui`] are its two fronts.
//! `ARCHITECTURE.md` shows the picture, `tests/layering/` holds the code to it.

pub mod cli;
pub mod engine;
pub mod packet;
pub mod profile;
pub mod remote;
pub mod session;
pub mod tui;
