//! `wrcap interfaces`: what a target can capture on.

use std::sync::Arc;

use serde_json::json;

use super::{check::answer_questions, context::Context, error::CliError, exit::ExitCode, json, list};
use crate::{
    engine::{bastions::Bastions, check::examine},
    remote::probe::ProbeReport,
};

/// Lists a target's interfaces.
#[derive(Debug, Clone, clap::Args)]
pub struct InterfacesArgs {
    /// SITE/TARGET, or whatever else selects one target
    #[arg(value_name = "SELECTOR")]
    pub selector: String,
    /// One JSON object instead of lines
    #[arg(long)]
    pub json: bool,
}

/// Asks the target for its interfaces; gives them as text.
pub async fn run(args: InterfacesArgs, context: Context) -> Result<(ExitCode, String), CliError> {
    let mut targets = list::load(&context.paths)?.select(std::slice::from_ref(&args.selector))?.targets;
    let (Some(target), true) = (targets.pop(), targets.is_empty()) else {
        return Err(CliError::usage(format!("{:?} is more than one target", args.selector))
            .hint("name one: SITE/TARGET; wrcap list shows all"));
    };
    let bastions = Bastions::new(context.paths.runtime_dir()?.to_owned());
    let report = examine(Arc::new(target), &bastions, answer_questions()).await;
    bastions.ended().await;
    let report = report.map_err(|failure| {
        let error = CliError::new(ExitCode::of(&failure), failure.message.as_str());
        match failure.command_line_hint() {
            Some(hint) => error.hint(hint),
            None => error,
        }
    })?;
    Ok((ExitCode::Success, if args.json { to_json(&report) } else { table(&report) }))
}

fn to_json(report: &ProbeReport) -> String {
    let auto = report.auto_interface.as_ref().map(|(name, _)| name);
    let interfaces: Vec<_> = report
        .interfaces
        .iter()
        .map(|interface| {
            json!({
                "name": interface.name, "up": interface.up, "loopback": interface.loopback,
                "addresses": interface.addresses, "description": interface.description,
                "auto": Some(&interface.name) == auto,
            })
        })
        .collect();
    json::line(&json!({"schema": 1, "interfaces": interfaces}))
}

fn table(report: &ProbeReport) -> String {
    let width = report.interfaces.iter().map(|i| i.name.chars().count()).max().unwrap_or(0).max(4);
    let mut text = format!("{:<width$}  STATE  ADDRESSES\n", "NAME");
    for interface in &report.interfaces {
        let state = if interface.up { "up" } else { "down" };
        let mut addresses: Vec<String> = interface.addresses.iter().map(ToString::to_string).collect();
        if addresses.is_empty() && !interface.description.is_empty() {
            addresses.push(interface.description.clone());
        }
        let note = match &report.auto_interface {
            Some((name, found)) if *name == interface.name => format!("  <- auto: {}", found.words()),
            _ => String::new(),
        };
        let line = format!("{:<width$}  {state:<5}  {}{note}", interface.name, addresses.join(" "));
        text += line.trim_end();
        text.push('\n');
    }
    text
}
