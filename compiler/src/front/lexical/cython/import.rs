//! `cimport`, and what the file calls NumPy.

use super::types::parse;
use super::{Block, Context, Found, Line};

/// C's functions that `math` has under another name, or not at all.
const C_MATH: &[(&str, &str)] = &[
    ("M_PI", "math.pi"),
    ("M_E", "math.e"),
    ("INFINITY", "math.inf"),
    ("NAN", "math.nan"),
    ("fmin", "numpy.fmin"),
    ("fmax", "numpy.fmax"),
    ("rint", "numpy.rint"),
    ("round", "numpy.round"),
    ("signbit", "numpy.signbit"),
    ("abs", "builtins.abs"),
];

/// Notes the names that imports of either kind bind, before any line is judged.
pub(super) fn note(line: &Line<'_>, context: &mut Context) {
    match line.words[..] {
        ["import" | "cimport", module] => bind(context, module, module, line.words[0]),
        ["import" | "cimport", module, "as", name] => bind(context, module, name, line.words[0]),
        ["ctypedef", .., name] if line.words.len() > 2 => {
            if let Some((super::types::CType::Number(number), taken)) = parse(&line.words[1..], &context.names)
                && taken + 2 == line.words.len()
            {
                context.names.typedefs.insert(name.to_owned(), number);
            }
        }
        _ => {}
    }
}

fn bind(context: &mut Context, module: &str, name: &str, keyword: &str) {
    if module == "numpy" && (keyword == "import" || context.names.numpy.is_none()) {
        context.names.numpy = Some(name.to_owned());
    }
    if keyword == "import" {
        context.imported.push(name.to_owned());
    }
}

/// A line that imports by Cython's means.
pub(super) fn import(line: &Line<'_>, context: &mut Context) -> Option<Found> {
    let words = &line.words;
    let mark = line.between(0, 1);
    match words[0] {
        "cimport" => {
            let bound =
                if words.len() > 3 && words[words.len() - 2] == "as" { words[words.len() - 1] } else { words[1] };
            if context.imported.iter().any(|name| name == bound) {
                let mut found = line.found("`cimport`", mark, Vec::new());
                found.help = "remove the line: the plain import does it".into();
                return Some(found);
            }
            context.imported.push(bound.to_owned());
            let rest = line.source(1, line.tokens.len());
            match words[1] {
                "numpy" | "cython" | "math" => Some(line.found("`cimport`", mark, vec![format!("import {rest}")])),
                _ => Some(line.open("`cimport`", mark, "import the Python module that has what the kernel needs")),
            }
        }
        "from" => {
            let at = words.iter().position(|word| *word == "cimport")?;
            let mark = line.between(at, at + 1);
            let module = words[1..at].concat();
            let names = names(&words[at + 1..]);
            let lines = match module.as_str() {
                "libc.math" => math(&names),
                "cython" | "cython.parallel" | "numpy" => {
                    vec![format!("from {module} import {}", line.source(at + 1, line.tokens.len()))]
                }
                _ => {
                    let help = match module.as_str() {
                        "libc.stdlib" | "libc.string" => "allocate with `np.zeros` or `np.empty`, and assign slices",
                        _ => "import the Python module that has what the kernel needs",
                    };
                    return Some(line.open("`cimport`", mark, help));
                }
            };
            let mut found = line.found("`cimport`", mark, lines);
            if module == "libc.math" {
                found.notes.push("C's functions give NaN where those of `math` raise ValueError".into());
            }
            Some(found)
        }
        "include" => Some(line.open("`include`", mark, "import what the file defines")),
        _ => None,
    }
}

/// The names behind an `import`, brackets and aliases included.
fn names<'a>(words: &[&'a str]) -> Vec<(&'a str, &'a str)> {
    let plain: Vec<&str> = words.iter().copied().filter(|word| !matches!(*word, "(" | ")")).collect();
    plain
        .split(|word| *word == ",")
        .filter_map(|part| match part {
            [name] => Some((*name, *name)),
            [name, "as", alias] => Some((*name, *alias)),
            _ => None,
        })
        .collect()
}

/// What takes the place of names of C's `math.h`.
pub(super) fn math(names: &[(&str, &str)]) -> Vec<String> {
    let mut by_module: Vec<(&str, Vec<String>)> = Vec::new();
    for (name, alias) in names {
        let path =
            C_MATH.iter().find(|(c, _)| c == name).map_or_else(|| format!("math.{name}"), |(_, p)| (*p).to_owned());
        let (module, name) = path.split_once('.').unwrap_or(("math", name));
        let item = if name == *alias { name.to_owned() } else { format!("{name} as {alias}") };
        let module = if module == "numpy" {
            "numpy"
        } else if module == "builtins" {
            continue;
        } else {
            "math"
        };
        match by_module.iter_mut().find(|(m, _)| *m == module) {
            Some((_, items)) => items.push(item),
            None => by_module.push((module, vec![item])),
        }
    }
    by_module.into_iter().map(|(module, items)| format!("from {module} import {}", items.join(", "))).collect()
}

/// `cdef extern from "math.h":` with the functions declared in it; others have no counterpart.
pub(super) fn external(line: &Line<'_>, rest: &[Line<'_>], context: &mut Context) -> Found {
    let mark = line.between(0, 1);
    if line.is_block() {
        context.block = Some((line.indent, Block::Silent));
    }
    let header =
        line.words.iter().find(|word| word.contains(".h")).map_or("", |word| word.trim_matches(['"', '\'', '<', '>']));
    let declared: Vec<&str> = rest
        .iter()
        .take_while(|inner| inner.indent > line.indent)
        .filter_map(|inner| {
            let open = inner.words.iter().position(|word| *word == "(")?;
            open.checked_sub(1).map(|at| inner.words[at])
        })
        .collect();
    if header != "math.h" || declared.is_empty() {
        let help = "C functions cannot be called from kernels: write them in Python, or call them outside";
        return line.open("`cdef extern`", mark, help);
    }
    let names: Vec<(&str, &str)> = declared.iter().map(|name| (*name, *name)).collect();
    let mut found = line.found("`cdef extern`", mark, math(&names));
    if let (super::Fix::Lines { span, .. }, Some(last)) =
        (&mut found.fix, rest.iter().take_while(|inner| inner.indent > line.indent).last())
    {
        span.end = last.span().end;
    }
    found.notes.push("C's functions give NaN where those of `math` raise ValueError".into());
    found
}
