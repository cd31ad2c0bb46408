//! Everything that touches the world: processes, sockets, files, clocks.
