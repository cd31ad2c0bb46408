//! `wrcap import`: a settings file of the old script becomes a site file.

use super::error::{CliError, put, sentence};
use crate::remote::text::clean;
use crate::{
    engine::{
        paths::Paths,
        select::{SelectError, import_as},
        store::{Before, WriteError, site_file, write_site},
    },
    profile::{
        import::{Line, site_name},
        name_rule,
    },
};
use std::{io::Write, path::PathBuf};

/// Makes a site of a wireshark-remote.conf.
#[derive(Debug, Clone, clap::Args)]
pub struct ImportArgs {
    /// The settings file; it is read as the shell would, and nothing in it is run
    pub file: PathBuf,
    /// The new site's name; without it the file's
    #[arg(long, value_name = "SITE")]
    pub name: Option<String>,
    /// Print the site file and write nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Writes the site file and says so on `out`; with `--dry-run` prints it there. What was not used, and what means
/// something else now, goes to `err`.
///
/// # Errors
/// The file cannot be read or gives no target, the name cannot be one, or the site is there already.
pub fn run(
    args: &ImportArgs,
    paths: &Paths,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<(), CliError> {
    let stem = args.file.file_stem().unwrap_or_default().to_string_lossy();
    let site = args.name.clone().unwrap_or_else(|| site_name(&stem));
    let file = site_file(&paths.profiles, &site)
        .ok_or_else(|| CliError::usage(format!("{site:?} cannot name a site")).hint(name_rule()))?;
    let imported = match import_as(&args.file, &site) {
        Ok(imported) => imported,
        Err(error) => {
            if let SelectError::Import { source, .. } = &error {
                report(&source.report, err)?;
            }
            let CliError { code, message, .. } = error.into();
            return Err(CliError::new(code, message));
        }
    };
    if args.dry_run {
        put(out, &imported.site_yaml)?;
        return report(&imported.report, err);
    }
    write_site(&file, &imported.site_yaml, Before::Missing).map_err(|error| match error {
        WriteError::Exists(_) => {
            CliError::usage(format!("the site {site} is there already: {}", file.display()))
                .hint("choose another name with --name")
        }
        other => other.into(),
    })?;
    put(out, format!("wrote {}\ntarget {}\n", clean(&file.display().to_string()), imported.target.name))?;
    report(&imported.report, err)
}

fn report(lines: &[Line], err: &mut dyn Write) -> Result<(), CliError> {
    let text: String =
        lines.iter().map(|line| sentence(&format!("{}: {line}", line.fate.word()), None)).collect();
    put(err, text)
}

#[cfg(test)]
mod tests {
    use super::{ImportArgs, run};
    use crate::{cli::exit::ExitCode, engine::paths::Paths};
    use std::fs;

    #[test]
    fn a_site_is_written_once() {
        let folder = tempfile::tempdir().unwrap();
        let paths = Paths::from_env(Some(&folder.path().join("profiles"))).unwrap();
        let conf = folder.path().join("wireshark-remote.conf");
        fs::write(&conf, "CONNECT_HOSTNAME=web\nFILTER='tcp port 80'\necho hi\n").unwrap();
        let import = |name: Option<&str>, dry_run| {
            let args = ImportArgs { file: conf.clone(), name: name.map(str::to_owned), dry_run };
            let (mut out, mut err) = (Vec::new(), Vec::new());
            let result = run(&args, &paths, &mut out, &mut err);
            (result, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
        };
        let (result, out, err) = import(None, true);
        assert_eq!(result, Ok(()));
        assert!(out.ends_with("targets:\n  web:\n    host: web\n    filter: tcp port 80\n"), "{out}");
        assert!(err.contains("changed: line 2: FILTER is really a filter now"), "{err}");
        assert!(err.contains("not used: line 3: is a command"), "{err}");
        assert!(!paths.profiles.exists(), "a dry run writes nothing");

        assert!(import(None, false).1.ends_with("target wireshark-remote/web\n"));
        let again = import(None, false).0.unwrap_err();
        assert_eq!(
            (again.code, again.hint.as_deref()),
            (ExitCode::Usage, Some("choose another name with --name"))
        );
        assert_eq!(import(Some("other"), false).0, Ok(()));
        assert_eq!(import(Some("../x"), false).0.unwrap_err().code, ExitCode::Usage);
        assert!(paths.profiles.join("other.yaml").exists());

        fs::write(&conf, "CONNECT_HOSTNAME=$(hostname)\n").unwrap();
        let (result, _, err) = import(Some("third"), false);
        assert!(result.unwrap_err().message.ends_with("CONNECT_HOSTNAME is not set"));
        assert!(err.starts_with("not used: line 1: CONNECT_HOSTNAME cannot be told"), "{err}");
    }
}
