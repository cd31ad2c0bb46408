//! `wrcap edit`: a site file in the user's editor, checked before it becomes real.

use super::{
    error::{CliError, put, sentence},
    exit::ExitCode,
};
use crate::remote::text::clean;
use crate::{
    engine::{
        paths::Paths,
        store::{Before, read_text, site_file, write_site},
    },
    profile::{Problem, TEMPLATE, parse_site},
};
use std::{
    env,
    fs::{self, DirBuilder},
    io::{self, BufRead as _, IsTerminal as _, Write},
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    process::Command,
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
    let editor = env::var("VISUAL").or_else(|_| env::var("EDITOR")).unwrap_or_default();
    let editor = if editor.trim().is_empty() { "vi" } else { editor.as_str() };
    Editing { folder: &paths.profiles, editor, again: edit_again, out, err }.edit(&args.site)
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

/// One go at a site file. The user works on a draft beside it; the draft goes away only when its text is in the
/// site file, or was never changed.
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
        let file = site_file(self.folder, site).ok_or_else(|| {
            CliError::usage(format!("{site:?} cannot name a site"))
                .hint("names are made of letters, digits, dots, dashes and underscores")
        })?;
        let old = match read_text(&file) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(CliError::usage(format!("cannot read {}: {error}", file.display()))),
        };
        let start = old.as_deref().unwrap_or(TEMPLATE);
        let draft = self.draft(site, start)?;
        let edited = self.until_valid(site, &draft, start);
        let unchanged = read_text(&draft).is_ok_and(|text| text == start);
        let done = match edited {
            Ok(_) if unchanged => put(self.out, "nothing was changed\n"),
            Ok(text) => self.save(&file, &text, old.as_deref()),
            Err(error) => Err(error),
        };
        if unchanged || done.is_ok() {
            // A draft that stays behind is only untidy: its text is safe.
            let _ = fs::remove_file(&draft);
            return done;
        }
        done.map_err(|error| error.hint(format!("your text is kept in {}", draft.display())))
    }

    fn save(&mut self, file: &Path, text: &str, old: Option<&str>) -> Result<(), CliError> {
        write_site(file, text, old.map_or(Before::Missing, Before::Text))?;
        put(self.out, format!("wrote {}\n", clean(&file.display().to_string())))
    }

    /// Opens the editor until the draft has no mistakes, or the user has enough.
    fn until_valid(&mut self, site: &str, draft: &Path, start: &str) -> Result<String, CliError> {
        loop {
            self.open(draft)?;
            let text = read_text(draft)
                .map_err(|error| CliError::usage(format!("cannot read {}: {error}", draft.display())))?;
            if text == start {
                return Ok(text);
            }
            let Err(problems) = parse_site(site, &text) else { return Ok(text) };
            put(self.err, told(draft, &problems))?;
            if !(self.again)(self.err) {
                return Err(CliError::usage(format!(
                    "the site {site} was not changed: the new text has mistakes"
                )));
            }
        }
    }

    /// A new draft with `text`, readable by this user alone. Its name begins with a dot: it is no site.
    fn draft(&mut self, site: &str, text: &str) -> Result<PathBuf, CliError> {
        let folder = self.folder;
        let failed = |error: io::Error| {
            CliError::new(ExitCode::Output, format!("cannot write to {}: {error}", folder.display()))
        };
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
        let prefix = format!(".{site}-draft-");
        for entry in fs::read_dir(folder).map_err(failed)?.flatten() {
            if entry.file_name().to_string_lossy().starts_with(&prefix) {
                let message = format!("an earlier draft of {site} is in {}", entry.path().display());
                put(self.err, sentence(&message, None))?;
            }
        }
        let mut draft =
            tempfile::Builder::new().prefix(&prefix).suffix(".yaml").tempfile_in(folder).map_err(failed)?;
        draft.write_all(text.as_bytes()).map_err(failed)?;
        let (_, path) = draft.keep().map_err(|error| failed(error.error))?;
        Ok(path)
    }

    fn open(&self, draft: &Path) -> Result<(), CliError> {
        let editor = self.editor;
        let words = shlex::split(editor).unwrap_or_default();
        let Some((program, arguments)) = words.split_first() else {
            return Err(CliError::usage(format!("{editor:?} is no command line"))
                .hint("VISUAL or EDITOR names the editor"));
        };
        match Command::new(program).args(arguments).arg(draft).status() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(CliError::usage(format!("the editor {editor} gave up: {status}"))),
            Err(error) => Err(CliError::usage(format!("cannot start the editor {editor}: {error}"))
                .hint("VISUAL or EDITOR names the editor")),
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
        assert!(edit(folder.path(), "true", |_| false).2.starts_with("an earlier draft of shop is in "));
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
