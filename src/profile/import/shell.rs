//! A reader of shell files that hold settings: what `sh` would assign, found without running anything.

use std::{iter::Peekable, str::Chars};

/// One simple command: its words and how it is joined to the one after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Command {
    /// Line of its first word, counted from 1.
    pub(super) line: usize,
    /// Its words.
    pub(super) words: Vec<Word>,
    /// What follows it.
    pub(super) end: End,
}

/// A word in its pieces, as they were quoted.
pub(super) type Word = Vec<Piece>;

/// A part of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// Text outside quotes.
    Plain(String),
    /// Text inside quotes or behind a backslash.
    Quoted(String),
    /// `$NAME` or `${NAME}`.
    Variable(String),
    /// Something that only a running shell could tell.
    Foreign(&'static str),
}

/// What ends a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// `;` or the end of the line.
    Next,
    /// `&&`.
    And,
    /// `||`.
    Or,
    /// `|` or `&`: the command runs in a shell of its own.
    Elsewhere,
    /// `(`.
    Open,
    /// `)`.
    Close,
}

/// What `sh` could not read: it would have used nothing from this line on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Broken {
    /// Line, counted from 1.
    pub(super) line: usize,
    /// Why.
    pub(super) why: &'static str,
}

/// All commands of `text` up to the first thing that cannot be read.
pub(super) fn commands(text: &str) -> (Vec<Command>, Option<Broken>) {
    let mut reader = Reader { rest: text.chars().peekable(), line: 1 };
    let mut commands = Vec::new();
    loop {
        match reader.command() {
            Ok(Some(command)) => commands.push(command),
            Ok(None) => return (commands, None),
            Err(broken) => return (commands, Some(broken)),
        }
    }
}

struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
    line: usize,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<char> {
        let c = self.rest.next()?;
        self.line += usize::from(c == '\n');
        Some(c)
    }

    fn take(&mut self, wanted: char) -> bool {
        let there = self.rest.peek() == Some(&wanted);
        if there {
            self.next();
        }
        there
    }

    fn broken<T>(&self, why: &'static str) -> Result<T, Broken> {
        Err(Broken { line: self.line, why })
    }

    /// The next command; `None` at the end of the text.
    fn command(&mut self) -> Result<Option<Command>, Broken> {
        self.skip_blank(true);
        if self.rest.peek().is_none() {
            return Ok(None);
        }
        let (line, mut words) = (self.line, Vec::new());
        loop {
            self.skip_blank(false);
            match self.rest.peek() {
                None => return Ok(Some(Command { line, words, end: End::Next })),
                Some('\n' | ';' | '&' | '|' | '(' | ')') => {
                    let end = self.end();
                    return Ok(Some(Command { line, words, end }));
                }
                Some('<' | '>') => words.push(vec![self.redirection()?]),
                Some(_) => words.push(self.word()?),
            }
        }
    }

    /// Skips blanks, joined lines and comments; line breaks too between commands.
    fn skip_blank(&mut self, lines: bool) {
        while let Some(c) = self.rest.peek().copied() {
            match c {
                ' ' | '\t' => {}
                '\n' if lines => {}
                '#' => {
                    while self.rest.peek().is_some_and(|c| *c != '\n') {
                        self.next();
                    }
                    continue;
                }
                '\\' if self.at_joined() => {
                    self.next();
                }
                _ => return,
            }
            self.next();
        }
    }

    fn end(&mut self) -> End {
        match self.next() {
            Some('&') if self.take('&') => End::And,
            Some('|') if self.take('|') => End::Or,
            Some('&' | '|') => End::Elsewhere,
            Some('(') => End::Open,
            Some(')') => End::Close,
            _ => End::Next,
        }
    }

    fn redirection(&mut self) -> Result<Piece, Broken> {
        if self.next() == Some('<') && self.take('<') {
            return self.broken("a here-document: nothing after it was read");
        }
        while self.take('>') || self.take('&') {}
        Ok(Piece::Foreign("a redirection"))
    }

    fn word(&mut self) -> Result<Word, Broken> {
        let mut word = Vec::new();
        while let Some(c) = self.rest.peek().copied() {
            match c {
                ' ' | '\t' | '\n' | ';' | '&' | '|' | '(' | ')' | '<' | '>' => break,
                '\'' => word.push(Piece::Quoted(self.single()?)),
                '"' => self.double(&mut word)?,
                '$' | '`' => word.push(self.expansion()?),
                '\\' => {
                    self.next();
                    match self.next() {
                        Some('\n') => {}
                        Some(c) => word.push(Piece::Quoted(c.to_string())),
                        None => word.push(Piece::Plain('\\'.to_string())),
                    }
                }
                _ => {
                    self.next();
                    match word.last_mut() {
                        Some(Piece::Plain(text)) => text.push(c),
                        _ => word.push(Piece::Plain(c.to_string())),
                    }
                }
            }
        }
        Ok(word)
    }

    fn single(&mut self) -> Result<String, Broken> {
        let line = self.line;
        self.next();
        let mut text = String::new();
        loop {
            match self.next() {
                Some('\'') => return Ok(text),
                Some(c) => text.push(c),
                None => return Err(Broken { line, why: "a ' that is never closed" }),
            }
        }
    }

    /// Inside double quotes a backslash counts only before `$`, backquote, `"`, itself and a line break.
    fn double(&mut self, word: &mut Word) -> Result<(), Broken> {
        let line = self.line;
        self.next();
        let mut text = String::new();
        loop {
            match self.rest.peek().copied() {
                Some('$' | '`') => {
                    word.push(Piece::Quoted(std::mem::take(&mut text)));
                    word.push(self.expansion()?);
                    continue;
                }
                Some('\\') => {
                    self.next();
                    match self.rest.peek().copied() {
                        Some('\n') => {}
                        Some(c) if "$`\"\\".contains(c) => text.push(c),
                        _ => {
                            text.push('\\');
                            continue;
                        }
                    }
                }
                Some('"') => {
                    self.next();
                    word.push(Piece::Quoted(text));
                    return Ok(());
                }
                Some(c) => text.push(c),
                None => return Err(Broken { line, why: "a \" that is never closed" }),
            }
            self.next();
        }
    }

    /// What begins with `$` or a backquote.
    fn expansion(&mut self) -> Result<Piece, Broken> {
        if self.next() == Some('`') {
            self.skip_to('`', None)?;
            return Ok(Piece::Foreign("a command substitution"));
        }
        self.skip_joined();
        match self.rest.peek().copied() {
            Some('(') => {
                self.next();
                self.skip_to(')', Some('('))?;
                Ok(Piece::Foreign("a command substitution or arithmetic"))
            }
            Some('{') => {
                self.next();
                let name = self.name();
                if !name.is_empty() && self.take('}') {
                    return Ok(Piece::Variable(name));
                }
                self.skip_to('}', Some('{'))?;
                Ok(Piece::Foreign("a parameter expansion"))
            }
            Some(c) if c == '_' || c.is_ascii_alphabetic() => Ok(Piece::Variable(self.name())),
            Some(c) if c.is_ascii_digit() || "@*#?-$!".contains(c) => {
                self.next();
                Ok(Piece::Foreign("a special parameter of the shell"))
            }
            Some('\'') => Ok(Piece::Foreign("a $'...' string, which sh does not know")),
            _ => Ok(Piece::Quoted("$".to_owned())),
        }
    }

    fn name(&mut self) -> String {
        let mut name = String::new();
        loop {
            self.skip_joined();
            match self.rest.peek().copied() {
                Some(c) if c == '_' || c.is_ascii_alphanumeric() => name.push(c),
                _ => return name,
            }
            self.next();
        }
    }

    /// Skips line breaks behind a backslash: they join lines even inside a name.
    fn skip_joined(&mut self) {
        while self.at_joined() {
            self.next();
            self.next();
        }
    }

    fn at_joined(&self) -> bool {
        let mut ahead = self.rest.clone();
        ahead.next() == Some('\\') && ahead.next() == Some('\n')
    }

    /// Skips to the `close` that ends what was opened; quotes and backslashes inside are stepped over.
    fn skip_to(&mut self, close: char, open: Option<char>) -> Result<(), Broken> {
        let (line, mut depth) = (self.line, 1_usize);
        while depth > 0 {
            match self.rest.peek().copied() {
                None => return Err(Broken { line, why: "an expansion that is never closed" }),
                Some('\'') if open.is_some() => {
                    self.single()?;
                    continue;
                }
                Some('\\') => {
                    self.next();
                }
                Some(c) if c == close => depth -= 1,
                Some(c) if Some(c) == open => depth += 1,
                Some(_) => {}
            }
            self.next();
        }
        Ok(())
    }
}
