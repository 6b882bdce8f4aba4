use super::*;

/// The codes found in a text, in order, with the line of each.
fn codes(text: &str) -> Vec<(Code, u32)> {
    let mut sources = SourceMap::new();
    let file = sources.add(SourceFile::new("t.py", text));
    let mut sink = Sink::new();
    let lexed = check(&sources, file, &mut sink);
    assert_eq!(lexed.is_none(), sink.has_errors());
    let line = |d: &Diagnostic| d.span().and_then(|s| sources.positions(s)).map_or(0, |(start, _)| start.line);
    sink.finish().iter().map(|d| (d.code, line(d))).collect()
}

fn sound(text: &str) {
    assert_eq!(codes(text), [], "{}", &text[..text.len().min(80)]);
}

#[test]
fn text_that_is_no_source() {
    assert_eq!(codes("x = 1\ny = \0\n"), [(Code::NulByte, 2)]);
    assert_eq!(codes(&"#\n".repeat(MAX_SOURCE / 2 + 1)), [(Code::SourceTooLarge, 0)]);
    assert_eq!(
        decode("t.py", b"x = 1\ny = '\xff'\n").unwrap_err().message,
        "t.py, line 2: the byte 0xff is not valid UTF-8"
    );
    assert_eq!(decode("t.py", b"\xef\xbb\xbfx").unwrap().text(), "x");
    sound("");
    sound("# only a comment");
}

#[test]
fn deep_nesting_of_every_kind_is_refused_in_linear_time() {
    let many = 100_000;
    let deep = [
        ("(".repeat(many) + &")".repeat(many)),
        ("[".repeat(many)),
        ("x = ".to_owned() + &"-".repeat(many) + "1"),
        ("x = ".to_owned() + &"not ".repeat(many) + "1"),
        ("x = ".to_owned() + &"lambda: ".repeat(many) + "1"),
        ("x = 1".to_owned() + &" ** 1".repeat(many)),
        ("x = 1".to_owned() + &" + 1".repeat(many)),
        ("x = 1".to_owned() + &" < 1".repeat(many)),
        ("x = 1".to_owned() + &" and 1".repeat(many)),
        ("x = 1".to_owned() + &" if 1 else 1".repeat(many / 2)),
        ("x = a".to_owned() + &"[0]".repeat(many)),
        ("x = a".to_owned() + &".a".repeat(many)),
        ("x = a".to_owned() + &"()".repeat(many)),
        // No single chain is long, but the whole is deep.
        ("x = ".to_owned() + &("(1".to_owned() + &"+1".repeat(99) + "+").repeat(100) + "1" + &")".repeat(100)),
        ("x = ".to_owned() + &"(".repeat(100) + "1" + &(")".to_owned() + &"+1".repeat(99)).repeat(100)),
        ("x = f'{".to_owned() + &"-".repeat(many) + "1}'"),
        ("x = f'{".to_owned() + &"(".repeat(300) + "1}'"),
    ];
    for text in deep {
        assert_eq!(codes(&text), [(Code::NestingTooDeep, 1)], "{}", &text[..30]);
    }
}

#[test]
fn deep_blocks_and_elif_chains_are_refused() {
    let blocks: String = (0..300).map(|i| " ".repeat(i) + "if x:\n").collect();
    assert_eq!(codes(&blocks), [(Code::NestingTooDeep, 101)]);
    let elifs = "if x:\n  y\n".to_owned() + &"elif x:\n  y\n".repeat(201);
    assert_eq!(codes(&elifs), [(Code::NestingTooDeep, 403)]);
    let nested: String = (0..50)
        .map(|i| " ".repeat(i) + "if x: y\n" + &(" ".repeat(i) + "elif x:y\n").repeat(9) + &" ".repeat(i) + "elif x:\n")
        .collect();
    assert_eq!(codes(&nested).len(), 1);
    sound(
        &("if x:\n  y\n".to_owned()
            + &"elif x:\n  y\n".repeat(150)
            + "else:\n  z\nif x:\n  y\n"
            + &"elif x:\n  y\n".repeat(150)),
    );
}

#[test]
fn ordinary_programs_are_not_refused() {
    sound(&format!("x = [{}]\n", "1, ".repeat(50_000)));
    sound(&"x = (a + b) * c[i, j] - f(x)(y).z\n".repeat(10_000));
    sound(&format!("x = {}1\n", "1 + ".repeat(190)));
    sound(&format!("if {}a:\n  pass\n", "a < b + c * d - e and ".repeat(60)));
    sound(&format!("print('{}')\n", "((((".repeat(1000)));
    sound(&format!("x = f'{}'\n", "a, (b). ".repeat(1000)));
    sound("def f():\n\tif x:\n\t    y\n\tz\n# c\n  # d\nx = (1 +\n2)\ny = \\\n  3\n");
    sound("x = 'a\\\nb' \"\\\"\" r'\\\\' '''\n'''\n");
    sound("é = 1; ß = 2; α = 3; длина = 4; 長さ = 5\n");
    sound("x = 1 if y else[2]\nz = 1if y else 2\n");
    sound("if x:\n    a\n\n  # odd comment\n    b\n");
}

#[test]
fn brackets_and_strings() {
    assert_eq!(codes("x = (1 +\ny = 2\n"), [(Code::UnclosedBracket, 1)]);
    assert_eq!(
        codes("x = f(1,\n  2\n\ndef g():\n    return (3\n\ndef h(): pass\n"),
        [(Code::UnclosedBracket, 1), (Code::UnclosedBracket, 5)]
    );
    assert_eq!(codes("x = (1]\n"), [(Code::UnclosedBracket, 1)]);
    assert_eq!(codes("x = 1)\n"), [(Code::UnclosedBracket, 1)]);
    assert_eq!(codes("x = 'abc\ny = \"d\n"), [(Code::UnterminatedString, 1), (Code::UnterminatedString, 2)]);
    assert_eq!(codes("x = 1\ny = '''abc\n\n"), [(Code::UnterminatedString, 2)]);
    assert_eq!(codes("x = 'abc\\"), [(Code::UnterminatedString, 1)]);
}

#[test]
fn characters_and_numbers() {
    assert_eq!(codes("x = “a”\n"), [(Code::InvalidCharacter, 1), (Code::InvalidCharacter, 1)]);
    assert_eq!(codes("x\u{a0}= 1\ny = a − b\n"), [(Code::InvalidCharacter, 1), (Code::InvalidCharacter, 2)]);
    assert_eq!(
        codes("x = $\ny = a ? b\nz = !a\n"),
        [(Code::InvalidCharacter, 1), (Code::InvalidCharacter, 2), (Code::InvalidCharacter, 3)]
    );
    assert_eq!(codes("µ = 1\n"), [(Code::InvalidCharacter, 1)]);
    assert_eq!(codes("x = 012\ny = 1__0\n"), [(Code::InvalidNumber, 1), (Code::InvalidNumber, 2)]);
    assert_eq!(codes("x = 1 \\ + 2\n"), [(Code::SyntaxError, 1)]);
}

#[test]
fn indentation() {
    assert_eq!(codes("x = 1\n  y = 2\n"), [(Code::Indentation, 2)]);
    assert_eq!(codes("if x:\n    y\n  z\n"), [(Code::Indentation, 3)]);
    assert_eq!(codes("if x:\n        y\n\tz\n"), [(Code::Indentation, 3)]);
}

#[test]
fn cython_lines_get_one_diagnostic_each() {
    let text = "cimport numpy as np\nfrom libc.math cimport exp, log\nctypedef np.int_t T\n\ncdef int i, j\n\
        cdef double x = 2 * y\ncpdef double f(double x, int n):\n    cdef np.ndarray h = np.zeros(3)\n    return x\n\
        def g(np.ndarray f, int n):\n    pass\n";
    let mut sources = SourceMap::new();
    let file = sources.add(SourceFile::new("t.pyx", text));
    let mut sink = Sink::new();
    assert!(check(&sources, file, &mut sink).is_none());
    let found = sink.finish();
    assert!(found.iter().all(|d| d.code == Code::CythonSyntax));
    let help: Vec<&str> = found.iter().filter_map(|d| d.help.as_deref()).collect();
    assert_eq!(
        help,
        [
            "write `import numpy as np`",
            "write `from math import exp, log`",
            "write `T = np.int64`",
            "remove the line: types are inferred",
            "write `x = float(2 * y)`",
            "write `def f(x: float, n: int) -> float:`",
            "write `h = np.zeros(3)`",
            "write `def g(f: np.ndarray, n: int):`",
        ]
    );
    sound("cdef = 1\ncdef += cimport\nDEF[0] = 1\n");
}
