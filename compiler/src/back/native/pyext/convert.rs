//! Arguments to slots, slots to results. Exact types take the way written here; for any other the Python part gives
//! an object that does, or raises.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value, types};
use cranelift_module::Linkage;

use super::code::{Code, Glue, Word};
use super::raise::{call_helper, return_null_if_null};
use crate::abi::descriptor::py_buffer;
use crate::artifact::{Param, ParamType, ResultType};
use crate::types::Scalar;
use crate::types::scalar::Kind;

/// Where an object's type is, in every CPython with the GIL; `methods` checks it at import.
pub const OBJECT_TYPE: u32 = 8;

/// How a parameter is converted: the first word of its record.
const FLOAT64: i64 = 0;
const FLOAT32: i64 = 1;
const INT: i64 = 2;
const BOOL: i64 = 3;
const POINTER: i64 = 4;

/// Words of a parameter's record, in bytes from its start.
const CODE: u32 = 0;
const LOW: u32 = 8;
const HIGH: u32 = 16;
const KIND: u32 = 24;
const SIZE: u32 = 32;
const REQUEST: u32 = 40;
pub const RECORD: i64 = 48;

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

/// A parameter's record.
pub fn record(param: &Param) -> [Word; RECORD as usize / 8] {
    let words: [i64; 6] = match param.ty {
        ParamType::Scalar(Scalar::F64) => [FLOAT64, 0, 0, 0, 0, 0],
        ParamType::Scalar(Scalar::F32) => [FLOAT32, 0, 0, 0, 0, 0],
        ParamType::Scalar(Scalar::Bool) => [BOOL, 0, 0, 0, 0, 0],
        ParamType::Scalar(s) => {
            let (low, high) = s.int_range().unwrap_or((0, 0));
            // What does not fit a signed word takes the Python way.
            [INT, low as i64, high.min(i128::from(i64::MAX)) as i64, 0, 0, 0]
        }
        // `emit` refuses them.
        ParamType::Array(_) | ParamType::None => [0; 6],
        ParamType::Pointer { element, writable } => {
            let write = if writable { py_buffer::REQUEST_WRITABLE } else { 0 };
            let request = py_buffer::REQUEST_FORMAT | py_buffer::REQUEST_C_CONTIGUOUS | write;
            let (kind, size) = element.map_or((0, 0), |s| (kind_code(s.kind()), i64::from(s.bytes())));
            [POINTER, 0, 0, kind, size, i64::from(request)]
        }
    };
    words.map(Word::Int)
}

pub fn define(glue: &mut Glue<'_>) -> Result<(), String> {
    define_matches(glue)?;
    define_exact(glue)?;
    define_convert(glue)?;
    define_build(glue)
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
        let &[p, o, trusted, slot, buffer] = args else { return Err("exact has five parameters".to_string()) };
        let class = c.word(o, OBJECT_TYPE);
        let code = c.word(p, CODE);
        let (done, taken, other) = (c.int32(0), c.int32(1), c.int32(-1));
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
        // A pointer. Addresses are for the Python part to judge.
        let address_type = c.variable("PyLong_Type")?;
        let is_address = c.compare(IntCC::Equal, class, address_type);
        c.guard(is_address, |c| {
            let untrusted = c.is_zero(trusted);
            return_if(c, untrusted, other)?;
            let address = c.call("PyLong_AsVoidPtr", &[o])?;
            c.store(address, slot, 0);
            c.ret(done);
            Ok(())
        })?;
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
        let untrusted = c.is_zero(trusted);
        let refused = c.b.ins().band(differs, untrusted);
        c.guard(refused, |c| {
            c.call("PyBuffer_Release", &[buffer])?;
            c.ret(other);
            Ok(())
        })?;
        let data = c.word(buffer, py_buffer::BUF);
        c.store(data, slot, 0);
        c.ret(taken);
        Ok(())
    })
    .map(|_| ())
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

/// What a result is made by: the first words of its program, in the order of the slots.
const MAKE_NONE: i64 = 0;
const MAKE_SIGNED: i64 = 1;
const MAKE_UNSIGNED: i64 = 2;
const MAKE_BOOL: i64 = 3;
const MAKE_FLOAT64: i64 = 4;
const MAKE_FLOAT32: i64 = 5;
/// The next word is the number of items, whose programs follow.
const MAKE_TUPLE: i64 = 6;
/// The next word is a dtype's name; then the program of the Python scalar follows.
const MAKE_NUMPY: i64 = 7;

/// The program that makes a result.
pub fn program(glue: &mut Glue<'_>, result: &ResultType, words: &mut Vec<Word>) -> Result<(), String> {
    match result {
        ResultType::None => words.push(Word::Int(MAKE_NONE)),
        ResultType::Scalar { scalar, numpy } => {
            if *numpy {
                words.extend([Word::Int(MAKE_NUMPY), Word::Data(glue.string(scalar.dtype_name())?)]);
            }
            words.push(Word::Int(match scalar.kind() {
                Kind::Bool => MAKE_BOOL,
                Kind::Signed => MAKE_SIGNED,
                Kind::Unsigned => MAKE_UNSIGNED,
                Kind::Float if *scalar == Scalar::F32 => MAKE_FLOAT32,
                Kind::Float => MAKE_FLOAT64,
            }));
        }
        ResultType::Array(_) => return Err(super::NO_ARRAYS.to_string()),
        ResultType::Tuple(items) => {
            words.extend([Word::Int(MAKE_TUPLE), Word::Int(items.len() as i64)]);
            for item in items {
                program(glue, item, words)?;
            }
        }
    }
    Ok(())
}

/// Where the program and the slots are, in the cursor that `build` moves on.
const PROGRAM: u32 = 0;
const SLOTS: u32 = 8;
pub const CURSOR: u32 = 16;

/// `PyObject *build(cursor *cursor)`: the object that the program at the cursor makes of the slots; null with an
/// exception set.
fn define_build(glue: &mut Glue<'_>) -> Result<(), String> {
    glue.define("glue.build", "p", 'p', Linkage::Local, |c, args| {
        let cursor = args[0];
        let op = advance(c, cursor, PROGRAM);
        let is_none = c.is_int(op, MAKE_NONE);
        c.guard(is_none, |c| {
            let none = c.variable("_Py_NoneStruct")?;
            c.call("Py_IncRef", &[none])?;
            c.ret(none);
            Ok(())
        })?;
        for (code, function) in [
            (MAKE_SIGNED, "PyLong_FromLongLong"),
            (MAKE_UNSIGNED, "PyLong_FromUnsignedLongLong"),
            (MAKE_BOOL, "PyBool_FromLong"),
        ] {
            make(c, cursor, op, code, |c, slot| c.call(function, &[slot]))?;
        }
        make(c, cursor, op, MAKE_FLOAT64, |c, slot| {
            let value = c.b.ins().bitcast(types::F64, cranelift_codegen::ir::MemFlagsData::new(), slot);
            c.call("PyFloat_FromDouble", &[value])
        })?;
        make(c, cursor, op, MAKE_FLOAT32, |c, slot| {
            let bits = c.b.ins().ireduce(types::I32, slot);
            let value = c.b.ins().bitcast(types::F32, cranelift_codegen::ir::MemFlagsData::new(), bits);
            let value = c.b.ins().fpromote(types::F64, value);
            c.call("PyFloat_FromDouble", &[value])
        })?;
        let is_numpy = c.is_int(op, MAKE_NUMPY);
        c.guard(is_numpy, |c| {
            let dtype = advance(c, cursor, PROGRAM);
            let plain = c.call("glue.build", &[cursor])?;
            return_null_if_null(c, plain)?;
            let result = call_helper(c, "numpy_scalar", "sO", &[dtype, plain])?;
            c.call("Py_DecRef", &[plain])?;
            c.ret(result);
            Ok(())
        })?;
        let count = advance(c, cursor, PROGRAM);
        let tuple = c.call("PyTuple_New", &[count])?;
        return_null_if_null(c, tuple)?;
        c.each(count, None, |c, i| {
            let item = c.call("glue.build", &[cursor])?;
            let failed = c.is_zero(item);
            c.guard(failed, |c| {
                c.call("Py_DecRef", &[tuple])?;
                c.ret(item);
                Ok(())
            })?;
            c.call("PyTuple_SetItem", &[tuple, i, item])?;
            Ok(())
        })?;
        c.ret(tuple);
        Ok(())
    })
    .map(|_| ())
}

/// Where `op` is `code`, returns the object that `object` makes of the next slot.
fn make(
    c: &mut Code<'_, '_>,
    cursor: Value,
    op: Value,
    code: i64,
    object: impl FnOnce(&mut Code<'_, '_>, Value) -> Result<Value, String>,
) -> Result<(), String> {
    let is_this = c.is_int(op, code);
    let (inside, after) = (c.b.create_block(), c.b.create_block());
    c.b.ins().brif(is_this, inside, &[], after, &[]);
    c.b.switch_to_block(inside);
    let slot = advance(c, cursor, SLOTS);
    let made = object(c, slot)?;
    c.ret(made);
    c.b.switch_to_block(after);
    Ok(())
}

/// The word that a pointer of the cursor points to; the pointer moves on.
fn advance(c: &mut Code<'_, '_>, cursor: Value, field: u32) -> Value {
    let place = c.word(cursor, field);
    let word = c.word(place, 0);
    let next = c.add(place, 8);
    c.store(next, cursor, field);
    word
}
