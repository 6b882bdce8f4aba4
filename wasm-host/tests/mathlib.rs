//! A function of the library, through the passes and the back-end, as a callback that C calls.

use std::sync::Arc;

use gelcap_compiler::abi::packed_symbol;
use gelcap_compiler::artifact::{CEntry, CType, Export, Param, ParamType, ResultType};
use gelcap_compiler::back::{Target, WasmFlavour};
use gelcap_compiler::diag::SourceMap;
use gelcap_compiler::ir::{Level, Module};
use gelcap_compiler::mathlib;
use gelcap_compiler::options::Options;
use gelcap_compiler::passes::Quiet;
use gelcap_compiler::pipeline::{self, Unit};
use gelcap_compiler::types::Scalar;
use gelcap_wasm_host::{Callback, Extents, Kernel, UserData};

const F64: CType = CType::Scalar(Scalar::F64);

/// `exp` as a kernel with a C signature.
fn unit() -> Unit {
    let mut module = Module::new(Level::Loop);
    let func = mathlib::function(&mut module, "exp").expect("a function of the library");
    let export = Export {
        name: "exp".to_string(),
        packed: packed_symbol("exp"),
        params: vec![Param { name: "x".to_string(), ty: ParamType::Scalar(Scalar::F64), default: None }],
        result: ResultType::Scalar { scalar: Scalar::F64, numpy: false },
        c: Some(CEntry {
            symbol: String::new(),
            params: vec![F64],
            result: Some(F64),
            signature: "double (double)".to_string(),
            capsule: None,
        }),
        doc: None,
    };
    Unit { name: "mathlib".to_string(), module, kernels: vec![pipeline::Kernel { func, export }] }
}

#[test]
fn a_function_of_the_library_as_a_callback() {
    let options = Options { verify_each: true, ..Options::new(Target::wasm(WasmFlavour::ImportedMemory)) };
    let artifact = pipeline::compile(unit(), &SourceMap::default(), &options, &mut Quiet);
    let kernel = Kernel::load(Arc::new(artifact.expect("it compiles"))).expect("it loads");
    let on_error = Arc::new(|failure: &_| panic!("{failure:?}"));
    let callback = Callback::new(&kernel, 0, Extents::Scipy, UserData::Null, on_error).expect("a callback");
    // SAFETY: the C signature is `double (double)`.
    let exp = unsafe { std::mem::transmute::<*const u8, extern "C" fn(f64) -> f64>(callback.pointer()) };
    assert_eq!(exp(0.0), 1.0);
    assert_eq!(exp(1.0), std::f64::consts::E);
    assert_eq!(exp(f64::NEG_INFINITY), 0.0);
    assert_eq!(exp(1000.0), f64::INFINITY);
}
