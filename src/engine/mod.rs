//! Everything that touches the world: processes, sockets, files, clocks.

mod event;

pub use event::{
    Answer, Command, Event, EventKind, Keep, Question, QuestionId, Report, SessionId, ViewerEvent,
};
