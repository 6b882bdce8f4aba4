//! Run-time values, one shape per IR type.

use std::sync::Arc;

use super::memory::Owner;
use super::{Result, fault};
use crate::ir::op::Const;
use crate::ir::{ArrayType, Type};
use crate::types::Scalar;

/// A value of some [`Type`].
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    Scalar(Const),
    Ptr(u64),
    /// L lanes of the scalar.
    Vec(Scalar, Vec<Const>),
    Pack(Scalar, Vec<Const>),
    Array(Box<ArrayValue>),
    /// One reference, by the address of the buffer's first byte.
    Buffer(u64),
}

/// A descriptor; strides are in bytes.
#[derive(Clone, PartialEq, Debug)]
pub struct ArrayValue {
    pub ty: ArrayType,
    pub data: u64,
    pub shape: Vec<i64>,
    pub strides: Vec<i64>,
    /// Keeps the memory, where the kernel made it.
    pub owner: Option<Arc<Owner>>,
}

impl Value {
    pub fn int(ty: Scalar, value: i64) -> Value {
        Value::Scalar(Const::int(ty, value))
    }

    pub fn i64(value: i64) -> Value {
        Value::int(Scalar::I64, value)
    }

    pub fn f64(value: f64) -> Value {
        Value::Scalar(Const::f64(value))
    }

    pub fn bool(value: bool) -> Value {
        Value::Scalar(Const::bool(value))
    }

    /// The type, given the lane count where it matters.
    pub fn ty(&self) -> Type {
        match self {
            Value::Scalar(c) => Type::Scalar(c.ty),
            Value::Ptr(_) => Type::Ptr,
            Value::Vec(s, _) => Type::Vec(*s),
            Value::Pack(s, lanes) => Type::Pack(*s, lanes.len() as u8),
            Value::Array(a) => Type::Array(a.ty),
            Value::Buffer(_) => Type::Buffer,
        }
    }

    pub(super) fn scalar(&self) -> Result<Const> {
        match self {
            Value::Scalar(c) => Ok(*c),
            other => fault(format!("a scalar was expected, not {}", other.ty())),
        }
    }

    /// The scalar as a payload word or an index: its bits, an `i64`'s value.
    pub(super) fn word(&self) -> Result<i64> {
        Ok(self.scalar()?.as_int_or_bits())
    }

    pub(super) fn truth(&self) -> Result<bool> {
        match self.scalar()? {
            Const { ty: Scalar::Bool, bits } => Ok(bits != 0),
            other => fault(format!("a bool was expected, not {}", other.ty)),
        }
    }

    pub(super) fn address(&self) -> Result<u64> {
        match self {
            Value::Ptr(address) => Ok(*address),
            other => fault(format!("an address was expected, not {}", other.ty())),
        }
    }

    pub(super) fn buffer(&self) -> Result<u64> {
        match self {
            Value::Buffer(address) => Ok(*address),
            other => fault(format!("a buffer was expected, not {}", other.ty())),
        }
    }

    pub(super) fn array(&self) -> Result<&ArrayValue> {
        match self {
            Value::Array(a) => Ok(a),
            other => fault(format!("an array was expected, not {}", other.ty())),
        }
    }

    /// The lanes of a vector or pack.
    pub(super) fn lanes(&self) -> Result<&[Const]> {
        match self {
            Value::Vec(_, lanes) | Value::Pack(_, lanes) => Ok(lanes),
            other => fault(format!("a vector was expected, not {}", other.ty())),
        }
    }
}

impl Const {
    fn as_int_or_bits(self) -> i64 {
        if self.ty.is_float() { self.bits as i64 } else { self.as_int() as i64 }
    }
}
