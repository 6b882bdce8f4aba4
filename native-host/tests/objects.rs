//! Objects made with Cranelift directly, in the process and as shared libraries: relocations of every kind, imports,
//! constants that hold addresses, writable data.

use std::sync::Arc;

use cranelift_codegen::Context;
use cranelift_codegen::ir::condcodes::FloatCC;
use cranelift_codegen::ir::types::{F64, I32, I64};
use cranelift_codegen::ir::{AbiParam, InstBuilder, MemFlagsData, Signature, UserFuncName};
use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use cranelift_module::{DataDescription, DataId, FuncId, Linkage, Module};
use cranelift_object::{ObjectBuilder, ObjectModule};
use gelcap_compiler::abi;
use gelcap_compiler::abi::status::Exception;
use gelcap_compiler::artifact::{
    Artifact, CEntry, CType, Code, Export, NativeCode, Param, ParamType, ResultType, Site,
};
use gelcap_compiler::back::native::{elf, isa};
use gelcap_compiler::back::{CpuLevel, Machine, Target};
use gelcap_compiler::types::Scalar;
use gelcap_native_host::{Kernel, LoadError, Raised, host_target, runtime};

type Body<'a> = dyn FnOnce(&mut ObjectModule, &mut FunctionBuilder<'_>) + 'a;

fn define(
    module: &mut ObjectModule,
    name: &str,
    params: &[cranelift_codegen::ir::Type],
    results: &[cranelift_codegen::ir::Type],
    body: Box<Body<'_>>,
) -> FuncId {
    let mut signature = Signature::new(module.isa().default_call_conv());
    signature.params.extend(params.iter().copied().map(AbiParam::new));
    signature.returns.extend(results.iter().copied().map(AbiParam::new));
    let id = module.declare_function(name, Linkage::Export, &signature).unwrap();
    let mut context = Context::new();
    context.func.signature = signature;
    context.func.name = UserFuncName::user(0, id.as_u32());
    let mut frontend = FunctionBuilderContext::new();
    let mut builder = FunctionBuilder::new(&mut context.func, &mut frontend);
    let block = builder.create_block();
    builder.append_block_params_for_function_params(block);
    builder.switch_to_block(block);
    builder.seal_block(block);
    body(module, &mut builder);
    builder.finalize(module.target_config());
    module.define_function(id, &mut context).unwrap();
    id
}

fn import(
    module: &mut ObjectModule,
    b: &mut FunctionBuilder<'_>,
    name: &str,
    params: usize,
) -> cranelift_codegen::ir::FuncRef {
    let mut signature = Signature::new(module.isa().default_call_conv());
    signature.params.extend(std::iter::repeat_n(AbiParam::new(I64), params));
    signature.returns.push(AbiParam::new(I64));
    let id = module.declare_function(name, Linkage::Import, &signature).unwrap();
    module.declare_func_in_func(id, b.func)
}

/// `gelcap_packed_add`: `slots[0] + slots[1] + table[1]`, or a raise at site 1 if `slots[0]` is negative.
/// `gelcap_c_fail(x)`: raises with `x` as payload and gives -1. `pick()`: calls a function through a constant that
/// holds its address. `call_import(x)`: calls `toupper`, if it is wanted.
fn object(isa: OwnedTargetIsa, with_libc: bool) -> Vec<u8> {
    let builder = ObjectBuilder::new(isa, "test", cranelift_module::default_libcall_names()).unwrap();
    let mut module = ObjectModule::new(builder);
    let mut table = DataDescription::new();
    table.define([1.5f64, 0.25].iter().flat_map(|x| x.to_le_bytes()).collect());
    let table_id = module.declare_data("table", Linkage::Local, false, false).unwrap();
    module.define_data(table_id, &table).unwrap();
    let mut token = DataDescription::new();
    token.define_zeroinit(8);
    token.set_align(8);
    let token_id = module.declare_data(abi::TOKEN_SYMBOL, Linkage::Export, true, false).unwrap();
    module.define_data(token_id, &token).unwrap();
    define_add(&mut module, table_id);
    define_pick(&mut module);
    if with_libc {
        define(
            &mut module,
            "call_import",
            &[I64],
            &[I64],
            Box::new(|m, b| {
                let x = b.block_params(b.current_block().unwrap())[0];
                let function = import(m, b, "toupper", 1);
                let call = b.ins().call(function, &[x]);
                let result = b.inst_results(call)[0];
                b.ins().return_(&[result]);
            }),
        );
    } else {
        define_fail(&mut module, token_id);
    }
    module.finish().emit().unwrap()
}

fn define_add(module: &mut ObjectModule, table_id: DataId) {
    let flags = MemFlagsData::trusted();
    define(
        module,
        "gelcap_packed_add",
        &[I64, I64],
        &[I32],
        Box::new(move |m, b| {
            let params = b.block_params(b.current_block().unwrap()).to_vec();
            let (ctx, slots) = (params[0], params[1]);
            let x = b.ins().load(F64, flags, slots, 0);
            let y = b.ins().load(F64, flags, slots, 8);
            let zero = b.ins().f64const(0.0);
            let negative = b.ins().fcmp(FloatCC::LessThan, x, zero);
            let (bad, good) = (b.create_block(), b.create_block());
            b.ins().brif(negative, bad, &[], good, &[]);
            b.seal_block(bad);
            b.seal_block(good);
            b.switch_to_block(bad);
            let one = b.ins().iconst(I32, 1);
            b.ins().store(flags, one, ctx, abi::ctx::SITE as i32);
            b.ins().store(flags, x, ctx, abi::ctx::PAYLOAD as i32);
            b.ins().return_(&[one]);
            b.switch_to_block(good);
            let table = m.declare_data_in_func(table_id, b.func);
            let table = b.ins().symbol_value(I64, table);
            let z = b.ins().load(F64, flags, table, 8);
            let sum = b.ins().fadd(x, y);
            let sum = b.ins().fadd(sum, z);
            b.ins().store(flags, sum, slots, 0);
            let ok = b.ins().iconst(I32, 0);
            b.ins().return_(&[ok]);
        }),
    );
}

fn define_pick(module: &mut ObjectModule) {
    let seven = define(
        module,
        "seven",
        &[],
        &[I64],
        Box::new(|_, b| {
            let seven = b.ins().iconst(I64, 7);
            b.ins().return_(&[seven]);
        }),
    );
    let mut pointer = DataDescription::new();
    pointer.define(vec![0; 8].into());
    pointer.set_align(8);
    let seven_ref = module.declare_func_in_data(seven, &mut pointer);
    pointer.write_function_addr(0, seven_ref);
    let pointer_id = module.declare_data("pointer", Linkage::Local, false, false).unwrap();
    module.define_data(pointer_id, &pointer).unwrap();
    define(
        module,
        "pick",
        &[],
        &[I64],
        Box::new(move |m, b| {
            let pointer = m.declare_data_in_func(pointer_id, b.func);
            let pointer = b.ins().symbol_value(I64, pointer);
            let target = b.ins().load(I64, MemFlagsData::trusted(), pointer, 0);
            let mut signature = Signature::new(m.isa().default_call_conv());
            signature.returns.push(AbiParam::new(I64));
            let signature = b.import_signature(signature);
            let call = b.ins().call_indirect(signature, target, &[]);
            let result = b.inst_results(call)[0];
            b.ins().return_(&[result]);
        }),
    );
}

fn define_fail(module: &mut ObjectModule, token_id: DataId) {
    define(
        module,
        "gelcap_c_fail",
        &[I64],
        &[I64],
        Box::new(move |m, b| {
            let x = b.block_params(b.current_block().unwrap())[0];
            let raise = import(m, b, "gelcap_raise", 6);
            let token = m.declare_data_in_func(token_id, b.func);
            let token = b.ins().symbol_value(I64, token);
            let site = b.ins().iconst(I64, 0);
            b.ins().call(raise, &[token, site, x, x, x, x]);
            let result = b.ins().iconst(I64, -1);
            b.ins().return_(&[result]);
        }),
    );
}

fn artifact(machine: Machine, object: Vec<u8>) -> Artifact {
    let float = ParamType::Scalar(Scalar::F64);
    let param = |name: &str| Param { name: name.into(), ty: float, default: None };
    let site = |exception, template: &str| Site { exception, template: template.into(), frames: Vec::new() };
    Artifact {
        abi_version: abi::VERSION,
        module: "test".into(),
        code: Code::Native(NativeCode { object, machine }),
        exports: vec![Export {
            name: "add".into(),
            packed: abi::packed_symbol("add"),
            params: vec![param("x"), param("y")],
            result: ResultType::Scalar { scalar: Scalar::F64, numpy: false },
            c: Some(CEntry {
                symbol: abi::c_symbol("fail"),
                params: vec![CType::Scalar(Scalar::I64)],
                result: Some(CType::Scalar(Scalar::I64)),
                signature: "long (long)".into(),
                capsule: None,
            }),
            doc: None,
        }],
        sites: vec![
            site(Exception::IndexError, "index {0} is out of range"),
            site(Exception::ValueError, "{0f} is negative"),
        ],
        files: Vec::new(),
    }
}

fn host_kernel() -> Arc<Kernel> {
    let target = host_target().unwrap();
    let artifact = artifact(target.machine, object(isa::build(&target).unwrap(), false));
    Kernel::load(Arc::new(artifact), runtime::record_raise).unwrap()
}

#[test]
fn packed_entries_run_and_raise() {
    let kernel = host_kernel();
    let export = kernel.artifact().export("add").unwrap();
    let entry = kernel.packed(export).unwrap();
    let mut slots = [2.0f64.to_bits(), 4.0f64.to_bits()];
    // SAFETY: two slots for two parameters and one result; there are no pointers.
    unsafe { kernel.call(entry, &mut slots) }.unwrap();
    assert_eq!(f64::from_bits(slots[0]), 6.25);
    slots[0] = (-1.5f64).to_bits();
    // SAFETY: as above.
    let raised = unsafe { kernel.call(entry, &mut slots) }.unwrap_err();
    let (site, message) = raised.describe(kernel.artifact()).unwrap();
    assert_eq!((site.exception, message.as_str()), (Exception::ValueError, "-1.5 is negative"));
}

#[test]
fn c_entries_reach_the_host() {
    let kernel = host_kernel();
    assert!(kernel.set_token(0x1234));
    let export = kernel.artifact().export("add").unwrap();
    // SAFETY: the C entry has this type.
    let fail =
        unsafe { std::mem::transmute::<*const u8, extern "C" fn(i64) -> i64>(kernel.c_address(export).unwrap()) };
    assert_eq!(fail(42), -1);
    assert_eq!(fail(43), -1);
    // The first failure wins.
    assert_eq!(runtime::take_raised(), Some(Raised { site: 0, payload: [42; 4] }));
    assert_eq!(runtime::take_raised(), None);
}

#[test]
fn code_is_never_writable_and_goes_with_its_owner() {
    let kernel = host_kernel();
    let address = kernel.c_address(kernel.artifact().export("add").unwrap()).unwrap() as usize;
    assert_eq!(access_of(address).as_deref(), Some("r-xp"));
    let mappings = || std::fs::read_to_string("/proc/self/maps").unwrap().lines().count();
    let before = mappings();
    for _ in 0..200 {
        drop(Kernel::load(Arc::clone(kernel.artifact()), runtime::record_raise).unwrap());
    }
    // Other tests map kernels at the same time, but not hundreds.
    assert!(mappings() < before + 100);
}

/// The permissions of the mapping that holds an address.
fn access_of(address: usize) -> Option<String> {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    maps.lines().find_map(|line| {
        let (range, rest) = line.split_once(' ')?;
        let (start, end) = range.split_once('-')?;
        let parse = |text| usize::from_str_radix(text, 16).unwrap();
        (parse(start)..parse(end)).contains(&address).then(|| rest[..4].to_string())
    })
}

#[test]
fn refuses_what_it_cannot_run() {
    let target = Target::x86_64(CpuLevel::V2);
    let good = artifact(target.machine, object(isa::build(&target).unwrap(), false));
    let load = |artifact| Kernel::load(Arc::new(artifact), runtime::record_raise).map(|_| ()).unwrap_err();
    let wasm = Artifact { code: Code::Wasm(Vec::new()), ..good.clone() };
    assert!(matches!(load(wasm), LoadError::NotNative));
    assert!(matches!(load(Artifact { abi_version: 0, ..good.clone() }), LoadError::AbiVersion(0)));
    let other = object(isa::build(&target).unwrap(), true);
    let unknown =
        Artifact { code: Code::Native(NativeCode { object: other, machine: target.machine }), ..good.clone() };
    assert!(load(unknown).to_string().contains("`toupper`"));
    let mut missing = good.clone();
    missing.exports[0].packed = "nothing".into();
    assert!(matches!(load(missing), LoadError::Missing(_)));
}

#[test]
fn damaged_objects_are_errors() {
    let target = Target::x86_64(CpuLevel::V2);
    let good = artifact(target.machine, object(isa::build(&target).unwrap(), false));
    let bytes = &good.native().unwrap().object;
    for cut in [0, 1, 16, 63, 64, 200, bytes.len() / 2, bytes.len() - 1] {
        let code = Code::Native(NativeCode { object: bytes[..cut].to_vec(), machine: target.machine });
        assert!(Kernel::load(Arc::new(Artifact { code, ..good.clone() }), runtime::record_raise).is_err());
    }
}

/// Any byte may be wrong: an error or an object that loads, never a panic.
#[test]
fn garbled_objects_do_no_harm() {
    let target = Target::x86_64(CpuLevel::V2);
    let good = artifact(target.machine, object(isa::build(&target).unwrap(), false));
    let bytes = &good.native().unwrap().object;
    let mut state = 1u64;
    let mut refused = 0;
    for at in 0..bytes.len() {
        // Knuth's multiplier; any odd change of the byte will do.
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        let mut garbled = bytes.clone();
        garbled[at] ^= (state >> 56) as u8 | 1;
        let code = Code::Native(NativeCode { object: garbled, machine: target.machine });
        refused +=
            usize::from(Kernel::load(Arc::new(Artifact { code, ..good.clone() }), runtime::record_raise).is_err());
    }
    assert!(refused > 100, "{refused} of {}", bytes.len());
}

#[test]
fn shared_libraries_load_without_a_linker() {
    let target = Target::x86_64(CpuLevel::V2);
    let object = object(isa::build(&target).unwrap(), true);
    let library = |importable: &dyn Fn(&str) -> bool| {
        elf::write(&elf::Library { object: &object, soname: "libt.so", exported: &|name| name != "seven", importable })
    };
    assert!(library(&|_| false).unwrap_err().to_string().contains("`toupper`"));
    let bytes = library(&|name| name == "toupper").unwrap();
    assert_eq!(bytes, library(&|name| name == "toupper").unwrap());
    let path = std::env::temp_dir().join(format!("gelcap-objects-{}.so", std::process::id()));
    std::fs::write(&path, &bytes).unwrap();
    let c_path = std::ffi::CString::new(path.to_str().unwrap()).unwrap();
    // SAFETY: the library is our own; its functions have these types.
    unsafe {
        let handle = libc::dlopen(c_path.as_ptr(), libc::RTLD_NOW);
        assert!(!handle.is_null(), "{:?}", std::ffi::CStr::from_ptr(libc::dlerror()));
        let pick = libc::dlsym(handle, c"pick".as_ptr());
        assert_eq!(std::mem::transmute::<*mut libc::c_void, extern "C" fn() -> i64>(pick)(), 7);
        let call = libc::dlsym(handle, c"call_import".as_ptr());
        let upper = std::mem::transmute::<*mut libc::c_void, extern "C" fn(i64) -> i64>(call)(i64::from(b'a'));
        assert_eq!(upper as u8, b'A');
        assert_eq!(access_of(call as usize).as_deref(), Some("r-xp"));
        assert!(libc::dlsym(handle, c"seven".as_ptr()).is_null());
        libc::dlclose(handle);
    }
    std::fs::remove_file(&path).unwrap();
}
