//! A row of the form: a field, and the text in it.

use tui_input::Input;

use super::Subject;
use crate::profile::{Entry, fields, site_bastions};

/// The row of the target's name.
pub(crate) const NAME: &str = "name";
/// The row of the site's name.
pub(crate) const SITE: &str = "site";
/// Says in a row that its field is set, and to nothing.
const EMPTY: &str = "\"\"";
/// The same for bastions.
const DIRECT: &str = "direct";

/// The sections and their fields, the only thing about fields that is said here: what no section names stands in the last one.
const SECTIONS: [(&str, &[&str]); 4] = [
    ("Who", &[SITE, NAME, "group", "note"]),
    (
        "How to get there",
        &[
            "via",
            "host",
            "port",
            "user",
            "identity",
            "host_key",
            "ssh_options",
            "keepalive",
            "lease",
            "compression",
            "reconnect",
            "retry_for",
        ],
    ),
    (
        "What to capture",
        &[
            "interface",
            "filter",
            "exclude_self",
            "snaplen",
            "buffer",
            "direction",
            "promiscuous",
            "precision",
            "delivery",
            "privilege",
            "command",
        ],
    ),
    ("Where it goes", &[]),
];

/// Where a text that is not the row's own comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// The site's defaults.
    Site,
    /// wrcap.
    Default,
    /// The user's own ssh configuration.
    Ssh,
}

impl Source {
    /// A word or two for it.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Site => "from the site",
            Self::Default => "default",
            Self::Ssh => "as ssh has it",
        }
    }
}

/// A row.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// The field's key, or [`NAME`], or [`SITE`].
    pub(crate) key: String,
    /// What stands at the left.
    pub(crate) label: String,
    /// What it is for.
    pub(crate) about: &'static str,
    /// What can be entered.
    pub(crate) entry: Entry,
    /// The place of its section.
    pub(crate) section: usize,
    /// wrcap's own value.
    pub(crate) default: Option<String>,
    /// The text; empty: not set here.
    pub(crate) input: Input,
    /// What the file says.
    pub(crate) was: Option<String>,
    /// The file's text that was put into it last, with line breaks that cannot be typed here.
    pub(crate) original: Option<String>,
    /// What holds while it is not set here.
    pub(crate) below: Option<(String, Source)>,
    /// What is wrong with it.
    pub(crate) error: Option<String>,
}

impl Row {
    fn name(key: &str, label: &str, about: &'static str) -> Self {
        Self {
            key: key.to_owned(),
            label: label.to_owned(),
            about,
            entry: Entry::Line,
            section: 0,
            default: None,
            input: Input::default(),
            was: None,
            original: None,
            below: None,
            error: None,
        }
    }

    /// True for the names, which are no fields.
    pub(crate) fn is_name(&self) -> bool {
        self.key == NAME || self.key == SITE
    }

    /// Takes what the file says.
    pub(super) fn take(&mut self, was: Option<String>) {
        self.input = Input::new(was.as_deref().map_or_else(String::new, |text| self.shown(text)));
        // A copy's name is only a proposal, and a new target's site as well.
        self.original.clone_from(&was);
        self.was = was;
    }

    /// A text as it is shown.
    fn shown(&self, text: &str) -> String {
        match (text, &self.entry) {
            ("", Entry::Hops) => DIRECT.to_owned(),
            ("", _) => EMPTY.to_owned(),
            // A line break cannot be typed here; the rest of the file keeps its own.
            (text, _) => text.trim().replace('\n', " "),
        }
    }

    /// The text of its own, if it has one.
    pub(crate) fn own(&self) -> Option<String> {
        match (self.input.value().trim(), &self.entry) {
            ("", _) => None,
            (DIRECT, Entry::Hops) | (EMPTY, _) => Some(String::new()),
            (text, _) => {
                let mut known = [&self.was, &self.original].into_iter().flatten();
                let same = known.find(|known| self.shown(known) == text);
                Some(same.map_or_else(|| text.to_owned(), Clone::clone))
            }
        }
    }

    /// True if nothing stands in it, and nothing holds without it.
    pub(crate) fn is_blank(&self) -> bool {
        self.input.value().trim().is_empty() && self.below.is_none()
    }

    /// True if it differs from the file.
    pub(crate) fn is_changed(&self) -> bool {
        self.own() != self.was
    }

    /// Puts in another text.
    pub(crate) fn set(&mut self, text: &str) {
        self.input = Input::new(text.to_owned());
    }

    /// The words it can have.
    pub(crate) fn words(&self) -> &[&'static str] {
        match &self.entry {
            Entry::Choice(words) | Entry::ChoiceOr(words) => words,
            Entry::Line | Entry::Hops => &[],
        }
    }

    /// True if Left and Right choose.
    pub(crate) fn is_choice(&self) -> bool {
        let text = self.input.value().trim();
        match &self.entry {
            Entry::Choice(_) => true,
            Entry::ChoiceOr(words) => text.is_empty() || words.contains(&text),
            Entry::Line | Entry::Hops => false,
        }
    }

    /// The next word, or the one before; where nothing holds by itself, "not set" is one of them.
    pub(crate) fn turn(&mut self, forward: bool) {
        let below = self.below.as_ref().map(|(text, _)| text.as_str());
        let mut words = self.words().to_vec();
        if below.is_none() {
            words.push("");
        }
        let text = self.input.value().trim();
        let holds = if text.is_empty() { below.unwrap_or_default() } else { text };
        let step = if forward { 1 } else { words.len().saturating_sub(1) };
        let next = match words.iter().position(|word| *word == holds) {
            Some(now) => (now + step) % words.len().max(1),
            None if forward => 0,
            None => words.len().saturating_sub(1),
        };
        let word = words.get(next).copied().unwrap_or_default();
        // What holds anyway is not written into the file, unless it stood there.
        let text = if below == Some(word) && self.was.as_deref() != Some(word) { "" } else { word };
        self.set(text);
    }
}

/// The name of a section.
pub(crate) fn section(place: usize) -> &'static str {
    SECTIONS.get(place).map_or("", |(name, _)| name)
}

/// The rows of a form, empty.
pub(super) fn rows(subject: &Subject) -> Vec<Row> {
    let mut all = match subject {
        Subject::Site | Subject::SiteCopy => {
            vec![Row::name(SITE, "Site", "The site's name, which is its file's; another one renames it.")]
        }
        Subject::New => vec![
            Row::name(
                SITE,
                "Site",
                "The file that holds the target; a name that is not there yet makes a new one.",
            ),
            Row::name(NAME, "Name", "The target's name."),
        ],
        Subject::Copy(_) | Subject::Target(_) => vec![
            Row::name(SITE, "Site", "The file that holds the target."),
            Row::name(NAME, "Name", "The target's name."),
        ],
    };
    let site = subject.is_site();
    all.extend(fields().into_iter().filter(|field| !site || field.key != "host").map(|field| Row {
        label: field.label,
        entry: field.entry,
        default: field.default,
        ..Row::name(&field.key, "", field.about)
    }));
    for row in all.iter_mut().filter(|row| site && row.key == "via") {
        row.about = site_bastions();
    }
    for row in &mut all {
        let named = SECTIONS.iter().position(|(_, keys)| keys.contains(&row.key.as_str()));
        row.section = named.unwrap_or(SECTIONS.len() - 1);
    }
    let place = |row: &Row| {
        let keys = SECTIONS.get(row.section).map_or(&[][..], |(_, keys)| keys);
        (row.section, keys.iter().position(|key| *key == row.key))
    };
    all.sort_by_key(place);
    all
}
