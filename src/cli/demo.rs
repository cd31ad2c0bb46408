//! `wrcap demo`: a throwaway bastion and targets on this machine, opened in the dashboard.

use std::{
    fs,
    io::Write,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use super::{
    context::Context,
    error::{CliError, put},
    exit::ExitCode,
    main::{open_dashboard, wait},
};
use crate::{engine::paths::Paths, remote::text::clean};

/// The lab of the tests is the lab of the demo.
const LAB: &str = include_str!("../../tests/lab/lab.sh");
/// `lab.sh` ends with this where the machine cannot build such a lab.
const CANNOT: i32 = 3;
/// Who gets which traffic.
const TRAFFIC: [(&str, &[&str]); 3] =
    [("t1", &["http"]), ("t2", &["dns", "ping"]), ("t3", &["http", "syslog"])];

/// Opens the dashboard on a throwaway lab: one bastion, three web targets with living traffic.
#[derive(Debug, Clone, clap::Args)]
pub struct DemoArgs {
    /// Build it without root, from unprivileged sshd on loopback
    #[arg(long)]
    pub loopback: bool,
    /// Do not open the dashboard: say where the lab is, and keep it until Enter or Ctrl-d
    #[arg(long)]
    pub no_dashboard: bool,
}

/// A lab that is up; it goes when this is dropped.
struct Lab {
    folder: tempfile::TempDir,
    script: PathBuf,
}

/// Builds the lab, shows the dashboard on it, and takes it down again.
pub fn run(args: &DemoArgs, context: &Context, err: &mut dyn Write) -> Result<ExitCode, CliError> {
    put(err, "building a bastion and three targets on this machine ...\n")?;
    let lab = Lab::build(args.loopback, err)?;
    lab.start_traffic();
    let profiles = lab.folder.path().join("lab/profiles");
    put(err, format!("in another terminal: wrcap --profiles {} check demo\n", profiles.display()))?;
    let code = if args.no_dashboard {
        let _ = std::io::stdin().read_line(&mut String::new());
        Ok(ExitCode::Success)
    } else {
        let context = Context { paths: lab.paths(&profiles)?, ..context.clone() };
        wait(open_dashboard(context))
    };
    put(err, "taking the demo down ...\n")?;
    drop(lab);
    code
}

impl Lab {
    fn build(loopback: bool, err: &mut dyn Write) -> Result<Self, CliError> {
        let failed = |error: std::io::Error| {
            CliError::new(ExitCode::Internal, format!("could not build the demo: {error}"))
        };
        let folder = tempfile::Builder::new().prefix("wrcap-demo-").tempdir().map_err(failed)?;
        let script = folder.path().join("lab.sh");
        fs::write(&script, LAB).map_err(failed)?;
        fs::set_permissions(&script, fs::Permissions::from_mode(0o700)).map_err(failed)?;
        let lab = Self { folder, script };
        let mut up = lab.up(loopback).map_err(failed)?;
        if up.status.code() == Some(CANNOT) && !loopback {
            put(err, format!("{}\nwithout root: sshd on loopback ports instead\n", said(&up)))?;
            up = lab.up(true).map_err(failed)?;
        }
        if up.status.success() {
            return Ok(lab);
        }
        let code = if up.status.code() == Some(CANNOT) { ExitCode::Usage } else { ExitCode::Internal };
        Err(CliError::new(code, format!("this machine cannot run the demo: {}", said(&up)))
            .hint("on Debian and Ubuntu: apt install openssh-server sudo tcpdump iproute2 procps"))
    }

    fn up(&self, loopback: bool) -> std::io::Result<Output> {
        let mut command = self.command("up");
        command.args(["--site", "demo", "--owner", &std::process::id().to_string()]);
        if loopback {
            command.arg("--loopback");
        }
        command.output()
    }

    fn command(&self, verb: &str) -> Command {
        let mut command = Command::new("bash");
        command
            .arg(&self.script)
            .arg(verb)
            .arg("--dir")
            .arg(self.folder.path().join("lab"))
            .stdin(Stdio::null());
        command
    }

    fn start_traffic(&self) {
        for (host, kinds) in TRAFFIC {
            let _ = self.command("traffic").args([host, "start"]).args(kinds).output();
        }
    }

    /// Everything of the demo lies in its own folder, the log and the spools included.
    fn paths(&self, profiles: &Path) -> Result<Paths, CliError> {
        let mut paths = Paths::from_env(Some(profiles))?;
        let state = self.folder.path().join("state");
        paths.spool = state.join("spool");
        paths.log = state.join("wrcap.log");
        paths.state = state;
        Ok(paths)
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let _ = self.command("down").output();
    }
}

/// The last words of the script.
fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    clean(&text.lines().map(|line| line.trim_start_matches("lab: ")).collect::<Vec<_>>().join("; "))
}
