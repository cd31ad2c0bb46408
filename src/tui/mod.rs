//! The dashboard: model, update, view.
//!
//! [`run()`] turns keys, engine events, signals and the passing of time into messages; `update` takes a message
//! and the model and says what must be done; the loop does it and draws the model when it has changed.

mod bindings;
mod catalog;
mod clean;
mod editor;
mod form;
mod format;
mod glyphs;
mod history;
mod inputs;
mod key_page;
mod layout;
mod log;
mod model;
mod msg;
mod notes;
mod overlay;
mod run;
mod save;
mod secret;
mod sessions;
mod standing;
mod terminal;
mod theme;
mod update;
mod view;

pub use glyphs::GlyphSet;
pub use key_page::key_table;
pub use run::{Exit, ExitReason, Setup, TuiError, run};
pub use theme::ColorChoice;

#[cfg(test)]
mod tests;
