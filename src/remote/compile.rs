//! A filter, compiled on a target while somebody types it (`compile.sh`): the question, and the answer read strictly.

use super::{
    exclude::{self, FilterError},
    link_type,
    minder::Tag,
    probe::FilterCheck,
    script,
    text::clean,
};
use crate::profile::Interface;

/// The longest answer that is believed, in bytes: tcpdump says one line about a filter.
const MAX_ANSWER: usize = 8 << 10;
/// As much of its words is kept.
const MAX_WORDS: usize = 400;

/// The bytes to send on a channel that runs [`script::command`]; then stdin may be closed.
///
/// # Errors
/// The filter cannot be sent on one line, or its parentheses would reach out of ours in a capture.
pub fn questions(tag: &Tag, interface: &Interface, filter: &str) -> Result<Vec<u8>, FilterError> {
    let filter = filter.trim();
    exclude::check(filter)?;
    let (script, link) = (script::flatten(include_str!("compile.sh")), link_type::compiled_for(interface));
    Ok(format!("{script}\n{tag}\n{link}\n{filter}\n").into_bytes())
}

/// The target's verdict; `None` for what is no whole answer of ours. What a login shell printed around it does not
/// matter.
pub fn read(answer: &[u8], tag: &Tag) -> Option<FilterCheck> {
    let text = String::from_utf8_lossy(answer);
    let (_, body) = text.split_once(&format!("wrcap-compile {tag}\n"))?;
    let (body, _) = body.split_once(&format!("\nwrcap-compile-end {tag}"))?;
    if body.len() > MAX_ANSWER {
        return None;
    }
    let (words, exit) = match body.rsplit_once('\n') {
        Some((words, exit)) => (words, exit),
        None => ("", body),
    };
    let words: Option<Vec<&str>> = words.lines().map(|line| line.strip_prefix("words ")).collect();
    Some(match exit.strip_prefix("exit ")? {
        "none" => FilterCheck::NotChecked,
        code if code.parse::<u8>().ok()? == 0 => FilterCheck::Good,
        _ => FilterCheck::Bad(told(&words?)),
    })
}

/// The line that says what is wrong, without the name of the program.
fn told(words: &[&str]) -> String {
    let own = words.iter().find_map(|line| line.strip_prefix("tcpdump: "));
    let line = own.map_or_else(|| clean(&words.join(" ")), clean);
    let line: String = line.chars().take(MAX_WORDS).collect();
    if line.is_empty() { "tcpdump does not take it, and does not say why".to_owned() } else { line }
}

#[cfg(test)]
mod tests {
    use super::{FilterCheck, questions, read};
    use crate::{profile::Interface, remote::minder::Tag};

    fn tag() -> Tag {
        Tag::new("s1-0af3").unwrap()
    }

    fn judged(body: &str) -> Option<FilterCheck> {
        read(
            format!("Welcome!\nwrcap-compile s1-0af3\n{body}wrcap-compile-end s1-0af3\nbye").as_bytes(),
            &tag(),
        )
    }

    #[test]
    fn answers_are_read_and_what_is_none_is_not() {
        let bad = |words: &str| Some(FilterCheck::Bad(words.to_owned()));
        for (body, expected) in [
            ("words \nexit 0\n", Some(FilterCheck::Good)),
            ("words Warning: x\nexit 0\n", Some(FilterCheck::Good)),
            ("exit none\n", Some(FilterCheck::NotChecked)),
            ("words tcpdump: unknown port 'prot'\nexit 1\n", bad("unknown port 'prot'")),
            ("words note\nwords tcpdump: syntax \u{1b}[2Jerror\nexit 1\n", bad("syntax ␛[2Jerror")),
            ("exit 1\n", bad("tcpdump does not take it, and does not say why")),
            ("exit 256\n", None),
            ("exit\n", None),
            ("", None),
            ("evil\nexit 1\n", None),
        ] {
            let found = judged(body);
            match (&found, &expected) {
                // How control characters are shown is another room's.
                (Some(FilterCheck::Bad(words)), Some(FilterCheck::Bad(_))) if body.contains('\u{1b}') => {
                    assert!(!words.contains('\u{1b}') && words.starts_with("syntax "), "{words}");
                }
                _ => assert_eq!(found, expected, "{body:?}"),
            }
        }
        assert_eq!(read(b"wrcap-compile other\nexit 0\nwrcap-compile-end other\n", &tag()), None);
        assert_eq!(judged(&format!("words {}\nexit 1\n", "x".repeat(9000))), None);
    }

    #[test]
    fn a_filter_is_a_line_of_its_own_and_never_more() {
        let sent = questions(&tag(), &Interface::Auto, " tcp port 80; touch /tmp/x ").unwrap();
        let sent = String::from_utf8(sent).unwrap();
        let lines: Vec<&str> = sent.lines().skip(1).collect();
        assert_eq!(lines, ["s1-0af3", "EN10MB", "tcp port 80; touch /tmp/x"]);
        assert!(questions(&tag(), &Interface::Auto, "tcp\nstop").is_err());
        let any = questions(&tag(), &Interface::Named("any".into()), "ip").unwrap();
        assert!(String::from_utf8(any).unwrap().contains("\nLINUX_SLL\n"));
    }
}
