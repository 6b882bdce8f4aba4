//! Every diagnostic code with its explanation, as `gelcap explain <code>` prints it.
//!
//! Codes are stable: tools and users search for them. To add one, add a row; the name is the variant in kebab-case.

use std::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal: $explanation:literal;)*) => {
        /// What kind of fault a diagnostic reports.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Code {
            $($(#[$doc])* $variant,)*
        }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// The stable name, in kebab-case.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Code::$variant => $name,)*
                }
            }

            /// What the code means and what to do, in a few sentences.
            pub const fn explanation(self) -> &'static str {
                match self {
                    $(Code::$variant => $explanation,)*
                }
            }
        }
    };
}

codes! {
    // The text itself.
    SourceEncoding = "source-encoding":
        "The source is not UTF-8. Python sources are UTF-8 unless they say otherwise; gelcap reads UTF-8 only.\n\
         Save the file as UTF-8.";
    SourceTooLarge = "source-too-large":
        "The source is larger than 1 MiB. Kernels are small; such a text is generated or is not Python.\n\
         Move the kernels into a file of their own, and data into arrays.";
    ProgramTooLarge = "program-too-large":
        "The source, or what it becomes when functions are put in where they are called, is larger than its user allows: a\n\
         sandbox compiles within limits, so that no program keeps its compiler busy.\n\
         Write loops instead of long lists of statements, and arrays instead of many variables.";
    NulByte = "nul-byte":
        "The source holds a NUL byte (the character with code 0). CPython refuses it too. The file is damaged or binary.";
    NestingTooDeep = "nesting-too-deep":
        "Brackets, blocks, operators or `elif` are nested deeper than the compiler allows. The limits (200 brackets, 100\n\
         levels of indentation, 200 `elif`, 200 operators in one expression) keep compilation linear and safe for any input.\n\
         Give parts of the expression names, or move inner blocks into functions.";
    UnclosedBracket = "unclosed-bracket":
        "A `(`, `[` or `{` is never closed, or is closed by a bracket of another kind.";
    UnterminatedString = "unterminated-string":
        "A string literal has no closing quote. A string in single quotes ends on its line; use three quotes for several\n\
         lines.";
    InvalidCharacter = "invalid-character":
        "A character that Python does not use outside strings and comments, often a typographic quote or dash that came\n\
         with text copied from a document.";
    Indentation = "indentation":
        "The indentation does not fit: a block is missing after a line that ends in `:`, a line is indented without\n\
         reason, or returns to a column that no block around it has, or tabs and spaces are mixed.";
    SyntaxError = "syntax-error":
        "The source is not valid Python.";
    MissingColon = "missing-colon":
        "`def`, `if`, `elif`, `else`, `for`, `while`, `with`, `try` and their like end with a colon.";
    AssignmentInCondition = "assignment-in-condition":
        "`=` assigns and is a statement; a comparison is `==`. To assign within an expression write `:=`.";
    PrintStatement = "print-statement":
        "`print x` was Python 2. In Python 3, print is a function: `print(x)`.";
    CythonSyntax = "cython-syntax":
        "The line is Cython's own syntax (`cdef`, `cpdef`, `cimport`, `ctypedef`), which Python does not have. gelcap\n\
         compiles plain Python: types are inferred, and parameters are typed by annotations or a signature. Remove\n\
         `cdef int i` lines or write `i: gelcap.int32 = 0`; make `cdef double f(double x):` a `def` with annotations.";
    CythonMeaning = "cython-meaning":
        "A directive or declaration changes what a program computes in Cython: `cdivision=True` gives `//` and `%` C's signs,\n\
         a C integer wraps around, a C float is rounded to 32 bits. gelcap keeps the meaning that plain Python has, and says\n\
         where the two differ.";
    InvalidNumber = "invalid-number":
        "A number is written in a way that Python does not allow, such as `012`, `1__0` or `0x`, or has more decimal\n\
         digits than CPython accepts (4300).";
    InvalidTarget = "invalid-target":
        "Only names, attributes, elements (`a[i]`) and tuples or lists of them can be assigned to or deleted.";
    InvalidParameter = "invalid-parameter":
        "The parameter list of a function is not valid: a name stands twice, or a parameter without default follows one\n\
         with a default.";
    InvalidArgument = "invalid-argument":
        "The arguments of a call are not valid Python: a positional argument follows a keyword, or a keyword is given twice.";
    OutsideFunction = "outside-function":
        "`return`, `yield` and `await` stand in functions, and `nonlocal` in functions within functions.";
    OutsideLoop = "outside-loop":
        "`break` and `continue` stand in loops.";
    InvalidStar = "invalid-star":
        "A starred expression (`*x`) stands only in calls, in displays such as `[*x]`, and once among the targets of an\n\
         assignment.";
    InvalidScope = "invalid-scope":
        "A `global` or `nonlocal` declaration conflicts with how the name is used in the same function.";

    // Comments, options and signatures.
    ExportComment = "export-comment":
        "A `#pythran export` or `# gelcap: export` comment is not understood. Its form is\n\
         `#pythran export f(int, float64[:,:])` or `#pythran export capsule f(int32, float64*)`; several functions are\n\
         separated by commas.";
    ExportUnknown = "export-unknown":
        "An export comment names a function that the file does not define at its top level.";
    OptionComment = "option-comment":
        "An option comment (`# gelcap: boundscheck=False`, `# cython: boundscheck=False`) names an option that does not\n\
         exist, or gives it a value it cannot have.";
    SignatureSyntax = "signature-syntax":
        "A signature is not understood. Three notations are read: Numba's `float64(int32, float64[:, ::1])`, Pythran's\n\
         `f(int, float64[:,:])` and C's `double (int, double *, void *)`.";
    UnknownType = "unknown-type":
        "A signature or annotation names a type that gelcap does not know.";
    UnsupportedType = "unsupported-type":
        "A signature or annotation names a type that gelcap knows but does not compile, or not in this place.";
    ComplexUnsupported = "complex-unsupported":
        "Complex numbers are part of the language but not yet compiled. Pass real and imaginary parts as two floats.";
    SignatureMismatch = "signature-mismatch":
        "A signature does not have as many parameters as the function, or its result type is not what the function returns.";
    SignatureMissing = "signature-missing":
        "`@cfunc` needs a signature, as a C function has fixed types: `@cfunc(\"double (int, double *)\")`.";
    ScipySignature = "scipy-signature":
        "SciPy takes low-level callbacks of a few exact signatures only, and compares their text. The diagnostic lists the\n\
         nearest. float32 data where SciPy passes double would be read as garbage, so it is refused.";
    CapsuleOverload = "capsule-overload":
        "A capsule holds one C function with one signature, so a function exported as a capsule cannot have overloads.\n\
         Export the overloads without `capsule`, or give each its own function.";
    CType = "c-type":
        "The type cannot stand in a C signature. C functions take numbers and pointers; arrays, tuples and optional values\n\
         have no C form.";

    // Names, types and what the language holds.
    UnsupportedSyntax = "unsupported-syntax":
        "The construct is Python, but not part of the kernel language. The help says what to write instead.";
    UnsupportedCall = "unsupported-call":
        "The function exists in Python or NumPy but is not one that kernels can call.";
    UndefinedName = "undefined-name":
        "The name is not defined in the function, not a parameter, and not found around it. Python looks it up when the\n\
         function runs, gelcap when it is compiled: define it before, import it, or make it a parameter.";
    MaybeUnset = "maybe-unset":
        "The variable is assigned on some paths only, and is read where it may not be set. Assign it before the branch.";
    TypeConflict = "type-conflict":
        "A variable has types on two paths that have no common type, such as an array and a number.";
    TypeMismatch = "type-mismatch":
        "A value has another type than the place wants.";
    UnsupportedOperand = "unsupported-operand":
        "The operator is not defined for operands of these types.";
    WrongArguments = "wrong-arguments":
        "A call passes too few, too many or unknown arguments.";
    UnknownAttribute = "unknown-attribute":
        "The value or module has no such attribute, or not one that kernels can use.";
    NotIndexable = "not-indexable":
        "Only arrays, pointers, lists and tuples can be indexed, with as many indices as they have axes.";
    ConstantNeeded = "constant-needed":
        "The value must be known when the function is compiled, such as the index of a tuple.";
    IntegerTooLarge = "integer-too-large":
        "Integers are 64-bit in kernels; this constant is outside their range.";
    NegativePower = "negative-power":
        "An integer to a negative power is a float in Python, so its type would depend on the value. Make the base or the\n\
         exponent a float: `float(x) ** n` or `x ** -1.0`.";
    MissingReturn = "missing-return":
        "Some paths return a value and others end without one.";
    RecursionType = "recursion-type":
        "The result type of a recursive function cannot be found from its branches that do not recurse.";
    LimitExceeded = "limit-exceeded":
        "A limit of the compiler is reached, such as the number of versions of one function for different types.";
    BadOption = "bad-option":
        "An option of a decorator or of the command line has a name or value that does not exist.";
    SourceMissing = "source-missing":
        "The source of the function cannot be found, as for one typed at the interactive prompt or made by `exec`. Put it\n\
         in a file or a notebook cell, or pass the text to `gelcap.compile`.";
    NoFunction = "no-function":
        "The source holds no function to compile, or not the one asked for.";
    NegativeShift = "negative-shift":
        "A shift by a negative constant raises ValueError in Python always.";
    UnreachableCode = "unreachable-code":
        "The code can never run.";
}

impl Code {
    /// The code of a name such as `unclosed-bracket`.
    pub fn from_name(name: &str) -> Option<Code> {
        Code::ALL.iter().copied().find(|code| code.name() == name)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_variants_in_kebab_case() {
        for &code in Code::ALL {
            let mut kebab = String::new();
            for c in format!("{code:?}").chars() {
                if c.is_uppercase() && !kebab.is_empty() {
                    kebab.push('-');
                }
                kebab.extend(c.to_lowercase());
            }
            assert_eq!(code.name(), kebab);
            assert_eq!(Code::from_name(code.name()), Some(code));
            assert!(code.explanation().ends_with(['.', '`']), "{code}");
        }
    }
}
