//! Arrays as judges see them: how an argument lies in memory, and what a result holds.

use std::fmt;

use gelcap_compiler::types::{ArrayType, Layout, Scalar};
use serde_json::Value as Json;

use crate::reference::unhex;
use crate::value::Value;

/// An array's type and how its elements follow each other.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct View {
    pub dtype: Scalar,
    pub shape: Vec<i64>,
    /// In bytes.
    pub strides: Vec<i64>,
    pub writable: bool,
}

impl View {
    pub(crate) fn from_json(json: &Json) -> Result<View, String> {
        let (dtype, shape) = typed(json)?;
        let strides = integers(&json["strides"]);
        if strides.len() != shape.len() {
            return Err("an array needs a stride for each axis".into());
        }
        Ok(View { dtype, shape, strides, writable: json["writable"].as_bool().unwrap_or(true) })
    }

    /// The type of which a lazy `jit` takes it to be.
    pub fn ty(&self) -> ArrayType {
        let (c, f) = contiguous(self.dtype, &self.shape, &self.strides);
        let layout = match (c, f) {
            (true, _) => Layout::C,
            (false, true) => Layout::F,
            (false, false) => Layout::Strided,
        };
        ArrayType { dtype: self.dtype, rank: self.shape.len() as u8, layout, writable: self.writable }
    }
}

fn typed(json: &Json) -> Result<(Scalar, Vec<i64>), String> {
    let name = json["dtype"].as_str().unwrap_or_default();
    let dtype = Scalar::from_dtype_name(name).ok_or_else(|| format!("an array of {name}"))?;
    Ok((dtype, integers(&json["shape"])))
}

fn integers(json: &Json) -> Vec<i64> {
    json.as_array().map(|items| items.iter().filter_map(Json::as_i64).collect()).unwrap_or_default()
}

/// NumPy's C and F flags: strides of axes of length 1, and all strides of an empty array, do not count.
fn contiguous(dtype: Scalar, shape: &[i64], strides: &[i64]) -> (bool, bool) {
    if shape.contains(&0) {
        return (true, true);
    }
    let dense = |axes: Vec<usize>| {
        let mut expected = i64::from(dtype.bytes());
        axes.into_iter().all(|k| {
            let fits = shape[k] == 1 || strides[k] == expected;
            expected = expected.wrapping_mul(shape[k]);
            fits
        })
    };
    (dense((0..shape.len()).rev().collect()), dense((0..shape.len()).collect()))
}

/// What a result holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Array {
    pub dtype: Scalar,
    pub shape: Vec<i64>,
    /// In C order.
    pub elements: Vec<u64>,
    /// Contiguous in C order, in Fortran's.
    pub contiguous: (bool, bool),
    /// The memory of the call in which it lies, and at which offset; `None` if it has its own, or no elements.
    pub place: Option<(usize, i64)>,
}

/// The most elements a result may have.
const ELEMENTS: i64 = 1 << 24;

impl Array {
    pub(crate) fn from_json(json: &Json) -> Result<Array, String> {
        let (dtype, shape) = typed(json)?;
        let bytes = unhex(json["bits"].as_str().unwrap_or_default())?;
        let place = match (json["place"]["memory"].as_u64(), json["place"]["offset"].as_i64()) {
            (Some(memory), Some(offset)) => Some((memory as usize, offset)),
            _ => None,
        };
        let flag = |key: &str| json[key].as_bool().unwrap_or_default();
        let elements = bytes.chunks(dtype.bytes() as usize).map(word).collect();
        Ok(Array { dtype, shape, elements, contiguous: (flag("c"), flag("f")), place })
    }

    /// Reads a result: `words` are its slots without the owner. `load` reads an element at an address, `place` finds the
    /// call's memory that an address is in.
    pub fn read(
        ty: &ArrayType,
        words: &[u64],
        load: &dyn Fn(Scalar, u64) -> Result<u64, String>,
        place: &dyn Fn(u64) -> Option<(usize, i64)>,
    ) -> Result<Array, String> {
        let rank = usize::from(ty.rank);
        let signed: Vec<i64> = words.iter().map(|w| *w as i64).collect();
        let (address, shape, strides) = (words[0], &signed[1..1 + rank], &signed[1 + rank..1 + 2 * rank]);
        let count = shape.iter().try_fold(1i64, |n, d| n.checked_mul(*d)).filter(|n| (0..=ELEMENTS).contains(n));
        let count = count.ok_or_else(|| format!("a result of shape {shape:?}"))?;
        let mut elements = Vec::with_capacity(count as usize);
        let mut index = vec![0; rank];
        for _ in 0..count {
            let offset: i64 = index.iter().zip(strides).map(|(i, s)| i * s).sum();
            elements.push(load(ty.dtype, address.wrapping_add(offset as u64))?);
            for axis in (0..rank).rev() {
                index[axis] += 1;
                if index[axis] < shape[axis] {
                    break;
                }
                index[axis] = 0;
            }
        }
        let contiguous = contiguous(ty.dtype, shape, strides);
        let promised = match ty.layout {
            Layout::C => contiguous.0,
            Layout::F => contiguous.1,
            Layout::Strided => true,
        };
        if !promised {
            return Err(format!("a result of type {ty} has shape {shape:?} and strides {strides:?}"));
        }
        let place = if count == 0 { None } else { place(address) };
        Ok(Array { dtype: ty.dtype, shape: shape.to_vec(), elements, contiguous, place })
    }

    /// Equal but for what `same` says of elements, and for the order in memory if they are no views.
    pub fn agrees(&self, other: &Array, same: impl Fn(u64, u64) -> bool) -> bool {
        let layout = |a: &Array| a.place.map(|_| a.contiguous);
        (self.dtype, &self.shape, self.place, layout(self)) == (other.dtype, &other.shape, other.place, layout(other))
            && self.elements.len() == other.elements.len()
            && self.elements.iter().zip(&other.elements).all(|(x, y)| same(*x, *y))
    }
}

/// The bits of a little-endian element.
pub(crate) fn word(bytes: &[u8]) -> u64 {
    let mut word = [0; 8];
    word[..bytes.len()].copy_from_slice(bytes);
    u64::from_le_bytes(word)
}

impl fmt::Display for Array {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |bits: &u64| Value::Scalar { scalar: self.dtype, numpy: false, bits: *bits }.to_string();
        let items: Vec<String> = self.elements.iter().map(shown).collect();
        write!(f, "{}{:?}[{}]", self.dtype.dtype_name(), self.shape, items.join(", "))?;
        match self.contiguous {
            (true, true) => {}
            (true, false) => f.write_str(" C")?,
            (false, true) => f.write_str(" F")?,
            (false, false) => f.write_str(" strided")?,
        }
        match self.place {
            Some((memory, offset)) => write!(f, " in memory {memory} at {offset}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_numpys() {
        let flags = |shape: &[i64], strides: &[i64]| contiguous(Scalar::F64, shape, strides);
        assert_eq!(flags(&[2, 3], &[24, 8]), (true, false));
        assert_eq!(flags(&[2, 3], &[8, 16]), (false, true));
        assert_eq!(flags(&[3], &[8]), (true, true));
        assert_eq!(flags(&[3], &[-8]), (false, false));
        assert_eq!(flags(&[1, 3], &[-7, 8]), (true, true));
        assert_eq!(flags(&[0, 3], &[5, 5]), (true, true));
        assert_eq!(flags(&[], &[]), (true, true));
    }

    #[test]
    fn results_are_read_in_c_order() {
        let ty = ArrayType { dtype: Scalar::I16, rank: 2, layout: Layout::Strided, writable: true };
        let load = |_, address: u64| Ok(address);
        let words = [100, 2, 2, 2u64.wrapping_neg(), 10];
        let array = Array::read(&ty, &words, &load, &|at| Some((1, at as i64))).unwrap();
        assert_eq!(array.elements, [100, 110, 98, 108]);
        assert_eq!((array.contiguous, array.place), ((false, false), Some((1, 100))));
        let dense = ArrayType { layout: Layout::C, ..ty };
        assert!(Array::read(&dense, &words, &load, &|_| None).is_err());
    }
}
