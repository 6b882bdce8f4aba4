"""The elementary functions as gelcap compiles them: `--impl compiled:native` and `--impl compiled:wasm`."""

import numpy as np

import gelcap
import implementations

ONE = "def loop(x, out, n):\n    for i in range(n):\n        out[i] = np.{0}(x[i])\n"
TWO = "def loop(x, y, out, n):\n    for i in range(n):\n        out[i] = np.{0}(x[i], y[i])\n"
#: NumPy's ufunc takes a square root for an exponent of one half, which is not C's `pow` at -0.0 and -inf.
POWER = "def loop(x, y, out, n):\n    for i in range(n):\n        out[i] = np.float64(x[i]) ** y[i]\n"
#: Where NumPy's name is another.
NUMPY = {
    "acos": "arccos", "acosh": "arccosh", "asin": "arcsin", "asinh": "arcsinh", "atan": "arctan", "atan2": "arctan2",
    "atanh": "arctanh", "pow": "power",
}


def _implementation(name, target):
    numpy_name = NUMPY.get(name, name)
    two = getattr(np, numpy_name).nin == 2
    pointers = ", ".join(["CPointer(float64)"] * (3 if two else 2))
    text = POWER if name == "pow" else (TWO if two else ONE).format(numpy_name)
    kernel = gelcap.compile("import numpy as np\n" + text, "loop", f"void({pointers}, int64)", target=target)

    def run(*arrays):
        arrays = [np.ascontiguousarray(a, dtype=np.float64) for a in arrays]
        out = np.empty_like(arrays[0])
        kernel(*arrays, out, out.size)
        return out

    return run


def _table(target):
    return {name: _implementation(name, target) for names in implementations.MODULES.values() for name in names}


def __getattr__(target):
    if target in ("native", "wasm"):
        return _table(target)
    raise AttributeError(target)
