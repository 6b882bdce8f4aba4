# types: from-arguments
# ulp: 1
# let: f = np.array([2.0, -2.0, 0.0, -0.0, np.inf, -np.inf, np.nan, 0.5])
# let: i = np.array([2, -2, 0, 3])
# run: constants(f)
# run: constants(f.astype(np.float32))
# run: whole(i)
# run: whole(i.astype(np.int8))
# run: whole(np.array([2, 200], np.uint8))
# run: whole(np.array([True, False]))
# run: power(i, np.array([0, 1, 2, 3]))
# run: power(i, np.array([0, 1, 2, -3]))
# run: power(i, 3)
# run: power(i, -1)
# run: power(i, 0.5)
# run: power(i, 2.0)
# run: power(2, np.array([1, 62, 63, 64]))
# run: power(2, np.array([1, -2]))
# run: power(2.0, np.array([1, -2]))
# run: power(np.zeros(0, np.int64), -1)
# run: power(np.zeros(0, np.int64), np.array([-1]))
# run: power(np.ones((0, 2), np.int64), -1)
# run: power(np.array([3], np.uint8), -1)
# run: power(np.array([3], np.uint8), 300)
# run: power(np.array([3], np.uint8), np.array([-1]))
# run: power(f, np.array([0.5, 2.0, -1.0, 0.0, 2.0, 0.5, 0.0, 3.0]))
# run: power(f, np.float32(2.0))
# run: power(f.astype(np.float32), np.float32(2.0))
# run: power(np.array([True, False]), np.array([False, False]))
# run: ufunc(np.array([True, False]), 2)
# run: ufunc(i, 2)
# run: ufunc(np.array([-0.0, 4.0]), 0.5)
# run: ufunc(np.array(-0.0), 0.5)
# run: keeps(np.array([1, 2]), np.zeros(2, np.int64))
import numpy as np


def constants(a):
    return a**2, a**0.5, a**-1, a**0, a**1.0, a**3, np.power(a, 0.5), np.power(a, 2)


def whole(a):
    return a**2, a**0, a**7, a**2.0, a**0.5


def power(a, b):
    return a**b


def ufunc(a, n):
    return np.power(a, n)


def keeps(a, out):
    out[0] = 5
    out[:] = a**-a
