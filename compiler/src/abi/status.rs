//! Failures: which exceptions there are, and how their messages are made.

use super::PAYLOAD_WORDS;

/// A builtin exception that a kernel can raise.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Exception {
    Exception,
    ArithmeticError,
    AssertionError,
    AttributeError,
    BufferError,
    EOFError,
    FloatingPointError,
    IndexError,
    KeyError,
    KeyboardInterrupt,
    LookupError,
    MemoryError,
    NameError,
    NotImplementedError,
    OSError,
    OverflowError,
    RecursionError,
    ReferenceError,
    RuntimeError,
    StopIteration,
    SystemError,
    TimeoutError,
    TypeError,
    ValueError,
    ZeroDivisionError,
}

impl Exception {
    /// Every exception, in the order of their discriminants.
    pub const ALL: [Exception; 25] = [
        Exception::Exception,
        Exception::ArithmeticError,
        Exception::AssertionError,
        Exception::AttributeError,
        Exception::BufferError,
        Exception::EOFError,
        Exception::FloatingPointError,
        Exception::IndexError,
        Exception::KeyError,
        Exception::KeyboardInterrupt,
        Exception::LookupError,
        Exception::MemoryError,
        Exception::NameError,
        Exception::NotImplementedError,
        Exception::OSError,
        Exception::OverflowError,
        Exception::RecursionError,
        Exception::ReferenceError,
        Exception::RuntimeError,
        Exception::StopIteration,
        Exception::SystemError,
        Exception::TimeoutError,
        Exception::TypeError,
        Exception::ValueError,
        Exception::ZeroDivisionError,
    ];

    /// Python's name of it.
    pub const fn name(self) -> &'static str {
        match self {
            Exception::Exception => "Exception",
            Exception::ArithmeticError => "ArithmeticError",
            Exception::AssertionError => "AssertionError",
            Exception::AttributeError => "AttributeError",
            Exception::BufferError => "BufferError",
            Exception::EOFError => "EOFError",
            Exception::FloatingPointError => "FloatingPointError",
            Exception::IndexError => "IndexError",
            Exception::KeyError => "KeyError",
            Exception::KeyboardInterrupt => "KeyboardInterrupt",
            Exception::LookupError => "LookupError",
            Exception::MemoryError => "MemoryError",
            Exception::NameError => "NameError",
            Exception::NotImplementedError => "NotImplementedError",
            Exception::OSError => "OSError",
            Exception::OverflowError => "OverflowError",
            Exception::RecursionError => "RecursionError",
            Exception::ReferenceError => "ReferenceError",
            Exception::RuntimeError => "RuntimeError",
            Exception::StopIteration => "StopIteration",
            Exception::SystemError => "SystemError",
            Exception::TimeoutError => "TimeoutError",
            Exception::TypeError => "TypeError",
            Exception::ValueError => "ValueError",
            Exception::ZeroDivisionError => "ZeroDivisionError",
        }
    }

    pub fn from_name(name: &str) -> Option<Exception> {
        Exception::ALL.into_iter().find(|e| e.name() == name)
    }

    /// The class it derives from, among these; `None` for the two that derive from `BaseException`.
    pub const fn parent(self) -> Option<Exception> {
        match self {
            Exception::Exception | Exception::KeyboardInterrupt => None,
            Exception::FloatingPointError | Exception::OverflowError | Exception::ZeroDivisionError => {
                Some(Exception::ArithmeticError)
            }
            Exception::IndexError | Exception::KeyError => Some(Exception::LookupError),
            Exception::NotImplementedError | Exception::RecursionError => Some(Exception::RuntimeError),
            Exception::TimeoutError => Some(Exception::OSError),
            Exception::ArithmeticError
            | Exception::AssertionError
            | Exception::AttributeError
            | Exception::BufferError
            | Exception::EOFError
            | Exception::LookupError
            | Exception::MemoryError
            | Exception::NameError
            | Exception::OSError
            | Exception::ReferenceError
            | Exception::RuntimeError
            | Exception::StopIteration
            | Exception::SystemError
            | Exception::TypeError
            | Exception::ValueError => Some(Exception::Exception),
        }
    }

    /// It is `other` or derives from it.
    pub fn is_subclass(self, other: Exception) -> bool {
        let mut class = Some(self);
        while let Some(c) = class {
            if c == other {
                return true;
            }
            class = c.parent();
        }
        false
    }
}

/// How a message shows a payload word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PayloadFormat {
    Signed,
    Unsigned,
    Float,
}

/// A piece of a message template.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Piece<'a> {
    Text(&'a str),
    Payload(usize, PayloadFormat),
}

/// Splits a template. `{0}` to `{3}` stand for payload words as signed integers, `{0u}` unsigned, `{0f}` for the float
/// with these bits as Python's `repr` shows it; `{{` and `}}` are braces. Anything else in braces is text.
pub fn template_pieces(template: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        if at > 0 {
            pieces.push(Piece::Text(&rest[..at]));
        }
        let tail = &rest[at..];
        let (piece, taken) = placeholder(tail).unwrap_or_else(|| {
            let doubled = tail.starts_with("{{") || tail.starts_with("}}");
            (Piece::Text(&tail[..1]), if doubled { 2 } else { 1 })
        });
        pieces.push(piece);
        rest = &tail[taken..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

/// A placeholder at the start of `text`, and its length.
fn placeholder(text: &str) -> Option<(Piece<'static>, usize)> {
    let bytes = text.as_bytes();
    let index = bytes.get(1).and_then(|d| char::from(*d).to_digit(10))? as usize;
    if bytes[0] != b'{' || index >= PAYLOAD_WORDS {
        return None;
    }
    match (bytes.get(2)?, bytes.get(3)) {
        (b'}', _) => Some((Piece::Payload(index, PayloadFormat::Signed), 3)),
        (b'u', Some(b'}')) => Some((Piece::Payload(index, PayloadFormat::Unsigned), 4)),
        (b'f', Some(b'}')) => Some((Piece::Payload(index, PayloadFormat::Float), 4)),
        _ => None,
    }
}

/// The message of a raise: `template` with the payload put in.
pub fn format_message(template: &str, payload: [i64; PAYLOAD_WORDS]) -> String {
    template_pieces(template)
        .into_iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.to_string(),
            Piece::Payload(i, PayloadFormat::Signed) => payload[i].to_string(),
            Piece::Payload(i, PayloadFormat::Unsigned) => (payload[i] as u64).to_string(),
            Piece::Payload(i, PayloadFormat::Float) => float_repr(f64::from_bits(payload[i] as u64)),
        })
        .collect()
}

/// A template that shows `text` as it is.
pub fn literal_template(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}

/// A float as Python's `repr` writes it: the shortest digits that read back the same, a point always, an exponent
/// below 1e-4 and from 1e16 on.
pub fn float_repr(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_string();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_string();
    }
    // Rust's `{:e}` has the same shortest digits; only the choice of notation is Python's own.
    let scientific = format!("{value:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        let plain = format!("{value}");
        return if plain.contains('.') { plain } else { plain + ".0" };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subclasses() {
        for (i, class) in Exception::ALL.into_iter().enumerate() {
            assert_eq!(class as usize, i);
            assert_eq!(Exception::from_name(class.name()), Some(class));
        }
        assert!(Exception::ZeroDivisionError.is_subclass(Exception::ArithmeticError));
        assert!(Exception::IndexError.is_subclass(Exception::Exception));
        assert!(Exception::RecursionError.is_subclass(Exception::RuntimeError));
        assert!(!Exception::KeyboardInterrupt.is_subclass(Exception::Exception));
        assert!(!Exception::Exception.is_subclass(Exception::ValueError));
        assert_eq!(Exception::from_name("UnicodeError"), None);
    }

    #[test]
    fn messages() {
        let payload = [-3, i64::MIN, 0.1f64.to_bits() as i64, u64::MAX as i64];
        assert_eq!(format_message("index {0} of {3u}: {2f}", payload), "index -3 of 18446744073709551615: 0.1");
        assert_eq!(format_message("{1}", payload), "-9223372036854775808");
        assert_eq!(format_message("{{0}} {4} {x} {", payload), "{0} {4} {x} {");
        assert_eq!(format_message("é{0}}", payload), "é-3}");
        assert_eq!(format_message("", payload), "");
        assert_eq!(format_message(&literal_template("a {0} b}"), payload), "a {0} b}");
    }

    #[test]
    fn floats_as_python_writes_them() {
        let cases: [(f64, &str); 16] = [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (-1.5, "-1.5"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (0.00012345, "0.00012345"),
            (1e15, "1000000000000000.0"),
            (9999999999999998.0, "9999999999999998.0"),
            (1e16, "1e+16"),
            (1.2345e300, "1.2345e+300"),
            (-2.5e-7, "-2.5e-07"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (f64::INFINITY, "inf"),
            (f64::NAN, "nan"),
        ];
        for (value, text) in cases {
            assert_eq!(float_repr(value), text);
        }
    }
}
