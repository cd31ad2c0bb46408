//! Holds the code to the picture of `ARCHITECTURE.md` (who may use whom) and to the size budget of
//! `CONTRIBUTING.md`. Both are read from the sources, tests left out.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot read the sources has failed")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::{TokenStream, TokenTree};
use syn::{
    Attribute, Item, UseTree,
    spanned::Spanned as _,
    visit::{self, Visit},
};

/// What each room uses besides itself. An arrow that nothing needs is an error too.
const ROOMS: [(&str, &[&str]); 7] = [
    ("packet", &[]),
    ("profile", &[]),
    ("session", &[]),
    ("remote", &["profile", "session"]),
    ("engine", &["packet", "profile", "remote", "session"]),
    ("tui", &["engine", "profile", "remote", "session"]),
    ("cli", &["engine", "profile", "remote", "session", "tui"]),
];

/// The rooms without I/O, clock and environment, and the crates that each of them computes with.
const PURE: [(&str, &[&str]); 4] = [
    ("packet", &["thiserror"]),
    ("profile", &["humantime", "serde", "serde_json", "serde_yaml", "thiserror", "yaml_edit"]),
    ("session", &[]),
    ("remote", &["shlex", "thiserror", "zeroize"]),
];

/// Parts of the standard library that touch the world.
const WORLD: [&str; 7] = ["env", "fs", "io", "net", "os", "process", "thread"];
/// What is only a value in them.
const VALUES: [&str; 3] = ["std::net::IpAddr", "std::net::Ipv4Addr", "std::net::Ipv6Addr"];
/// What reads a clock.
const CLOCKS: [&str; 2] = ["Instant::now", "SystemTime::now"];
/// The only places of the dashboard that wait: its loop, and what the loop listens to.
const LOOP: [&str; 3] = ["tui/hangup.rs", "tui/inputs.rs", "tui/run.rs"];

const FILE_MEDIAN: usize = 120;
const FILE_MAX: usize = 500;
const FUNCTION_MEDIAN: usize = 10;
const FUNCTION_P95: usize = 40;
const FUNCTION_MAX: usize = 80;
const FIELDS_MAX: usize = 15;
/// A mirror of the profile's fields, which are listed in one place.
const MIRROR: &str = "Target";

/// A source file without its tests.
#[derive(Debug, Default)]
struct Source {
    /// Below `src`.
    name: String,
    /// The module that is being read, from the crate's root.
    module: Vec<String>,
    /// All paths in it, `crate`, `self` and `super` resolved to `crate::...`.
    paths: BTreeSet<String>,
    awaits: bool,
    lines: usize,
    /// Lines of each function, by name.
    functions: Vec<(String, usize)>,
    /// Fields of each struct, by name.
    structs: Vec<(String, usize)>,
}

impl Source {
    fn room(&self) -> &str {
        let first = self.name.split('/').next().unwrap_or_default();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    fn add(&mut self, path: &[String]) {
        let supers = path.iter().take_while(|part| *part == "super").count();
        let (base, rest) = match path.first().map(String::as_str) {
            Some("crate") => (&[][..], &path[1..]),
            Some("self") => (&self.module[..], &path[1..]),
            Some("super") => (&self.module[..self.module.len() - supers], &path[supers..]),
            _ => {
                self.paths.insert(path.join("::"));
                return;
            }
        };
        let whole: Vec<&str> =
            std::iter::once("crate").chain(base.iter().chain(rest).map(String::as_str)).collect();
        self.paths.insert(whole.join("::"));
    }

    fn add_use(&mut self, before: &[String], tree: &UseTree) {
        let with = |name: String| [before, &[name]].concat();
        match tree {
            UseTree::Path(path) => self.add_use(&with(path.ident.to_string()), &path.tree),
            UseTree::Name(name) => self.add(&with(name.ident.to_string())),
            UseTree::Rename(name) => self.add(&with(name.ident.to_string())),
            UseTree::Glob(_) => self.add(before),
            UseTree::Group(group) => group.items.iter().for_each(|item| self.add_use(before, item)),
        }
    }

    /// What syn does not look into: the arguments of macros and attributes.
    fn add_tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    self.awaits |= ident == "await";
                    if colons != 2 {
                        self.add(&std::mem::take(&mut path));
                    }
                    path.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                other => {
                    self.add(&std::mem::take(&mut path));
                    colons = 0;
                    if let TokenTree::Group(group) = other {
                        self.add_tokens(group.stream());
                    }
                }
            }
        }
        self.add(&path);
    }

    fn function(&mut self, name: String, from: proc_macro2::Span, to: proc_macro2::Span) {
        self.functions.push((name, to.end().line + 1 - from.start().line));
    }

    /// Paths that begin with `prefix` as whole words.
    fn uses<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a str> {
        let under = move |path: &&str| {
            path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
        };
        self.paths.iter().map(String::as_str).filter(under)
    }
}

impl<'ast> Visit<'ast> for Source {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_test(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        self.module.push(module.ident.to_string());
        visit::visit_item_mod(self, module);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.add_use(&[], &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let parts: Vec<String> = path.segments.iter().map(|part| part.ident.to_string()).collect();
        self.add(&parts);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.add_tokens(call.tokens.clone());
        visit::visit_macro(self, call);
    }

    fn visit_meta_list(&mut self, list: &'ast syn::MetaList) {
        self.add_tokens(list.tokens.clone());
        visit::visit_meta_list(self, list);
    }

    fn visit_expr_await(&mut self, wait: &'ast syn::ExprAwait) {
        self.awaits = true;
        visit::visit_expr_await(self, wait);
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        if !is_excused(&item.attrs) {
            self.function(item.sig.ident.to_string(), item.sig.span(), item.block.span());
        }
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if is_test(&item.attrs) {
            return;
        }
        if !is_excused(&item.attrs) {
            self.function(item.sig.ident.to_string(), item.sig.span(), item.block.span());
        }
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        let mirror =
            item.ident == MIRROR || derives(&item.attrs, &["Args", "Parser", "Serialize", "Deserialize"]);
        if !mirror {
            self.structs.push((item.ident.to_string(), item.fields.len()));
        }
        visit::visit_item_struct(self, item);
    }
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        Item::Const(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        _ => &[],
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| words(attribute).starts_with(&["cfg".into(), "test".into()]))
}

fn is_excused(attributes: &[Attribute]) -> bool {
    attributes.iter().map(words).any(|found| found[0] == "expect" && found.contains(&"too_many_lines".into()))
}

fn derives(attributes: &[Attribute], names: &[&str]) -> bool {
    let derived = |found: &Vec<String>| found[0] == "derive" && found.iter().any(|w| names.contains(&&w[..]));
    attributes.iter().map(words).any(|found| derived(&found))
}

/// The words of an attribute, its name first.
fn words(attribute: &Attribute) -> Vec<String> {
    fn idents(tokens: TokenStream, found: &mut Vec<String>) {
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => found.push(ident.to_string()),
                TokenTree::Group(group) => idents(group.stream(), found),
                _ => {}
            }
        }
    }
    let mut found: Vec<String> =
        attribute.path().segments.iter().map(|segment| segment.ident.to_string()).collect();
    if let syn::Meta::List(list) = &attribute.meta {
        idents(list.tokens.clone(), &mut found);
    }
    found
}

/// Reads the library's modules from `lib.rs` on, as the compiler does.
fn sources() -> Vec<Source> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = Vec::new();
    read(&src, &src.join("lib.rs"), &[], &mut all);
    read(&src, &src.join("main.rs"), &[], &mut all);
    all
}

fn read(src: &Path, file: &Path, module: &[String], all: &mut Vec<Source>) {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let name = file.strip_prefix(src).unwrap().to_str().unwrap().to_owned();
    let mut source = Source { name, module: module.to_vec(), ..Source::default() };
    source.visit_file(&parsed);
    let tests = parsed.items.iter().filter(|item| is_test(attributes(item)));
    let test_lines: usize = tests.map(|item| item.span().end().line + 1 - item.span().start().line).sum();
    source.lines = text.lines().count() - test_lines;
    all.push(source);
    for item in &parsed.items {
        if let Item::Mod(child) = item
            && child.content.is_none()
            && !is_test(&child.attrs)
        {
            let name = child.ident.to_string();
            read(src, &file_of(file, &name), &[module, &[name]].concat(), all);
        }
    }
}

/// The file of the module `name` that is declared in `file`.
fn file_of(file: &Path, name: &str) -> PathBuf {
    let stem = file.file_stem().unwrap();
    let folder = match stem.to_str() {
        Some("lib" | "main" | "mod") => file.parent().unwrap().to_owned(),
        _ => file.parent().unwrap().join(stem),
    };
    let flat = folder.join(format!("{name}.rs"));
    if flat.exists() { flat } else { folder.join(name).join("mod.rs") }
}

/// The names that code uses for the crates of `[dependencies]`.
fn dependencies() -> BTreeSet<String> {
    let manifest = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).unwrap();
    let section = manifest.split("\n[").find(|part| part.starts_with("dependencies]")).unwrap();
    let names = section.lines().filter_map(|line| line.split_once(" = ").map(|(name, _)| name));
    names.map(|name| name.replace('-', "_")).collect()
}

#[test]
fn rooms_use_only_the_rooms_below_them() {
    let names: BTreeSet<&str> = ROOMS.iter().map(|(room, _)| *room).collect();
    let mut found: BTreeMap<&str, BTreeSet<&str>> =
        names.iter().map(|room| (*room, BTreeSet::new())).collect();
    let sources = sources();
    let mut wrong = Vec::new();
    for source in sources.iter().filter(|source| !matches!(source.room(), "lib" | "main")) {
        let room = *names.get(source.room()).unwrap_or_else(|| panic!("{} is in no room", source.name));
        let allowed = ROOMS.iter().find(|(name, _)| *name == room).unwrap().1;
        for other in names.iter().filter(|other| **other != room) {
            for path in source.uses(&format!("crate::{other}")) {
                found.get_mut(room).unwrap().insert(other);
                if !allowed.contains(other) {
                    wrong.push(format!("{} uses {path}", source.name));
                }
            }
        }
    }
    assert_eq!(wrong, [""; 0], "\nan arrow that the picture does not have");
    for (room, allowed) in ROOMS {
        assert_eq!(found[room].iter().copied().collect::<Vec<_>>(), allowed, "what {room} uses");
    }
}

#[test]
fn pure_rooms_touch_nothing() {
    let crates = dependencies();
    let sources = sources();
    for (room, allowed) in PURE {
        let mut wrong = Vec::new();
        let mut used = BTreeSet::new();
        for source in sources.iter().filter(|source| source.room() == room) {
            for path in &source.paths {
                let mut parts = path.split("::");
                let first = parts.next().unwrap_or_default();
                if path.contains("::") && crates.contains(first) {
                    used.insert(first);
                }
                let world = first == "std" && parts.next().is_some_and(|part| WORLD.contains(&part));
                let value = VALUES.iter().any(|value| path.starts_with(value));
                let clock = CLOCKS.iter().any(|clock| path.ends_with(clock));
                if (world && !value) || clock {
                    wrong.push(format!("{} uses {path}", source.name));
                }
            }
            if source.awaits {
                wrong.push(format!("{} waits", source.name));
            }
        }
        assert_eq!(wrong, [""; 0], "\n{room} is pure");
        assert_eq!(used.into_iter().collect::<Vec<_>>(), allowed, "the crates of {room}");
    }
}

#[test]
fn the_dashboard_waits_in_its_loop_only() {
    let sources = sources();
    let waiting: Vec<&str> = sources
        .iter()
        .filter(|source| source.room() == "tui" && source.awaits)
        .map(|source| source.name.as_str())
        .collect();
    assert_eq!(waiting, LOOP);
}

/// `numbers` sorted, and the value that `percent` of them do not exceed.
fn percentile(mut numbers: Vec<usize>, percent: usize) -> usize {
    numbers.sort_unstable();
    numbers[(numbers.len() * percent).div_ceil(100).saturating_sub(1)]
}

#[test]
fn files_stay_small() {
    let sources = sources();
    let long: Vec<String> = sources
        .iter()
        .filter(|source| source.lines > FILE_MAX)
        .map(|source| format!("{}: {} lines", source.name, source.lines))
        .collect();
    assert_eq!(long, [""; 0], "\nover {FILE_MAX} lines outside tests");
    let median = percentile(sources.iter().map(|source| source.lines).collect(), 50);
    println!("{} files, median {median} lines", sources.len());
    assert!(median <= FILE_MEDIAN, "the median file has {median} lines, over {FILE_MEDIAN}");
}

#[test]
fn functions_stay_small() {
    let sources = sources();
    let all: Vec<(String, usize)> = sources
        .iter()
        .flat_map(|source| source.functions.iter().map(|(name, n)| (format!("{}: {name}", source.name), *n)))
        .collect();
    let long: Vec<_> = all.iter().filter(|(_, lines)| *lines > FUNCTION_MAX).collect();
    assert!(long.is_empty(), "over {FUNCTION_MAX} lines: {long:?}");
    let lines: Vec<usize> = all.iter().map(|(_, lines)| *lines).collect();
    let (median, p95) = (percentile(lines.clone(), 50), percentile(lines.clone(), 95));
    println!("{} functions, median {median} lines, 95 % have at most {p95}", lines.len());
    assert!(median <= FUNCTION_MEDIAN, "the median function has {median} lines, over {FUNCTION_MEDIAN}");
    assert!(p95 <= FUNCTION_P95, "5 % of the functions have over {p95} lines, budget {FUNCTION_P95}");
}

#[test]
fn structs_stay_small() {
    let sources = sources();
    let wide: Vec<String> = sources
        .iter()
        .flat_map(|source| source.structs.iter().map(move |found| (source, found)))
        .filter(|(_, (_, fields))| *fields > FIELDS_MAX)
        .map(|(source, (name, fields))| format!("{}: {name} has {fields} fields", source.name))
        .collect();
    assert_eq!(wide, [""; 0], "\nover {FIELDS_MAX} fields");
}
