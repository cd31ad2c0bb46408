//! A shell on our own terminal, for a user who wants it back while captures go on.

use std::{
    env,
    io::{self, Write as _},
};

use tokio::process::{Child, Command};

/// A shell that has the terminal.
#[derive(Debug)]
pub struct Shell(Child);

impl Shell {
    /// Starts `$SHELL` on the terminal, which must have been given back. It makes process groups of its own, so keys
    /// like Ctrl-c reach it and what it runs, never us.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn open() -> io::Result<Self> {
        let shell =
            env::var_os("SHELL").filter(|shell| !shell.is_empty()).unwrap_or_else(|| "/bin/sh".into());
        let mut out = io::stdout();
        writeln!(out, "captures go on; leave this shell (Ctrl-d) to come back to wrcap")
            .and_then(|()| out.flush())?;
        Command::new(shell).spawn().map(Self)
    }

    /// Waits for its end. Whoever stops waiting may wait again.
    pub async fn ended(&mut self) {
        if let Err(error) = self.0.wait().await {
            tracing::warn!(%error, "waiting for the shell broke off");
        }
    }
}
