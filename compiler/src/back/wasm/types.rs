//! IR types as wasm types. A scalar is one value: `i64`, `u64` and floats as they are, everything smaller an `i32` kept
//! extended by its signedness, so that comparing, converting and storing need no care. An address is an `i32`. A pack is
//! one `v128` where it fills one ([`vector`]), else one value a lane; what is wider was to be split by `legalize`.

use smallvec::SmallVec;
use wasm_encoder::{TypeSection, ValType};

use crate::abi::imports::Import;
use crate::ir::{Function, Type};
use crate::types::Scalar;

/// The wasm values that one IR value is.
pub(super) type Parts = SmallVec<[ValType; 1]>;

pub(super) fn scalar(s: Scalar) -> ValType {
    match s {
        Scalar::Bool | Scalar::I8 | Scalar::I16 | Scalar::I32 | Scalar::U8 | Scalar::U16 | Scalar::U32 => ValType::I32,
        Scalar::I64 | Scalar::U64 => ValType::I64,
        Scalar::F32 => ValType::F32,
        Scalar::F64 => ValType::F64,
    }
}

/// How the lanes of a pack lie in a `v128`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Shape {
    I8x16,
    I16x8,
    I32x4,
    I64x2,
    F32x4,
    F64x2,
}

/// The shape of a pack that fills 128 bits. A pack of `bool` is a mask: lanes of all ones or all zeros, as wide as makes
/// it fill them.
pub(super) fn vector(s: Scalar, lanes: u8) -> Option<Shape> {
    let bits = if s == Scalar::Bool { 128 / u32::from(lanes) } else { s.bits() };
    if bits * u32::from(lanes) != 128 {
        return None;
    }
    match (bits, s.is_float()) {
        (8, _) => Some(Shape::I8x16),
        (16, _) => Some(Shape::I16x8),
        (32, false) => Some(Shape::I32x4),
        (64, false) => Some(Shape::I64x2),
        (32, true) => Some(Shape::F32x4),
        (64, true) => Some(Shape::F64x2),
        _ => None,
    }
}

/// The parts of a type. Types that do not exist at Machine level have none.
pub(super) fn parts(ty: Type) -> Result<Parts, String> {
    Ok(match ty {
        Type::Scalar(s) => SmallVec::from_elem(scalar(s), 1),
        Type::Ptr => SmallVec::from_elem(ValType::I32, 1),
        Type::Pack(s, lanes) => match vector(s, lanes) {
            Some(_) => SmallVec::from_elem(ValType::V128, 1),
            None => SmallVec::from_elem(scalar(s), usize::from(lanes)),
        },
        Type::Vec(_) | Type::Array(_) | Type::Buffer => return Err(format!("{ty} does not exist at Machine level")),
    })
}

fn flat(types: &[Type]) -> Result<Vec<ValType>, String> {
    let mut all = Vec::new();
    for ty in types {
        all.extend(parts(*ty)?);
    }
    Ok(all)
}

/// The function types of a module, each once, in the order of first use.
#[derive(Default)]
pub(super) struct FunctionTypes {
    types: Vec<(Vec<ValType>, Vec<ValType>)>,
}

impl FunctionTypes {
    pub(super) fn function(&mut self, f: &Function) -> Result<u32, String> {
        let params = flat(&f.types(f.params()))?;
        Ok(self.intern(params, flat(&f.results)?))
    }

    /// `Raise` gets the address of the token before what the IR passes.
    pub(super) fn import(&mut self, import: Import) -> Result<u32, String> {
        let (params, results) = import.signature();
        let mut params = flat(params)?;
        if import == Import::Raise {
            params.insert(0, ValType::I32);
        }
        Ok(self.intern(params, flat(results)?))
    }

    fn intern(&mut self, params: Vec<ValType>, results: Vec<ValType>) -> u32 {
        let ty = (params, results);
        let index = self.types.iter().position(|t| *t == ty).unwrap_or_else(|| {
            self.types.push(ty);
            self.types.len() - 1
        });
        index as u32
    }

    pub(super) fn section(&self) -> TypeSection {
        let mut section = TypeSection::new();
        for (params, results) in &self.types {
            section.ty().function(params.iter().copied(), results.iter().copied());
        }
        section
    }
}
