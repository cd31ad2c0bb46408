//! Import of `wireshark-remote.conf`, the settings of the shell script that wrcap replaces.
//!
//! The script sourced the file, so the file is read as `sh` would read it, and nothing in it is run. What the script
//! did with each variable decides what becomes of it here.

mod assign;
mod convert;
mod shell;

use super::{
    check::{MAX_NAME, valid_name},
    target::Target,
    write,
};
use std::fmt;

/// Something that the user should know about an import.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// Line in the file, counted from 1; `None` for what concerns the file as a whole.
    pub number: Option<usize>,
    /// What became of it.
    pub fate: Fate,
    /// The sentence about it.
    pub message: String,
}

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It was used, and means something else than it did in the script.
    Changed,
    /// It was not used.
    Unused,
}

impl Fate {
    /// The word used in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Unused => "not used",
        }
    }
}

impl Line {
    fn unused(number: usize, message: impl Into<String>) -> Self {
        Self { number: Some(number), fate: Fate::Unused, message: message.into() }
    }

    /// For settings of the script itself (line 0) the number is left out.
    fn changed(number: usize, message: impl Into<String>) -> Self {
        Self { number: (number > 0).then_some(number), fate: Fate::Changed, message: message.into() }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number {
            Some(number) => write!(f, "line {number}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// What an import gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The site file, ready to be written.
    pub site_yaml: String,
    /// Its one target.
    pub target: Target,
    /// Every line that was not used or means something else now, by line.
    pub report: Vec<Line>,
}

/// A file from which no target can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ImportError {
    /// Why not.
    pub message: String,
    /// The lines that were not used: one of them may be the reason.
    pub report: Vec<Line>,
}

/// Reads the settings file `text`. The site is named `site`; `source` is the file's name for the comment in the site file.
///
/// # Errors
/// A host is missing, or what names it cannot be one.
pub fn import_conf(text: &str, site: &str, source: &str) -> Result<Imported, ImportError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let unix = text.replace("\r\n", "\n");
    let mut settings = assign::read(&unix, &convert::SCRIPT_DEFAULTS);
    if unix.len() < text.len() {
        let message =
            "the lines end in CR LF, which the script would have taken into the values; they were left out";
        settings.unused.push(Line::changed(0, message));
    }
    let outcome = convert::target(site, &mut settings);
    let mut report = settings.unused;
    report.sort();
    report.dedup();
    match outcome {
        Ok(target) => {
            let comments = [format!("Imported from {source}")];
            Ok(Imported { site_yaml: write::site_yaml(&target, &comments), target, report })
        }
        Err(message) => Err(ImportError { message, report }),
    }
}

/// A site's name made of a file's: what cannot stand in a name becomes a dash.
pub fn site_name(file_stem: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let name: String = file_stem.chars().map(|c| if fits(c) { c } else { '-' }).collect();
    let name: String = name.trim_start_matches(['.', '-']).chars().take(MAX_NAME).collect();
    if valid_name(&name) { name } else { "imported".to_owned() }
}
