//! Files that are either the old ones or the new ones, whatever happens in between.

use std::{
    fs::{self, DirBuilder, File},
    io::{self, Write as _},
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};

/// What the writer believes to stand on the disk.
#[derive(Debug, Clone, Copy)]
pub enum Before<'a> {
    /// Nothing: the file is new.
    Missing,
    /// This text.
    Text(&'a str),
}

/// A file that was not written. What was there before is still there.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Somebody made it first.
    #[error("{path} exists already", path = .0.display())]
    Exists(PathBuf),
    /// Somebody changed or removed it meanwhile.
    #[error("{path} was changed by something else meanwhile", path = .0.display())]
    Changed(PathBuf),
    /// The disk said no.
    #[error("cannot write {path}: {source}", path = .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// Writes `text` to `path` in one step that survives a crash: a temporary file in the same folder, synced, renamed,
/// the folder synced. New files have mode 0600, old ones keep theirs; a link stays a link and its file is written.
///
/// # Errors
/// The file is not what `before` says, or cannot be written.
pub(super) fn write(path: &Path, text: &str, before: Before<'_>) -> Result<(), WriteError> {
    let failed = |source| WriteError::Io { path: path.to_owned(), source };
    let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = real.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
    let mut temporary = tempfile::Builder::new().prefix(".wrcap-").tempfile_in(folder).map_err(failed)?;
    temporary.write_all(text.as_bytes()).map_err(failed)?;
    if let Before::Text(_) = before
        && let Ok(old) = fs::metadata(&real)
    {
        temporary.as_file().set_permissions(old.permissions()).map_err(failed)?;
    }
    temporary.as_file().sync_all().map_err(failed)?;
    match before {
        Before::Missing => {
            temporary.persist_noclobber(&real).map_err(|error| match error.error.kind() {
                io::ErrorKind::AlreadyExists => WriteError::Exists(path.to_owned()),
                _ => failed(error.error),
            })?;
        }
        // Between this look and the rename another writer could still slip in; there is no rename that
        // compares, and the time in between is microseconds.
        Before::Text(old) if fs::read(&real).is_ok_and(|found| found == old.as_bytes()) => {
            temporary.persist(&real).map_err(|error| failed(error.error))?;
        }
        Before::Text(_) => return Err(WriteError::Changed(path.to_owned())),
    }
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::{Before, WriteError, write};
    use std::{
        fs,
        os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink},
    };

    #[test]
    fn only_what_is_expected_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sub/a.yaml");
        write(&file, "one", Before::Missing).unwrap();
        assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
        assert!(matches!(write(&file, "two", Before::Missing), Err(WriteError::Exists(_))));
        assert!(matches!(write(&file, "two", Before::Text("zero")), Err(WriteError::Changed(_))));
        assert_eq!(fs::read_to_string(&file).unwrap(), "one");

        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        write(&file, "two", Before::Text("one")).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "two");
        assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o640);

        fs::remove_file(&file).unwrap();
        assert!(matches!(write(&file, "three", Before::Text("two")), Err(WriteError::Changed(_))));
        let left: Vec<_> = fs::read_dir(folder.path().join("sub")).unwrap().collect();
        assert!(left.is_empty(), "{left:?}");
    }

    #[test]
    fn links_stay_links() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::write(&real, "one").unwrap();
        symlink(&real, &link).unwrap();
        write(&link, "two", Before::Text("one")).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&real).unwrap(), "two");
    }
}
