"""Elements of arrays: indices from either end, NumPy scalars in and out, faults as NumPy says them."""
import numpy as np

# types: from-arguments
# let: a = np.array([1.5, 2.5, -3.0])
# let: m = np.arange(12, dtype=np.int32).reshape(3, 4)
# let: b = np.array([100, -128, 127], dtype=np.int8)
# let: u = np.array([0, 2**64 - 1], dtype=np.uint64)
# let: t = np.array([True, False, True])
# let: z = np.array(2.5)
# let: ro = np.array([1.0, 2.0]); ro.flags.writeable = False


def get(a, i):
    return a[i]


def get2(m, i, j):
    return m[i, j]


def get2_twice(m, i, j):
    return m[i][j]


def put(a, i, v):
    a[i] = v
    return a[i]


def put2(m, i, j, v):
    m[i, j] = v
    m[i][j] += v


def by_tuple(m, i, j):
    where = (i, j)
    m[where] = 7
    return m[where] + m[1, 2]


def total(a):
    s = 0.0
    for i in range(len(a)):
        s += a[i]
    return float(s)


def wraps(b):
    b[0] += b[2]
    b[1] -= b[2]
    return b[0] * b[1], -b[1]


def mean(a):
    s = 0.0
    for x in a:
        s += x
    return s / len(a)


def zero_d(z):
    z[()] = z[()] + 1
    z[...] = z[()] * 2
    return z[()]


def bools(t, i):
    t[i] = t[i] & t[0]
    t[-1] = 3
    return t[i], t[0] + t[1], not t[i]


def chained(a):
    a[0] = a[1] = a[2]
    a[0], a[2] = a[2] + 1, a[0] * 2


def swap(a, i, j):
    a[i], a[j] = a[j], a[i]


# run: get(a, 0) == np.float64(1.5)
# run: get(a, -1) == np.float64(-3.0)
# run: get(a, 3) raises IndexError "index 3 is out of bounds for axis 0 with size 3"
# run: get(a, -4) raises IndexError "index -4 is out of bounds for axis 0 with size 3"
# run: get(m[0], np.int8(-1))
# run: get(m.T[1], 2)
# run: get(a[::-1], 0)
# run: get(ro, 1)
# run: get(u, 1)
# run: get(np.zeros(0), 0) raises IndexError "index 0 is out of bounds for axis 0 with size 0"
# run: get2(m, 1, 2) == np.int32(6)
# run: get2(m, -1, -4)
# run: get2(m, 3, 0) raises IndexError "index 3 is out of bounds for axis 0 with size 3"
# run: get2(m, 0, 4) raises IndexError "index 4 is out of bounds for axis 1 with size 4"
# run: get2(m, 0, -5) raises IndexError "index -5 is out of bounds for axis 1 with size 4"
# run: get2(m.T, 3, 2)
# run: get2(np.asfortranarray(m), 2, 3)
# run: get2(m[::2, ::-1], 1, 0)
# run: get2_twice(m, 2, -1)
# run: get2_twice(m, 0, 4) raises IndexError "index 4 is out of bounds for axis 0 with size 4"
# run: get2_twice(m.T, 3, 2)
# run: put(a, -1, 4)
# run: put(a, 3, 4) raises IndexError
# run: put(b, 0, 127)
# run: put(b, 0, 128) raises OverflowError "Python integer 128 out of bounds for int8"
# run: put(b, 0, -3.75)
# run: put(b, 0, np.float64(3.75))
# run: put(b, 0, np.int64(300))
# run: put(b, 0, np.float32(-1e10))
# run: put(m[1], 0, True)
# run: put(t, 1, 0.5)
# run: put(u, 0, 2**62)
# run: put(a, 0, 2**53 + 1)
# run: put2(m, 2, -1, 5)
# run: put2(m.T, 2, -1, 5)
# run: by_tuple(m, -1, 0)
# run: total(a)
# run: total(a[::-2])
# run: total(np.zeros(0))
# run: wraps(b)
# run: mean(a)
# run: mean(np.zeros(0)) raises ZeroDivisionError
# run: zero_d(z)
# run: bools(t, 1)
# run: chained(a)
# run: swap(a, 0, -1)
# run: swap(a, 0, 5) raises IndexError
