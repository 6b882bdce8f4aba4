"""Assignment to slices: scalars, arrays, broadcasting, casts, overlap."""
import numpy as np

# types: from-arguments
# let: a = np.arange(6.0)
# let: m = np.arange(12, dtype=np.float64).reshape(3, 4)
# let: i8 = np.arange(5, dtype=np.int8)


def fill(a, x):
    a[:] = x


def copy(a, b):
    a[:] = b


def part(a, b, i, j):
    a[i:j] = b


def everything(m, x):
    m[...] = x


def rows(m, r):
    m[1:] = r


def columns(m, x):
    m[:, ::2] = x
    m[-1] = m[0]


def shifted(a):
    a[1:] = a[:-1]


def reversed_onto_itself(a):
    a[:] = a[::-1]


def transposed_onto_itself(m):
    s = m[:, :3]
    s[:, :] = s.T


def outer(m, a):
    m[:] = a[:3, None]


def extra_axis(a, m):
    a[:] = m


# run: fill(a, 2.5)
# run: fill(a, 3)
# run: fill(a[::2], True)
# run: fill(i8, 3.9)
# run: fill(i8, 300) raises OverflowError "Python integer 300 out of bounds for int8"
# run: fill(i8[:0], 300) raises OverflowError
# run: fill(i8, np.int16(300))
# run: fill(i8, np.float64(-7.9))
# run: fill(m, 1.0)
# run: copy(a, np.arange(6) * 2)
# run: copy(a, np.array([7.0]))
# run: copy(a, a[::-1])
# run: copy(a, np.zeros(3)) raises ValueError "could not broadcast input array from shape (3,) into shape (6,)"
# run: copy(i8, np.array([1.9, -2.9, 1e10, np.nan, 300.0]))
# run: copy(i8, np.array([300, -300, 5, 6, 7]))
# run: copy(m, np.arange(4, dtype=np.int32))
# run: copy(m, np.arange(3.0)) raises ValueError "could not broadcast input array from shape (3,) into shape (3,4)"
# run: copy(m.T, np.ones((4, 1)))
# run: copy(np.zeros(3, dtype=bool), np.array([0.0, 2.0, np.nan]))
# run: part(a, np.array([7.0, 8.0]), 1, 3)
# run: part(a, np.array([7.0, 8.0]), 1, 4) raises ValueError "could not broadcast input array from shape (2,) into shape (3,)"
# run: part(a, np.array([7.0, 8.0]), 4, 2) raises ValueError "could not broadcast input array from shape (2,) into shape (0,)"
# run: part(a, np.array([7.0]), 4, 2)
# run: part(a, a[:2], 2, 4)
# run: everything(m, 3)
# run: everything(np.array(5.0), 3)
# run: rows(m, np.array([9.0, 8.0, 7.0, 6.0]))
# run: rows(m, m[0])
# run: columns(m, -1.0)
# run: shifted(a)
# run: reversed_onto_itself(a)
# run: transposed_onto_itself(m)
# run: outer(m, a)
# run: extra_axis(a, np.arange(6.0)[None, :])
# run: extra_axis(a, np.arange(6.0)[None, None, 3:4])
# run: extra_axis(a, np.zeros((2, 6))) raises ValueError "could not broadcast input array from shape (2,6) into shape (6,)"
