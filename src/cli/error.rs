//! Why a verb failed: a sentence, a hint, an exit code.

use super::exit::ExitCode;
use crate::{
    engine::{
        paths::PathsError,
        select::SelectError,
        store::{FileProblems, WriteError},
    },
    remote::text::clean,
};
use std::{
    fmt,
    io::{self, Write},
};

/// A verb's failure as it is told to a user.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", clean(.message))]
pub struct CliError {
    /// How `wrcap` ends because of it.
    pub code: ExitCode,
    /// One lowercase sentence without a full stop.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl CliError {
    /// A failure without a hint.
    pub fn new(code: ExitCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None }
    }

    /// Wrong usage or configuration.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(ExitCode::Usage, message)
    }

    /// The same with a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The lines for the terminal: the sentence, then `hint:` on its own line.
    pub fn lines(&self) -> String {
        sentence(&self.message, self.hint.as_deref())
    }
}

/// A sentence and its hint as lines for the terminal, free of control characters.
pub(super) fn sentence(message: &str, hint: Option<&str>) -> String {
    let hint = hint.map_or(String::new(), |hint| format!("hint: {}\n", clean(hint)));
    format!("{}\n{hint}", clean(message))
}

/// All that is wrong with site files, as lines for the terminal.
pub(super) fn problem_lines(files: &[FileProblems]) -> String {
    let lines = files.iter().flat_map(FileProblems::lines);
    lines.map(|(message, hint)| sentence(&message, hint.as_deref())).collect()
}

/// Writes to an output of ours. A reader that went away is no failure: it has seen what it wanted.
pub(super) fn put(out: &mut dyn Write, text: impl fmt::Display) -> Result<(), CliError> {
    match write!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(CliError::new(ExitCode::Output, format!("cannot write the output: {error}")))
        }
        _ => Ok(()),
    }
}

impl From<PathsError> for CliError {
    fn from(error: PathsError) -> Self {
        Self { code: ExitCode::Usage, message: error.to_string(), hint: error.hint() }
    }
}

impl From<SelectError> for CliError {
    fn from(error: SelectError) -> Self {
        Self { code: ExitCode::Usage, message: error.to_string(), hint: error.hint() }
    }
}

impl From<WriteError> for CliError {
    fn from(error: WriteError) -> Self {
        let code = match error {
            WriteError::Exists(_) | WriteError::Changed(_) => ExitCode::Usage,
            WriteError::Io { .. } => ExitCode::Output,
        };
        Self::new(code, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::{CliError, put};
    use std::io::{self, Write};

    struct Closed(io::ErrorKind);

    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn nothing_of_a_message_reaches_the_terminal_raw() {
        let error = CliError::usage("bad \x1b[2J name").hint("say\r\nmore");
        assert_eq!(error.lines(), "bad [2J name\nhint: say more\n");
    }

    #[test]
    fn a_reader_that_went_away_is_no_failure() {
        assert_eq!(put(&mut Closed(io::ErrorKind::BrokenPipe), "x"), Ok(()));
        assert!(put(&mut Closed(io::ErrorKind::StorageFull), "x").is_err());
    }
}
