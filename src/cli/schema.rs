//! `wrcap schema`: the JSON Schemas of site files and of the settings.

use super::error::{CliError, put};
use crate::{profile::schema, tui::settings_schema};
use std::io::Write;

/// Prints the JSON Schema of site files.
#[derive(Debug, Clone, clap::Args)]
pub struct SchemaArgs {
    /// The schema of config.yaml, the dashboard's settings, instead
    #[arg(long)]
    pub config: bool,
}

/// Prints the schema.
///
/// # Errors
/// The output cannot be written.
pub fn run(args: &SchemaArgs, out: &mut dyn Write) -> Result<(), CliError> {
    put(out, if args.config { settings_schema() } else { schema() })
}
