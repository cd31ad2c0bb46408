//! `wrcap` without a verb: the dashboard.

use std::env;

use super::{
    context::{ColorChoice, Context},
    error::CliError,
    exit::ExitCode,
    list, spool,
};
use crate::{
    engine::{self, paths::Paths, store::FileProblems, viewer::Terminal},
    tui::{self, GlyphSet, Setup},
};

/// Shows the dashboard until the user leaves; gives the lines that say how the sessions ended.
pub async fn run(context: &Context) -> Result<(ExitCode, Vec<String>), CliError> {
    let catalog = list::load(&context.paths)?;
    let problems =
        catalog.problems.iter().flat_map(FileProblems::lines).map(|(message, _)| message).collect();
    let (commands, events) = engine::start(settings(&context.paths)?);
    let setup = Setup {
        targets: catalog.targets().cloned().collect(),
        notes: spool::leftovers(&context.paths)
            .into_iter()
            .map(|(text, hint)| format!("{text}; hint: {hint}"))
            .collect(),
        problems,
        commands,
        events,
        color: color(context.color, |name| env::var(name).ok()),
        glyphs: glyphs(|name| env::var(name).ok()),
        start: Vec::new(),
        profiles: context.paths.profiles.clone(),
        clerk: engine::profiles::start(clerk(&context.paths)?),
    };
    let exit = tui::run(setup).await.map_err(|error| {
        let source = std::error::Error::source(&error).map_or(String::new(), |source| format!(": {source}"));
        CliError::new(ExitCode::Internal, format!("{error}{source}"))
    })?;
    Ok((ExitCode::Success, exit.lines))
}

fn clerk(paths: &Paths) -> Result<engine::profiles::Settings, CliError> {
    Ok(engine::profiles::Settings {
        profiles: paths.profiles.clone(),
        undo: paths.state.join("undo.json"),
        runtime: paths.runtime_dir()?.to_owned(),
    })
}

fn settings(paths: &Paths) -> Result<engine::Settings, CliError> {
    Ok(engine::Settings {
        runtime: paths.runtime_dir()?.to_owned(),
        spool: paths.spool_dir()?.to_owned(),
        terminal: Terminal::Taken,
    })
}

/// `--color`, then `NO_COLOR` (<https://no-color.org>: set and not empty), then what the terminal is.
fn color(choice: ColorChoice, variable: impl Fn(&str) -> Option<String>) -> tui::ColorChoice {
    let is_set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
    let plain =
        is_set("NO_COLOR") || variable("TERM").is_some_and(|term| term == "dumb" || term.starts_with("vt"));
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
