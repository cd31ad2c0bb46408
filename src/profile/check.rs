//! What may stand in names, hosts and other texts that later become part of a command line or a configuration.

use super::problem::Invalid;
use std::net::Ipv6Addr;

/// Whether `name` may name a site or a target: `[A-Za-z0-9._-]+`, not beginning with `-` or `.`. Such a name is
/// safe as a file name, as an argument and inside a selector.
pub fn valid_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(['-', '.'])
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
}

/// A name of a site or target, or what is wrong with it.
pub(super) fn name(what: &str, name: &str) -> Result<(), Invalid> {
    if valid_name(name) {
        return Ok(());
    }
    Err(Invalid::new(format!("{name:?} cannot name a {what}")).hint(
        "names are made of letters, digits, dots, dashes and underscores, and begin with none of . and -",
    ))
}

/// Characters that OpenSSH itself refuses in host and user names since 9.6 (`valid_hostname`, `valid_ruser`), because
/// a `ProxyCommand` puts them into a shell.
const SHELL: &str = "'`\"$;&<>|(){}";

/// A host name, an address, or an alias of `ssh_config`.
pub(super) fn host(host: &str) -> Result<(), Invalid> {
    word("host", host)?;
    // Patterns and comments in ssh_config, separators in ProxyJump.
    if let Some(bad) = host.chars().find(|c| SHELL.contains(*c) || "\\*?!,#=/".contains(*c)) {
        return Err(Invalid::new(format!("{host:?} is no host: it has a {bad}")));
    }
    if host.contains(['@', '[', ']']) {
        return Err(Invalid::new(format!("{host:?} is no host"))
            .hint("user and port are fields of their own; IPv6 addresses need no brackets here"));
    }
    let address = host.split_once('%').map_or(host, |(address, _)| address);
    if host.contains([':', '%']) && address.parse::<Ipv6Addr>().is_err() {
        return Err(Invalid::new(format!("{host:?} is no host and no IPv6 address"))
            .hint("the port is a field of its own"));
    }
    Ok(())
}

/// A login name; `@` and a backslash are allowed inside for directory accounts.
pub(super) fn user(user: &str) -> Result<(), Invalid> {
    word("user", user)?;
    match user.chars().find(|c| SHELL.contains(*c)) {
        Some(bad) => Err(Invalid::new(format!("{user:?} is no user: it has a {bad}"))),
        None if user.ends_with('\\') => Err(Invalid::new(format!("{user:?} is no user: it ends with a \\"))),
        None => Ok(()),
    }
}

/// The name of an interface on the target.
pub(super) fn interface(interface: &str) -> Result<(), Invalid> {
    word("interface", interface)
}

/// One word that no program can take for an option.
fn word(what: &str, text: &str) -> Result<(), Invalid> {
    if text.is_empty() {
        return Err(Invalid::new(format!("the {what} is empty")));
    }
    if text.starts_with('-') {
        return Err(Invalid::new(format!("{text:?} is no {what}: it begins with a dash")));
    }
    match text.chars().find(|c| c.is_whitespace() || c.is_control()) {
        Some(_) => Err(Invalid::new(format!("{text:?} is no {what}: it has a space or a control character"))),
        None => Ok(()),
    }
}

/// Text that stays on one line and moves no cursor.
pub(super) fn one_line(text: &str) -> Result<(), Invalid> {
    if text.contains(['\n', '\r']) {
        return Err(Invalid::new("has a line break").hint("`>` in place of `|` joins the lines"));
    }
    no_control(text)
}

/// Text of any number of lines without other control characters.
pub(super) fn no_control(text: &str) -> Result<(), Invalid> {
    match text.chars().find(|c| c.is_control() && *c != '\n') {
        Some(bad) => Err(Invalid::new(format!("has the control character {bad:?}"))
            .hint("take it out; between words a space does what a tab does")),
        None => Ok(()),
    }
}

/// A keyword of `ssh_config` that stays inside our own `Host` blocks.
pub(super) fn ssh_keyword(keyword: &str) -> Result<(), Invalid> {
    if keyword.is_empty() || !keyword.chars().all(|c| c.is_ascii_alphanumeric()) {
        return Err(Invalid::new(format!("{keyword:?} is no ssh_config keyword")).on_key());
    }
    if ["host", "match", "include"].iter().any(|block| keyword.eq_ignore_ascii_case(block)) {
        return Err(Invalid::new(format!("{keyword} cannot be set here"))
            .hint("put it into your own ssh_config; wrcap reads that too")
            .on_key());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{host, interface, one_line, ssh_keyword, user, valid_name};

    #[test]
    fn hosts() {
        for good in
            ["a", "10.0.0.1", "web-1.example.com", "fe80::1", "fe80::1%eth0", "::1", "bücher.example", "_x"]
        {
            assert!(host(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "-oProxyCommand=x",
            "a b",
            "a\tb",
            "a\u{7}",
            "u@a",
            "[::1]",
            "a:22",
            "a%20b",
            "*",
            "a,b",
            "$(id)",
            "`id`",
            "a#",
        ] {
            assert!(host(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn users() {
        for good in ["ec2-user", "DOMAIN\\jo", "jo@corp.example"] {
            assert!(user(good).is_ok(), "{good}");
        }
        for bad in ["", "-l", "a b", "a\n", "$USER", "jo\\"] {
            assert!(user(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn names_and_interfaces() {
        assert!(valid_name("web-1.a_B"));
        for bad in ["", ".web", "-web", "a/b", "a b", "ä", ".."] {
            assert!(!valid_name(bad), "{bad:?}");
        }
        assert!(interface("eth0.100@if3").is_ok());
        for bad in ["-i", "", "a b", "a\0"] {
            assert!(interface(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn lines_and_keywords() {
        assert!(one_line("tcp port 80").is_ok());
        for bad in ["a\nb", "a\rb", "a\x1b[2J", "a\u{9b}"] {
            assert!(one_line(bad).is_err(), "{bad:?}");
        }
        assert!(ssh_keyword("ConnectTimeout").is_ok());
        for bad in ["", "A B", "Host", "MATCH", "include", "Proxy-Command", "A\nHost x"] {
            assert!(ssh_keyword(bad).is_err(), "{bad:?}");
        }
    }
}
