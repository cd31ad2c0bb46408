//! The machines that a user's own `ssh_config` names. What ssh makes of each name, only ssh itself can tell.

/// Hosts of one file beyond this many are not taken.
const MOST: usize = 500;

/// What one file names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scan {
    /// Names of `Host` lines that are no patterns, in order, each once.
    pub hosts: Vec<String>,
    /// What `Include` lines name: paths and patterns, as they are written.
    pub includes: Vec<String>,
}

/// Reads the names out of a file.
pub fn scan(text: &str) -> Scan {
    let mut scan = Scan::default();
    for line in text.lines() {
        let Some((keyword, rest)) = keyword(line) else { continue };
        let words =
            || shlex::split(rest).unwrap_or_else(|| rest.split_whitespace().map(str::to_owned).collect());
        if keyword.eq_ignore_ascii_case("host") {
            for name in words() {
                let is_plain = !name.contains(['*', '?', '!', '"']) && !name.starts_with('-');
                if is_plain && !scan.hosts.contains(&name) && scan.hosts.len() < MOST {
                    scan.hosts.push(name);
                }
            }
        } else if keyword.eq_ignore_ascii_case("include") {
            scan.includes.extend(words());
        }
    }
    scan
}

/// `Host a b` or `Host=a b`: the keyword and what follows; nothing for comments.
fn keyword(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    let end = line.find(|c: char| c.is_whitespace() || c == '=')?;
    let (keyword, rest) = line.split_at(end);
    let rest = rest.trim_start().trim_start_matches('=').trim_start();
    let rest = rest.split(" #").next().unwrap_or(rest);
    (!keyword.starts_with('#')).then_some((keyword, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::scan;

    #[test]
    fn names_are_taken_and_patterns_are_not() {
        let text = "# Host no\nHost web-1 web-2 *.prod\n  HostName 10.0.0.1\nhost=db\n\
                    HOST \"with quotes\" !not db # Host neither\nMatch host x\nInclude config.d/* \"~/.ssh/more\"\nHost *\nHost\n";
        let found = scan(text);
        assert_eq!(found.hosts, ["web-1", "web-2", "db", "with quotes"]);
        assert_eq!(found.includes, ["config.d/*", "~/.ssh/more"]);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "(?s).{0,300}") {
            prop_assert!(scan(&text).hosts.iter().all(|host| !host.contains(['*', '?', '!'])));
        }
    }
}
