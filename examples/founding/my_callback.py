"""Numba's `my_callback(double *in, double *out, int m, int n)`: arrays over the pointers, in either order, and without."""

from gelcap import carray, farray


def my_callback(in_, out, m, n):
    in_array = carray(in_, (m, n))
    out_array = carray(out, (m, n))
    for i in range(m):
        for j in range(n):
            out_array[i, j] = 2 * in_array[i, j]


def my_callback_fortran(in_, out, m, n):
    in_array = farray(in_, (m, n))
    out_array = farray(out, (m, n))
    for i in range(m):
        for j in range(n):
            out_array[i, j] = 2 * in_array[i, j]


def my_callback_pointers(in_, out, m, n):
    for i in range(m):
        for j in range(n):
            out[i * n + j] = 2 * in_[i * n + j]
