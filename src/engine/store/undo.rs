//! The way back from changes to site files.

use super::{Before, Change, SaveError, revert};
use crate::engine::atomic;
use std::{fs, io, path::PathBuf};

/// Changes that can be taken back.
const UNDO: usize = 20;

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
