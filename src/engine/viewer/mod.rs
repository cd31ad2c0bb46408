//! Viewers: the socket they read from and the processes that are started for the user.

mod copy;
mod launch;
mod program;
mod server;

pub use copy::{Progress, copy};
pub use launch::{Exit, Launched, Terminal, launch};
pub use program::{Display, Feed, Program, find, has_display, program};
pub use server::ViewerServer;
