//! Addresses, loads and stores.

use wasm_encoder::{Instruction as I, MemArg};

use super::function::Emitter;
use super::layout::Layout;
use crate::abi;
use crate::ir::ValueId;
use crate::ir::op::Access;
use crate::types::Scalar;

impl Emitter<'_> {
    pub(super) fn load(&mut self, access: Access, base: ValueId, index: ValueId) -> Result<(), String> {
        let at = self.address(access, base, index)?;
        self.push(load_op(access.element, at));
        Ok(())
    }

    pub(super) fn store(&mut self, access: Access, base: ValueId, index: ValueId, v: ValueId) -> Result<(), String> {
        let at = self.address(access, base, index)?;
        self.get(v)?;
        self.push(store_op(access.element, at));
        Ok(())
    }

    /// Leaves an address on the operand stack; what is to be added to it is in the result.
    ///
    /// The instruction's own offset is added without wrapping, the IR's wraps. They agree for offsets up to the size of
    /// the null page: where the sum is a valid address, the part before the offset cannot have wrapped below zero.
    pub(super) fn address(&mut self, access: Access, base: ValueId, index: ValueId) -> Result<MemArg, String> {
        self.get(base)?;
        let mut constant = access.offset;
        match self.f.constant(index) {
            // Wrapping in 32 bits, as addresses do.
            Some(c) => constant = constant.wrapping_add((c.bits as i32).wrapping_mul(i32::from(access.scale))),
            None => {
                self.get(index)?;
                self.push(I::I32WrapI64);
                match access.scale {
                    1 => {}
                    scale if scale.is_power_of_two() => {
                        self.push(I::I32Const(scale.trailing_zeros() as i32));
                        self.push(I::I32Shl);
                    }
                    scale => {
                        self.push(I::I32Const(i32::from(scale)));
                        self.push(I::I32Mul);
                    }
                }
                self.push(I::I32Add);
            }
        }
        let offset = match u64::try_from(constant) {
            Ok(offset) if offset <= u64::from(abi::NULL_PAGE) => offset,
            _ => {
                self.push(I::I32Const(constant));
                self.push(I::I32Add);
                0
            }
        };
        // The alignment is a hint; elements need not be aligned.
        Ok(MemArg { offset, align: 0, memory_index: 0 })
    }

    /// A store, which no engine leaves out: while the host keeps the page closed, it traps.
    pub(super) fn poll(&mut self) {
        self.push(I::GlobalGet(self.layout.poll_page()));
        self.push(I::I32Const(0));
        self.push(I::I32Store(MemArg { offset: 0, align: 0, memory_index: 0 }));
    }

    pub(super) fn ptr_add(&mut self, base: ValueId, bytes: ValueId) -> Result<(), String> {
        self.get(base)?;
        match self.f.constant(bytes) {
            Some(c) => self.push(I::I32Const(c.bits as i32)),
            None => {
                self.get(bytes)?;
                self.push(I::I32WrapI64);
            }
        }
        self.push(I::I32Add);
        Ok(())
    }

    pub(super) fn ptr_to_int(&mut self, a: ValueId) -> Result<(), String> {
        self.get(a)?;
        self.push(I::I64ExtendI32U);
        Ok(())
    }

    pub(super) fn int_to_ptr(&mut self, a: ValueId) -> Result<(), String> {
        self.get(a)?;
        self.push(I::I32WrapI64);
        Ok(())
    }

    /// The address of constants at an offset as [`Layout::table`] gives it.
    pub(super) fn data_address(&mut self, offset: u32) {
        if !self.layout.is_relocatable() {
            self.push(I::I32Const(offset as i32));
            return;
        }
        self.push(I::GlobalGet(Layout::MEMORY_BASE));
        if offset != 0 {
            self.push(I::I32Const(offset as i32));
            self.push(I::I32Add);
        }
    }
}

pub(super) fn load_op(element: Scalar, at: MemArg) -> I<'static> {
    match element {
        Scalar::Bool | Scalar::U8 => I::I32Load8U(at),
        Scalar::I8 => I::I32Load8S(at),
        Scalar::U16 => I::I32Load16U(at),
        Scalar::I16 => I::I32Load16S(at),
        Scalar::I32 | Scalar::U32 => I::I32Load(at),
        Scalar::I64 | Scalar::U64 => I::I64Load(at),
        Scalar::F32 => I::F32Load(at),
        Scalar::F64 => I::F64Load(at),
    }
}

pub(super) fn store_op(element: Scalar, at: MemArg) -> I<'static> {
    match element {
        Scalar::Bool | Scalar::I8 | Scalar::U8 => I::I32Store8(at),
        Scalar::I16 | Scalar::U16 => I::I32Store16(at),
        Scalar::I32 | Scalar::U32 => I::I32Store(at),
        Scalar::I64 | Scalar::U64 => I::I64Store(at),
        Scalar::F32 => I::F32Store(at),
        Scalar::F64 => I::F64Store(at),
    }
}
