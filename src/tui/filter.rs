//! The language of filters: words that a row must have, or must not have.
//!
//! ```text
//! web prod          both words, each in any column
//! wb1               letters in order are enough: web-1
//! !staging          not this word, literally
//! state:fail        the word in one column
//! !group:test       or not in it
//! ```

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
}

impl Query {
    /// Reads a filter. Every text is one: what is not finished yet asks for nothing.
    pub(crate) fn parse(text: &str) -> Self {
        let terms = text.split_whitespace().filter_map(term).collect();
        Self { text: text.trim().to_owned(), terms }
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
