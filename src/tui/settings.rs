//! What the user has set, ready for use.

use super::{
    glyphs::GlyphSet,
    keymap::{self, Keymap, Refusal},
};
use crate::{
    profile::{Config, Glyphs, Graph, Look, Notify, ThemeName, config_schema},
    remote::veil::Veil,
};

/// How many colours the terminal knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Depth {
    /// Its own sixteen.
    #[default]
    Sixteen,
    /// 256.
    Indexed,
    /// All.
    True,
}

/// The settings of a dashboard.
#[derive(Debug, Default)]
pub struct Settings {
    /// The colours.
    pub(crate) theme: ThemeName,
    /// Looks in place of the theme's.
    pub(crate) colors: Vec<(String, Look)>,
    /// How many colours there are.
    pub(crate) depth: Depth,
    /// The graphs.
    pub(crate) graph: Graph,
    /// Whether the mouse is taken at the start.
    pub(crate) mouse: bool,
    /// How the terminal is told.
    pub(crate) notify: Notify,
    /// What is run on events.
    pub(crate) on_event: Vec<String>,
    /// Whether nothing may be started or changed.
    pub(crate) read_only: bool,
    /// What is hidden, if anything.
    pub(crate) veil: Option<Veil>,
    /// What the keys mean.
    pub(crate) keymap: Keymap,
}

impl Settings {
    /// The settings of a file, for a terminal of this depth. `veil` hides what `privacy` wants hidden.
    ///
    /// # Errors
    /// All changes of keys that cannot be.
    pub fn new(config: Config, depth: Depth, veil: Option<Veil>) -> Result<Self, Vec<Refusal>> {
        let keymap = Keymap::new(&config.keys)?;
        Ok(Self {
            theme: config.theme,
            colors: config.colors,
            depth,
            graph: config.graph,
            mouse: config.mouse,
            notify: config.notify,
            on_event: config.on_event,
            read_only: config.read_only,
            veil,
            keymap,
        })
    }

    /// What graphs are drawn with on a terminal that knows these signs.
    pub(crate) fn graph(&self, glyphs: GlyphSet) -> Graph {
        if glyphs == GlyphSet::Ascii { Graph::Ascii } else { self.graph }
    }
}

/// The signs that the settings want; `by_locale` where they leave it to the locale.
pub fn glyphs(wanted: Glyphs, by_locale: GlyphSet) -> GlyphSet {
    match wanted {
        Glyphs::Auto => by_locale,
        Glyphs::Unicode => GlyphSet::Unicode,
        Glyphs::Ascii => GlyphSet::Ascii,
    }
}

/// The JSON Schema of `config.yaml`, with the names of all commands.
pub fn settings_schema() -> String {
    config_schema(&keymap::names())
}
