"""Untrusted kernels: :class:`Sandbox`, and the errors that leave one.

Everything that a sandbox raises derives from :class:`SandboxError` and from the builtin it stands for. A limit is told by
its class, :class:`SandboxTimeout` and the other :class:`SandboxLimit`\\ s, which no kernel can raise.
"""

import threading

from . import _gelcap
from ._errors import CompileError
from ._function import make, text_functions

__all__ = [
    "Sandbox",
    "SandboxCancelled",
    "SandboxClosed",
    "SandboxCompileError",
    "SandboxError",
    "SandboxLimit",
    "SandboxMemoryError",
    "SandboxModule",
    "SandboxStackError",
    "SandboxTimeout",
]


class SandboxError(Exception):
    """What leaves a sandbox. A kernel's own exception has the kernel's line in its traceback."""


class SandboxLimit(SandboxError):
    """A limit was reached: only the sandbox itself raises this."""


class SandboxTimeout(SandboxLimit, TimeoutError):
    """A call ran for longer than ``timeout``."""


class SandboxMemoryError(SandboxLimit, MemoryError):
    """The arguments, or an array made by the host, do not fit into ``memory``."""


class SandboxStackError(SandboxLimit, RecursionError):
    """Recursion used up ``stack``."""


class SandboxCancelled(SandboxError, RuntimeError):
    """The call was stopped by :meth:`Sandbox.cancel` or :meth:`Sandbox.close`."""


class SandboxClosed(SandboxError, RuntimeError):
    """The sandbox has been closed."""


class SandboxCompileError(SandboxError, CompileError):
    """The source cannot be compiled, or is larger than the sandbox allows."""


_LIMITS = {
    "timeout": SandboxTimeout,
    "memory": SandboxMemoryError,
    "stack": SandboxStackError,
    "cancelled": SandboxCancelled,
    "closed": SandboxClosed,
}

#: Exceptions that Python acts on by itself: a kernel must not be able to end a loop, a thread or the process.
_ACTED_ON = ("GeneratorExit", "KeyboardInterrupt", "StopAsyncIteration", "StopIteration", "SystemExit")

_classes = {}


def _class_of(name):
    """The class for a limit, or for a builtin exception by its name; called by the extension module."""
    found = _LIMITS.get(name) or _classes.get(name)
    if found is None:
        import builtins

        builtin = getattr(builtins, name, RuntimeError)
        bases = (SandboxError,) if name in _ACTED_ON or builtin is Exception else (SandboxError, builtin)
        doc = f"``{name}`` that left a kernel."
        found = _classes[name] = type(f"Sandbox{name}", bases, {"__doc__": doc, "__module__": __name__})
    return found


def _wrapped(error):
    """Any exception of a call into a sandbox as one of its errors; called by the extension module."""
    if isinstance(error, SandboxError) or not isinstance(error, Exception):
        return error
    if isinstance(error, CompileError):
        return _compile_error(error)
    known = next(c for c in type(error).__mro__ if c.__module__ == "builtins")
    made = _class_of(known.__name__)(*error.args)
    made.__traceback__ = error.__traceback__
    return made


def _compile_error(error):
    made = SandboxCompileError(*error.args)
    made.diagnostics, made.rendered = error.diagnostics, error.rendered
    for note in getattr(error, "__notes__", ()):
        made.add_note(note)
    return made


_UNITS = {"": 1, "b": 1, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "kb": 10**3, "mb": 10**6, "gb": 10**9}


def _bytes(value, name):
    """A size: a number of bytes, or text such as ``"256 MiB"``."""
    if isinstance(value, str):
        text = value.strip().lower()
        digits = text.rstrip("abcdefghijklmnopqrstuvwxyz ")
        unit = _UNITS.get(text[len(digits) :].strip())
        try:
            size = float(digits) * unit
        except (TypeError, ValueError):
            raise ValueError(f'{name} is a number of bytes or a size such as "256 MiB", not {value!r}') from None
        value = int(size)
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f'{name} is a number of bytes or a size such as "256 MiB", not {type(value).__name__}')
    value = value.__index__()
    if value <= 0:
        raise ValueError(f"{name} must be positive")
    return value


class Sandbox:
    """Memory and limits for kernels that nobody vouches for.

    Parameters
    ----------
    memory : int or str
        Everything that kernels can see: arrays, copies of arguments, what they allocate. At most 4 GiB.
    timeout : float or None
        Seconds that one call may run.
    stack : int or str
        Native stack for recursion, up to 2 MiB.
    max_source, max_ir, work : int
        What compiling one program may take: bytes of source, instructions (after functions have been put in where they
        are called), and instructions that the compiler's passes look at, all told.

    It may be used by several threads at a time and after any error, and is a context manager. Memory that NumPy arrays
    still view outlives it.
    """

    def __init__(
        self,
        memory="256 MiB",
        timeout=1.0,
        stack="256 KiB",
        max_source="256 KiB",
        max_ir=100_000,
        work=20_000_000,
    ):
        memory = _bytes(memory, "memory")
        if memory > 4 << 30:
            raise ValueError("memory is at most 4 GiB, which is what a 32-bit guest can address")
        if timeout is not None:
            timeout = float(timeout)
            if not timeout > 0:
                raise ValueError("timeout is a positive number of seconds, or None")
        compiling = (_bytes(max_source, "max_source"), _bytes(max_ir, "max_ir"), _bytes(work, "work"))
        self._host = _gelcap.SandboxHost(memory, timeout, _bytes(stack, "stack"), compiling)
        self.memory = memory
        self.timeout = timeout
        if threading.current_thread() is threading.main_thread():
            _gelcap.watch_interrupts()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def __repr__(self):
        state = "closed" if self._host.closed else f"timeout={self.timeout}"
        return f"<gelcap.Sandbox memory={self.memory >> 20} MiB {state}>"

    def close(self):
        """Stop what runs, and refuse everything from now on."""
        self._host.close()

    @property
    def closed(self):
        return self._host.closed

    def cancel(self):
        """Stop every call that runs now, from any thread; they raise SandboxCancelled. Gives how many there were."""
        return self._host.cancel()

    # ---- programs

    def compile(self, source, name=None, signature=None, /, *, filename="<kernel>", opt_level=2):
        """Compile a program: text, which is never executed, or a Python function.

        Of a text, the functions that export comments, decorators or annotations declare (or ``name``, with
        ``signature``) become attributes of the result. A function is compiled for the types of its arguments at its
        calls, unless a signature is given, and is itself the result.

        Raises SandboxCompileError.
        """
        options = {"target": "wasm", "opt_level": opt_level}
        signatures = [] if signature is None else [str(signature)]
        try:
            if isinstance(source, (str, bytes, bytearray)):
                source = source if isinstance(source, str) else bytes(source)
                made = text_functions(
                    source, signatures, options, name=name, filename=filename, compiler=self._host.compile, every=True
                )
                for function in made:
                    _gelcap.into_sandbox(function)
                return SandboxModule(filename, made)
            if name is not None and signature is None:
                signatures = [str(name)]
            made = make(source, "jit", signatures, options, compiler=self._host.compile)
            _gelcap.into_sandbox(made)
            return made
        except SandboxError:
            raise
        except Exception as error:
            raise _wrapped(error) from None

    # ---- arrays that are guest memory

    def empty(self, shape, dtype=float, order="C"):
        """A NumPy array in the sandbox's memory, which its kernels use in place. (It is zero: nothing is left there.)"""
        import math

        import numpy as np

        dtype = np.dtype(dtype)
        if dtype.kind not in "biufc" or dtype.hasobject:
            raise TypeError(f"a sandbox's arrays are of numbers, not of {dtype}")
        shape = tuple(shape) if np.iterable(shape) else (shape,)
        shape = tuple(n.__index__() for n in shape)
        if any(n < 0 for n in shape):
            raise ValueError("negative dimensions are not allowed")
        size = math.prod(shape) * dtype.itemsize
        if size > self.memory:
            raise SandboxMemoryError(f"an array of {size} bytes does not fit into the sandbox's {self.memory} bytes")
        return np.ndarray(shape, dtype, self._host.allocate(size), order=order)

    def zeros(self, shape, dtype=float, order="C"):
        """As :meth:`empty`."""
        return self.empty(shape, dtype, order)

    def full(self, shape, value, dtype=None, order="C"):
        """As ``numpy.full``, in the sandbox's memory."""
        import numpy as np

        made = self.empty(shape, np.asarray(value).dtype if dtype is None else dtype, order)
        made[...] = value
        return made

    def ones(self, shape, dtype=float, order="C"):
        """As ``numpy.ones``, in the sandbox's memory."""
        return self.full(shape, 1, dtype, order)

    def array(self, values, dtype=None):
        """A copy of an array, or of what ``numpy.array`` makes one of, in the sandbox's memory."""
        import numpy as np

        values = np.asarray(values, dtype)
        fortran = values.flags.f_contiguous and not values.flags.c_contiguous
        made = self.empty(values.shape, values.dtype.newbyteorder("="), "F" if fortran else "C")
        made[...] = values
        return made


class SandboxModule:
    """The functions of a text, as attributes."""

    def __init__(self, filename, functions):
        self.__dict__.update({f.__name__: f for f in functions})
        self.__file__ = filename
        self.__all__ = [f.__name__ for f in functions]

    def __repr__(self):
        return f"<gelcap sandbox module {self.__file__!r}: {', '.join(self.__all__)}>"

    def __getattr__(self, name):
        raise AttributeError(f"the program exports no `{name}`; it exports {', '.join(self.__all__)}")
