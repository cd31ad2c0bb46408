//! `wrcap schema`: the JSON Schema of site files.

use super::error::{CliError, put};
use crate::profile::schema;
use std::io::Write;

/// Prints the JSON Schema of site files.
#[derive(Debug, Clone, clap::Args)]
pub struct SchemaArgs {}

/// Prints the schema.
///
/// # Errors
/// The output cannot be written.
pub fn run(_args: &SchemaArgs, out: &mut dyn Write) -> Result<(), CliError> {
    put(out, schema())
}
