"""gelcap: a compiler for typed Python/NumPy kernels.

One kernel runs as native code behind a CPython capsule, which SciPy calls with no Python in between, and as WebAssembly
under wasmtime. See :func:`cfunc` for C callbacks, :func:`jit` for functions that Python calls, :func:`compile` for text.
"""

from ._errors import CompileError, CompileWarning
from ._gelcap import __version__
from .arrays import carray, farray
from .decorators import cfunc, compile, jit
from .types import (
    Array,
    Ptr,
    boolean,
    float32,
    float64,
    int8,
    int16,
    int32,
    int64,
    intc,
    intp,
    uint8,
    uint16,
    uint32,
    uint64,
    uintp,
    void,
    voidptr,
)

bool_ = boolean

__all__ = [
    "Array",
    "CompileError",
    "CompileWarning",
    "Ptr",
    "Sandbox",
    "bool_",
    "boolean",
    "carray",
    "cfunc",
    "compile",
    "doctor",
    "farray",
    "float32",
    "float64",
    "int16",
    "int32",
    "int64",
    "int8",
    "intc",
    "intp",
    "jit",
    "sandbox",
    "scipy",
    "types",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
    "uintp",
    "void",
    "voidptr",
]


def __getattr__(name):
    # What needs ctypes, SciPy or a subprocess is imported by its first use: `import gelcap` stays at milliseconds.
    if name == "doctor":
        from ._doctor import doctor

        return doctor
    if name == "Sandbox":
        from .sandbox import Sandbox

        return Sandbox
    if name in ("sandbox", "scipy", "types"):
        import importlib

        return importlib.import_module("." + name, __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
