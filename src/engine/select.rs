//! From the words on a command line to targets: saved ones by selector, and settings files of the old script.

use super::store::{Catalog, FileProblems, MAX_FILE};
use crate::profile::{
    Selector, SelectorError, Target, TargetName,
    import::{self, ImportError, Imported},
    nearest,
};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Selectors that select nothing that can be used.
#[derive(Debug, thiserror::Error)]
pub enum SelectError {
    /// The text is no selector.
    #[error(transparent)]
    Text(#[from] SelectorError),
    /// There is no such target.
    #[error("no saved target matches {selector:?}")]
    Nothing {
        /// What was asked for.
        selector: String,
        /// What was perhaps meant.
        near: Option<String>,
    },
    /// The site is there, and its file has mistakes.
    #[error("{}", .0.lines().first().map_or("", |(message, _)| message))]
    Broken(FileProblems),
    /// A settings file of the old script cannot be read.
    #[error("cannot read {path}: {source}", path = .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A settings file of the old script gives no target.
    #[error("cannot use {path}: {source}", path = .path.display())]
    Import {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: ImportError,
    },
}

impl SelectError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Nothing { near: Some(near), .. } => Some(format!("did you mean {near}?")),
            Self::Nothing { near: None, .. } => Some("wrcap list shows all saved targets".to_owned()),
            Self::Broken(file) => file.lines().into_iter().next().and_then(|(_, hint)| hint),
            Self::Import { path, .. } => {
                Some(format!("wrcap import --dry-run {} shows more", path.display()))
            }
            Self::Text(_) | Self::Read { .. } => None,
        }
    }
}

/// What selectors select.
#[derive(Debug, Default)]
pub struct Selection {
    /// The targets in the order asked for, each once.
    pub targets: Vec<Target>,
    /// The settings files of the old script among them, with what their import has to say.
    pub imported: Vec<(PathBuf, Imported)>,
}

impl Catalog {
    /// The targets that `selectors` mean; paths of `wireshark-remote.conf` files are read on the spot.
    ///
    /// # Errors
    /// The first selector that means nothing usable.
    pub fn select(&self, selectors: &[String]) -> Result<Selection, SelectError> {
        let mut selection = Selection::default();
        for text in selectors {
            if let Some(path) = conf_path(text) {
                let imported = load_conf(&path)?;
                selection.add(&imported.target);
                selection.imported.push((path, imported));
                continue;
            }
            let selector = Selector::parse(text)?;
            let mut any = false;
            for target in self.targets().filter(|target| selector.matches(&target.name)) {
                selection.add(target);
                any = true;
            }
            if !any {
                return Err(self.nothing(&selector));
            }
        }
        Ok(selection)
    }

    /// Why `selector` found nothing.
    fn nothing(&self, selector: &Selector) -> SelectError {
        if let Some(broken) = self.problems.iter().find(|file| selector.matches_site(file.site())) {
            return SelectError::Broken(broken.clone());
        }
        let selector = selector.to_string();
        let names: Vec<String> = if selector.contains('/') {
            self.targets().map(|target| target.name.to_string()).collect()
        } else {
            self.sites.iter().map(|site| site.name.clone()).collect()
        };
        let near = nearest(&selector, names.iter().map(String::as_str)).map(str::to_owned);
        SelectError::Nothing { near: near.or_else(|| self.named(&selector)), selector }
    }

    /// The full name of the first target that is called `name` in its site.
    fn named(&self, name: &str) -> Option<String> {
        let found = |target: &&Target| target.name.target == name;
        self.targets().find(found).map(|target| target.name.to_string())
    }
}

impl Selection {
    fn add(&mut self, target: &Target) {
        let has = |name: &TargetName| self.targets.iter().any(|known| known.name == *name);
        if !has(&target.name) {
            self.targets.push(target.clone());
        }
    }
}

/// The path of a settings file of the old script, when `selector` is one: it ends in `.conf`, or has a slash and is
/// there as a file.
pub fn conf_path(selector: &str) -> Option<PathBuf> {
    let path = Path::new(selector);
    let conf = path.extension().is_some_and(|extension| extension == "conf");
    (conf || (selector.contains('/') && path.is_file())).then(|| path.to_owned())
}

/// Reads a settings file of the old script as a site named after the file. Bytes that are no UTF-8 (comments
/// in an older Japanese encoding) are replaced.
///
/// # Errors
/// [`SelectError::Read`] or [`SelectError::Import`].
pub fn load_conf(path: &Path) -> Result<Imported, SelectError> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    import_as(path, &import::site_name(&stem))
}

/// The same with a site's name given.
///
/// # Errors
/// [`SelectError::Read`] or [`SelectError::Import`].
pub fn import_as(path: &Path, site: &str) -> Result<Imported, SelectError> {
    let read = |source| SelectError::Read { path: path.to_owned(), source };
    if fs::metadata(path).map_err(read)?.len() > MAX_FILE {
        return Err(read(io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than 1 MiB")));
    }
    let text = fs::read(path).map_err(read)?;
    let source = path.file_name().unwrap_or_default().to_string_lossy();
    import::import_conf(&String::from_utf8_lossy(&text), site, &source)
        .map_err(|source| SelectError::Import { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::{SelectError, conf_path};
    use crate::engine::store::{Catalog, tests::folder};
    use std::path::Path;

    fn names(folder: &Path, selectors: &[&str]) -> Result<Vec<String>, SelectError> {
        let selectors: Vec<_> = selectors.iter().map(|text| (*text).to_owned()).collect();
        let selection = Catalog::load(folder).unwrap().select(&selectors)?;
        Ok(selection.targets.iter().map(|target| target.name.to_string()).collect())
    }

    #[test]
    fn selections() {
        let folder = folder();
        let conf = folder.path().join("old.conf");
        let conf = conf.to_str().unwrap();
        for (selectors, wanted) in [
            (&["shop"][..], &["shop/web-2", "shop/web-1"][..]),
            (&["shop/web-1", "shop"], &["shop/web-1", "shop/web-2"]),
            (&["*/web-?"], &["shop/web-2", "shop/web-1"]),
            (&["*"], &["lab/t9", "shop/web-2", "shop/web-1"]),
            (&[conf, "lab"], &["old/old.example", "lab/t9"]),
            (&[], &[]),
        ] {
            assert_eq!(names(folder.path(), selectors).unwrap(), wanted, "{selectors:?}");
        }
    }

    #[test]
    fn selections_of_nothing_say_what_was_meant() {
        let folder = folder();
        for (selector, message, hint) in [
            ("shpo", "no saved target matches \"shpo\"", Some("did you mean shop?")),
            ("shop/wbe-1", "no saved target matches \"shop/wbe-1\"", Some("did you mean shop/web-1?")),
            ("web-1", "no saved target matches \"web-1\"", Some("did you mean shop/web-1?")),
            ("zzz", "no saved target matches \"zzz\"", Some("wrcap list shows all saved targets")),
            ("a b", "\"a b\" selects nothing: a selector is SITE, SITE/TARGET, or either with * and ?", None),
        ] {
            let error = names(folder.path(), &[selector]).unwrap_err();
            assert_eq!((error.to_string().as_str(), error.hint().as_deref()), (message, hint));
        }
        let broken = names(folder.path(), &["broken/a"]).unwrap_err();
        assert!(matches!(broken, SelectError::Broken(_)), "{broken}");
        assert!(matches!(names(folder.path(), &["no.conf"]), Err(SelectError::Read { .. })));
        assert_eq!(conf_path("shop/web-1"), None);
    }
}
