//! What counts as the same. Between our own judges: every bit, any NaN being any NaN. With CPython: the same, but for
//! the units in the last place that a case about elementary functions allows.

use gelcap_compiler::ir::op::Const;
use gelcap_compiler::types::Scalar;

use crate::reference::Answer;
use crate::value::Value;

/// How much floats may differ, in units in the last place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tolerance(pub u64);

/// Two of our judges must not differ at all.
pub const EXACT: Tolerance = Tolerance(0);

/// The answers agree.
pub fn answers(a: &Answer, b: &Answer, tolerance: Tolerance) -> bool {
    match (a, b) {
        (Answer::Returned(a), Answer::Returned(b)) => values(a, b, tolerance),
        (Answer::Raised { class: a, message: m }, Answer::Raised { class: b, message: n }) => {
            a == b && (m.is_none() || n.is_none() || m == n || short_forms(m.as_deref(), n.as_deref()))
        }
        _ => false,
    }
}

/// NumPy names all shapes that do not fit; a raise carries four lengths at most, and beyond that says less.
fn short_forms(a: Option<&str>, b: Option<&str>) -> bool {
    const SHORT: [(&str, &str); 3] = [
        (
            "could not broadcast input array into the shape it is assigned to",
            "could not broadcast input array from shape ",
        ),
        ("operands could not be broadcast together", "operands could not be broadcast together with shapes "),
        (
            "non-broadcastable output operand doesn't match the broadcast shape",
            "non-broadcastable output operand with shape ",
        ),
    ];
    let (Some(a), Some(b)) = (a, b) else { return false };
    let pair = |a: &str, b: &str| SHORT.iter().any(|(short, long)| a == *short && b.starts_with(long));
    pair(a, b) || pair(b, a)
}

/// The values agree, types included.
pub fn values(a: &Value, b: &Value, tolerance: Tolerance) -> bool {
    match (a, b) {
        (Value::Scalar { scalar: s, numpy: m, bits: x }, Value::Scalar { scalar: t, numpy: n, bits: y }) => {
            s == t && m == n && scalars(*s, *x, *y, tolerance)
        }
        (Value::Array(a), Value::Array(b)) => a.agrees(b, |x, y| scalars(a.dtype, x, y, tolerance)),
        (Value::Tuple(a), Value::Tuple(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| values(a, b, tolerance))
        }
        _ => a == b,
    }
}

/// Arrays have their elements in the same order in memory.
pub fn layouts(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Array(a), Value::Array(b)) => a.contiguous == b.contiguous,
        (Value::Tuple(a), Value::Tuple(b)) => a.iter().zip(b).all(|(a, b)| layouts(a, b)),
        _ => true,
    }
}

/// The bits agree.
pub fn scalars(scalar: Scalar, x: u64, y: u64, tolerance: Tolerance) -> bool {
    if x == y || !scalar.is_float() {
        return x == y;
    }
    let value = |bits| Const { ty: scalar, bits }.as_float();
    let (a, b) = (value(x), value(y));
    if a.is_nan() || b.is_nan() {
        return a.is_nan() && b.is_nan();
    }
    // The sign of zero and infinity are never a matter of rounding.
    if a.is_infinite() || b.is_infinite() || a.is_sign_negative() != b.is_sign_negative() {
        return false;
    }
    x.abs_diff(y) <= tolerance.0
}

/// Memory agrees, element by element.
pub fn memories(element: Scalar, a: &[u8], b: &[u8], tolerance: Tolerance) -> bool {
    let size = element.bytes() as usize;
    let bits = |bytes: &[u8]| {
        let mut word = [0; 8];
        word[..bytes.len()].copy_from_slice(bytes);
        u64::from_le_bytes(word)
    };
    a.len() == b.len() && a.chunks(size).zip(b.chunks(size)).all(|(x, y)| scalars(element, bits(x), bits(y), tolerance))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn float(x: f64) -> Value {
        Value::Scalar { scalar: Scalar::F64, numpy: false, bits: x.to_bits() }
    }

    #[test]
    fn only_equal_bits_agree_but_for_nan() {
        let agree = |a, b| values(&float(a), &float(b), EXACT);
        assert!(agree(1.5, 1.5) && agree(f64::NAN, -f64::NAN));
        assert!(!agree(0.0, -0.0) && !agree(1.0, 1.0 + f64::EPSILON) && !agree(f64::NAN, 1.0));
    }

    #[test]
    fn tolerance_is_of_magnitude_alone() {
        let agree = |a, b| values(&float(a), &float(b), Tolerance(1));
        assert!(agree(1.0, 1.0 + f64::EPSILON) && !agree(1.0, 1.0 + 2.0 * f64::EPSILON));
        assert!(!agree(0.0, -0.0) && !agree(f64::MAX, f64::INFINITY) && agree(f64::NAN, f64::NAN));
    }

    #[test]
    fn types_are_part_of_a_value() {
        let numpy = Value::Scalar { scalar: Scalar::F64, numpy: true, bits: 1.0f64.to_bits() };
        assert!(!values(&float(1.0), &numpy, Tolerance(5)));
        assert!(!values(&Value::Tuple(vec![float(1.0)]), &float(1.0), EXACT));
    }

    #[test]
    fn messages_count_where_both_are_known() {
        let raised = |m: Option<&str>| Answer::Raised { class: "ValueError".into(), message: m.map(Into::into) };
        assert!(answers(&raised(Some("a")), &raised(None), EXACT));
        assert!(!answers(&raised(Some("a")), &raised(Some("b")), EXACT));
    }

    #[test]
    fn memory_is_compared_by_element() {
        let nan = |bits: u32| bits.to_le_bytes().to_vec();
        assert!(memories(Scalar::F32, &nan(0x7fc0_0000), &nan(0xffc0_0001), EXACT));
        assert!(!memories(Scalar::I32, &nan(0x7fc0_0000), &nan(0xffc0_0001), EXACT));
        assert!(!memories(Scalar::I32, &nan(1), &[], EXACT));
    }
}
