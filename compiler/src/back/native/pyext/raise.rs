//! Failures become exceptions: after a packed call that raised, and inside a C callback.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value, types};
use cranelift_module::Linkage;

use super::Needs;
use super::code::{Code, Glue, Word};
use crate::abi::imports::Import;

/// `Py_file_input`
const FILE_INPUT: i32 = 257;

/// Bytes that stay free below the stack limit; a quarter of a small stack.
const RESERVE: i64 = 64 << 10;

/// No system's `pthread_attr_t` is larger.
const THREAD_ATTRIBUTES: u32 = 64;

pub fn define(glue: &mut Glue<'_>, support: &str, needs: Needs) -> Result<(), String> {
    define_helper(glue, support)?;
    define_set_error(glue)?;
    if needs.raise {
        define_raise(glue)?;
    }
    if needs.stack_limit {
        define_stack_limit(glue)?;
    }
    Ok(())
}

/// `PyObject *helper(const char *name)`: a function of the Python part, borrowed; null with an exception set.
fn define_helper(glue: &mut Glue<'_>, support: &str) -> Result<(), String> {
    glue.declare("glue.start", "", 'p', Linkage::Local)?;
    let namespace = glue.data("glue.namespace", &[Word::Int(0)], None, true)?;
    glue.define("glue.helper", "p", 'p', Linkage::Local, |c, args| {
        let place = c.address(namespace);
        let known = c.word(place, 0);
        let missing = c.is_zero(known);
        c.when(missing, |c| {
            let made = c.call("glue.start", &[])?;
            c.store(made, place, 0);
            Ok(())
        })?;
        let namespace = c.word(place, 0);
        let missing = c.is_zero(namespace);
        c.guard(missing, |c| {
            c.ret(namespace);
            Ok(())
        })?;
        let function = c.call("PyDict_GetItemString", &[namespace, args[0]])?;
        c.ret(function);
        Ok(())
    })
    .map(|_| ())?;
    let support = glue.string(support)?;
    // PyObject *start(void): runs the Python part; its namespace, or null with an exception set.
    glue.define("glue.start", "", 'p', Linkage::Local, |c, _| {
        let source = c.address(support);
        let name = c.text("<gelcap>")?;
        let mode = c.int32(FILE_INPUT);
        let code = c.call("Py_CompileString", &[source, name, mode])?;
        return_null_if_null(c, code)?;
        let namespace = c.call("PyDict_New", &[])?;
        return_null_if_null(c, namespace)?;
        let builtins = c.call("PyEval_GetBuiltins", &[])?;
        let key = c.text("__builtins__")?;
        c.call("PyDict_SetItemString", &[namespace, key, builtins])?;
        let result = c.call("PyEval_EvalCode", &[code, namespace, namespace])?;
        c.call("Py_DecRef", &[code])?;
        return_null_if_null(c, result)?;
        c.call("Py_DecRef", &[result])?;
        c.ret(namespace);
        Ok(())
    })
    .map(|_| ())
}

/// Returns null where a call gave null: its exception is set.
pub fn return_null_if_null(c: &mut Code<'_, '_>, value: Value) -> Result<(), String> {
    let null = c.is_zero(value);
    c.guard(null, |c| {
        c.ret(value);
        Ok(())
    })
}

/// Calls a function of the Python part with up to five values, as `format` says. Null with an exception set.
pub fn call_helper(c: &mut Code<'_, '_>, name: &str, format: &str, values: &[Value]) -> Result<Value, String> {
    let name = c.text(name)?;
    // CPython itself raises where the function is null.
    let function = c.call("glue.helper", &[name])?;
    let format = c.text(format)?;
    let unused = c.int(0);
    let mut args = vec![function, format];
    args.extend_from_slice(values);
    args.resize(7, unused);
    c.call("PyObject_CallFunction", &args)
}

/// `void set_error(long site, const long long *payload)`: sets the exception of a site.
fn define_set_error(glue: &mut Glue<'_>) -> Result<(), String> {
    glue.define("glue.set_error", "pp", 'v', Linkage::Local, |c, args| {
        let mut values = vec![args[0]];
        for word in 0..4 {
            values.push(c.word(args[1], 8 * word));
        }
        let error = call_helper(c, "exception", "LLLLL", &values)?;
        let failed = c.is_zero(error);
        c.guard(failed, |c| {
            c.ret_nothing();
            Ok(())
        })?;
        let class = c.word(error, super::convert::OBJECT_TYPE);
        c.call("PyErr_SetObject", &[class, error])?;
        c.call("Py_DecRef", &[error])?;
        c.ret_nothing();
        Ok(())
    })
    .map(|_| ())
}

/// [`Import::Raise`]. The first exception wins. Where the thread runs no Python code that could see it, it is reported
/// as unraisable.
fn define_raise(glue: &mut Glue<'_>) -> Result<(), String> {
    glue.define(Import::Raise.symbol(), "pipppp", 'v', Linkage::Local, |c, args| {
        let alive = c.call("Py_IsInitialized", &[])?;
        let dead = c.is_zero(alive);
        c.guard(dead, |c| {
            c.ret_nothing();
            Ok(())
        })?;
        let thread = c.call("PyGILState_GetThisThreadState", &[])?;
        let state = c.call("PyGILState_Ensure", &[])?;
        let pending = c.call("PyErr_Occurred", &[])?;
        let none_yet = c.is_zero(pending);
        c.when(none_yet, |c| {
            let payload = c.stack(32);
            for word in 0..4 {
                c.store(args[2 + word], payload, 8 * word as u32);
            }
            let site = c.b.ins().sextend(types::I64, args[1]);
            c.call("glue.set_error", &[site, payload])?;
            let foreign = c.is_zero(thread);
            c.when(foreign, |c| {
                let nothing = c.int(0);
                c.call("PyErr_WriteUnraisable", &[nothing])?;
                Ok(())
            })
        })?;
        c.call("PyGILState_Release", &[state])?;
        c.ret_nothing();
        Ok(())
    })
    .map(|_| ())
}

/// [`Import::StackLimit`], found once per thread. `init` makes the key.
fn define_stack_limit(glue: &mut Glue<'_>) -> Result<(), String> {
    let key = glue.data("glue.thread_key", &[Word::Int(0)], None, true)?;
    glue.define("glue.make_thread_key", "", 'i', Linkage::Local, |c, _| {
        let place = c.address(key);
        let nothing = c.int(0);
        let failed = c.call("pthread_key_create", &[place, nothing])?;
        c.ret(failed);
        Ok(())
    })?;
    glue.define(Import::StackLimit.symbol(), "", 'p', Linkage::Local, |c, _| {
        let place = c.address(key);
        let key = c.load(types::I32, place, 0);
        let known = c.call("pthread_getspecific", &[key])?;
        let zero = c.int(0);
        let found = c.compare(IntCC::NotEqual, known, zero);
        c.guard(found, |c| {
            c.ret(known);
            Ok(())
        })?;
        let limit = find_limit(c)?;
        c.call("pthread_setspecific", &[key, limit])?;
        c.ret(limit);
        Ok(())
    })
    .map(|_| ())
}

/// The reserve above the end of the stack; a little below here where the system does not know its stack.
fn find_limit(c: &mut Code<'_, '_>) -> Result<Value, String> {
    let limit = c.var(types::I64);
    let here = c.b.ins().get_stack_pointer(types::I64);
    let near = c.add(here, -RESERVE);
    c.b.def_var(limit, near);
    let attributes = c.stack(THREAD_ATTRIBUTES);
    let extent = c.stack(16);
    let thread = c.call("pthread_self", &[])?;
    let failed = c.call("pthread_getattr_np", &[thread, attributes])?;
    let known = c.is_zero(failed);
    c.when(known, |c| {
        let size_place = c.add(extent, 8);
        let failed = c.call("pthread_attr_getstack", &[attributes, extent, size_place])?;
        c.call("pthread_attr_destroy", &[attributes])?;
        let known = c.is_zero(failed);
        c.when(known, |c| {
            let (base, size) = (c.word(extent, 0), c.word(extent, 8));
            let quarter = c.b.ins().ushr_imm_u(size, 2);
            let reserve = c.int(RESERVE);
            let reserve = c.b.ins().umin(quarter, reserve);
            let end = c.b.ins().iadd(base, reserve);
            c.b.def_var(limit, end);
            Ok(())
        })
    })?;
    Ok(c.b.use_var(limit))
}
