//! The sheet of a profile: what it would do, and what a test of its path found.

use super::{
    bindings::{Reason, while_open},
    model::Model,
    msg::Effect,
    overlay::Overlay,
    update::choice,
};
use crate::{
    engine::{check::Step, profiles::Request},
    profile::TargetName,
};

/// The sheet of a target.
#[derive(Debug)]
pub(crate) struct Sheet {
    /// The target.
    pub(crate) name: TargetName,
    /// The test of its path.
    pub(crate) test: Test,
}

/// A test of a path.
#[derive(Debug, Default)]
pub(crate) enum Test {
    /// Nobody has asked for one.
    #[default]
    Unwanted,
    /// It is on its way.
    Runs,
    /// What it found.
    Found(Vec<Step>),
}

/// The sheet on top, or below a question of its test.
fn open_sheet(model: &mut Model) -> Option<&mut Sheet> {
    model.overlays.iter_mut().find_map(|overlay| match overlay {
        Overlay::Sheet(sheet) => Some(sheet),
        _ => None,
    })
}

/// The target of the sheet, if one is open.
pub(crate) fn shown(model: &Model) -> Option<&TargetName> {
    model.overlays.iter().find_map(|overlay| match overlay {
        Overlay::Sheet(sheet) => Some(&sheet.name),
        _ => None,
    })
}

/// Opens the sheet of the target under the cursor.
pub(crate) fn open(model: &mut Model) {
    if let Some(name) = model.catalog.looked_at().map(|target| target.name.clone()) {
        model.overlays.push(Overlay::Sheet(Sheet { name, test: Test::Unwanted }));
    }
}

/// Tests the path of the chosen target, in its sheet.
pub(crate) fn test(model: &mut Model) -> Vec<Effect> {
    let Ok(target) = choice::one_target(model).cloned() else { return Vec::new() };
    if open_sheet(model).is_none() {
        let name = target.name.clone();
        model.overlays.push(Overlay::Sheet(Sheet { name, test: Test::Unwanted }));
    }
    let Some(sheet) = open_sheet(model) else { return Vec::new() };
    sheet.test = Test::Runs;
    vec![Effect::Clerk(Request::Test(Box::new(target)))]
}

/// What a sheet that is closed leaves to be done.
pub(crate) fn closed(sheet: &Sheet) -> Vec<Effect> {
    match sheet.test {
        Test::Runs => vec![Effect::Clerk(Request::EndTest)],
        Test::Unwanted | Test::Found(_) => Vec::new(),
    }
}

/// Whether a sheet waits for its test.
pub(crate) fn is_testing(overlay: Option<&Overlay>) -> bool {
    matches!(overlay, Some(Overlay::Sheet(Sheet { test: Test::Runs, .. })))
}

/// Takes in what the test found.
pub(crate) fn tested(model: &mut Model, found: Vec<Step>) {
    if let Some(sheet) = open_sheet(model).filter(|sheet| matches!(sheet.test, Test::Runs)) {
        sheet.test = Test::Found(found);
    }
}

/// Whether there is a profile to look at.
pub(crate) fn can_open(model: &Model) -> Result<(), Reason> {
    if model.catalog.looked_at().is_some() {
        return Ok(());
    }
    let site = !model.catalog.under_cursor().is_empty();
    Err(Reason(if site { "choose one target; s starts all of these" } else { "there is no profile here" }))
}

/// Whether there is one profile to test.
pub(crate) fn can_test(model: &Model) -> Result<(), Reason> {
    while_open(model)?;
    if is_testing(model.overlays.last()) {
        return Err(Reason("the test is on its way"));
    }
    choice::one_target(model).map(|_| ())
}
