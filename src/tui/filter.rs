//! The language of filters: words that a row must have, or must not have.
//!
//! ```text
//! web prod          both words, each in any column
//! wb1               letters in order are enough: web-1
//! !staging          not this word, literally
//! state:fail        the word in one column
//! !group:test       or not in it
//! ```

use super::standing::Standing;
use crate::{profile::nearest, session::State};

/// A column that a filter can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    /// The word of a session's state.
    State,
    /// `site/target`; who speaks, in the log.
    Name,
    /// The site.
    Site,
    /// The profile's group.
    Group,
    /// Login and machine.
    Host,
    /// The bastions.
    Via,
    /// The interface.
    Interface,
    /// The capture filter.
    Filter,
    /// The profile's note; the text, in the log.
    Note,
}

impl Column {
    const ALL: [Self; 9] = [
        Self::State,
        Self::Name,
        Self::Site,
        Self::Group,
        Self::Host,
        Self::Via,
        Self::Interface,
        Self::Filter,
        Self::Note,
    ];

    /// What stands before the colon.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Name => "name",
            Self::Site => "site",
            Self::Group => "group",
            Self::Host => "host",
            Self::Via => "via",
            Self::Interface => "iface",
            Self::Filter => "filter",
            Self::Note => "note",
        }
    }
}

/// One word of a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    exclude: bool,
    column: Option<Column>,
    /// In lower case.
    word: String,
}

/// A filter as it was typed, and what it means.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Query {
    text: String,
    terms: Vec<Term>,
    slip: Option<Slip>,
}

/// What looks like a slip of the fingers.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Slip {
    /// In words.
    what: String,
    /// It excludes: that nothing is excluded is not seen in what is left.
    exclude: bool,
}

impl Query {
    /// Reads a filter. Every text is one: what is not finished yet asks for nothing.
    pub(crate) fn parse(text: &str) -> Self {
        let terms = text.split_whitespace().filter_map(term).collect();
        Self { text: text.trim().to_owned(), terms, slip: text.split_whitespace().find_map(slip) }
    }

    /// What is probably wrong with it, where that shows: it leaves nothing, or it excludes nothing.
    pub(crate) fn slip(&self, leaves: usize) -> Option<&str> {
        self.slip.as_ref().filter(|slip| leaves == 0 || slip.exclude).map(|slip| slip.what.as_str())
    }

    /// As it was typed.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// True if every row is kept.
    pub(crate) fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether a row is kept: every word is found, no excluded one is.
    pub(crate) fn keeps<'a>(&self, row: &(impl Iterator<Item = (Column, &'a str)> + Clone)) -> bool {
        self.terms.iter().all(|term| {
            let mut cells =
                row.clone().filter(|(column, _)| term.column.is_none_or(|named| named == *column));
            let found = cells.any(|(_, text)| term.is_in(&text.to_lowercase()));
            found != term.exclude
        })
    }
}

fn term(word: &str) -> Option<Term> {
    let (exclude, rest) = word.strip_prefix('!').map_or((false, word), |rest| (true, rest));
    let named = rest.split_once(':').and_then(|(key, value)| {
        let column = Column::ALL.into_iter().find(|column| column.key() == key)?;
        Some((Some(column), value))
    });
    let (column, word) = named.unwrap_or((None, rest));
    (!word.is_empty()).then(|| Term { exclude, column, word: word.to_lowercase() })
}

/// What a word would mean that was typed wrong. It is searched for as it is all the same: an address or a path may look
/// like that, and is found.
fn slip(word: &str) -> Option<Slip> {
    let (exclude, rest) = word.strip_prefix('!').map_or((false, word), |rest| (true, rest));
    if rest.contains('"') || rest.starts_with('\'') {
        let what = "quotes mean nothing here: each word is searched for by itself".to_owned();
        return Some(Slip { what, exclude });
    }
    let (key, value) = rest.split_once(':')?;
    let what = match Column::ALL.into_iter().find(|column| column.key() == key) {
        Some(Column::State) => no_state(&value.to_lowercase())?,
        Some(_) => return None,
        None if is_address(rest) || value.starts_with(['/', ':']) => return None,
        None => no_key(key)?,
    };
    Some(Slip { what, exclude })
}

fn no_state(value: &str) -> Option<String> {
    let words = || State::WORDS.into_iter().chain([Standing::OLDER]);
    if words().any(|word| word.contains(value)) {
        return None;
    }
    Some(match nearest(value, words()) {
        Some(meant) => format!("no state {value}, did you mean {meant}?"),
        None => format!("no state {value}; there are {}.", words().collect::<Vec<_>>().join(" ")),
    })
}

fn no_key(key: &str) -> Option<String> {
    if key.is_empty() || !key.chars().all(|c| c.is_ascii_alphabetic()) {
        return None;
    }
    let keys = || Column::ALL.into_iter().map(Column::key);
    Some(match nearest(&key.to_lowercase(), keys()) {
        Some(meant) => format!("no key {key}:, did you mean {meant}:?"),
        None => format!("no key {key}:; there are {}:.", keys().collect::<Vec<_>>().join(": ")),
    })
}

/// Groups of hexadecimal digits: an IPv6 address, an Ethernet address, or the beginning of one.
fn is_address(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_hexdigit() || matches!(c, ':' | '.' | '/'))
}

impl Term {
    /// Only what is wanted in any column may be abbreviated: an exclusion or a named column that guessed would
    /// surprise.
    fn is_in(&self, text: &str) -> bool {
        text.contains(&self.word) || (!self.exclude && self.column.is_none() && resembles(text, &self.word))
    }
}

/// True if the letters of `word` stand in `text` in order, from the beginning of a word on, within four times their
/// length. Both are in lower case.
pub(crate) fn resembles(text: &str, word: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let word: Vec<char> = word.chars().collect();
    let begins = |at: usize| at == 0 || !text.get(at - 1).is_some_and(|c| c.is_alphanumeric());
    (0..text.len()).filter(|at| begins(*at)).any(|at| {
        let mut window = text.iter().skip(at).take(word.len() * 4);
        text.get(at) == word.first() && word.iter().all(|wanted| window.any(|c| c == wanted))
    })
}

#[cfg(test)]
mod tests {
    use proptest::{prop_assert, proptest};

    use super::{Column, Query};

    const ROW: [(Column, &str); 6] = [
        (Column::State, "fail"),
        (Column::Name, "shop/web-1"),
        (Column::Site, "shop"),
        (Column::Group, "prod"),
        (Column::Host, "ops@10.0.1.11"),
        (Column::Filter, "tcp port 80"),
    ];

    fn keeps(text: &str) -> bool {
        Query::parse(text).keeps(&ROW.into_iter())
    }

    #[test]
    fn every_word_must_be_found_somewhere() {
        for text in ["", "  ", "web", "WEB-1", "eb-1", "web prod", "10.0.1", "port", "wb1", "w1", "sw1"] {
            assert!(keeps(text), "{text:?}");
        }
        for text in ["webb", "web staging", "1bw", "s80", "pd80"] {
            assert!(!keeps(text), "{text:?}");
        }
    }

    #[test]
    fn words_are_excluded_literally() {
        for (text, kept) in
            [("!web", false), ("!wb1", true), ("!staging", true), ("web !prod", false), ("!", true)]
        {
            assert_eq!(keeps(text), kept, "{text:?}");
        }
    }

    #[test]
    fn a_column_can_be_named() {
        for (text, kept) in [
            ("state:fail", true),
            ("state:live", false),
            ("group:prod site:shop", true),
            ("site:web", false),
            ("!group:prod", false),
            ("!group:test", true),
            ("host:10.0.1.11", true),
            ("state:", true),
            ("iface:eth0", false),
            ("port:80", false),
        ] {
            assert_eq!(keeps(text), kept, "{text:?}");
        }
    }

    #[test]
    fn what_was_typed_wrong_is_told() {
        let slip = |text: &str| Query::parse(text).slip(0).map(str::to_owned);
        for (text, told) in [
            ("hots:10", "no key hots:, did you mean host:?"),
            ("web Stat:live", "no key Stat:, did you mean state:?"),
            (
                "colour:red",
                "no key colour:; there are state: name: site: group: host: via: iface: filter: note:.",
            ),
            ("state:fial", "no state fial, did you mean fail?"),
            ("!state:lvie", "no state lvie, did you mean live?"),
            ("\"web prod", "quotes mean nothing here: each word is searched for by itself"),
        ] {
            assert_eq!(slip(text).as_deref(), Some(told), "{text}");
        }
        for text in [
            "state:",
            "state:fa",
            "STATE",
            "host:x",
            "fe80::1",
            "face:b00c",
            "10.0.0.1:22",
            "/a:b",
            "http://x",
        ] {
            assert_eq!(slip(text), None, "{text}");
        }
        assert_eq!(Query::parse("hots:10").slip(1), None, "it was found, so it was meant");
        assert!(Query::parse("!hots:10").slip(1).is_some(), "what is not excluded is not seen");
    }

    #[test]
    fn text_with_a_colon_is_text() {
        let row = [
            (Column::Host, "ops@[fe80::1]:22"),
            (Column::Filter, "ether host 0:1:2:3:4:5"),
            (Column::Note, "see /a:b hots:10"),
        ];
        for text in ["fe80::1", "]:22", "0:1:2", "/a:b", "hots:10"] {
            assert!(Query::parse(text).keeps(&row.into_iter()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_filter_and_a_row_has_its_own_words(text in "\\PC{0,20}", word in "[a-z0-9]{1,8}") {
            Query::parse(&text).keeps(&ROW.into_iter());
            let row = [(Column::Name, word.as_str())];
            prop_assert!(Query::parse(&word).keeps(&row.into_iter()));
            let excluded = format!("!{word}");
            prop_assert!(!Query::parse(&excluded).keeps(&row.into_iter()));
        }
    }
}
