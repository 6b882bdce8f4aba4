//! A thin layer over Cranelift's builder in which the glue reads like the C it stands for: calls by name, guards that
//! return early, counted loops, variables.

use std::collections::BTreeMap;

use cranelift_codegen::Context;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{
    AbiParam, InstBuilder, MemFlagsData, Signature, StackSlotData, StackSlotKind, Type, UserFuncName, Value, types,
};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext, Variable};
use cranelift_module::{DataDescription, DataId, FuncId, Linkage, Module as _};
use cranelift_object::ObjectModule;

/// Functions of CPython's stable ABI and of libc that glue may call: name, parameters, result. `p` is a pointer or
/// any 64-bit integer, `i` an `int`, `d` a `double`, `v` nothing. Of variadic functions, the form used here.
pub const FUNCTIONS: &[(&str, &str, char)] = &[
    ("PyBool_FromLong", "p", 'p'),
    ("PyBuffer_Release", "p", 'v'),
    ("PyCapsule_GetPointer", "pp", 'p'),
    ("PyCapsule_New", "ppp", 'p'),
    ("PyDict_GetItemString", "pp", 'p'),
    ("PyDict_New", "", 'p'),
    ("PyDict_SetItemString", "ppp", 'i'),
    ("PyErr_Clear", "", 'v'),
    ("PyErr_Occurred", "", 'p'),
    ("PyErr_SetObject", "pp", 'v'),
    ("PyErr_SetString", "pp", 'v'),
    ("PyErr_WriteUnraisable", "p", 'v'),
    ("PyEval_EvalCode", "ppp", 'p'),
    ("PyEval_GetBuiltins", "", 'p'),
    ("PyFloat_AsDouble", "p", 'd'),
    ("PyFloat_FromDouble", "d", 'p'),
    ("PyGILState_Ensure", "", 'i'),
    ("PyGILState_GetThisThreadState", "", 'p'),
    ("PyGILState_Release", "i", 'v'),
    ("PyLong_AsLongLongAndOverflow", "pp", 'p'),
    ("PyLong_AsVoidPtr", "p", 'p'),
    ("PyLong_FromLongLong", "p", 'p'),
    ("PyLong_FromUnsignedLongLong", "p", 'p'),
    ("PyMem_RawCalloc", "pp", 'p'),
    ("PyMem_RawFree", "p", 'v'),
    ("PyModule_AddObjectRef", "ppp", 'i'),
    ("PyModule_Create2", "pi", 'p'),
    // callable, format, up to five values
    ("PyObject_CallFunction", "ppppppp", 'p'),
    ("PyObject_GetBuffer", "ppi", 'i'),
    ("PyObject_IsTrue", "p", 'i'),
    ("PyTuple_GetItem", "pp", 'p'),
    ("PyTuple_New", "p", 'p'),
    ("PyTuple_SetItem", "ppp", 'i'),
    ("PyTuple_Size", "p", 'p'),
    ("Py_CompileString", "ppi", 'p'),
    ("Py_DecRef", "p", 'v'),
    ("Py_IncRef", "p", 'v'),
    ("Py_IsInitialized", "", 'i'),
    ("pthread_attr_destroy", "p", 'i'),
    ("pthread_attr_getstack", "ppp", 'i'),
    ("pthread_getattr_np", "pp", 'i'),
    ("pthread_getspecific", "i", 'p'),
    ("pthread_key_create", "pp", 'i'),
    ("pthread_self", "", 'p'),
    ("pthread_setspecific", "ip", 'i'),
];

/// Variables of CPython's stable ABI that glue may name.
pub const VARIABLES: &[&str] = &["PyBool_Type", "PyExc_ImportError", "PyFloat_Type", "PyLong_Type", "_Py_NoneStruct"];

/// Whether an extension module may leave a symbol to the process that imports it.
pub fn is_importable(name: &str) -> bool {
    FUNCTIONS.iter().any(|f| f.0 == name) || VARIABLES.contains(&name)
}

/// The object being written, and what it already has by name.
pub struct Glue<'a> {
    pub object: &'a mut ObjectModule,
    functions: BTreeMap<String, (FuncId, char)>,
    variables: BTreeMap<&'static str, DataId>,
    strings: BTreeMap<Vec<u8>, DataId>,
    context: Context,
    frontend: FunctionBuilderContext,
}

fn ty(letter: char) -> Type {
    match letter {
        'i' => types::I32,
        'd' => types::F64,
        _ => types::I64,
    }
}

impl<'a> Glue<'a> {
    pub fn new(object: &'a mut ObjectModule) -> Glue<'a> {
        Glue {
            object,
            functions: BTreeMap::new(),
            variables: BTreeMap::new(),
            strings: BTreeMap::new(),
            context: Context::new(),
            frontend: FunctionBuilderContext::new(),
        }
    }

    fn signature(&self, params: &str, result: char) -> Signature {
        let mut signature = Signature::new(self.object.isa().default_call_conv());
        signature.params.extend(params.chars().map(|c| AbiParam::new(ty(c))));
        if result != 'v' {
            signature.returns.push(AbiParam::new(ty(result)));
        }
        signature
    }

    /// Declares a function of ours (or one that the kernels have defined) under its name.
    pub fn declare(&mut self, name: &str, params: &str, result: char, linkage: Linkage) -> Result<FuncId, String> {
        let signature = self.signature(params, result);
        let id = self.object.declare_function(name, linkage, &signature).map_err(|e| e.to_string())?;
        self.functions.insert(name.to_string(), (id, result));
        Ok(id)
    }

    /// Defines a function of ours. `body` must end every path with [`Code::ret`].
    pub fn define(
        &mut self,
        name: &str,
        params: &str,
        result: char,
        linkage: Linkage,
        body: impl FnOnce(&mut Code<'_, 'a>, &[Value]) -> Result<(), String>,
    ) -> Result<FuncId, String> {
        let id = self.declare(name, params, result, linkage)?;
        let mut context = std::mem::replace(&mut self.context, Context::new());
        let mut frontend = std::mem::take(&mut self.frontend);
        context.clear();
        context.func.signature = self.signature(params, result);
        context.func.name = UserFuncName::user(0, id.as_u32());
        let mut b = FunctionBuilder::new(&mut context.func, &mut frontend);
        let entry = b.create_block();
        b.append_block_params_for_function_params(entry);
        b.switch_to_block(entry);
        let args = b.block_params(entry).to_vec();
        let mut code = Code { glue: self, b };
        body(&mut code, &args)?;
        code.b.seal_all_blocks();
        let config = code.glue.object.target_config();
        code.b.finalize(config);
        self.object.define_function(id, &mut context).map_err(|e| format!("{name}: {e}"))?;
        super::super::check_code(&context)?;
        (self.context, self.frontend) = (context, frontend);
        Ok(id)
    }

    fn function(&mut self, name: &str) -> Result<(FuncId, char), String> {
        if let Some(&known) = self.functions.get(name) {
            return Ok(known);
        }
        let row = FUNCTIONS.iter().find(|f| f.0 == name);
        let &(name, params, result) = row.ok_or_else(|| format!("glue calls the unknown function {name}"))?;
        Ok((self.declare(name, params, result, Linkage::Import)?, result))
    }

    fn variable(&mut self, name: &'static str) -> Result<DataId, String> {
        if let Some(&id) = self.variables.get(name) {
            return Ok(id);
        }
        let id = self.object.declare_data(name, Linkage::Import, false, false).map_err(|e| e.to_string())?;
        self.variables.insert(name, id);
        Ok(id)
    }

    /// A NUL-terminated constant. The same text is there once.
    pub fn string(&mut self, text: &str) -> Result<DataId, String> {
        if text.contains('\0') {
            return Err("a name or text holds a NUL character".to_string());
        }
        let mut bytes = text.as_bytes().to_vec();
        bytes.push(0);
        if let Some(&id) = self.strings.get(&bytes) {
            return Ok(id);
        }
        let name = format!("text.{}", self.strings.len());
        let id = self.data(&name, &[], Some(bytes.clone()), false)?;
        self.strings.insert(bytes, id);
        Ok(id)
    }

    /// A data object of words, or of plain bytes.
    pub fn data(
        &mut self,
        name: &str,
        words: &[Word],
        bytes: Option<Vec<u8>>,
        writable: bool,
    ) -> Result<DataId, String> {
        let id = self.object.declare_data(name, Linkage::Local, writable, false).map_err(|e| e.to_string())?;
        let mut description = DataDescription::new();
        description.set_align(8);
        let numbers = words.iter().flat_map(|w| match w {
            Word::Int(v) => v.to_le_bytes(),
            Word::Data(_) | Word::Function(_) => [0; 8],
        });
        description.define(bytes.unwrap_or_else(|| numbers.collect()).into_boxed_slice());
        for (i, word) in words.iter().enumerate() {
            let offset = 8 * i as u32;
            match *word {
                Word::Int(_) => {}
                Word::Data(data) => {
                    let data = self.object.declare_data_in_data(data, &mut description);
                    description.write_data_addr(offset, data, 0);
                }
                Word::Function(function) => {
                    let function = self.object.declare_func_in_data(function, &mut description);
                    description.write_function_addr(offset, function);
                }
            }
        }
        self.object.define_data(id, &description).map_err(|e| e.to_string())?;
        Ok(id)
    }
}

/// Eight bytes of data.
#[derive(Clone, Copy)]
pub enum Word {
    Int(i64),
    Data(DataId),
    Function(FuncId),
}

/// A function being written.
pub struct Code<'g, 'a> {
    pub glue: &'g mut Glue<'a>,
    pub b: FunctionBuilder<'g>,
}

impl Code<'_, '_> {
    /// Calls a function by name; the result of one that gives nothing is 0.
    pub fn call(&mut self, name: &str, args: &[Value]) -> Result<Value, String> {
        let (id, result) = self.glue.function(name)?;
        let reference = self.glue.object.declare_func_in_func(id, self.b.func);
        let call = self.b.ins().call(reference, args);
        Ok(if result == 'v' { self.int(0) } else { self.b.inst_results(call)[0] })
    }

    pub fn int(&mut self, value: i64) -> Value {
        self.b.ins().iconst(types::I64, value)
    }

    pub fn int32(&mut self, value: i32) -> Value {
        self.b.ins().iconst(types::I32, i64::from(value) & 0xffff_ffff)
    }

    pub fn load(&mut self, ty: Type, base: Value, offset: u32) -> Value {
        self.b.ins().load(ty, MemFlagsData::new().with_notrap(), base, offset as i32)
    }

    /// The 64-bit word at an offset.
    pub fn word(&mut self, base: Value, offset: u32) -> Value {
        self.load(types::I64, base, offset)
    }

    pub fn store(&mut self, value: Value, base: Value, offset: u32) {
        self.b.ins().store(MemFlagsData::new().with_notrap(), value, base, offset as i32);
    }

    pub fn add(&mut self, base: Value, bytes: i64) -> Value {
        self.b.ins().iadd_imm_s(base, bytes)
    }

    /// `base + index * size`.
    pub fn element(&mut self, base: Value, index: Value, size: i64) -> Value {
        let offset = self.b.ins().imul_imm_s(index, size);
        self.b.ins().iadd(base, offset)
    }

    pub fn address(&mut self, data: DataId) -> Value {
        let global = self.glue.object.declare_data_in_func(data, self.b.func);
        self.b.ins().symbol_value(types::I64, global)
    }

    /// The address of a variable of CPython.
    pub fn variable(&mut self, name: &'static str) -> Result<Value, String> {
        let id = self.glue.variable(name)?;
        Ok(self.address(id))
    }

    pub fn text(&mut self, text: &str) -> Result<Value, String> {
        let id = self.glue.string(text)?;
        Ok(self.address(id))
    }

    /// Memory of this call, zeroed by nobody.
    pub fn stack(&mut self, bytes: u32) -> Value {
        let slot = self.b.create_sized_stack_slot(StackSlotData::new(StackSlotKind::ExplicitSlot, bytes, 4));
        self.b.ins().stack_addr(types::I64, slot, 0)
    }

    pub fn compare(&mut self, condition: IntCC, a: Value, b: Value) -> Value {
        self.b.ins().icmp(condition, a, b)
    }

    pub fn is_zero(&mut self, a: Value) -> Value {
        self.b.ins().icmp_imm_s(IntCC::Equal, a, 0)
    }

    pub fn is_int(&mut self, a: Value, value: i64) -> Value {
        self.b.ins().icmp_imm_s(IntCC::Equal, a, value)
    }

    /// `if (condition) { body }`, where the body falls through.
    pub fn when(&mut self, condition: Value, body: impl FnOnce(&mut Self) -> Result<(), String>) -> Result<(), String> {
        let (inside, after) = (self.b.create_block(), self.b.create_block());
        self.b.ins().brif(condition, inside, &[], after, &[]);
        self.b.switch_to_block(inside);
        body(self)?;
        self.b.ins().jump(after, &[]);
        self.b.switch_to_block(after);
        Ok(())
    }

    /// `if (condition) { body }`, where the body returns.
    pub fn guard(
        &mut self,
        condition: Value,
        body: impl FnOnce(&mut Self) -> Result<(), String>,
    ) -> Result<(), String> {
        let (inside, after) = (self.b.create_block(), self.b.create_block());
        self.b.ins().brif(condition, inside, &[], after, &[]);
        self.b.switch_to_block(inside);
        body(self)?;
        self.b.switch_to_block(after);
        Ok(())
    }

    /// `for (i = 0; i < count; i++) { body }`, while `running` is not 0.
    pub fn each(
        &mut self,
        count: Value,
        running: Option<Variable>,
        body: impl FnOnce(&mut Self, Value) -> Result<(), String>,
    ) -> Result<(), String> {
        let (head, inside, after) = (self.b.create_block(), self.b.create_block(), self.b.create_block());
        let index = self.var(types::I64);
        let zero = self.int(0);
        self.b.def_var(index, zero);
        self.b.ins().jump(head, &[]);
        self.b.switch_to_block(head);
        let i = self.b.use_var(index);
        let mut more = self.compare(IntCC::SignedLessThan, i, count);
        if let Some(running) = running {
            let running = self.b.use_var(running);
            let on = self.b.ins().icmp_imm_s(IntCC::NotEqual, running, 0);
            more = self.b.ins().band(more, on);
        }
        self.b.ins().brif(more, inside, &[], after, &[]);
        self.b.switch_to_block(inside);
        body(self, i)?;
        let next = self.add(i, 1);
        self.b.def_var(index, next);
        self.b.ins().jump(head, &[]);
        self.b.switch_to_block(after);
        Ok(())
    }

    pub fn var(&mut self, ty: Type) -> Variable {
        self.b.declare_var(ty)
    }

    pub fn ret(&mut self, value: Value) {
        self.b.ins().return_(&[value]);
    }

    pub fn ret_nothing(&mut self) {
        self.b.ins().return_(&[]);
    }
}
