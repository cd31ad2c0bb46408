//! Where wrcap keeps things on this machine: the XDG folders, on macOS too.

use std::{
    env,
    fs::{self, DirBuilder},
    io,
    os::unix::{
        ffi::OsStrExt as _,
        fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _},
    },
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use crate::remote::ssh_config::MAX_CONTROL_PATH;

/// What a socket's name below the runtime folder may need, in bytes, a session's own folder and slashes included.
const SOCKET_NAME: usize = 40;

/// All folders. None of them needs to exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// `$XDG_CONFIG_HOME/wrcap`.
    pub config: PathBuf,
    /// The site files: `profiles` below it, or what the command line says.
    pub profiles: PathBuf,
    /// `$XDG_STATE_HOME/wrcap`.
    pub state: PathBuf,
    /// The spools of sessions.
    pub spool: PathBuf,
    /// The log file.
    pub log: PathBuf,
    /// Sockets: `$XDG_RUNTIME_DIR/wrcap`, or `/tmp/wrcap-UID` where that is missing, not ours, or too long for a socket.
    pub runtime: PathBuf,
}

/// A folder that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PathsError {
    /// No home folder.
    #[error("cannot find the home folder of this user")]
    NoHome,
    /// Could not be made or looked at.
    #[error("cannot make the folder {path}: {source}", path = .path.display())]
    Make {
        /// The folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Somebody else could put things into it or read it.
    #[error("the folder {path} is not safe to use: {why}", path = .path.display())]
    Unsafe {
        /// The folder.
        path: PathBuf,
        /// What is wrong with it.
        why: &'static str,
    },
}

impl PathsError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoHome => Some("set HOME".to_owned()),
            Self::Make { path, .. } => Some(format!(
                "see who may write to {}, or name other folders: wrcap paths",
                path.parent().unwrap_or(path).display()
            )),
            Self::Unsafe { path, .. } => Some(format!("look at it, then remove it: {}", path.display())),
        }
    }
}

/// What the folders are made from.
#[derive(Debug, Default)]
struct Base {
    home: PathBuf,
    config: Option<PathBuf>,
    state: Option<PathBuf>,
    runtime: Option<PathBuf>,
    uid: u32,
}

impl Paths {
    /// The folders of this user. `profiles` is the folder that the command line names, if any.
    ///
    /// # Errors
    /// There is no home folder.
    pub fn from_env(profiles: Option<&Path>) -> Result<Self, PathsError> {
        let home = directories::BaseDirs::new().ok_or(PathsError::NoHome)?.home_dir().to_owned();
        let uid = rustix::process::geteuid().as_raw();
        // After sudo the variable may still name another user's folder.
        let ours =
            |path: &PathBuf| fs::metadata(path).is_ok_and(|found| found.is_dir() && found.uid() == uid);
        let base = Base {
            home,
            config: absolute("XDG_CONFIG_HOME"),
            state: absolute("XDG_STATE_HOME"),
            runtime: absolute("XDG_RUNTIME_DIR").filter(ours),
            uid,
        };
        Ok(Self::resolve(base, profiles))
    }

    /// Everything below one folder, but the sockets where their paths would be too long.
    pub fn below(folder: &Path, profiles: &Path) -> Self {
        let base = Base {
            home: folder.to_owned(),
            config: None,
            state: Some(folder.join("state")),
            runtime: Some(folder.join("run")),
            uid: rustix::process::geteuid().as_raw(),
        };
        Self::resolve(base, Some(profiles))
    }

    fn resolve(base: Base, profiles: Option<&Path>) -> Self {
        let config = base.config.unwrap_or_else(|| base.home.join(".config")).join("wrcap");
        let state = base.state.unwrap_or_else(|| base.home.join(".local/state")).join("wrcap");
        // What lies in the runtime folder and is nobody's is removed: nothing of value may ever lie there.
        let shared = |path: &PathBuf| *path == config || *path == state;
        let runtime = base.runtime.map(|folder| folder.join("wrcap"));
        let runtime = runtime.map(|path| if shared(&path) { path.join("run") } else { path });
        Self {
            profiles: profiles.map_or_else(|| config.join("profiles"), Path::to_owned),
            spool: state.join("spool"),
            log: state.join("wrcap.log"),
            runtime: runtime
                .filter(|path| path.as_os_str().as_bytes().len() + SOCKET_NAME <= MAX_CONTROL_PATH)
                .unwrap_or_else(|| PathBuf::from(format!("/tmp/wrcap-{}", base.uid))),
            config,
            state,
        }
    }

    /// The dashboard's settings.
    pub fn config_file(&self) -> PathBuf {
        self.config.join("config.yaml")
    }

    /// How the dashboard was arranged when it was left last.
    pub fn arrangement_file(&self) -> PathBuf {
        self.state.join("dashboard.json")
    }

    /// Makes the runtime folder where it is missing; gives its path only if nobody else can touch it.
    ///
    /// # Errors
    /// It cannot be made, is a link, is another user's, or is open to others.
    pub fn runtime_dir(&self) -> Result<&Path, PathsError> {
        private_dir(&self.runtime)
    }

    /// The same for the folder of spools: they hold other people's traffic.
    ///
    /// # Errors
    /// As for [`Paths::runtime_dir`].
    pub fn spool_dir(&self) -> Result<&Path, PathsError> {
        private_dir(&self.state)?;
        private_dir(&self.spool)
    }
}

/// Writes a file of our own state, readable for this user alone, in one step. The folder must be there.
///
/// # Errors
/// It cannot be written.
pub fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    // Temporary files have mode 0600.
    let mut temporary = tempfile::Builder::new().prefix(".wrcap-").tempfile_in(folder)?;
    io::Write::write_all(&mut temporary, text.as_bytes())?;
    temporary.persist(path).map(drop).map_err(|error| error.error)
}

/// A path of the user's with `~` expanded.
pub(crate) fn expanded(path: &Path) -> PathBuf {
    match path.strip_prefix("~") {
        Ok(rest) => {
            directories::BaseDirs::new().map_or_else(|| rest.to_owned(), |dirs| dirs.home_dir().join(rest))
        }
        Err(_) => path.to_owned(),
    }
}

/// A new folder in `parent` for this user alone, gone with the value. Its name is short: sockets lie in it.
pub(super) fn private_folder(prefix: &str, parent: &Path) -> io::Result<TempDir> {
    let private = fs::Permissions::from_mode(0o700);
    tempfile::Builder::new().prefix(prefix).rand_bytes(5).permissions(private).tempdir_in(parent)
}

/// An XDG variable; the standard says that relative paths in them count as not set.
fn absolute(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute())
}

/// Makes `path` (and folders above it) for this user alone, or checks that it is so.
pub(super) fn private_dir(path: &Path) -> Result<&Path, PathsError> {
    let failed = |source| PathsError::Make { path: path.to_owned(), source };
    if let Some(parent) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(parent).map_err(failed)?;
    }
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(failed(error)),
        _ => {}
    }
    // Not followed: in /tmp another user may have put a link to a folder of ours under this name.
    let found = fs::symlink_metadata(path).map_err(failed)?;
    let why = if found.is_symlink() {
        "it is a symbolic link"
    } else if !found.is_dir() {
        "it is no folder"
    } else if found.uid() != rustix::process::geteuid().as_raw() {
        "it belongs to another user"
    } else if found.mode() & 0o077 != 0 {
        "other users have access to it"
    } else {
        return Ok(path);
    };
    Err(PathsError::Unsafe { path: path.to_owned(), why })
}

#[cfg(test)]
mod tests {
    use super::{Base, Paths, private_dir};
    use std::{
        fs,
        os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink},
        path::{Path, PathBuf},
    };

    #[test]
    fn folders_by_variables() {
        let home = || Base { home: "/h".into(), uid: 7, ..Base::default() };
        let plain = Paths::resolve(home(), None);
        assert_eq!(plain.profiles, Path::new("/h/.config/wrcap/profiles"));
        assert_eq!(plain.spool, Path::new("/h/.local/state/wrcap/spool"));
        assert_eq!(plain.runtime, Path::new("/tmp/wrcap-7"));

        let base = Base {
            config: Some("/c".into()),
            state: Some("/s".into()),
            runtime: Some("/run/user/7".into()),
            ..home()
        };
        let set = Paths::resolve(base, Some(Path::new("mine")));
        assert_eq!((set.config, set.profiles), ("/c/wrcap".into(), PathBuf::from("mine")));
        assert_eq!((set.log, set.runtime), ("/s/wrcap/wrcap.log".into(), PathBuf::from("/run/user/7/wrcap")));

        let one = || Some(PathBuf::from("/one"));
        let same = Paths::resolve(Base { config: one(), state: one(), runtime: one(), ..home() }, None);
        assert_eq!(same.spool, Path::new("/one/wrcap/spool"));
        assert_eq!(same.runtime, Path::new("/one/wrcap/run"), "a folder of its own, as it is swept");

        let long = Base { runtime: Some(format!("/{}", "x".repeat(40)).into()), ..home() };
        assert_eq!(Paths::resolve(long, None).runtime, Path::new("/tmp/wrcap-7"));
    }

    #[test]
    fn private_files_are_ours_alone_also_when_they_were_not() {
        let temp = tempfile::tempdir().unwrap();
        let file = temp.path().join("dashboard.json");
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        super::write_private(&file, "new").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
    }

    #[test]
    fn private_folders() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("a/b");
        assert!(private_dir(&path).is_ok());
        assert!(private_dir(&path).is_ok(), "a second time");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o700);

        let link = temp.path().join("link");
        symlink(&path, &link).unwrap();
        assert!(private_dir(&link).unwrap_err().to_string().ends_with("it is a symbolic link"));

        let file = temp.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(private_dir(&file).unwrap_err().to_string().ends_with("it is no folder"));

        fs::set_permissions(&path, fs::Permissions::from_mode(0o750)).unwrap();
        assert!(private_dir(&path).unwrap_err().to_string().ends_with("other users have access to it"));
    }
}
