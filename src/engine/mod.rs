//! Everything that touches the world: processes, sockets, files, clocks.

mod event;
mod process;
pub mod spool;
pub mod viewer;

pub use event::{
    Answer, Command, Event, EventKind, Keep, Question, QuestionId, Report, SessionId, ViewerEvent,
};
