//! NumPy's operators on scalars: both operands become the common dtype, the result wraps or is inf or nan.

use super::arithmetic::bit_op;
use super::{Lower, Val};
use crate::diag::Span;
use crate::front::infer::{promote, promote_weak};
use crate::front::syntax::BinaryOp;
use crate::front::tast::Ty;
use crate::ir::ValueId;
use crate::ir::op::BinaryOp as IrBinary;
use crate::types::Scalar;

impl Lower<'_, '_, '_> {
    pub(super) fn numpy_operator(&mut self, op: BinaryOp, a: &Val, b: &Val, span: Span) -> Val {
        let dtype = match (&a.ty, &b.ty) {
            (Ty::Np(s), Ty::Np(t)) => promote(*s, *t),
            (Ty::Np(s), Ty::Py(p)) | (Ty::Py(p), Ty::Np(s)) => promote_weak(*p, *s),
            _ => Scalar::F64,
        };
        // The quotient of integers is a float64: Python's need not fit the other's dtype.
        let dtype = if op == BinaryOp::Div && !dtype.is_float() { Scalar::F64 } else { dtype };
        let (x, y) = (self.as_dtype(a, dtype, span), self.as_dtype(b, dtype, span));
        self.on_dtype(op, x, y, dtype, span)
    }

    /// An operand as the common dtype.
    pub(super) fn as_dtype(&mut self, v: &Val, dtype: Scalar, span: Span) -> ValueId {
        match v.ty {
            Ty::Py(p) => self.weak(v.value(), p, dtype, span),
            _ => self.cast(v.value(), dtype),
        }
    }

    /// `x op y` in a dtype.
    pub(super) fn on_dtype(&mut self, op: BinaryOp, x: ValueId, y: ValueId, s: Scalar, span: Span) -> Val {
        use BinaryOp::*;
        if s == Scalar::Bool {
            return self.on_bools(op, x, y, span);
        }
        let v = match op {
            Add => self.b.binary(IrBinary::Add, x, y),
            Sub => self.b.binary(IrBinary::Sub, x, y),
            Mul => self.b.binary(IrBinary::Mul, x, y),
            Div if s.is_float() => self.b.binary(IrBinary::Div, x, y),
            Div => {
                let (x, y) = (self.b.convert(Scalar::F64, x), self.b.convert(Scalar::F64, y));
                let v = self.b.binary(IrBinary::Div, x, y);
                return Val::np(Scalar::F64, v);
            }
            FloorDiv if s == Scalar::F32 => self.math("floor_divide_f32", &[x, y], span),
            Mod if s == Scalar::F32 => self.math("floor_mod_f32", &[x, y], span),
            FloorDiv if s.is_float() => self.math("floor_divide", &[x, y], span),
            Mod if s.is_float() => self.math("floor_mod", &[x, y], span),
            FloorDiv => self.b.binary(IrBinary::FloorDiv, x, y),
            Mod => self.b.binary(IrBinary::FloorMod, x, y),
            Pow => return self.numpy_power(x, y, s, span),
            LeftShift => self.b.binary(IrBinary::Shl, x, y),
            RightShift => self.b.binary(IrBinary::Shr, x, y),
            BitAnd | BitOr | BitXor | MatMul => self.b.binary(bit_op(op), x, y),
        };
        Val::np(s, v)
    }

    /// NumPy's bools: `+` is or, `*` is and; division, powers and shifts are done in int8.
    fn on_bools(&mut self, op: BinaryOp, x: ValueId, y: ValueId, span: Span) -> Val {
        use BinaryOp::*;
        let logical = match op {
            Add => IrBinary::Or,
            Mul => IrBinary::And,
            BitAnd | BitOr | BitXor => bit_op(op),
            Sub | Div | FloorDiv | Mod | Pow | LeftShift | RightShift | MatMul => {
                let wider = if op == Div { Scalar::F64 } else { Scalar::I8 };
                let (x, y) = (self.b.convert(wider, x), self.b.convert(wider, y));
                return self.on_dtype(op, x, y, wider, span);
            }
        };
        let v = self.b.binary(logical, x, y);
        Val::np(Scalar::Bool, v)
    }
}
