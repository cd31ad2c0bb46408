//! `wrcap spool`: captures that runs which were killed left in the spool.

mod list;
mod remove;
mod save;

use std::{io::Write, time::SystemTime};

use super::{
    error::{CliError, sentence},
    exit::ExitCode,
};
use crate::{
    engine::{
        paths::Paths,
        spool::{self, DAYS_KEPT, Leftovers, StoredSpool},
    },
    remote::text::clean,
};

/// Shows, saves and removes what is in the spool.
#[derive(Debug, Clone, clap::Args)]
pub struct SpoolArgs {
    /// What to do
    #[command(subcommand)]
    pub verb: SpoolVerb,
}

/// What can be done with spools.
#[derive(Debug, Clone, clap::Subcommand)]
pub enum SpoolVerb {
    /// Show the captures in the spool
    List(list::ListArgs),
    /// Save captures of the spool as files
    Save(save::SaveArgs),
    /// Remove captures from the spool for good
    Rm(remove::RemoveArgs),
}

/// Does it.
///
/// # Errors
/// A name means nothing, or a disk says no.
pub fn run(
    args: &SpoolArgs,
    paths: &Paths,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<(), CliError> {
    match &args.verb {
        SpoolVerb::List(args) => list::run(args, paths, out, err),
        SpoolVerb::Save(args) => save::run(args, paths, out),
        SpoolVerb::Rm(args) => remove::run(args, paths, out),
    }
}

/// Removes what is too old, and says what is left, as a sentence and its hint.
fn leftovers(paths: &Paths) -> Vec<(String, String)> {
    let Leftovers { left, removed } = spool::sweep(&paths.spool, SystemTime::now());
    let is_left = (left > 0).then(|| {
        (captures(left, ["is still in the spool", "are still in the spool"]), "wrcap spool list".to_owned())
    });
    is_left.into_iter().chain(told(removed)).collect()
}

/// Removes what is too old, and says so; the dashboard tells of the rest by itself.
pub(super) fn removed(paths: &Paths) -> Option<(String, String)> {
    told(spool::sweep(&paths.spool, SystemTime::now()).removed)
}

fn told(removed: usize) -> Option<(String, String)> {
    let text = captures(removed, ["was removed from the spool", "were removed from the spool"]);
    (removed > 0).then(|| (text, format!("they are kept for {DAYS_KEPT} days")))
}

fn captures(count: usize, be: [&str; 2]) -> String {
    match count {
        1 => format!("1 capture of an earlier run {}", be[0]),
        _ => format!("{count} captures of an earlier run {}", be[1]),
    }
}

/// How many captures of dead sessions are in the spool.
pub(super) fn left(paths: &Paths) -> usize {
    spool::sweep(&paths.spool, SystemTime::now()).left
}

/// What a run that nobody ended by hand leaves, as lines for the terminal; `before` is how many captures were there.
pub(super) fn staying_lines(paths: &Paths, before: usize) -> String {
    let count = left(paths).saturating_sub(before);
    let text = match count {
        0 => return String::new(),
        1 => "1 capture that is not saved stays in the spool".to_owned(),
        _ => format!("{count} captures that are not saved stay in the spool"),
    };
    ["wrcap: ", &sentence(&text, Some("wrcap spool list"))].concat()
}

/// The same as lines for the terminal.
pub(super) fn leftover_lines(paths: &Paths) -> String {
    let line = |(text, hint): &(String, String)| ["wrcap: ", &sentence(text, Some(hint))].concat();
    leftovers(paths).iter().map(line).collect::<Vec<_>>().concat()
}

fn stored(paths: &Paths) -> Result<Vec<StoredSpool>, CliError> {
    spool::stored(&paths.spool).map_err(|error| {
        CliError::new(ExitCode::Output, format!("cannot list {}: {error}", paths.spool.display()))
    })
}

/// The spools of these names, each once.
fn named(paths: &Paths, names: &[String]) -> Result<Vec<StoredSpool>, CliError> {
    let all = stored(paths)?;
    if let Some(unknown) = names.iter().find(|name| all.iter().all(|spool| spool.name != **name)) {
        return Err(CliError::usage(format!("the spool holds nothing of the name {}", clean(unknown)))
            .hint("wrcap spool list shows the names"));
    }
    Ok(all.into_iter().filter(|spool| names.contains(&spool.name)).collect())
}
