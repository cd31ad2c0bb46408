//! The files of a spool: made for this user alone, written at a place and never behind a gap.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::{FileExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
};

use rustix::{
    fs::{FlockOperation, flock},
    io::Errno,
};

use crate::engine::guarded;

/// Whether a disk that gave this error may take something again later: it is full, its quota or the longest file
/// is reached, or it is ill.
pub(super) fn may_pass(error: &io::Error) -> bool {
    let full = [
        io::ErrorKind::StorageFull,
        io::ErrorKind::QuotaExceeded,
        io::ErrorKind::FileTooLarge,
        io::ErrorKind::WriteZero,
    ];
    full.contains(&error.kind()) || error.raw_os_error() == Some(Errno::IO.raw_os_error())
}

/// Writes all of `bytes` at `at`, or leaves the file as long as `at`: what is on disk ends with a whole block.
pub(super) fn append(file: &File, bytes: &[u8], at: u64) -> io::Result<()> {
    write(file, bytes, at).inspect_err(|_| {
        // A failure here changes nothing for the better.
        let _ = file.set_len(at);
    })
}

fn write(file: &File, bytes: &[u8], at: u64) -> io::Result<()> {
    #[cfg(test)]
    super::fault::write(file, bytes, at)?;
    file.write_all_at(bytes, at)
}

/// Whether a file could be written, without changing it or leaving a new one behind.
pub(super) fn probe(path: &Path) -> io::Result<()> {
    let existed = path.exists();
    open(path)?;
    if existed { Ok(()) } else { fs::remove_file(path) }
}

/// A file that only this user can read, also if it was there before with other permissions.
pub(super) fn create(path: &Path) -> io::Result<File> {
    let file = open(path)?;
    file.set_len(0)?;
    file.set_permissions(fs::Permissions::from_mode(0o600))?;
    Ok(file)
}

/// Opens a file that no other capture writes to; the lock goes with the file. Where there are no locks, there is none.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    let file = guarded::open(&mut options, path)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Err(Errno::WOULDBLOCK) => Err(io::Error::other("another capture is writing to it")),
        _ => Ok(file),
    }
}

/// Whether a file that is open has no name any more.
pub(super) fn is_deleted(file: &File) -> bool {
    file.metadata().is_ok_and(|file| file.is_file() && file.nlink() == 0)
}

/// Removes a segment. One that cannot be removed is in nobody's way but the disk's.
pub(super) fn remove(path: &Path) {
    #[cfg(test)]
    super::fault::remove(path);
    if let Err(error) = fs::remove_file(path) {
        tracing::warn!(path = %path.display(), %error, "could not remove an old segment");
    }
}
