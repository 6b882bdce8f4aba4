//! Arguments and results of `gelcap run` as text: Python's literals in, Python's `repr` out.

use gelcap_compiler::abi::status::float_repr;
use gelcap_compiler::abi::to_slot;
use gelcap_compiler::artifact::{Param, ParamType, ResultType};
use gelcap_compiler::types::{Kind, Scalar};

/// An argument, ready for a slot.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    Slot(u64),
    Memory(Memory),
}

/// Elements behind a pointer, aligned for all of them.
#[derive(Clone, PartialEq, Debug)]
pub struct Memory {
    pub element: Scalar,
    pub len: usize,
    words: Vec<u64>,
}

impl Memory {
    fn new(element: Scalar, slots: &[u64]) -> Memory {
        let size = element.bytes() as usize;
        let bytes: Vec<u8> = slots.iter().flat_map(|slot| slot.to_le_bytes()[..size].to_vec()).collect();
        let word = |chunk: &[u8]| {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            u64::from_ne_bytes(word)
        };
        // A list may be empty; its address is one all the same.
        let mut words: Vec<u64> = bytes.chunks(8).map(word).collect();
        words.resize(words.len().max(1), 0);
        Memory { element, len: slots.len(), words }
    }

    /// Where it begins; the address stays while nothing else changes it.
    pub fn start(&mut self) -> *mut u8 {
        self.words.as_mut_ptr().cast()
    }

    pub fn byte_len(&self) -> usize {
        self.len * self.element.bytes() as usize
    }

    /// The elements as a Python list.
    pub fn show(&self) -> String {
        let size = self.element.bytes() as usize;
        let bytes: Vec<u8> = self.words.iter().flat_map(|word| word.to_ne_bytes()).collect();
        let element = |chunk: &[u8]| {
            let mut slot = [0; 8];
            slot[..size].copy_from_slice(chunk);
            show_scalar(self.element, to_slot(self.element, u64::from_le_bytes(slot)))
        };
        let items: Vec<String> = bytes.chunks_exact(size).take(self.len).map(element).collect();
        format!("[{}]", items.join(", "))
    }
}

/// Reads an argument as the parameter wants it. The error is what follows "argument `x`: ".
pub fn parse(text: &str, param: &Param) -> Result<Value, String> {
    match param.ty {
        ParamType::None => Err("None cannot be given on the command line".to_string()),
        ParamType::Array(array) => Err(format!("{array}: arrays cannot be given on the command line")),
        ParamType::Scalar(scalar) => parse_scalar(text.trim(), scalar).map(Value::Slot),
        ParamType::Pointer { element, .. } => {
            let (given, list) = match text.split_once(':') {
                Some((dtype, list)) => (Some(dtype_of(dtype.trim())?), list),
                None => (None, text),
            };
            let element = match (element, given) {
                (Some(wanted), Some(given)) if wanted != given => {
                    return Err(format!("it points to {}, not {}", wanted.dtype_name(), given.dtype_name()));
                }
                (Some(element), _) | (None, Some(element)) => element,
                (None, None) => Scalar::F64,
            };
            let inner = list.trim().strip_prefix('[').and_then(|t| t.strip_suffix(']'));
            let Some(inner) = inner else {
                let example = if element.is_float() { "[1.0,2.0]" } else { "[1,2]" };
                return Err(format!("`{text}` is not a list of numbers: write what it points to, such as {example}"));
            };
            let items = inner.split(',').map(str::trim).filter(|item| !item.is_empty());
            let slots: Result<Vec<u64>, String> = items.map(|item| parse_scalar(item, element)).collect();
            Ok(Value::Memory(Memory::new(element, &slots?)))
        }
    }
}

fn dtype_of(name: &str) -> Result<Scalar, String> {
    let found = Scalar::from_dtype_name(name);
    found.ok_or_else(|| format!("`{name}` is not a dtype: write float64:[1.0,2.0]"))
}

fn parse_scalar(text: &str, scalar: Scalar) -> Result<u64, String> {
    let digits = text.replace('_', "");
    match (scalar.kind(), scalar.int_range()) {
        (Kind::Bool, _) => match text {
            "True" => Ok(1),
            "False" => Ok(0),
            _ => Err(format!("`{text}` is not a bool: write True or False")),
        },
        (Kind::Float, _) if scalar == Scalar::F32 => {
            let value: Result<f32, _> = digits.parse();
            value.map(|x| u64::from(x.to_bits())).map_err(|_| format!("`{text}` is not a number"))
        }
        (_, Some((low, high))) => {
            let value = match digits.strip_prefix("0x") {
                Some(hex) => i128::from_str_radix(hex, 16),
                None => digits.parse(),
            };
            let value: i128 = value.map_err(|_| format!("`{text}` is not an integer"))?;
            if value < low || value > high {
                return Err(format!("{value} does not fit {}", scalar.dtype_name()));
            }
            Ok(to_slot(scalar, value as u64))
        }
        (Kind::Float | Kind::Signed | Kind::Unsigned, None) => {
            let value: Result<f64, _> = digits.parse();
            value.map(f64::to_bits).map_err(|_| format!("`{text}` is not a number"))
        }
    }
}

/// A result from its slots; `None` for a function that gives nothing.
pub fn show(result: &ResultType, slots: &[u64]) -> Option<String> {
    match result {
        ResultType::None => None,
        ResultType::Scalar { .. } | ResultType::Either { .. } | ResultType::Array(_) | ResultType::Tuple(_) => {
            Some(show_value(result, &mut slots.iter().copied()))
        }
    }
}

fn show_value(result: &ResultType, slots: &mut dyn Iterator<Item = u64>) -> String {
    match result {
        ResultType::None => "None".to_owned(),
        ResultType::Scalar { scalar, .. } => show_scalar(*scalar, slots.next().unwrap_or(0)),
        ResultType::Either { python, numpy } => {
            let flag = slots.next().unwrap_or(0);
            show_value(&ResultType::chosen(*python, *numpy, flag), slots)
        }
        ResultType::Array(array) => {
            for _ in 0..result.slots() {
                slots.next();
            }
            array.to_string()
        }
        ResultType::Tuple(items) => {
            let shown: Vec<String> = items.iter().map(|item| show_value(item, slots)).collect();
            let comma = if items.len() == 1 { "," } else { "" };
            format!("({}{comma})", shown.join(", "))
        }
    }
}

fn show_scalar(scalar: Scalar, slot: u64) -> String {
    match scalar.kind() {
        Kind::Bool => if slot & 1 != 0 { "True" } else { "False" }.to_owned(),
        Kind::Signed => (slot as i64).to_string(),
        Kind::Unsigned => slot.to_string(),
        Kind::Float if scalar == Scalar::F32 => {
            // The shortest digits for a float32 are fewer than for the same value as float64.
            let value = f32::from_bits(slot as u32);
            float_repr(value.to_string().parse().unwrap_or(f64::from(value)))
        }
        Kind::Float => float_repr(f64::from_bits(slot)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn param(ty: ParamType) -> Param {
        Param { name: "x".to_owned(), ty, default: None }
    }

    fn scalar(text: &str, scalar: Scalar) -> Result<String, String> {
        match parse(text, &param(ParamType::Scalar(scalar)))? {
            Value::Slot(slot) => Ok(show_scalar(scalar, slot)),
            Value::Memory(_) => Err("memory".to_owned()),
        }
    }

    #[test]
    fn scalars_go_in_and_out() {
        let cases = [
            ("-5", Scalar::I8, "-5"),
            ("0xff", Scalar::U8, "255"),
            ("18446744073709551615", Scalar::U64, "18446744073709551615"),
            ("1_000", Scalar::I64, "1000"),
            ("3", Scalar::F64, "3.0"),
            ("1e300", Scalar::F64, "1e+300"),
            ("0.1", Scalar::F32, "0.1"),
            ("1e39", Scalar::F32, "inf"),
            ("-inf", Scalar::F64, "-inf"),
            ("nan", Scalar::F32, "nan"),
            ("True", Scalar::Bool, "True"),
        ];
        for (text, ty, shown) in cases {
            assert_eq!(scalar(text, ty).as_deref(), Ok(shown), "{text}");
        }
        assert_eq!(scalar("128", Scalar::I8), Err("128 does not fit int8".to_owned()));
        assert_eq!(scalar("abc", Scalar::F64), Err("`abc` is not a number".to_owned()));
        assert_eq!(scalar("1.5", Scalar::I32), Err("`1.5` is not an integer".to_owned()));
        assert_eq!(scalar("1", Scalar::Bool), Err("`1` is not a bool: write True or False".to_owned()));
    }

    #[test]
    fn lists_are_memory() {
        let list = |text: &str, element| parse(text, &param(ParamType::Pointer { element, writable: true }));
        let shown = |text, element| match list(text, element) {
            Ok(Value::Memory(memory)) => Ok((memory.byte_len(), memory.show())),
            Ok(Value::Slot(slot)) => Err(slot.to_string()),
            Err(error) => Err(error),
        };
        assert_eq!(shown("[1.0, 2]", Some(Scalar::F64)), Ok((16, "[1.0, 2.0]".to_owned())));
        assert_eq!(shown("[-1,2,3]", Some(Scalar::I16)), Ok((6, "[-1, 2, 3]".to_owned())));
        assert_eq!(shown("[]", Some(Scalar::F64)), Ok((0, "[]".to_owned())));
        assert_eq!(shown("[1]", None), Ok((8, "[1.0]".to_owned())));
        assert_eq!(shown("int32:[1]", None), Ok((4, "[1]".to_owned())));
        assert_eq!(shown("int32:[1]", Some(Scalar::F64)), Err("it points to float64, not int32".to_owned()));
        assert!(list("3", Some(Scalar::F64)).is_err_and(|e| e.contains("[1.0,2.0]")));
    }

    #[test]
    fn tuples_read_as_python_writes_them() {
        let int = ResultType::Scalar { scalar: Scalar::I64, numpy: false };
        let float = ResultType::Scalar { scalar: Scalar::F64, numpy: true };
        let nested = ResultType::Tuple(vec![int.clone(), ResultType::Tuple(vec![float]), ResultType::None]);
        let slots = [3, 0.5f64.to_bits()];
        assert_eq!(show(&nested, &slots).as_deref(), Some("(3, (0.5,), None)"));
        assert_eq!(show(&ResultType::None, &[]), None);
        let either = ResultType::Either { python: Scalar::F64, numpy: Scalar::F32 };
        assert_eq!(show(&either, &[0, 0.1f64.to_bits()]).as_deref(), Some("0.1"));
        assert_eq!(show(&either, &[1, u64::from(0.1f32.to_bits())]).as_deref(), Some("0.1"));
    }
}
