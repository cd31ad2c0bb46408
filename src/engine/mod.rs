//! Everything that touches the world: processes, sockets, files, clocks.

pub mod askpass;
mod event;
pub mod master;
mod process;
pub mod spool;
pub mod viewer;

pub use event::{
    Answer, Command, Event, EventKind, Keep, Question, QuestionId, Report, SessionId, ViewerEvent,
};
