//! Values with their exact Python type and bits, as the reference sends them and as judges give them.

use std::fmt;

use gelcap_compiler::abi::status::float_repr;
use gelcap_compiler::artifact::ResultType;
use gelcap_compiler::ir::eval;
use gelcap_compiler::ir::op::Const;
use gelcap_compiler::types::{ArrayType, Kind, Scalar};
use serde_json::Value as Json;

use crate::array::Array;
use crate::reference::Answer;

/// What a kernel returned.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Value {
    None,
    /// `numpy`: a NumPy scalar, not Python's.
    Scalar {
        scalar: Scalar,
        numpy: bool,
        bits: u64,
    },
    Array(Array),
    Tuple(Vec<Value>),
    /// What no kernel can return, in words.
    Other(String),
}

impl Value {
    /// From the reference's encoding.
    pub fn from_json(json: &Json) -> Value {
        let text = |key: &str| json[key].as_str().unwrap_or_default();
        let ty = text("type");
        let scalar = match ty {
            "None" => return Value::None,
            "array" => return Array::from_json(json).map_or_else(Value::Other, Value::Array),
            "tuple" => {
                let items = json["items"].as_array().map(|items| items.iter().map(Value::from_json).collect());
                return Value::Tuple(items.unwrap_or_default());
            }
            "int" => Some((Scalar::I64, false)),
            "float" => Some((Scalar::F64, false)),
            "bool" => Some((Scalar::Bool, false)),
            _ => ty.strip_prefix("np.").and_then(Scalar::from_dtype_name).map(|s| (s, true)),
        };
        match (scalar, u64::from_str_radix(text("bits"), 16)) {
            (Some((scalar, numpy)), Ok(bits)) => Value::Scalar { scalar, numpy, bits },
            _ => Value::Other(format!("{ty} {}", text("bits"))),
        }
    }

    /// The result in a kernel's slots. Arrays are read where `read` finds them: type, address, shape, strides, owner.
    pub fn from_slots(
        ty: &ResultType,
        slots: &mut impl Iterator<Item = u64>,
        read: &mut dyn FnMut(&ArrayType, &[u64]) -> Value,
    ) -> Value {
        match ty {
            ResultType::None => Value::None,
            ResultType::Scalar { scalar, numpy } => {
                let slot = slots.next().unwrap_or_default();
                let bits = match scalar.bytes() {
                    8 => slot,
                    n => slot & ((1 << (8 * n)) - 1),
                };
                // Python has one int and one float, whatever C calls them.
                let c = Const { ty: *scalar, bits };
                let c = match scalar.kind() {
                    Kind::Signed | Kind::Unsigned if !numpy => eval::convert(Scalar::I64, c),
                    Kind::Float if !numpy => eval::convert(Scalar::F64, c),
                    Kind::Bool | Kind::Signed | Kind::Unsigned | Kind::Float => c,
                };
                Value::Scalar { scalar: c.ty, numpy: *numpy, bits: c.bits }
            }
            ResultType::Either { python, numpy } => {
                let flag = slots.next().unwrap_or_default();
                Value::from_slots(&ResultType::chosen(*python, *numpy, flag), slots, read)
            }
            ResultType::Array(array) => {
                let words: Vec<u64> = slots.take(ty.slots()).collect();
                read(array, &words)
            }
            ResultType::Tuple(items) => Value::Tuple(items.iter().map(|t| Value::from_slots(t, slots, read)).collect()),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::None => f.write_str("None"),
            Value::Scalar { scalar, numpy, bits } => {
                let c = Const { ty: *scalar, bits: *bits };
                if *numpy {
                    write!(f, "np.{}(", scalar.dtype_name())?;
                }
                match scalar {
                    Scalar::Bool if *bits <= 1 => f.write_str(if *bits == 1 { "True" } else { "False" })?,
                    Scalar::F32 | Scalar::F64 => write!(f, "{} [{bits:#x}]", float_repr(c.as_float()))?,
                    _ => write!(f, "{}", c.as_int())?,
                }
                f.write_str(if *numpy { ")" } else { "" })
            }
            Value::Array(array) => write!(f, "{array}"),
            Value::Tuple(items) => {
                let items: Vec<String> = items.iter().map(Value::to_string).collect();
                write!(f, "({})", items.join(", "))
            }
            Value::Other(what) => f.write_str(what),
        }
    }
}

/// An answer in words.
pub fn answer(answer: &Answer) -> String {
    match answer {
        Answer::Returned(value) => value.to_string(),
        Answer::Raised { class, message: Some(message) } => format!("{class}({message:?})"),
        Answer::Raised { class, message: None } => class.clone(),
    }
}

/// Memory as a list of its elements.
pub fn memory(element: Scalar, bytes: &[u8]) -> String {
    let show = |chunk: &[u8]| {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        Value::Scalar { scalar: element, numpy: false, bits: u64::from_le_bytes(word) }.to_string()
    };
    let items: Vec<String> = bytes.chunks(element.bytes() as usize).map(show).collect();
    format!("[{}]", items.join(", "))
}
