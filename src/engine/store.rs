//! The site files on disk: loaded all together, each written in one piece.

mod change;
mod draft;
mod undo;
mod watch;

use super::atomic;
pub use super::atomic::{Before, WriteError};
use crate::profile::{Problem, SCHEMA_FILE, Site, Target, parse_site, schema, valid_name};
pub use change::{Change, SaveError, delete, read_site_text, revert, save, save_as};
pub use draft::{Draft, Outcome, editor};
use std::{
    fs, io,
    path::{Path, PathBuf},
};
pub use undo::UndoLog;
pub use watch::Watch;

/// A site file larger than this is something else, in bytes.
pub(super) const MAX_FILE: u64 = 1 << 20;

/// All that a profiles folder holds.
#[derive(Debug, Default)]
pub struct Catalog {
    /// The sites that can be used, by name.
    pub sites: Vec<Site>,
    /// The files that cannot.
    pub problems: Vec<FileProblems>,
}

/// A site file that cannot be used.
#[derive(Debug, Clone)]
pub struct FileProblems {
    /// The file.
    pub file: PathBuf,
    /// Why not.
    pub trouble: Trouble,
}

/// Why a site file cannot be used.
#[derive(Debug, Clone)]
pub enum Trouble {
    /// It cannot be read.
    Unreadable(String),
    /// Mistakes in it; at least one.
    Invalid(Vec<Problem>),
}

impl FileProblems {
    /// Each problem as `FILE:LINE:COLUMN: sentence` and its hint.
    pub fn lines(&self) -> Vec<(String, Option<String>)> {
        let file = self.file.display();
        match &self.trouble {
            Trouble::Unreadable(why) => vec![(format!("{file}: {why}"), None)],
            Trouble::Invalid(found) => {
                found.iter().map(|problem| (format!("{file}:{problem}"), problem.hint.clone())).collect()
            }
        }
    }

    /// The site that the file would have been.
    pub(super) fn site(&self) -> &str {
        self.file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default()
    }
}

impl Catalog {
    /// Loads every `*.yaml` and `*.yml` of `folder`; names that begin with a dot are not ours. A missing folder
    /// is an empty one, and a file with mistakes takes nothing away from the others.
    ///
    /// # Errors
    /// The folder is there and cannot be listed.
    pub fn load(folder: &Path) -> io::Result<Self> {
        let mut catalog = Self::default();
        for file in site_files(folder)? {
            match read_site(&file) {
                Ok(site) if catalog.sites.iter().any(|known| known.name == site.name) => {
                    let trouble = Trouble::Unreadable(format!("the site {} has another file", site.name));
                    catalog.problems.push(FileProblems { file, trouble });
                }
                Ok(site) => catalog.sites.push(site),
                Err(trouble) => catalog.problems.push(FileProblems { file, trouble }),
            }
        }
        Ok(catalog)
    }

    /// All targets, in the order of the sites' names and then of their files.
    pub fn targets(&self) -> impl Iterator<Item = &Target> {
        self.sites.iter().flat_map(|site| &site.targets)
    }
}

/// The site files of `folder` by name.
fn site_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let hidden = path.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
        if !hidden && path.extension().is_some_and(|found| found == "yaml" || found == "yml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn read_site(file: &Path) -> Result<Site, Trouble> {
    let unreadable = |why: &str| Trouble::Unreadable(why.to_owned());
    let Some(name) = file.file_stem().and_then(|stem| stem.to_str()) else {
        return Err(unreadable("the file's name is no text"));
    };
    let text = read_text(file).map_err(|error| Trouble::Unreadable(format!("cannot be read: {error}")))?;
    parse_site(name, &text).map_err(Trouble::Invalid)
}

/// The text of a small regular file.
///
/// # Errors
/// It cannot be read, is larger than any site file, or is no UTF-8.
pub fn read_text(file: &Path) -> io::Result<String> {
    let found = fs::metadata(file)?;
    if !found.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    if found.len() > MAX_FILE {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than 1 MiB"));
    }
    fs::read_to_string(file)
}

/// The file of the site `name`: the one that is there, or the one to be made. `None` for what cannot be a site's name.
pub fn site_file(folder: &Path, name: &str) -> Option<PathBuf> {
    let short = folder.join(format!("{name}.yml"));
    let file = if short.exists() { short } else { folder.join(format!("{name}.yaml")) };
    valid_name(name).then_some(file)
}

/// Writes a site file, and the schema that its first line names beside it.
///
/// # Errors
/// See [`WriteError`]; nothing was changed then. A schema that cannot be written is none: it is a comfort of editors.
pub fn write_site(file: &Path, text: &str, before: Before<'_>) -> Result<(), WriteError> {
    atomic::write(file, text, before)?;
    let schema_file = file.with_file_name(SCHEMA_FILE);
    let found = fs::read_to_string(&schema_file).ok();
    if found.as_deref() != Some(schema().as_str()) {
        let _ =
            atomic::write(&schema_file, &schema(), found.as_deref().map_or(Before::Missing, Before::Text));
    }
    Ok(())
}

#[cfg(test)]
pub(super) mod tests {
    use super::{Before, Catalog, site_file, write_site};
    use std::fs;

    pub(in crate::engine) fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        put("shop.yaml", "targets: { web-2: { host: b }, web-1: { host: a } }");
        put("lab.yml", "targets: { t1: { host: c } }");
        put("lab.yaml", "targets: { t9: { host: d } }");
        put("broken.yaml", "targets: { a: { hots: b } }");
        put(".draft.yaml", "nonsense: [");
        put("notes.txt", "nonsense: [");
        put("bad name.yaml", "targets: { a: { host: b } }");
        put("latin1.yaml", "");
        fs::write(folder.path().join("latin1.yaml"), b"# \xe9\n").unwrap();
        fs::create_dir(folder.path().join("dir.yaml")).unwrap();
        put("old.conf", "CONNECT_HOSTNAME=old.example\n");
        folder
    }

    #[test]
    fn broken_files_hide_nothing() {
        let folder = folder();
        let catalog = Catalog::load(folder.path()).unwrap();
        let sites: Vec<_> = catalog.sites.iter().map(|site| site.name.as_str()).collect();
        assert_eq!(sites, ["lab", "shop"]);
        let told: Vec<String> =
            catalog.problems.iter().flat_map(super::FileProblems::lines).map(|line| line.0).collect();
        let told: Vec<_> = told.iter().map(|line| line.rsplit('/').next().unwrap()).collect();
        assert_eq!(
            told,
            [
                "bad name.yaml:1:1: \"bad name\" cannot name a site",
                "broken.yaml:1:12: targets.a: the host is missing",
                "broken.yaml:1:17: targets.a.hots: unknown key",
                "dir.yaml: cannot be read: it is no regular file",
                "lab.yml: the site lab has another file",
                "latin1.yaml: cannot be read: stream did not contain valid UTF-8",
            ]
        );
        assert!(Catalog::load(&folder.path().join("none")).unwrap().sites.is_empty());
    }

    #[test]
    fn files_of_sites() {
        let folder = folder();
        assert_eq!(site_file(folder.path(), "new"), Some(folder.path().join("new.yaml")));
        assert_eq!(site_file(folder.path(), "lab"), Some(folder.path().join("lab.yml")));
        assert_eq!(site_file(folder.path(), "../x"), None);
        let file = folder.path().join("new.yaml");
        write_site(&file, "targets: { a: { host: b } }", Before::Missing).unwrap();
        assert_eq!(Catalog::load(folder.path()).unwrap().sites[1].name, "new");
        assert_eq!(fs::read_to_string(folder.path().join(".schema.json")).unwrap(), crate::profile::schema());
    }
}
