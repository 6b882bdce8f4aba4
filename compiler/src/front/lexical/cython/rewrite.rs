//! A Cython text as Python: every fix put in its place, empty blocks filled, imports added that the new lines need.

use super::{Context, Fix, Found, find, import};
use crate::diag::Sink;
use crate::diag::{Diagnostic, FileId};
use crate::front::lexical::{TokenKind, scan};

/// A text that was rewritten.
#[derive(Clone, Debug)]
pub struct Rewritten {
    pub text: String,
    /// What was found, in order, those included that were left as they are.
    pub diagnostics: Vec<Diagnostic>,
    /// Lines that only their author can rewrite.
    pub open: usize,
}

/// Rewrites a text. `None` if it cannot be read at all; then the sink says why.
pub fn rewrite(text: &str, file: FileId, sink: &mut Sink) -> Option<Rewritten> {
    let mut faults = Sink::new();
    let lexed = scan::scan(text, file, &mut faults);
    if faults.has_errors() {
        sink.append(faults);
        return None;
    }
    let found = find(text, file, &lexed.tokens);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for item in &found {
        let Some(change) = change(text, item) else { continue };
        if change.start < at {
            continue;
        }
        out.push_str(&text[at..change.start]);
        out.push_str(&change.text);
        at = change.end;
    }
    out.push_str(&text[at..]);
    let text = with_imports(&filled(&out, file), file);
    let open = found.iter().filter(|item| matches!(item.fix, Fix::Open)).count();
    let diagnostics = found.iter().map(Found::diagnostic).collect();
    Some(Rewritten { text, diagnostics, open })
}

struct Change {
    start: usize,
    end: usize,
    text: String,
}

/// What becomes of a line. One that goes takes its line break with it, unless a comment stands behind it.
fn change(text: &str, found: &Found) -> Option<Change> {
    match &found.fix {
        Fix::Open => None,
        Fix::Lines { span, lines, indent } => {
            let line_start = text[..span.start as usize].rfind('\n').map_or(0, |i| i + 1);
            let blank = " ".repeat(*indent as usize);
            let start =
                if span.start as usize - line_start == *indent as usize { span.start as usize } else { line_start };
            let head = if start == line_start && start != span.start as usize { blank.as_str() } else { "" };
            let lines = format!("{head}{}", lines.join(&format!("\n{blank}")));
            Some(Change { start, end: span.end as usize, text: lines })
        }
        Fix::Remove(span) => {
            let start = text[..span.start as usize].rfind('\n').map_or(0, |i| i + 1);
            let end = text[span.end as usize..].find('\n').map_or(text.len(), |i| span.end as usize + i);
            let rest = text[span.end as usize..end].trim();
            if rest.starts_with('#') {
                Some(Change { start: span.start as usize, end, text: rest.to_owned() })
            } else if rest.is_empty() {
                Some(Change { start, end: (end + 1).min(text.len()), text: String::new() })
            } else {
                // Another statement behind a `;`.
                Some(Change { start: span.start as usize, end: span.end as usize, text: "pass".into() })
            }
        }
    }
}

/// Puts `pass` into blocks that have lost all their lines.
fn filled(text: &str, file: FileId) -> String {
    let tokens = scan::scan(text, file, &mut Sink::new()).tokens;
    let lines: Vec<_> = tokens
        .split(|token| token.kind == TokenKind::Newline)
        .filter_map(|line| Some((*line.first()?, *line.last()?)))
        .map(|(first, last)| (super::indent(text, first.start), last))
        .collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (i, (indent, last)) in lines.iter().enumerate() {
        let next = lines.get(i + 1).map_or(0, |(indent, _)| *indent);
        if last.text(text) == ":" && next <= *indent {
            let end = text[last.end as usize..].find('\n').map_or(text.len(), |i| last.end as usize + i);
            out.push_str(&text[at..end]);
            out.push_str(&format!("\n{}pass", " ".repeat(*indent as usize + 4)));
            at = end;
        }
    }
    out.push_str(&text[at..]);
    out
}

/// Adds the imports that the rewritten lines need.
fn with_imports(text: &str, file: FileId) -> String {
    let tokens = scan::scan(text, file, &mut Sink::new()).tokens;
    let mut context = Context::default();
    let mut lines = Vec::new();
    for line in tokens.split(|token| token.kind == TokenKind::Newline).filter(|l| !l.is_empty()) {
        let line = super::Line {
            text,
            file,
            tokens: line,
            words: line.iter().map(|token| token.text(text)).collect(),
            indent: super::indent(text, line[0].start),
        };
        import::note(&line, &mut context);
        lines.push(line);
    }
    let is_import = |line: &&super::Line<'_>| matches!(line.words[0], "import" | "from") && line.indent == 0;
    let names = |line: &super::Line<'_>, module: &str| line.words.windows(2).any(|pair| pair == [module, "."]);
    let uses = |module: &str| lines.iter().any(|line| !is_import(&line) && names(line, module));
    let missing: Vec<String> = ["cython", "gelcap", "numpy"]
        .into_iter()
        .filter(|module| uses(module) && !context.imported.iter().any(|name| name == module))
        .map(|module| format!("import {module}\n"))
        .collect();
    if missing.is_empty() {
        return text.to_owned();
    }
    // Behind the last import at the margin before anything else, or before the first statement.
    let is_doc = |line: &&super::Line<'_>| line.words.len() == 1 && line.words[0].ends_with(['"', '\'']);
    let place = match lines.iter().take_while(|line| is_import(line) || is_doc(line)).last() {
        Some(line) => {
            let end = line.span().end as usize;
            text[end..].find('\n').map_or(text.len(), |i| end + i + 1)
        }
        None => lines.first().map_or(0, |line| line.span().start as usize),
    };
    format!("{}{}{}", &text[..place], missing.concat(), &text[place..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(text: &str) -> Rewritten {
        rewrite(text, FileId(0), &mut Sink::new()).expect(text)
    }

    /// Each line alone, in a file that imports NumPy.
    fn line(text: &str) -> String {
        let head = "import numpy as np\n";
        let made = rewritten(&format!("{head}{text}\n"));
        assert!(!made.diagnostics.is_empty(), "{text}");
        made.text.strip_prefix(head).unwrap_or(&made.text).trim_end().to_owned()
    }

    #[test]
    fn lines_become_python() {
        for (cython, python) in [
            ("cdef int x = 3", "x = 3"),
            ("cdef double x = 3", "x = 3.0"),
            ("cdef double x = 1.5e3, y = -2, z", "x = 1.5e3\ny = -2.0"),
            ("cdef double x = f(y)", "x = float(f(y))"),
            ("cdef float x = y", "x = np.float32(y)"),
            ("cdef int x, y", ""),
            ("cdef unsigned char c = s[0]", "c = s[0]"),
            ("cdef np.ndarray[np.float64_t, ndim=2] h = np.zeros((3, 4))", "h = np.zeros((3, 4))"),
            ("cdef double[:, ::1] h = a", "h = a"),
            ("cdef double buffer[10]", "buffer = np.empty(10, dtype=np.float64)"),
            ("cdef bint flag = n > 3", "flag = bool(n > 3)"),
            ("cdef list items = a", "items = a"),
            ("cdef x = 3", "x = 3"),
            ("DEF N = 10", "N = 10"),
            ("ctypedef np.float32_t real", "real = np.float32"),
            ("from libc.math cimport sin, M_PI, fmax", "from math import sin, pi as M_PI\nfrom numpy import fmax"),
            ("from cython.parallel cimport prange", "from cython.parallel import prange"),
            ("x = <int>y + <double>a[i].b(c) * 2", "x = int(y) + float(a[i].b(c)) * 2"),
            ("x = <int>(y + z)", "x = int(y + z)"),
            ("x = <np.float32_t><double>-y", "x = np.float32(float(-y))"),
            ("x = np.zeros(3, dtype=np.int)", "x = np.zeros(3, dtype=np.int64)"),
            ("for i from 0 <= i < n:\n    pass", "for i in range(n):\n    pass"),
            ("for i from a < i <= n by 2:\n    pass", "for i in range(a + 1, n + 1, 2):\n    pass"),
            ("for i from n > i >= 0:\n    pass", "for i in range(n - 1, -1, -1):\n    pass"),
            ("np.import_array()", ""),
            ("def f(np.ndarray a, int b, c=3): return b", "def f(a: np.ndarray, b: int, c=3): return b"),
        ] {
            assert_eq!(line(cython), python, "{cython}");
        }
    }

    #[test]
    fn functions_become_python() {
        for (cython, python) in [
            ("cdef double f(double x) except -1:", "def f(x: float) -> float:"),
            (
                "cdef inline int f(int n, double *p, bint b=True) nogil:",
                "def f(n: int, p: gelcap.Ptr[np.float64], b: bool = True) -> int:",
            ),
            (
                "cpdef np.ndarray[np.int64_t, ndim=2] f(object[np.uint8_t, ndim=2] a not None):",
                "def f(a: gelcap.Array[np.uint8, 2]) -> gelcap.Array[np.int64, 2]:",
            ),
            (
                "cdef void f(double[:, ::1] a, # first\n            int n) noexcept nogil:",
                "def f(a: gelcap.Array[np.float64, 2, \"C\"], # first\n            n: int) -> None:",
            ),
            ("def f(int a, *args, double b=1.0, **more):", "def f(a: int, *args, b: float = 1.0, **more):"),
            ("cdef f(a, b):", "def f(a, b):"),
        ] {
            let made = line(&format!("{cython}\n    return 1"));
            let made = made.strip_prefix("import gelcap\n").unwrap_or(&made);
            assert_eq!(made, format!("{python}\n    return 1"), "{cython}");
        }
    }

    #[test]
    fn blocks_and_comments_stay_whole() {
        let text = "import numpy as np\ndef f(n):\n    cdef:\n        int i, j\n        double s = 0  # the sum\n    cdef int k  # a counter\n    s = 1\n    if n:\n        cdef int m\n    return s\n";
        let made = rewritten(text);
        let expected = "import numpy as np\ndef f(n):\n    s = 0.0  # the sum\n    # a counter\n    s = 1.0\n    if n:\n        pass\n    return s\n";
        assert_eq!(made.text, expected);
        assert_eq!(made.open, 0);
        // Nothing of Cython is left.
        assert!(rewritten(&made.text).diagnostics.is_empty());
    }

    #[test]
    fn c_functions_come_from_math() {
        let text = "cdef extern from \"math.h\":\n    double sin(double x)\n    double cos(double x) nogil\n\ndef f(double x):\n    return sin(x)\n";
        assert_eq!(rewritten(text).text, "from math import sin, cos\n\ndef f(x: float):\n    return sin(x)\n");
    }

    #[test]
    fn what_only_the_author_knows_stays() {
        for text in [
            "cdef class A:\n    pass\n",
            "x = &y\n",
            "p = <double *>q\n",
            "cdef extern from \"a.h\":\n    int f()\n",
            "from libc.stdlib cimport malloc\n",
            "def f(object[int] a, ...):\n    pass\n",
        ] {
            let made = rewritten(text);
            assert_eq!((made.open, made.text.as_str()), (1, text));
        }
    }

    #[test]
    fn plain_python_is_left_alone() {
        let text = "import numpy as np\n\n\ndef f(a: int, b=2, *, c: float = 1.0):\n    x = a < b > c\n    y = a & b\n    return [i for i in range(3) if -i < a]\n";
        let made = rewritten(text);
        assert_eq!(made.text, text);
        assert!(made.diagnostics.is_empty());
    }

    #[test]
    fn hostile_lines_do_no_harm() {
        for text in [
            "cdef",
            "cdef int",
            "cdef (",
            "def f(int",
            "<",
            "x = <int>",
            "for i from",
            "for i from 0 < i:",
            "cimport",
            "ctypedef x",
            "cdef int x[",
            "def f(<int>a, [b c]): pass",
            "cdef extern from",
            "cdef int *p, **q, r[3][4]",
        ] {
            rewrite(text, FileId(0), &mut Sink::new());
        }
    }
}
