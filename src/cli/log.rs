//! The log file: what a bug report needs, and nothing secret.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt as _,
    sync::Mutex,
};

use tracing_subscriber::{EnvFilter, fmt};

use crate::{engine::paths::Paths, remote::veil::Veil};

/// A log that has grown beyond this is begun anew, the old one kept beside it; in bytes.
const MAX_LOG: u64 = 8 << 20;

/// Sends the program's events to the log file (0600). Without a place to log, there is no log: that stops nobody.
///
/// `veil` covers what it hides. `WRCAP_LOG` chooses what is logged, in the language of `tracing`'s `EnvFilter`; the default is `wrcap=info`.
pub(super) fn start(paths: &Paths, veil: Option<Veil>) {
    let Ok(_) = paths.spool_dir() else { return };
    if fs::metadata(&paths.log).is_ok_and(|log| log.len() > MAX_LOG) {
        let _ = fs::rename(&paths.log, paths.log.with_extension("log.old"));
    }
    let Ok(file) = fs::OpenOptions::new().append(true).create(true).mode(0o600).open(&paths.log) else {
        return;
    };
    let filter = EnvFilter::try_from_env("WRCAP_LOG").unwrap_or_else(|_| EnvFilter::new("wrcap=info"));
    let layer = fmt()
        .with_writer(Mutex::new(Covered { to: file, veil }))
        .with_ansi(false)
        .with_env_filter(filter)
        .finish();
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

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::{Covered, Veil};

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
}
