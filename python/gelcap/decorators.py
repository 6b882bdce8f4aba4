"""``@cfunc``, ``@jit`` and ``compile``: the ways to a compiled function."""

import os

from ._function import make
from .types import Signature, Type

#: Options that every decorator takes; those without effect on a kernel are accepted so that existing code runs.
_OPTIONS = {
    "target", "boundscheck", "wraparound", "overflow", "opt_level", "extents",
    "nopython", "nogil", "cache", "parallel", "fastmath", "native_name", "error_model", "inline",
}


def cfunc(signature, /, **options):
    """Compile a function as a C function of the given signature.

    Parameters
    ----------
    signature : str or Signature
        The C function's types, in Numba's (``"float64(float64, float64)"``), C's (``"double (int, double *, void *)"``)
        or gelcap's own spelling (``types.double(types.double)``). Scalars arrive as Python scalars, as ctypes delivers
        them; elements of pointers too.
    target : {"auto", "native", "wasm"}
        Where the kernel runs.
    boundscheck, wraparound, overflow : bool
        Checks of indices whose extent is known, of negative indices, of Python integers.
    extents : dict of str
        For ``target="wasm"``: elements behind each pointer parameter, as expressions over integer parameters
        (``{"out": "m*n"}``), where SciPy's signatures do not say.

    Returns
    -------
    A decorator. The function it gives is callable from Python and has ``address``, ``ctypes``, ``capsule``,
    ``low_level_callable()``, ``bind()``, ``signature``, ``inspect()``, ``last_error`` and ``check()``.

    Raises
    ------
    CompileError
        With the kernel's line, for all that cannot be compiled.
    """
    if not isinstance(signature, (str, Signature)):
        name = getattr(signature, "__name__", None)
        at = f" on `{name}`" if name else ""
        raise TypeError(
            f'@cfunc{at} needs the signature of the C function: @cfunc("float64(float64, float64)") or '
            f'@cfunc("double (int, double *, void *)")'
        )
    _check_options("cfunc", options)

    def decorate(function):
        if _disabled():
            return function
        return make(function, "c", [str(signature)], options)

    return decorate


def jit(function=None, signatures=None, /, **options):
    """Compile a function, per types of its arguments at its first calls, or at once for given signatures.

    ``@jit``, ``@jit("float64(float64)")``, ``@jit([...])``, ``@jit(target="wasm")`` and ``jit(f)`` all work. Parameters
    declared ``int``, ``float`` and ``bool``, and arguments of these types, are Python scalars; dtypes are NumPy scalars.
    Options are those of :func:`cfunc`.

    Raises CompileError with the kernel's line, at the first call or, with signatures, at once.
    """
    _check_options("jit", options)
    if function is not None and not callable(function) or isinstance(function, (Signature, Type)):
        if signatures is not None:
            raise TypeError("jit takes signatures once")
        function, signatures = None, function
    wanted = _signature_list(signatures)

    def decorate(f):
        if _disabled():
            return f
        return make(f, "jit", wanted, options)

    return decorate if function is None else decorate(function)


def compile(source, name=None, signature=None, /, *, filename="<kernel>", **options):
    """Compile a kernel from text.

    Parameters
    ----------
    source : str or bytes
        Python source with the kernel and what it calls. It is compiled, never executed.
    name : str, optional
        The kernel, if the text has several functions.
    signature : str, optional
        In any notation; may be left out where an export comment (``#pythran export f(int, float64*)``) or annotations
        give it. A C signature makes a C function, as :func:`cfunc` does.
    filename : str
        The name that errors and tracebacks show.

    Returns the compiled function. Raises CompileError.
    """
    _check_options("compile", options)
    if isinstance(source, (bytes, bytearray)):
        source = bytes(source)
    elif not isinstance(source, str):
        raise TypeError(f"compile takes source text, not {type(source).__name__}")
    return make(source, "text", [] if signature is None else [str(signature)], options, name=name, filename=filename)


def _signature_list(signatures):
    if signatures is None:
        return []
    if isinstance(signatures, (str, Signature)):
        return [str(signatures)]
    if isinstance(signatures, tuple) and all(isinstance(t, Type) for t in signatures):
        return ["(" + ", ".join(t.name for t in signatures) + ")"]
    return [str(s) for s in signatures]


def _check_options(where, options):
    unknown = sorted(set(options) - _OPTIONS)
    if unknown:
        raise TypeError(f"{where}() has no option `{unknown[0]}`; it takes {', '.join(sorted(_OPTIONS))}")
    target = options.get("target", "auto")
    if target not in ("auto", "native", "wasm"):
        raise ValueError(f'target is "auto", "native" or "wasm", not {target!r}')


def _disabled():
    return os.environ.get("GELCAP_DISABLE", "") not in ("", "0")
