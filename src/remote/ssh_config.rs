//! The `ssh_config` files of one session: one file per hop, so that every hop's ssh knows its own part alone.
//!
//! Each hop's file is used by one ssh process, started by the next hop's `ProxyCommand`. `ProxyJump` does the same
//! with a single file, but there two hops of the same name (a gateway and a container behind it, both
//! `localhost`) could not differ, and their messages and questions would come without saying from which hop.
//! The user's own word for a machine stays the destination, so everything `~/.ssh/config` says about that
//! word still applies: the first value wins, and the user's file comes last.

mod hosts;
mod options;
mod through;

pub use hosts::{Scan, scan};
pub use options::check_option;
pub use through::{bastion, through};

use std::path::{Path, PathBuf};

use crate::profile::{Hop, HostKeyPolicy, Target};

/// The variable that tells the askpass helper which hop's ssh asks: an index into [`Target::hops`].
pub const HOP_VAR: &str = "WRCAP_HOP";

/// The longest control path that works everywhere, in bytes: ssh first binds the path with 17 more bytes, and
/// macOS takes 104 with the final NUL.
pub const MAX_CONTROL_PATH: usize = 86;

/// `ConnectTimeout` in seconds: covers one address's TCP connection and the server's first line.
const CONNECT_TIMEOUT: u8 = 10;

/// The files and programs that the configuration names.
#[derive(Debug, Clone)]
pub struct SshFiles {
    /// The ssh program: a path, or a name for `PATH`.
    pub ssh: PathBuf,
    /// The session's own folder; absolute.
    pub dir: PathBuf,
    /// The user's configuration, taken in last; `~` is left to ssh.
    pub user_config: Option<PathBuf>,
    /// The machine's configuration: `-F` switches it off, so it is taken in after the user's.
    pub system_config: Option<PathBuf>,
}

impl SshFiles {
    /// The usual places, for a session in `dir`.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            ssh: "ssh".into(),
            dir: dir.into(),
            user_config: Some("~/.ssh/config".into()),
            system_config: Some("/etc/ssh/ssh_config".into()),
        }
    }
}

/// How the first hop is reached, as `ssh -G` tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstHop {
    /// By a TCP connection of its own.
    Direct,
    /// Through a command or jump of the user's configuration. That may ask questions, and ssh's `ConnectTimeout`
    /// would run while a human reads them.
    Proxied,
}

/// One hop's part of a generated configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HopConfig {
    /// The hop as the user names it, for messages.
    pub label: String,
    /// ssh's destination argument: the user's own word for the machine.
    pub destination: String,
    /// Where `text` goes (0600).
    pub config: PathBuf,
    /// Where this hop's ssh writes its messages (`-E`).
    pub log: PathBuf,
    /// Where the stderr of a bastion's ssh goes: banners, and the few messages that pass by the log. The target's
    /// ssh is our child and has a pipe.
    pub stderr: Option<PathBuf>,
    /// The `ssh_config` text.
    pub text: String,
    /// Where a connection that stands already notes which address is asked of it; `None` for a hop that is logged in to.
    pub address: Option<PathBuf>,
}

/// All hops, outermost bastion first, the target last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneratedConfig {
    /// Never empty.
    pub hops: Vec<HopConfig>,
    /// The place of the first of them among [`Target::hops`]: those before it are another connection's.
    pub first: usize,
    /// The control socket of the master.
    pub control: PathBuf,
}

/// Why no configuration was generated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SshConfigError {
    /// A value that cannot be written without changing its meaning.
    #[error("{what} {value:?} holds a character that cannot stand in an ssh_config")]
    Unsafe {
        /// Which value.
        what: &'static str,
        /// The value.
        value: String,
    },
    /// A keyword of `ssh_options` that is not a word.
    #[error("{0:?} is not an ssh_config keyword")]
    Keyword(String),
    /// A keyword of `ssh_options` that is not the user's to set here.
    #[error("ssh_options may not set {keyword}: {reason}")]
    Refused {
        /// As written by the user.
        keyword: String,
        /// Why, and what to use instead.
        reason: &'static str,
    },
    /// The control path would be too long for a unix socket.
    #[error("the runtime folder {0:?} is too deep for a control socket")]
    PathTooLong(PathBuf),
}

/// The files for all hops of `target`, or why there can be none. Nothing is written.
pub fn generate(
    target: &Target,
    files: &SshFiles,
    first: FirstHop,
) -> Result<GeneratedConfig, SshConfigError> {
    let control = control(target, files)?;
    let count = target.via.len() + 1;
    let mut hops: Vec<HopConfig> = Vec::with_capacity(count);
    for (index, hop) in target.hops().enumerate() {
        let proxy = match hops.last() {
            Some(previous) => Some(proxy_command(files, previous, index - 1)?),
            None => None,
        };
        let place =
            Place { last: index + 1 == count, proxy, timeout: index == 0 && first == FirstHop::Direct };
        hops.push(hop_config(hop, index, files, place.last, text(target, hop, files, &place)?)?);
    }
    Ok(GeneratedConfig { hops, first: 0, control })
}

/// Where the control socket will be, once all is checked that concerns all hops.
fn control(target: &Target, files: &SshFiles) -> Result<PathBuf, SshConfigError> {
    for (keyword, value) in &target.ssh_options {
        check_option(keyword, value)?;
    }
    let control = files.dir.join("c");
    if control.as_os_str().len() > MAX_CONTROL_PATH {
        return Err(SshConfigError::PathTooLong(files.dir.clone()));
    }
    // ssh expands variables in the control path.
    refuse("the runtime folder", utf8("the runtime folder", &files.dir)?, |c| c.is_control() || c == '$')?;
    Ok(control)
}

fn hop_config(
    hop: &Hop,
    index: usize,
    files: &SshFiles,
    last: bool,
    text: String,
) -> Result<HopConfig, SshConfigError> {
    Ok(HopConfig {
        label: hop.to_string(),
        destination: word(hop)?.to_owned(),
        config: files.dir.join(format!("h{index}.conf")),
        log: files.dir.join(format!("h{index}.log")),
        stderr: (!last).then(|| files.dir.join(format!("h{index}.err"))),
        text,
        address: None,
    })
}

/// What a hop's position on the way decides.
struct Place {
    last: bool,
    proxy: Option<String>,
    timeout: bool,
}

/// One hop's file. What must hold comes first, then the user's `ssh_options`, then wrcap's defaults, then the
/// user's own configuration.
fn text(target: &Target, hop: &Hop, files: &SshFiles, place: &Place) -> Result<String, SshConfigError> {
    let mut file = Lines::default();
    // A jump of the user's own configuration gets this file too (`-F`), hence the blocks: another machine's
    // ssh must not take this hop's port or key.
    file.block(word(hop)?);
    if let Some(user) = &hop.user {
        file.set("User", &quoted("the user", user)?);
    }
    if let Some(port) = hop.port {
        file.set("Port", &port.to_string());
    }
    if let Some(identity) = &hop.identity {
        file.set("IdentityFile", &quoted("the identity", utf8("the identity", identity)?)?);
    }
    if let Some(proxy) = &place.proxy {
        file.set("ProxyCommand", proxy);
        // A user whose own proxy passes a descriptor says so for all hosts at times; ours does not.
        file.set("ProxyUseFdpass", "no");
    }
    file.block("*");
    for (keyword, value) in FORCED {
        file.set(keyword, value);
    }
    file.set("StrictHostKeyChecking", strict(target.host_key));
    for (keyword, value) in &target.ssh_options {
        file.set(keyword, value);
    }
    defaults(&mut file, target, hop, place)?;
    file.block("*");
    for path in [&files.user_config, &files.system_config].into_iter().flatten() {
        file.set("Include", &include(path)?);
    }
    Ok(file.0)
}

/// What `ssh_options` may overrule but `~/.ssh/config` may not.
fn defaults(file: &mut Lines, target: &Target, hop: &Hop, place: &Place) -> Result<(), SshConfigError> {
    file.block(word(hop)?);
    // What goes through a bastion is ciphertext: it would only cost time to compress it again.
    file.set("Compression", if place.last && target.compression { "yes" } else { "no" });
    if hop.identity.is_some() {
        // Otherwise every other key of the agent is offered first, and servers hang up after six.
        file.set("IdentitiesOnly", "yes");
    }
    if place.timeout {
        file.set("ConnectTimeout", &CONNECT_TIMEOUT.to_string());
    }
    file.block("*");
    file.set("ServerAliveInterval", &target.keepalive.as_secs().to_string());
    file.set("ServerAliveCountMax", "3");
    // Twice the speed of OpenSSH's own order at half the processor time.
    file.set("Ciphers", "^aes128-gcm@openssh.com,aes256-gcm@openssh.com");
    Ok(())
}

/// What nobody may change; for the target `-M -S` on the command line win over `ControlMaster` and `ControlPath`.
const FORCED: &[(&str, &str)] = &[
    ("BatchMode", "no"),
    // VERBOSE says "Authenticated to", by which one knows how far the way went.
    ("LogLevel", "VERBOSE"),
    ("ControlMaster", "no"),
    ("ControlPath", "none"),
    // With `ControlPersist`, ssh sends its proxy's messages to /dev/null.
    ("ControlPersist", "no"),
    ("ClearAllForwardings", "yes"),
    ("ForwardAgent", "no"),
    ("ForwardX11", "no"),
    ("PermitLocalCommand", "no"),
    ("RemoteCommand", "none"),
    ("RequestTTY", "no"),
    ("VisualHostKey", "no"),
];

/// Tells the askpass helper the hop, and keeps the hop's stderr apart.
const PROXY: &str = r#"WRCAP_HOP=$1; export WRCAP_HOP; exec 2>>"$2"; shift 2; exec "$@""#;

/// The command that brings the next hop's connection through `previous`. ssh puts `exec` before it and gives it
/// to the user's shell, whichever that is; `%h` and `%p` are the next hop's, after the user's configuration
/// had its say.
fn proxy_command(files: &SshFiles, previous: &HopConfig, index: usize) -> Result<String, SshConfigError> {
    let word = |what, path: &Path| shell_word(what, utf8(what, path)?);
    let folder = "the runtime folder";
    let ssh = word("the path of ssh", &files.ssh)?;
    let stderr = word(folder, previous.stderr.as_deref().unwrap_or(Path::new("/dev/null")))?;
    let (log, config) = (word(folder, &previous.log)?, word(folder, &previous.config)?);
    let host = shell_word("the host", &previous.destination)?;
    Ok(format!(
        "/bin/sh -c '{PROXY}' sh {index} {stderr} {ssh} -E {log} -F {config} -T -W '[%h]:%p' -- {host}"
    ))
}

/// `text` as one word for any shell, with ssh's own `%` doubled.
fn shell_word(what: &'static str, text: &str) -> Result<String, SshConfigError> {
    let text = refuse(what, text, |c| c.is_control() || matches!(c, '\'' | '"' | '\\' | '!'))?;
    Ok(format!("'{}'", text.replace('%', "%%")))
}

/// The user's word for a machine: also a pattern of a `Host` line and ssh's destination, so it must be neither
/// an option, nor a wildcard, nor a URI.
fn word(hop: &Hop) -> Result<&str, SshConfigError> {
    let host = hop.host.as_str();
    if host.is_empty() || host.starts_with('-') {
        return Err(SshConfigError::Unsafe { what: "the host", value: host.to_owned() });
    }
    refuse("the host", host, |c| !(c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '%' | '+')))
}

fn strict(policy: HostKeyPolicy) -> &'static str {
    match policy {
        HostKeyPolicy::Ask => "ask",
        HostKeyPolicy::Strict => "yes",
        HostKeyPolicy::AcceptNew => "accept-new",
    }
}

/// A path for `Include`, which takes patterns: their characters are escaped.
fn include(path: &Path) -> Result<String, SshConfigError> {
    let what = "the path of an ssh_config";
    let mut escaped = String::new();
    for c in refuse(what, utf8(what, path)?, |c| c.is_control() || matches!(c, '"' | '\\'))?.chars() {
        if matches!(c, '*' | '?' | '[' | ']') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    Ok(format!("\"{escaped}\""))
}

fn quoted(what: &'static str, value: &str) -> Result<String, SshConfigError> {
    refuse(what, value, |c| c.is_control() || matches!(c, '"' | '\\')).map(|value| format!("\"{value}\""))
}

fn utf8<'a>(what: &'static str, path: &'a Path) -> Result<&'a str, SshConfigError> {
    path.to_str().ok_or_else(|| SshConfigError::Unsafe { what, value: path.display().to_string() })
}

/// `value`, unless it is empty or holds a bad character.
fn refuse<'a>(
    what: &'static str,
    value: &'a str,
    bad: impl Fn(char) -> bool,
) -> Result<&'a str, SshConfigError> {
    if value.is_empty() || value.contains(bad) {
        return Err(SshConfigError::Unsafe { what, value: value.to_owned() });
    }
    Ok(value)
}

/// An `ssh_config` being written.
#[derive(Default)]
struct Lines(String);

impl Lines {
    fn block(&mut self, pattern: &str) {
        self.0.push_str("Host ");
        self.0.push_str(pattern);
        self.0.push('\n');
    }

    fn set(&mut self, keyword: &str, value: &str) {
        self.0.push_str("  ");
        self.0.push_str(keyword);
        self.0.push(' ');
        self.0.push_str(value);
        self.0.push('\n');
    }
}

#[cfg(test)]
mod tests;
