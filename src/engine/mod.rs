//! Everything that touches the world: processes, sockets, files, clocks.

pub mod askpass;
pub mod master;
