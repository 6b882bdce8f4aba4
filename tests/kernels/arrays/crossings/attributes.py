"""Attributes and `len`, for every layout; shapes as tuples."""
import numpy as np

# types: from-arguments
# let: m = np.arange(24.0).reshape(4, 6)


def all_of_them(a):
    return a.ndim, a.size, a.itemsize, a.nbytes, len(a)


def shape(a):
    return a.shape


def strides(a):
    return a.strides


def dimensions(a):
    return a.shape[0], a.shape[-1]


def unpacked(a):
    n, m = a.shape
    return n * 100 + m


def transposed(a):
    return a.T, a.T.shape


def of_a_slice(a):
    return a[1:].shape, a[::2].strides, a[:, 1:].size


def same_dtype(a, b):
    return a.dtype == b.dtype


def is_float(a):
    return a.dtype == np.float64


def compared(a, b):
    return a.shape == b.shape


def third(a):
    return a.shape[2]


def last_index(a):
    return a[len(a) - 1]


def of_local(n):
    a = np.zeros((n, 3), np.int16)
    return a.nbytes, a.strides, a.T.strides


# run: all_of_them(m) == (2, 24, 8, 192, 4)
# run: all_of_them(m.T)
# run: all_of_them(m[::2, ::3])
# run: all_of_them(m[:0])
# run: all_of_them(np.zeros((2, 1, 3), np.int16))
# run: all_of_them(np.zeros((1, 2, 3, 4), bool))
# run: all_of_them(np.zeros(5, np.uint8)[::-1])
# run: shape(m)
# run: shape(m[:0])
# run: shape(np.zeros(3))
# run: shape(np.zeros(()))
# run: shape(np.zeros((2, 1, 3, 1)))
# run: strides(m) == (48, 8)
# run: strides(m.T) == (8, 48)
# run: strides(m[::-1, ::2])
# run: strides(np.broadcast_to(np.arange(3), (2, 3)))
# run: dimensions(m)
# run: dimensions(np.zeros(7))
# run: unpacked(m) == 406
# run: unpacked(m.T)
# run: transposed(m)
# run: transposed(np.arange(3))
# run: transposed(np.zeros((2, 3, 4), np.int8))
# run: of_a_slice(m)
# run: of_a_slice(m.T)
# run: same_dtype(m, m)
# run: same_dtype(m, np.zeros(2, np.float32))
# run: is_float(m)
# run: is_float(np.zeros(2, np.int64))
# run: compared(m, m)
# run: compared(m, m.T)
# run: third(np.zeros((2, 3, 4)))
# run: last_index(np.arange(3))
# run: last_index(np.arange(0)) raises IndexError
# run: of_local(2)
