//! What the style guide says of the source that a program can check: arrows between modules, sizes, licences, notes to
//! ourselves, paths of somebody's machine.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use gelcap_tests::{case, conclude, root};

/// Which module of `compiler` may name which. `pipeline`, `request` and `export` sit above all stages; `types`, `diag`
/// and `base` below; `passes` ask `mathlib` which functions are its own; `back::Target` and `options` are data that every stage reads.
const ARROWS: [(&str, &[&str]); 15] = [
    ("base", &[]),
    ("diag", &["base"]),
    ("types", &["base"]),
    ("abi", &["ir", "types"]),
    ("ir", &["abi", "base", "diag", "types"]),
    ("options", &["back"]),
    ("artifact", &["abi", "back", "types"]),
    ("front", &["abi", "base", "diag", "ir", "options", "types"]),
    ("mathlib", &["ir"]),
    ("passes", &["abi", "back", "base", "diag", "ir", "mathlib", "options", "types"]),
    ("back", &["abi", "artifact", "base", "diag", "ir", "types"]),
    ("pipeline", &["abi", "artifact", "back", "diag", "ir", "options", "passes", "types"]),
    ("export", &["abi", "artifact", "diag", "front", "ir", "request", "types"]),
    (
        "request",
        &["abi", "artifact", "diag", "export", "front", "ir", "mathlib", "options", "passes", "pipeline", "types"],
    ),
    ("lib", &[]),
];

const MOST_LINES: usize = 600;

/// Licences that dependencies may have, as SPDX expressions write them.
const LICENCES: [&str; 12] = [
    "MIT",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "Unlicense",
    "CC0-1.0",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "MPL-2.0",
];

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// Files of ours: not what tools made, not the environments.
fn sources(extensions: &[&str]) -> Vec<PathBuf> {
    let skipped = ["target", ".git", ".venv", "dist", "node_modules"];
    let folders = fs::read_dir(root()).expect("the repository is readable").flatten().map(|e| e.path());
    let mut found = Vec::new();
    for path in folders {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if skipped.contains(&name.as_str()) {
            continue;
        }
        for extension in extensions {
            if path.is_dir() {
                found.extend(case::files(&path, extension));
            } else if path.extension().is_some_and(|e| e == *extension) {
                found.push(path.clone());
            }
        }
    }
    // What npm installs stands inside the web's own folder.
    found.retain(|path| !path.components().any(|part| part.as_os_str() == "node_modules"));
    found.sort();
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

#[test]
fn arrows_point_one_way() {
    let folder = root().join("compiler/src");
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.into_iter().collect();
    let mut complaints = BTreeSet::new();
    for path in case::files(&folder, "rs") {
        let inside = path.strip_prefix(&folder).unwrap_or(&path);
        let first = inside.iter().next().unwrap_or_default().to_string_lossy();
        let module = first.trim_end_matches(".rs");
        // Tests look at what they like.
        if inside.iter().any(|part| part == "tests" || part == "tests.rs") {
            continue;
        }
        let text = read(&path);
        let product = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let Some(may) = allowed.get(module) else {
            complaints.insert(format!("compiler/src/{module} is not in the table of arrows"));
            continue;
        };
        for named in named_modules(product) {
            if named != module && allowed.contains_key(named.as_str()) && !may.contains(&named.as_str()) {
                complaints.insert(format!("{}: `{module}` must not name `{named}`", shown(&path)));
            }
        }
    }
    conclude("arrows", &complaints.into_iter().collect::<Vec<_>>());
}

/// The modules after `crate::`, also in `use crate::{a, b::c}`.
fn named_modules(text: &str) -> BTreeSet<String> {
    let word = |t: &str| -> String { t.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect() };
    let mut found = BTreeSet::new();
    for line in text.lines().filter(|l| !l.trim_start().starts_with("//")) {
        for rest in line.split("crate::").skip(1) {
            match rest.strip_prefix('{') {
                Some(group) => found.extend(group.split(',').map(|item| word(item.trim()))),
                None => {
                    found.insert(word(rest));
                }
            }
        }
    }
    found
}

#[test]
fn no_file_is_too_long() {
    let long = |path: &PathBuf| {
        let lines = read(path).lines().count();
        (lines > MOST_LINES).then(|| format!("{}: {lines} lines, more than {MOST_LINES}", shown(path)))
    };
    let files = sources(&["rs"]);
    conclude(&format!("{} files", files.len()), &files.iter().filter_map(long).collect::<Vec<_>>());
}

#[test]
fn notes_name_an_issue_and_paths_are_nobodys() {
    // In pieces, or this file would find itself.
    let note = ["TO", "DO"].concat();
    let homes: Vec<String> = ["home", "work", "tmp", "root", "Users"].iter().map(|d| format!("/{d}/")).collect();
    let mut complaints = Vec::new();
    for path in sources(&["rs", "py", "pyi", "toml", "md"]) {
        for (i, line) in read(&path).lines().enumerate() {
            let at = format!("{}:{}", shown(&path), i + 1);
            if line.contains(&note) && !line.contains('#') {
                complaints.push(format!("{at}: a {note} without an issue"));
            }
            if homes.iter().any(|home| line.contains(home.as_str())) {
                complaints.push(format!("{at}: a path of one machine"));
            }
        }
    }
    conclude("notes and paths", &complaints);
}

#[test]
fn licences_are_known() {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--locked", "--offline", "--filter-platform", TRIPLE])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo gives JSON");
    let packages = metadata["packages"].as_array().expect("there are packages");
    let mut complaints = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap_or_default();
        let licence = package["license"].as_str().unwrap_or_default();
        if !is_allowed(licence) {
            complaints.push(format!("{name}: licence `{licence}`"));
        }
    }
    conclude(&format!("{} packages", packages.len()), &complaints);
}

#[cfg(target_arch = "x86_64")]
const TRIPLE: &str = "x86_64-unknown-linux-gnu";
#[cfg(target_arch = "aarch64")]
const TRIPLE: &str = "aarch64-unknown-linux-gnu";

/// Every part that is joined by AND has an alternative that is allowed.
fn is_allowed(expression: &str) -> bool {
    let plain = expression.replace(['(', ')'], "").replace('/', " OR ");
    let one = |licence: &str| LICENCES.contains(&licence.trim());
    !plain.is_empty() && plain.split(" AND ").all(|part| part.split(" OR ").any(one))
}

#[test]
fn licence_expressions_are_read() {
    assert!(is_allowed("MIT/Apache-2.0") && is_allowed("(MIT OR GPL-3.0) AND Unicode-3.0"));
    assert!(!is_allowed("GPL-3.0") && !is_allowed("MIT AND GPL-3.0") && !is_allowed(""));
}
