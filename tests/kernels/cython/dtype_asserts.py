# Comparisons of dtypes are decided when the kernel is compiled.
# types: from-arguments
import numpy as np

DTYPE = np.int64


def asserted(f, g):
    assert f.dtype == DTYPE and g.dtype == DTYPE, "both are int64"
    return f[0] + g[0]


# run: asserted(np.arange(3), np.arange(3))
# run: asserted(np.arange(3), np.arange(3.0)) raises AssertionError "both are int64"
# run: asserted(np.arange(3, dtype=np.int32), np.arange(3)) raises AssertionError "both are int64"


def branches(f):
    if f.dtype == np.float64 or f.dtype == np.float32:
        return 0.5 * f[0]
    return f[0] // 2


# run: branches(np.array([7.0]))
# run: branches(np.array([7.0], dtype=np.float32))
# run: branches(np.array([7], dtype=np.int16))


def spellings(f):
    return (f.dtype == float, f.dtype == int, f.dtype == bool, f.dtype != np.float64, f.dtype == "float64", "int32" == f.dtype,
            f.dtype in (np.float32, np.float64), f.dtype not in (int, float), f.dtype is np.float64, f.dtype is f.dtype,
            f.dtype is not f.dtype)


# run: spellings(np.zeros(2))
# run: spellings(np.zeros(2, dtype=np.int64))
# run: spellings(np.zeros(2, dtype=np.int32))
# run: spellings(np.zeros(2, dtype=np.float32))
# run: spellings(np.zeros(2, dtype=np.bool_))
