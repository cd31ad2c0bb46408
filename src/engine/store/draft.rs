//! A site file in the user's editor. The user works on a draft beside it; the draft goes away only when its text is
//! in the site file, or was never changed.

use super::{
    Before, SaveError, WriteError,
    change::{Change, read_site_text},
    read_text, site_file, write_site,
};
use crate::profile::{Problem, TEMPLATE, parse_site};
use std::{
    env,
    fs::{self, DirBuilder},
    io::{self, Write as _},
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    process::Command,
};

/// The user's editor, a command line: `VISUAL`, else `EDITOR`, else `vi`.
pub fn editor() -> String {
    let editor = env::var("VISUAL").or_else(|_| env::var("EDITOR")).unwrap_or_default();
    if editor.trim().is_empty() { "vi".to_owned() } else { editor }
}

/// A draft.
#[derive(Debug)]
pub struct Draft {
    site: String,
    file: PathBuf,
    path: PathBuf,
    /// The site file's text when the draft began; `None`: there is no file.
    old: Option<String>,
    /// Drafts of the same site that were left behind before.
    pub earlier: Vec<PathBuf>,
}

/// What became of a draft.
#[derive(Debug)]
pub enum Outcome {
    /// Nothing was changed; the draft is gone.
    Untouched,
    /// The text is in the site file; the draft is gone.
    Saved(Change),
    /// The text has mistakes; the draft is kept.
    Mistakes(Vec<Problem>),
}

impl Draft {
    /// A draft of the file of `site`, or of a new one, with `text` in place of the file's if there is one; readable by this user alone. Its name begins with a dot: it is
    /// no site.
    ///
    /// # Errors
    /// The name cannot be one, or a file cannot be read or written.
    pub fn new(folder: &Path, site: &str, text: Option<&str>) -> Result<Self, SaveError> {
        let file = site_file(folder, site).ok_or_else(|| SaveError::Name(site.to_owned()))?;
        let old = read_site_text(folder, site)?;
        let failed =
            |error: io::Error| SaveError::Write(format!("cannot write to {}: {error}", folder.display()));
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
        let prefix = format!(".{site}-draft-");
        let mine =
            |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&prefix));
        let earlier =
            fs::read_dir(folder).map_err(failed)?.flatten().map(|entry| entry.path()).filter(mine).collect();
        let mut draft =
            tempfile::Builder::new().prefix(&prefix).suffix(".yaml").tempfile_in(folder).map_err(failed)?;
        draft.write_all(text.or(old.as_deref()).unwrap_or(TEMPLATE).as_bytes()).map_err(failed)?;
        let (_, path) = draft.keep().map_err(|error| failed(error.error))?;
        Ok(Self { site: site.to_owned(), file, path, old, earlier })
    }

    /// Where the draft is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The command that opens the draft; `None` if `editor` is no command line.
    pub fn command(&self, editor: &str) -> Option<Command> {
        let words = shlex::split(editor)?;
        let (program, arguments) = words.split_first()?;
        let mut command = Command::new(program);
        command.args(arguments).arg(&self.path);
        Some(command)
    }

    /// True if the draft still has the text it began with.
    pub fn is_untouched(&self) -> bool {
        read_text(&self.path).is_ok_and(|text| text == self.old.as_deref().unwrap_or(TEMPLATE))
    }

    /// Takes the draft over into the site file, after the editor has ended.
    ///
    /// # Errors
    /// It cannot be read, or the site file changed meanwhile or cannot be written. The draft is kept then.
    pub fn take(&self) -> Result<Outcome, SaveError> {
        if self.is_untouched() {
            self.discard();
            return Ok(Outcome::Untouched);
        }
        let text = read_text(&self.path)
            .map_err(|error| SaveError::Read(format!("cannot read {}: {error}", self.path.display())))?;
        if let Err(problems) = parse_site(&self.site, &text) {
            return Ok(Outcome::Mistakes(problems));
        }
        let before = self.old.as_deref().map_or(Before::Missing, Before::Text);
        match write_site(&self.file, &text, before) {
            Ok(()) => self.discard(),
            Err(WriteError::Exists(_) | WriteError::Changed(_)) => {
                let (file, seen) = (self.file.clone(), self.old.clone());
                return Err(SaveError::Changed { found: read_text(&file).ok(), file, seen });
            }
            Err(error) => return Err(SaveError::Write(error.to_string())),
        }
        let what = format!("the change of {}", self.site);
        let (file, before) = (self.file.clone(), self.old.clone());
        Ok(Outcome::Saved(Change { what, file, before, after: Some(text) }))
    }

    /// Removes the draft.
    pub fn discard(&self) {
        // One that stays behind is only untidy: its text is safe.
        let _ = fs::remove_file(&self.path);
    }
}
