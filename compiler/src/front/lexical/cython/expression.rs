//! Casts, addresses and `for ... from` loops.

use super::types::{CType, Kind, closing, is_name, parse};
use super::{Context, Found, Line};
use crate::front::builtins::removed;

/// A line of plain Python but for casts, addresses, removed names of NumPy, and integers that are C floats.
pub(super) fn line(line: &Line<'_>, context: &Context) -> Option<Found> {
    if let Some(found) = import_array(line).or_else(|| literal_of_float(line, context)) {
        return Some(found);
    }
    let mut rewriter = Rewriter { line, context, first: None, open: None };
    let text = rewriter.range(0, line.tokens.len());
    let (at, what) = rewriter.first?;
    let mark = line.between(at, at + 1);
    Some(match rewriter.open {
        Some(help) => line.open(what, mark, help),
        None if what == REMOVED => {
            let mut found = line.found(what, line.between(at, at + 3), vec![text]);
            found.message = format!("`{}` was removed from NumPy", line.source(at, at + 3));
            found.is_python = true;
            found
        }
        None => line.found(what, mark, vec![text]),
    })
}

const REMOVED: &str = "a removed name";

/// An expression with its casts rewritten, and whether that can be done.
pub(super) fn value(line: &Line<'_>, from: usize, to: usize, context: &Context) -> Result<String, &'static str> {
    let mut rewriter = Rewriter { line, context, first: None, open: None };
    let text = rewriter.range(from, to);
    rewriter.open.map_or(Ok(text), Err)
}

struct Rewriter<'a> {
    line: &'a Line<'a>,
    context: &'a Context,
    /// The first token that is no Python, and what it is.
    first: Option<(usize, &'static str)>,
    /// Why the line cannot be rewritten.
    open: Option<&'static str>,
}

impl Rewriter<'_> {
    /// The source of a range of tokens, rewritten.
    fn range(&mut self, from: usize, to: usize) -> String {
        let mut out = String::new();
        let mut at = from;
        while at < to {
            if at > from {
                let (before, here) = (self.line.tokens[at - 1].end as usize, self.line.tokens[at].start as usize);
                out.push_str(self.line.text.get(before..here).unwrap_or_default());
            }
            at = self.one(at, to, &mut out);
        }
        out
    }

    /// One token, or a cast with its operand; gives the next.
    fn one(&mut self, at: usize, to: usize, out: &mut String) -> usize {
        let words = &self.line.words;
        let prefix = at == 0 || !ends_operand(words[at - 1]);
        match words[at] {
            "<" if prefix => {
                if let Some(next) = self.cast(at, to, out) {
                    return next;
                }
            }
            // `&&` is C, and the parser has words for it.
            "&" if prefix && (at == 0 || words[at - 1] != "&") && words.get(at + 1) != Some(&"&") => {
                self.note(at, "`&`", "kernels have no addresses of variables: pass an array, and index it");
            }
            word if words.get(at + 1) == Some(&".")
                && at + 2 < to
                && Some(word) == self.context.names.numpy.as_deref()
                && (at == 0 || words[at - 1] != ".") =>
            {
                if let Some(found) = removed::find(words[at + 2]) {
                    self.first = self.first.or(Some((at, REMOVED)));
                    out.push_str(&format!("{word}.{}", found.instead));
                    return at + 3;
                }
            }
            _ => {}
        }
        out.push_str(words[at]);
        at + 1
    }

    fn note(&mut self, at: usize, what: &'static str, open: &'static str) {
        self.first = self.first.or(Some((at, what)));
        self.open = self.open.or(Some(open));
    }

    /// `<int>x`; `None` if it is no cast.
    fn cast(&mut self, at: usize, to: usize, out: &mut String) -> Option<usize> {
        let words = &self.line.words;
        let (ty, taken) = parse(&words[at + 1..to], &self.context.names)?;
        let close = at + 1 + taken;
        if words.get(close) != Some(&">") || close + 1 >= to {
            return None;
        }
        let end = operand(words, close + 1, to);
        self.first = self.first.or(Some((at, "a cast")));
        let function = match &ty {
            CType::Number(number) => match (number.kind, &number.alias) {
                (Kind::Float32, _) => number.spelled(&self.context.names),
                (_, Some(alias)) => alias.clone(),
                (_, None) => number.python().to_owned(),
            },
            CType::Object | CType::AnyArray => String::new(),
            CType::Pointer(_) | CType::Void | CType::Array { .. } => {
                self.open =
                    self.open.or(Some("pointers cannot be cast: `gelcap.carray(p, n, dtype)` makes an array of one"));
                String::new()
            }
        };
        let inner = self.range(close + 1, end);
        let grouped = words[close + 1] == "(" && closing(&words[close + 1..end]) == Some(end - close - 2);
        out.push_str(&match (function.is_empty(), grouped) {
            (true, _) => inner,
            (false, true) => format!("{function}{inner}"),
            (false, false) => format!("{function}({inner})"),
        });
        Some(end)
    }
}

/// Where the operand of a cast ends: a sign, a cast or an atom, with what is called, indexed and looked up on it.
fn operand(words: &[&str], mut at: usize, to: usize) -> usize {
    while at < to && matches!(words[at], "-" | "+" | "~" | "<" | "&") {
        at = match words[at] {
            "<" => words[at..to].iter().position(|word| *word == ">").map_or(at, |i| at + i) + 1,
            _ => at + 1,
        };
    }
    if at >= to {
        return to;
    }
    at += match words[at] {
        "(" | "[" => closing(&words[at..to]).unwrap_or(0) + 1,
        _ => 1,
    };
    while at < to {
        at += match words[at] {
            "." => 2,
            "(" | "[" => closing(&words[at..to]).unwrap_or(0) + 1,
            _ => break,
        };
    }
    at.min(to)
}

/// A word behind which an operator stands, rather than an operand.
fn ends_operand(word: &str) -> bool {
    const OPERATORS: &[&str] =
        &["and", "or", "not", "in", "is", "if", "else", "return", "lambda", "assert", "while", "elif"];
    match word {
        ")" | "]" | "}" => true,
        _ => {
            let first = word.chars().next().unwrap_or(' ');
            (is_name(word) || first.is_ascii_digit() || matches!(first, '"' | '\'')) && !OPERATORS.contains(&word)
        }
    }
}

/// `np.import_array()`, which only C needs.
fn import_array(line: &Line<'_>) -> Option<Found> {
    let [_, ".", "import_array" | "import_ufunc", "(", ")"] = line.words[..] else { return None };
    let mut found = line.found("`import_array`", line.between(2, 3), Vec::new());
    found.is_python = true;
    Some(found)
}

/// `x = 0` where `cdef double x` makes that 0.0.
fn literal_of_float(line: &Line<'_>, context: &Context) -> Option<Found> {
    let (name, digits) = match line.words[..] {
        [name, "=", digits] | [name, "=", "-", digits] => (name, digits),
        _ => return None,
    };
    let is_float = matches!(context.declared.get(name), Some(Kind::Float | Kind::Float32));
    if !is_float || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let mut found = line.found("", line.span(), vec![format!("{}.0", line.source(0, line.tokens.len()))]);
    found.message = format!("`{name}` is a C float in Cython, and an int here");
    Some(found)
}

/// `for i from 0 <= i < n by 2:`
pub(super) fn for_from(line: &Line<'_>) -> Option<Found> {
    let words = &line.words;
    let end = words.iter().rposition(|word| *word == ":")?;
    let by = words.iter().position(|word| *word == "by").unwrap_or(end);
    let compare =
        |from: usize| words[from..by].iter().position(|w| matches!(*w, "<" | "<=" | ">" | ">=")).map(|i| from + i);
    let first = compare(3)?;
    let second = compare(first + 1)?;
    let (low, high) = (line.source(3, first), line.source(second + 1, by));
    let down = words[first].starts_with('>');
    let shifted = |text: &str, by: i64| match text.parse::<i64>() {
        _ if by == 0 => text.to_owned(),
        Ok(n) => (n + by).to_string(),
        Err(_) => format!("{text} {} 1", if by > 0 { '+' } else { '-' }),
    };
    let sign = if down { -1 } else { 1 };
    let start = shifted(low, if words[first].len() == 1 { sign } else { 0 });
    let stop = shifted(high, if words[second].len() == 2 { sign } else { 0 });
    let step = match (by < end).then(|| line.source(by + 1, end)) {
        Some(step) if down => format!("-({step})"),
        Some(step) => step.to_owned(),
        None => sign.to_string(),
    };
    let range = match (start.as_str(), step.as_str()) {
        ("0", "1") => stop,
        (_, "1") => format!("{start}, {stop}"),
        _ => format!("{start}, {stop}, {step}"),
    };
    let name = words[1];
    let mut found = line.found("`for ... from`", line.between(2, 3), vec![format!("for {name} in range({range}):")]);
    found.notes.push(format!("behind the loop `{name}` is one step further in Cython than in Python"));
    Some(found)
}
