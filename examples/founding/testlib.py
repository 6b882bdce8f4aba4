"""Pythran's capsule session: `gelcap build testlib.py`, then `from testlib import f` gives the PyCapsule itself."""


# pythran export capsule f(int32, float64*, float64*)
def f(n, x, cp):
    c = cp[0]
    return c + x[0] - x[1] * x[2]


# pythran export weighted(int, float64*, float64*)
def weighted(n, x, w):
    """The sum of n products; a plain export is an ordinary function that takes arrays, ctypes arrays or addresses."""
    total = 0.0
    for i in range(n):
        total += x[i] * w[i]
    return total
