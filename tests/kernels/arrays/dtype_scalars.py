# types: from-arguments
# ulp: 2
# run: r_add(np.array([1.5, -2.0, 0.0, 3.0, np.inf, np.nan, -0.75, 100.0], np.float32), True)
# run: r_add(np.array([2147483647, -2147483648, 1, 2, 3, 7, 0, 5], np.int32), 2**40)
# run: r_add(np.array([32767, -32768, 1, 2, 3, 7, 0, 5], np.int16), True)
# run: r_div(np.array([1.5, -2.0, 0.0, 3.0, np.inf, np.nan, -0.75, 100.0], np.float32), 2.5)
# run: r_div(np.array([2147483647, -2147483648, 1, 2, 3, 7, 0, 5], np.int32), 2**40)
# run: r_eq(np.array([32767, -32768, 1, 2, 3, 7, 0, 5], np.int16), 300)
# run: r_fdiv(np.array([255, 0, 1, 2, 3, 7, 0, 5], np.uint8), np.float64(1e10))
# run: r_fdiv(np.array([True, False, True, True, False, False, True, False], np.bool_), 300)
# run: r_ge(np.array([18446744073709551615, 0, 1, 2, 3, 7, 0, 5], np.uint64), 3)
# run: r_ge(np.array([32767, -32768, 1, 2, 3, 7, 0, 5], np.int16), np.float64(1e10))
# run: r_lt(np.array([32767, -32768, 1, 2, 3, 7, 0, 5], np.int16), np.int8(-3))
# run: r_lt(np.array([65535, 0, 1, 2, 3, 7, 0, 5], np.uint16), np.float32(0.1))
# run: r_mod(np.array([32767, -32768, 1, 2, 3, 7, 0, 5], np.int16), 2**40)
# run: r_mod(np.array([9223372036854775807, -9223372036854775808, 1, 2, 3, 7, 0, 5], np.int64), 300)
# run: r_mod(np.array([True, False, True, True, False, False, True, False], np.bool_), np.float64(1e10))
# run: r_mul(np.array([65535, 0, 1, 2, 3, 7, 0, 5], np.uint16), 3)
# run: r_shl(np.array([65535, 0, 1, 2, 3, 7, 0, 5], np.uint16), np.uint64(7))
# run: r_sub(np.array([1.5, -2.0, 0.0, 3.0, np.inf, np.nan, -0.75, 100.0], np.float64), True)
# run: s_add(np.array([2147483647, -2147483648, 1, 2, 3, 7, 0, 5], np.int32), np.int8(-3))
# run: s_div(np.array([1.5, -2.0, 0.0, 3.0, np.inf, np.nan, -0.75, 100.0], np.float32), np.uint64(7))
# run: s_eq(np.array([1.5, -2.0, 0.0, 3.0, np.inf, np.nan, -0.75, 100.0], np.float32), -1)
# run: s_eq(np.array([1.5, -2.0, 0.0, 3.0, np.inf, np.nan, -0.75, 100.0], np.float32), True)
# run: s_fdiv(np.array([4294967295, 0, 1, 2, 3, 7, 0, 5], np.uint32), 2**40)
# run: s_fdiv(np.array([4294967295, 0, 1, 2, 3, 7, 0, 5], np.uint32), np.bool_(True))
# run: s_lt(np.array([127, -128, 1, 2, 3, 7, 0, 5], np.int8), True)
# run: s_lt(np.array([255, 0, 1, 2, 3, 7, 0, 5], np.uint8), 300)
# run: s_mod(np.array([1.5, -2.0, 0.0, 3.0, np.inf, np.nan, -0.75, 100.0], np.float32), 2.5)
# run: s_mod(np.array([4294967295, 0, 1, 2, 3, 7, 0, 5], np.uint32), -1)
# run: s_mul(np.array([1.5, -2.0, 0.0, 3.0, np.inf, np.nan, -0.75, 100.0], np.float64), 300)
# run: s_mul(np.array([255, 0, 1, 2, 3, 7, 0, 5], np.uint8), np.uint64(7))
# run: s_shl(np.array([18446744073709551615, 0, 1, 2, 3, 7, 0, 5], np.uint64), True)
# run: s_shl(np.array([255, 0, 1, 2, 3, 7, 0, 5], np.uint8), np.uint64(7))
# run: s_sub(np.array([255, 0, 1, 2, 3, 7, 0, 5], np.uint8), 3)
import numpy as np


def s_add(a, x):
    return a + x


def r_add(a, x):
    return x + a


def s_sub(a, x):
    return a - x


def r_sub(a, x):
    return x - a


def s_mul(a, x):
    return a * x


def r_mul(a, x):
    return x * a


def s_div(a, x):
    return a / x


def r_div(a, x):
    return x / a


def s_fdiv(a, x):
    return a // x


def r_fdiv(a, x):
    return x // a


def s_mod(a, x):
    return a % x


def r_mod(a, x):
    return x % a


def s_shl(a, x):
    return a << x


def r_shl(a, x):
    return x << a


def s_lt(a, x):
    return a < x


def r_lt(a, x):
    return x < a


def s_eq(a, x):
    return a == x


def r_eq(a, x):
    return x == a


def r_ge(a, x):
    return x >= a
