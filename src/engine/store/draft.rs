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
    /// The site file's text that the draft is to replace; `None`: there is no file.
    old: Option<String>,
    /// The text that the editor gets; `None` for a draft of earlier, whose text is nowhere else.
    began: Option<String>,
    /// Drafts of the same site that were left behind before, and that this one does not go on with.
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
    /// A draft of the file of `site`, or of a new one, readable by this user alone. Its name begins with a dot: it is
    /// no site. A draft that was left behind is gone on with, if the file is what it was made of.
    ///
    /// # Errors
    /// The name cannot be one, or a file cannot be read or written.
    pub fn of_file(folder: &Path, site: &str) -> Result<Self, SaveError> {
        let old = read_site_text(folder, site)?;
        let mut draft = Self::prepare(folder, site, old)?;
        let sign = sign(draft.old.as_deref());
        let same = |path: &PathBuf| base_of(path, site).is_some_and(|base| base == sign);
        if let Some(place) = draft.earlier.iter().position(same) {
            draft.path = draft.earlier.remove(place);
            return Ok(draft);
        }
        let text = draft.old.as_deref().unwrap_or(TEMPLATE).to_owned();
        draft.begin(folder, text)
    }

    /// A draft with this text in place of the file's; it replaces the text that was `seen`, and no other.
    ///
    /// # Errors
    /// As those of [`Draft::of_file`].
    pub fn of_text(folder: &Path, site: &str, text: &str, seen: Option<&str>) -> Result<Self, SaveError> {
        Self::prepare(folder, site, seen.map(str::to_owned))?.begin(folder, text.to_owned())
    }

    fn prepare(folder: &Path, site: &str, old: Option<String>) -> Result<Self, SaveError> {
        let file = site_file(folder, site).ok_or_else(|| SaveError::Name(site.to_owned()))?;
        let failed = |error: io::Error| cannot_write(folder, &error);
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
        let found = fs::read_dir(folder).map_err(failed)?.flatten().map(|entry| entry.path());
        let mut earlier: Vec<PathBuf> = found.filter(|path| base_of(path, site).is_some()).collect();
        let changed = |path: &PathBuf| fs::metadata(path).and_then(|found| found.modified()).ok();
        earlier.sort_by_key(|path| std::cmp::Reverse(changed(path)));
        Ok(Self { site: site.to_owned(), file, path: PathBuf::new(), old, began: None, earlier })
    }

    fn begin(mut self, folder: &Path, text: String) -> Result<Self, SaveError> {
        let failed = |error: io::Error| cannot_write(folder, &error);
        let prefix = format!(".{}{MARK}{}-", self.site, sign(self.old.as_deref()));
        let mut draft =
            tempfile::Builder::new().prefix(&prefix).suffix(ENDING).tempfile_in(folder).map_err(failed)?;
        draft.write_all(text.as_bytes()).map_err(failed)?;
        self.path = draft.keep().map_err(|error| failed(error.error))?.1;
        self.began = Some(text);
        Ok(self)
    }

    /// True if it goes on with a draft that was left behind.
    pub fn is_resumed(&self) -> bool {
        self.began.is_none()
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

    /// True if nothing is lost with the draft: it has the text that it began with, or the file's.
    pub fn is_untouched(&self) -> bool {
        read_text(&self.path).is_ok_and(|text| {
            self.began.as_ref() == Some(&text) || self.old.as_deref().unwrap_or(TEMPLATE) == text
        })
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
        Ok(Outcome::Saved(Change { what, file, before, after: Some(text), with: None }))
    }

    /// Removes the draft, and the copy that some editors leave beside it.
    pub fn discard(&self) {
        let mut copy = self.path.clone().into_os_string();
        copy.push("~");
        for path in [&self.path, &PathBuf::from(copy)] {
            // One that stays behind is only untidy: its text is safe.
            let _ = fs::remove_file(path);
        }
    }
}

/// Between a site's name and the sign of the text that a draft was made of.
const MARK: &str = "-draft-";
const ENDING: &str = ".yaml";

/// A short sign of a text, the same in every run (FNV-1a): a draft's name says with it what the draft was made of.
fn sign(text: Option<&str>) -> String {
    let Some(text) = text else { return "new".to_owned() };
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

/// The sign in the name of a draft of `site`; `None` for every other file.
fn base_of(path: &Path, site: &str) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let rest = name.strip_prefix('.')?.strip_prefix(site)?.strip_prefix(MARK)?.strip_suffix(ENDING)?;
    let (base, random) = rest.split_once('-')?;
    (!random.contains('-')).then(|| base.to_owned())
}

fn cannot_write(folder: &Path, error: &io::Error) -> SaveError {
    SaveError::Write(format!("cannot write to {}: {error}", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::{Draft, Outcome, base_of};
    use std::{fs, path::Path};

    const GOOD: &str = "targets: { a: { host: b } }\n";
    const BAD: &str = "targets: { a: { hots: b } }\n";

    fn hidden(folder: &Path) -> usize {
        let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        names.filter(|name| name.to_string_lossy().contains("-draft-")).count()
    }

    #[test]
    fn a_draft_with_mistakes_is_gone_on_with_and_goes_with_a_good_save() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let first = Draft::of_file(folder, "shop").unwrap();
        fs::write(first.path(), BAD).unwrap();
        assert!(matches!(first.take().unwrap(), Outcome::Mistakes(_)));
        let second = Draft::of_file(folder, "shop").unwrap();
        assert!(second.is_resumed() && second.path() == first.path() && second.earlier.is_empty());
        // An editor that only looked changes nothing about that.
        assert!(matches!(second.take().unwrap(), Outcome::Mistakes(_)));
        assert_eq!(fs::read_to_string(second.path()).unwrap(), BAD);
        fs::write(format!("{}~", second.path().display()), BAD).unwrap();
        fs::write(second.path(), GOOD).unwrap();
        assert!(matches!(second.take().unwrap(), Outcome::Saved(_)));
        assert_eq!((hidden(folder), fs::read_to_string(folder.join("shop.yaml")).unwrap()), (0, GOOD.into()));
    }

    #[test]
    fn a_draft_of_another_text_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        fs::write(folder.join("shop.yaml"), GOOD).unwrap();
        let first = Draft::of_file(folder, "shop").unwrap();
        fs::write(first.path(), BAD).unwrap();
        fs::write(folder.join("shop.yaml"), format!("{GOOD}# theirs\n")).unwrap();
        let second = Draft::of_file(folder, "shop").unwrap();
        assert_eq!((second.is_resumed(), second.earlier.as_slice()), (false, &[first.path().to_owned()][..]));
        assert!(matches!(second.take().unwrap(), Outcome::Untouched));
        assert_eq!(fs::read_to_string(first.path()).unwrap(), BAD);
        assert!(Draft::of_file(folder, "other").unwrap().earlier.is_empty());
    }

    #[test]
    fn a_text_of_a_form_replaces_only_what_the_form_was_made_of() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let file = folder.join("shop.yaml");
        fs::write(&file, "# theirs\n").unwrap();
        let draft = Draft::of_text(folder, "shop", GOOD, Some("# older\n")).unwrap();
        assert!(matches!(draft.take().unwrap(), Outcome::Untouched), "left without a change");
        assert_eq!(hidden(folder), 0);
        let draft = Draft::of_text(folder, "shop", GOOD, Some("# older\n")).unwrap();
        fs::write(draft.path(), format!("{GOOD}# mine\n")).unwrap();
        assert!(draft.take().is_err());
        assert_eq!(fs::read_to_string(&file).unwrap(), "# theirs\n");
        assert_eq!(fs::read_to_string(draft.path()).unwrap(), format!("{GOOD}# mine\n"));
    }

    #[test]
    fn only_drafts_of_the_site_itself_are_its_drafts() {
        let base = |name: &str| base_of(Path::new(name), "shop");
        assert_eq!(base("/p/.shop-draft-0123-abc.yaml").as_deref(), Some("0123"));
        for name in [
            "/p/.shop-draft-x-draft-0123-abc.yaml",
            "/p/.shop-draft-0123-abc.yaml~",
            "/p/..shop-draft-0123-abc.yaml.swp",
            "/p/.shopping-draft-0123-abc.yaml",
            "/p/shop-draft-0123-abc.yaml",
        ] {
            assert_eq!(base(name), None, "{name}");
        }
    }
}
