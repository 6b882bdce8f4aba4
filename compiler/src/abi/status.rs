//! Failures: which exceptions there are.

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
