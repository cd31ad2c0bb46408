//! Everything that touches the world: processes, sockets, files, clocks.

mod event;
pub mod spool;

pub use event::{
    Answer, Command, Event, EventKind, Keep, Question, QuestionId, Report, SessionId, ViewerEvent,
};
