//! Everything that touches the world: processes, sockets, files, clocks.

mod atomic;
pub mod paths;
pub mod select;
pub mod store;
