//! The sheet of a profile: what it would do, and what a test of its path found.

use super::{
    bindings::{Reason, while_open},
    model::Model,
    msg::Effect,
    overlay::Overlay,
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

/// Opens the sheet of the chosen target.
pub(crate) fn open(model: &mut Model) {
    if let [target] = model.catalog.chosen().as_slice() {
        let name = target.name.clone();
        model.overlays.push(Overlay::Sheet(Sheet { name, test: Test::Unwanted }));
    }
}

/// Tests the path of the chosen target, in its sheet.
pub(crate) fn test(model: &mut Model) -> Vec<Effect> {
    if open_sheet(model).is_none() {
        open(model);
    }
    let Some(sheet) = open_sheet(model) else { return Vec::new() };
    sheet.test = Test::Runs;
    let name = sheet.name.clone();
    let target = model.catalog.find(&name).cloned();
    target.map(|target| Effect::Clerk(Request::Test(Box::new(target)))).into_iter().collect()
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

/// Whether there is one profile to look at.
pub(crate) fn can_open(model: &Model) -> Result<(), Reason> {
    match model.catalog.chosen().as_slice() {
        [_] => Ok(()),
        [] => Err(Reason("there is no profile here")),
        _ => Err(Reason("choose one target; s starts all of these")),
    }
}

/// Whether there is one profile to test.
pub(crate) fn can_test(model: &Model) -> Result<(), Reason> {
    while_open(model)?;
    match model.overlays.last() {
        overlay @ Some(Overlay::Sheet(_)) if is_testing(overlay) => Err(Reason("the test is on its way")),
        _ if model.catalog.chosen().len() == 1 => Ok(()),
        _ => Err(Reason("choose one target")),
    }
}
