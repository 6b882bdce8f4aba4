//! Arguments to slots. Exact types take the way written here; for any other the Python part gives
//! an object that does, or raises.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value, types};
use cranelift_module::Linkage;

use super::code::{Code, Glue, Word};
use super::raise::call_helper;
use crate::abi::descriptor::py_buffer;
use crate::artifact::{Param, ParamType};
use crate::types::scalar::Kind;
use crate::types::{Layout, Scalar};

/// Where an object's type is, in every CPython with the GIL; `methods` checks it at import.
pub const OBJECT_TYPE: u32 = 8;

/// How a parameter is converted: the first word of its record.
const FLOAT64: i64 = 0;
const FLOAT32: i64 = 1;
const INT: i64 = 2;
const BOOL: i64 = 3;
const POINTER: i64 = 4;
const ARRAY: i64 = 5;
const NONE: i64 = 6;

/// Words of a parameter's record, in bytes from its start.
const CODE: u32 = 0;
const LOW: u32 = 8;
const HIGH: u32 = 16;
const KIND: u32 = 24;
const SIZE: u32 = 32;
const REQUEST: u32 = 40;
const RANK: u32 = 48;
/// Where its slots begin, in bytes.
pub const SLOT: u32 = 56;
pub const RECORD: i64 = 64;

/// What a buffer's elements are, as [`KIND`] has it; 0 is anything.
fn kind_code(kind: Kind) -> i64 {
    match kind {
        Kind::Signed => 1,
        Kind::Unsigned => 2,
        Kind::Float => 3,
        Kind::Bool => 4,
    }
}

/// For every byte, the kind that it is as a format letter, or 0.
fn format_letters() -> Vec<u8> {
    let mut table = vec![0u8; 256];
    // Bytes and structures: something, for who takes anything. Not so the letters of pointers and objects.
    for letter in b"csT" {
        table[usize::from(*letter)] = 5;
    }
    for (letters, kind) in
        [("bhilqn", Kind::Signed), ("BHILQN", Kind::Unsigned), ("efdg", Kind::Float), ("?", Kind::Bool)]
    {
        for letter in letters.bytes() {
            table[usize::from(letter)] = kind_code(kind) as u8;
        }
    }
    table
}

/// A parameter's record; its slots are those from `slot` on.
pub fn record(param: &Param, slot: usize) -> [Word; RECORD as usize / 8] {
    let (words, rank): ([i64; 6], u8) = match param.ty {
        ParamType::Scalar(Scalar::F64) => ([FLOAT64, 0, 0, 0, 0, 0], 0),
        ParamType::Scalar(Scalar::F32) => ([FLOAT32, 0, 0, 0, 0, 0], 0),
        ParamType::Scalar(Scalar::Bool) => ([BOOL, 0, 0, 0, 0, 0], 0),
        ParamType::Scalar(s) => {
            let (low, high) = s.int_range().unwrap_or((0, 0));
            // What does not fit a signed word takes the Python way.
            ([INT, low as i64, high.min(i128::from(i64::MAX)) as i64, 0, 0, 0], 0)
        }
        ParamType::None => ([NONE, 0, 0, 0, 0, 0], 0),
        ParamType::Array(array) => {
            let order = match array.layout {
                Layout::C => py_buffer::REQUEST_C_CONTIGUOUS,
                Layout::F => py_buffer::REQUEST_F_CONTIGUOUS,
                Layout::Strided => py_buffer::REQUEST_STRIDES,
            };
            let (kind, size) = (kind_code(array.dtype.kind()), i64::from(array.dtype.bytes()));
            ([ARRAY, 0, 0, kind, size, i64::from(request(order, array.writable))], array.rank)
        }
        ParamType::Pointer { element, writable } => {
            let (kind, size) = element.map_or((0, 0), |s| (kind_code(s.kind()), i64::from(s.bytes())));
            ([POINTER, 0, 0, kind, size, i64::from(request(py_buffer::REQUEST_C_CONTIGUOUS, writable))], 0)
        }
    };
    let [code, low, high, kind, size, request] = words;
    [code, low, high, kind, size, request, rank.into(), 8 * slot as i64].map(Word::Int)
}

fn request(order: u32, writable: bool) -> u32 {
    py_buffer::REQUEST_FORMAT | order | if writable { py_buffer::REQUEST_WRITABLE } else { 0 }
}

pub fn define(glue: &mut Glue<'_>) -> Result<(), String> {
    define_matches(glue)?;
    define_exact(glue)?;
    define_convert(glue)
}

/// `int matches(const record *p, const Py_buffer *buffer)`: the buffer's elements are what the parameter points to.
fn define_matches(glue: &mut Glue<'_>) -> Result<(), String> {
    let letters = glue.data("glue.format_letters", &[], Some(format_letters()), false)?;
    glue.define("glue.matches", "pp", 'i', Linkage::Local, |c, args| {
        let (p, buffer) = (args[0], args[1]);
        let no = c.int32(0);
        let wanted = c.word(p, KIND);
        let format = c.word(buffer, py_buffer::FORMAT);
        let anything = c.is_zero(wanted);
        let bytes = c.is_zero(format);
        c.guard(bytes, |c| {
            let result = c.b.ins().uextend(types::I32, anything);
            c.ret(result);
            Ok(())
        })?;
        let (size, wanted_size) = (c.word(buffer, py_buffer::ITEMSIZE), c.word(p, SIZE));
        let other_size = c.compare(IntCC::NotEqual, size, wanted_size);
        let particular = c.is_zero(anything);
        let other_size = c.b.ins().band(other_size, particular);
        return_if(c, other_size, no)?;
        // A mark of native byte order may stand before the letter.
        let first = c.load(types::I8, format, 0);
        let mut marked = c.is_int(first, i64::from(b'<'));
        for mark in [b'=', b'@'] {
            let is_mark = c.is_int(first, i64::from(mark));
            marked = c.b.ins().bor(marked, is_mark);
        }
        let skipped = c.b.ins().uextend(types::I64, marked);
        let format = c.b.ins().iadd(format, skipped);
        let letter = c.load(types::I8, format, 0);
        let empty = c.is_zero(letter);
        return_if(c, empty, no)?;
        let next = c.load(types::I8, format, 1);
        let single = c.is_zero(next);
        let table = c.address(letters);
        let index = c.b.ins().uextend(types::I64, letter);
        let entry = c.b.ins().iadd(table, index);
        let kind = c.load(types::I8, entry, 0);
        let kind = c.b.ins().uextend(types::I64, kind);
        let same = c.compare(IntCC::Equal, kind, wanted);
        let exact = c.b.ins().band(single, same);
        let exact = c.b.ins().band(exact, particular);
        let known = c.b.ins().icmp_imm_s(IntCC::NotEqual, kind, 0);
        let loose = c.b.ins().band(known, anything);
        let result = c.b.ins().bor(exact, loose);
        let result = c.b.ins().uextend(types::I32, result);
        c.ret(result);
        Ok(())
    })
    .map(|_| ())
}

fn return_if(c: &mut Code<'_, '_>, condition: Value, result: Value) -> Result<(), String> {
    c.guard(condition, |c| {
        c.ret(result);
        Ok(())
    })
}

/// `int exact(const record *p, PyObject *o, long trusted, uint64_t *slot, Py_buffer *buffer)`: fills the slot from an
/// object of the exact type. 1 if the buffer was taken, 0 if not, -1 if the object is something else; `trusted`, what
/// the Python part made, is not checked again.
fn define_exact(glue: &mut Glue<'_>) -> Result<(), String> {
    glue.define("glue.exact", "ppppp", 'i', Linkage::Local, |c, args| {
        let &[p, o, trusted, slot, _] = args else { return Err("exact has five parameters".to_string()) };
        let class = c.word(o, OBJECT_TYPE);
        let code = c.word(p, CODE);
        exact_scalar(c, args, class, code)?;
        // A pointer or an array. Addresses are for the Python part to judge.
        let (done, other) = (c.int32(0), c.int32(-1));
        let address_type = c.variable("PyLong_Type")?;
        let is_address = c.compare(IntCC::Equal, class, address_type);
        let is_pointer = c.is_int(code, POINTER);
        let is_address = c.b.ins().band(is_address, is_pointer);
        c.guard(is_address, |c| {
            let untrusted = c.is_zero(trusted);
            return_if(c, untrusted, other)?;
            let address = c.call("PyLong_AsVoidPtr", &[o])?;
            c.store(address, slot, 0);
            c.ret(done);
            Ok(())
        })?;
        exact_buffer(c, args, code)
    })
    .map(|_| ())
}

/// The part of `exact` for numbers and None, which returns if the parameter is one.
fn exact_scalar(c: &mut Code<'_, '_>, args: &[Value], class: Value, code: Value) -> Result<(), String> {
    let &[p, o, trusted, slot, _] = args else { return Err("exact has five parameters".to_string()) };
    let (done, other) = (c.int32(0), c.int32(-1));
    let is_float = c.b.ins().icmp_imm_s(IntCC::SignedLessThanOrEqual, code, FLOAT32);
    c.guard(is_float, |c| {
        return_unless_type(c, class, "PyFloat_Type", other)?;
        let value = c.call("PyFloat_AsDouble", &[o])?;
        c.store(value, slot, 0);
        let narrow = c.is_int(code, FLOAT32);
        c.when(narrow, |c| {
            let value = c.b.ins().fdemote(types::F32, value);
            c.store(value, slot, 0);
            Ok(())
        })?;
        c.ret(done);
        Ok(())
    })?;
    let is_int = c.is_int(code, INT);
    c.guard(is_int, |c| {
        return_unless_type(c, class, "PyLong_Type", other)?;
        let overflow = c.stack(8);
        let value = c.call("PyLong_AsLongLongAndOverflow", &[o, overflow])?;
        let overflow = c.load(types::I32, overflow, 0);
        return_if(c, overflow, other)?;
        let (low, high) = (c.word(p, LOW), c.word(p, HIGH));
        let under = c.compare(IntCC::SignedLessThan, value, low);
        let over = c.compare(IntCC::SignedGreaterThan, value, high);
        let outside = c.b.ins().bor(under, over);
        let checked = c.is_zero(trusted);
        let refused = c.b.ins().band(outside, checked);
        return_if(c, refused, other)?;
        c.store(value, slot, 0);
        c.ret(done);
        Ok(())
    })?;
    let is_bool = c.is_int(code, BOOL);
    c.guard(is_bool, |c| {
        return_unless_type(c, class, "PyBool_Type", other)?;
        let truth = c.call("PyObject_IsTrue", &[o])?;
        let truth = c.b.ins().uextend(types::I64, truth);
        c.store(truth, slot, 0);
        c.ret(done);
        Ok(())
    })?;
    let is_none = c.is_int(code, NONE);
    c.guard(is_none, |c| {
        let none = c.variable("_Py_NoneStruct")?;
        let differs = c.compare(IntCC::NotEqual, o, none);
        return_if(c, differs, other)?;
        c.ret(done);
        Ok(())
    })?;
    Ok(())
}

/// The part of `exact` for objects with a buffer.
fn exact_buffer(c: &mut Code<'_, '_>, args: &[Value], code: Value) -> Result<(), String> {
    let &[p, o, trusted, slot, buffer] = args else { return Err("exact has five parameters".to_string()) };
    let (taken, other) = (c.int32(1), c.int32(-1));
    let request = c.load(types::I32, p, REQUEST);
    let failed = c.call("PyObject_GetBuffer", &[o, buffer, request])?;
    c.guard(failed, |c| {
        let untrusted = c.is_zero(trusted);
        c.when(untrusted, |c| c.call("PyErr_Clear", &[]).map(|_| ()))?;
        c.ret(other);
        Ok(())
    })?;
    let matches = c.call("glue.matches", &[p, buffer])?;
    let differs = c.is_zero(matches);
    // For a pointer the shape does not matter.
    let (rank, axes) = (c.word(p, RANK), c.load(types::I32, buffer, py_buffer::NDIM));
    let axes = c.b.ins().sextend(types::I64, axes);
    let is_array = c.is_int(code, ARRAY);
    let other_rank = c.compare(IntCC::NotEqual, rank, axes);
    let other_rank = c.b.ins().band(other_rank, is_array);
    let differs = c.b.ins().bor(differs, other_rank);
    let untrusted = c.is_zero(trusted);
    let refused = c.b.ins().band(differs, untrusted);
    c.guard(refused, |c| {
        c.call("PyBuffer_Release", &[buffer])?;
        c.ret(other);
        Ok(())
    })?;
    let data = c.word(buffer, py_buffer::BUF);
    c.store(data, slot, 0);
    let (shape, strides) = (c.word(buffer, py_buffer::SHAPE), c.word(buffer, py_buffer::STRIDES));
    c.each(rank, None, |c, i| {
        let (size, place) = (c.element(shape, i, 8), c.element(slot, i, 8));
        let size = c.word(size, 0);
        c.store(size, place, 8);
        let (stride, place) = (c.element(strides, i, 8), c.element(place, rank, 8));
        let stride = c.word(stride, 0);
        c.store(stride, place, 8);
        Ok(())
    })?;
    c.ret(taken);
    Ok(())
}

fn return_unless_type(c: &mut Code<'_, '_>, class: Value, wanted: &'static str, result: Value) -> Result<(), String> {
    let wanted = c.variable(wanted)?;
    let differs = c.compare(IntCC::NotEqual, class, wanted);
    return_if(c, differs, result)
}

/// `int convert(long export, long position, const record *p, PyObject *o, uint64_t *slot, Py_buffer *buffer, long
/// strict)`: as `exact`, for any object; -1 with an exception set. If `strict`, just as `exact`.
fn define_convert(glue: &mut Glue<'_>) -> Result<(), String> {
    glue.define("glue.convert", "ppppppp", 'i', Linkage::Local, |c, args| {
        let &[export, position, p, o, slot, buffer, strict] = args else {
            return Err("convert has seven parameters".to_string());
        };
        let untrusted = c.int(0);
        let result = c.call("glue.exact", &[p, o, untrusted, slot, buffer])?;
        let done = c.b.ins().icmp_imm_s(IntCC::SignedGreaterThanOrEqual, result, 0);
        return_if(c, done, result)?;
        return_if(c, strict, result)?;
        let made = call_helper(c, "convert", "LLO", &[export, position, o])?;
        let failed = c.is_zero(made);
        let failure = c.int32(-1);
        return_if(c, failed, failure)?;
        let trusted = c.int(1);
        let result = c.call("glue.exact", &[p, made, trusted, slot, buffer])?;
        c.call("Py_DecRef", &[made])?;
        c.ret(result);
        Ok(())
    })
    .map(|_| ())
}
