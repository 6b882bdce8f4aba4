//! A compiled form of a function, prepared for calls: how each argument is taken, and what is made of the result.

use std::sync::Arc;

use gelcap_compiler::abi;
use gelcap_compiler::artifact::{Export, ParamType, ResultType};
use gelcap_compiler::types::{Kind, Scalar};
use gelcap_native_host as native;
use pyo3::exceptions::PySystemError;
use pyo3::prelude::*;

use crate::class::Class;
use crate::loaded::{HostCode, Loaded};
use crate::take::Take;

/// Arguments and results that fit here need no allocation.
pub const INLINE_SLOTS: usize = 40;

/// One compiled form of a function.
pub struct Variant {
    pub loaded: Arc<Loaded>,
    /// How the short way takes the arguments, if there is one.
    pub short: Option<Short>,
    pub params: Vec<ParamType>,
    /// The classes that lazy dispatch asks for; `None` for a declared signature, which converts what it is given.
    pub classes: Option<Vec<Class>>,
    pub param_names: Vec<String>,
    /// The signature, for messages.
    pub spelled: String,
    pub result: ResultType,
    pub entry: Entry,
    /// Slots that the arguments fill, and the results.
    pub param_slots: usize,
    pub result_slots: usize,
}

/// The packed entry, under its host.
#[derive(Clone, Copy)]
pub enum Entry {
    Native(native::PackedFn),
    Wasm(usize),
}

/// The short way in and out: exact types in, native code, few slots.
pub struct Short {
    pub entry: native::PackedFn,
    pub takes: Box<[Take]>,
    pub give: Give,
}

/// What the short way makes of the result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Give {
    None,
    Float,
    Int,
    Numpy(Scalar),
    /// What Python's scalar or NumPy's is in memory; the first slot says which it is.
    Either(Scalar, Scalar),
    /// The long way: [`crate::results`].
    Other,
}

impl Variant {
    pub fn new(
        py: Python<'_>,
        loaded: Arc<Loaded>,
        index: usize,
        classes: Option<Vec<Class>>,
        spelled: String,
    ) -> PyResult<Variant> {
        let export = loaded.export(index)?;
        let entry = match &loaded.code {
            HostCode::Native(kernel) => Entry::Native(
                kernel.packed(export).ok_or_else(|| PySystemError::new_err("gelcap: the packed entry is missing"))?,
            ),
            HostCode::Wasm(_) => Entry::Wasm(index),
        };
        let params: Vec<ParamType> = export.params.iter().map(|p| p.ty).collect();
        let param_names = export.params.iter().map(|p| p.name.clone()).collect();
        let result = export.result.clone();
        let param_slots = params.iter().map(ParamType::slots).sum();
        let result_slots = result.slots();
        let short = short(py, export, entry, classes.as_deref());
        Ok(Variant { loaded, short, params, classes, param_names, spelled, result, entry, param_slots, result_slots })
    }

    /// Words that hold the arguments and then the results.
    pub fn slots(&self) -> usize {
        self.param_slots.max(self.result_slots)
    }
}

fn short(py: Python<'_>, export: &Export, entry: Entry, classes: Option<&[Class]>) -> Option<Short> {
    let Entry::Native(entry) = entry else { return None };
    let slots: usize = export.params.iter().map(|p| p.ty.slots()).sum();
    if slots.max(export.result.slots()) > INLINE_SLOTS {
        return None;
    }
    let takes = match classes {
        None => export.params.iter().map(|p| Take::declared(&p.ty)).collect::<Option<_>>()?,
        Some(classes) if classes.len() == export.params.len() => {
            classes.iter().map(|c| Take::class(py, *c)).collect::<Option<_>>()?
        }
        Some(_) => return None,
    };
    let give = match &export.result {
        ResultType::None => Give::None,
        ResultType::Scalar { scalar: Scalar::F64, numpy: false } => Give::Float,
        ResultType::Scalar { scalar, numpy: false } if scalar.kind() == Kind::Signed => Give::Int,
        ResultType::Scalar { scalar, numpy: true } if *scalar != Scalar::Bool => Give::Numpy(*scalar),
        ResultType::Either { python, numpy } if *python != Scalar::Bool && *numpy != Scalar::Bool => {
            Give::Either(*python, *numpy)
        }
        ResultType::Scalar { .. } | ResultType::Either { .. } | ResultType::Array(_) | ResultType::Tuple(_) => {
            Give::Other
        }
    };
    Some(Short { entry, takes, give })
}

const _: () = assert!(abi::PAYLOAD_WORDS == 4);
