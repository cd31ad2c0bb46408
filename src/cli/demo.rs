//! `wrcap demo`: a throwaway bastion and targets on this machine, opened in the dashboard.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::Stdio,
};

use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    signal::unix::{Signal, SignalKind, signal},
};

use super::{
    context::Context,
    error::CliError,
    exit::ExitCode,
    main::{open_dashboard, wait},
};
use crate::{
    engine::{paths::Paths, viewer},
    remote::text::clean,
};

/// The lab of the tests is the lab of the demo.
const LAB: &str = include_str!("../../tests/lab/lab.sh");
/// Takes the lab down whatever ends wrcap.
const KEEPER: &str = include_str!("demo.sh");
/// `lab.sh` ends with this where the machine cannot build such a lab.
const CANNOT: i32 = 3;

/// Opens the dashboard on a throwaway lab: one bastion, three web targets with living traffic.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct DemoArgs {
    /// Build it without root, from unprivileged sshd on loopback
    #[arg(long)]
    pub loopback: bool,
    /// Do not open the dashboard: say where the lab is, and keep it until Enter or Ctrl-d
    #[arg(long)]
    pub no_dashboard: bool,
}

/// Builds the lab, shows the dashboard on it, and takes it down again.
pub fn run(args: &DemoArgs, context: &Context) -> Result<ExitCode, CliError> {
    let (args, context) = (args.clone(), context.clone());
    wait(async move {
        let mut signals = Signals::new().map_err(|error| broken(&error))?;
        say("building a bastion and three targets on this machine ...");
        let Some(lab) = build(&args, &mut signals).await? else { return Ok(ExitCode::Interrupted) };
        let code = show(&lab, &args, context, &mut signals).await;
        say("taking the demo down ...");
        lab.remove().await;
        code
    })
}

/// In namespaces where that is possible, else on loopback; `None` if a signal came first.
async fn build(args: &DemoArgs, signals: &mut Signals) -> Result<Option<Lab>, CliError> {
    let Some((lab, code)) = Lab::up(args.loopback, signals).await? else { return Ok(None) };
    if code != CANNOT || args.loopback {
        return lab.judge(code).await.map(Some);
    }
    say(&format!("{}\nwithout root: sshd on loopback ports instead", lab.said()));
    lab.remove().await;
    let Some((lab, code)) = Lab::up(true, signals).await? else { return Ok(None) };
    lab.judge(code).await.map(Some)
}

/// Until the user has seen enough.
async fn show(
    lab: &Lab,
    args: &DemoArgs,
    context: Context,
    signals: &mut Signals,
) -> Result<ExitCode, CliError> {
    let profiles = lab.inside().join("profiles");
    say(&format!("in another terminal: wrcap --profiles {} check demo", profiles.display()));
    if !args.no_dashboard {
        if !has_screen(viewer::find("wireshark").is_some(), |name| std::env::var_os(name).is_some()) {
            without_viewer(&profiles).map_err(|error| broken(&error))?;
        }
        let paths = Paths::below(lab.folder.path(), &profiles);
        open_dashboard(Context { paths, throwaway: true, ..context }).await?;
        return Ok(ExitCode::Success);
    }
    let enter = tokio::task::spawn_blocking(|| io::stdin().read_line(&mut String::new()));
    tokio::select! {
        _ = enter => Ok(ExitCode::Success),
        () = signals.any() => Ok(ExitCode::Interrupted),
    }
}

/// True if a Wireshark could show something.
fn has_screen(found: bool, is_set: impl Fn(&str) -> bool) -> bool {
    found && (cfg!(target_os = "macos") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY"))
}

/// A demo that cannot show packets in a window shows its counters all the same.
fn without_viewer(profiles: &Path) -> io::Result<()> {
    let path = profiles.join("demo.yaml");
    let site = fs::read_to_string(&path)?;
    fs::write(&path, site.replacen("defaults:\n", "defaults:\n  viewer: none\n", 1))
}

/// A lab that is up, or was tried to build. Its keeper takes it and its folder away as soon as the pipe to it is
/// closed, by us or by our end.
struct Lab {
    folder: TempDir,
    keeper: Child,
}

impl Lab {
    /// Builds it; gives the exit code of the building too. `None` if a signal came first: then nothing is left of it.
    async fn up(loopback: bool, signals: &mut Signals) -> Result<Option<(Self, i32)>, CliError> {
        let mut lab = Self::start(loopback).map_err(|error| broken(&error))?;
        let Some(stdout) = lab.keeper.stdout.take() else { return Ok(Some((lab, 1))) };
        let (mut stdout, mut code) = (BufReader::new(stdout), String::new());
        tokio::select! {
            read = stdout.read_line(&mut code) => read.map_err(|error| broken(&error))?,
            () = signals.any() => {
                lab.remove().await;
                return Ok(None);
            }
        };
        Ok(Some((lab, code.trim().parse().unwrap_or(1))))
    }

    fn start(loopback: bool) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("wrcap-demo-").tempdir()?;
        fs::write(folder.path().join("lab.sh"), LAB)?;
        let mut command = Command::new("bash");
        command.args(["-c", KEEPER, "wrcap-demo"]).arg(folder.path());
        if loopback {
            command.arg("--loopback");
        }
        // A group of its own: a Ctrl-c is for wrcap.
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).process_group(0);
        Ok(Self { keeper: command.spawn()?, folder })
    }

    /// The lab, if it was built and something can be captured in it.
    async fn judge(self, code: i32) -> Result<Self, CliError> {
        let error = match code {
            0 if self.is_deaf() => CliError::usage("this machine cannot run the demo: tcpdump needs root here")
                .hint("run `sudo wrcap demo`, or let tcpdump capture: sudo setcap cap_net_raw+ep $(command -v tcpdump)"),
            0 => return Ok(self),
            _ => {
                let code = if code == CANNOT { ExitCode::Usage } else { ExitCode::Internal };
                CliError::new(code, format!("this machine cannot run the demo: {}", self.said()))
                    .hint("on Debian and Ubuntu: apt install openssh-server sudo tcpdump iproute2 procps perl")
            }
        };
        self.remove().await;
        Err(error)
    }

    /// True for a loopback lab of a user who may not capture.
    fn is_deaf(&self) -> bool {
        fs::read_to_string(self.inside().join("env"))
            .is_ok_and(|env| env.lines().any(|line| line == "LAB_TCPDUMP=none"))
    }

    /// The lab's own folder.
    fn inside(&self) -> PathBuf {
        self.folder.path().join("lab")
    }

    /// What was said while it was built.
    fn said(&self) -> String {
        let text = fs::read_to_string(self.folder.path().join("said")).unwrap_or_default();
        clean(&text.lines().map(|line| line.trim_start_matches("lab: ")).collect::<Vec<_>>().join("; "))
    }

    /// Waits until nothing is left of it.
    async fn remove(mut self) {
        // Waiting closes the pipe first.
        let _ = self.keeper.wait().await;
    }
}

struct Signals([Signal; 3]);

impl Signals {
    fn new() -> io::Result<Self> {
        let [interrupt, terminate, hangup] =
            [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()].map(signal);
        Ok(Self([interrupt?, terminate?, hangup?]))
    }

    /// Waits for one that asks for the end.
    async fn any(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}

fn broken(error: &io::Error) -> CliError {
    CliError::new(ExitCode::Internal, format!("could not build the demo: {error}"))
}

fn say(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_needs_a_program_and_a_display() {
        assert!(!has_screen(false, |_| true));
        assert!(has_screen(true, |name| name == "WAYLAND_DISPLAY"));
        assert_eq!(has_screen(true, |_| false), cfg!(target_os = "macos"));
    }
}
