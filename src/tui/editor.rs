//! A site file in the user's editor, while the editor has the terminal.

use std::path::{Path, PathBuf};

use super::msg::{EditorEnd, FormText};
use crate::engine::store::{Draft, editor};

/// Opens the file of `site`, with `text` in place of its own if there is one, and waits until the editor has ended.
pub(super) fn edit(profiles: &Path, site: String, text: Option<&FormText>) -> EditorEnd {
    let draft = match text {
        Some(FormText { text, seen }) => Draft::of_text(profiles, &site, text, seen.as_deref()),
        None => Draft::of_file(profiles, &site),
    };
    let draft = match draft {
        Ok(draft) => draft,
        Err(error) => {
            let outcome = Err(error.to_string());
            return EditorEnd { site, earlier: Vec::new(), draft: PathBuf::new(), outcome };
        }
    };
    let opened = open(&draft);
    let outcome = opened.and_then(|()| draft.take().map_err(|error| error.to_string()));
    let earlier = draft.earlier.clone();
    if outcome.is_err() && draft.is_untouched() {
        draft.discard();
        return EditorEnd { site, earlier, draft: PathBuf::new(), outcome };
    }
    EditorEnd { site, earlier, draft: draft.path().to_owned(), outcome }
}

fn open(draft: &Draft) -> Result<(), String> {
    let editor = editor();
    let mut command = draft
        .command(&editor)
        .ok_or_else(|| format!("{editor:?} is no command line; VISUAL or EDITOR names the editor"))?;
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("the editor {editor} gave up: {status}")),
        Err(error) => Err(format!("cannot start the editor {editor}: {error}; VISUAL or EDITOR names it")),
    }
}
