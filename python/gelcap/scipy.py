"""SciPy with kernels: callbacks by the name of the SciPy function, and drop-in forms of the functions that take them.

The drop-in functions take a compiled kernel (or a plain function, which they pass on as it is) where SciPy takes a
LowLevelCallable, and raise the kernel's own exception; ``scipy.integrate.quad`` alone would wrap it in SystemError.
"""

import functools

from ._function import Function, make
from ._userdata import block

_STATUS_FILTER = "int (double *, npy_intp, double *, void *)"
_STATUS_FILTER1D = "int (double *, npy_intp, double *, npy_intp, void *)"
_STATUS_TRANSFORM = "int (npy_intp *, double *, int, int, void *)"

#: The signatures that SciPy 1.17 takes, by function and number of parameters.
SIGNATURES = {
    "quad": {1: "double (double)", 2: "double (double, void *)", 3: "double (int, double *, void *)"},
    "nquad": {2: "double (int, double *)", 3: "double (int, double *, void *)"},
    "dblquad": {2: "double (int, double *)", 3: "double (int, double *, void *)"},
    "tplquad": {2: "double (int, double *)", 3: "double (int, double *, void *)"},
    "generic_filter": {4: _STATUS_FILTER},
    "generic_filter1d": {5: _STATUS_FILTER1D},
    "geometric_transform": {5: _STATUS_TRANSFORM},
}


def callback(name, /, **options):
    """Compile a callback for the SciPy function ``name``; the signature follows from it.

    Pointers then have the extents that SciPy documents (``x`` has ``n`` elements, the coordinates their rank, a filter's
    buffer its size), so that an index outside of them raises IndexError. Options are those of :func:`gelcap.cfunc`.
    Raises ValueError for a function that takes no callbacks, TypeError for a wrong number of parameters.
    """
    forms = SIGNATURES.get(name)
    if forms is None:
        raise ValueError(f"SciPy's {name!r} takes no LowLevelCallable; these do: {', '.join(SIGNATURES)}")

    def decorate(function):
        count = function.__code__.co_argcount
        signature = forms.get(count)
        if signature is None:
            takes = "; ".join(f"{n} for {s}" for n, s in forms.items())
            raise TypeError(
                f"a callback of {name} cannot have {count} parameters as `{function.__name__}` has: it has {takes}"
            )
        return make(function, "c", [signature], {**options, "scipy": name})

    return decorate


def low_level_callable(function, user_data=None):
    """``scipy.LowLevelCallable`` of a compiled function, with its user data checked; see ``f.low_level_callable``."""
    from scipy import LowLevelCallable

    compiled = function._c()
    if user_data is None:
        return LowLevelCallable(function.capsule)
    data = block(user_data, _element(function))
    if compiled.is_wasm:
        return LowLevelCallable(compiled.capsule_for(data.bytes, function), data.void_p)
    return LowLevelCallable(function.capsule, data.void_p)


def _element(function):
    """The element type of the user data, the last pointer; TypeError if the C function has none."""
    compiled = function._c()
    params = compiled.c_types[1]
    if not params or not params[-1].startswith("*"):
        raise TypeError(f"`{function.__name__}` takes no user data: its last parameter is no pointer")
    declared = params[-1][1:] or compiled.user_data_element
    return declared or None


class Bound:
    """A compiled function with its user data; see ``f.bind``.

    ``capsule`` carries the data's address as its context, which SciPy passes on when it is given no other.
    """

    def __init__(self, function, params):
        compiled = function._c()
        names = compiled.param_names
        if len(params) != 1 or next(iter(params)) != names[-1]:
            raise TypeError(f"bind takes the user data by its name: {function.__name__}.bind({names[-1]}=...)")
        name, value = next(iter(params.items()))
        data = block(value, _element(function))
        self.__dict__.update(_function=function, _name=name, _data=data, _capsule=None)

    @property
    def capsule(self):
        """A PyCapsule whose context is the data's address."""
        if self._capsule is None:
            compiled = self._function._c()
            made = (
                compiled.capsule_for(self._data.bytes, self, self._data.void_p.value)
                if compiled.is_wasm
                else compiled.capsule(self._data.void_p.value or 0, self)
            )
            self.__dict__["_capsule"] = made
        return self._capsule

    def low_level_callable(self):
        """A ``scipy.LowLevelCallable``; the data comes from the capsule's context."""
        from scipy import LowLevelCallable

        return LowLevelCallable(self.capsule)

    def __getattr__(self, name):
        if name != self._name:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        owner = self._data.owner
        return getattr(owner, "value", owner)

    def __setattr__(self, name, value):
        if name != self._name:
            raise AttributeError(f"the bound parameter is `{self._name}`, not `{name}`")
        import ctypes

        data = block(value, _element(self._function))
        if data.bytes != self._data.bytes:
            raise TypeError(f"`{name}` has {self._data.bytes} bytes, the new value {data.bytes}: bind again")
        ctypes.memmove(self._data.void_p.value, data.void_p.value, data.bytes)

    def __repr__(self):
        return f"<{self._function!r} with {self._name} bound>"


def _own_exceptions(kernels, call):
    """Runs ``call``; a kernel's exception leaves as itself, also one kept from a foreign thread."""
    try:
        result = call()
    except SystemError as e:
        cause = e.__cause__
        if cause is not None and "exception set" in str(e):
            raise cause from None
        raise
    for k in kernels:
        k.check()
    return result


def _wrap(module, name):
    def wrapper(*args, **kwargs):
        import importlib

        original = getattr(importlib.import_module(f"scipy.{module}"), name)
        kernels = []
        converted = []
        for arg in args:
            if isinstance(arg, Bound):
                kernels.append(arg._function)
                arg = arg.low_level_callable()
            elif isinstance(arg, Function):
                kernels.append(arg)
                if arg._mode == "c":
                    arg = arg.low_level_callable()
            converted.append(arg)
        return _own_exceptions(kernels, functools.partial(original, *converted, **kwargs))

    wrapper.__name__ = wrapper.__qualname__ = name
    wrapper.__doc__ = f"""``scipy.{module}.{name}``, taking a compiled kernel directly and raising the kernel's own exception.

    Parameters and results are SciPy's. A plain function is passed on as it is.
    """
    return wrapper


quad = _wrap("integrate", "quad")
nquad = _wrap("integrate", "nquad")
dblquad = _wrap("integrate", "dblquad")
tplquad = _wrap("integrate", "tplquad")
generic_filter = _wrap("ndimage", "generic_filter")
generic_filter1d = _wrap("ndimage", "generic_filter1d")
geometric_transform = _wrap("ndimage", "geometric_transform")

__all__ = [
    "Bound", "SIGNATURES", "callback", "dblquad", "generic_filter", "generic_filter1d", "geometric_transform",
    "low_level_callable", "nquad", "quad", "tplquad",
]
