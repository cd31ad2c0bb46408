//! Where a session's packets go on this machine.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::driver::Driver;
use crate::{
    engine::{
        event::Keep,
        paths::expanded,
        spool::{self, About, Place, SpoolFolder, stamp},
    },
    profile::{FileNames, Target, fill, is_template},
    session::{FailKind, Failure, Stage},
};

impl Driver {
    /// A session whose profile says so is kept. Its folder is made at once: that it cannot be is better known before
    /// anybody logs in.
    pub(super) fn decide_keep(&mut self) -> Result<(), Failure> {
        let (Keep::Spool, Some(record)) = (&self.storage.keep, &self.target.record) else { return Ok(()) };
        let record = expanded(record);
        let folder = if is_template(&record) { record.parent().unwrap_or(Path::new("")) } else { &record };
        std::fs::create_dir_all(folder)
            .map_err(|error| failure(format!("could not make {}: {error}", folder.display())))?;
        self.storage.keep = Keep::Record(record);
        Ok(())
    }

    /// The place of the packets, once the interface is known.
    pub(super) fn place(&mut self) -> Result<Place, Failure> {
        match &self.storage.keep {
            Keep::File(path) => self.files(&self.named(path), false),
            Keep::Record(record) => {
                let name =
                    if is_template(record) { self.named(record) } else { record.join(self.own_name()) };
                self.files(&name, true)
            }
            Keep::Spool | Keep::Stream(_) => {
                let prefix = format!("{}-", file_stem(&self.target));
                let interface = self.plan.as_ref().and_then(|plan| plan.interface.clone());
                let about = About::new(self.target.name.to_string(), self.storage.started, interface);
                let folder = SpoolFolder::new(&self.settings.spool, &prefix, &about).map_err(|e| {
                    failure(format!("could not make a spool in {}: {e}", self.settings.spool.display()))
                })?;
                let path = folder.path().to_owned();
                self.storage.spool = Some(folder);
                Ok(Place::Segments { folder: path, budget: self.target.spool })
            }
        }
    }

    /// One file, or several where the capture is to go on in others. Files of an earlier capture are overwritten only
    /// where their very name was given.
    fn files(&self, path: &Path, is_name_free: bool) -> Result<Place, Failure> {
        let rotate = self.target.rotate;
        let failed = |error: io::Error| {
            failure(format!("could not look for other files beside {}: {error}", path.display()))
        };
        if rotate.is_on() {
            let stem = spool::stem(path);
            let first = spool::next_number(&stem).map_err(failed)?;
            return Ok(Place::Files { stem, first, rotate });
        }
        let path = if is_name_free { spool::free_path(path) } else { path.to_owned() };
        Ok(Place::File(path))
    }

    /// `site-target-20261123-141501.pcapng`.
    pub(super) fn own_name(&self) -> String {
        format!("{}-{}.pcapng", file_stem(&self.target), stamp(self.storage.started))
    }

    pub(super) fn named(&self, path: &Path) -> PathBuf {
        let interface = self.plan.as_ref().and_then(|plan| plan.interface.as_deref());
        fill(
            path,
            &FileNames {
                site: &self.target.name.site,
                target: &self.target.name.target,
                interface: interface.unwrap_or("command"),
                start: &stamp(self.storage.started),
            },
        )
    }
}

fn failure(message: String) -> Failure {
    Failure::new(Stage::Write, None, FailKind::File, message)
        .hint("choose another place with `record:`")
        .by_option("choose another place with -w or `record:`")
}

/// `site-target`, short enough for a socket's path.
pub(super) fn file_stem(target: &Target) -> String {
    let name = format!("{}-{}", target.name.site, target.name.target);
    name.chars()
        .map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' })
        .take(32)
        .collect()
}
