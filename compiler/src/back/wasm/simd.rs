//! Packs: simd128 where a pack fills a `v128` and the instruction exists ([`super::lanes`]), else lane by lane.

use wasm_encoder::Instruction as I;

use super::function::Emitter;
use super::lanes;
use super::memory::{load_op, store_op};
use super::ops::{Operand, is_64};
use super::types::{Shape, scalar, vector};
use crate::ir::op::{Access, BinaryOp, CompareOp, LaneReduce, UnaryOp, VectorOp};
use crate::ir::{InstId, Op, Type, ValueId};
use crate::types::Scalar;

impl Emitter<'_> {
    pub(super) fn vector(&mut self, op: VectorOp, id: InstId) -> Result<(), String> {
        let inst = &self.f.insts[id];
        let args = &inst.args[..];
        match op {
            VectorOp::PackSplat(n) => {
                let s = super::ops::element(self.ty(args[0]))?;
                let v = args[0];
                (1..n).for_each(|_| self.read_again(v));
                self.build(s, n, |em, _| em.get(v))
            }
            VectorOp::PackLoad(access, n) => self.pack_load(access, n, args[0], args[1]),
            VectorOp::PackStore(access) => self.pack_store(access, args[0], args[1], args[2]),
            VectorOp::Extract(k) => self.lane(args[0], k),
            VectorOp::Insert(k) => self.insert(args[0], k, args[1]),
            VectorOp::Any => self.mask_test(args[0], LaneReduce::Or),
            VectorOp::All => self.mask_test(args[0], LaneReduce::And),
            VectorOp::Reduce(reduce) => self.reduce(args[0], reduce),
            VectorOp::LaneCount
            | VectorOp::LaneIndex
            | VectorOp::Splat
            | VectorOp::Load(_)
            | VectorOp::Store(_)
            | VectorOp::Gather(_)
            | VectorOp::Scatter(_)
            | VectorOp::Lanes => Err(format!("{op:?} does not exist at Machine level")),
        }
    }

    /// Pushes one lane of a pack as a scalar.
    pub(super) fn lane(&mut self, v: ValueId, lane: u8) -> Result<(), String> {
        let Type::Pack(s, n) = self.ty(v) else { return Err(format!("{} has no lanes", self.ty(v))) };
        let Some(shape) = vector(s, n) else { return self.get_part(v, usize::from(lane)) };
        self.get(v)?;
        self.push(lanes::extract(shape, s.is_signed(), lane));
        if s == Scalar::Bool {
            // From all ones to 1.
            let wide = shape == Shape::I64x2;
            self.int(wide, 0);
            self.push(if wide { I::I64Ne } else { I::I32Ne });
        }
        Ok(())
    }

    /// Leaves a pack on the operand stack, each lane made by `lane`, which pushes a scalar.
    fn build(
        &mut self,
        s: Scalar,
        n: u8,
        mut lane: impl FnMut(&mut Self, u8) -> Result<(), String>,
    ) -> Result<(), String> {
        let shape = vector(s, n);
        for k in 0..n {
            lane(self, k)?;
            if let Some(shape) = shape {
                self.widen_to_lane(s, shape);
                self.push(if k == 0 { lanes::splat(shape) } else { lanes::replace(shape, k) });
            }
        }
        Ok(())
    }

    /// Makes a scalar on the operand stack what a lane of the shape holds.
    fn widen_to_lane(&mut self, s: Scalar, shape: Shape) {
        if s != Scalar::Bool {
            return;
        }
        // From 1 to all ones: 0 and 1 become 1 and 0, less 1.
        self.push(I::I32Eqz);
        if shape == Shape::I64x2 {
            self.push(I::I64ExtendI32U);
        }
        self.int(shape == Shape::I64x2, 1);
        self.push(if shape == Shape::I64x2 { I::I64Sub } else { I::I32Sub });
    }

    /// Builds a pack from scalar code over the lanes of `operands`.
    fn lane_by_lane(
        &mut self,
        s: Scalar,
        n: u8,
        operands: &[ValueId],
        mut lane: impl FnMut(&mut Self, u8) -> Result<(), String>,
    ) -> Result<(), String> {
        for &v in operands {
            (1..n).for_each(|_| self.read_again(v));
        }
        self.build(s, n, |em, k| lane(em, k))
    }

    pub(super) fn pack_unary(&mut self, op: UnaryOp, s: Scalar, n: u8, a: ValueId) -> Result<(), String> {
        match vector(s, n).and_then(|shape| lanes::unary(op, shape)) {
            Some(instruction) => {
                self.get(a)?;
                self.push(instruction);
                Ok(())
            }
            None => self.lane_by_lane(s, n, &[a], |em, k| em.scalar_unary(op, s, Operand::Lane(a, k))),
        }
    }

    pub(super) fn pack_binary(&mut self, op: BinaryOp, s: Scalar, n: u8, a: ValueId, b: ValueId) -> Result<(), String> {
        let shape = vector(s, n);
        if let (Some(shape), BinaryOp::CopySign) = (shape, op) {
            // The bits of `a` below the sign, the sign of `b`.
            self.get(a)?;
            self.get(b)?;
            self.push(I::V128Const(match shape {
                Shape::F32x4 => i128::from_le_bytes([0xff, 0xff, 0xff, 0x7f].repeat(4).try_into().unwrap_or_default()),
                _ => (i128::from(i64::MAX) << 64) | i128::from(i64::MAX),
            }));
            self.push(I::V128Bitselect);
            return Ok(());
        }
        if let (Some(shape), BinaryOp::Shl | BinaryOp::Shr, Some(count)) = (shape, op, self.splatted(b)) {
            self.get(a)?;
            self.read_again(count);
            self.get(count)?;
            if is_64(s) {
                self.push(I::I32WrapI64);
            }
            self.push(lanes::shift(op == BinaryOp::Shl, shape, s.is_signed()));
            return Ok(());
        }
        match shape.and_then(|shape| lanes::binary(op, shape, s.is_signed())) {
            Some(instruction) => {
                self.get(a)?;
                self.get(b)?;
                self.push(instruction);
                Ok(())
            }
            None => self
                .lane_by_lane(s, n, &[a, b], |em, k| em.scalar_binary(op, s, Operand::Lane(a, k), Operand::Lane(b, k))),
        }
    }

    /// The scalar that a pack is copies of.
    fn splatted(&self, v: ValueId) -> Option<ValueId> {
        let inst = &self.f.insts[self.f.def_inst(v)?];
        matches!(inst.op, Op::Vector(VectorOp::PackSplat(_))).then(|| inst.args[0])
    }

    pub(super) fn pack_compare(
        &mut self,
        op: CompareOp,
        s: Scalar,
        n: u8,
        a: ValueId,
        b: ValueId,
    ) -> Result<(), String> {
        match vector(s, n).and_then(|shape| lanes::compare(op, shape, s)) {
            Some(instruction) => {
                self.get(a)?;
                self.get(b)?;
                self.push(instruction);
                Ok(())
            }
            None => self.lane_by_lane(Scalar::Bool, n, &[a, b], |em, k| {
                em.scalar_compare(op, s, Operand::Lane(a, k), Operand::Lane(b, k))
            }),
        }
    }

    pub(super) fn pack_select(&mut self, s: Scalar, n: u8, c: ValueId, a: ValueId, b: ValueId) -> Result<(), String> {
        let by_mask = matches!(self.ty(c), Type::Pack(..));
        let mask_fits = by_mask && vector(Scalar::Bool, n).is_some();
        if vector(s, n).is_some() && (mask_fits || !by_mask) {
            self.get(a)?;
            self.get(b)?;
            self.get(c)?;
            self.push(if by_mask { I::V128Bitselect } else { I::Select });
            return Ok(());
        }
        self.lane_by_lane(s, n, &[c, a, b], |em, k| {
            em.lane(a, k)?;
            em.lane(b, k)?;
            if by_mask {
                em.lane(c, k)?
            } else {
                em.get(c)?
            }
            em.push(I::Select);
            Ok(())
        })
    }

    pub(super) fn pack_convert(&mut self, from: Scalar, to: Scalar, n: u8, a: ValueId) -> Result<(), String> {
        match lanes::convert(from, to).filter(|_| n == 4) {
            Some(instruction) => {
                self.get(a)?;
                self.push(instruction);
                Ok(())
            }
            None => self.lane_by_lane(to, n, &[a], |em, k| {
                em.lane(a, k)?;
                em.convert_top(from, to)
            }),
        }
    }

    pub(super) fn pack_bitcast(&mut self, from: Scalar, to: Scalar, n: u8, a: ValueId) -> Result<(), String> {
        if vector(from, n).is_some() {
            return self.get(a);
        }
        self.lane_by_lane(to, n, &[a], |em, k| {
            em.lane(a, k)?;
            em.bitcast_top(from, to);
            Ok(())
        })
    }

    fn pack_load(&mut self, access: Access, n: u8, base: ValueId, index: ValueId) -> Result<(), String> {
        let s = access.element;
        if vector(s, n).is_some() && s != Scalar::Bool && u32::from(access.scale) == s.bytes() {
            let at = self.address(access, base, index)?;
            self.push(I::V128Load(at));
            return Ok(());
        }
        self.lane_by_lane(s, n, &[base, index], |em, k| {
            let at = em.address(lane_access(access, k), base, index)?;
            em.push(load_op(s, at));
            Ok(())
        })
    }

    fn pack_store(&mut self, access: Access, base: ValueId, index: ValueId, v: ValueId) -> Result<(), String> {
        let Type::Pack(s, n) = self.ty(v) else { return Err(format!("{} is no pack", self.ty(v))) };
        if vector(s, n).is_some() && s != Scalar::Bool && u32::from(access.scale) == s.bytes() {
            let at = self.address(access, base, index)?;
            self.get(v)?;
            self.push(I::V128Store(at));
            return Ok(());
        }
        for operand in [base, index, v] {
            (1..n).for_each(|_| self.read_again(operand));
        }
        for k in 0..n {
            let at = self.address(lane_access(access, k), base, index)?;
            self.lane(v, k)?;
            self.push(store_op(s, at));
        }
        Ok(())
    }

    fn insert(&mut self, p: ValueId, lane: u8, v: ValueId) -> Result<(), String> {
        let Type::Pack(s, n) = self.ty(p) else { return Err(format!("{} has no lanes", self.ty(p))) };
        match vector(s, n) {
            Some(shape) => {
                self.get(p)?;
                self.get(v)?;
                self.widen_to_lane(s, shape);
                self.push(lanes::replace(shape, lane));
                Ok(())
            }
            None => (0..n).try_for_each(|k| if k == lane { self.get(v) } else { self.lane(p, k) }),
        }
    }

    fn mask_test(&mut self, mask: ValueId, reduce: LaneReduce) -> Result<(), String> {
        let Type::Pack(Scalar::Bool, n) = self.ty(mask) else { return Err(format!("{} is no mask", self.ty(mask))) };
        match (vector(Scalar::Bool, n), reduce) {
            (Some(_), LaneReduce::Or) => {
                self.get(mask)?;
                self.push(I::V128AnyTrue);
                Ok(())
            }
            (Some(shape), LaneReduce::And) => {
                self.get(mask)?;
                self.push(lanes::all_true(shape));
                Ok(())
            }
            (None, _) | (Some(_), _) => self.reduce(mask, reduce),
        }
    }

    /// Combines the lanes in order.
    fn reduce(&mut self, v: ValueId, reduce: LaneReduce) -> Result<(), String> {
        let Type::Pack(s, n) = self.ty(v) else { return Err(format!("{} has no lanes", self.ty(v))) };
        (1..n).for_each(|_| self.read_again(v));
        let (total, next) = (self.local(scalar(s))?, self.local(scalar(s))?);
        self.lane(v, 0)?;
        for k in 1..n {
            self.push(I::LocalSet(total));
            self.lane(v, k)?;
            self.push(I::LocalSet(next));
            self.combine(reduce, s, total, next)?;
        }
        Ok(())
    }

    fn combine(&mut self, reduce: LaneReduce, s: Scalar, total: u32, next: u32) -> Result<(), String> {
        self.push(I::LocalGet(total));
        self.push(I::LocalGet(next));
        match reduce {
            LaneReduce::Min | LaneReduce::Max => {
                let order = if reduce == LaneReduce::Min { CompareOp::Lt } else { CompareOp::Gt };
                self.push(I::LocalGet(total));
                self.push(I::LocalGet(next));
                self.push(super::ops::integer_compare(order, s));
                self.push(I::Select);
            }
            LaneReduce::Add | LaneReduce::Mul | LaneReduce::And | LaneReduce::Or | LaneReduce::Xor => {
                let op = super::ops::integer_op(reduce.binary(), s);
                self.push(op.ok_or_else(|| format!("lanes of {s} cannot be combined"))?);
                self.wrap(s);
            }
        }
        Ok(())
    }
}

/// The access of one lane: the element that many indices further.
fn lane_access(access: Access, lane: u8) -> Access {
    let further = i32::from(access.scale) * i32::from(lane);
    Access { offset: access.offset.wrapping_add(further), ..access }
}
