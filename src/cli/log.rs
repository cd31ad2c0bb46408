//! The log file: what a bug report needs, and nothing secret.

use std::{
    fs::{self, File},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::Mutex,
};

use tracing_subscriber::{EnvFilter, fmt};

use crate::{engine::paths::Paths, remote::veil::Veil};

/// A log that has grown beyond this is begun anew, the old one kept beside it; in bytes. A target that never stops
/// talking fills no more of the disk than twice that.
const MAX_LOG: u64 = 8 << 20;

/// Sends the program's events to the log file (0600). Without a place to log, there is no log: that stops nobody.
///
/// `veil` covers what it hides. `WRCAP_LOG` chooses what is logged, in the language of `tracing`'s `EnvFilter`; the default is `wrcap=info`.
pub(super) fn start(paths: &Paths, veil: Option<Veil>) {
    let Ok(_) = paths.spool_dir() else { return };
    let Ok(log) = Log::open(&paths.log, MAX_LOG) else { return };
    let filter = EnvFilter::try_from_env("WRCAP_LOG").unwrap_or_else(|_| EnvFilter::new("wrcap=info"));
    let covered = Covered { to: log, veil };
    let layer = fmt().with_writer(Mutex::new(covered)).with_ansi(false).with_env_filter(filter).finish();
    // A second start in one process (tests) keeps the first log.
    let _ = tracing::subscriber::set_global_default(layer);
}

/// Writes what may be seen.
struct Covered<W> {
    to: W,
    veil: Option<Veil>,
}

impl<W: Write> Write for Covered<W> {
    /// An event comes in one piece, so that nothing that is hidden comes in two.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &self.veil {
            Some(veil) => self.to.write_all(veil.cover(&String::from_utf8_lossy(bytes)).as_bytes())?,
            None => self.to.write_all(bytes)?,
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// A log file that does not grow without end.
#[derive(Debug)]
struct Log {
    path: PathBuf,
    file: File,
    /// Bytes in it, as far as this process knows: others may write to the same file.
    length: u64,
    limit: u64,
}

impl Log {
    fn open(path: &Path, limit: u64) -> io::Result<Self> {
        let file = fs::OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
        let length = file.metadata()?.len();
        Ok(Self { path: path.to_owned(), file, length, limit })
    }
}

impl Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.length > self.limit {
            // Another process may have begun a new one: then that is gone on with.
            if fs::metadata(&self.path).is_ok_and(|log| log.len() > self.limit) {
                fs::rename(&self.path, self.path.with_extension("log.old"))?;
            }
            *self = Self::open(&self.path, self.limit)?;
        }
        let written = self.file.write(line)?;
        self.length += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Write as _};

    use super::{Covered, Log, Veil};

    #[test]
    fn what_is_hidden_does_not_get_into_the_file() {
        let mut log = Covered { to: Vec::new(), veil: Some(Veil::default()) };
        log.write_all(b"2026-11-26T12:00:57.123456Z  INFO session=1 connecting to 10.0.1.11 port 22\n")
            .unwrap();
        assert_eq!(
            String::from_utf8(log.to).unwrap(),
            "2026-11-26T12:00:57.123456Z  INFO session=1 connecting to x.x.x.x port 22\n"
        );
    }

    #[test]
    fn a_log_is_begun_anew_while_it_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wrcap.log");
        let mut logs = [Log::open(&path, 1000).unwrap(), Log::open(&path, 1000).unwrap()];
        for number in 0..1000 {
            logs[number % 2].write_all(format!("line {number:04} of the log\n").as_bytes()).unwrap();
        }
        let length = |name: &str| fs::metadata(folder.path().join(name)).unwrap().len();
        assert!(length("wrcap.log") < 2100 && length("wrcap.log.old") < 2100);
        assert!(fs::read_to_string(&path).unwrap().ends_with("line 0999 of the log\n"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}
