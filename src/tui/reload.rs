//! Reading the settings anew while the room is open.

use std::fmt;

use super::{glyphs::GlyphSet, settings::Settings};

/// Settings that were just read.
#[derive(Debug)]
pub struct Fresh {
    /// The settings.
    pub settings: Settings,
    /// The signs that they want.
    pub glyphs: GlyphSet,
    /// What the user is told: which file it was.
    pub note: String,
}

/// How the settings are read. What is wrong with them comes as lines for the user, the first with file, line and key.
pub struct Reload(Box<dyn Fn() -> Result<Fresh, Vec<String>> + Send>);

impl Reload {
    /// Reads them so.
    pub fn new(read: impl Fn() -> Result<Fresh, Vec<String>> + Send + 'static) -> Self {
        Self(Box::new(read))
    }

    /// Reads them now.
    pub(crate) fn read(&self) -> Result<Fresh, Vec<String>> {
        (self.0)()
    }
}

impl fmt::Debug for Reload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reload")
    }
}
