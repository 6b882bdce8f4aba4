//! Statements about arrays: stores, assignments to slices, augmented ones, loops over them, overlap sought after.

use gelcap_compiler::types::{Kind, Scalar};

use super::super::ty::Ty;
use super::super::{Generator, Stmt};
use super::{Array, Layout};

impl Generator {
    /// A statement about some array, if there are any.
    pub(in super::super) fn array_statement(&mut self, nesting: usize, body: &mut Vec<Stmt>) {
        let writable: Vec<Array> = self.arrays.iter().filter(|a| a.writable).cloned().collect();
        let Some(array) = (!writable.is_empty()).then(|| self.rng.pick(&writable).clone()) else { return };
        let line = match self.rng.below(22) {
            0..=3 => self.element_store(&array),
            4..=6 => self.slice_store(&array),
            7..=9 => self.augmented_array(&array),
            10..=12 => self.overlap(&array),
            13..=14 => self.rebinding(&array),
            15 if nesting == 0 => {
                let (text, array) = self.binding();
                let line = format!("{} = {text}", array.name);
                self.arrays.push(array);
                Some(line)
            }
            16 if !self.array_helpers.is_empty() => {
                let helper = self.rng.pick(&self.array_helpers.clone()).clone();
                Some(self.call_of(&helper))
            }
            17..=19 if nesting < 3 => {
                self.loop_over(nesting, body);
                None
            }
            20 if nesting < 2 => {
                self.shrinking(body);
                None
            }
            _ => self.element_augmented(&array),
        };
        body.extend(line.map(Stmt::Line));
    }

    /// A scalar of the array's dtype, or one that is converted when it is stored.
    fn stored(&mut self, dtype: Scalar) -> String {
        match (dtype.kind(), self.rng.below(4)) {
            (Kind::Float, 0) => self.expr(Ty::Float, 2),
            (Kind::Float, 1) => self.expr(Ty::Int, 2),
            (Kind::Bool, 0) => self.expr(Ty::Bool, 2),
            (Kind::Signed | Kind::Unsigned, 0) => format!("({}) & 127", self.expr(Ty::Int, 2)),
            _ => self.expr(Ty::Np(dtype), 2),
        }
    }

    fn element_store(&mut self, array: &Array) -> Option<String> {
        let target = self.element_of(array, "element store")?;
        Some(format!("{target} = {}", self.stored(array.dtype)))
    }

    fn element_augmented(&mut self, array: &Array) -> Option<String> {
        if array.dtype == Scalar::Bool || array.shape.is_empty() {
            return None;
        }
        let target = self.element_of(array, "element aug")?;
        let ops: &[&str] =
            if array.dtype.is_float() { &["+", "-", "*", "/"] } else { &["+", "-", "*", "//", "%", "|", "^"] };
        let op = *self.rng.pick(ops);
        let value = self.expr(Ty::Np(array.dtype), 2);
        Some(format!("{target} {op}= {value}"))
    }

    /// A place in the array, written as a target, with its shape.
    fn target_view(&mut self, array: &Array) -> (String, Vec<usize>) {
        if array.shape.is_empty() || self.rng.percent(30) {
            let all = if self.rng.percent(50) && !array.shape.is_empty() { ":" } else { "..." };
            return (format!("{}[{all}]", array.name), array.shape.clone());
        }
        for _ in 0..4 {
            let (text, shape, _) = self.any_view(array);
            // `a.T = x` would be something else.
            if text.ends_with(']') {
                return (text, shape);
            }
        }
        (format!("{}[:]", array.name), array.shape.clone())
    }

    /// Dtypes that are assigned to an array of `dtype` without a choice of the processor's.
    fn assignable(&mut self, dtype: Scalar) -> Scalar {
        let from = *self.rng.pick(&Scalar::ALL);
        let to_int = !dtype.is_float() && dtype != Scalar::Bool;
        if self.rng.percent(70) || (to_int && from.is_float()) { dtype } else { from }
    }

    fn slice_store(&mut self, array: &Array) -> Option<String> {
        let (target, mut shape) = self.target_view(array);
        if shape.is_empty() || self.rng.percent(25) {
            self.record("assign scalar", array);
            return Some(format!("{target} = {}", self.stored(array.dtype)));
        }
        let from = self.assignable(array.dtype);
        if self.rng.percent(6) {
            self.record("mismatch", array);
            let last = shape.len() - 1;
            shape[last] += 2;
        } else if self.rng.percent(25) {
            let drop = self.rng.below(shape.len());
            shape.drain(..drop);
            let axis = self.rng.below(shape.len());
            shape[axis] = 1;
        }
        self.record("assign", array);
        let value = match self.existing(from, &shape, false) {
            Some((text, _)) if self.rng.percent(40) => text,
            _ => self.fresh_value(from, &shape, 2),
        };
        Some(format!("{target} = {value}"))
    }

    /// Operators and dtypes of operands that an array in place takes.
    fn in_place(&mut self, dtype: Scalar) -> (&'static str, Scalar) {
        let (ops, kinds): (&[&str], &[Kind]) = match dtype.kind() {
            Kind::Bool => (&["&", "|", "^"], &[Kind::Bool]),
            Kind::Float => (&["+", "-", "*", "/", "//"], &[Kind::Float, Kind::Signed, Kind::Bool]),
            Kind::Signed => (&["+", "-", "*", "&", "|", "^"], &[Kind::Signed, Kind::Bool]),
            Kind::Unsigned => (&["+", "-", "*", "&", "|", "^"], &[Kind::Unsigned, Kind::Bool]),
        };
        let fitting: Vec<Scalar> = Scalar::ALL.into_iter().filter(|s| kinds.contains(&s.kind())).collect();
        let other = if self.rng.percent(60) { dtype } else { *self.rng.pick(&fitting) };
        (*self.rng.pick(ops), other)
    }

    fn augmented_array(&mut self, array: &Array) -> Option<String> {
        let (op, other) = self.in_place(array.dtype);
        let (target, shape) = match self.rng.percent(50) && !array.shape.is_empty() {
            true => (array.name.clone(), array.shape.clone()),
            false => self.target_view(array),
        };
        if shape.is_empty() {
            return None;
        }
        self.record("augmented", array);
        let value = match self.rng.below(4) {
            0 if array.dtype != Scalar::Bool => Ty::Np(array.dtype).small(&mut self.rng),
            1 => self.expr(Ty::Np(other), 2),
            _ => match self.existing(other, &shape, false) {
                Some((text, _)) if self.rng.percent(50) => text,
                _ => self.fresh_value(other, &shape, 1),
            },
        };
        Some(format!("{target} {op}= {value}"))
    }

    /// Both sides lie in the same memory, shifted, reversed or transposed.
    fn overlap(&mut self, array: &Array) -> Option<String> {
        let shape = array.shape.clone();
        if shape.is_empty() || shape[0] == 0 {
            return None;
        }
        self.record("overlap", array);
        let name = &array.name;
        let (op, _) = self.in_place(array.dtype);
        let op = if self.rng.percent(40) { String::new() } else { op.to_string() };
        let square = shape.len() == 2 && shape[0] == shape[1];
        Some(match self.rng.below(6) {
            0 => format!("{name}[1:] {op}= {name}[:-1]"),
            1 => format!("{name}[:-1] {op}= {name}[1:]"),
            2 => format!("{name}[...] {op}= {name}[::-1]"),
            3 if square => format!("{name}[...] {op}= {name}.T"),
            4 => format!("{name}[:] {op}= {name}[{}]", ["0", "-1", ":1"][self.rng.below(3)]),
            5 if shape[0] > 2 => {
                let [plus, _] = if array.dtype == Scalar::Bool { ["^", "|"] } else { ["+", "-"] };
                format!("{name}[1:-1] {op}= {name}[:-2] {plus} {name}[2:]")
            }
            _ => format!("{name}[::-1] {op}= {name}"),
        })
    }

    /// Another value for a variable, as loops carry it on.
    fn rebinding(&mut self, array: &Array) -> Option<String> {
        if !array.name.starts_with('b') || array.shape.is_empty() {
            return None;
        }
        self.record("rebind", array);
        let value = self.value_like(array);
        // From now on it may have any strides.
        for known in &mut self.arrays {
            if known.name == array.name {
                known.layout = Layout::Strided;
            }
        }
        Some(match self.rng.percent(25) {
            true => {
                let test = self.test(1);
                format!("{} = {value} if {test} else {}", array.name, array.name)
            }
            false => format!("{} = {value}", array.name),
        })
    }

    /// A loop over an array's elements or rows, or over its indices.
    fn loop_over(&mut self, nesting: usize, body: &mut Vec<Stmt>) {
        let with_axes: Vec<Array> =
            self.arrays.iter().filter(|a| !a.shape.is_empty() && a.shape[0] <= 12).cloned().collect();
        if with_axes.is_empty() {
            return;
        }
        let array = self.rng.pick(&with_axes).clone();
        self.record("loop", &array);
        let (visible, arrays, bounded) = (self.variables.len(), self.arrays.len(), self.bounded.len());
        let head = match self.rng.below(4) {
            0 => {
                let counter = self.fresh("i");
                self.variables.push((counter.clone(), Ty::Int));
                self.bounded.push((counter.clone(), array.shape[0]));
                let length = if self.rng.percent(50) {
                    format!("len({})", array.name)
                } else {
                    format!("{}.shape[0]", array.name)
                };
                format!("for {counter} in range({length}):")
            }
            1 => {
                let (counter, item) = (self.fresh("i"), self.item(&array));
                self.variables.push((counter.clone(), Ty::Int));
                self.bounded.push((counter.clone(), array.shape[0]));
                format!("for {counter}, {item} in enumerate({}):", array.name)
            }
            2 => {
                let other = self.rng.pick(&with_axes).clone();
                let (a, b) = (self.item(&array), self.item(&other));
                format!("for {a}, {b} in zip({}, {}):", array.name, other.name)
            }
            _ => {
                let item = self.item(&array);
                format!("for {item} in {}:", array.name)
            }
        };
        self.loops += 1;
        let size = 1 + self.rng.below(2);
        let inside = self.block(size, nesting + 1);
        self.loops -= 1;
        self.variables.truncate(visible);
        self.arrays.truncate(arrays);
        self.bounded.truncate(bounded);
        let mut clauses = vec![(head, inside)];
        self.loop_else(nesting, &mut clauses);
        body.push(Stmt::Block(clauses));
    }

    /// The loop's variable: a number, or an array of one rank less.
    fn item(&mut self, array: &Array) -> String {
        if array.shape.len() == 1 {
            let name = self.fresh("e");
            self.variables.push((name.clone(), Ty::Np(array.dtype)));
            return name;
        }
        let name = self.fresh("r");
        let (shape, writable) = (array.shape[1..].to_vec(), array.writable);
        self.arrays.push(Array { name: name.clone(), dtype: array.dtype, shape, layout: Layout::Strided, writable });
        name
    }

    /// A view that gets shorter round after round, and then a number of it.
    fn shrinking(&mut self, body: &mut Vec<Stmt>) {
        let vectors: Vec<Array> = self.arrays.iter().filter(|a| a.shape.len() == 1).cloned().collect();
        if vectors.is_empty() {
            return;
        }
        let array = self.rng.pick(&vectors).clone();
        self.record("shrinking", &array);
        let (view, counter, rounds) = (self.fresh("t"), self.fresh("i"), self.rng.below(5));
        let how = *self.rng.pick(&["1:", ":-1", "::2", "::-1", "1:-1"]);
        body.push(Stmt::Line(format!("{view} = {}", array.name)));
        let step = Stmt::Line(format!("{view} = {view}[{how}]"));
        body.push(Stmt::block(format!("for {counter} in range({rounds}):"), vec![step]));
        let ints: Vec<String> = self
            .variables
            .iter()
            .filter(|(n, t)| *t == Ty::Int && n.starts_with('v'))
            .map(|(n, _)| n.clone())
            .collect();
        if !ints.is_empty() {
            let n = self.rng.pick(&ints).clone();
            body.push(Stmt::Line(format!("{n} = ({n} & 255) + len({view})")));
        }
        if array.writable {
            body.push(Stmt::Line(format!("{view}[:] = {}", Ty::Np(array.dtype).small(&mut self.rng))));
        }
    }
}
