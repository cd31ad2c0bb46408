//! Changes to site files from the dashboard, and the way back from each.

use super::{Before, WriteError, read_text, site_file, write_site};
use crate::{
    engine::atomic,
    profile::{Edit, EditError, SCHEMA_FILE, edit_site, schema},
};
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

/// Changes that can be taken back.
const UNDO: usize = 20;

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
            Self::Name(_) => {
                Some("names are made of letters, digits, dots, dashes and underscores".to_owned())
            }
            Self::Edit(error) => error.hint(),
            Self::NotTakenBack { .. } => {
                Some("z tries it again once the file says what it said after that change".to_owned())
            }
            Self::Changed { .. } | Self::Read(_) | Self::Write(_) => None,
        }
    }

    fn of(error: &WriteError) -> Self {
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

/// The last changes, kept in a file of this user's state.
#[derive(Debug)]
pub struct UndoLog {
    file: PathBuf,
}

impl UndoLog {
    /// The log in `file`, which need not be there.
    pub fn new(file: PathBuf) -> Self {
        Self { file }
    }

    fn read(&self) -> (Option<String>, Vec<Change>) {
        let found = fs::read_to_string(&self.file);
        // A log that is damaged or of another version has nothing to offer; one that is no text would also never be
        // written over, and no change could be taken back any more.
        if found.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::InvalidData) {
            let _ = fs::remove_file(&self.file);
        }
        let text = found.ok();
        let changes = text.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        (text, changes)
    }

    fn write(&self, before: Option<&str>, changes: &[Change]) -> Result<(), SaveError> {
        let text = serde_json::to_string(changes).map_err(|error| SaveError::Write(error.to_string()))?;
        let before = before.map_or(Before::Missing, Before::Text);
        atomic::write(&self.file, &text, before).map_err(|error| SaveError::of(&error))
    }

    /// Adds a change; the oldest one beyond twenty is forgotten.
    ///
    /// # Errors
    /// The disk said no. The change itself is made.
    pub fn push(&self, change: Change) -> Result<(), SaveError> {
        let (text, mut changes) = self.read();
        changes.push(change);
        changes.drain(..changes.len().saturating_sub(UNDO));
        self.write(text.as_deref(), &changes)
    }

    /// Takes the last change back; gives it, or `None` if there is none.
    ///
    /// # Errors
    /// The file is not what the change made of it, or the disk said no. The change stays the next to be taken back.
    pub fn undo(&self) -> Result<Option<Change>, SaveError> {
        let (text, mut changes) = self.read();
        let Some(last) = changes.pop() else { return Ok(None) };
        let stays = |error| SaveError::NotTakenBack { what: last.what.clone(), error: Box::new(error) };
        revert(&last).map_err(stays)?;
        self.write(text.as_deref(), &changes)?;
        Ok(Some(last))
    }
}

#[cfg(test)]
mod tests {
    use super::{SaveError, UndoLog, delete, read_site_text, revert, save, save_as};
    use crate::profile::{Edit, Place};
    use std::{
        fs,
        os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    };

    fn set(target: &str, key: &str, text: &str) -> Edit {
        Edit::Set { at: Place::Target(target.into()), key: key.into(), text: text.into() }
    }

    #[test]
    fn a_new_site_begins_with_the_schema_and_changes_keep_the_rest() {
        let folder = tempfile::tempdir().unwrap();
        let add = Edit::Add { name: "web-1".into(), host: "10.0.0.1".into() };
        let first = save(folder.path(), "shop", &[add], None).unwrap();
        assert!(
            first.after.as_deref().unwrap().starts_with("# yaml-language-server: $schema=.schema.json\n")
        );
        assert!(folder.path().join(".schema.json").exists());
        let file = folder.path().join("shop.yaml");
        fs::write(&file, format!("{}# mine\n", first.after.unwrap())).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        let seen = read_site_text(folder.path(), "shop").unwrap().unwrap();
        save(folder.path(), "shop", &[set("web-1", "filter", "icmp")], Some(&seen)).unwrap();
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.ends_with("    host: 10.0.0.1\n    filter: icmp\n# mine\n"), "{text}");
        assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o640);
    }

    #[test]
    fn what_changed_meanwhile_is_shown_and_stays() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("shop.yaml");
        fs::write(&file, "targets: {a: {host: theirs}}\n").unwrap();
        let seen = "targets: {a: {host: old}}\n";
        for result in [
            save(folder.path(), "shop", &[set("a", "filter", "icmp")], Some(seen)),
            save(folder.path(), "shop", &[Edit::Add { name: "b".into(), host: "c".into() }], None),
            delete(folder.path(), "shop", seen),
        ] {
            let Err(SaveError::Changed { found, .. }) = result else { panic!("{result:?}") };
            assert_eq!(found.as_deref(), Some("targets: {a: {host: theirs}}\n"));
        }
        assert_eq!(fs::read_to_string(&file).unwrap(), "targets: {a: {host: theirs}}\n");
        assert!(matches!(save(folder.path(), "../x", &[], None), Err(SaveError::Name(_))));
    }

    #[test]
    fn the_last_twenty_changes_can_be_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("shop.yaml");
        let log = UndoLog::new(folder.path().join("state/undo.json"));
        assert_eq!(log.undo().unwrap(), None);
        let start = "targets: {a: {host: h0}} # kept\n";
        fs::write(&file, start).unwrap();
        for number in 1..=25 {
            let seen = fs::read_to_string(&file).unwrap();
            log.push(
                save(folder.path(), "shop", &[set("a", "host", &format!("h{number}"))], Some(&seen)).unwrap(),
            )
            .unwrap();
        }
        log.push(delete(folder.path(), "shop", &fs::read_to_string(&file).unwrap()).unwrap()).unwrap();
        assert!(!file.exists());
        assert_eq!(fs::metadata(folder.path().join("state/undo.json")).unwrap().mode() & 0o777, 0o600);
        let mut undone = 0;
        while log.undo().unwrap().is_some() {
            undone += 1;
        }
        assert_eq!(undone, 20);
        assert_eq!(fs::read_to_string(&file).unwrap(), "targets: {a: {host: h6}} # kept\n");
    }

    #[test]
    fn a_site_gets_another_name_or_a_copy_and_both_can_be_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let (text, edited) = ("targets: {a: {host: b}} # mine\n", "targets: {a: {host: c}} # mine\n");
        fs::write(path("shop.yml"), text).unwrap();
        let log = UndoLog::new(path("undo.json"));
        let edits = [set("a", "host", "c")];
        let renamed = save_as(folder.path(), ("shop", "store"), &edits, text, false).unwrap();
        assert!(!path("shop.yml").exists());
        assert_eq!(fs::read_to_string(path("store.yaml")).unwrap(), edited);
        log.push(renamed).unwrap();
        log.push(save_as(folder.path(), ("store", "copy"), &[], edited, true).unwrap()).unwrap();
        assert!(path("store.yaml").exists() && path("copy.yaml").exists());
        let taken = save_as(folder.path(), ("store", "copy"), &[], edited, false).unwrap_err();
        assert_eq!(taken.to_string(), "there is a site copy already");
        log.undo().unwrap();
        assert!(!path("copy.yaml").exists());
        log.undo().unwrap();
        assert!(!path("store.yaml").exists());
        assert_eq!(fs::read_to_string(path("shop.yml")).unwrap(), text);
        // What changed meanwhile stays, and nothing half is left.
        let error = save_as(folder.path(), ("shop", "store"), &[], edited, false).unwrap_err();
        assert!(matches!(error, SaveError::Changed { .. }) && !path("store.yaml").exists());
    }

    #[test]
    fn a_change_that_was_changed_again_stays_and_can_be_taken_back_later() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("shop.yaml");
        let log = UndoLog::new(folder.path().join("undo.json"));
        fs::write(&file, "targets: {a: {host: b}}\n").unwrap();
        log.push(
            save(folder.path(), "shop", &[set("a", "port", "22")], Some("targets: {a: {host: b}}\n"))
                .unwrap(),
        )
        .unwrap();
        let after = fs::read_to_string(&file).unwrap();
        fs::write(&file, "targets: {a: {host: theirs}}\n").unwrap();
        for _ in 0..2 {
            let error = log.undo().unwrap_err();
            assert!(error.to_string().starts_with("the change of shop was not taken back: "), "{error}");
            assert_eq!(fs::read_to_string(&file).unwrap(), "targets: {a: {host: theirs}}\n");
        }
        fs::write(&file, after).unwrap();
        assert!(log.undo().unwrap().is_some());
        assert_eq!(fs::read_to_string(&file).unwrap(), "targets: {a: {host: b}}\n");
        assert_eq!(log.undo().unwrap(), None);
    }

    #[test]
    fn the_schema_goes_with_the_last_site() {
        let folder = tempfile::tempdir().unwrap();
        let add = Edit::Add { name: "a".into(), host: "b".into() };
        let one = save(folder.path(), "one", std::slice::from_ref(&add), None).unwrap();
        let two = save(folder.path(), "two", &[add], None).unwrap();
        let schema = folder.path().join(".schema.json");
        delete(folder.path(), "one", one.after.as_deref().unwrap()).unwrap();
        assert!(schema.exists());
        let last = delete(folder.path(), "two", two.after.as_deref().unwrap()).unwrap();
        assert!(!schema.exists());
        revert(&last).unwrap();
        assert!(schema.exists(), "with a site it is back");
    }
}
