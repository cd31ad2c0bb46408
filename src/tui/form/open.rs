//! From the list of profiles to a form.

use std::collections::BTreeSet;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::{Form, SiteFile, Subject, disk};
use crate::{
    engine::profiles::Request,
    profile::{Sheet, TargetName},
    tui::{
        bindings::{Reason, while_open},
        catalog::{Picked, Row},
        model::Model,
        msg::Effect,
        overlay::{Button, Confirm, Overlay},
        theme::Role,
        update::{choice, press},
    },
};

/// The site of the first profile.
const FIRST_SITE: &str = "main";

/// A form that opens when its file is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Of this site.
    pub(crate) site: String,
    /// For this.
    pub(crate) subject: Subject,
    /// The keys that were pressed meanwhile.
    pub(crate) ahead: Vec<KeyEvent>,
}

/// Nobody types more ahead.
const AHEAD: usize = 256;

impl Wanted {
    /// Keeps a key for the form; false if it means something now.
    pub(crate) fn takes(&mut self, key: KeyEvent) -> bool {
        let interrupts = key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
        let kept = !interrupts && key.code != KeyCode::Esc && self.ahead.len() < AHEAD;
        if kept {
            self.ahead.push(key);
        }
        kept
    }
}

/// The site under the cursor.
fn site_under_cursor(model: &Model) -> Option<String> {
    let catalog = &model.catalog;
    match catalog.rows.get(catalog.cursor)? {
        Row::Site { name, .. } => Some(name.clone()),
        Row::Target(place) => Some(catalog.targets.get(*place)?.name.site.clone()),
        Row::Problem(place) => site_of(catalog.problems.get(*place)?),
    }
}

/// The sites whose files hold what is chosen.
fn sites(picked: &Picked) -> BTreeSet<String> {
    match picked {
        Picked::Targets(names) => names.iter().map(|name| name.site.clone()).collect(),
        Picked::Site(site) => BTreeSet::from([site.clone()]),
        Picked::Problem(line) => site_of(line).into_iter().collect(),
        Picked::Nothing => BTreeSet::new(),
    }
}

/// The site of a line about its file: `FOLDER/shop.yaml:3:1: ...`.
pub(super) fn site_of(problem: &str) -> Option<String> {
    let ends = [".yaml", ".yml"].into_iter().filter_map(|end| problem.find(&format!("{end}:")));
    let stem = problem.get(..ends.min()?)?;
    Some(stem.rsplit('/').next()?.to_owned())
}

fn want(model: &mut Model, site: String, subject: Subject) -> Vec<Effect> {
    model.overlays.push(Overlay::Opening(Wanted { site: site.clone(), subject, ahead: Vec::new() }));
    vec![Effect::Clerk(Request::Open(site))]
}

/// Asks for the file of a new target.
pub(super) fn new(model: &mut Model) -> Vec<Effect> {
    let site = site_under_cursor(model).unwrap_or_else(|| FIRST_SITE.to_owned());
    want(model, site, Subject::New)
}

/// Asks for the file of the chosen target or site, to copy it.
pub(super) fn copy(model: &mut Model) -> Vec<Effect> {
    want_chosen(model, Subject::Copy, Subject::SiteCopy)
}

/// Asks for the file of the chosen target or site, to change it.
pub(super) fn edit(model: &mut Model) -> Vec<Effect> {
    want_chosen(model, Subject::Target, Subject::Site)
}

fn want_chosen(model: &mut Model, of_target: fn(String) -> Subject, of_site: Subject) -> Vec<Effect> {
    match choice::one_profile(model) {
        Ok(Picked::Site(site)) => want(model, site, of_site),
        Ok(Picked::Targets(names)) => match names.into_iter().next() {
            Some(TargetName { site, target }) => want(model, site, of_target(target)),
            None => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// Opens the file of what is chosen in the user's editor.
pub(super) fn edit_file(model: &Model) -> Vec<Effect> {
    let site = sites(&model.catalog.picked()).into_iter().next();
    site.map(|site| Effect::Editor { site, text: None }).into_iter().collect()
}

/// Whether what is chosen is all in one file.
pub(super) fn can_edit_file(model: &Model) -> Result<(), Reason> {
    while_open(model)?;
    match sites(&model.catalog.picked()).len() {
        0 => Err(Reason("there are no profiles yet; n makes one")),
        1 => Ok(()),
        _ => Err(Reason("what is marked is in several files; Esc takes the marks away")),
    }
}

/// Asks whether the chosen targets, or the site, shall go.
pub(super) fn delete(model: &mut Model) {
    let what = match model.catalog.picked() {
        Picked::Targets(names) => Confirm::Delete(names),
        Picked::Site(site) => {
            let targets = model.catalog.targets.iter().filter(|target| target.name.site == site).count();
            Confirm::DeleteSite { site, targets }
        }
        Picked::Problem(_) | Picked::Nothing => return,
    };
    model.overlays.push(Overlay::Confirm { what, button: Button::default() });
}

/// Nothing opens.
pub(super) fn give_up(model: &mut Model) {
    model.overlays.retain(|overlay| !matches!(overlay, Overlay::Opening(_)));
}

/// The text of a file is here: opens the form that waits for it, or takes it into the one that is open.
pub(super) fn opened(model: &mut Model, site: String, seen: Option<String>) -> Vec<Effect> {
    let waits = |overlay: &Overlay| matches!(overlay, Overlay::Opening(wanted) if wanted.site == site);
    if !model.overlays.iter().any(waits) && super::of(model).is_some_and(|form| form.file.site == site) {
        let taken = disk::hear(model, &site, seen);
        let effects = super::of_mut(model).filter(|_| taken).map(|form| super::typing::questions(form, None));
        return super::lend(model, effects.unwrap_or_default());
    }
    let sheet = match Sheet::read(seen.as_deref().unwrap_or_default()) {
        Ok(sheet) => sheet,
        Err(error) => {
            give_up(model);
            model.say("wrcap", format!("{site} cannot be edited here: {error}"), Role::Error);
            model.notice = Some(format!("{site} has mistakes; E opens it in your editor"));
            return Vec::new();
        }
    };
    if let Some(place) = model.overlays.iter().position(waits)
        && let Overlay::Opening(wanted) = model.overlays.remove(place)
    {
        let mut form = Form::new(wanted.subject, SiteFile { site, seen, sheet });
        let effects = super::typing::questions(&mut form, None);
        model.overlays.insert(place, Overlay::Form(Box::new(form)));
        let mut effects = super::lend(model, effects);
        if model.desk.welcome.survey.is_none() {
            effects.push(Effect::Clerk(Request::Survey));
        }
        effects.extend(wanted.ahead.into_iter().flat_map(|key| press(model, key)));
        return effects;
    }
    // A new target's site was typed anew.
    if let Some(form) = super::of_mut(model)
        && form.text(super::row::SITE) == site
    {
        form.rebase(SiteFile { site, seen, sheet });
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    #[test]
    fn sites_of_broken_files() {
        let site = super::site_of;
        assert_eq!(
            site("/home/me/.config/wrcap/profiles/shop.yaml:3:1: targets.a: x").as_deref(),
            Some("shop")
        );
        assert_eq!(site("lab.yml: cannot be read").as_deref(), Some("lab"));
        assert_eq!(site("nothing"), None);
    }
}
