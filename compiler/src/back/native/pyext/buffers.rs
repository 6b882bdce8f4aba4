//! Memory that kernels allocate, and arrays made of it: [`Import::BufferAlloc`] and its like on CPython's raw allocator,
//! with a reference count before the bytes.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{AtomicRmwOp, InstBuilder, MemFlagsData, types};
use cranelift_module::Linkage;

use super::build::{BUFFERS, OPENED};
use super::code::{Glue, Word};
use super::raise::{call_helper, return_null_if_null};
use crate::abi::descriptor::py_buffer;
use crate::abi::imports::Import;

/// Bytes before a buffer's own, the reference count first; the allocator aligns to as many.
const HEADER: i64 = 16;

/// No buffer is larger, so that sums of sizes stay in range.
const LARGEST: i64 = 1 << 47;

/// The name of capsules that own a buffer.
const CAPSULE: &str = "gelcap.buffer";

pub fn define(glue: &mut Glue<'_>) -> Result<(), String> {
    glue.define(Import::BufferAlloc.symbol(), "p", 'p', Linkage::Local, |c, args| {
        let (null, largest) = (c.int(0), c.int(LARGEST));
        let impossible = c.compare(IntCC::UnsignedGreaterThan, args[0], largest);
        c.guard(impossible, |c| {
            c.ret(null);
            Ok(())
        })?;
        let (one, size) = (c.int(1), c.add(args[0], HEADER));
        let memory = c.call("PyMem_RawCalloc", &[one, size])?;
        return_null_if_null(c, memory)?;
        c.store(one, memory, 0);
        let bytes = c.add(memory, HEADER);
        c.ret(bytes);
        Ok(())
    })?;
    glue.define(Import::BufferRetain.symbol(), "p", 'v', Linkage::Local, |c, args| {
        let (count, one) = (c.add(args[0], -HEADER), c.int(1));
        c.b.ins().atomic_rmw(types::I64, flags(), AtomicRmwOp::Add, count, one);
        c.ret_nothing();
        Ok(())
    })?;
    glue.define(Import::BufferRelease.symbol(), "p", 'v', Linkage::Local, |c, args| {
        let (count, one) = (c.add(args[0], -HEADER), c.int(1));
        let before = c.b.ins().atomic_rmw(types::I64, flags(), AtomicRmwOp::Sub, count, one);
        let last = c.is_int(before, 1);
        c.when(last, |c| c.call("PyMem_RawFree", &[count]).map(|_| ()))?;
        c.ret_nothing();
        Ok(())
    })
    .map(|_| ())
}

fn flags() -> MemFlagsData {
    MemFlagsData::new().with_notrap()
}

/// `PyObject *array(const cursor *cursor, const uint64_t *slots, const char *dtype, long rank)`: the NumPy array that
/// the slots describe; null with an exception set. It owns its memory by a capsule, or keeps an argument alive.
pub fn define_array(glue: &mut Glue<'_>) -> Result<(), String> {
    let destroy = glue.define("glue.destroy_buffer", "p", 'v', Linkage::Local, |c, args| {
        let name = c.text(CAPSULE)?;
        let buffer = c.call("PyCapsule_GetPointer", &[args[0], name])?;
        c.call(Import::BufferRelease.symbol(), &[buffer])?;
        c.ret_nothing();
        Ok(())
    })?;
    let destructor = glue.data("glue.destructor", &[Word::Function(destroy)], None, false)?;
    glue.define("glue.array", "pppp", 'p', Linkage::Local, |c, args| {
        let &[cursor, slots, dtype, rank] = args else { return Err("array has four parameters".to_string()) };
        let count = c.b.ins().ishl_imm_u(rank, 1);
        let count = c.add(count, 1);
        let words = c.call("PyTuple_New", &[count])?;
        return_null_if_null(c, words)?;
        c.each(count, None, |c, i| {
            let place = c.element(slots, i, 8);
            let word = c.word(place, 0);
            let word = c.call("PyLong_FromLongLong", &[word])?;
            c.call("PyTuple_SetItem", &[words, i, word])?;
            Ok(())
        })?;
        let place = c.element(slots, count, 8);
        let owner = c.word(place, 0);
        let (held, null) = (c.var(types::I64), c.int(0));
        c.b.def_var(held, null);
        c.when(owner, |c| {
            let name = c.text(CAPSULE)?;
            let destructor = c.address(destructor);
            let destructor = c.word(destructor, 0);
            let capsule = c.call("PyCapsule_New", &[owner, name, destructor])?;
            c.b.def_var(held, capsule);
            Ok(())
        })?;
        let borrowed = c.is_zero(owner);
        c.when(borrowed, |c| {
            let (opened, buffers) = (c.word(cursor, OPENED), c.word(cursor, BUFFERS));
            let objects = c.call("PyTuple_New", &[opened])?;
            c.b.def_var(held, objects);
            let count = c.b.ins().select(objects, opened, null);
            c.each(count, None, |c, i| {
                let buffer = c.element(buffers, i, i64::from(py_buffer::SIZE));
                let object = c.word(buffer, py_buffer::OBJ);
                c.call("Py_IncRef", &[object])?;
                c.call("PyTuple_SetItem", &[objects, i, object])?;
                Ok(())
            })
        })?;
        let held = c.b.use_var(held);
        let (result, null) = (c.var(types::I64), c.int(0));
        c.b.def_var(result, null);
        c.when(held, |c| {
            let made = call_helper(c, "array", "sOO", &[dtype, words, held])?;
            c.b.def_var(result, made);
            c.call("Py_DecRef", &[held])?;
            Ok(())
        })?;
        c.call("Py_DecRef", &[words])?;
        let result = c.b.use_var(result);
        c.ret(result);
        Ok(())
    })
    .map(|_| ())
}
