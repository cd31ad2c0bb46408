//! `wrcap spool rm`.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader, IsTerminal as _, Write},
};

use super::{named, stored};
use crate::{
    cli::{
        error::{CliError, put},
        exit::ExitCode,
    },
    engine::{paths::Paths, spool::StoredSpool},
    remote::text::clean,
};

/// Removes captures from the spool for good.
#[derive(Debug, Clone, clap::Args)]
pub struct RemoveArgs {
    /// Names as `wrcap spool list` shows them
    #[arg(value_name = "NAME", required_unless_present = "all", conflicts_with = "all")]
    pub names: Vec<String>,
    /// All that no running wrcap holds
    #[arg(long)]
    pub all: bool,
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
}

/// Asks, then removes.
pub(super) fn run(args: &RemoveArgs, paths: &Paths, out: &mut dyn Write) -> Result<(), CliError> {
    let spools = if args.all {
        stored(paths)?.into_iter().filter(|spool| !spool.is_live).collect()
    } else {
        named(paths, &args.names)?
    };
    if let Some(live) = spools.iter().find(|spool| spool.is_live) {
        let name = clean(&live.name);
        return Err(if live.has_ended {
            CliError::usage(format!("{name} is of an ended session whose dashboard still runs"))
                .hint("D there, or leaving it, decides about its packets")
        } else {
            CliError::usage(format!("a running session writes to {name}"))
                .hint("stop it first; its spool goes with it")
        });
    }
    if spools.is_empty() {
        return put(out, "nothing to remove\n");
    }
    if !args.yes && !is_wanted(&spools)? {
        return put(out, "nothing was removed\n");
    }
    for spool in &spools {
        let name = clean(&spool.name);
        spool
            .remove()
            .map_err(|error| CliError::new(ExitCode::Output, format!("could not remove {name}: {error}")))?;
        put(out, format_args!("removed {name}\n"))?;
    }
    Ok(())
}

/// Asks on the terminal; without one there is nobody to ask.
fn is_wanted(spools: &[StoredSpool]) -> Result<bool, CliError> {
    let asked = |error: io::Error| CliError::new(ExitCode::Output, format!("could not ask: {error}"));
    if !io::stdin().is_terminal() {
        return Err(CliError::usage("there is no terminal to ask on").hint("--yes removes without asking"));
    }
    let mut terminal = File::options().read(true).write(true).open("/dev/tty").map_err(asked)?;
    for spool in spools {
        let target = spool.about.as_ref().map_or_else(|| "-".to_owned(), |about| clean(&about.target));
        writeln!(terminal, "  {}  {target}  {} bytes", clean(&spool.name), spool.bytes).map_err(asked)?;
    }
    let what = if spools.len() == 1 { "it".to_owned() } else { format!("these {}", spools.len()) };
    write!(terminal, "remove {what} for good? [yes/no] ").map_err(asked)?;
    let mut answer = String::new();
    BufReader::new(&terminal).read_line(&mut answer).map_err(asked)?;
    Ok(answer.trim() == "yes")
}
