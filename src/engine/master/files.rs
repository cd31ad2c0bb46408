//! The files of a master: written before it starts, removed when it is gone.

use std::{
    fs, io,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::process::Command;

use super::{Part, Way};
use crate::{
    engine::folder::PID_ENDING,
    remote::{
        ssh_config::{FirstHop, GeneratedConfig, SshConfigError, generate, through},
        text::clean,
    },
    session::{FailKind, Failure, Stage},
};

/// How long ssh may take to read its configuration.
const SETTINGS_LIMIT: Duration = Duration::from_secs(5);

/// Removes its files when dropped.
#[derive(Debug, Default)]
pub(super) struct Files(Vec<PathBuf>);

impl Drop for Files {
    fn drop(&mut self) {
        for path in &self.0 {
            // Some never came to be, and ssh removes its own socket.
            let _ = fs::remove_file(path);
        }
    }
}

impl Files {
    /// Notes which process the master is, for the run after this one: see [`crate::engine::folder`].
    pub(super) fn note_pid(&mut self, control: &Path, pid: u32) -> Result<(), Failure> {
        let path = control.with_extension(PID_ENDING);
        let _ = fs::remove_file(&path);
        write(&path, &pid.to_string())?;
        self.0.push(path);
        Ok(())
    }
}

/// Writes the configuration of all hops.
pub(super) async fn prepare(way: &Way<'_>) -> Result<(GeneratedConfig, Files), Failure> {
    if let Part::Behind(carrier) = &way.part {
        let config = through(way.target, &way.files, carrier.control()).map_err(|error| refused(&error))?;
        let files = write_all(&config)?;
        return Ok((config, files));
    }
    let make = |first| generate(way.target, &way.files, first).map_err(|error| refused(&error));
    let mut config = make(FirstHop::Direct)?;
    let files = write_all(&config)?;
    if first_hop(way, &config).await? == FirstHop::Proxied {
        config = make(FirstHop::Proxied)?;
        fs::remove_file(&config.hops[0].config).map_err(|e| failure("a configuration", &e))?;
        write(&config.hops[0].config, &config.hops[0].text)?;
    }
    Ok((config, files))
}

fn write_all(config: &GeneratedConfig) -> Result<Files, Failure> {
    let mut files = Files(vec![config.control.clone()]);
    for hop in &config.hops {
        files.0.extend([hop.config.clone(), hop.log.clone()]);
        write(&hop.config, &hop.text)?;
        for path in [&hop.stderr, &hop.address].into_iter().flatten() {
            files.0.push(path.clone());
            write(path, "")?;
        }
    }
    Ok(files)
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let mut options = fs::OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o600).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|e| failure("a file for ssh", &e))
}

/// Asks ssh how it would get to the first hop. A configuration that it cannot read is left to the connection
/// itself to report.
async fn first_hop(way: &Way<'_>, config: &GeneratedConfig) -> Result<FirstHop, Failure> {
    let hop = &config.hops[0];
    let asked = Command::new(&way.files.ssh)
        .arg("-F")
        .arg(&hop.config)
        .args(["-G", "--", &hop.destination])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let Ok(output) = tokio::time::timeout(SETTINGS_LIMIT, asked).await else {
        // A slow `Match exec`: it may be as slow again when the connection is made.
        return Ok(FirstHop::Proxied);
    };
    let output = output.map_err(|error| no_ssh(&way.files.ssh, &error))?;
    let settings = String::from_utf8_lossy(&output.stdout);
    let proxied = settings.lines().any(|line| {
        let (keyword, value) = line.split_once(' ').unwrap_or((line, ""));
        matches!(keyword, "proxyjump" | "proxycommand") && value != "none"
    });
    Ok(if proxied { FirstHop::Proxied } else { FirstHop::Direct })
}

fn refused(error: &SshConfigError) -> Failure {
    let hint = match error {
        SshConfigError::PathTooLong(_) => "set XDG_RUNTIME_DIR to a shorter path",
        _ => "correct the profile",
    };
    Failure::new(Stage::Connect, None, FailKind::SshConfig, clean(&error.to_string())).hint(hint)
}

/// ssh could not be started.
pub(super) fn no_ssh(ssh: &Path, error: &io::Error) -> Failure {
    let message = format!("cannot start {}: {error}", ssh.display());
    Failure::new(Stage::Connect, None, FailKind::NoSsh, clean(&message))
        .hint("install the OpenSSH client (Debian: apt install openssh-client)")
}

/// Something here failed that every connection needs.
pub(super) fn failure(what: &str, error: &io::Error) -> Failure {
    Failure::new(Stage::Connect, None, FailKind::File, format!("cannot make {what}: {error}"))
}
