//! Changes to site files from the dashboard, each with what it takes to undo it.

use super::{Before, WriteError, read_text, site_file, write_site};
use crate::profile::{Edit, EditError, SCHEMA_FILE, edit_site, name_rule, schema};
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

/// A change that was made to a site file. It is all that is needed to take it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// In a few words.
    pub what: String,
    /// The site file.
    pub file: PathBuf,
    /// Its text before; `None`: there was no file.
    pub before: Option<String>,
    /// Its text after; `None`: there is no file any more.
    pub after: Option<String>,
    /// What was changed with it: the file that had the site's name before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with: Option<Box<Change>>,
}

/// Why a site file was not changed. It is as it was.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// No site can have this name.
    #[error("{0:?} cannot name a site")]
    Name(String),
    /// The edits do not fit the file.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// The file is not what the edits were meant for.
    #[error("{path} was changed by something else meanwhile", path = .file.display())]
    Changed {
        /// The file.
        file: PathBuf,
        /// The text that was seen; `None`: no file.
        seen: Option<String>,
        /// The text that is there.
        found: Option<String>,
    },
    /// A change was not taken back. It can still be.
    #[error("{what} was not taken back: {error}")]
    NotTakenBack {
        /// The change.
        what: String,
        /// Why.
        error: Box<SaveError>,
    },
    /// A file cannot be read.
    #[error("{0}")]
    Read(String),
    /// A file cannot be written.
    #[error("{0}")]
    Write(String),
}

impl SaveError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Name(_) => Some(name_rule()),
            Self::Edit(error) => error.hint(),
            Self::NotTakenBack { .. } => {
                Some("z tries it again once the file says what it said after that change".to_owned())
            }
            Self::Changed { .. } | Self::Read(_) | Self::Write(_) => None,
        }
    }

    pub(super) fn of(error: &WriteError) -> Self {
        Self::Write(error.to_string())
    }
}

/// The text of the file of `site`; `None` where there is none.
///
/// # Errors
/// The name cannot be one, or the file cannot be read.
pub fn read_site_text(folder: &Path, site: &str) -> Result<Option<String>, SaveError> {
    let file = site_file(folder, site).ok_or_else(|| SaveError::Name(site.to_owned()))?;
    text_of(&file)
}

fn text_of(file: &Path) -> Result<Option<String>, SaveError> {
    match read_text(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(SaveError::Read(format!("cannot read {}: {error}", file.display()))),
    }
}

/// Makes `edits` to the file of `site`, if it still has the text that was `seen` (`None`: if it is not there yet).
///
/// # Errors
/// See [`SaveError`]; nothing was changed then.
pub fn save(folder: &Path, site: &str, edits: &[Edit], seen: Option<&str>) -> Result<Change, SaveError> {
    let file = site_file(folder, site).ok_or_else(|| SaveError::Name(site.to_owned()))?;
    let after = edit_site(site, seen.unwrap_or_default(), edits)?;
    let what = format!("the change of {site}");
    put(Change { what, file, before: seen.map(str::to_owned), after: Some(after), with: None })
}

/// Takes the file of `site` away, if it still has the text that was `seen`.
///
/// # Errors
/// See [`SaveError`]; nothing was changed then.
pub fn delete(folder: &Path, site: &str, seen: &str) -> Result<Change, SaveError> {
    let file = site_file(folder, site).ok_or_else(|| SaveError::Name(site.to_owned()))?;
    put(Change {
        what: format!("the deletion of {site}"),
        file,
        before: Some(seen.to_owned()),
        after: None,
        with: None,
    })
}

/// Makes the site `to` of the text that was `seen` in the file of `site`, with `edits`; unless it is a copy, `site` is no
/// more then.
///
/// # Errors
/// See [`SaveError`]; nothing was changed then.
pub fn save_as(
    folder: &Path,
    (site, to): (&str, &str),
    edits: &[Edit],
    seen: &str,
    copy: bool,
) -> Result<Change, SaveError> {
    let path = |name: &str| site_file(folder, name).ok_or_else(|| SaveError::Name(name.to_owned()));
    let (file, old) = (path(to)?, path(site)?);
    if file.exists() {
        return Err(SaveError::Write(format!("there is a site {to} already")));
    }
    let after = edit_site(to, seen, edits)?;
    let what =
        if copy { format!("the copy {to} of {site}") } else { format!("the new name of {site}: {to}") };
    let made = put(Change { what, file, before: None, after: Some(after), with: None })?;
    if copy {
        return Ok(made);
    }
    let gone =
        Change { what: String::new(), file: old, before: Some(seen.to_owned()), after: None, with: None };
    match put(gone) {
        Ok(gone) => Ok(Change { with: Some(Box::new(gone)), ..made }),
        Err(error) => {
            let _ = revert(&made);
            Err(error)
        }
    }
}

/// Takes a change back, if the file is still what the change made of it.
///
/// # Errors
/// See [`SaveError`]; nothing was changed then.
pub fn revert(change: &Change) -> Result<Change, SaveError> {
    let Change { what, file, before, after, with } = change.clone();
    let with = with.map(|with| revert(&with).map(Box::new)).transpose()?;
    let back = put(Change { what, file, before: after, after: before, with: None });
    if let (Err(_), Some(with)) = (&back, &with) {
        // Both or none.
        let _ = revert(with);
    }
    back.map(|back| Change { with, ..back })
}

/// Makes a change on the disk.
fn put(change: Change) -> Result<Change, SaveError> {
    let Change { file, before, after, .. } = &change;
    let differs = |found| SaveError::Changed { file: file.clone(), seen: before.clone(), found };
    let found = text_of(file)?;
    if found != *before {
        return Err(differs(found));
    }
    let written = match after {
        Some(text) => write_site(file, text, before.as_deref().map_or(Before::Missing, Before::Text)),
        None => remove(file),
    };
    match written {
        Ok(()) => Ok(change),
        Err(WriteError::Exists(_) | WriteError::Changed(_)) => Err(differs(text_of(file)?)),
        Err(error) => Err(SaveError::of(&error)),
    }
}

fn remove(file: &Path) -> Result<(), WriteError> {
    let failed = |source| WriteError::Io { path: file.to_owned(), source };
    fs::remove_file(file).map_err(failed)?;
    let folder = file.parent().unwrap_or(Path::new("."));
    forget_schema(folder);
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
}

/// The schema is there for editors of site files; the last one of these takes it along. A new one brings it back.
fn forget_schema(folder: &Path) {
    let is_site = |entry: fs::DirEntry| {
        let path = entry.path();
        path.extension().is_some_and(|end| end == "yaml" || end == "yml")
    };
    let alone = fs::read_dir(folder).is_ok_and(|entries| !entries.flatten().any(is_site));
    let schema_file = folder.join(SCHEMA_FILE);
    // One that the user has made something else of is the user's.
    if alone && fs::read_to_string(&schema_file).is_ok_and(|text| text == schema()) {
        let _ = fs::remove_file(schema_file);
    }
}

#[cfg(test)]
mod tests;
