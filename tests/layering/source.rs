//! The sources as the compiler reads them: paths, lines, functions and fields, tests left out.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::{TokenStream, TokenTree};
use syn::{
    Attribute, Item, UseTree,
    spanned::Spanned as _,
    visit::{self, Visit},
};

/// A mirror of the profile's fields, which are listed in one place.
const MIRROR: &str = "Target";

/// A source file without its tests.
#[derive(Debug, Default)]
pub(crate) struct Source {
    /// Below `src`.
    pub(crate) name: String,
    /// The module that is being read, from the crate's root.
    module: Vec<String>,
    /// All paths in it, `crate`, `self` and `super` resolved to `crate::...`.
    pub(crate) paths: BTreeSet<String>,
    pub(crate) awaits: bool,
    pub(crate) lines: usize,
    /// Lines of each function, by name.
    pub(crate) functions: Vec<(String, usize)>,
    /// Fields of each struct, by name.
    pub(crate) structs: Vec<(String, usize)>,
}

impl Source {
    pub(crate) fn room(&self) -> &str {
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
    pub(crate) fn uses<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a str> {
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
pub(crate) fn sources() -> Vec<Source> {
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
