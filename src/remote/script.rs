//! Shell scripts on their way to a target: one line each, sent on stdin, so that no login shell ever parses them.

use super::minder::Tag;

/// `script` as one line without comments, for `eval`. The script keeps a discipline: a statement ends with its line,
/// comments have a line of their own, and there are no here-documents and no line continuations.
pub fn flatten(script: &str) -> String {
    let mut out = String::with_capacity(script.len());
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(line);
        if !continues(line) {
            out.push(';');
        }
    }
    out
}

/// Whether the shell expects more after this line, so that a `;` would be a syntax error.
fn continues(line: &str) -> bool {
    let opens = ["{", "(", ";;", "&&", "||", "|", "&"].iter().any(|end| line.ends_with(end));
    let keyword = matches!(line.rsplit(' ').next(), Some("then" | "do" | "else" | "in"));
    let pattern = line.ends_with(')') && !line.contains('(');
    opens || keyword || pattern
}

/// The command of a channel that runs a script which comes as the first line of its stdin.
///
/// Single quotes without `\`, `!` or newline inside mean the same to sh, bash, ksh, csh, tcsh and fish; the tag makes
/// the processes recognisable in the target's process list.
pub fn command(tag: &Tag) -> String {
    format!("exec sh -c 'IFS= read -r wrcap; eval \"$wrcap\"' wrcap-{tag}")
}

#[cfg(test)]
mod tests {
    use super::{Tag, command, flatten};

    #[test]
    fn statements_are_joined_and_comments_dropped() {
        let script = "# why\nif a; then\n  b\nelse\n  c &\n\nfi\ncase $x in\n*)\n  d \"$#\"\n  ;;\nesac\nf() {\n  g\n}\n";
        assert_eq!(
            flatten(script),
            "if a; then b; else c & fi; case $x in *) d \"$#\"; ;; esac; f() { g; };"
        );
    }

    #[test]
    fn our_scripts_become_one_line() {
        let all = [
            include_str!("compile.sh"),
            include_str!("minder.sh"),
            include_str!("probe.sh"),
            include_str!("rates.sh"),
            include_str!("sweep.sh"),
        ];
        for script in all {
            let line = flatten(script);
            assert!(!line.contains('\n') && !line.contains("; #"), "{line}");
        }
    }

    #[test]
    fn the_command_holds_nothing_a_login_shell_could_change() {
        let command = command(&Tag::new("s1-0af3").unwrap());
        assert_eq!(command.matches('\'').count(), 2);
        assert!(!command.contains(['!', '\\', '\n', '`']), "{command}");
    }
}
