//! Scalar ops on integers, bools and addresses; the entry points for ops that packs have too.

use wasm_encoder::Instruction as I;

use super::function::Emitter;
use crate::abi::imports::Import;
use crate::ir::op::{BinaryOp, CompareOp, UnaryOp};
use crate::ir::{Type, ValueId};
use crate::types::Scalar;
use crate::types::scalar::Kind;

/// A scalar that an op reads: a value, or one lane of a pack.
#[derive(Clone, Copy)]
pub(super) enum Operand {
    Value(ValueId),
    Lane(ValueId, u8),
}

impl Operand {
    pub(super) fn value(self) -> ValueId {
        match self {
            Operand::Value(v) | Operand::Lane(v, _) => v,
        }
    }
}

pub(super) fn is_64(s: Scalar) -> bool {
    matches!(s, Scalar::I64 | Scalar::U64)
}

impl Emitter<'_> {
    pub(super) fn unary(&mut self, op: UnaryOp, a: ValueId) -> Result<(), String> {
        match self.ty(a) {
            Type::Pack(s, lanes) => self.pack_unary(op, s, lanes, a),
            ty => self.scalar_unary(op, element(ty)?, Operand::Value(a)),
        }
    }

    pub(super) fn binary(&mut self, op: BinaryOp, a: ValueId, b: ValueId) -> Result<(), String> {
        match self.ty(a) {
            Type::Pack(s, lanes) => self.pack_binary(op, s, lanes, a, b),
            ty => self.scalar_binary(op, element(ty)?, Operand::Value(a), Operand::Value(b)),
        }
    }

    pub(super) fn compare(&mut self, op: CompareOp, a: ValueId, b: ValueId) -> Result<(), String> {
        match self.ty(a) {
            Type::Pack(s, lanes) => self.pack_compare(op, s, lanes, a, b),
            // Addresses are unsigned.
            Type::Ptr => self.scalar_compare(op, Scalar::U32, Operand::Value(a), Operand::Value(b)),
            ty => self.scalar_compare(op, element(ty)?, Operand::Value(a), Operand::Value(b)),
        }
    }

    pub(super) fn convert(&mut self, to: Scalar, a: ValueId) -> Result<(), String> {
        match self.ty(a) {
            Type::Pack(s, lanes) => self.pack_convert(s, to, lanes, a),
            ty => {
                self.get(a)?;
                self.convert_top(element(ty)?, to)
            }
        }
    }

    pub(super) fn bitcast(&mut self, to: Scalar, a: ValueId) -> Result<(), String> {
        match self.ty(a) {
            Type::Pack(s, lanes) => self.pack_bitcast(s, to, lanes, a),
            ty => {
                self.get(a)?;
                self.bitcast_top(element(ty)?, to);
                Ok(())
            }
        }
    }

    pub(super) fn select(&mut self, c: ValueId, a: ValueId, b: ValueId) -> Result<(), String> {
        match (self.ty(c), self.ty(a)) {
            (_, Type::Pack(s, lanes)) => self.pack_select(s, lanes, c, a, b),
            _ => {
                self.get(a)?;
                self.get(b)?;
                self.get(c)?;
                self.push(I::Select);
                Ok(())
            }
        }
    }

    pub(super) fn call_import(&mut self, import: Import, args: &[ValueId]) -> Result<(), String> {
        if import == Import::Raise {
            let token = self.layout.token_address().ok_or("the module has no token")?;
            self.data_address(token);
        }
        args.iter().try_for_each(|&v| self.get(v))?;
        self.push(I::Call(self.layout.import_index(import)?));
        Ok(())
    }

    pub(super) fn operand(&mut self, operand: Operand) -> Result<(), String> {
        match operand {
            Operand::Value(v) => self.get(v),
            Operand::Lane(v, lane) => self.lane(v, lane),
        }
    }

    /// `op a` on one scalar; leaves the result on the operand stack.
    pub(super) fn scalar_unary(&mut self, op: UnaryOp, s: Scalar, a: Operand) -> Result<(), String> {
        if s.is_float() {
            self.operand(a)?;
            return self.float_unary(op, s);
        }
        let wide = is_64(s);
        match op {
            UnaryOp::Not if s == Scalar::Bool => {
                self.operand(a)?;
                self.push(I::I32Eqz);
            }
            UnaryOp::Not => {
                self.operand(a)?;
                self.int(wide, -1);
                self.push(if wide { I::I64Xor } else { I::I32Xor });
                self.wrap(s);
            }
            UnaryOp::Neg => self.negated(s, a)?,
            UnaryOp::Abs => {
                self.read_again(a.value());
                self.read_again(a.value());
                self.operand(a)?;
                self.negated(s, a)?;
                self.operand(a)?;
                self.int(wide, 0);
                self.push(if wide { I::I64GeS } else { I::I32GeS });
                self.push(I::Select);
            }
            UnaryOp::Sqrt | UnaryOp::Floor | UnaryOp::Ceil | UnaryOp::Trunc | UnaryOp::Nearest => {
                return Err(format!("{} of {s}", op.name()));
            }
        }
        Ok(())
    }

    fn negated(&mut self, s: Scalar, a: Operand) -> Result<(), String> {
        self.int(is_64(s), 0);
        self.operand(a)?;
        self.push(if is_64(s) { I::I64Sub } else { I::I32Sub });
        self.wrap(s);
        Ok(())
    }

    /// `a op b` on two scalars; leaves the result on the operand stack.
    pub(super) fn scalar_binary(&mut self, op: BinaryOp, s: Scalar, a: Operand, b: Operand) -> Result<(), String> {
        if matches!(op, BinaryOp::Min | BinaryOp::Max) && !s.is_float() {
            let order = if op == BinaryOp::Min { CompareOp::Lt } else { CompareOp::Gt };
            self.read_again(a.value());
            self.read_again(b.value());
            self.operand(a)?;
            self.operand(b)?;
            self.scalar_compare(order, s, a, b)?;
            self.push(I::Select);
            return Ok(());
        }
        self.operand(a)?;
        self.operand(b)?;
        if s.is_float() {
            return self.float_binary(op, s);
        }
        self.push(integer_op(op, s).ok_or_else(|| format!("{} of {s} is not for wasm", op.name()))?);
        if matches!(op, BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Shl | BinaryOp::Div) {
            self.wrap(s);
        }
        Ok(())
    }

    /// `a op b` as 0 or 1 on the operand stack.
    pub(super) fn scalar_compare(&mut self, op: CompareOp, s: Scalar, a: Operand, b: Operand) -> Result<(), String> {
        self.operand(a)?;
        self.operand(b)?;
        self.push(if s.is_float() { super::math::compare(op, s) } else { integer_compare(op, s) });
        Ok(())
    }

    /// Makes a small integer on the operand stack fit its type again: cut, and extended by its signedness.
    pub(super) fn wrap(&mut self, s: Scalar) {
        match s {
            Scalar::I8 => self.push(I::I32Extend8S),
            Scalar::I16 => self.push(I::I32Extend16S),
            Scalar::U8 | Scalar::U16 => {
                self.push(I::I32Const(if s == Scalar::U8 { 0xff } else { 0xffff }));
                self.push(I::I32And);
            }
            Scalar::Bool | Scalar::I32 | Scalar::U32 | Scalar::I64 | Scalar::U64 | Scalar::F32 | Scalar::F64 => {}
        }
    }

    pub(super) fn int(&mut self, wide: bool, value: i32) {
        self.push(if wide { I::I64Const(i64::from(value)) } else { I::I32Const(value) });
    }
}

pub(super) fn element(ty: Type) -> Result<Scalar, String> {
    ty.as_scalar().ok_or_else(|| format!("{ty} is not a scalar"))
}

pub(super) fn integer_op(op: BinaryOp, s: Scalar) -> Option<I<'static>> {
    let signed = s.is_signed();
    Some(match (op, is_64(s)) {
        (BinaryOp::Add, false) => I::I32Add,
        (BinaryOp::Add, true) => I::I64Add,
        (BinaryOp::Sub, false) => I::I32Sub,
        (BinaryOp::Sub, true) => I::I64Sub,
        (BinaryOp::Mul, false) => I::I32Mul,
        (BinaryOp::Mul, true) => I::I64Mul,
        (BinaryOp::Div, false) if signed => I::I32DivS,
        (BinaryOp::Div, true) if signed => I::I64DivS,
        (BinaryOp::Div, false) => I::I32DivU,
        (BinaryOp::Div, true) => I::I64DivU,
        (BinaryOp::Rem, false) if signed => I::I32RemS,
        (BinaryOp::Rem, true) if signed => I::I64RemS,
        (BinaryOp::Rem, false) => I::I32RemU,
        (BinaryOp::Rem, true) => I::I64RemU,
        (BinaryOp::And, false) => I::I32And,
        (BinaryOp::And, true) => I::I64And,
        (BinaryOp::Or, false) => I::I32Or,
        (BinaryOp::Or, true) => I::I64Or,
        (BinaryOp::Xor, false) => I::I32Xor,
        (BinaryOp::Xor, true) => I::I64Xor,
        (BinaryOp::Shl, false) => I::I32Shl,
        (BinaryOp::Shl, true) => I::I64Shl,
        (BinaryOp::Shr, false) if signed => I::I32ShrS,
        (BinaryOp::Shr, true) if signed => I::I64ShrS,
        (BinaryOp::Shr, false) => I::I32ShrU,
        (BinaryOp::Shr, true) => I::I64ShrU,
        // Lowered before, or made of a comparison.
        (BinaryOp::FloorDiv | BinaryOp::FloorMod | BinaryOp::Min | BinaryOp::Max | BinaryOp::CopySign, _) => {
            return None;
        }
    })
}

pub(super) fn integer_compare(op: CompareOp, s: Scalar) -> I<'static> {
    let signed = s.kind() == Kind::Signed;
    match (op, is_64(s), signed) {
        (CompareOp::Eq, false, _) => I::I32Eq,
        (CompareOp::Eq, true, _) => I::I64Eq,
        (CompareOp::Ne, false, _) => I::I32Ne,
        (CompareOp::Ne, true, _) => I::I64Ne,
        (CompareOp::Lt, false, true) => I::I32LtS,
        (CompareOp::Lt, false, false) => I::I32LtU,
        (CompareOp::Lt, true, true) => I::I64LtS,
        (CompareOp::Lt, true, false) => I::I64LtU,
        (CompareOp::Le, false, true) => I::I32LeS,
        (CompareOp::Le, false, false) => I::I32LeU,
        (CompareOp::Le, true, true) => I::I64LeS,
        (CompareOp::Le, true, false) => I::I64LeU,
        (CompareOp::Gt, false, true) => I::I32GtS,
        (CompareOp::Gt, false, false) => I::I32GtU,
        (CompareOp::Gt, true, true) => I::I64GtS,
        (CompareOp::Gt, true, false) => I::I64GtU,
        (CompareOp::Ge, false, true) => I::I32GeS,
        (CompareOp::Ge, false, false) => I::I32GeU,
        (CompareOp::Ge, true, true) => I::I64GeS,
        (CompareOp::Ge, true, false) => I::I64GeU,
    }
}
