//! `wrcap keys`, `completions` and `man`: documents made from the same tables as the program.

use std::io::Write;

use clap::CommandFactory as _;

use super::{
    args::Cli,
    error::{CliError, put},
    exit::ExitCode,
};

/// Prints the dashboard's keys.
#[derive(Debug, Clone, clap::Args)]
pub struct KeysArgs {}

/// Prints a completion script.
#[derive(Debug, Clone, clap::Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// Prints the manual page.
#[derive(Debug, Clone, clap::Args)]
pub struct ManArgs {}

/// Prints the key table.
pub fn keys(out: &mut dyn Write) -> Result<(), CliError> {
    put(out, crate::tui::key_table())
}

/// Prints a completion script for a shell.
pub fn completions(args: &CompletionsArgs, out: &mut dyn Write) -> Result<(), CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "wrcap", &mut script);
    put(out, String::from_utf8_lossy(&script))
}

/// Prints the manual page, as troff.
pub fn man(out: &mut dyn Write) -> Result<(), CliError> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command())
        .render(&mut page)
        .map_err(|error| CliError::new(ExitCode::Internal, error.to_string()))?;
    // The verbs have no pages of their own: their options are in `wrcap VERB --help`.
    put(out, String::from_utf8_lossy(&page).replace("wrcap\\-", "wrcap ").replace("(1)\n", "\n"))
}
