//! Files in folders that everybody can write to, such as `/tmp`: what another user has put there is never written to.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::Path,
};

use rustix::{fs::OFlags, io::Errno};

/// Opens a file to write to. In a folder of all it must be new or this user's own, and no link: whoever made it could
/// read what comes in, or lead it over a file of ours. Kernels have such a rule too, but not all have it switched on.
pub(in crate::engine) fn open(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let shared = fs::metadata(folder.unwrap_or(Path::new(".")))?.mode() & 0o002 != 0;
    if !shared {
        return options.open(path);
    }
    options.custom_flags(OFlags::NOFOLLOW.bits().cast_signed());
    let file = options.open(path).map_err(|error| match error.raw_os_error() {
        Some(code) if code == Errno::LOOP.raw_os_error() => {
            denied("it is a symbolic link in a folder that is open to all")
        }
        _ => error,
    })?;
    if file.metadata()?.uid() != rustix::process::geteuid().as_raw() {
        return Err(denied("another user has made it, in a folder that is open to all"));
    }
    Ok(file)
}

fn denied(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, why)
}

#[cfg(test)]
mod tests {
    use std::{
        fs::{self, OpenOptions, Permissions},
        os::unix::fs::{PermissionsExt as _, chown, symlink},
    };

    use super::open;

    #[test]
    fn links_are_followed_only_where_nobody_else_can_put_them() {
        let folder = tempfile::tempdir().unwrap();
        let (own, link) = (folder.path().join("own"), folder.path().join("link"));
        fs::write(&own, "ours").unwrap();
        symlink(&own, &link).unwrap();
        let write = |path| open(OpenOptions::new().write(true).create(true).truncate(true), path);
        assert!(write(&link).is_ok());
        fs::set_permissions(folder.path(), Permissions::from_mode(0o1777)).unwrap();
        fs::write(&own, "ours").unwrap();
        assert!(write(&link).unwrap_err().to_string().starts_with("it is a symbolic link"));
        assert_eq!(fs::read_to_string(&own).unwrap(), "ours");
        assert!(write(&own).is_ok() && write(&folder.path().join("new")).is_ok());
    }

    #[test]
    fn what_another_user_has_made_is_taken_only_where_they_cannot_make_it() {
        if !rustix::process::geteuid().is_root() {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        chown(&pipe, Some(4711), None).unwrap();
        let write = || open(OpenOptions::new().read(true).write(true), &pipe);
        assert!(write().is_ok());
        fs::set_permissions(folder.path(), Permissions::from_mode(0o1777)).unwrap();
        assert!(write().unwrap_err().to_string().starts_with("another user has made it"));
    }
}
