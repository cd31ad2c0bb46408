//! The file below an open form, changed by something else: what the form says of it, and the ways on.

use std::path::Path;

use super::{Form, Layer, SiteFile, Subject, layer::difference, open};
use crate::{
    profile::{EditError, Sheet},
    tui::model::Model,
};

/// How the file stands to what the form was opened with.
#[derive(Debug, Clone, Default)]
pub(crate) enum Disk {
    /// As far as anybody knows it is the same.
    #[default]
    Same,
    /// It says something else, or is not there any more.
    Changed(Box<SiteFile>),
    /// It is no YAML any more.
    Broken {
        /// Its text.
        text: String,
        /// Where the mistake is, and which.
        why: String,
    },
}

/// The text of the form's own file as it is now. Where nothing was typed it is taken over at once; else the form says
/// so and nothing of it changes. A new target has nothing of the old text in it. Returns true if it was taken over.
pub(super) fn hear(model: &mut Model, site: &str, text: Option<String>) -> bool {
    let known =
        model.catalog.problems.iter().find(|line| open::site_of(line).as_deref() == Some(site)).cloned();
    let Some(form) = super::of_mut(model).filter(|form| form.file.site == site && !form.saving) else {
        return false;
    };
    if text == form.file.seen {
        form.disk = Disk::Same;
        return false;
    }
    let (told, taken) = match read(site, text) {
        Err((text, problem)) => {
            let why = known.unwrap_or_else(|| format!("the file of {site}, line {problem}"));
            form.disk = Disk::Broken { text, why };
            return false;
        }
        Ok(file) if form.is_gone_from(&file) && form.subject.is_site() => {
            form.disk = Disk::Changed(Box::new(file));
            return false;
        }
        Ok(file) if form.subject == Subject::New => {
            form.rebase(file);
            (format!("{site} was changed by something else; what you typed goes on top of it"), false)
        }
        Ok(file) if form.is_dirty() || form.is_gone_from(&file) => {
            form.disk = Disk::Changed(Box::new(file));
            return false;
        }
        Ok(file) => {
            form.rebase(file);
            (format!("{site} was changed by something else; this is what it says now"), true)
        }
    };
    model.notice = Some(told);
    taken
}

/// A file of this text; the text itself and what is wrong in which line if it is no YAML.
fn read(site: &str, seen: Option<String>) -> Result<SiteFile, (String, String)> {
    match Sheet::read(seen.as_deref().unwrap_or_default()) {
        Ok(sheet) => Ok(SiteFile { site: site.to_owned(), seen, sheet }),
        Err(EditError::Invalid(found)) if !found.is_empty() => {
            let words = found.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
            Err((seen.unwrap_or_default(), words))
        }
        Err(error) => Err((seen.unwrap_or_default(), error.to_string())),
    }
}

impl Form {
    /// What is to be said of the file, if anything.
    pub(crate) fn disk_line(&self) -> Option<String> {
        let site = &self.file.site;
        let what = match &self.disk {
            Disk::Same => return None,
            Disk::Broken { .. } => {
                return Some(format!(
                    "the file of {site} is no YAML any more: Ctrl-r shows where, and the ways on"
                ));
            }
            Disk::Changed(file) if file.seen.is_none() => "is gone",
            Disk::Changed(file) if self.is_gone_from(file) => "was changed, and this target is gone from it",
            Disk::Changed(_) => "was changed by something else",
        };
        Some(format!("the file of {site} {what}: Ctrl-r shows how; reload it, or keep yours"))
    }

    /// True if the file does not have any more what this form is about.
    fn is_gone_from(&self, file: &SiteFile) -> bool {
        match &self.subject {
            Subject::New => false,
            Subject::Site | Subject::SiteCopy => file.seen.is_none(),
            Subject::Copy(name) | Subject::Target(name) => !file.sheet.targets().contains(&name.as_str()),
        }
    }

    /// Shows how the file differs from what the form was opened with, and the ways on.
    pub(super) fn show_disk(&mut self) {
        let (found, broken) = match &self.disk {
            Disk::Same => return,
            Disk::Changed(file) => (file.seen.as_deref().unwrap_or_default(), None),
            Disk::Broken { text, why } => (text.as_str(), Some(why.clone())),
        };
        let lines = difference(self.file.seen.as_deref().unwrap_or_default(), found);
        self.layer = Some(Layer::Changed { lines, offset: 0, broken, button: 0 });
    }

    /// A save found this text in place of the one that the form was opened with.
    pub(super) fn found(&mut self, site: &str, path: &Path, text: Option<String>) {
        self.disk = match read(site, text) {
            Ok(file) => Disk::Changed(Box::new(file)),
            Err((text, problem)) => Disk::Broken { text, why: format!("{}:{problem}", path.display()) },
        };
        self.show_disk();
    }

    /// What was typed goes on top of what the file says now. Returns what to say, or why it cannot.
    pub(super) fn keep_mine(&mut self) -> String {
        match std::mem::take(&mut self.disk) {
            Disk::Changed(file) => {
                if self.is_gone_from(&file) {
                    self.stand_alone();
                }
                self.rebase(*file);
                "your fields are on top of the new file; Ctrl-s saves".to_owned()
            }
            Disk::Same | Disk::Broken { .. } => String::new(),
        }
    }

    /// The file's texts in place of what was typed. Returns false if it has nothing for this form.
    pub(super) fn take_theirs(&mut self) -> bool {
        let Disk::Changed(file) = std::mem::take(&mut self.disk) else { return false };
        if self.is_gone_from(&file) {
            return false;
        }
        self.file = *file;
        self.fill();
        self.judge();
        true
    }

    /// True if the editor's file does not have all that was typed: one that could not be read was mended without it, and
    /// another name of the site is none of the file's text.
    pub(super) fn outlives_editor(&self) -> bool {
        let renamed = self.subject == Subject::Site && self.text(super::row::SITE) != self.file.site;
        self.is_dirty() && (renamed || self.is_broken_on_disk())
    }

    /// The user has saved the file in the editor: what was typed goes on top of it.
    pub(super) fn found_again(&mut self, site: &str, text: Option<String>) {
        if let Ok(file) = read(site, text) {
            self.disk = Disk::Changed(Box::new(file));
            self.keep_mine();
        }
    }

    /// True if it cannot be read as YAML now.
    pub(super) fn is_broken_on_disk(&self) -> bool {
        matches!(self.disk, Disk::Broken { .. })
    }

    /// Its target is gone from the file: with all that is in the fields it would be a new one.
    fn stand_alone(&mut self) {
        if self.subject.is_site() {
            return;
        }
        for row in self.rows.iter_mut().filter(|row| row.key != super::row::SITE) {
            row.was = None;
        }
        self.subject = Subject::New;
    }

    /// The file was read anew: what was typed stays, what it is compared with is new.
    pub(super) fn rebase(&mut self, file: SiteFile) {
        self.disk = Disk::Same;
        self.file = file;
        if let Some(place) = self.place() {
            for row in self.rows.iter_mut().filter(|row| !row.is_name()) {
                let untouched = !row.is_changed();
                row.was = self.file.sheet.own(&place, &row.key);
                if untouched {
                    row.take(row.was.clone());
                }
            }
        }
        self.inherit();
        self.judge();
    }
}
