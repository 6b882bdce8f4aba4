# types: from-arguments
# run: added(np.array([True, False]))
# run: added(np.array([100, -100], np.int8))
# run: added(np.array([30000, -30000], np.int16))
# run: added(np.array([2**31 - 1, -2**31], np.int32))
# run: added(np.array([2**63 - 1, -2**63], np.int64))
# run: added(np.array([200, 0], np.uint8))
# run: added(np.array([60000, 0], np.uint16))
# run: added(np.array([2**32 - 1, 0], np.uint32))
# run: added(np.array([2**64 - 1, 0], np.uint64))
# run: added(np.array([0.1, 1e30], np.float32))
# run: added(np.array([0.1, 1e300], np.float64))
# run: divided(np.array([True, False]))
# run: divided(np.array([100, -100], np.int8))
# run: divided(np.array([30000, -30000], np.int16))
# run: divided(np.array([2**31 - 1, -2**31], np.int32))
# run: divided(np.array([2**63 - 1, -2**63], np.int64))
# run: divided(np.array([200, 0], np.uint8))
# run: divided(np.array([60000, 0], np.uint16))
# run: divided(np.array([2**32 - 1, 0], np.uint32))
# run: divided(np.array([2**64 - 1, 0], np.uint64))
# run: divided(np.array([0.1, 1e30], np.float32))
# run: divided(np.array([0.1, 1e300], np.float64))
# run: compared(np.array([100, -100], np.int8))
# run: compared(np.array([2**63 - 1, -1], np.int64))
# run: compared(np.array([2**64 - 1, 3], np.uint64))
# run: compared(np.array([0.1, 3.0], np.float32))
# run: weak(np.array([True, False]))
# run: weak(np.array([100, -100], np.int8))
# run: weak(np.array([200, 0], np.uint8))
# run: weak(np.array([2**32 - 1, 0], np.uint32))
# run: weak(np.array([2**64 - 1, 0], np.uint64))
# run: weak(np.array([0.1, 1e30], np.float32))
# run: weak(np.array([0.1, 1e300], np.float64))
# run: strong(np.array([100, -100], np.int8), np.float32(0.1), np.int64(1))
# run: strong(np.array([0.1], np.float32), np.float64(0.1), np.int8(1))
# run: plus(np.array([1], np.int8), 127)
# run: plus(np.array([1], np.int8), 128)
# run: plus(np.array([1], np.int8), -129)
# run: plus(np.array([1], np.uint8), 255)
# run: plus(np.array([1], np.uint8), 256)
# run: plus(np.array([1], np.uint8), -1)
# run: plus(np.array([1], np.uint64), -1)
# run: plus(np.array([], np.uint8), 256)
# run: plus(np.array([0.5], np.float32), 2**60)
# run: large(np.array([1, 2], np.uint64))
# run: beyond(np.array([1, 200], np.uint8), 300)
# run: beyond(np.array([1, 200], np.uint8), -1)
# run: beyond(np.array([1, -100], np.int8), 2**40)
# run: beyond(np.array([1, 2**63], np.uint64), -1)
import numpy as np


def added(a):
    return (
        a + np.ones(2, np.bool_),
        a + np.ones(2, np.int8),
        a + np.ones(2, np.int16),
        a + np.ones(2, np.int32),
        a + np.ones(2, np.int64),
        a + np.ones(2, np.uint8),
        a + np.ones(2, np.uint16),
        a + np.ones(2, np.uint32),
        a + np.ones(2, np.uint64),
        a + np.ones(2, np.float32),
        a + np.ones(2, np.float64),
    )


def divided(a):
    return (
        a / np.full(2, 3, np.int8),
        np.full(2, 7, np.int16) // a,
        a % np.full(2, 7, np.int32),
        a * np.full(2, 7, np.int64),
        a // np.full(2, 7, np.uint8),
        np.full(2, 7, np.uint16) % a,
        a / np.full(2, 7, np.uint32),
        np.full(2, 7, np.uint64) * a,
        a / np.full(2, 7, np.float32),
        a // np.full(2, 7, np.float64),
    )


def compared(a):
    return (
        a < np.full(2, 3, np.int8),
        a == np.full(2, 3, np.uint8),
        a >= np.full(2, 3, np.uint64),
        np.full(2, -1, np.int64) < a,
        a != np.full(2, 0.1, np.float32),
        a > np.full(2, 0.1, np.float64),
    )


def weak(a):
    return a + True, a * 3, a + 2.5, 2 / a, a // 2, 100.5 % a, a < 3, a == 0.1, a**2


def strong(a, x, n):
    return a * x, a + n, x - a, n < a


def plus(a, n):
    return a + n


def large(a):
    return a + 18446744073709551610, a < 18446744073709551615


def beyond(a, n):
    return a < n, a <= n, a == n, a != n, n > a, n >= a
