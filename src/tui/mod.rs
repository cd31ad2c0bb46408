//! The dashboard: model, update, view.
//!
//! [`run()`] turns keys, engine events, signals and the passing of time into messages; `update` takes a message
//! and the model and says what must be done; the loop does it and draws the model when it has changed.

mod alerts;
mod answer;
mod background;
mod beats;
mod bindings;
mod box_keys;
mod catalog;
mod clean;
mod copy;
mod desk;
mod detail;
mod editor;
mod facts;
mod farewell;
mod filter;
mod form;
mod format;
mod frozen;
mod glyphs;
mod hangup;
mod history;
mod hops;
mod inputs;
mod kept;
mod key;
mod key_page;
mod keymap;
mod layout;
mod log;
mod losses;
mod marks;
mod menu;
mod model;
mod mouse;
mod msg;
mod notes;
mod order;
mod orders;
mod overlay;
mod pace;
mod palette;
mod past;
mod picker;
mod reload;
mod remembered;
mod restart;
mod run;
mod save;
mod secret;
mod sessions;
mod settings;
mod setup;
mod sheet;
mod spools;
mod spots;
mod standing;
mod terminal;
mod text;
mod theme;
mod update;
mod used;
mod view;
mod welcome;

pub use glyphs::GlyphSet;
pub use key_page::key_table;
pub use keymap::Refusal;
pub use reload::{Fresh, Reload};
pub use remembered::Remembered;
pub use run::run;
pub use settings::{Depth, Settings, glyphs as choose_glyphs, settings_schema};
pub use setup::{Exit, ExitReason, Setup, TuiError};
pub use theme::ColorChoice;

#[cfg(test)]
mod tests;
