//! `wrcap` without a verb: the dashboard.

use std::{env, io};

use tokio::sync::mpsc;

use super::{
    config,
    context::{ColorChoice, Context},
    error::CliError,
    exit::ExitCode,
    list, log, spool,
};
use crate::{
    engine::{
        self,
        paths::{Paths, write_private},
        store::{FileProblems, read_text},
        viewer::Terminal,
    },
    profile::Target,
    tui::{self, GlyphSet, Remembered, Setup},
};

/// How the dashboard was left.
#[derive(Debug)]
pub struct Left {
    /// How the sessions ended, a line each.
    pub lines: Vec<String>,
    /// Why.
    pub reason: tui::ExitReason,
}

/// Shows the dashboard until the user leaves; gives the lines that say how the sessions ended.
pub async fn run(context: &Context) -> Result<Left, CliError> {
    let catalog = list::load(&context.paths)?;
    let problems =
        catalog.problems.iter().flat_map(FileProblems::lines).map(|(message, _)| message).collect();
    let targets: Vec<_> = catalog.targets().cloned().collect();
    let variable = |name: &str| env::var(name).ok();
    let wanted = config::load(context, &targets, variable)?;
    log::start(&context.paths, wanted.veil.clone());
    let (commands, events) = engine::start(settings(&context.paths)?);
    let clerk = engine::profiles::start(clerk(&context.paths, &commands)?);
    let setup = Setup {
        targets: targets.clone(),
        notes: spool::removed(&context.paths)
            .into_iter()
            .map(|(text, hint)| format!("{text}; hint: {hint}"))
            .collect(),
        problems,
        commands,
        events,
        color: color(context.color, variable),
        glyphs: tui::choose_glyphs(wanted.glyphs, glyphs(variable)),
        settings: wanted.settings,
        reload: reload(context, &targets),
        remembered: recall(&context.paths),
        start: Vec::new(),
        profiles: context.paths.profiles.clone(),
        spool: context.paths.spool.clone(),
        throwaway: context.throwaway,
        clerk,
    };
    let exit = tui::run(setup).await.map_err(|error| {
        let source = std::error::Error::source(&error).map_or(String::new(), |source| format!(": {source}"));
        CliError::new(ExitCode::Internal, format!("{error}{source}"))
    })?;
    remember(&context.paths, &exit.remembered);
    let cover = |line: String| wanted.veil.as_ref().map_or(line.clone(), |veil| veil.cover(&line));
    let lines = exit.lines.into_iter().map(cover).collect();
    Ok(Left { lines, reason: exit.reason })
}

/// How the settings are read while the dashboard is open, with the same options on top.
fn reload(context: &Context, targets: &[Target]) -> tui::Reload {
    let (context, targets) = (context.clone(), targets.to_vec());
    tui::Reload::new(move || {
        let variable = |name: &str| env::var(name).ok();
        let file = context.paths.config_file();
        let wanted = config::load(&context, &targets, variable)
            .map_err(|error| error.lines().lines().map(str::to_owned).collect::<Vec<_>>())?;
        let note = if file.exists() {
            format!("read {} anew", file.display())
        } else {
            format!("there is no {}: the defaults count", file.display())
        };
        let glyphs = tui::choose_glyphs(wanted.glyphs, glyphs(variable));
        Ok(tui::Fresh { settings: wanted.settings, glyphs, note })
    })
}

/// How the lists were arranged when the dashboard was left last. What cannot be read was never there.
fn recall(paths: &Paths) -> Remembered {
    let text = read_text(&paths.arrangement_file()).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

/// Nobody is stopped by an arrangement that cannot be kept.
fn remember(paths: &Paths, remembered: &Remembered) {
    let kept = serde_json::to_string_pretty(remembered)
        .map_err(io::Error::other)
        .and_then(|text| write_private(&paths.arrangement_file(), &format!("{text}\n")));
    if let Err(error) = kept {
        tracing::warn!(%error, "could not keep the arrangement of the dashboard");
    }
}

fn clerk(
    paths: &Paths,
    engine: &mpsc::Sender<engine::Command>,
) -> Result<engine::profiles::Settings, CliError> {
    Ok(engine::profiles::Settings {
        profiles: paths.profiles.clone(),
        undo: paths.state.join("undo.json"),
        runtime: paths.runtime_dir()?.to_owned(),
        engine: Some(engine.downgrade()),
    })
}

fn settings(paths: &Paths) -> Result<engine::Settings, CliError> {
    Ok(engine::Settings {
        runtime: paths.runtime_dir()?.to_owned(),
        spool: paths.spool_dir()?.to_owned(),
        terminal: Terminal::Taken,
    })
}

/// `--color`, then `NO_COLOR` (<https://no-color.org>: set and not empty), then `CLICOLOR_FORCE`, then what the
/// terminal is.
fn color(choice: ColorChoice, variable: impl Fn(&str) -> Option<String>) -> tui::ColorChoice {
    let is_set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
    let forced = variable("CLICOLOR_FORCE").is_some_and(|value| !value.is_empty() && value != "0");
    let poor = variable("TERM").is_some_and(|term| term == "dumb" || term.starts_with("vt"));
    let plain = is_set("NO_COLOR") || (poor && !forced);
    match choice {
        ColorChoice::Never => tui::ColorChoice::Mono,
        ColorChoice::Auto if plain => tui::ColorChoice::Mono,
        ColorChoice::Always | ColorChoice::Auto => tui::ColorChoice::Ansi,
    }
}

/// Block and line characters only where the locale says UTF-8.
fn glyphs(variable: impl Fn(&str) -> Option<String>) -> GlyphSet {
    let locale =
        ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| variable(name).filter(|v| !v.is_empty()));
    let utf8 = locale.is_some_and(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    });
    if utf8 { GlyphSet::Unicode } else { GlyphSet::Ascii }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(pairs: &[(&str, &str)]) -> impl Fn(&str) -> Option<String> {
        move |name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn colours() {
        use tui::ColorChoice::{Ansi, Mono};
        for (choice, variables, expected) in [
            (ColorChoice::Auto, &[][..], Ansi),
            (ColorChoice::Auto, &[("NO_COLOR", "1")], Mono),
            (ColorChoice::Auto, &[("NO_COLOR", "")], Ansi),
            (ColorChoice::Auto, &[("TERM", "dumb")], Mono),
            (ColorChoice::Auto, &[("TERM", "dumb"), ("CLICOLOR_FORCE", "1")], Ansi),
            (ColorChoice::Auto, &[("TERM", "dumb"), ("CLICOLOR_FORCE", "0")], Mono),
            (ColorChoice::Auto, &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], Mono),
            (ColorChoice::Always, &[("NO_COLOR", "1")], Ansi),
            (ColorChoice::Never, &[], Mono),
        ] {
            assert_eq!(color(choice, set(variables)), expected, "{choice:?} {variables:?}");
        }
    }

    #[test]
    fn glyphs_by_locale() {
        for (variables, expected) in [
            (&[][..], GlyphSet::Ascii),
            (&[("LANG", "C.UTF-8")], GlyphSet::Unicode),
            (&[("LC_ALL", "C"), ("LANG", "ja_JP.utf8")], GlyphSet::Ascii),
            (&[("LC_ALL", ""), ("LC_CTYPE", "ja_JP.utf8")], GlyphSet::Unicode),
        ] {
            assert_eq!(glyphs(set(variables)), expected, "{variables:?}");
        }
    }
}
