"""Types for signatures, in Numba's spelling: ``float64(float64, int32)``, ``float64[:, ::1]``, ``types.CPointer(...)``.

They only spell: a signature made of them prints as the string that the compiler's one signature parser reads.
"""


class Type:
    """A type in a signature. ``name`` is its spelling."""

    __slots__ = ("name",)

    def __init__(self, name):
        self.name = name

    def __call__(self, *params):
        """The signature of a function that gives this type."""
        return Signature(self, params)

    def __getitem__(self, axes):
        """An array of this type: ``float64[:]``, ``float64[:, ::1]`` (C order), ``float64[::1, :]`` (Fortran order)."""
        axes = axes if isinstance(axes, tuple) else (axes,)
        spelled = []
        for axis in axes:
            if axis == slice(None):
                spelled.append(":")
            elif axis == slice(None, None, 1):
                spelled.append("::1")
            else:
                raise TypeError(f"{self.name}[...] takes `:` and `::1` for each axis, not {axis!r}")
        return Type(f"{self.name}[{', '.join(spelled)}]")

    def __eq__(self, other):
        return isinstance(other, Type) and self.name == other.name

    def __hash__(self):
        return hash(self.name)

    def __or__(self, other):
        if other is None:
            return Type(f"{self.name} | None")
        return NotImplemented

    def __repr__(self):
        return self.name

    @property
    def dtype(self):
        """The NumPy dtype of a scalar type."""
        import numpy

        return numpy.dtype(_NUMPY_NAMES.get(self.name, self.name))


class Signature:
    """A function's types. ``str()`` gives Numba's notation."""

    __slots__ = ("params", "result")

    def __init__(self, result, params):
        for p in params:
            if not isinstance(p, Type):
                raise TypeError(f"{p!r} is not a gelcap type")
        self.result, self.params = result, tuple(params)

    def __str__(self):
        return f"{self.result.name}({', '.join(p.name for p in self.params)})"

    __repr__ = __str__

    def __eq__(self, other):
        return isinstance(other, Signature) and str(self) == str(other)

    def __hash__(self):
        return hash(str(self))


def CPointer(pointee):
    """A raw pointer, as C passes it."""
    return Type(f"CPointer({pointee.name})")


class _Subscript:
    """``Ptr[float64]`` and ``Array[float64, 2]``: annotations that the compiler reads from the source."""

    __slots__ = ("_make", "_name")

    def __init__(self, name, make):
        self._name, self._make = name, make

    def __getitem__(self, item):
        return self._make(item)

    def __call__(self, *args):
        return self._make(args if len(args) != 1 else args[0])

    def __repr__(self):
        return f"gelcap.{self._name}"


def _array(item):
    dtype, ndim, *layout = item if isinstance(item, tuple) else (item, 1)
    layout = layout[0] if layout else "A"
    axes = [":"] * int(ndim)
    if layout == "C":
        axes[-1] = "::1"
    elif layout == "F":
        axes[0] = "::1"
    elif layout != "A":
        raise ValueError(f"an array's layout is 'C', 'F' or 'A', not {layout!r}")
    # NumPy's own scalar types have a name of Python's kind.
    name = getattr(dtype, "name", None) or dtype.__name__
    return Type(f"{name}[{', '.join(axes)}]")


Ptr = _Subscript("Ptr", CPointer)
Array = _Subscript("Array", _array)

void = none = Type("void")
voidptr = Type("voidptr")
boolean = bool_ = Type("boolean")
int8, int16, int32, int64 = (Type(f"int{n}") for n in (8, 16, 32, 64))
uint8, uint16, uint32, uint64 = (Type(f"uint{n}") for n in (8, 16, 32, 64))
float32 = single = Type("float32")
float64 = double = Type("float64")
intc, uintc = Type("intc"), Type("uintc")
intp, uintp = Type("intp"), Type("uintp")
long_, ulong = Type("long_"), Type("ulong")

_NUMPY_NAMES = {"boolean": "bool", "intc": "int32", "uintc": "uint32", "long_": "int64", "ulong": "uint64"}
