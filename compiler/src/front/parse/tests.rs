use super::*;
use crate::diag::SourceFile;
use crate::front::lexical;
use crate::front::syntax::{ExprKind, Function, ParamKind, StmtKind};

fn parse(text: &str) -> (Module, Vec<Diagnostic>, SourceMap) {
    let mut sources = SourceMap::new();
    let file = sources.add(SourceFile::new("t.py", text));
    let mut sink = Sink::new();
    let module = match lexical::check(&sources, file, &mut sink) {
        Some(lexed) => parse_module(&sources, file, &lexed, &mut sink),
        None => Module::default(),
    };
    (module, sink.finish(), sources)
}

fn sound(text: &str) -> Module {
    let (module, found, _) = parse(text);
    assert_eq!(found, [], "{text}");
    module
}

/// Code, line and marked text of each fault.
fn faults(text: &str) -> Vec<(Code, u32, String)> {
    let (_, found, sources) = parse(text);
    let place = |d: &Diagnostic| {
        let span = d.span().unwrap();
        (d.code, sources.positions(span).unwrap().0.line, sources.text(span).to_owned())
    };
    found.iter().map(place).collect()
}

fn one(text: &str, code: Code, marked: &str) {
    let line = faults(text).first().map_or(0, |fault| fault.1);
    assert_eq!(faults(text), [(code, line, marked.to_owned())], "{text}");
}

fn function(text: &str) -> Function {
    sound(text).functions().next().unwrap().clone()
}

#[test]
fn spans_of_names_are_exact() {
    let text = "@d(1)\nasync def f(a, /, b: int = 2, *args, c=3, **kw) -> float:\n    x.abc.de = g(k=1)\n    \
                global zz, y\n    try: pass\n    except (E) as err: pass\n    (w := 3)\n";
    let (module, found, sources) = parse(text);
    assert_eq!(found, []);
    let function = module.function("f").unwrap();
    assert_eq!(sources.text(function.name.span), "f");
    assert_eq!(sources.text(function.header), "async def f(a, /, b: int = 2, *args, c=3, **kw) -> float");
    let params: Vec<_> = function.params.list.iter().map(|p| (sources.text(p.name.span), p.kind)).collect();
    let expected = [
        ("a", ParamKind::PositionalOnly),
        ("b", ParamKind::Normal),
        ("args", ParamKind::VarArgs),
        ("c", ParamKind::KeywordOnly),
        ("kw", ParamKind::VarKeywords),
    ];
    assert_eq!(params, expected);
    let StmtKind::Assign { targets, value } = &function.body[0].kind else { panic!() };
    let ExprKind::Attribute { name, value: inner } = &targets[0].kind else { panic!() };
    assert_eq!((sources.text(name.span), sources.text(inner.span)), ("de", "x.abc"));
    let ExprKind::Call { keywords, .. } = &value.kind else { panic!() };
    assert_eq!(sources.text(keywords[0].name.as_ref().unwrap().span), "k");
    let StmtKind::Global(names) = &function.body[1].kind else { panic!() };
    assert_eq!(names.iter().map(|n| sources.text(n.span)).collect::<Vec<_>>(), ["zz", "y"]);
    let StmtKind::Try(try_) = &function.body[2].kind else { panic!() };
    assert_eq!(sources.text(try_.handlers[0].name.as_ref().unwrap().span), "err");
    let StmtKind::Expr(named) = &function.body[3].kind else { panic!() };
    let ExprKind::Named { target, .. } = &named.kind else { panic!() };
    assert_eq!(sources.text(target.span), "w");
}

#[test]
fn numbers_keep_their_value() {
    let value = |text: &str| match &sound(text).body[0].kind {
        StmtKind::Expr(expr) => expr.kind.clone(),
        other => panic!("{other:?}"),
    };
    let ExprKind::Int(big) = value("123456789012345678901234567890") else { panic!() };
    assert_eq!((big.to_i64(), big.to_i128()), (None, Some(123456789012345678901234567890)));
    assert_eq!(big.to_f64(), Some(123456789012345678901234567890.0));
    let ExprKind::Int(huge) = value(&("0x".to_owned() + &"f".repeat(400))) else { panic!() };
    assert_eq!(huge.to_f64(), None);
    let float = |text: &str| match value(text) {
        ExprKind::Float(x) => x,
        other => panic!("{other:?}"),
    };
    assert_eq!(float("1e400"), f64::INFINITY);
    assert_eq!(float("1e-400"), 0.0);
    assert_eq!(float("9007199254740993.0"), 9007199254740992.0);
    assert_eq!(float("2.2250738585072011e-308").to_bits(), 0x000f_ffff_ffff_ffff);
    assert_eq!(float("1_0.0_1e1_0"), 10.01e10);
    assert_eq!(value("0x_ff"), ExprKind::Int(255.into()));
    assert_eq!(value("1.5j"), ExprKind::Imaginary(1.5));
    // Python rounds an integer to the nearest float, ties to even.
    let ExprKind::Int(tie) = value("9007199254740993") else { panic!() };
    assert_eq!(tie.to_f64(), Some(9007199254740992.0));
    let ExprKind::Int(above) = value("18014398509481986001") else { panic!() };
    assert_eq!(above.to_f64(), Some(18014398509481986001.0));
}

#[test]
fn the_whole_language_is_kept() {
    let text = "import numpy as np\nfrom math import (exp, log as ln)\n@cfunc('f8(f8)')\ndef f(x, *, y=1):\n    'doc'\n    \
        a, *b = [i ** 2 for i in range(3) if i if not i]\n    a[1:2, ::3, ..., None] += -x if x < y <= 3 else ~x\n    \
        for i, (j, k) in zip(a, b):\n        continue\n    else:\n        pass\n    while True:\n        break\n    \
        with cython.boundscheck(False), g() as h:\n        del a, b[0]\n    try:\n        raise ValueError(f'{x!r:>{y}} {{') from None\n    \
        except (A, B) as e:\n        assert x, 'm'\n    finally:\n        pass\n    z = lambda p, q=2: {**p, 'a': {1, 2}}\n    \
        return x @ y or (yield), (w := 3), sum(t for t in a)\nclass C(D, metaclass=E):\n    def m(self): return self.x\n\
        match x:\n    case 1: pass\nx: int = 3\ntype X = int\nif a:\n    b\nelif c:\n    d\nelse:\n    e\n";
    let module = sound(text);
    assert_eq!(module.body.len(), 8);
    let f = module.function("f").unwrap();
    assert_eq!(f.docstring(), Some("doc"));
    assert_eq!(f.body.len(), 9);
    assert_eq!(module.body[2].span.start as usize, text.find("def f").unwrap());
}

#[test]
fn common_mistakes_have_their_own_message() {
    one("def f(x)\n    return x\n", Code::MissingColon, "");
    one("if x > 1\n    y = 2\n", Code::MissingColon, "");
    one("while x print(y)\n", Code::MissingColon, "print");
    one("if x = 1:\n    pass\n", Code::AssignmentInCondition, "=");
    one("print x\n", Code::PrintStatement, "x");
    one("print 'a'\n", Code::PrintStatement, "'a'");
    one("def f():\nx = 1\n", Code::Indentation, ":");
    one("def f():\n", Code::Indentation, ":");
    one("if x:\n    a\nelse if y:\n    b\n", Code::SyntaxError, "else if");
    one("x = a && b\n", Code::SyntaxError, "&&".chars().collect::<String>().as_str());
    one("x++\n", Code::SyntaxError, "");
    one("x = a b\n", Code::SyntaxError, "b");
    one("x := 1\n", Code::SyntaxError, ":=");
    one("lambda = 3\n", Code::SyntaxError, "=");
    one("else:\n    pass\n", Code::SyntaxError, "else");
    one("f(a=1, 2)\n", Code::InvalidArgument, "2");
    one("f(a=1, a=2)\n", Code::InvalidArgument, "a");
    one("def f(a, b=1, c): pass\n", Code::InvalidParameter, "c");
    one("def f(a, a): pass\n", Code::InvalidParameter, "a");
    one("x = \n", Code::SyntaxError, "");
}

#[test]
fn each_function_reports_its_own_errors() {
    let text =
        "def f(:\n    return 1\n\n@d\ndef g():\n    x = = 2\n\ndef h():\n    return 3\nif x:\n    a\nelse\n    b\n";
    let lines: Vec<u32> = faults(text).iter().map(|fault| fault.1).collect();
    assert_eq!(lines, [1]);
    let text = text.replace("def f(:", "def f() - 1:");
    let (module, _, _) = parse(&text);
    let lines: Vec<u32> = faults(&text).iter().map(|fault| fault.1).collect();
    assert_eq!(lines, [1, 6, 12]);
    assert!(module.function("h").is_some());
}

#[test]
fn deep_but_allowed_sources_pass_on_a_small_stack() {
    let texts = [
        format!("x = {}1{}\n", "(".repeat(199), ")".repeat(199)),
        format!("x = {}1\n", "-".repeat(198)),
        format!("x = 1{}\n", " + 1".repeat(198)),
        format!("x = {}1\n", "lambda: ".repeat(198)),
        (0..99).map(|i| " ".repeat(i) + "if x:\n").collect::<String>() + &" ".repeat(99) + "y\n",
        "if x:\n  y\n".to_owned() + &"elif x:\n  y\n".repeat(199),
    ];
    let run = move || texts.iter().for_each(|text| drop(sound(text)));
    std::thread::Builder::new().stack_size(2 << 20).spawn(run).unwrap().join().unwrap();
}

#[test]
fn a_function_knows_its_parts() {
    let f = function("def f(a, b): return a\n");
    assert_eq!((f.params.list.len(), f.body.len(), f.is_async), (2, 1, false));
}

/// A small generator, as the compiler has no source of chance.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % limit
    }
}

#[test]
fn no_text_makes_it_panic() {
    let mut random = Random(7);
    for _ in 0..FUZZ {
        let length = 1 + random.below(14);
        let text: String = (0..length).map(|_| PIECES[random.below(PIECES.len())]).collect();
        let mut sources = SourceMap::new();
        let file = sources.add(SourceFile::new("t.py", text));
        let mut sink = Sink::new();
        let parsed = crate::front::parse(&sources, file, &mut sink);
        for function in parsed.module.functions() {
            crate::front::subset::check(function, &mut sink);
        }
        let found = sink.finish();
        let options = crate::diag::render::RenderOptions::default();
        assert_eq!(crate::diag::render::render_all(&found, &sources, options).is_empty(), found.is_empty());
    }
}

const FUZZ: usize = 5_000;

#[test]
fn comments_and_empty_lines_do_not_move_anything() {
    let text = "# é\n\n  # c\ndef f():  # d\n    # e\r\n\n  # g\n    x = 1 # h\n\n\n    # i\n    return (x, # j\n # k\n\n 2)\n# l\n";
    let (module, found, sources) = parse(text);
    assert_eq!(found, []);
    let f = module.function("f").unwrap();
    let texts: Vec<&str> = f.body.iter().map(|stmt| sources.text(stmt.span)).collect();
    assert_eq!(texts[0], "x = 1");
    assert!(texts[1].starts_with("return (x") && texts[1].ends_with("2)"));
    assert_eq!(faults("# a\n\nx = = 1\n"), [(Code::SyntaxError, 3, "=".to_owned())]);
}

/// What random texts are made of.
const PIECES: &[&str] = &[
    "def f(x):",
    "\n",
    "\n    ",
    "\n        ",
    " ",
    "x",
    "y.z",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "=",
    "==",
    "+=",
    ":=",
    "*",
    "**",
    "-",
    "not ",
    "and ",
    "or ",
    "if ",
    "else ",
    "elif ",
    "for ",
    "in ",
    "while ",
    "lambda ",
    "return ",
    "yield ",
    "await ",
    "async ",
    "import ",
    "from ",
    "as ",
    "with ",
    "try:",
    "except ",
    "finally:",
    "class C",
    "del ",
    "global ",
    "nonlocal ",
    "assert ",
    "raise ",
    "match ",
    "case ",
    "type ",
    "1",
    "0x",
    "1.5e3",
    "2j",
    "'a'",
    "f'{x}'",
    "f'{",
    "b''",
    "\"\"\"",
    "#c",
    "\\",
    "\\\n",
    "@",
    "->",
    "...",
    ".",
    "é",
    "“",
    "\t",
    "\r",
    "\u{c}",
    "None",
    "True",
    ";",
    "|",
    "~",
    "is ",
    "!",
    "!=",
    "<",
    "#pythran export f(int)",
    "# gelcap: boundscheck=False",
    "cdef int ",
    "cimport ",
    "print ",
    "break",
    "continue",
    "pass",
];
