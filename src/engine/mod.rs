//! Everything that touches the world: processes, sockets, files, clocks.

pub mod askpass;
mod atomic;
pub mod bastions;
pub mod check;
pub mod clean;
mod client;
mod dispatcher;
mod event;
mod folder;
mod guarded;
pub mod hook;
mod look;
pub mod master;
pub mod paths;
mod process;
pub mod profiles;
pub mod pump;
pub mod select;
mod session;
pub mod shell;
pub mod spool;
pub mod store;
mod unsaved;
pub mod viewer;

pub use askpass::Answer;
pub use client::client;
pub use dispatcher::{Settings, start};
pub use event::{
    Command, Event, EventKind, Keep, LookNews, Question, QuestionId, Report, SessionId, ViewerEvent,
};
pub use process::hide_memory;
pub(crate) use session::limits::is_over;
pub use spool::Saved;
pub use unsaved::{Fate, Unsaved};

pub use crate::packet::SaveRange;
