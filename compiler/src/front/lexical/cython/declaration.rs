//! `cdef` of variables and blocks, and `ctypedef`.

use super::types::{CType, Kind, Number, parse, parts};
use super::{Block, Context, Found, Line, expression, function, import};

/// `ctypedef np.int_t DTYPE_t`
pub(super) fn typedef(line: &Line<'_>, context: &mut Context) -> Found {
    let mark = line.between(0, 1);
    if line.is_block() {
        context.block = Some((line.indent, Block::Silent));
        let help = match line.words[1] {
            "fused" => "leave it out: functions are compiled for the types of each call",
            _ => "pass the numbers as parameters or arrays",
        };
        return line.open("`ctypedef`", mark, help);
    }
    let name = *line.words.last().unwrap_or(&"");
    match context.names.typedefs.get(name) {
        Some(number) => {
            let value = Number { alias: None, ..number.clone() }.spelled(&context.names);
            line.found("`ctypedef`", mark, vec![format!("{name} = {value}")])
        }
        None => line.open("`ctypedef`", mark, "use the type itself, such as `gelcap.float64`"),
    }
}

/// A line that begins with `cdef` or `cpdef`.
pub(super) fn cdef(line: &Line<'_>, rest: &[Line<'_>], context: &mut Context) -> Found {
    let what = if line.words[0] == "cdef" { "`cdef`" } else { "`cpdef`" };
    let mark = line.between(0, 1);
    match line.words[1] {
        "extern" => return import::external(line, rest, context),
        ":" => {
            context.block = Some((line.indent, Block::Declarations));
            return line.found(what, mark, Vec::new());
        }
        kind @ ("class" | "struct" | "union" | "enum" | "packed") => {
            if line.is_block() && kind != "class" {
                context.block = Some((line.indent, Block::Silent));
            }
            let help = format!("`{kind}` has no counterpart in a kernel: pass its numbers as parameters or arrays");
            return line.open(what, mark, help);
        }
        _ => {}
    }
    if function::is_header(&line.words) {
        return function::definition(line, what, context);
    }
    variables(line, 1, what, line.indent, context)
}

/// A line of a `cdef:` block, which stands at the indentation of its head from then on.
pub(super) fn in_block(line: &Line<'_>, indent: u32, context: &mut Context) -> Found {
    variables(line, 0, "a declaration", indent, context)
}

/// `int x = 3, y`: the values stay, the types go.
fn variables(line: &Line<'_>, from: usize, what: &str, indent: u32, context: &mut Context) -> Found {
    const MODIFIERS: &[&str] = &["public", "readonly", "inline", "api"];
    let words = &line.words;
    let mark = line.between(0, 1);
    let from = from + words[from..].iter().take_while(|word| MODIFIERS.contains(word)).count();
    let Some((ty, taken)) = parse(&words[from..], &context.names) else {
        return line.open(what, mark, "remove the line: types are inferred");
    };
    let first = from + taken;
    // `cdef x = 3` has no type, and what looks like one is the name.
    let (ty, first) = if words.get(first).is_none_or(|word| matches!(*word, "=" | ",")) {
        (CType::Object, from)
    } else {
        (ty, first)
    };
    let mut lines = Vec::new();
    let mut names = Vec::new();
    for part in parts(&words[first..]) {
        let (start, end) = (first + part.start, first + part.end);
        let stars = words[start..end].iter().take_while(|word| matches!(**word, "*" | "**")).count();
        let Some(&name) = words.get(start + stars).filter(|_| start + stars < end) else { continue };
        names.push(name);
        let rest = start + stars + 1;
        match words.get(rest).filter(|_| rest < end) {
            Some(&"=") => match expression::value(line, rest + 1, end, context) {
                Ok(value) if stars == 0 => lines.push(format!("{name} = {}", converted(&ty, value, context))),
                Ok(_) => {
                    return line.open(
                        what,
                        mark,
                        "kernels have no addresses of variables: pass an array, and index it",
                    );
                }
                Err(help) => return line.open(what, mark, help),
            },
            Some(&"[") if stars == 0 => lines.extend(array(line, rest, end, &ty, name, context)),
            _ => {}
        }
    }
    let mut found = line.found(what, mark, lines);
    if let super::Fix::Lines { indent: at, .. } = &mut found.fix {
        *at = indent;
    }
    note(&mut found, &ty, &names, context);
    found
}

/// `double buffer[10]`: a C array is an array.
fn array(line: &Line<'_>, open: usize, end: usize, ty: &CType, name: &str, context: &Context) -> Option<String> {
    let CType::Number(number) = ty else { return None };
    let close = open + super::types::closing(&line.words[open..end])?;
    let size = line.source(open + 1, close);
    let numpy = context.names.numpy.as_deref().unwrap_or("np");
    Some(format!("{name} = {numpy}.empty({size}, dtype={})", number.spelled(&context.names)))
}

/// A value as the C type holds it.
fn converted(ty: &CType, value: String, context: &Context) -> String {
    let CType::Number(number) = ty else { return value };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let unsigned = value.strip_prefix('-').unwrap_or(&value);
    match number.kind {
        Kind::Int => value,
        Kind::Bool if matches!(value.as_str(), "True" | "False") => value,
        Kind::Bool => format!("bool({value})"),
        Kind::Float | Kind::Float32 if digits(unsigned) => format!("{value}.0"),
        Kind::Float | Kind::Float32 if unsigned.parse::<f64>().is_ok() => value,
        Kind::Float if value.starts_with("float(") => value,
        Kind::Float => format!("float({value})"),
        Kind::Float32 if context.names.numpy.is_some() => format!("{}({value})", number.spelled(&context.names)),
        Kind::Float32 => format!("float({value})"),
    }
}

/// Where Python's meaning is another, once for each kind in a file; and what the names hold from here on.
fn note(found: &mut Found, ty: &CType, names: &[&str], context: &mut Context) {
    let CType::Number(number) = ty else { return };
    let list = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    match number.kind {
        Kind::Int if !std::mem::replace(&mut context.said_wrap, true) => found.notes.push(format!(
            "in Cython {list} would wrap around like {}; a Python int is checked at 64 bits, and what comes out of an \
             array keeps the array's dtype",
            number.dtype
        )),
        Kind::Float32 if !std::mem::replace(&mut context.said_float32, true) => found
            .notes
            .push(format!("in Cython every value of {list} is rounded to 32 bits: `np.float32(...)` does it here")),
        Kind::Int | Kind::Float | Kind::Float32 | Kind::Bool => {}
    }
    for name in names {
        context.declared.insert((*name).to_owned(), number.kind);
    }
}
