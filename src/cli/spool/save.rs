//! `wrcap spool save`.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use super::named;
use crate::{
    cli::{
        capture::saved_text,
        error::{CliError, put},
        exit::ExitCode,
    },
    engine::{
        SaveRange,
        paths::Paths,
        spool::{OWN_NAME, SaveError, StoredSpool},
    },
    profile::{check_template, is_template, parse_duration, parse_size},
    remote::text::clean,
};

/// Saves captures of the spool as files.
#[derive(Debug, Clone, clap::Args)]
pub struct SaveArgs {
    /// Names as `wrcap spool list` shows them
    #[arg(value_name = "NAME", required = true)]
    pub names: Vec<String>,
    /// The file, or a folder for one file each; {site}, {target}, {interface} and {start} in its name are filled in
    #[arg(short, long, value_name = "PATH")]
    pub write: Option<PathBuf>,
    /// Only the last packets: those of so long a time
    #[arg(long, value_name = "TIME", conflicts_with = "last_bytes")]
    pub last: Option<String>,
    /// Only the last packets: those that fit into so many bytes
    #[arg(long, value_name = "SIZE")]
    pub last_bytes: Option<String>,
}

/// Saves one after the other and says where.
pub(super) fn run(args: &SaveArgs, paths: &Paths, out: &mut dyn Write) -> Result<(), CliError> {
    let range = range(args)?;
    let spools = named(paths, &args.names)?;
    let wished = args.write.clone().unwrap_or_else(|| PathBuf::from(OWN_NAME));
    if is_template(&wished) {
        check_template(&wished).map_err(|(message, hint)| {
            let error = CliError::usage(format!("-w {} {message}", wished.display()));
            hint.map_or(error.clone(), |hint| error.hint(hint))
        })?;
    } else if spools.len() > 1 && !wished.is_dir() {
        return Err(CliError::usage(format!("{} is one file for several captures", wished.display()))
            .hint("make it a folder: each capture gets a file of its own there"));
    }
    for spool in &spools {
        let saved = save(spool, range, &wished).map_err(|error| not_saved(&spool.name, &error))?;
        put(out, format_args!("{}: {}\n", clean(&spool.name), saved_text(&saved)))?;
    }
    Ok(())
}

fn not_saved(name: &str, error: &SaveError) -> CliError {
    let failed = CliError::new(ExitCode::Output, format!("{name}: {error}"));
    match error.hint() {
        Some(hint) => failed.hint(hint),
        None => failed,
    }
}

fn range(args: &SaveArgs) -> Result<SaveRange, CliError> {
    let wrong = |option: &str, text: &str, hint: &str| {
        CliError::usage(format!("{option} {text:?} cannot be read")).hint(format!("write {hint}"))
    };
    match (&args.last, &args.last_bytes) {
        (Some(text), _) => parse_duration(text)
            .map(SaveRange::LastDuration)
            .ok_or_else(|| wrong("--last", text, "10m, 90s, or a number of seconds")),
        (None, Some(text)) => parse_size(text)
            .map(SaveRange::LastBytes)
            .ok_or_else(|| wrong("--last-bytes", text, "50MB, 1GiB, or a number of bytes")),
        (None, None) => Ok(SaveRange::All),
    }
}

fn save(spool: &StoredSpool, range: SaveRange, wished: &Path) -> Result<crate::engine::Saved, SaveError> {
    let path = if wished.is_dir() { wished.join(OWN_NAME) } else { wished.to_owned() };
    let snapshot = spool.snapshot().map_err(SaveError::Read)?;
    snapshot.save(range, &spool.named(&path))
}
