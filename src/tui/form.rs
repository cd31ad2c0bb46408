//! A profile being edited: what stands in each field, where it comes from, what is wrong with it.

pub(crate) mod disk;
pub(crate) mod hops;
pub(crate) mod keys;
pub(crate) mod layer;
pub(crate) mod lines;
mod logins;
mod news;
mod open;
pub(crate) mod row;
mod save;
mod typing;
pub(crate) mod update;

pub(crate) use disk::Disk;
pub(crate) use keys::FormCmd;
pub(crate) use layer::Layer;
pub(crate) use logins::OtherKeys;
pub(crate) use news::{edited, hear};
pub(crate) use open::Wanted;
pub(crate) use row::Row;
use row::Source;
pub(crate) use save::holds;
pub(crate) use typing::{paste, put, type_character};
use update::lend;
pub(crate) use update::{lender, perform, push, select};

use std::time::Instant;

use crate::{
    engine::profiles::{Facts, Judge, Verdict},
    profile::{Edit, Place, Sheet, Target, TargetName, Typed, name_fault, typed_target},
    remote::ssh_config::{FirstHop, SshConfigError, SshFiles, generate},
    tui::{model::Model, overlay::Overlay},
};

/// The form that is open.
pub(crate) fn of(model: &Model) -> Option<&Form> {
    model
        .overlays
        .iter()
        .find_map(|overlay| if let Overlay::Form(form) = overlay { Some(&**form) } else { None })
}

/// The form that is open, to change it.
pub(crate) fn of_mut(model: &mut Model) -> Option<&mut Form> {
    let forms = model.overlays.iter_mut();
    forms
        .into_iter()
        .find_map(|overlay| if let Overlay::Form(form) = overlay { Some(&mut **form) } else { None })
}

/// Closes the form.
fn shut(model: &mut Model) {
    model.overlays.retain(|overlay| !matches!(overlay, Overlay::Form(_)));
}

/// What is edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Subject {
    /// A new target.
    New,
    /// A copy of this target.
    Copy(String),
    /// This target.
    Target(String),
    /// The site's name, bastions and defaults.
    Site,
    /// A copy of the site with all its targets.
    SiteCopy,
}

impl Subject {
    /// True for all of a site.
    pub(crate) fn is_site(&self) -> bool {
        matches!(self, Self::Site | Self::SiteCopy)
    }
}

/// A site's file as it was when it was read.
#[derive(Debug, Clone)]
pub(crate) struct SiteFile {
    /// The site.
    pub(crate) site: String,
    /// The text; `None`: there is no file yet.
    pub(crate) seen: Option<String>,
    /// What it says.
    pub(crate) sheet: Sheet,
}

/// A filter and what is known of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Checked {
    /// The filter.
    pub(crate) filter: String,
    /// What is known, and since when; `None` while it is asked.
    pub(crate) verdict: Option<(Verdict, Instant)>,
}

/// The form.
#[derive(Debug)]
pub(crate) struct Form {
    /// What is edited.
    pub(crate) subject: Subject,
    /// The file.
    pub(crate) file: SiteFile,
    /// All rows, in the order of the screen.
    pub(crate) rows: Vec<Row>,
    /// The row with the cursor.
    pub(crate) cursor: usize,
    /// The first line of the rows that is shown.
    pub(crate) offset: usize,
    /// What lies over the rows.
    pub(crate) layer: Option<Layer>,
    /// The target as it would be.
    pub(crate) target: Target,
    /// The last filter that was asked about.
    pub(crate) checked: Checked,
    /// What ssh makes of the target.
    pub(crate) facts: Option<Facts>,
    /// The user was told once that the filter may be wrong, and may save it all the same.
    pub(crate) warned: bool,
    /// The user has tried to save.
    pub(crate) tried: bool,
    /// The save that was asked for has not been answered yet.
    pub(crate) saving: bool,
    /// What became of the file meanwhile.
    pub(crate) disk: Disk,
    /// The changes that a draft has which the editor left with mistakes.
    pub(crate) drafted: Option<Vec<Edit>>,
}

impl Form {
    /// A form for a subject in a file.
    pub(crate) fn new(subject: Subject, file: SiteFile) -> Self {
        let name = TargetName { site: file.site.clone(), target: String::new() };
        let mut form = Self {
            rows: row::rows(&subject),
            subject,
            file,
            cursor: 0,
            offset: 0,
            layer: None,
            target: Target::new(name, crate::profile::Hop::default()),
            checked: Checked::default(),
            facts: None,
            warned: false,
            tried: false,
            saving: false,
            disk: Disk::Same,
            drafted: None,
        };
        form.fill();
        form.cursor = form.rows.iter().position(|row| row.key == form.first_key()).unwrap_or(0);
        form.judge();
        form
    }

    /// Where somebody would begin to type.
    fn first_key(&self) -> &'static str {
        match self.subject {
            Subject::New | Subject::Copy(_) => row::NAME,
            Subject::Target(_) => "host",
            Subject::Site => "via",
            Subject::SiteCopy => row::SITE,
        }
    }

    /// Where in the file the fields of this form stand before it is saved; a new target has no place yet.
    fn place(&self) -> Option<Place> {
        match &self.subject {
            Subject::New => None,
            Subject::Copy(name) | Subject::Target(name) => Some(Place::Target(name.clone())),
            Subject::Site | Subject::SiteCopy => Some(Place::Defaults),
        }
    }

    /// Puts the file's texts into the rows.
    fn fill(&mut self) {
        let place = self.place();
        for row in &mut self.rows {
            let was = place.as_ref().and_then(|at| self.file.sheet.own(at, &row.key));
            row.take(match row.key.as_str() {
                row::SITE if self.subject == Subject::SiteCopy => Some(format!("{}-copy", self.file.site)),
                row::SITE => Some(self.file.site.clone()),
                row::NAME => match &self.subject {
                    Subject::Target(name) => Some(name.clone()),
                    Subject::Copy(name) => Some(format!("{name}-copy")),
                    Subject::New | Subject::Site | Subject::SiteCopy => None,
                },
                _ => was,
            });
        }
        self.inherit();
    }

    /// What each row is without a text of its own.
    pub(crate) fn inherit(&mut self) {
        let site = self.subject.is_site();
        for row in &mut self.rows {
            let shared = if site { None } else { self.file.sheet.own(&Place::Defaults, &row.key) };
            let told = self.facts.as_ref().filter(|_| !site).and_then(|facts| match row.key.as_str() {
                "user" => Some(facts.user.clone()),
                "port" => Some(facts.port.clone()),
                "identity" => facts.identity.clone(),
                _ => None,
            });
            row.below = shared
                .filter(|text| !text.is_empty())
                .map(|text| (text, Source::Site))
                .or_else(|| row.default.clone().map(|text| (text, Source::Default)))
                .or_else(|| told.filter(|text| !text.is_empty()).map(|text| (text, Source::Ssh)));
        }
    }

    /// The text of a row, empty if it is not set.
    pub(crate) fn text(&self, key: &str) -> &str {
        self.rows.iter().find(|row| row.key == key).map_or("", |row| row.input.value().trim())
    }

    /// The row under the cursor.
    pub(crate) fn row(&self) -> Option<&Row> {
        self.rows.get(self.cursor)
    }

    /// The texts of the fields that are set here.
    fn typed(&self) -> Vec<Typed> {
        let own = |row: &Row| row.own().map(|text| (row.key.clone(), text));
        self.rows.iter().filter(|row| !row.is_name()).filter_map(own).collect()
    }

    /// Finds out what is wrong, and what the target would be.
    pub(crate) fn judge(&mut self) {
        let site = self.text(row::SITE).to_owned();
        let name = TargetName { site, target: self.text(row::NAME).to_owned() };
        let own = self.typed();
        let (target, wrong) = if self.subject.is_site() {
            typed_target(name, &own, &[])
        } else {
            typed_target(name, &self.file.sheet.typed(&Place::Defaults), &own)
        };
        let options = options_error(&target).or_else(|| {
            self.rows.iter().find(|row| row.key == "ssh_options" && row.is_changed())?;
            run_together(&target)
        });
        self.target = target;
        let names =
            [(row::SITE, self.site_error()), (row::NAME, self.name_error()), ("host", self.host_error())];
        for row in &mut self.rows {
            let own = names.iter().find(|(key, _)| *key == row.key).and_then(|(_, error)| error.clone());
            let rule = wrong.iter().find(|(key, _)| *key == row.key).map(|(_, (message, hint))| {
                hint.as_ref().map_or_else(|| message.clone(), |hint| format!("{message}; {hint}"))
            });
            let refused = options.clone().filter(|_| row.key == "ssh_options");
            row.error = own.or(rule).or(refused);
        }
    }

    fn site_error(&self) -> Option<String> {
        match self.text(row::SITE) {
            "" => Some("the site needs a name".to_owned()),
            site if self.subject == Subject::SiteCopy && site == self.file.site => {
                Some(format!("there is a site {site} already"))
            }
            site => name_fault(site),
        }
    }

    fn name_error(&self) -> Option<String> {
        let name = self.text(row::NAME);
        let own = matches!(&self.subject, Subject::Target(own) if own == name);
        match name {
            "" => Some("the target needs a name".to_owned()),
            name if !own && self.file.sheet.targets().contains(&name) => {
                Some(format!("there is a target {name} already"))
            }
            name => name_fault(name),
        }
    }

    fn host_error(&self) -> Option<String> {
        let missing = !self.subject.is_site() && self.text("host").is_empty();
        missing.then(|| "the host is missing".to_owned())
    }

    /// True if something would be saved.
    pub(crate) fn is_dirty(&self) -> bool {
        match self.subject {
            Subject::New | Subject::Copy(_) => {
                self.rows.iter().any(|row| row.key != row::SITE && row.is_changed())
            }
            Subject::Target(_) | Subject::Site | Subject::SiteCopy => self.changes() > 0,
        }
    }

    /// True while a test of the path runs.
    pub(crate) fn is_testing(&self) -> bool {
        matches!(self.layer, Some(Layer::Trial { steps: None }))
    }

    /// How many rows differ from the file.
    pub(crate) fn changes(&self) -> usize {
        self.rows.iter().filter(|row| row.is_changed()).count()
    }

    /// tcpdump's words about the filter, if it does not like it.
    pub(crate) fn filter_error(&self) -> Option<&str> {
        match &self.checked.verdict {
            Some((Verdict::Bad(_, words), _)) if self.text("filter") == self.checked.filter => Some(words),
            _ => None,
        }
    }

    /// Who was asked about the filter, once there is an answer.
    pub(crate) fn judge_of_filter(&self) -> Option<Judge> {
        match self.checked.verdict.as_ref()?.0 {
            Verdict::Good(judge) | Verdict::Bad(judge, _) => Some(judge),
            Verdict::NotChecked(_) => None,
        }
    }

    /// The rows with something wrong.
    pub(crate) fn problems(&self) -> Vec<usize> {
        let wrong = |row: &Row| row.error.is_some() || (row.key == "filter" && self.filter_error().is_some());
        (0..self.rows.len()).filter(|place| self.rows.get(*place).is_some_and(wrong)).collect()
    }

    /// The changes to the file.
    pub(crate) fn edits(&self) -> Vec<Edit> {
        let name = self.text(row::NAME).to_owned();
        let mut edits = match &self.subject {
            Subject::New => vec![Edit::Add { name: name.clone(), host: self.text("host").to_owned() }],
            Subject::Copy(from) => vec![Edit::Clone { from: from.clone(), to: name.clone() }],
            Subject::Target(from) if *from != name => {
                vec![Edit::Rename { from: from.clone(), to: name.clone() }]
            }
            Subject::Target(_) | Subject::Site | Subject::SiteCopy => Vec::new(),
        };
        let at = if self.subject.is_site() { Place::Defaults } else { Place::Target(name) };
        let added = |row: &&Row| self.subject == Subject::New && row.key == "host";
        let changed = self.rows.iter().filter(|row| !row.is_name() && row.is_changed());
        edits.extend(changed.filter(|row| !added(row)).map(|row| match row.own() {
            Some(text) => Edit::Set { at: at.clone(), key: row.key.clone(), text },
            None => Edit::Unset { at: at.clone(), key: row.key.clone() },
        }));
        edits
    }
}

/// An option that stands in the value of another one: ssh would say so only at the start.
fn run_together(target: &Target) -> Option<String> {
    // Their values are other commands and variables.
    const FREE: [&str; 7] =
        ["setenv", "sendenv", "proxycommand", "localcommand", "remotecommand", "knownhostscommand", "match"];
    let options = target.ssh_options.iter();
    let options = options.filter(|(keyword, _)| !FREE.contains(&keyword.to_ascii_lowercase().as_str()));
    let is_option = |word: &&str| {
        word.split_once('=')
            .is_some_and(|(left, _)| !left.is_empty() && left.chars().all(|c| c.is_ascii_alphanumeric()))
    };
    options
        .filter_map(|(keyword, value)| Some((keyword, value.split_whitespace().skip(1).find(is_option)?)))
        .map(|(keyword, word)| format!("`;` separates options: {word} is in the value of {keyword}"))
        .next()
}

/// What the generated configuration would refuse.
fn options_error(target: &Target) -> Option<String> {
    match generate(target, &SshFiles::new("/"), FirstHop::Direct) {
        Err(error @ (SshConfigError::Keyword(_) | SshConfigError::Refused { .. })) => Some(error.to_string()),
        _ => None,
    }
}
