//! The dashboard's settings: the file, the options, and what the terminal can do.

use std::{io, path::Path};

use super::{context::Context, error::CliError};
use crate::{
    engine::store::read_text,
    profile::{Config, Glyphs, Problem, Target, parse_config, place_key},
    remote::{text::clean, veil::Veil},
    tui::{Depth, Settings},
};

/// What the dashboard is opened with.
pub(super) struct Wanted {
    /// Ready for use.
    pub(super) settings: Settings,
    /// Which signs.
    pub(super) glyphs: Glyphs,
    /// What is hidden in the log file and in the lines at the end, too.
    pub(super) veil: Option<Veil>,
}

/// Reads `config.yaml`, if there is one; options of the command line come on top.
///
/// # Errors
/// The file cannot be read or has mistakes; the first one is told with its place and how many more there are.
pub(super) fn load(
    context: &Context,
    targets: &[Target],
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Wanted, CliError> {
    let file = context.paths.config_file();
    let text = match read_text(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(CliError::usage(format!("cannot read {}: {error}", file.display()))),
    };
    let mut config = parse_config(&text).map_err(|problems| refuse(&file, &problems))?;
    config.read_only |= context.read_only;
    config.privacy |= context.privacy;
    let users: Vec<String> = ["USER", "LOGNAME"].iter().filter_map(|name| variable(name)).collect();
    let veil = config.privacy.then(|| Veil::new(targets, &users));
    let glyphs = config.glyphs;
    let settings = settings(config, &text, depth(&variable), veil.clone());
    Ok(Wanted { settings: settings.map_err(|problems| refuse(&file, &problems))?, glyphs, veil })
}

fn settings(config: Config, text: &str, depth: Depth, veil: Option<Veil>) -> Result<Settings, Vec<Problem>> {
    Settings::new(config, depth, veil).map_err(|refused| {
        let place = |refusal: crate::tui::Refusal| {
            let path: Vec<&str> = refusal.path.iter().map(String::as_str).collect();
            place_key(text, &path, refusal.on_key, &refusal.message, refusal.hint.clone())
        };
        refused.into_iter().map(place).collect()
    })
}

fn refuse(file: &Path, problems: &[Problem]) -> CliError {
    let Some(first) = problems.first() else {
        return CliError::usage(format!("{} cannot be used", file.display()));
    };
    let more = match problems.len() {
        1 => String::new(),
        number => format!(" (and {} more)", number - 1),
    };
    let error = CliError::usage(format!("{}:{}{more}", file.display(), clean(&first.to_string())));
    match &first.hint {
        Some(hint) => error.hint(hint.clone()),
        None => error,
    }
}

/// How many colours the terminal says that it knows.
fn depth(variable: impl Fn(&str) -> Option<String>) -> Depth {
    match (variable("COLORTERM").as_deref(), variable("TERM")) {
        (Some("truecolor" | "24bit"), _) => Depth::True,
        (_, Some(term)) if term.contains("256color") => Depth::Indexed,
        _ => Depth::Sixteen,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Context, Depth, depth, load};
    use crate::{cli::volume::Volume, engine::paths::Paths};

    fn context(folder: &std::path::Path, text: &str) -> Context {
        fs::write(folder.join("config.yaml"), text).unwrap();
        let mut paths = Paths::from_env(None).unwrap();
        paths.config = folder.to_owned();
        let (volume, color) = (Volume::Normal, crate::cli::context::ColorChoice::Auto);
        Context { paths, volume, color, read_only: false, throwaway: false, privacy: false }
    }

    fn told(text: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let context = context(folder.path(), text);
        let error = load(&context, &[], |_| None).err().unwrap();
        error.lines().replace(&folder.path().display().to_string(), "DIR")
    }

    #[test]
    fn mistakes_name_file_line_and_what_was_meant() {
        assert_eq!(
            told("mouse: true\ntheem: dark\n"),
            "DIR/config.yaml:2:1: theem: unknown key\nhint: did you mean theme?\n"
        );
        assert_eq!(
            told("keys:\n  sessions:\n    kill: s\n    stp: x\n    stop: Q-x\n"),
            "DIR/config.yaml:4:5: keys.sessions.stp: no command of sessions (and 1 more)\nhint: did you mean stop?\n"
        );
        assert_eq!(
            told("keys: { sessions: { kill: s } }\n"),
            "DIR/config.yaml:1:27: keys.sessions.kill: s would be kill and start in sessions\n\
             hint: give start another key, or take it away: start: []\n"
        );
    }

    #[test]
    fn options_come_on_top_of_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let mut context = context(folder.path(), "glyphs: ascii\n");
        assert!(load(&context, &[], |_| None).unwrap().veil.is_none());
        context.privacy = true;
        let veil = load(&context, &[], |name| (name == "USER").then(|| "alice".to_owned())).unwrap().veil;
        assert_eq!(veil.unwrap().cover("alice at 10.0.0.1"), "user at x.x.x.x");
    }

    #[test]
    fn no_file_is_no_mistake() {
        let folder = tempfile::tempdir().unwrap();
        let context = context(folder.path(), "");
        fs::remove_file(folder.path().join("config.yaml")).unwrap();
        assert!(load(&context, &[], |_| None).is_ok());
    }

    #[test]
    fn the_terminal_tells_its_depth() {
        let set = |color: &'static str, term: &'static str| {
            depth(move |name| Some(if name == "TERM" { term } else { color }.to_owned()))
        };
        assert_eq!(set("truecolor", "xterm"), Depth::True);
        assert_eq!(set("", "xterm-256color"), Depth::Indexed);
        assert_eq!(set("", "linux"), Depth::Sixteen);
    }
}
