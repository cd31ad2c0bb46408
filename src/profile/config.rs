//! The user's settings of the dashboard: `config.yaml`, read and checked.

mod look;
mod schema;
mod table;

pub use look::{Attribute, Color, Look, ROLES};
pub use schema::config_schema;

use super::{
    locate,
    problem::{Invalid, Problem, Spot, Step},
    site::read_yaml,
    value,
    words::Words,
};

/// Which colours the dashboard uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ThemeName {
    /// What fits the terminal's background, if it tells; else its own sixteen colours.
    #[default]
    Auto,
    /// The terminal's own sixteen colours.
    Ansi,
    /// For dark backgrounds.
    Dark,
    /// For light backgrounds.
    Light,
    /// For dark backgrounds, without red against green.
    ColorblindDark,
    /// For light backgrounds, without red against green.
    ColorblindLight,
    /// None.
    Mono,
}

/// Which signs the dashboard uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Glyphs {
    /// What the locale says.
    #[default]
    Auto,
    /// Block elements and box drawing.
    Unicode,
    /// Nothing above 127.
    Ascii,
}

/// What graphs are drawn with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Graph {
    /// Eighth blocks.
    #[default]
    Block,
    /// Braille dots.
    Braille,
    /// Nothing above 127.
    Ascii,
}

/// How the terminal is told that a session needs the user while nobody looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Notify {
    /// By its bell.
    #[default]
    Bell,
    /// By OSC 9, which some terminals show as a notification.
    Osc,
    /// Not at all.
    Off,
}

/// New keys of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyChange {
    /// Where: a context's name.
    pub context: String,
    /// Of which command: its name.
    pub command: String,
    /// The keys in place of its own; none takes them away.
    pub keys: Vec<String>,
}

/// All settings.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Config {
    /// The colours.
    pub theme: ThemeName,
    /// Looks in place of the theme's, by role.
    pub colors: Vec<(String, Look)>,
    /// The signs.
    pub glyphs: Glyphs,
    /// The graphs.
    pub graph: Graph,
    /// Whether the dashboard takes the mouse from the terminal.
    pub mouse: bool,
    /// How the terminal is told.
    pub notify: Notify,
    /// The command that is run on events, program first; empty: none.
    pub on_event: Vec<String>,
    /// Keys in place of the table's, in the order of the file.
    pub keys: Vec<KeyChange>,
    /// Whether nothing may be started or changed.
    pub read_only: bool,
    /// Whether addresses, machines and users are hidden.
    pub privacy: bool,
}

/// Reads `config.yaml`. An empty file is one without settings; names of contexts, commands and keys are not
/// checked here, see [`place_key`].
///
/// # Errors
/// All problems in the order of the file; one only, when the text is no YAML.
pub fn parse_config(text: &str) -> Result<Config, Vec<Problem>> {
    let root = read_yaml(text).map_err(|problem| vec![problem])?;
    let mut config = Config::default();
    if root.is_null() {
        return Ok(config);
    }
    let invalid = match value::map(&root) {
        Ok(map) => map
            .iter()
            .filter_map(|(key, value)| table::apply(&mut config, key, value).err())
            .flatten()
            .collect(),
        Err(invalid) => vec![invalid.hint("a settings file has keys such as theme and mouse")],
    };
    if invalid.is_empty() {
        return Ok(config);
    }
    let mut problems: Vec<_> = invalid.into_iter().map(|invalid| locate::place(text, invalid)).collect();
    problems.sort_by_key(|problem| (problem.line, problem.column));
    Err(problems)
}

/// A problem with the keys of `config.yaml` that only the owner of the key table could find, at its place in `text`:
/// below `keys` along `path`, at the last step itself or at what stands behind it.
pub fn place_key(text: &str, path: &[&str], on_key: bool, message: &str, hint: Option<String>) -> Problem {
    let at = std::iter::once("keys").chain(path.iter().copied()).map(|key| Step::Key(key.to_owned()));
    let on = if on_key { Spot::Key } else { Spot::Value };
    locate::place(text, Invalid { at: at.collect(), on, message: message.to_owned(), hint })
}

impl Words for ThemeName {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("auto", Self::Auto),
        ("ansi", Self::Ansi),
        ("dark", Self::Dark),
        ("light", Self::Light),
        ("colorblind-dark", Self::ColorblindDark),
        ("colorblind-light", Self::ColorblindLight),
        ("mono", Self::Mono),
    ];
}

impl Words for Glyphs {
    const WORDS: &'static [(&'static str, Self)] =
        &[("auto", Self::Auto), ("unicode", Self::Unicode), ("ascii", Self::Ascii)];
}

impl Words for Graph {
    const WORDS: &'static [(&'static str, Self)] =
        &[("block", Self::Block), ("braille", Self::Braille), ("ascii", Self::Ascii)];
}

impl Words for Notify {
    const WORDS: &'static [(&'static str, Self)] =
        &[("bell", Self::Bell), ("osc", Self::Osc), ("off", Self::Off)];
}

#[cfg(test)]
mod tests;
