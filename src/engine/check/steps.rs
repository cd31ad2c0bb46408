//! What a target's answer says about the road to a capture, step by step.

use crate::{
    profile::Target,
    remote::{
        minder::Tag,
        plan::Plan,
        privilege,
        probe::{FilterCheck, ProbeReport},
    },
    session::{FailKind, Failure, Stage},
};

/// One step of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its name, a word.
    pub name: &'static str,
    /// What was found, in a line; or what is wrong.
    pub result: Result<String, Failure>,
    /// What to do although nothing failed: a warning.
    pub advice: Option<String>,
}

impl Step {
    /// A step without advice.
    pub fn new(name: &'static str, result: Result<String, Failure>) -> Self {
        Self { name, result, advice: None }
    }
}

/// The steps in the order of the road; what comes after a step that fails is still told where it is known.
pub fn steps(target: &Target, report: Result<ProbeReport, Failure>) -> Vec<Step> {
    let hops: Vec<String> = target.hops().map(ToString::to_string).collect();
    let report = match report {
        Ok(report) => report,
        Err(failure) => return vec![Step::new("path", Err(failure))],
    };
    let hop = &target.host.to_string();
    let mut steps = vec![
        Step::new("path", Ok(hops.join(" > "))),
        Step::new(
            "login",
            Ok(format!("{} on {}, {} {}", report.login.user, report.hostname, report.system, report.release)),
        ),
    ];
    if target.command.is_some() {
        steps.push(Step::new("command", Ok("the profile's own; it is not run by a check".into())));
        return steps;
    }
    let no_tcpdump =
        privilege::choose(&report, target.privilege, hop).err().filter(|f| f.kind == FailKind::NoTcpdump);
    let tcpdump = match (&report.tcpdump, no_tcpdump) {
        (Some(tool), _) => Ok(format!("{} ({})", tool.path, tool.version)),
        (None, Some(failure)) => Err(failure),
        (None, None) => Err(Failure::new(
            Stage::Probe,
            Some(hop),
            FailKind::NoTcpdump,
            format!("there is no tcpdump on {hop}"),
        )),
    };
    let found = tcpdump.is_ok();
    steps.push(Step::new("tcpdump", tcpdump));
    if found {
        let way = privilege::choose(&report, target.privilege, hop);
        // sudo asks those too who may do nothing: whether the password opens anything is not known before.
        let asks = way.as_ref().is_ok_and(|way| way.needs_password());
        let advice = asks.then(|| {
            let hint = privilege::sudoers_hint(&report);
            format!(
                "whether {} may run tcpdump is known with the password only; to need none, {hint}",
                report.login.user
            )
        });
        steps.push(Step { advice, ..Step::new("privilege", way.map(|way| way.to_string())) });
    }
    let interface = report.interfaces(&target.interface, hop).map(|names| match &report.auto_interface {
        Some((auto, found)) if target.interface == crate::profile::Interface::Auto => {
            format!("{auto}: {}", found.words())
        }
        _ => names.join(", "),
    });
    let interface = interface.and_then(|names| report.opening_failure(hop).map_or(Ok(names), Err));
    steps.push(Step::new("interface", interface));
    if found {
        steps.push(Step::new("filter", filter(target, &report)));
    }
    steps
}

/// The verdict on the filter, ours included: the plan of a capture makes the same checks.
fn filter(target: &Target, report: &ProbeReport) -> Result<String, Failure> {
    if let Some(failure) = report.filter_failure(&target.host.to_string()) {
        return Err(failure);
    }
    let own =
        if report.connection.is_some() && target.exclude_self { ", our own connection left out" } else { "" };
    let user = match (&target.filter, &report.filter) {
        (None, _) => "everything".to_owned(),
        (Some(filter), FilterCheck::NotChecked) => format!("{filter} (not checked)"),
        (Some(filter), _) => filter.clone(),
    };
    let line = format!("{user}{own}");
    match Tag::new("check").map(|tag| Plan::make(target, report.clone(), tag)) {
        Some(Err(failure)) if failure.kind == FailKind::Filter => Err(failure),
        _ => Ok(line),
    }
}
