//! `_gelcap.Compiled`: one compiled form of a function, with its handles for C.

use std::ffi::{CString, c_char, c_void};
use std::sync::{Arc, Mutex, PoisonError};

use gelcap_compiler::artifact::CType;
use gelcap_compiler::front::signature::{Notation, SigParam, Signature};
use gelcap_compiler::front::{KernelInfo, Mode};
use gelcap_compiler::options::Options;
use gelcap_compiler::passes::Quiet;
use gelcap_compiler::request::{self, Request, Stage};
use gelcap_wasm_host as wasm;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::ffi;
use pyo3::prelude::*;

use crate::call;
use crate::class::{Class, Classes};
use crate::diagnostics;
use crate::function;
use crate::loaded::{HostCode, Loaded};
use crate::request::Prepared;
use crate::variant::Variant;

/// What the compiled forms of one compilation share.
pub struct Origin {
    pub request: Request,
    pub options: Options,
    pub target_report: String,
    pub extents: Vec<(String, String)>,
    pub callback: bool,
}

impl Origin {
    pub fn new(prepared: Prepared) -> (Origin, Option<Vec<Class>>) {
        let Prepared { request, options, classes, target_report, extents, callback } = prepared;
        (Origin { request, options, target_report, extents, callback }, classes)
    }
}

/// One compiled form.
#[pyclass(module = "gelcap._gelcap", frozen)]
pub struct Compiled {
    loaded: Arc<Loaded>,
    /// Which of the artifact's exports it is: several may have one name.
    export: usize,
    info: KernelInfo,
    /// What lazy dispatch compiled it for; `None` for a declared signature.
    classes: Option<Vec<Class>>,
    origin: Arc<Origin>,
    address: Mutex<Option<usize>>,
}

/// A compiled form's types; prints as C where C can say them.
#[pyclass(module = "gelcap._gelcap", frozen, get_all)]
pub struct CompiledSignature {
    c: Option<String>,
    numba: String,
    pythran: String,
}

#[pymethods]
impl CompiledSignature {
    fn __str__(&self) -> String {
        self.c.clone().unwrap_or_else(|| self.numba.clone())
    }

    fn __repr__(&self) -> String {
        self.__str__()
    }
}

impl Compiled {
    pub fn new(
        loaded: Arc<Loaded>,
        export: usize,
        info: KernelInfo,
        classes: Option<Vec<Class>>,
        origin: Arc<Origin>,
    ) -> Compiled {
        Compiled { loaded, export, info, classes, origin, address: Mutex::new(None) }
    }

    /// A call's variant.
    fn variant(&self, py: Python<'_>) -> PyResult<Variant> {
        let spelled = self.signature_parts().to_numba();
        Variant::new(py, self.loaded.clone(), self.export, self.classes.clone(), spelled)
    }

    /// A C function of a wasm kernel, which copies what its pointers lead to; it stays for the rest of the process.
    fn wasm_address(&self, user_data: Option<usize>) -> PyResult<usize> {
        let HostCode::Wasm(kernel) = &self.loaded.code else {
            return Err(PyTypeError::new_err("not a wasm kernel"));
        };
        let given: Vec<(&str, &str)> = self.origin.extents.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
        let extents = if given.is_empty() { wasm::Extents::Scipy } else { wasm::Extents::Given(&given) };
        let user_data = user_data.map_or(wasm::UserData::Null, wasm::UserData::Bytes);
        let loaded = self.loaded.clone();
        let on_error: wasm::OnError = Arc::new(move |failure| loaded.fail_wasm(failure));
        let made = wasm::Callback::new(kernel, self.export, extents, user_data, on_error)
            .map_err(|e| PyTypeError::new_err(e.to_string()))?;
        Ok(made.address() as usize)
    }

    fn signature_parts(&self) -> Signature {
        let param = |p: &gelcap_compiler::front::ParamInfo| SigParam {
            ty: p.declared.clone(),
            name: Some(p.name.clone()),
            span: Default::default(),
        };
        Signature {
            name: Some(self.info.name.clone()),
            params: self.info.params.iter().map(param).collect(),
            result: Some(self.info.result.clone()),
            capsule: false,
            notation: Notation::Numba,
            span: Default::default(),
        }
    }

    fn capsule_name(&self) -> PyResult<String> {
        let export = self.loaded.export(self.export)?;
        let c = export.c.as_ref();
        let c = c.ok_or_else(|| PyTypeError::new_err(format!("`{}` has no C function", self.info.name)))?;
        Ok(c.capsule.clone().unwrap_or_else(|| c.signature.clone()))
    }
}

#[pymethods]
impl Compiled {
    #[getter]
    fn name(&self) -> &str {
        &self.info.name
    }

    #[getter]
    fn is_c(&self) -> bool {
        self.info.mode == Mode::C
    }

    #[getter]
    fn is_wasm(&self) -> bool {
        matches!(self.loaded.code, HostCode::Wasm(_))
    }

    #[getter]
    fn param_names(&self) -> Vec<String> {
        self.info.params.iter().map(|p| p.name.clone()).collect()
    }

    /// The classes that lazy dispatch compiled it for; None for a declared signature.
    #[getter]
    fn classes(&self) -> Option<Classes> {
        self.classes.clone().map(Classes)
    }

    #[getter]
    fn signature(&self) -> CompiledSignature {
        let signature = self.signature_parts();
        let c = self.loaded.export(self.export).ok().and_then(|e| Some(e.c.as_ref()?.signature.clone()));
        CompiledSignature { c, numba: signature.to_numba(), pythran: signature.to_pythran() }
    }

    /// (result, parameters) of the C function: a dtype name, `*float64`, `*` for `void *`, None for `void`.
    #[getter]
    fn c_types(&self) -> PyResult<(Option<String>, Vec<String>)> {
        let export = self.loaded.export(self.export)?;
        let c = export.c.as_ref();
        let c = c.ok_or_else(|| PyTypeError::new_err(format!("`{}` has no C function", self.info.name)))?;
        let name = |t: &CType| match t {
            CType::Scalar(s) => s.dtype_name().to_string(),
            CType::Pointer(element) => format!("*{}", element.map_or("", |e| e.dtype_name())),
        };
        Ok((c.result.as_ref().map(name), c.params.iter().map(name).collect()))
    }

    /// The element type that the kernel reads its `void *` user data as, where that is known.
    #[getter]
    fn user_data_element(&self) -> Option<&'static str> {
        None
    }

    /// The address of the C function, valid for the rest of the process.
    fn address(&self) -> PyResult<usize> {
        let mut known = self.address.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(address) = *known {
            return Ok(address);
        }
        let address = match &self.loaded.code {
            HostCode::Native(_) => self.loaded.c_address(self.loaded.export(self.export)?)?,
            HostCode::Wasm(_) => self.wasm_address(None)?,
        };
        *known = Some(address);
        Ok(address)
    }

    /// The C function as a capsule, whose context is what SciPy passes as user data when it is given none.
    fn capsule(&self, py: Python<'_>, context: usize, keep: Py<PyAny>) -> PyResult<Py<PyAny>> {
        new_capsule(py, self.address()?, &self.capsule_name()?, context, keep)
    }

    /// The same for a wasm kernel with user data of known length.
    #[pyo3(signature = (user_data, keep, context=0))]
    fn capsule_for(
        &self,
        py: Python<'_>,
        user_data: Option<usize>,
        keep: Py<PyAny>,
        context: usize,
    ) -> PyResult<Py<PyAny>> {
        new_capsule(py, self.wasm_address(user_data)?, &self.capsule_name()?, context, keep)
    }

    /// A stage of the compilation as text.
    fn emit(&self, py: Python<'_>, stage: &str) -> PyResult<String> {
        let stage = match stage {
            "ast" => Stage::Ast,
            "types" => Stage::Types,
            "ir" => Stage::Ir,
            "machine-ir" => Stage::MachineIr,
            "wat" => Stage::Wat,
            "clif" => Stage::Clif,
            "asm" => Stage::Asm,
            "target" => return Ok(self.origin.target_report.clone()),
            other => {
                let stages = "ast, types, ir, machine-ir, wat, clif, asm, target";
                return Err(PyValueError::new_err(format!("there is no stage {other:?}; there are {stages}")));
            }
        };
        let wasm = self.is_wasm();
        if (stage == Stage::Wat && !wasm) || (matches!(stage, Stage::Clif | Stage::Asm) && wasm) {
            let (this, other) = if wasm { ("wasm", "native") } else { ("native", "wasm") };
            return Err(PyValueError::new_err(format!(
                "the target is {this}: compile with target=\"{other}\" to see this stage"
            )));
        }
        request::list(&self.origin.request, &self.origin.options, &stage, &mut Quiet)
            .map_err(|failure| diagnostics::error(py, failure))
    }

    /// The exception kept from a thread without Python, or None; forgets it if `take`.
    fn last_error(&self, py: Python<'_>, take: bool) -> Option<Py<PyAny>> {
        let error = if take { self.loaded.take_error() } else { self.loaded.peek_error(py) };
        error.map(|e| e.into_value(py).into_any())
    }

    /// Says the kept exception through `sys.unraisablehook`, and forgets it.
    fn report_error(&self, py: Python<'_>, function: &Bound<'_, PyAny>) {
        if let Some(error) = self.loaded.take_error() {
            error.write_unraisable(py, Some(function));
        }
    }

    /// Makes a function call this form.
    fn attach(&self, function: &Bound<'_, PyAny>) -> PyResult<()> {
        function::add_variant(function, self.variant(function.py())?)
    }

    /// Calls this form, converting the arguments.
    fn call(&self, py: Python<'_>, args: Vec<Bound<'_, PyAny>>) -> PyResult<Py<PyAny>> {
        let variant = Arc::new(self.variant(py)?);
        if args.len() != variant.params.len() {
            let (takes, got) = (variant.params.len(), args.len());
            return Err(PyTypeError::new_err(format!("{}() takes {takes} arguments, got {got}", self.info.name)));
        }
        call::run(py, &variant, &args).map(Bound::unbind)
    }
}

/// A capsule that keeps `keep` alive. Its name and code stay for the rest of the process.
fn new_capsule(py: Python<'_>, address: usize, name: &str, context: usize, keep: Py<PyAny>) -> PyResult<Py<PyAny>> {
    let name = CString::new(name).map_err(|_| PyValueError::new_err("a capsule's name has no NUL"))?;
    let name: *const c_char = Box::leak(name.into_boxed_c_str()).as_ptr();
    // SAFETY: the address is a function's, never null; the name lives for ever.
    unsafe {
        let capsule = ffi::PyCapsule_New(address as *mut c_void, name, None);
        if capsule.is_null() {
            return Err(PyErr::fetch(py));
        }
        let capsule = Bound::from_owned_ptr(py, capsule);
        if context != 0 && ffi::PyCapsule_SetContext(capsule.as_ptr(), context as *mut c_void) != 0 {
            return Err(PyErr::fetch(py));
        }
        // The data that the context points to must live as long as the capsule: nobody tells when SciPy is done.
        std::mem::forget(keep);
        Ok(capsule.unbind())
    }
}
