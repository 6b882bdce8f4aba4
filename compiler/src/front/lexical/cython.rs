//! Cython's own syntax in a source that should be Python: one diagnostic per line, with the line to write instead.

use super::{Token, TokenKind};
use crate::diag::{Code, Diagnostic, FileId, Sink, Span};

/// Looks at the beginning of every logical line.
pub fn check(text: &str, file: FileId, tokens: &[Token], sink: &mut Sink) {
    for line in tokens.split(|token| token.kind == TokenKind::Newline) {
        let Some((first, last)) = line.first().zip(line.last()) else { continue };
        let words: Vec<&str> = line.iter().take(400).map(|token| token.text(text)).collect();
        let span = Span::new(file, first.start, last.end);
        if let Some((what, help)) = classify(&words, line, text) {
            let mark = Span::new(file, first.start, first.end);
            let message = format!("{what} is Cython's own syntax; gelcap compiles plain Python");
            sink.push(Diagnostic::error(Code::CythonSyntax, mark, message).help(help));
        } else if let Some(parameter) = typed_parameter(&words) {
            let (ty, name) = (words[parameter], words[parameter + 1]);
            let mark = Span::new(file, line[parameter].start, line[parameter + 1].end);
            let message = format!("the parameter `{ty} {name}` is Cython's own syntax");
            let annotated = format!("{name}: {}", python_type(ty));
            sink.push(
                Diagnostic::error(Code::CythonSyntax, mark, message)
                    .help(format!("write `{annotated}`"))
                    .replace(mark, annotated)
                    .also(span, "in this definition"),
            );
        }
    }
}

/// What the line is, and what to write instead.
fn classify(words: &[&str], line: &[Token], text: &str) -> Option<(&'static str, String)> {
    let second_is_word = line.get(1).is_some_and(|t| t.kind == TokenKind::Name);
    let rest = || words[1..].join(" ").replace(" . ", ".");
    match words[0] {
        "cimport" if second_is_word => Some(("`cimport`", format!("write `import {}`", rest()))),
        "from" if second_is_word => {
            let at = words.iter().position(|word| *word == "cimport")?;
            let module = words[1..at].concat();
            let module = match module.as_str() {
                "libc.math" => "math",
                other => other,
            };
            Some((
                "`cimport`",
                format!("write `from {module} import {}`", words[at + 1..].join(" ").replace(" ,", ",")),
            ))
        }
        "ctypedef" if second_is_word => {
            Some(("`ctypedef`", "remove the line, and use the type itself, such as `gelcap.float64`".to_owned()))
        }
        "cdef" | "cpdef" if second_is_word || words.get(1) == Some(&":") => Some(definition(words, line, text)),
        "DEF" | "IF" if second_is_word => {
            Some(("a compile-time definition", "write a module-level constant: `N = 10`".to_owned()))
        }
        _ => None,
    }
}

/// `cdef` and `cpdef` lines: functions, classes and variables.
fn definition(words: &[&str], line: &[Token], text: &str) -> (&'static str, String) {
    let what = if words[0] == "cdef" { "`cdef`" } else { "`cpdef`" };
    if let Some(kind @ ("class" | "struct" | "union" | "enum" | "extern" | "packed")) = words.get(1).copied() {
        return (what, format!("`{kind}` has no counterpart in a kernel: pass its numbers as parameters or arrays"));
    }
    let assignment = words.iter().position(|word| *word == "=");
    let bracket = words.iter().position(|word| *word == "(");
    if let (Some(open), true) = (bracket, words.last() == Some(&":"))
        && assignment.is_none_or(|at| at > open)
        && open >= 2
    {
        let result = match words[open - 2] {
            "cdef" | "cpdef" | "inline" => String::new(),
            "void" => " -> None".to_owned(),
            ty => format!(" -> {}", python_type(ty)),
        };
        let params = words[open + 1..].iter().position(|word| *word == ")").unwrap_or(0);
        let params: Vec<String> =
            words[open + 1..open + 1 + params].split(|word| *word == ",").map(parameter).collect();
        return (what, format!("write `def {}({}){result}:`", words[open - 1], params.join(", ")));
    }
    match assignment {
        Some(at) if at >= 2 && at + 1 < line.len() => {
            let value = text.get(line[at + 1].start as usize..line[line.len() - 1].end as usize).unwrap_or("...");
            let value: String = value.chars().take(60).collect();
            (what, format!("types are inferred: write `{} = {value}`", words[at - 1]))
        }
        _ => (what, "remove the line: the types of variables are inferred".to_owned()),
    }
}

/// One parameter of a Cython function as Python.
fn parameter(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [name] => (*name).to_owned(),
        [ty, name] => format!("{name}: {}", python_type(ty)),
        [ty, "*", name] => format!("{name}: gelcap.Ptr[{}]", python_type(ty)),
        _ => words.last().map_or_else(String::new, |name| (*name).to_owned()),
    }
}

/// The Python type that holds a C type's values.
fn python_type(ty: &str) -> &str {
    match ty {
        "double" | "float" => "float",
        "int" | "long" | "short" | "Py_ssize_t" | "size_t" | "unsigned" => "int",
        "bint" => "bool",
        other => other,
    }
}

/// Index of the type in a `def` line with a parameter typed as in C: `def f(double x)`.
fn typed_parameter(words: &[&str]) -> Option<usize> {
    const TYPES: &[&str] =
        &["double", "float", "int", "long", "short", "char", "bint", "unsigned", "Py_ssize_t", "size_t"];
    if words[0] != "def" {
        return None;
    }
    let is_type = |word: &str| TYPES.contains(&word);
    let is_word = |word: &str| word.chars().all(|c| c.is_alphanumeric() || c == '_');
    words.windows(3).position(|w| matches!(w[0], "(" | ",") && is_type(w[1]) && is_word(w[2])).map(|at| at + 1)
}
