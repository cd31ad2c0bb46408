//! Which variables a file of settings leaves behind, and which of its lines had no part in that.

use super::{
    Line,
    shell::{Command, End, Piece, Word, commands},
};
use crate::profile::check::{code_point, is_disguise};
use std::collections::BTreeMap;

/// What a variable was last set to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Setting {
    /// Line of the assignment; 0 for what the script sets before it reads the file.
    pub(super) line: usize,
    /// The value after `sh` took its quotes away.
    pub(super) value: String,
}

/// The variables after the file was read.
#[derive(Debug, Default)]
pub(super) struct Settings {
    /// By name.
    pub(super) found: BTreeMap<String, Setting>,
    /// The lines that were not used, and why.
    pub(super) unused: Vec<Line>,
    /// Bytes of all values that were ever set.
    size: usize,
}

/// The most that all values of a file may come to, in bytes: far more than any settings need, and far less than what
/// `A=$A$A` in each of some lines makes.
const MAX_VALUES: usize = 1 << 20;

/// Words that open a part of which only a running shell knows whether it is run, and what closes it.
const BLOCKS: [(&str, &str); 7] = [
    ("if", "fi"),
    ("case", "esac"),
    ("for", "done"),
    ("while", "done"),
    ("until", "done"),
    ("select", "done"),
    ("{", "}"),
];

/// Reads `text` as `sh` would after having set `before`.
pub(super) fn read(text: &str, before: &[(&str, &str)]) -> Settings {
    let mut settings = Settings::default();
    for (name, value) in before {
        settings.found.insert((*name).to_owned(), Setting { line: 0, value: (*value).to_owned() });
    }
    let (commands, broken) = commands(text);
    let mut open: Vec<&str> = Vec::new();
    let mut chance = Chance::Certain;
    for command in &commands {
        let inside = !open.is_empty();
        follow_blocks(command, &mut open);
        let certain = chance == Chance::Certain && command.end != End::Elsewhere;
        let assigned = if inside || !open.is_empty() {
            settings.skip(command, "is part of a block that only a running shell can judge");
            false
        } else if certain {
            settings.command(command)
        } else {
            settings.skip(command, "depends on another command, and none is run");
            false
        };
        chance = match command.end {
            End::And if assigned => Chance::Certain,
            End::And | End::Or | End::Elsewhere => Chance::Depends,
            _ => Chance::Certain,
        };
    }
    if let Some(broken) = broken {
        settings
            .unused
            .push(Line::unused(broken.line, format!("nothing from here on was read: {}", broken.why)));
    }
    settings
}

/// Whether a command is run for sure.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Chance {
    Certain,
    Depends,
}

fn follow_blocks<'a>(command: &'a Command, open: &mut Vec<&'a str>) {
    if let Some([Piece::Plain(first), ..]) = command.words.first().map(Vec::as_slice) {
        if open.last() == Some(&first.as_str()) {
            open.pop();
        } else if let Some((_, close)) = BLOCKS.iter().find(|(word, _)| word == first) {
            open.push(close);
        }
    }
    match command.end {
        End::Open => open.push(")"),
        End::Close if open.last() == Some(&")") => {
            open.pop();
        }
        _ => {}
    }
}

impl Settings {
    fn skip(&mut self, command: &Command, why: &str) {
        if !command.words.is_empty() {
            self.unused.push(Line::unused(command.line, why));
        }
    }

    /// Takes a command that is run for sure. True when it did nothing but assign.
    fn command(&mut self, command: &Command) -> bool {
        let mut words = command.words.as_slice();
        let first = words.first().and_then(|word| plain(word));
        match first {
            Some("export" | "readonly") => words = &words[1..],
            Some("unset") => return self.unset(command),
            _ => {}
        }
        if let Some(other) = words.iter().find(|word| split(word).is_none()) {
            let exported = words.len() < command.words.len() && plain(other).is_some_and(is_name);
            let why = if exported {
                "exports a variable, which changes no setting"
            } else {
                "is a command, and none is run"
            };
            self.skip(command, why);
            return exported;
        }
        words
            .iter()
            .filter_map(|word| split(word))
            .fold(true, |all, (name, first, rest)| self.assign(command.line, name, first, rest) && all)
    }

    fn unset(&mut self, command: &Command) -> bool {
        for word in &command.words[1..] {
            if let Some(name) = plain(word) {
                self.found.remove(name);
            }
        }
        self.skip(command, "takes settings back");
        true
    }

    fn assign(&mut self, line: usize, name: &str, first: &str, rest: &[Piece]) -> bool {
        match self.expand(first, rest) {
            Ok(value) => {
                self.size += value.len();
                let setting = Setting { line, value };
                if let Some(old) = self.found.insert(name.to_owned(), setting).filter(|old| old.line > 0) {
                    self.unused.push(Line::unused(old.line, format!("{name} is set again in line {line}")));
                }
                true
            }
            Err(why) => {
                self.unused
                    .push(Line::unused(line, format!("{name} cannot be told without running it: {why}")));
                self.found.remove(name);
                false
            }
        }
    }

    /// The value behind `NAME=`. The home folder stays `~`, which ssh expands itself.
    fn expand(&self, first: &str, rest: &[Piece]) -> Result<String, String> {
        let mut value = first.to_owned();
        for piece in rest {
            match piece {
                Piece::Plain(text) | Piece::Quoted(text) => value.push_str(text),
                Piece::Variable(name) => match self.found.get(name) {
                    Some(setting) => value.push_str(&setting.value),
                    None if name == "HOME" && value.is_empty() => value.push('~'),
                    None => return Err(format!("it uses ${name}, which the file does not set")),
                },
                Piece::Foreign(what) => return Err(format!("it has {what}")),
            }
            if self.size + value.len() > MAX_VALUES {
                return Err("it is too long".to_owned());
            }
        }
        match value.chars().find(|c| c.is_control() || is_disguise(*c)) {
            Some(bad) if is_disguise(bad) => Err(format!("it has {}", code_point(bad))),
            Some(_) => Err("it has a line break or another control character".to_owned()),
            None => Ok(value),
        }
    }
}

/// The text of a word that has no quotes and no expansions.
fn plain(word: &Word) -> Option<&str> {
    match word.as_slice() {
        [Piece::Plain(text)] => Some(text),
        _ => None,
    }
}

fn is_name(text: &str) -> bool {
    !text.starts_with(|c: char| c.is_ascii_digit())
        && !text.is_empty()
        && text.chars().all(|c| c == '_' || c.is_ascii_alphanumeric())
}

/// `NAME=...` as its name, what stands unquoted behind `=`, and the rest.
fn split(word: &Word) -> Option<(&str, &str, &[Piece])> {
    let (Piece::Plain(first), rest) = word.split_first()? else { return None };
    let (name, value) = first.split_once('=')?;
    is_name(name).then_some((name, value, rest))
}

#[cfg(test)]
mod tests {
    use super::read;

    fn value(text: &str, name: &str) -> Option<String> {
        read(text, &[("SUDO", "sudo")]).found.get(name).map(|setting| setting.value.clone())
    }

    #[test]
    fn values_are_what_sh_makes_of_them() {
        for (text, wanted) in [
            ("A=b", Some("b")),
            ("  A=b  # why", Some("b")),
            ("A=b#c", Some("b#c")),
            ("A=", Some("")),
            ("A='b c'", Some("b c")),
            ("A=\"b c\"", Some("b c")),
            ("A='b'\"c\"d", Some("bcd")),
            ("A=b\\ c", Some("b c")),
            ("A=\"b\\\"c\\d\"", Some("b\"c\\d")),
            ("A='$B'", Some("$B")),
            ("A=a\\\nb", Some("ab")),
            ("A=\"a\\\nb\"", Some("ab")),
            ("export A=b C=d", Some("b")),
            ("readonly A=b", Some("b")),
            ("C=d; A=b", Some("b")),
            ("C=d A=b", Some("b")),
            ("C=d && A=b", Some("b")),
            ("B=x\nA=\"$B-${B}y\"", Some("x-xy")),
            ("A=$SUDO", Some("sudo")),
            ("A=$HOME/.ssh/k", Some("~/.ssh/k")),
            ("A=\"${HOME}/k\"", Some("~/k")),
            ("A=~/k", Some("~/k")),
            ("A=b$", Some("b$")),
            ("A=1\nA=2", Some("2")),
            ("A=1\nunset A", None),
            ("A=1\nA=$(id)", None),
            ("A=$(echo ')' \"x\")\nB=2", None),
            ("A=`id`", None),
            ("A=$((1+1))", None),
            ("A=${B:-c}", None),
            ("A=$1", None),
            ("A=x$HOME", None),
            ("A=$UNKNOWN", None),
            ("A='a\nb'", None),
            ("A=b cmd", None),
            ("A =b", None),
            ("A= b", None),
            ("A+=b", None),
            ("false && A=b", None),
            ("[ -f x ] || A=b", None),
            ("A=b | cat", None),
            ("A=b &", None),
            ("(A=b)", None),
            ("if true; then A=b; fi", None),
            ("if true\nthen\nA=b\nfi", None),
            ("f() { A=b; }", None),
            ("case x in x) A=b;; esac", None),
            ("cat <<E\nA=b\nE", None),
            ("'A'=b", None),
            ("1A=b", None),
            ("A='b", None),
        ] {
            assert_eq!(value(text, "A").as_deref(), wanted, "{text}");
        }
    }

    #[test]
    fn blocks_end() {
        for text in ["if a; then b; fi\nA=1", "f() {\nx\n}\nA=1", "(x)\nA=1", "case x in y) z;; esac\nA=1"] {
            assert_eq!(value(text, "A").as_deref(), Some("1"), "{text}");
        }
    }

    #[test]
    fn unused_lines_have_their_number() {
        let read = read("A=1\necho hi\n\nB=$(id)\nA=2\nC='x", &[]);
        let told: Vec<_> = read.unused.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "line 2: is a command, and none is run",
                "line 4: B cannot be told without running it: it has a command substitution or arithmetic",
                "line 1: A is set again in line 5",
                "line 6: nothing from here on was read: a ' that is never closed",
            ]
        );
    }
}
