//! IR types as Cranelift types. A scalar is one Cranelift value; a pack is one 128-bit vector where it fills one
//! ([`vector`]), else one value a lane. What is wider was to be split by `legalize`, so lanes are the exception.

use cranelift_codegen::ir::{self, AbiParam, Signature, types};
use cranelift_codegen::isa::TargetIsa;
use smallvec::SmallVec;

use crate::ir::{Entry, Function, Type};
use crate::types::Scalar;

/// The Cranelift values that one IR value is.
pub type Parts = SmallVec<[ir::Value; 1]>;

/// The Cranelift type of a scalar; a `bool` is a byte that is 0 or 1.
pub fn scalar(s: Scalar) -> ir::Type {
    match s {
        Scalar::Bool | Scalar::I8 | Scalar::U8 => types::I8,
        Scalar::I16 | Scalar::U16 => types::I16,
        Scalar::I32 | Scalar::U32 => types::I32,
        Scalar::I64 | Scalar::U64 => types::I64,
        Scalar::F32 => types::F32,
        Scalar::F64 => types::F64,
    }
}

/// The vector type of a pack, if it fills a register. A pack of `bool` is a mask: lanes of all ones or all zeros, as
/// wide as makes it fill one.
pub fn vector(s: Scalar, lanes: u8) -> Option<ir::Type> {
    let lane = match (s, lanes) {
        (Scalar::Bool, 2) => types::I64,
        (Scalar::Bool, 4) => types::I32,
        (Scalar::Bool, 8) => types::I16,
        (Scalar::Bool, 16) => types::I8,
        (Scalar::Bool, _) => return None,
        (s, lanes) if s.bits() * u32::from(lanes) == 128 => scalar(s),
        _ => return None,
    };
    lane.by(u32::from(lanes))
}

/// The Cranelift types of an IR type's parts. Types that do not exist at Machine level have none.
pub fn parts(ty: Type) -> Result<SmallVec<[ir::Type; 1]>, String> {
    Ok(match ty {
        Type::Scalar(s) => SmallVec::from_elem(scalar(s), 1),
        Type::Ptr => SmallVec::from_elem(types::I64, 1),
        Type::Pack(s, lanes) => match vector(s, lanes) {
            Some(vector) => SmallVec::from_elem(vector, 1),
            None => SmallVec::from_elem(scalar(s), usize::from(lanes)),
        },
        Type::Vec(_) | Type::Array(_) | Type::Buffer => return Err(format!("{ty} does not exist at Machine level")),
    })
}

/// The signature of a function. Small integers of C entries are extended, as C compilers expect of each other.
pub fn signature(function: &Function, isa: &dyn TargetIsa) -> Result<Signature, String> {
    let param_types = function.types(function.params());
    let (params, results) = (abi_params(function, &param_types)?, abi_params(function, &function.results)?);
    Ok(Signature { params, returns: results, call_conv: isa.default_call_conv() })
}

fn abi_params(function: &Function, tys: &[Type]) -> Result<Vec<AbiParam>, String> {
    let mut params = Vec::new();
    for &ty in tys {
        for part in parts(ty)? {
            let plain = AbiParam::new(part);
            params.push(match (function.entry, ty) {
                (Entry::C, Type::Scalar(s)) if s.is_signed() && s.bytes() < 4 => plain.sext(),
                (Entry::C, Type::Scalar(s)) if !s.is_float() && s.bytes() < 4 => plain.uext(),
                _ => plain,
            });
        }
    }
    Ok(params)
}

/// The signature of a call to a function of the host.
pub fn plain_signature(params: &[Type], results: &[Type], isa: &dyn TargetIsa) -> Result<Signature, String> {
    let mut signature = Signature::new(isa.default_call_conv());
    for &ty in params {
        signature.params.extend(parts(ty)?.into_iter().map(AbiParam::new));
    }
    for &ty in results {
        signature.returns.extend(parts(ty)?.into_iter().map(AbiParam::new));
    }
    Ok(signature)
}
