//! Random expressions of a wanted type.

use gelcap_compiler::types::Scalar;

use super::Generator;
use super::ty::{Ty, promote};

impl Generator {
    /// An expression of exactly this type, in parentheses where it needs them.
    pub(super) fn expr(&mut self, ty: Ty, depth: usize) -> String {
        if depth == 0 || self.rng.percent(15) {
            return self.leaf(ty);
        }
        if self.rng.percent(10) {
            self.count("conditional");
            let (test, a, b) = (self.test(depth - 1), self.expr(ty, depth - 1), self.expr(ty, depth - 1));
            return format!("({a} if {test} else {b})");
        }
        if self.rng.percent(10)
            && let Some(call) = self.call(ty, depth)
        {
            return call;
        }
        if self.rng.percent(10)
            && let Some(number) = self.number_from_arrays(ty)
        {
            return number;
        }
        match ty {
            Ty::Int => self.int(depth),
            Ty::Float => self.float(depth),
            Ty::Bool => self.boolean(depth),
            Ty::Np(Scalar::Bool) => self.np_bool(depth),
            Ty::Np(s) if s.is_float() => self.np_float(s, depth),
            Ty::Np(s) => self.np_int(s, depth),
        }
    }

    /// A variable, an element or a literal.
    fn leaf(&mut self, ty: Ty) -> String {
        let known: Vec<String> = self.variables.iter().filter(|(_, t)| *t == ty).map(|(n, _)| n.clone()).collect();
        if !known.is_empty() && self.rng.percent(75) {
            return self.rng.pick(&known).clone();
        }
        if self.rng.percent(25)
            && let Some(element) = self.element(ty)
        {
            return element;
        }
        let literal = ty.small(&mut self.rng);
        match ty.constructor() {
            Some(constructor) => format!("{constructor}({literal})"),
            None => literal,
        }
    }

    /// An element of a pointer whose elements are of the type, at an index inside of its memory.
    fn element(&mut self, ty: Ty) -> Option<String> {
        if let Ty::Np(dtype) = ty {
            return self.array_element(dtype);
        }
        let fitting: Vec<(String, usize)> =
            self.pointers.iter().filter(|p| p.element_ty() == ty).map(|p| (p.name.clone(), p.len)).collect();
        if fitting.is_empty() {
            return None;
        }
        let (name, len) = self.rng.pick(&fitting).clone();
        self.count("load");
        let index = self.index(len);
        Some(format!("{name}[{index}]"))
    }

    /// An index below `len`.
    pub(super) fn index(&mut self, len: usize) -> String {
        match self.rng.percent(50) {
            true => self.rng.below(len).to_string(),
            false => {
                let i = self.leaf(Ty::Int);
                format!("{i} % {len}")
            }
        }
    }

    fn binary(&mut self, ops: &[&'static str], a: String, b: String) -> String {
        let op = *self.rng.pick(ops);
        self.count(op);
        format!("({a} {op} {b})")
    }

    /// Mostly not zero.
    fn divisor(&mut self, ty: Ty, depth: usize) -> String {
        let e = self.expr(ty, depth);
        match (self.rng.percent(30), ty) {
            (true, _) => e,
            (_, Ty::Float) => format!("(abs({e}) + 0.5)"),
            (_, Ty::Int) => format!("({e} % 11 + 1)"),
            _ => format!("({e} | {})", ty.constructor().map_or("1".into(), |c| format!("{c}(1)"))),
        }
    }

    fn int(&mut self, depth: usize) -> String {
        let d = depth - 1;
        match self.rng.below(20) {
            0..=4 => {
                let (a, b) = (self.expr(Ty::Int, d), self.expr(Ty::Int, d));
                self.binary(&["+", "-", "+", "-", "*"], a, b)
            }
            5 => {
                let (a, b) = (self.expr(Ty::Int, d), self.expr(Ty::Int, d));
                self.binary(&["&", "|", "^"], a, b)
            }
            6..=8 => {
                let (a, b) = (self.expr(Ty::Int, d), self.divisor(Ty::Int, d));
                self.binary(&["//", "%"], a, b)
            }
            9 => {
                let (a, b) = (self.expr(Ty::Int, d), self.expr(Ty::Int, d));
                // A count that is known to be negative is refused, so only parameters are let be.
                let b = match self.variables.iter().find(|(name, t)| *t == Ty::Int && name.starts_with(['x', 'a'])) {
                    Some((name, _)) if self.rng.percent(10) => name.clone(),
                    _ => format!("({b} & 15)"),
                };
                self.binary(&["<<", ">>", ">>"], a, b)
            }
            10 => {
                let a = self.expr(Ty::Int, d);
                self.count("unary");
                let op = *self.rng.pick(&["-", "~", "+"]);
                format!("({op}{a})")
            }
            11 => {
                self.count("abs");
                format!("abs({})", self.expr(Ty::Int, d))
            }
            12 => {
                self.count("min/max");
                let f = *self.rng.pick(&["min", "max"]);
                format!("{f}({}, {})", self.expr(Ty::Int, d), self.expr(Ty::Int, d))
            }
            13 => {
                self.count("float to int");
                if self.rng.percent(15) {
                    self.count("decimals");
                    let n = self.rng.below(20);
                    return format!("round({}, -{n})", self.expr(Ty::Int, d));
                }
                let f = *self.rng.pick(&["int", "round", "math.floor", "math.ceil", "math.trunc"]);
                format!("{f}({})", self.expr(Ty::Float, d))
            }
            14 => {
                self.count("bool arithmetic");
                let (a, b) = (self.expr(Ty::Bool, d), self.expr(Ty::Int, d));
                self.binary(&["+", "-", "*"], a, b)
            }
            15 => {
                self.count("numpy to int");
                let s = *self.rng.pick(&Scalar::ALL);
                format!("int({})", self.expr(Ty::Np(s), d))
            }
            16 => {
                self.count("power");
                if self.rng.percent(30) {
                    self.count("modular power");
                    let (a, b, m) = (self.expr(Ty::Int, d), self.expr(Ty::Int, d), self.divisor(Ty::Int, d));
                    return format!("pow({a}, {b}, {m})");
                }
                let n = self.rng.below(4);
                format!("({} ** {n})", self.expr(Ty::Int, d))
            }
            17 => {
                self.count("and/or");
                let op = *self.rng.pick(&["and", "or"]);
                format!("({} {op} {})", self.expr(Ty::Int, d), self.expr(Ty::Int, d))
            }
            18 => {
                self.count("int of bool");
                format!("int({})", self.expr(Ty::Bool, d))
            }
            _ => self.leaf(Ty::Int),
        }
    }

    fn float(&mut self, depth: usize) -> String {
        let d = depth - 1;
        match self.rng.below(19) {
            0..=4 => {
                let (a, b) = (self.expr(Ty::Float, d), self.expr(Ty::Float, d));
                self.binary(&["+", "-", "*"], a, b)
            }
            5..=6 => {
                let (a, b) = (self.expr(Ty::Float, d), self.divisor(Ty::Float, d));
                self.binary(&["/", "//", "%"], a, b)
            }
            7 => {
                let (a, b) = (self.expr(Ty::Int, d), self.divisor(Ty::Int, d));
                self.count("int /");
                format!("({a} / {b})")
            }
            8..=9 => {
                self.count("mixed arithmetic");
                let (a, b) = (self.expr(Ty::Int, d), self.expr(Ty::Float, d));
                let (a, b) = if self.rng.percent(50) { (a, b) } else { (b, a) };
                self.binary(&["+", "-", "*"], a, b)
            }
            10 => {
                self.count("unary");
                let op = *self.rng.pick(&["-", "+"]);
                format!("({op}{})", self.expr(Ty::Float, d))
            }
            11 => {
                self.count("math exact");
                let x = self.expr(Ty::Float, d);
                if self.rng.percent(25) {
                    self.count("decimals");
                    let n = self.rng.below(45) as i64 - 22;
                    return if self.rng.percent(30) {
                        format!("round({x}, {} % 45 - 22)", self.expr(Ty::Int, d))
                    } else {
                        format!("round({x}, {n})")
                    };
                }
                let f = *self.rng.pick(&["abs", "math.fabs", "math.sqrt"]);
                if f == "math.sqrt" && self.rng.percent(70) { format!("{f}(abs({x}))") } else { format!("{f}({x})") }
            }
            12 => {
                self.count("min/max");
                let f = *self.rng.pick(&["min", "max", "math.fmod"]);
                format!("{f}({}, {})", self.expr(Ty::Float, d), self.expr(Ty::Float, d))
            }
            13 => {
                self.count("int to float");
                format!("float({})", self.expr(Ty::Int, d))
            }
            15 => {
                self.count("numpy to float");
                let s = *self.rng.pick(&Scalar::ALL);
                format!("float({})", self.expr(Ty::Np(s), d))
            }
            14 => {
                // The sign of a NaN is the processor's affair in CPython, and never seen in a kernel: so none is asked for.
                self.count("copysign");
                let (x, sign) = (self.expr(Ty::Float, d), self.expr(Ty::Int, d));
                format!("math.copysign({x}, float({sign}))")
            }
            16 if self.elementary => {
                self.count("elementary");
                let f = *self.rng.pick(&["math.sin", "math.cos", "math.atan", "math.tanh", "math.exp"]);
                let x = self.expr(Ty::Float, d);
                if f == "math.exp" { format!("{f}(min({x}, 50.0))") } else { format!("{f}({x})") }
            }
            17 if self.elementary => {
                self.count("elementary");
                let x = self.expr(Ty::Float, d);
                format!("math.log(abs({x}) + 0.5)")
            }
            _ => self.leaf(Ty::Float),
        }
    }

    fn boolean(&mut self, depth: usize) -> String {
        let d = depth - 1;
        match self.rng.below(10) {
            0..=2 => self.comparison(Ty::Int, Ty::Int, d),
            3..=4 => self.comparison(Ty::Float, Ty::Float, d),
            5 => {
                self.count("int-float comparison");
                self.comparison(Ty::Int, Ty::Float, d)
            }
            6 => {
                self.count("and/or");
                let op = *self.rng.pick(&["and", "or"]);
                format!("({} {op} {})", self.expr(Ty::Bool, d), self.expr(Ty::Bool, d))
            }
            7 => {
                self.count("not");
                format!("(not {})", self.test(d))
            }
            8 => {
                self.count("chained comparison");
                let ty = *self.rng.pick(&[Ty::Int, Ty::Float]);
                let (a, b, c) = (self.expr(ty, d), self.expr(ty, d), self.expr(ty, d));
                let (p, q) = (*self.rng.pick(&["<", "<=", "=="]), *self.rng.pick(&["<", "<=", "!=", ">"]));
                format!("({a} {p} {b} {q} {c})")
            }
            _ => {
                self.count("classification");
                let f = *self.rng.pick(&["math.isnan", "math.isinf", "math.isfinite", "bool"]);
                format!("{f}({})", self.expr(Ty::Float, d))
            }
        }
    }

    fn comparison(&mut self, a: Ty, b: Ty, depth: usize) -> String {
        let (a, b) = (self.expr(a, depth), self.expr(b, depth));
        self.binary(&["<", "<=", "==", "!=", ">", ">="], a, b)
    }

    /// What an `if` may test.
    pub(super) fn test(&mut self, depth: usize) -> String {
        let ty = match self.rng.below(10) {
            0 => Ty::Int,
            1 => Ty::Float,
            2 => Ty::Np(*self.rng.pick(&Scalar::ALL)),
            _ => Ty::Bool,
        };
        self.expr(ty, depth)
    }

    fn np_bool(&mut self, depth: usize) -> String {
        let d = depth - 1;
        let s = *self.rng.pick(&Scalar::ALL);
        match self.rng.below(6) {
            0..=2 => {
                self.count("numpy comparison");
                let t = *self.rng.pick(&Scalar::ALL);
                self.comparison(Ty::Np(s), Ty::Np(t), d)
            }
            3 => {
                let (a, b) = (self.expr(Ty::Np(Scalar::Bool), d), self.expr(Ty::Np(Scalar::Bool), d));
                self.binary(&["&", "|", "^"], a, b)
            }
            4 => {
                self.count("numpy classification");
                let f = *self.rng.pick(&["np.isnan", "np.isinf", "np.isfinite"]);
                let s = *self.rng.pick(&[Scalar::F32, Scalar::F64]);
                format!("{f}({})", self.expr(Ty::Np(s), d))
            }
            _ => {
                self.count("numpy weak comparison");
                let int = self.expr(Ty::Int, d);
                let s = if s.is_int() { s } else { Scalar::I32 };
                let a = self.expr(Ty::Np(s), d);
                self.binary(&["<", "==", ">="], a, int)
            }
        }
    }

    /// Two dtypes whose promotion is `s`.
    fn operands(&mut self, s: Scalar) -> (Ty, Ty) {
        let mut pairs = Vec::new();
        for a in Scalar::ALL {
            for b in Scalar::ALL {
                if promote(a, b) == s && (a == s || b == s) {
                    pairs.push((Ty::Np(a), Ty::Np(b)));
                }
            }
        }
        if self.rng.percent(60) { (Ty::Np(s), Ty::Np(s)) } else { *self.rng.pick(&pairs) }
    }

    fn np_int(&mut self, s: Scalar, depth: usize) -> String {
        let d = depth - 1;
        let ty = Ty::Np(s);
        match self.rng.below(12) {
            0..=3 => {
                let (a, b) = self.operands(s);
                // Two bools have no `-`; here at least one operand is an integer.
                let (a, b) = (self.expr(a, d), self.expr(b, d));
                self.count("numpy arithmetic");
                self.binary(&["+", "-", "*"], a, b)
            }
            4 => {
                self.count("numpy division");
                let (a, b) = (self.expr(ty, d), self.divisor(ty, d));
                self.binary(&["//", "%"], a, b)
            }
            5 => {
                let (a, b) = (self.expr(ty, d), self.expr(ty, d));
                self.count("numpy bits");
                self.binary(&["&", "|", "^", "<<", ">>"], a, b)
            }
            6 => {
                self.count("weak literal");
                let (a, b) = (self.expr(ty, d), ty.small(&mut self.rng));
                self.binary(&["+", "-", "*", "//", "%"], a, b)
            }
            7 => {
                self.count("weak int");
                let (a, b) = (self.expr(ty, d), self.expr(Ty::Int, d));
                let b = if self.rng.percent(80) { format!("({b} & 63)") } else { b };
                self.binary(&["+", "-", "*"], a, b)
            }
            8 => {
                self.count("numpy unary");
                let op = *self.rng.pick(&["-", "~", "+"]);
                format!("({op}{})", self.expr(ty, d))
            }
            9 => {
                self.count("numpy abs");
                format!("abs({})", self.expr(ty, d))
            }
            10 => {
                self.count("numpy conversion");
                let from = *self.rng.pick(&[
                    Scalar::Bool,
                    Scalar::I8,
                    Scalar::U8,
                    Scalar::I32,
                    Scalar::U32,
                    Scalar::I64,
                    Scalar::U64,
                ]);
                let e = self.expr(Ty::Np(from), d);
                format!("{}({e})", ty.constructor().unwrap_or_default())
            }
            _ => {
                self.count("int to numpy");
                let e = self.expr(Ty::Int, d);
                let e = if self.rng.percent(80) { format!("({e} & 127)") } else { e };
                format!("{}({e})", ty.constructor().unwrap_or_default())
            }
        }
    }

    fn np_float(&mut self, s: Scalar, depth: usize) -> String {
        let d = depth - 1;
        let ty = Ty::Np(s);
        match self.rng.below(12) {
            0..=3 => {
                let (a, b) = self.operands(s);
                let (a, b) = (self.expr(a, d), self.expr(b, d));
                self.count("numpy arithmetic");
                self.binary(&["+", "-", "*", "/"], a, b)
            }
            4 => {
                self.count("numpy division");
                let (a, b) = (self.expr(ty, d), self.expr(ty, d));
                self.binary(&["//", "%", "/"], a, b)
            }
            5 if s == Scalar::F64 => {
                self.count("numpy int /");
                let from = *self.rng.pick(&[Scalar::I8, Scalar::U16, Scalar::I32, Scalar::I64, Scalar::U64]);
                let (a, b) = (self.expr(Ty::Np(from), d), self.expr(Ty::Np(from), d));
                format!("({a} / {b})")
            }
            6 => {
                self.count("weak float");
                let weak = *self.rng.pick(&[Ty::Float, Ty::Int, Ty::Bool]);
                let (a, b) = (self.expr(ty, d), self.expr(weak, d));
                let (a, b) = if self.rng.percent(50) { (a, b) } else { (b, a) };
                self.binary(&["+", "-", "*", "/"], a, b)
            }
            7 => {
                self.count("numpy unary");
                let op = *self.rng.pick(&["-", "+"]);
                format!("({op}{})", self.expr(ty, d))
            }
            8 => {
                self.count("numpy exact");
                if self.rng.percent(15) {
                    self.count("decimals");
                    let n = self.rng.below(9) as i64 - 3;
                    let f = *self.rng.pick(&["round", "np.round"]);
                    return format!("{f}({}, {n})", self.expr(ty, d));
                }
                let f = *self.rng.pick(&["np.sqrt", "np.floor", "np.ceil", "np.trunc", "np.fabs", "abs"]);
                format!("{f}({})", self.expr(ty, d))
            }
            9 => {
                self.count("numpy copysign");
                let (x, sign) = (self.expr(ty, d), self.expr(Ty::Int, d));
                format!("np.copysign({x}, {}({sign}))", ty.constructor().unwrap_or_default())
            }
            10 => {
                self.count("float to numpy");
                let from = *self.rng.pick(&[Ty::Float, Ty::Int, Ty::Np(Scalar::F64), Ty::Np(Scalar::I64)]);
                let e = self.expr(from, d);
                format!("{}({e})", ty.constructor().unwrap_or_default())
            }
            11 if self.elementary => {
                self.count("elementary");
                let f = *self.rng.pick(&["np.sin", "np.exp", "np.log", "np.arctan", "np.tanh"]);
                format!("{f}({})", self.expr(ty, d))
            }
            _ => self.leaf(ty),
        }
    }

    /// A call of an earlier function that returns the type.
    fn call(&mut self, ty: Ty, depth: usize) -> Option<String> {
        let fitting: Vec<usize> = (0..self.helpers.len()).filter(|&k| self.helpers[k].result == ty).collect();
        if fitting.is_empty() {
            return None;
        }
        let helper = self.helpers[*self.rng.pick(&fitting)].clone();
        self.count("call");
        let given = helper.params.len() - (helper.has_default && self.rng.percent(50)) as usize;
        let args: Vec<String> = helper.params[..given]
            .iter()
            .map(|(name, t)| {
                let e = self.expr(*t, depth - 1);
                if self.rng.percent(15) { format!("{name}={e}") } else { e }
            })
            .collect();
        // Positional arguments come first.
        let (keywords, positional): (Vec<&String>, Vec<&String>) = args.iter().partition(|a| is_keyword(a));
        if !keywords.is_empty() && args.iter().skip_while(|a| !is_keyword(a)).any(|a| !is_keyword(a)) {
            let plain: Vec<&str> = args.iter().map(|a| strip_keyword(a)).collect();
            return Some(format!("{}({})", helper.name, plain.join(", ")));
        }
        let all: Vec<&str> = positional.into_iter().chain(keywords).map(String::as_str).collect();
        Some(format!("{}({})", helper.name, all.join(", ")))
    }
}

/// `a0=...`: parameters of helpers are called `a` and a number.
fn is_keyword(argument: &str) -> bool {
    strip_keyword(argument).len() < argument.len()
}

fn strip_keyword(argument: &str) -> &str {
    let digits = argument.strip_prefix('a').map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()));
    match digits.and_then(|rest| rest.strip_prefix('=')) {
        Some(value) if !value.starts_with('=') => value,
        _ => argument,
    }
}
