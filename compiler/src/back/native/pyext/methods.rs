//! The module: its definition, its functions, the one routine behind all of them, and `PyInit_`.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{AbiParam, InstBuilder, Signature, Value, types};
use cranelift_module::{DataId, FuncId, FuncOrDataId, Linkage, Module as _};

use super::build::{self, CURSOR};
use super::code::{Code, Glue, Word};
use super::convert::{self, OBJECT_TYPE, RECORD};
use super::raise::{call_helper, return_null_if_null};
use super::{Extension, Needs, float_value, literal};
use crate::abi::descriptor::py_buffer;
use crate::abi::{self, imports::Import};
use crate::artifact::{Export, Param, ParamType};

/// `METH_FASTCALL | METH_KEYWORDS`
const METHOD_FLAGS: i64 = 0x0080 | 0x0002;

/// `PYTHON_ABI_VERSION` of modules that keep to the stable ABI.
const STABLE_ABI: i32 = 3;

/// Words of an export's record, in bytes from its start.
const ENTRY: u32 = 0;
const COUNT: u32 = 8;
const PARAMS: u32 = 16;
const RESULT: u32 = 24;
const INDEX: u32 = 32;
const BUFFERS: u32 = 40;

pub fn define(glue: &mut Glue<'_>, extension: &Extension<'_>, needs: Needs) -> Result<(), String> {
    define_collect(glue)?;
    define_call(glue, needs)?;
    let mut methods = Vec::new();
    let mut capsules = Vec::new();
    for (index, export) in extension.exports.iter().enumerate() {
        let overloads = overloads(extension.exports, index);
        if overloads.first() != Some(&index) {
            continue;
        }
        match export.c.as_ref().and_then(|c| Some((c, c.capsule.as_ref()?))) {
            Some((c, capsule)) => capsules.extend([
                Word::Function(defined(glue, &c.symbol)?),
                Word::Data(glue.string(capsule)?),
                Word::Data(glue.string(&export.name)?),
            ]),
            None => {
                let function = define_method(glue, extension.exports, &overloads)?;
                methods.extend([
                    Word::Data(glue.string(&export.name)?),
                    Word::Function(function),
                    Word::Int(METHOD_FLAGS),
                    Word::Data(glue.string(&doc(extension.exports, &overloads))?),
                ]);
            }
        }
    }
    methods.extend([Word::Int(0); 4]);
    let methods = glue.data("glue.methods", &methods, None, false)?;
    let count = capsules.len() as i64 / 3;
    // One more word, so that the table is not empty.
    capsules.push(Word::Int(0));
    let capsules = glue.data("glue.capsules", &capsules, None, false)?;
    let definition = module_definition(glue, extension, methods)?;
    define_init(glue, extension, needs, definition, (capsules, count))
}

/// A function that the kernels have defined.
fn defined(glue: &mut Glue<'_>, symbol: &str) -> Result<FuncId, String> {
    match glue.object.declarations().get_name(symbol) {
        Some(FuncOrDataId::Func(id)) => Ok(id),
        Some(FuncOrDataId::Data(_)) | None => Err(format!("no kernel has the symbol {symbol}")),
    }
}

/// The exports that share an export's name, in order.
fn overloads(exports: &[Export], index: usize) -> Vec<usize> {
    let name = &exports[index].name;
    (0..exports.len()).filter(|&i| &exports[i].name == name).collect()
}

/// The docstring. That of a function with one form begins with the signature as `inspect` reads it.
fn doc(exports: &[Export], overloads: &[usize]) -> String {
    let text = overloads.iter().find_map(|&i| exports[i].doc.as_deref()).unwrap_or_default();
    let mut forms: Vec<String> = overloads.iter().map(|&i| super::interface::form(&exports[i])).collect();
    forms.dedup();
    match (overloads, forms.as_slice()) {
        // Both orders of a matrix are one form to who reads it.
        ([first, ..], [_]) => format!("{}\n--\n\n{text}", signature(&exports[*first])),
        _ => format!("{}\n\n{text}", forms.join("\n")),
    }
}

fn signature(export: &Export) -> String {
    let mut params: Vec<String> = Vec::new();
    for param in &export.params {
        params.push(match (param.default, param.ty) {
            // `inspect` reads literals alone: infinity and NaN are spelt by them.
            (Some(bits), ParamType::Scalar(s)) => match float_value(s, bits) {
                None => format!("{}={}", param.name, literal(s, bits)),
                Some(value) if value.is_finite() => format!("{}={}", param.name, abi::status::float_repr(value)),
                Some(value) if value.is_nan() => format!("{}=1e999-1e999", param.name),
                Some(value) => format!("{}={}1e999", param.name, if value < 0.0 { "-" } else { "" }),
            },
            (Some(_), ParamType::Pointer { .. } | ParamType::Array(_) | ParamType::None) | (None, _) => {
                param.name.clone()
            }
        });
    }
    format!("{}({})", export.name, params.join(", "))
}

/// `PyModuleDef`: the object head, then name, doc, size, methods and four slots that stay empty.
fn module_definition(glue: &mut Glue<'_>, extension: &Extension<'_>, methods: DataId) -> Result<DataId, String> {
    let name = Word::Data(glue.string(extension.name)?);
    let doc = match extension.doc {
        Some(doc) => Word::Data(glue.string(doc)?),
        None => Word::Int(0),
    };
    let nothing = Word::Int(0);
    let head = [Word::Int(1), nothing, nothing, nothing, nothing];
    let fields = [name, doc, Word::Int(-1), Word::Data(methods), nothing, nothing, nothing, nothing];
    glue.data("glue.module", &[head.as_slice(), &fields].concat(), None, true)
}

/// The record of an export, and how many bytes of memory a call needs.
fn define_record(glue: &mut Glue<'_>, index: usize, export: &Export) -> Result<(DataId, u32), String> {
    let mut records = Vec::new();
    let mut arguments = 0;
    for param in &export.params {
        records.extend(convert::record(param, arguments));
        arguments += param.ty.slots();
    }
    records.push(Word::Int(0));
    let records = glue.data(&format!("glue.params.{index}"), &records, None, false)?;
    let mut program = Vec::new();
    build::program(glue, &export.result, &mut program)?;
    let program = glue.data(&format!("glue.result.{index}"), &program, None, false)?;
    let slots = arguments.max(export.result.slots()).max(1) as u32;
    let has_buffer = |p: &&Param| matches!(p.ty, ParamType::Pointer { .. } | ParamType::Array(_));
    let pointers = export.params.iter().filter(has_buffer).count() as u32;
    let buffers = abi::ctx::SIZE + 8 * slots;
    let record = [
        Word::Function(defined(glue, &export.packed)?),
        Word::Int(export.params.len() as i64),
        Word::Data(records),
        Word::Data(program),
        Word::Int(index as i64),
        Word::Int(i64::from(buffers)),
    ];
    let record = glue.data(&format!("glue.export.{index}"), &record, None, false)?;
    // One buffer more than there are pointers: its address is formed for every parameter.
    Ok((record, buffers + py_buffer::SIZE * (pointers + 1)))
}

/// The function of a name: memory for the call, and the common routine. Where the name has several forms, the first
/// that the arguments fit exactly, else the one that the Python part chooses.
fn define_method(glue: &mut Glue<'_>, exports: &[Export], overloads: &[usize]) -> Result<FuncId, String> {
    let mut records = Vec::new();
    let mut memory = 0;
    for &index in overloads {
        let (record, bytes) = define_record(glue, index, &exports[index])?;
        records.push(record);
        memory = memory.max(bytes);
    }
    let first = overloads[0];
    glue.define(&format!("glue.method.{first}"), "pppp", 'p', Linkage::Local, |c, args| {
        let &[_, given, count, keywords] = args else { return Err("a method has four parameters".to_string()) };
        let memory = c.stack(memory);
        let (strict, lenient) = (c.int(1), c.int(0));
        if let [only] = records.as_slice() {
            let record = c.address(*only);
            let result = c.call("glue.call", &[record, given, count, keywords, memory, lenient])?;
            c.ret(result);
            return Ok(());
        }
        for &record in &records {
            let record = c.address(record);
            let result = c.call("glue.call", &[record, given, count, keywords, memory, strict])?;
            c.guard(result, |c| {
                c.ret(result);
                Ok(())
            })?;
            let raised = c.call("PyErr_Occurred", &[])?;
            c.guard(raised, |c| {
                c.ret(result);
                Ok(())
            })?;
        }
        let first = c.int(first as i64);
        let number = c.call("glue.collect", &[first, given, count, keywords, strict])?;
        return_null_if_null(c, number)?;
        let chosen = c.call("PyLong_AsVoidPtr", &[number])?;
        c.call("Py_DecRef", &[number])?;
        for (i, &record) in records.iter().enumerate() {
            let this = c.is_int(chosen, 1 + i as i64);
            c.guard(this, |c| {
                let record = c.address(record);
                let result = c.call("glue.call", &[record, given, count, keywords, memory, lenient])?;
                c.ret(result);
                Ok(())
            })?;
        }
        let null = c.int(0);
        c.ret(null);
        Ok(())
    })
}

/// `PyObject *collect(long export, PyObject **args, Py_ssize_t count, PyObject *keywords, long choose)`: the arguments
/// by position, as a tuple; null with an exception set. With `choose`, the number of the form that they fit, from 1.
fn define_collect(glue: &mut Glue<'_>) -> Result<(), String> {
    glue.define("glue.collect", "ppppp", 'p', Linkage::Local, |c, args| {
        let &[export, given, count, keywords, choose] = args else {
            return Err("collect has five parameters".to_string());
        };
        let (total, names) = (c.var(types::I64), c.var(types::I64));
        let none = c.variable("_Py_NoneStruct")?;
        c.b.def_var(total, count);
        c.b.def_var(names, none);
        c.when(keywords, |c| {
            let more = c.call("PyTuple_Size", &[keywords])?;
            let sum = c.b.ins().iadd(count, more);
            c.b.def_var(total, sum);
            c.b.def_var(names, keywords);
            Ok(())
        })?;
        let total = c.b.use_var(total);
        let tuple = c.call("PyTuple_New", &[total])?;
        return_null_if_null(c, tuple)?;
        c.each(total, None, |c, i| {
            let place = c.element(given, i, 8);
            let item = c.word(place, 0);
            c.call("Py_IncRef", &[item])?;
            c.call("PyTuple_SetItem", &[tuple, i, item])?;
            Ok(())
        })?;
        let names = c.b.use_var(names);
        let (result, null) = (c.var(types::I64), c.int(0));
        c.b.def_var(result, null);
        c.when(choose, |c| {
            let chosen = call_helper(c, "choose", "LOLO", &[export, tuple, count, names])?;
            c.b.def_var(result, chosen);
            Ok(())
        })?;
        let bind = c.is_zero(choose);
        c.when(bind, |c| {
            let bound = call_helper(c, "bind", "LOLO", &[export, tuple, count, names])?;
            c.b.def_var(result, bound);
            Ok(())
        })?;
        let bound = c.b.use_var(result);
        c.call("Py_DecRef", &[tuple])?;
        c.ret(bound);
        Ok(())
    })
    .map(|_| ())
}

/// `PyObject *call(const record *e, PyObject **args, Py_ssize_t count, PyObject *keywords, void *memory, long strict)`:
/// binds and converts the arguments, calls the packed entry, gives back the buffers, makes the result. `memory` holds
/// the context, the slots, the buffers. If `strict`, null without an exception where the arguments are not exactly
/// those of this form.
fn define_call(glue: &mut Glue<'_>, needs: Needs) -> Result<(), String> {
    glue.define("glue.call", "pppppp", 'p', Linkage::Local, |c, args| {
        let &[export, given, count, keywords, memory, strict] = args else {
            return Err("call has six parameters".to_string());
        };
        let held = c.var(types::I64);
        let zero = c.int(0);
        c.b.def_var(held, zero);
        let params = c.word(export, COUNT);
        let plain = {
            let no_keywords = c.is_zero(keywords);
            let right_count = c.compare(IntCC::Equal, count, params);
            c.b.ins().band(no_keywords, right_count)
        };
        let index = c.word(export, INDEX);
        let odd = c.is_zero(plain);
        let refused = c.b.ins().band_imm_u(strict, 1);
        let refused = c.b.ins().ireduce(types::I8, refused);
        let refused = c.b.ins().band(refused, odd);
        c.guard(refused, |c| {
            c.ret(zero);
            Ok(())
        })?;
        c.when(odd, |c| {
            let bound = c.call("glue.collect", &[index, given, count, keywords, zero])?;
            return_null_if_null(c, bound)?;
            c.b.def_var(held, bound);
            Ok(())
        })?;
        let held = c.b.use_var(held);
        let buffers = c.word(export, BUFFERS);
        let buffers = c.b.ins().iadd(memory, buffers);
        let slots = c.add(memory, i64::from(abi::ctx::SIZE));
        let (converted, opened) = convert_all(c, export, [given, held, slots, buffers], strict)?;
        let changed = c.call("glue.float_state", &[])?;
        let standard = c.is_zero(changed);
        let strange = c.is_zero(standard);
        let converted = c.b.ins().ireduce(types::I8, converted);
        let refused = c.b.ins().band(converted, strange);
        c.when(refused, |c| call_helper(c, "refuse_float_state", "", &[]).map(|_| ()))?;
        let ok = c.b.ins().band(converted, standard);
        let result = c.var(types::I64);
        c.b.def_var(result, zero);
        c.when(ok, |c| {
            let made = enter(c, export, memory, [slots, opened, buffers], needs)?;
            c.b.def_var(result, made);
            Ok(())
        })?;
        c.each(opened, None, |c, i| {
            let buffer = c.element(buffers, i, i64::from(py_buffer::SIZE));
            c.call("PyBuffer_Release", &[buffer])?;
            Ok(())
        })?;
        c.when(held, |c| c.call("Py_DecRef", &[held]).map(|_| ()))?;
        let result = c.b.use_var(result);
        c.ret(result);
        Ok(())
    })
    .map(|_| ())
}

/// Fills the slots. Gives whether all went well, and how many buffers are to be released.
fn convert_all(
    c: &mut Code<'_, '_>,
    export: Value,
    [given, held, slots, buffers]: [Value; 4],
    strict: Value,
) -> Result<(Value, Value), String> {
    let (ok, opened, object) = (c.var(types::I32), c.var(types::I64), c.var(types::I64));
    let (yes, zero) = (c.int32(1), c.int(0));
    c.b.def_var(ok, yes);
    c.b.def_var(opened, zero);
    let (count, records, index) = (c.word(export, COUNT), c.word(export, PARAMS), c.word(export, INDEX));
    c.each(count, Some(ok), |c, i| {
        c.b.def_var(object, zero);
        let direct = c.is_zero(held);
        c.when(direct, |c| {
            let place = c.element(given, i, 8);
            let item = c.word(place, 0);
            c.b.def_var(object, item);
            Ok(())
        })?;
        c.when(held, |c| {
            let item = c.call("PyTuple_GetItem", &[held, i])?;
            c.b.def_var(object, item);
            Ok(())
        })?;
        let object = c.b.use_var(object);
        let record = c.element(records, i, RECORD);
        let offset = c.word(record, convert::SLOT);
        let slot = c.b.ins().iadd(slots, offset);
        let already = c.b.use_var(opened);
        let buffer = c.element(buffers, already, i64::from(py_buffer::SIZE));
        let taken = c.call("glue.convert", &[index, i, record, object, slot, buffer, strict])?;
        let good = c.b.ins().icmp_imm_s(IntCC::SignedGreaterThanOrEqual, taken, 0);
        let good = c.b.ins().uextend(types::I32, good);
        c.b.def_var(ok, good);
        let one_more = c.is_int(taken, 1);
        let one_more = c.b.ins().uextend(types::I64, one_more);
        let sum = c.b.ins().iadd(already, one_more);
        c.b.def_var(opened, sum);
        Ok(())
    })?;
    Ok((c.b.use_var(ok), c.b.use_var(opened)))
}

/// Calls the packed entry; the result's object, or null with the site's exception set.
fn enter(
    c: &mut Code<'_, '_>,
    export: Value,
    ctx: Value,
    [slots, opened, buffers]: [Value; 3],
    needs: Needs,
) -> Result<Value, String> {
    let result = c.var(types::I64);
    let zero = c.int(0);
    c.b.def_var(result, zero);
    let limit = if needs.stack_limit { c.call(Import::StackLimit.symbol(), &[])? } else { zero };
    c.store(limit, ctx, abi::ctx::STACK_LIMIT);
    c.store(zero, ctx, abi::ctx::HEAP);
    c.store(zero, ctx, abi::ctx::POLL);
    let mut signature = Signature::new(c.glue.object.isa().default_call_conv());
    signature.params.extend([AbiParam::new(types::I64); 2]);
    signature.returns.push(AbiParam::new(types::I32));
    let signature = c.b.import_signature(signature);
    let entry = c.word(export, ENTRY);
    let call = c.b.ins().call_indirect(signature, entry, &[ctx, slots]);
    let status = c.b.inst_results(call)[0];
    let good = c.is_int(status, i64::from(abi::STATUS_OK));
    c.when(good, |c| {
        let cursor = c.stack(CURSOR);
        let program = c.word(export, RESULT);
        let fields = [(program, build::PROGRAM), (slots, build::SLOTS), (opened, build::OPENED)];
        for (value, field) in fields.into_iter().chain([(buffers, build::BUFFERS)]) {
            c.store(value, cursor, field);
        }
        let made = c.call("glue.build", &[cursor])?;
        c.b.def_var(result, made);
        Ok(())
    })?;
    let bad = c.is_zero(good);
    c.when(bad, |c| {
        let site = c.load(types::I32, ctx, abi::ctx::SITE);
        let site = c.b.ins().sextend(types::I64, site);
        let payload = c.add(ctx, i64::from(abi::ctx::PAYLOAD));
        c.call("glue.set_error", &[site, payload])?;
        Ok(())
    })?;
    Ok(c.b.use_var(result))
}

/// Sets an ImportError and returns -1.
pub fn import_error(c: &mut Code<'_, '_>, message: &str) -> Result<(), String> {
    set_import_error(c, message)?;
    let failure = c.int32(-1);
    c.ret(failure);
    Ok(())
}

fn set_import_error(c: &mut Code<'_, '_>, message: &str) -> Result<(), String> {
    let variable = c.variable("PyExc_ImportError")?;
    let class = c.word(variable, 0);
    let message = c.text(message)?;
    c.call("PyErr_SetString", &[class, message])?;
    Ok(())
}

/// `PyObject *PyInit_name(void)`
fn define_init(
    glue: &mut Glue<'_>,
    extension: &Extension<'_>,
    needs: Needs,
    definition: DataId,
    (capsules, count): (DataId, i64),
) -> Result<(), String> {
    glue.define(&format!("PyInit_{}", extension.name), "", 'p', Linkage::Export, |c, _| {
        let null = c.int(0);
        let unfit = c.call("glue.check_cpu", &[])?;
        c.guard(unfit, |c| {
            c.ret(null);
            Ok(())
        })?;
        // Builds without the GIL lay objects out otherwise (and promise no stable ABI).
        let one = c.int(1);
        let number = c.call("PyLong_FromLongLong", &[one])?;
        return_null_if_null(c, number)?;
        let class = c.word(number, OBJECT_TYPE);
        c.call("Py_DecRef", &[number])?;
        let wanted = c.variable("PyLong_Type")?;
        let strange = c.compare(IntCC::NotEqual, class, wanted);
        c.guard(strange, |c| {
            set_import_error(
                c,
                "this module needs a CPython with the GIL (a free-threaded build lays objects out otherwise)",
            )?;
            c.ret(null);
            Ok(())
        })?;
        if needs.stack_limit {
            let failed = c.call("glue.make_thread_key", &[])?;
            c.guard(failed, |c| {
                set_import_error(c, "the system has no thread key left")?;
                c.ret(null);
                Ok(())
            })?;
        }
        let definition = c.address(definition);
        let version = c.int32(STABLE_ABI);
        let module = c.call("PyModule_Create2", &[definition, version])?;
        return_null_if_null(c, module)?;
        let (table, count) = (c.address(capsules), c.int(count));
        c.each(count, None, |c, i| {
            let row = c.element(table, i, 24);
            let (function, name, attribute) = (c.word(row, 0), c.word(row, 8), c.word(row, 16));
            let capsule = c.call("PyCapsule_New", &[function, name, null])?;
            let failed = c.call("PyModule_AddObjectRef", &[module, attribute, capsule])?;
            c.guard(failed, |c| {
                c.call("Py_DecRef", &[module])?;
                c.ret(null);
                Ok(())
            })?;
            c.call("Py_DecRef", &[capsule])?;
            Ok(())
        })?;
        c.ret(module);
        Ok(())
    })
    .map(|_| ())
}
