# Annotations of Cython's kind: arrays keep their dtype, C's numbers are Python's own.
import cython
import numpy as np

# cython: boundscheck=False
# types: from-arguments


@cython.wraparound(False)
def rows(a: cython.double[:, ::1], out: cython.double[:], n: cython.int, flag: cython.bint) -> cython.double:
    i: cython.Py_ssize_t
    total: cython.double = 0
    for i in range(n):
        with cython.boundscheck(True), cython.wraparound(True):
            out[i] = a[i, -1]
        if flag:
            total += out[i]
    return total


# run: rows(np.arange(6.0).reshape(2, 3), np.zeros(2), 2, True)
# run: rows(np.arange(6.0).reshape(2, 3), np.zeros(2), 3, True) raises IndexError


@cython.locals(a=cython.long[:, :], n=cython.int, s=cython.long)
@cython.returns(cython.long)
def total(a, n):
    s = 0
    for i in range(n):
        for j in range(a.shape[1]):
            s += a[i, j]
    return s


# run: total(np.arange(12).reshape(3, 4), 3)
# run: total(np.arange(12).reshape(3, 4).T, 2)
