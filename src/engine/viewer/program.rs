//! Which program a viewer is, and its argument list.

use std::path::{Path, PathBuf};

use crate::{
    profile::Viewer,
    session::{FailKind, Failure, Stage},
};

/// How a viewer gets the packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feed {
    /// It connects to the session's socket.
    Socket,
    /// It reads its stdin.
    Stdin,
}

/// Where a viewer shows what it reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Display {
    /// In a window of its own.
    Window,
    /// On the terminal that wrcap runs in, which it needs for itself.
    Terminal,
    /// Wherever the user's own command likes; its output goes to wrcap's where that is free.
    Own,
}

/// A viewer, ready to be started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// The program and its arguments; never goes through a shell.
    pub arguments: Vec<String>,
    /// How it gets the packets.
    pub feed: Feed,
    /// Where it shows them.
    pub display: Display,
}

/// The program of a viewer on `socket`, its window named after `title`; `None` if nothing is to be shown.
///
/// Wireshark connects to a unix socket that is given as `-i` (measured on 4.0, 4.4 and 4.6), and only the window's
/// title is set: an `-o` of anything else could end up in the user's own preferences.
pub fn program(viewer: &Viewer, socket: &Path, title: &str) -> Result<Option<Program>, Failure> {
    let socket = socket.to_string_lossy().into_owned();
    Ok(match viewer {
        Viewer::None => None,
        Viewer::Wireshark => {
            let program = find("wireshark").ok_or_else(|| missing("wireshark"))?;
            if !has_display() {
                return Err(failure("wireshark needs a display, and there is none here".into())
                    .hint("W starts without a viewer, `viewer: none` in the profile always; a window needs DISPLAY or WAYLAND_DISPLAY")
                    .by_option("set DISPLAY or WAYLAND_DISPLAY, or do without: `viewer: none` in the profile, --viewer tshark, or -w FILE"));
            }
            let arguments = vec![
                program.to_string_lossy().into_owned(),
                "-k".into(),
                "-i".into(),
                socket,
                "-o".into(),
                format!("gui.prepend_window_title:{title}"),
            ];
            Some(Program { arguments, feed: Feed::Socket, display: Display::Window })
        }
        Viewer::Tshark => Some(on_terminal("tshark", &["-l", "-i", &socket], Feed::Socket)?),
        Viewer::Termshark => Some(on_terminal("termshark", &["-r", "-"], Feed::Stdin)?),
        Viewer::Command(command) => Some(own(command, &socket)?),
    })
}

fn on_terminal(name: &str, arguments: &[&str], feed: Feed) -> Result<Program, Failure> {
    let program = find(name).ok_or_else(|| missing(name))?;
    let arguments = std::iter::once(program.to_string_lossy().into_owned())
        .chain(arguments.iter().map(|&a| a.to_owned()))
        .collect();
    Ok(Program { arguments, feed, display: Display::Terminal })
}

/// Whether windows can be opened: macOS has no variable for that.
pub fn has_display() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(target_os = "macos") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}

/// The user's own command: split like a shell would, run without one.
fn own(command: &str, socket: &str) -> Result<Program, Failure> {
    let words = shlex::split(command).filter(|words| !words.is_empty()).ok_or_else(|| {
        failure(format!(
            "the viewer command '{}' cannot be split into words",
            crate::remote::text::clean(command)
        ))
        .hint("check its quotes")
    })?;
    let feed = if words.iter().any(|w| w.contains("{}")) { Feed::Socket } else { Feed::Stdin };
    let mut arguments: Vec<String> = words.iter().map(|w| w.replace("{}", socket)).collect();
    let program = find(&arguments[0]).ok_or_else(|| missing(&arguments[0]))?;
    arguments[0] = program.to_string_lossy().into_owned();
    Ok(Program { arguments, feed, display: Display::Own })
}

fn failure(message: String) -> Failure {
    Failure::new(Stage::View, None, FailKind::Viewer, message)
}

fn missing(name: &str) -> Failure {
    let name = crate::remote::text::clean(name);
    failure(format!("the viewer {name} was not found on this machine"))
        .hint(format!("install {name}, choose another one with `viewer:`; W starts without one"))
        .by_option(format!(
            "install {name}, choose another one with `viewer:` or --viewer, or keep the packets with -w FILE"
        ))
}

/// Where a program is: in `PATH`, or where Wireshark puts itself on macOS.
pub fn find(name: &str) -> Option<PathBuf> {
    which::which(name).ok().or_else(|| bundled(name))
}

#[cfg(target_os = "macos")]
fn bundled(name: &str) -> Option<PathBuf> {
    let file = if name == "wireshark" { "Wireshark" } else { name };
    let home = directories::BaseDirs::new()?.home_dir().join("Applications");
    [PathBuf::from("/Applications"), home]
        .into_iter()
        .map(|folder| folder.join("Wireshark.app/Contents/MacOS").join(file))
        .find(|path| path.is_file())
}

#[cfg(not(target_os = "macos"))]
fn bundled(_name: &str) -> Option<PathBuf> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(command: &str) -> Result<Program, Failure> {
        Ok(program(&Viewer::Command(command.into()), Path::new("/run/w/a b.sock"), "t")?.unwrap())
    }

    #[test]
    fn an_own_command_gets_the_socket_as_one_word() {
        let program = arguments("sh -c 'x \"$1\"' - {} 'pre{}post'").unwrap();
        assert_eq!(program.feed, Feed::Socket);
        assert_eq!(
            program.arguments[1..],
            ["-c", "x \"$1\"", "-", "/run/w/a b.sock", "pre/run/w/a b.sockpost"]
        );
    }

    #[test]
    fn an_own_command_without_braces_reads_stdin() {
        let program = arguments("cat -").unwrap();
        assert_eq!(program.feed, Feed::Stdin);
        assert!(program.arguments[0].ends_with("/cat"));
    }

    #[test]
    fn what_cannot_be_started_is_said_before_the_start() {
        for command in ["", "'", "no-such-program-anywhere -x"] {
            let failure = arguments(command).unwrap_err();
            assert_eq!((failure.stage, failure.kind), (Stage::View, FailKind::Viewer), "{command}");
            assert!(failure.hint.is_some());
        }
    }

    #[test]
    fn no_viewer_is_no_program() {
        assert_eq!(program(&Viewer::None, Path::new("s"), "t").unwrap(), None);
    }
}
