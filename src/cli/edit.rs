//! `wrcap edit`: a site file in the user's editor, checked before it becomes real.

use super::{
    error::{CliError, put, sentence},
    exit::ExitCode,
};
use crate::remote::text::clean;
use crate::{
    engine::{
        paths::Paths,
        store::{Draft, Outcome, SaveError, editor},
    },
    profile::Problem,
};
use std::{
    io::{self, BufRead as _, IsTerminal as _, Write},
    path::Path,
};

/// Opens a site file in $VISUAL or $EDITOR.
#[derive(Debug, Clone, clap::Args)]
pub struct EditArgs {
    /// The site; a new one starts from a template
    #[arg(value_name = "SITE")]
    pub site: String,
}

/// Edits with the user's editor, and asks on the terminal what to do about mistakes.
///
/// # Errors
/// The site cannot be read or written, or what the editor left has mistakes.
pub fn run(args: &EditArgs, paths: &Paths, out: &mut dyn Write, err: &mut dyn Write) -> Result<(), CliError> {
    Editing { folder: &paths.profiles, editor: &editor(), again: edit_again, out, err }.edit(&args.site)
}

/// Asks on the terminal; without one the answer is no.
fn edit_again(err: &mut dyn Write) -> bool {
    if !io::stdin().is_terminal() || put(err, "edit again? [Y/n] ").is_err() {
        return false;
    }
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    read.is_ok_and(|bytes| bytes > 0) && !answer.trim().to_ascii_lowercase().starts_with('n')
}

/// One go at a site file.
struct Editing<'a> {
    folder: &'a Path,
    /// A command line; the draft's path is added.
    editor: &'a str,
    /// Whether a draft with mistakes is opened again.
    again: fn(&mut dyn Write) -> bool,
    out: &'a mut dyn Write,
    err: &'a mut dyn Write,
}

impl Editing<'_> {
    /// Edits `site`.
    ///
    /// # Errors
    /// The name cannot be one, the editor fails, mistakes stay, or the file changed meanwhile. The draft is kept and
    /// named in all cases where its text would be lost.
    fn edit(mut self, site: &str) -> Result<(), CliError> {
        let draft = Draft::of_file(self.folder, site)?;
        if draft.is_resumed() {
            let message = format!("going on with the draft that was left in {}", draft.path().display());
            put(self.err, sentence(&message, Some("remove it to begin with the file again")))?;
        }
        for path in &draft.earlier {
            let message = format!("an earlier draft of {site} is in {}", path.display());
            put(self.err, sentence(&message, None))?;
        }
        self.until_valid(site, &draft).map_err(|error| {
            if draft.is_untouched() {
                draft.discard();
            }
            if !draft.path().exists() {
                return error;
            }
            error.hint(format!("your text is kept in {}", draft.path().display()))
        })
    }

    /// Opens the editor until the draft has no mistakes, or the user has enough.
    fn until_valid(&mut self, site: &str, draft: &Draft) -> Result<(), CliError> {
        loop {
            self.open(draft)?;
            match draft.take()? {
                Outcome::Untouched => return put(self.out, "nothing was changed\n"),
                Outcome::Saved(change) => {
                    return put(self.out, format!("wrote {}\n", clean(&change.file.display().to_string())));
                }
                Outcome::Mistakes(problems) => put(self.err, told(draft.path(), &problems))?,
            }
            if !(self.again)(self.err) {
                return Err(CliError::usage(format!(
                    "the site {site} was not changed: the new text has mistakes"
                )));
            }
        }
    }

    fn open(&self, draft: &Draft) -> Result<(), CliError> {
        let editor = self.editor;
        let Some(mut command) = draft.command(editor) else {
            return Err(CliError::usage(format!("{editor:?} is no command line"))
                .hint("VISUAL or EDITOR names the editor"));
        };
        match command.status() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(CliError::usage(format!("the editor {editor} gave up: {status}"))),
            Err(error) => Err(CliError::usage(format!("cannot start the editor {editor}: {error}"))
                .hint("VISUAL or EDITOR names the editor")),
        }
    }
}

impl From<SaveError> for CliError {
    fn from(error: SaveError) -> Self {
        let told = match &error {
            SaveError::Name(_)
            | SaveError::Edit(_)
            | SaveError::Changed { .. }
            | SaveError::NotTakenBack { .. }
            | SaveError::Read(_) => Self::usage(error.to_string()),
            SaveError::Write(_) => Self::new(ExitCode::Output, error.to_string()),
        };
        match error.hint() {
            Some(hint) => told.hint(hint),
            None => told,
        }
    }
}

fn told(draft: &Path, problems: &[Problem]) -> String {
    let line =
        |problem: &Problem| sentence(&format!("{}:{problem}", draft.display()), problem.hint.as_deref());
    problems.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::{CliError, Editing};
    use crate::profile::parse_site;
    use std::{fs, io::Write, path::Path};

    const GOOD: &str = "targets: { a: { host: b } } # mine\n";

    fn edit(
        folder: &Path,
        editor: &str,
        again: fn(&mut dyn Write) -> bool,
    ) -> (Result<(), CliError>, String, String) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let result = Editing { folder, editor, again, out: &mut out, err: &mut err }.edit("shop");
        (result, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
    }

    /// The names in `folder` that belong to drafts.
    fn drafts(folder: &Path) -> Vec<std::path::PathBuf> {
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        files.filter(|path| path.to_str().unwrap().contains("-draft-")).collect()
    }

    fn script(folder: &Path, text: &str) -> String {
        let file = folder.join("editor.sh");
        fs::write(&file, text).unwrap();
        format!("sh '{}'", file.display())
    }

    #[test]
    fn good_text_is_written_and_the_draft_goes() {
        let folder = tempfile::tempdir().unwrap();
        let editor = script(folder.path(), "echo 'targets: { n: { host: h } }' > \"$1\"");
        let (result, out, _) = edit(folder.path(), &editor, |_| false);
        assert_eq!(result, Ok(()));
        assert!(out.starts_with("wrote "), "{out}");
        let file = folder.path().join("shop.yaml");
        assert_eq!(
            parse_site("shop", &fs::read_to_string(&file).unwrap()).unwrap().targets[0].name.target,
            "n"
        );
        assert!(drafts(folder.path()).is_empty());
    }

    #[test]
    fn untouched_text_writes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (result, out, _) = edit(folder.path(), "true", |_| false);
        assert_eq!((result, out.as_str()), (Ok(()), "nothing was changed\n"));
        assert!(!folder.path().join("shop.yaml").exists());
        assert!(drafts(folder.path()).is_empty());
        assert!(edit(folder.path(), "false", |_| false).0.is_err());
        assert!(edit(folder.path(), "/no/such/editor", |_| false).0.is_err());
        assert!(drafts(folder.path()).is_empty());
    }

    #[test]
    fn bad_text_is_kept_beside_the_site() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("shop.yaml");
        fs::write(&file, GOOD).unwrap();
        let editor = script(folder.path(), "echo 'targets: { a: { hots: b } }' > \"$1\"");
        let (result, _, err) = edit(folder.path(), &editor, |_| false);
        let kept = drafts(folder.path());
        assert_eq!(result.unwrap_err().hint, Some(format!("your text is kept in {}", kept[0].display())));
        assert!(err.contains("1:17: targets.a.hots: unknown key\nhint: did you mean host?"), "{err}");
        assert_eq!(fs::read_to_string(&kept[0]).unwrap(), "targets: { a: { hots: b } }\n");
        assert_eq!(fs::read_to_string(&file).unwrap(), GOOD);
        let (result, _, err) = edit(folder.path(), "true", |_| false);
        assert!(err.starts_with("going on with the draft that was left in "), "{err}");
        assert!(result.is_err() && drafts(folder.path()) == kept, "its text is nowhere else");
        fs::write(&file, "# theirs\n").unwrap();
        let (_, _, err) = edit(folder.path(), "true", |_| false);
        assert!(err.starts_with("an earlier draft of shop is in "), "it was made of another text: {err}");
        fs::write(&file, GOOD).unwrap();
        let editor = script(folder.path(), "echo 'targets: { c: { host: b } }' > \"$1\"");
        assert_eq!(edit(folder.path(), &editor, |_| false).0, Ok(()));
        assert!(drafts(folder.path()).is_empty(), "a good save takes it along");
    }

    /// The first text is wrong; opened again, the editor makes it right.
    #[test]
    fn a_draft_is_opened_again() {
        let folder = tempfile::tempdir().unwrap();
        let good = "echo 'targets: { a: { host: b } }' > \"$1\"";
        let bad = "echo 'targets: { a: { hots: b } }' > \"$1\"";
        let text = format!("if grep -q hots \"$1\"; then {good}; else {bad}; fi");
        let editor = script(folder.path(), &text);
        assert_eq!(edit(folder.path(), &editor, |_| true).0, Ok(()));
        assert_eq!(
            fs::read_to_string(folder.path().join("shop.yaml")).unwrap(),
            "targets: { a: { host: b } }\n"
        );
    }

    #[test]
    fn a_file_that_changed_meanwhile_stays() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("shop.yaml");
        fs::write(&file, GOOD).unwrap();
        let text = format!("echo '# theirs' >> '{}'; echo '# ours' >> \"$1\"", file.display());
        let editor = script(folder.path(), &text);
        let error = edit(folder.path(), &editor, |_| false).0.unwrap_err();
        assert!(error.message.ends_with("was changed by something else meanwhile"), "{error}");
        assert_eq!(fs::read_to_string(&file).unwrap(), format!("{GOOD}# theirs\n"));
        assert_eq!(fs::read_to_string(&drafts(folder.path())[0]).unwrap(), format!("{GOOD}# ours\n"));
    }
}
