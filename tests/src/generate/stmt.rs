//! Random statements: assignments, branches, loops that end, stores, raises.

use super::ty::Ty;
use super::{Generator, Stmt};

/// Deepest nesting of blocks.
const NESTING: usize = 3;

impl Generator {
    pub(super) fn block(&mut self, statements: usize, nesting: usize) -> Vec<Stmt> {
        let mut body = Vec::new();
        for _ in 0..statements.max(1) {
            self.statement(nesting, &mut body);
        }
        body
    }

    fn statement(&mut self, nesting: usize, body: &mut Vec<Stmt>) {
        let deeper = nesting < NESTING;
        if !self.arrays.is_empty() && self.rng.percent(65) {
            return self.array_statement(nesting, body);
        }
        match self.rng.below(24) {
            0..=6 => {
                let line = self.assignment();
                body.push(Stmt::Line(line));
            }
            7..=9 => {
                let line = self.augmented();
                body.push(Stmt::Line(line));
            }
            10..=11 => {
                let line = self.unpacking();
                body.push(Stmt::Line(line));
            }
            12..=13 => {
                if let Some(line) = self.store() {
                    body.push(Stmt::Line(line));
                }
            }
            14..=16 if deeper => body.push(self.if_(nesting)),
            17..=19 if deeper => body.push(self.for_(nesting)),
            20..=21 if deeper => self.while_(nesting, body),
            22 if self.loops > 0 => {
                let word = *self.rng.pick(&["break", "continue"]);
                self.count(word);
                let test = self.test(2);
                body.push(Stmt::block(format!("if {test}:"), vec![Stmt::Line(word.into())]));
            }
            23 if self.rng.percent(40) => {
                self.count("raise");
                let test = self.expr(Ty::Bool, 2);
                let class = *self.rng.pick(&["ValueError", "IndexError", "KeyError", "ArithmeticError"]);
                let number = self.rng.below(100);
                let raise = format!("raise {class}(\"number {number}\")");
                body.push(match self.rng.percent(50) {
                    true => Stmt::block(format!("if {test}:"), vec![Stmt::Line(raise)]),
                    false => Stmt::Line(format!("assert not {test}, \"claim {number}\"")),
                });
            }
            _ => {
                let line = self.assignment();
                body.push(Stmt::Line(line));
            }
        }
    }

    /// A variable that may be assigned: loop counters may not.
    fn target(&mut self) -> (String, Ty) {
        let known: Vec<(String, Ty)> =
            self.variables.iter().filter(|(name, _)| name.starts_with('v')).cloned().collect();
        self.rng.pick(&known).clone()
    }

    fn assignment(&mut self) -> String {
        self.count("assignment");
        let (name, ty) = self.target();
        let value = self.expr(ty, 4);
        format!("{name} = {value}")
    }

    /// `x op= e` that keeps the type of `x`.
    fn augmented(&mut self) -> String {
        self.count("augmented assignment");
        let (name, ty) = self.target();
        let (ops, operand): (&[&str], Ty) = match ty {
            Ty::Int => (&["+", "-", "*", "//", "%", "&", "|", "^"], Ty::Int),
            Ty::Float if self.rng.percent(30) => (&["+", "-", "*"], Ty::Int),
            Ty::Float => (&["+", "-", "*", "/"], Ty::Float),
            Ty::Bool => (&["&", "|", "^"], Ty::Bool),
            t if t.is_bool() => (&["&", "|", "^"], t),
            t if t.is_float() => (&["+", "-", "*", "/"], t),
            t => (&["+", "-", "*", "//", "%", "&", "|", "^"], t),
        };
        let op = *self.rng.pick(ops);
        let value = self.expr(operand, 3);
        format!("{name} {op}= {value}")
    }

    /// `a, b = x, y`, which may swap, or both results of a division.
    fn unpacking(&mut self) -> String {
        let ((a, t), (b, u)) = (self.target(), self.target());
        if t == Ty::Int && u == Ty::Int && a != b && self.rng.percent(40) {
            self.count("divmod");
            let (x, y) = (self.expr(Ty::Int, 2), self.expr(Ty::Int, 2));
            return format!("{a}, {b} = divmod({x}, {y})");
        }
        self.count("tuple assignment");
        let (x, y) = (self.expr(t, 2), self.expr(u, 2));
        format!("{a}, {b} = {x}, {y}")
    }

    fn store(&mut self) -> Option<String> {
        if self.pointers.is_empty() {
            return None;
        }
        let k = self.rng.below(self.pointers.len());
        let (name, len, ty) = (self.pointers[k].name.clone(), self.pointers[k].len, self.pointers[k].element_ty());
        self.count("store");
        let (index, value) = (self.index(len), self.expr(ty, 3));
        // Most values that do not fit would end the run.
        let value = match self.pointers[k].range() {
            Some(mask) if self.rng.percent(85) => format!("({value}) & {mask}"),
            _ => value,
        };
        let op = if ty == Ty::Float && self.rng.percent(30) { "+=" } else { "=" };
        Some(format!("{name}[{index}] {op} {value}"))
    }

    fn if_(&mut self, nesting: usize) -> Stmt {
        self.count("if");
        let (test, size) = (self.test(3), 1 + self.rng.below(3));
        let body = self.block(size, nesting + 1);
        let mut clauses = vec![(format!("if {test}:"), body)];
        if self.rng.percent(25) {
            self.count("elif");
            let test = self.test(2);
            clauses.push((format!("elif {test}:"), self.block(1, nesting + 1)));
        }
        if self.rng.percent(50) {
            clauses.push(("else:".into(), self.block(1, nesting + 1)));
        }
        Stmt::Block(clauses)
    }

    fn for_(&mut self, nesting: usize) -> Stmt {
        self.count("for");
        let counter = self.fresh("i");
        let range = match self.rng.below(5) {
            0 => format!("range({})", self.rng.below(7)),
            1 => {
                let (lo, hi) = (self.rng.below(9) as i64 - 4, self.rng.below(9) as i64 - 4);
                format!("range({lo}, {hi})")
            }
            2 => {
                let (lo, hi) = (self.rng.below(20) as i64 - 10, self.rng.below(20) as i64 - 10);
                let step = *self.rng.pick(&[-7, -3, -2, -1, 2, 3, 5]);
                format!("range({lo}, {hi}, {step})")
            }
            3 => {
                self.count("range of a variable");
                let n = self.expr(Ty::Int, 1);
                format!("range({n} % 6)")
            }
            _ => {
                self.count("range of variable step");
                let (n, step) = (self.expr(Ty::Int, 1), self.expr(Ty::Int, 1));
                format!("range({n} % 9, 5, {step} % 3 + 1)")
            }
        };
        let size = 1 + self.rng.below(3);
        let visible = self.variables.len();
        self.variables.push((counter.clone(), Ty::Int));
        self.loops += 1;
        let body = self.block(size, nesting + 1);
        self.loops -= 1;
        self.variables.truncate(visible);
        let mut clauses = vec![(format!("for {counter} in {range}:"), body)];
        self.loop_else(nesting, &mut clauses);
        Stmt::Block(clauses)
    }

    pub(super) fn loop_else(&mut self, nesting: usize, clauses: &mut Vec<(String, Vec<Stmt>)>) {
        if self.rng.percent(12) {
            self.count("loop else");
            clauses.push(("else:".into(), self.block(1, nesting + 1)));
        }
    }

    /// A counter sees to it that the loop ends.
    fn while_(&mut self, nesting: usize, body: &mut Vec<Stmt>) {
        self.count("while");
        let counter = self.fresh("w");
        let (bound, test, size) = (1 + self.rng.below(5), self.test(2), 1 + self.rng.below(3));
        body.push(Stmt::Line(format!("{counter} = 0")));
        let visible = self.variables.len();
        self.variables.push((counter.clone(), Ty::Int));
        self.loops += 1;
        let mut inside = vec![Stmt::Line(format!("{counter} += 1"))];
        inside.extend(self.block(size, nesting + 1));
        self.loops -= 1;
        self.variables.truncate(visible);
        let mut clauses = vec![(format!("while {counter} < {bound} and {test}:"), inside)];
        self.loop_else(nesting, &mut clauses);
        body.push(Stmt::Block(clauses));
    }
}
