//! What `for` loops run over: how many rounds there are, and what each gets.

use super::{Lower, Val};
use crate::abi::status::Exception;
use crate::diag::Span;
use crate::front::tast::{Over, Ty};
use crate::ir::op::{ArrayOp, AxisSpec, BinaryOp, CompareOp, Op};
use crate::ir::typing::view_type;
use crate::ir::{Type, ValueId};
use crate::types::Scalar;

/// What a loop runs over, evaluated.
pub(super) enum Source {
    Range([ValueId; 3]),
    Array(Val),
    Table(Val),
    Enumerate(Box<Source>, ValueId),
    Zip(Vec<Source>),
    Reversed(Box<Source>),
}

impl Lower<'_, '_, '_> {
    pub(super) fn source(&mut self, over: &Over) -> Source {
        match over {
            Over::Range(range) => {
                let bounds = range.each_ref().map(|bound| {
                    let v = self.expr(bound);
                    self.to_index(&v, bound.span)
                });
                if self.known_int(bounds[2]).is_none_or(|step| step == 0) {
                    let zero = self.b.i64(0);
                    let ok = self.b.compare(CompareOp::Ne, bounds[2], zero);
                    self.check(ok, Exception::ValueError, "range() arg 3 must not be zero", range[2].span, &[]);
                }
                Source::Range(bounds)
            }
            Over::Array(e) => Source::Array(self.expr(e)),
            Over::Table(e) => Source::Table(self.expr(e)),
            Over::Enumerate(of, start) => {
                let of = self.source(of);
                let first = self.expr(start);
                Source::Enumerate(Box::new(of), self.to_index(&first, start.span))
            }
            Over::Zip(all) => Source::Zip(all.iter().map(|over| self.source(over)).collect()),
            Over::Reversed(of) => Source::Reversed(Box::new(self.source(of))),
        }
    }

    /// The bounds of the loop: those of a range themselves, else from 0 to how many items there are.
    pub(super) fn rounds(&mut self, source: &Source) -> [ValueId; 3] {
        match source {
            Source::Range(bounds) => *bounds,
            _ => {
                let count = self.count(source);
                [self.b.i64(0), count, self.b.i64(1)]
            }
        }
    }

    /// How many items there are, as far as rounds can count.
    fn count(&mut self, source: &Source) -> ValueId {
        match source {
            Source::Range(bounds) => self.range_count(*bounds),
            Source::Array(array) => self.array_op(ArrayOp::Dim(0), &[array.value()]),
            Source::Table(table) => {
                let len = match &table.ty {
                    Ty::Table(id) => self.cx.inference.tables[*id].items.len(),
                    _ => 0,
                };
                self.b.i64(len as i64)
            }
            Source::Enumerate(of, _) | Source::Reversed(of) => self.count(of),
            Source::Zip(all) => {
                let counts: Vec<ValueId> = all.iter().map(|source| self.count(source)).collect();
                let first = counts[0];
                counts[1..].iter().fold(first, |least, &count| self.b.binary(BinaryOp::Min, least, count))
            }
        }
    }

    /// The length of a range; the largest integer for what is longer.
    fn range_count(&mut self, [start, stop, step]: [ValueId; 3]) -> ValueId {
        let zero = self.b.i64(0);
        // Distances of up to 2**64 - 1, counted without a sign.
        let down = self.b.compare(CompareOp::Lt, step, zero);
        let (from, to) = (self.b.select(down, stop, start), self.b.select(down, start, stop));
        let empty = self.b.compare(CompareOp::Ge, from, to);
        let distance = self.b.binary(BinaryOp::Sub, to, from);
        let distance = self.b.convert(Scalar::U64, distance);
        let negated = self.b.unary(crate::ir::op::UnaryOp::Neg, step);
        let size = self.b.select(down, negated, step);
        let size = self.b.convert(Scalar::U64, size);
        let one = self.b.int(Scalar::U64, 1);
        let last = self.b.binary(BinaryOp::Sub, distance, one);
        let count = self.b.binary(BinaryOp::FloorDiv, last, size);
        let most = self.b.int(Scalar::U64, i64::MAX - 1);
        let count = self.b.binary(BinaryOp::Min, count, most);
        let count = self.b.binary(BinaryOp::Add, count, one);
        let count = self.b.convert(Scalar::I64, count);
        self.b.select(empty, zero, count)
    }

    /// What round `i` gets; for a range that is looped over itself, `i` is its item.
    pub(super) fn item(&mut self, source: &Source, i: ValueId, span: Span) -> Val {
        match source {
            Source::Range(_) => Val::one(Ty::INT, i),
            _ => self.item_at(source, i, span),
        }
    }

    fn item_at(&mut self, source: &Source, i: ValueId, span: Span) -> Val {
        match source {
            Source::Range([start, _, step]) => {
                let offset = self.b.binary(BinaryOp::Mul, i, *step);
                let value = self.b.binary(BinaryOp::Add, *start, offset);
                Val::one(Ty::INT, value)
            }
            Source::Array(array) => self.row(array, i),
            Source::Table(table) => {
                let Ty::Table(id) = table.ty else { return Val::none() };
                self.table_at(id, i, span)
            }
            Source::Enumerate(of, start) => {
                let value = self.item_at(of, i, span);
                let count = self.checked(crate::ir::op::CheckedOp::Add, &[i, *start], span);
                joined(vec![Val::one(Ty::INT, count), value])
            }
            Source::Zip(all) => joined(all.iter().map(|source| self.item_at(source, i, span)).collect()),
            Source::Reversed(of) => {
                let count = self.count(of);
                let one = self.b.i64(1);
                let last = self.b.binary(BinaryOp::Sub, count, one);
                let position = self.b.binary(BinaryOp::Sub, last, i);
                self.item_at(of, position, span)
            }
        }
    }

    /// `array[i]`, which is known to be there.
    fn row(&mut self, array: &Val, i: ValueId) -> Val {
        let of = self.array_type(array.value());
        if of.rank == 1 {
            let v = self.array_op(ArrayOp::Get, &[array.value(), i]);
            return Val::np(of.dtype, v);
        }
        let mut specs = vec![AxisSpec::Keep; of.rank.into()];
        specs[0] = AxisSpec::Index;
        let ty = match &array.ty {
            Ty::Array(outer) => view_type((*outer).into(), &specs).map_or(Ty::Error, |row| Ty::Array(row.into())),
            other => other.clone(),
        };
        let view = self.b.value(Op::Array(ArrayOp::View(specs)), &[array.value(), i]);
        debug_assert!(matches!(self.b.ty(view), Type::Array(_)));
        Val::one(ty, view)
    }
}

/// A tuple of values.
fn joined(items: Vec<Val>) -> Val {
    let ty = Ty::Tuple(items.iter().map(|item| item.ty.clone()).collect());
    Val { ty, parts: items.into_iter().flat_map(|item| item.parts).collect() }
}
