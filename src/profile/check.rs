//! What may stand in names, hosts and other texts that later become part of a command line or a configuration.

use super::problem::Invalid;
use std::net::Ipv6Addr;

/// The longest name of a site or target, in characters: file names and tables are made of both.
pub(super) const MAX_NAME: usize = 64;

/// Whether `name` may name a site or a target: `[A-Za-z0-9._-]+`, not beginning with `-` or `.`, of at most 64 characters.
/// Such a name is safe as a file name, as an argument and inside a selector.
pub fn valid_name(name: &str) -> bool {
    name_fault(name).is_none()
}

/// What is wrong with a name of a site or target, in as few words as a form has room for.
pub fn name_fault(name: &str) -> Option<String> {
    let length = name.chars().count();
    if length > MAX_NAME {
        return Some(format!("{length} characters, but a name has {MAX_NAME} at most"));
    }
    let fits = !name.is_empty()
        && !name.starts_with(['-', '.'])
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    (!fits).then(|| "only letters, digits, - _ . (the first no - or .)".to_owned())
}

/// What names are made of, as a hint.
pub fn name_rule() -> String {
    format!(
        "names are made of letters, digits, dots, dashes and underscores, begin with none of . and -, and have \
         {MAX_NAME} characters at most"
    )
}

/// A name of a site or target, or what is wrong with it.
pub(super) fn name(what: &str, name: &str) -> Result<(), Invalid> {
    if valid_name(name) {
        return Ok(());
    }
    // One that is much too long is not said as a whole.
    let shown: String = name.chars().take(MAX_NAME).collect();
    let cut = if shown.len() < name.len() { "..." } else { "" };
    Err(Invalid::new(format!("{shown:?}{cut} cannot name a {what}")).hint(name_rule()))
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
    if let Some(bad) = text.chars().find(|c| is_disguise(*c)) {
        return Err(Invalid::new(format!("{text:?} is no {what}: it has {}", code_point(bad))));
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
    if let Some(bad) = text.chars().find(|c| is_disguise(*c)) {
        return Err(Invalid::new(format!("has {}", code_point(bad)))
            .hint("take it out: it can make a text look like another one"));
    }
    match text.chars().find(|c| c.is_control() && *c != '\n') {
        Some(bad) => Err(Invalid::new(format!("has the control character {bad:?}"))
            .hint("take it out; between words a space does what a tab does")),
        None => Ok(()),
    }
}

/// Characters that can move a cursor, change a terminal's state, or reorder what is shown.
pub fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Characters that are not seen and make a text look like another one. Joiners are none: scripts and emoji need them.
pub(super) fn is_disguise(c: char) -> bool {
    is_unsafe(c) && !c.is_control() && !matches!(c, '\u{200c}' | '\u{200d}')
}

/// How such a character is named.
pub(super) fn code_point(c: char) -> String {
    format!("the invisible character U+{:04X}", u32::from(c))
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
    use super::{MAX_NAME, host, interface, name, no_control, one_line, ssh_keyword, user, valid_name};

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
        assert!(valid_name(&"a".repeat(MAX_NAME)) && !valid_name(&"a".repeat(MAX_NAME + 1)));
        let long = name("site", &"a".repeat(300)).unwrap_err();
        assert!(long.message.len() < 100 && long.message.ends_with("\"... cannot name a site"), "{long:?}");
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
        for bad in ["a\u{202e}b", "\u{2066}", "a\u{200b}", "\u{feff}a", "\u{e0041}"] {
            assert!(one_line(bad).is_err() && no_control(bad).is_err() && host(bad).is_err(), "{bad:?}");
        }
        assert!(no_control("\u{1f468}\u{200d}\u{1f469}").is_ok(), "an emoji of two");
        assert!(ssh_keyword("ConnectTimeout").is_ok());
        for bad in ["", "A B", "Host", "MATCH", "include", "Proxy-Command", "A\nHost x"] {
            assert!(ssh_keyword(bad).is_err(), "{bad:?}");
        }
    }
}
