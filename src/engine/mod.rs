//! Everything that touches the world: processes, sockets, files, clocks.

pub mod askpass;
mod atomic;
mod event;
pub mod master;
pub mod paths;
mod process;
pub mod select;
pub mod spool;
pub mod store;
pub mod viewer;

pub use event::{Answer, Command, Event, EventKind, Keep, Question, QuestionId, Report, SessionId, ViewerEvent};
