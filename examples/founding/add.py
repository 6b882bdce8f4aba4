"""Numba's first example of a C function."""

from gelcap import cfunc


@cfunc("float64(float64, float64)")
def add(x, y):
    return x + y
