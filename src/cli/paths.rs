//! `wrcap paths`: where everything is kept.

use super::error::{CliError, put};
use crate::engine::paths::Paths;
use std::io::Write;

/// Prints the folders.
#[derive(Debug, Clone, clap::Args)]
pub struct PathsArgs {}

/// One folder a line, its name first; they need not exist.
///
/// # Errors
/// The output cannot be written.
pub fn run(_args: &PathsArgs, paths: &Paths, out: &mut dyn Write) -> Result<(), CliError> {
    let Paths { config, profiles, state, spool, log, runtime } = paths;
    let all = [
        ("config", config),
        ("profiles", profiles),
        ("state", state),
        ("spool", spool),
        ("log", log),
        ("runtime", runtime),
    ];
    all.iter().try_for_each(|(name, path)| put(out, format_args!("{name:<9} {}\n", path.display())))
}

#[cfg(test)]
mod tests {
    use super::{PathsArgs, run};
    use crate::engine::paths::Paths;
    use std::path::Path;

    #[test]
    fn every_folder_has_its_line() {
        let paths = Paths::from_env(Some(Path::new("/mine"))).unwrap();
        let mut out = Vec::new();
        run(&PathsArgs {}, &paths, &mut out).unwrap();
        let out = String::from_utf8(out).unwrap();
        let names: Vec<_> = out.lines().filter_map(|line| line.split_whitespace().next()).collect();
        assert_eq!(names, ["config", "profiles", "state", "spool", "log", "runtime"]);
        assert_eq!(out.lines().nth(1), Some("profiles  /mine"));
    }
}
