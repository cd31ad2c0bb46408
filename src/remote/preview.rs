//! What will run for a target, as lines for people, before anything was asked: it teaches, and support will ask for it.

use super::{
    tcpdump::{Spec, arguments},
    text::clean,
};
use crate::profile::{Interface, Privilege, Target};

/// Stands for what only the target can tell: the addresses and ports of our own connection.
const OWN: &str = "not (our own connection)";

/// The ssh line that does the same as the generated configuration. Bastions with a key of their own have it in the
/// configuration only.
pub fn ssh_line(target: &Target) -> String {
    let mut words: Vec<String> = ["ssh", "-M", "-N"].map(str::to_owned).to_vec();
    let jumps: Vec<String> = target.via.iter().map(ToString::to_string).collect();
    if !jumps.is_empty() {
        words.extend(["-J".to_owned(), jumps.join(",")]);
    }
    if let Some(port) = target.host.port {
        words.extend(["-p".to_owned(), port.to_string()]);
    }
    if let Some(identity) = target.host.identity.as_deref().and_then(|path| path.to_str()) {
        words.extend(["-i".to_owned(), identity.to_owned()]);
    }
    if target.compression {
        words.push("-C".to_owned());
    }
    let interval = ("ServerAliveInterval".to_owned(), target.keepalive.as_secs().to_string());
    let options = std::iter::once(&interval).map(|(k, v)| (k, v)).chain(&target.ssh_options);
    words.extend(options.flat_map(|(keyword, value)| ["-o".to_owned(), format!("{keyword}={value}")]));
    let user = target.host.user.as_ref().map_or(String::new(), |user| format!("{user}@"));
    words.push(format!("{user}{}", target.host.host));
    line(&words)
}

/// The line that runs on the target.
pub fn capture_line(target: &Target) -> String {
    if let Some(command) = &target.command {
        return clean(command);
    }
    let filter = match (&target.filter, target.exclude_self) {
        (Some(filter), true) => Some(format!("({filter}) and {OWN}")),
        (None, true) => Some(OWN.to_owned()),
        (filter, false) => filter.clone(),
    };
    let lines: Vec<String> = match &target.interface {
        Interface::Merged(names) => {
            names.iter().map(|name| tcpdump_line(target, name, filter.as_ref())).collect()
        }
        one => vec![tcpdump_line(target, &one.to_string(), filter.as_ref())],
    };
    lines.join(" & ")
}

fn tcpdump_line(target: &Target, interface: &str, filter: Option<&String>) -> String {
    let mut words: Vec<String> = match target.privilege {
        Privilege::Auto | Privilege::None => Vec::new(),
        Privilege::Sudo => vec!["sudo".to_owned(), "-n".to_owned()],
        Privilege::Doas => vec!["doas".to_owned(), "-n".to_owned()],
    };
    words.extend(arguments(&Spec {
        tcpdump: "tcpdump".to_owned(),
        interface: interface.to_owned(),
        snaplen: target.snaplen,
        buffer: target.buffer,
        promiscuous: target.promiscuous,
        direction: target.direction,
        precision: target.precision,
        delivery: target.delivery,
        filter: filter.cloned(),
    }));
    line(&words)
}

fn line(words: &[String]) -> String {
    // `~` is for the shell to expand, and a quoted one would not be.
    let quote = |word: &String| match word.strip_prefix("~/") {
        Some(rest) => format!("~/{}", quoted(rest)),
        None => quoted(word),
    };
    clean(&words.iter().map(quote).collect::<Vec<_>>().join(" "))
}

/// A word, quoted only where a shell would make something else of it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_@%+=:,./-".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    shlex::try_quote(word).unwrap_or_default().into_owned()
}

#[cfg(test)]
mod tests {
    use super::{capture_line, ssh_line};
    use crate::profile::{Hop, Target, TargetName, set_field};

    fn target(fields: &[(&str, &str)]) -> Target {
        let name = TargetName { site: "s".into(), target: "t".into() };
        let mut target = Target::new(name, Hop { host: "10.20.0.1".into(), ..Hop::default() });
        for (key, text) in fields {
            set_field(&mut target, key, text).unwrap();
        }
        target
    }

    #[test]
    fn lines_follow_the_fields() {
        let plain = target(&[]);
        assert_eq!(ssh_line(&plain), "ssh -M -N -C -o ServerAliveInterval=60 10.20.0.1");
        assert_eq!(
            capture_line(&plain),
            "tcpdump -U -n -i auto -s 262144 -B 131072 -w - -- 'not (our own connection)'"
        );
        let full = target(&[
            ("via", "jo@a:22, b"),
            ("user", "ops"),
            ("port", "2222"),
            ("identity", "~/.ssh/my key"),
            ("compression", "false"),
            ("keepalive", "15s"),
            ("ssh_options", "ConnectTimeout 5"),
            ("filter", "tcp port 80"),
            ("privilege", "sudo"),
            ("interface", "eth0"),
        ]);
        assert_eq!(
            ssh_line(&full),
            "ssh -M -N -J jo@a:22,b -p 2222 -i ~/'.ssh/my key' -o ServerAliveInterval=15 -o ConnectTimeout=5 ops@10.20.0.1"
        );
        assert_eq!(
            capture_line(&full),
            "sudo -n tcpdump -U -n -i eth0 -s 262144 -B 131072 -w - -- '(tcp port 80) and not (our own connection)'"
        );
        assert_eq!(
            capture_line(&target(&[("exclude_self", "false")])),
            "tcpdump -U -n -i auto -s 262144 -B 131072 -w -"
        );
        assert_eq!(capture_line(&target(&[("command", "dumpcap -w -")])), "dumpcap -w -");
    }
}
