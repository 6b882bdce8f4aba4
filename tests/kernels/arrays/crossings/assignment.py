"""Assignments into arrays: scalars, arrays, broadcasting, conversions, chains, unpacking, augmented forms."""
import numpy as np

# types: from-arguments
# let: a = np.arange(6.0)
# let: m = np.arange(12.0).reshape(3, 4)
# let: i = np.arange(6, dtype=np.int16)


def fill(a, v):
    a[:] = v


def fill_dots(a, v):
    a[...] = v


def fill_part(a, i, j, v):
    a[i:j] = v


def every(a, k, v):
    a[::k] = v


def row(m, i, v):
    m[i] = v


def column(m, j, v):
    m[:, j] = v


def block(m, v):
    m[1:, :2] = v


def add(a, v):
    a[:] += v


def name_add(a, v):
    a += v
    return a


def sub_part(a, v):
    a[1:3] -= v


def mul_row(m, i, v):
    m[i] *= v


def div(a, v):
    a /= v


def floordiv(a, v):
    a //= v


def mod(a, v):
    a %= v


def power(a):
    a **= 2


def bits(a, v):
    a &= v
    a |= 8
    a ^= 1


def shift(a, v):
    a <<= v
    a >>= 1


def chained(a, b):
    a[:] = b[:] = a + 1
    return a[0], b[0]


def chained_elements(a, x):
    a[0] = a[1] = y = x
    return y


def unpacked(a, b):
    a[0], b[0] = b[1], a[1]


def swapped_slices(a):
    a[:3], a[3:] = a[3:], a[:3]


def rows_swapped(m, i, j):
    for k in range(m.shape[1]):
        m[i, k], m[j, k] = m[j, k], m[i, k]


def rank_one(m, u, v):
    m += u[:, None] * v


def index_once(a, i):
    a[i[0]] += i[0]
    i[0] += 1
    a[i[0]] += i[0]


def masked_by_loop(a, limit):
    for k in range(len(a)):
        if a[k] > limit:
            a[k] = limit


# run: fill(a, 2.5)
# run: fill(a, 3)
# run: fill(a, True)
# run: fill(a, np.float32(0.1))
# run: fill(a, a[::-1] * 2)
# run: fill(a[::-2], np.arange(3))
# run: fill(i, 3.9)
# run: fill(i, -3.9)
# run: fill(i, a * 1.5)
# run: fill(i, np.array([70000, -70000, 1, 2, 3, 4]))
# run: fill(i, 40000) raises OverflowError "Python integer 40000 out of bounds for int16"
# run: fill(i[:0], 40000) raises OverflowError
# run: fill(np.zeros(3, bool), np.array([0.0, nan, 2.0]))
# run: fill(np.zeros(3, np.float32), np.array([1e-50, 1e50, 0.1]))
# run: fill(m, np.arange(4.0))
# run: fill(m, np.arange(3.0).reshape(3, 1))
# run: fill(m.T, np.arange(3.0))
# run: fill(m, np.arange(3.0)) raises ValueError
# run: fill(m, np.zeros((1, 1, 4)))
# run: fill(np.zeros((2, 3, 2, 2)), np.arange(2))
# run: fill_dots(m, 7.0)
# run: fill_dots(np.zeros(()), 7.0)
# run: fill_dots(i, np.int8(-5))
# run: fill_part(a, 1, -1, 9.0)
# run: fill_part(a, 4, 2, 9.0)
# run: fill_part(a, -100, 100, np.arange(6))
# run: fill_part(a, 0, 2, np.zeros(3)) raises ValueError "could not broadcast input array from shape (3,) into shape (2,)"
# run: every(a, 2, -1.0)
# run: every(a, -4, -1.0)
# run: every(a, 0, -1.0) raises ValueError
# run: row(m, -1, 5.0)
# run: row(m, 1, np.arange(4))
# run: row(m, 3, 1.0) raises IndexError
# run: row(m, 0, np.zeros(3)) raises ValueError
# run: column(m, 2, 5.0)
# run: column(m, 0, np.arange(3))
# run: column(m.T, -1, m[1:, 0] + 1.0) raises ValueError
# run: block(m, -1.0)
# run: block(m, np.arange(2))
# run: block(np.asfortranarray(m), np.arange(4.0).reshape(2, 2))
# run: add(a, 1.0)
# run: add(i, 30000)
# run: add(i, i)
# run: add(i, 40000) raises OverflowError
# run: add(m, np.arange(4))
# run: name_add(a, 1)
# run: name_add(i, np.int8(5))
# run: name_add(m.T, np.arange(3.0))
# run: name_add(a[::2], a[1::2])
# run: name_add(np.zeros(3, np.float32), np.array([1e-9, 1.0, 1e30]))
# run: sub_part(a, 0.5)
# run: sub_part(i[::-1], 100)
# run: sub_part(a[:1], 0.5)
# run: mul_row(m, 1, m[2])
# run: mul_row(m, -1, 2)
# run: div(a, 0.0)
# run: div(a, a)
# run: div(np.ones(3, np.float32), np.float32(3.0))
# run: floordiv(i, 0)
# run: floordiv(i, -2)
# run: floordiv(a, 0.3)
# run: mod(i, 0)
# run: mod(i, -4)
# run: mod(a - 3.0, 2.5)
# run: power(i * 100)
# run: power(a)
# run: bits(i, 6)
# run: bits(np.arange(4, dtype=np.uint64), np.uint64(3))
# run: shift(i, 13)
# run: shift(np.array([1, 2, 200], np.uint8), np.array([1, 8, 1], np.uint8))
# run: chained(a, np.zeros(6))
# run: chained(a, a[::-1])
# run: chained(i, np.zeros(6, np.int8))
# run: chained_elements(a, 3)
# run: chained_elements(i, 3.7)
# run: chained_elements(a[:1], 3) raises IndexError
# run: unpacked(a, np.arange(3))
# run: unpacked(a, a)
# run: swapped_slices(a)
# run: rows_swapped(m, 0, 2)
# run: rows_swapped(m, 0, 3) raises IndexError
# run: rank_one(m, np.arange(3.0), np.arange(4.0))
# run: rank_one(m.T, np.arange(4.0), np.arange(3.0))
# run: rank_one(m, np.arange(4.0), np.arange(4.0)) raises ValueError
# run: index_once(a, np.array([1]))
# run: index_once(a, np.array([5])) raises IndexError
# run: masked_by_loop(a, 3.0)
# run: masked_by_loop(np.array([nan, 5.0, -inf, inf]), 1.0)
