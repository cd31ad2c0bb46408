//! From the script's variables to a target: what each of them did there, done here.

use super::{
    Line,
    assign::{Setting, Settings},
    site_name,
};
use crate::profile::{
    check,
    problem::Invalid,
    target::{Hop, Interface, MAX_SNAPLEN, Privilege, Target, TargetName, Viewer},
};
use std::{path::PathBuf, time::Duration};

/// What the script sets before it reads the file.
pub(super) const SCRIPT_DEFAULTS: [(&str, &str); 6] = [
    ("SSH", "ssh"),
    ("SUDO", "sudo"),
    ("WIRESHARK", "wireshark"),
    ("TCPDUMP", "tcpdump"),
    ("SNAPLEN", "1600"),
    ("KEEP_ALIVE", "60"),
];

/// The longest keepalive a site file takes, in seconds.
const MAX_KEEPALIVE: u64 = 86_400;

/// Makes the target; every setting that it takes no part of is put into the report.
pub(super) fn target(site: &str, settings: &mut Settings) -> Result<Target, String> {
    let login = login(settings)?;
    let (host, via) = way(settings, &login)?;
    let name = TargetName { site: site.to_owned(), target: site_name(&host.host) };
    let mut target = Target::new(name, host);
    target.via = via.into_iter().collect();
    target.interface = interface(settings)?;
    target.filter = filter(settings)?;
    target.snaplen = snaplen(settings);
    target.keepalive = keepalive(settings);
    target.privilege = privilege(settings);
    target.viewer = viewer(settings);
    programs(settings);
    for (name, setting) in std::mem::take(&mut settings.found) {
        settings.unused.push(Line::unused(setting.line, format!("{name} is no setting of the script")));
    }
    Ok(target)
}

impl Settings {
    /// Takes a setting out; empty is the same as missing. Blanks around it go: the script used all of them unquoted.
    fn take(&mut self, name: &str) -> Option<Setting> {
        let Setting { line, value } = self.found.remove(name)?;
        let value = value.trim().to_owned();
        (!value.is_empty()).then_some(Setting { line, value })
    }

    fn unused(&mut self, setting: &Setting, message: impl Into<String>) {
        self.unused.push(Line::unused(setting.line, message));
    }

    fn changed(&mut self, line: usize, message: impl Into<String>) {
        self.unused.push(Line::changed(line, message));
    }
}

/// The sentence for a setting that breaks a rule.
fn refused(name: &str, setting: &Setting, invalid: &Invalid) -> String {
    format!("line {}: {name}: {}", setting.line, invalid.message)
}

/// User and key: the script used the same for the bastion and the target.
fn login(settings: &mut Settings) -> Result<Hop, String> {
    let mut login = Hop::default();
    if let Some(user) = settings.take("USER") {
        check::user(&user.value).map_err(|invalid| refused("USER", &user, &invalid))?;
        login.user = Some(user.value);
    }
    if let Some(key) = settings.take("KEY_PAIR") {
        if !key.value.starts_with(['/', '~']) {
            settings
                .changed(key.line, "KEY_PAIR is a relative path: ssh looks for it where wrcap is started");
        }
        login.identity = Some(PathBuf::from(key.value));
    }
    Ok(login)
}

/// The target and the bastion before it. With a port forward the script went through the bastion to port 22 of the
/// private address, without to `CONNECT_HOSTNAME`.
fn way(settings: &mut Settings, login: &Hop) -> Result<(Hop, Option<Hop>), String> {
    let (connect, private) = (settings.take("CONNECT_HOSTNAME"), settings.take("TARGET_PRIVATE_IPADDR"));
    let (port, forward) = (settings.take("PORTFORWARD_PORT"), settings.take("PORTFORWARD_HOSTNAME"));
    let Some(port) = port else {
        if let Some(private) = private {
            settings.unused(
                &private,
                "TARGET_PRIVATE_IPADDR is not needed: the session's own transport is left out by itself",
            );
        }
        if let Some(forward) = forward {
            settings.unused(&forward, "PORTFORWARD_HOSTNAME is not used: PORTFORWARD_PORT is not set");
        }
        return Ok((hop("CONNECT_HOSTNAME", connect, login)?, None));
    };
    settings.unused(&port, "PORTFORWARD_PORT is not needed: no local port is opened");
    if let Some(connect) = connect {
        let message = match connect.value.as_str() {
            "localhost" | "127.0.0.1" | "::1" => {
                "CONNECT_HOSTNAME is not needed: the way leads through the bastion"
            }
            _ => "CONNECT_HOSTNAME is not used: with a port forward the target is TARGET_PRIVATE_IPADDR",
        };
        settings.unused(&connect, message);
    }
    let bastion = hop("PORTFORWARD_HOSTNAME", forward, login)?;
    Ok((hop("TARGET_PRIVATE_IPADDR", private, login)?, Some(bastion)))
}

fn hop(name: &str, setting: Option<Setting>, login: &Hop) -> Result<Hop, String> {
    let setting = setting.ok_or_else(|| format!("{name} is not set"))?;
    check::host(&setting.value).map_err(|invalid| refused(name, &setting, &invalid))?;
    Ok(Hop { host: setting.value, ..login.clone() })
}

fn interface(settings: &mut Settings) -> Result<Interface, String> {
    let Some(setting) = settings.take("INTERFACE") else { return Ok(Interface::Auto) };
    check::interface(&setting.value).map_err(|invalid| refused("INTERFACE", &setting, &invalid))?;
    Ok(Interface::Named(setting.value))
}

fn filter(settings: &mut Settings) -> Result<Option<String>, String> {
    let Some(setting) = settings.take("FILTER") else { return Ok(None) };
    check::one_line(&setting.value).map_err(|invalid| refused("FILTER", &setting, &invalid))?;
    let message = "FILTER is really a filter now: the script joined it to its own exclusion with `or`, which captured everything";
    settings.changed(setting.line, message);
    Ok(Some(setting.value))
}

fn snaplen(settings: &mut Settings) -> u32 {
    let Some(setting) = settings.take("SNAPLEN") else { return MAX_SNAPLEN };
    if setting.line == 0 {
        let message =
            "packets are kept whole: the script cut them after 1600 bytes, as `snaplen: 1600` would";
        settings.changed(0, message);
        return MAX_SNAPLEN;
    }
    match setting.value.parse::<u32>() {
        Ok(0) => MAX_SNAPLEN,
        Ok(bytes) if bytes <= MAX_SNAPLEN => bytes,
        _ => {
            settings.unused(&setting, format!("SNAPLEN is no number from 0 to {MAX_SNAPLEN}"));
            MAX_SNAPLEN
        }
    }
}

fn keepalive(settings: &mut Settings) -> Duration {
    let Some(setting) = settings.take("KEEP_ALIVE") else { return Duration::from_secs(60) };
    match setting.value.parse::<u64>() {
        Ok(seconds) if seconds <= MAX_KEEPALIVE => Duration::from_secs(seconds),
        _ => {
            settings.unused(&setting, "KEEP_ALIVE is no number of seconds up to a day");
            Duration::from_secs(60)
        }
    }
}

/// The last part of a program's path.
fn program(command: &str) -> &str {
    let program = command.split_whitespace().next().unwrap_or_default();
    program.rsplit('/').next().unwrap_or_default()
}

fn privilege(settings: &mut Settings) -> Privilege {
    let Some(setting) = settings.found.remove("SUDO") else { return Privilege::Auto };
    match program(&setting.value) {
        "" => Privilege::None,
        "sudo" if setting.value.trim() == "sudo" => Privilege::Auto,
        "sudo" => {
            settings.changed(setting.line, "SUDO: sudo is used, with wrcap's own options");
            Privilege::Sudo
        }
        "doas" => Privilege::Doas,
        _ => {
            settings
                .unused(&setting, "SUDO is neither sudo nor doas: the first way to root that works is used");
            Privilege::Auto
        }
    }
}

/// The script ran `$WIRESHARK -i -`. A path to Wireshark stays that very program, on the session's socket.
fn viewer(settings: &mut Settings) -> Viewer {
    let Some(setting) = settings.take("WIRESHARK") else { return Viewer::Wireshark };
    let command = setting.value.as_str();
    match (command, program(command).to_ascii_lowercase()) {
        ("wireshark", _) => Viewer::Wireshark,
        ("tshark", _) => Viewer::Tshark,
        ("termshark", _) => Viewer::Termshark,
        (_, name) if name.starts_with("wireshark") => Viewer::Command(format!("{command} -k -i {{}}")),
        _ => Viewer::Command(format!("{command} -i -")),
    }
}

/// Programs that wrcap finds or brings itself.
fn programs(settings: &mut Settings) {
    for (name, usual, instead) in [
        (
            "TCPDUMP",
            "tcpdump",
            "tcpdump is looked for on the target; for another program use the field `command`",
        ),
        ("SSH", "ssh", "ssh is taken from PATH; its options go into the field `ssh_options`"),
    ] {
        let setting =
            settings.found.remove(name).filter(|setting| setting.line > 0 && setting.value != usual);
        if let Some(setting) = setting {
            settings.unused(&setting, format!("{name} is not used: {instead}"));
        }
    }
}
