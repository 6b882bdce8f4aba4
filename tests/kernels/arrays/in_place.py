"""Augmented assignment: elements, slices and whole arrays change in place; casts stay within a kind."""
import numpy as np

# types: from-arguments
# let: a = np.arange(4.0)
# let: m = np.arange(6.0).reshape(2, 3)
# let: i = np.arange(5, dtype=np.int32)
# let: b = np.array([250, 5], dtype=np.uint8)
# let: f = np.array([0.1, 0.2], dtype=np.float32)
# let: z = np.array(2.5)


def add(a, b):
    a += b


def subtract(a, b):
    a -= b


def scale(a, x):
    a *= x


def divide(a, x):
    a /= x


def floor(a, x):
    a //= x


def part(a, x):
    a[1:3] += x


def rows(m, r):
    m[1:] -= r
    m[:, 0] *= 2


def element(m, i, j, x):
    m[i, j] *= x


def overlapping(a):
    a[1:] += a[:-1]


def onto_reverse(a):
    a += a[::-1]


def onto_transpose(s):
    s += s.T


def same_name(a, x):
    b = a
    b += x
    return b[0]


def zero_d(z, x):
    z += x
    z *= 2
    return z[()]


# run: add(a, 1)
# run: add(a, 1.5)
# run: add(a, np.arange(4))
# run: add(a, a)
# run: add(a, np.array([7.0]))
# run: add(a, np.zeros(3)) raises ValueError
# run: add(a[:1], np.zeros(3)) raises ValueError "non-broadcastable output operand with shape (1,) doesn't match the broadcast shape (3,)"
# run: add(m, np.array([1.0, 2.0, 3.0]))
# run: add(m, np.ones((2, 1)))
# run: add(m.T, np.array([1.0, 2.0]))
# run: add(i, np.int64(2**31))
# run: add(i, np.array([2**40 + 1], dtype=np.int64))
# run: add(i, 2**31) raises OverflowError
# run: add(b, 10)
# run: add(b, np.uint16(300))
# run: add(f, np.array([1e-9, 1.0]))
# run: add(f, 1e-9)
# run: add(f, i[:2])
# run: subtract(a, 0.5)
# run: subtract(i, True)
# run: scale(a, -2)
# run: scale(b, 3)
# run: divide(a, 3)
# run: divide(a, 0)
# run: floor(i, 2)
# run: floor(i, -3)
# run: part(a, 10)
# run: part(a, np.array([1.0, 2.0]))
# run: part(i, np.int8(-3))
# run: rows(m, np.array([1.0, 2.0, 3.0]))
# run: rows(m.T, 5)
# run: element(m, 1, -1, 3)
# run: element(m, 2, 0, 3) raises IndexError
# run: overlapping(a)
# run: onto_reverse(a)
# run: onto_transpose(np.arange(9.0).reshape(3, 3))
# run: same_name(a, 5)
# run: zero_d(z, 1)
