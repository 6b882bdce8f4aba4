//! Slots to results: a small program for each export says what to make of them.

use cranelift_codegen::ir::{InstBuilder, Value, types};
use cranelift_module::Linkage;

use super::buffers;
use super::code::{Code, Glue, Word};
use super::raise::{call_helper, return_null_if_null};
use crate::artifact::ResultType;
use crate::types::Scalar;
use crate::types::scalar::Kind;

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
/// The next words are a dtype's name and the rank.
const MAKE_ARRAY: i64 = 8;
/// The next slot says which: 0 for the Python scalar, whose program of one word follows, 1 for the NumPy scalar, whose
/// program of [`NUMPY_WORDS`] words stands behind that.
const MAKE_EITHER: i64 = 9;
const NUMPY_WORDS: i64 = 3;

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
        ResultType::Either { python, numpy } => {
            words.push(Word::Int(MAKE_EITHER));
            for flag in 0..2 {
                program(glue, &ResultType::chosen(*python, *numpy, flag), words)?;
            }
        }
        ResultType::Array(array) => {
            let dtype = glue.string(array.dtype.dtype_name())?;
            words.extend([Word::Int(MAKE_ARRAY), Word::Data(dtype), Word::Int(array.rank.into())]);
        }
        ResultType::Tuple(items) => {
            words.extend([Word::Int(MAKE_TUPLE), Word::Int(items.len() as i64)]);
            for item in items {
                program(glue, item, words)?;
            }
        }
    }
    Ok(())
}

/// Whether a result holds an array.
pub fn has_array(result: &ResultType) -> bool {
    match result {
        ResultType::None | ResultType::Scalar { .. } | ResultType::Either { .. } => false,
        ResultType::Array(_) => true,
        ResultType::Tuple(items) => items.iter().any(has_array),
    }
}

/// Where the program and the slots are, in the cursor that `build` moves on, and the buffers of the arguments.
pub const PROGRAM: u32 = 0;
pub const SLOTS: u32 = 8;
pub const OPENED: u32 = 16;
pub const BUFFERS: u32 = 24;
pub const CURSOR: u32 = 32;

pub fn define(glue: &mut Glue<'_>, arrays: bool) -> Result<(), String> {
    if arrays {
        buffers::define_array(glue)?;
    }
    define_build(glue, arrays)
}

/// `PyObject *build(cursor *cursor)`: the object that the program at the cursor makes of the slots; null with an
/// exception set.
fn define_build(glue: &mut Glue<'_>, arrays: bool) -> Result<(), String> {
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
        let is_either = c.is_int(op, MAKE_EITHER);
        c.guard(is_either, |c| either(c, cursor))?;
        if arrays {
            let is_array = c.is_int(op, MAKE_ARRAY);
            c.guard(is_array, |c| {
                let (dtype, rank) = (advance(c, cursor, PROGRAM), advance(c, cursor, PROGRAM));
                let slots = c.word(cursor, SLOTS);
                // The address, shape and strides, the owner.
                let bytes = c.b.ins().ishl_imm_u(rank, 4);
                let next = c.b.ins().iadd(slots, bytes);
                let next = c.add(next, 16);
                c.store(next, cursor, SLOTS);
                let made = c.call("glue.array", &[cursor, slots, dtype, rank])?;
                c.ret(made);
                Ok(())
            })?;
        }
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

/// Returns the scalar that the next slot says it is, the cursor behind both programs.
fn either(c: &mut Code<'_, '_>, cursor: Value) -> Result<(), String> {
    let flag = advance(c, cursor, SLOTS);
    let python = c.is_zero(flag);
    c.guard(python, |c| {
        let made = c.call("glue.build", &[cursor])?;
        let place = c.word(cursor, PROGRAM);
        let next = c.add(place, 8 * NUMPY_WORDS);
        c.store(next, cursor, PROGRAM);
        c.ret(made);
        Ok(())
    })?;
    advance(c, cursor, PROGRAM);
    let made = c.call("glue.build", &[cursor])?;
    c.ret(made);
    Ok(())
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
