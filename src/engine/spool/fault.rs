//! A disk that fills up, for tests: what this thread's segments may still grow by.

use std::{
    cell::Cell,
    fs::{self, File},
    io,
    os::unix::fs::FileExt as _,
    path::Path,
};

thread_local! {
    static ROOM: Cell<Option<u64>> = const { Cell::new(None) };
}

/// From now on this thread's disk has `bytes` left; `None`: as much as there is.
pub(super) fn set_room(bytes: Option<u64>) {
    ROOM.set(bytes);
}

/// Writes what still fits and fails like a full disk where that is not all.
pub(super) fn write(file: &File, bytes: &[u8], at: u64) -> io::Result<()> {
    let Some(room) = ROOM.get() else { return Ok(()) };
    let left = room.saturating_sub(bytes.len() as u64);
    if room >= bytes.len() as u64 {
        ROOM.set(Some(left));
        return Ok(());
    }
    file.write_all_at(&bytes[..usize::try_from(room).unwrap()], at)?;
    Err(rustix::io::Errno::NOSPC.into())
}

/// What is removed is room again.
pub(super) fn remove(path: &Path) {
    let length = fs::metadata(path).map_or(0, |found| found.len());
    ROOM.set(ROOM.get().map(|room| room + length));
}
