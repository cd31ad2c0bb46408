//! The dashboard: model, update, view.
//!
//! [`run()`] turns keys, engine events, signals and the passing of time into messages; `update` takes a message
//! and the model and says what must be done; the loop does it and draws the model when it has changed.

mod background;
mod beats;
mod bindings;
mod catalog;
mod desk;
mod detail;
mod facts;
mod filter;
mod format;
mod frozen;
mod glyphs;
mod history;
mod inputs;
mod key_page;
mod keymap;
mod layout;
mod log;
mod losses;
mod marks;
mod menu;
mod model;
mod msg;
mod notes;
mod order;
mod overlay;
mod palette;
mod past;
mod restart;
mod run;
mod secret;
mod sessions;
mod settings;
mod standing;
mod terminal;
mod text;
mod theme;
mod update;
mod view;

pub use glyphs::GlyphSet;
pub use key_page::key_table;
pub use keymap::Refusal;
pub use run::{Exit, ExitReason, Setup, TuiError, run};
pub use settings::{Depth, Settings, glyphs as choose_glyphs, settings_schema};
pub use theme::ColorChoice;

#[cfg(test)]
mod tests;
