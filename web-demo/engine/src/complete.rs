//! What can be written at a place: members after a dot, else the names of the text and of the language.

use std::collections::BTreeMap;

use gelcap_compiler::front::builtins;
use gelcap_compiler::front::environment::StdModule;
use serde_json::{Value, json};

/// Names after which members are known, as sources import them.
const MODULES: [(&str, StdModule); 4] =
    [("np", StdModule::Numpy), ("numpy", StdModule::Numpy), ("math", StdModule::Math), ("gelcap", StdModule::Gelcap)];

const KEYWORDS: [&str; 20] = [
    "and", "assert", "break", "continue", "def", "elif", "else", "False", "for", "from", "if", "import", "in", "None",
    "not", "or", "pass", "raise", "return", "while",
];

/// Attributes of arrays.
const ATTRIBUTES: [&str; 6] = ["shape", "size", "ndim", "T", "dtype", "nbytes"];

fn inside(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Completions at a byte of the text: where the word starts, and what may stand there.
pub fn complete(text: &str, at: usize) -> (usize, Vec<Value>) {
    let before = text.get(..at).unwrap_or(text);
    let start = before.trim_end_matches(inside).len();
    let typed = &before[start..];
    let mut found: BTreeMap<&str, &str> = BTreeMap::new();
    if let Some(owner) = before[..start].strip_suffix('.') {
        let owner = &owner[owner.trim_end_matches(inside).len()..];
        match MODULES.iter().find(|(name, _)| *name == owner) {
            Some((_, module)) => found.extend(builtins::names(*module).map(|name| (name, "function"))),
            None => found.extend(ATTRIBUTES.iter().map(|name| (*name, "property"))),
        }
    } else {
        found.extend(KEYWORDS.iter().map(|name| (*name, "keyword")));
        found.extend(builtins::names(StdModule::Builtins).map(|name| (name, "function")));
        let words = text.split(|c| !inside(c)).filter(|w| w.starts_with(|c: char| c.is_alphabetic() || c == '_'));
        words.for_each(|name| {
            found.entry(name).or_insert("variable");
        });
    }
    // What is being typed is no suggestion, unless it stands elsewhere too.
    if text.split(|c| !inside(c)).filter(|w| *w == typed).count() < 2 && found.get(typed) == Some(&"variable") {
        found.remove(typed);
    }
    let matching = found.into_iter().filter(|(name, _)| name.starts_with(typed));
    (start, matching.map(|(label, kind)| json!({ "label": label, "type": kind })).collect())
}
