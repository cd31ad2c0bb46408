//! The log file: what a bug report needs, and nothing secret.

use std::{fs, os::unix::fs::OpenOptionsExt as _, sync::Mutex};

use tracing_subscriber::{EnvFilter, fmt};

use crate::engine::paths::Paths;

/// A log that has grown beyond this is begun anew, the old one kept beside it; in bytes.
const MAX_LOG: u64 = 8 << 20;

/// Sends the program's events to the log file (0600). Without a place to log, there is no log: that stops nobody.
///
/// `WRCAP_LOG` chooses what is logged, in the language of `tracing`'s `EnvFilter`; the default is `wrcap=info`.
pub(super) fn start(paths: &Paths) {
    let Ok(_) = paths.spool_dir() else { return };
    if fs::metadata(&paths.log).is_ok_and(|log| log.len() > MAX_LOG) {
        let _ = fs::rename(&paths.log, paths.log.with_extension("log.old"));
    }
    let Ok(file) = fs::OpenOptions::new().append(true).create(true).mode(0o600).open(&paths.log) else {
        return;
    };
    let filter = EnvFilter::try_from_env("WRCAP_LOG").unwrap_or_else(|_| EnvFilter::new("wrcap=info"));
    let layer = fmt().with_writer(Mutex::new(file)).with_ansi(false).with_env_filter(filter).finish();
    // A second start in one process (tests) keeps the first log.
    let _ = tracing::subscriber::set_global_default(layer);
}
