"""NaN, infinities, signed zeros, subnormals, limits of integers, size-1 axes and nothing at all, crossed."""
import numpy as np

# types: from-arguments
# let: s = np.array([nan, inf, -inf, 0.0, -0.0, 5e-324, -1e308])
# let: s32 = np.array([nan, inf, -inf, 0.0, -0.0, 1e-45, -3e38], np.float32)


def negated_twice(a):
    return -(-a), 0.0 - a


def inverse(a):
    return 1.0 / a


def clipped(a, low, high):
    return np.minimum(np.maximum(a, low), high)


def sign_bits(a):
    return np.signbit(a), np.copysign(1.0, a)


def order(a):
    n = 0
    for i in range(len(a)):
        for j in range(len(a)):
            n = n * 2 % 1000003 + (1 if a[i] < a[j] else 0)
    return n


def twice(a):
    a *= 2
    a /= 2


def ints(a):
    out = np.zeros(len(a), np.int64)
    for k in range(len(a)):
        out[k] = int(a[k])
    return out


def mean_of_nothing(a):
    return a.mean()


def nothing_in_place(a, v):
    a += v
    a[:] = a * v
    return a


def one_by_one(a, b):
    return a + b, a * b[0]


def limits(a):
    return a + a, a - 1, a * a, -a, abs(a)


def remainders(a, k):
    return a // k, a % k


def min_max_of_three(a, b, c):
    return min(a[0], b[0], c[0]), max(a[0], b[0], c[0])


# run: negated_twice(s)
# run: negated_twice(s32)
# run: inverse(s)
# run: inverse(s32)
# run: clipped(s, -1.0, 1.0)
# run: clipped(s32, np.float32(-1.0), np.float32(1.0))
# run: clipped(s[:0], -1.0, 1.0)
# run: sign_bits(np.array([0.0, -0.0, inf, -1e-320]))
# run: order(s)
# run: order(s32)
# run: twice(s)
# run: twice(s32)
# run: ints(np.array([1.9, -1.9, -0.0]))
# run: ints(s) raises ValueError "cannot convert float NaN to integer"
# run: ints(s[1:]) raises OverflowError "cannot convert float infinity to integer"
# run: ints(np.array([1e19])) raises OverflowError
# run: mean_of_nothing(s[:0])
# run: mean_of_nothing(np.zeros((0, 3), np.float32))
# run: mean_of_nothing(np.zeros(0, np.int8))
# run: nothing_in_place(s[:0], 2.0)
# run: nothing_in_place(np.zeros((3, 0)), np.zeros((1, 1)))
# run: nothing_in_place(np.zeros((3, 0)), np.zeros((2, 0))) raises ValueError
# run: one_by_one(np.ones((1, 1)), np.ones((1, 1)))
# run: one_by_one(np.ones((1, 4)), np.ones((3, 1)))
# run: one_by_one(np.ones((4, 1)).T, np.arange(3.0).reshape(3, 1))
# run: limits(np.array([-128, 127], np.int8))
# run: limits(np.array([-2**63, 2**63 - 1]))
# run: limits(np.array([0, 255], np.uint8))
# run: limits(np.array([0, 2**64 - 1], np.uint64))
# run: limits(np.array([-2**31, 2**31 - 1], np.int32))
# run: remainders(np.array([-128, 127, 0], np.int8), np.int8(-1))
# run: remainders(np.array([-128, 127, 0], np.int8), 0)
# run: remainders(np.array([-2**63, 2**63 - 1]), -1)
# run: remainders(np.array([2**64 - 1, 1], np.uint64), 2)
# run: remainders(s, 3.0)
# run: remainders(s, 0.0)
# run: remainders(s, -inf)
# run: remainders(s32, np.float32(2.5))
# run: min_max_of_three(s, s[1:], s[3:])
# run: min_max_of_three(s[1:], s, s[3:])
# run: min_max_of_three(s[3:], s[4:], s[3:])
