# types: from-arguments
# ulp: 2
# run: b_add(np.array([1.5, -2.0, 0.0, 3.0, np.inf, np.nan, -0.75, 100.0], np.float32), np.array([1, 3, 2, 4294967295, 0, 5, 7, 0], np.uint32))
# run: b_add(np.array([65535, 0, 1, 2, 3, 7, 0, 5], np.uint16), np.array([1, 3, 2, 255, 0, 5, 7, 0], np.uint8))
# run: b_arctan2(np.array([18446744073709551615, 0, 1, 2, 3, 7, 0, 5], np.uint64), np.array([2.0, 0.5, -3.0, 0.0, -np.inf, 1.0, 7.0, -0.3], np.float64))
# run: b_bitwise_and(np.array([9223372036854775807, -9223372036854775808, 1, 2, 3, 7, 0, 5], np.int64), np.array([1, 3, 2, 127, 0, 5, 7, -128], np.int8))
# run: b_bitwise_or(np.array([2147483647, -2147483648, 1, 2, 3, 7, 0, 5], np.int32), np.array([1, 3, 2, 4294967295, 0, 5, 7, 0], np.uint32))
# run: b_bitwise_or(np.array([9223372036854775807, -9223372036854775808, 1, 2, 3, 7, 0, 5], np.int64), np.array([1, 3, 2, 2147483647, 0, 5, 7, -2147483648], np.int32))
# run: b_bitwise_xor(np.array([127, -128, 1, 2, 3, 7, 0, 5], np.int8), np.array([True, False, True, True, False, False, True, False], np.bool_))
# run: b_copysign(np.array([127, -128, 1, 2, 3, 7, 0, 5], np.int8), np.array([2.0, 0.5, -3.0, 0.0, -np.inf, 1.0, 7.0, -0.3], np.float32))
# run: b_copysign(np.array([9223372036854775807, -9223372036854775808, 1, 2, 3, 7, 0, 5], np.int64), np.array([1, 3, 2, 32767, 0, 5, 7, -32768], np.int16))
# run: b_divide(np.array([32767, -32768, 1, 2, 3, 7, 0, 5], np.int16), np.array([True, False, True, True, False, False, True, False], np.bool_))
# run: b_equal(np.array([65535, 0, 1, 2, 3, 7, 0, 5], np.uint16), np.array([1, 3, 2, 32767, 0, 5, 7, -32768], np.int16))
# run: b_floor_divide(np.array([1.5, -2.0, 0.0, 3.0, np.inf, np.nan, -0.75, 100.0], np.float32), np.array([1, 3, 2, 65535, 0, 5, 7, 0], np.uint16))
# run: b_floor_divide(np.array([18446744073709551615, 0, 1, 2, 3, 7, 0, 5], np.uint64), np.array([1, 3, 2, 65535, 0, 5, 7, 0], np.uint16))
# run: b_floor_divide(np.array([4294967295, 0, 1, 2, 3, 7, 0, 5], np.uint32), np.array([True, False, True, True, False, False, True, False], np.bool_))
# run: b_fmax(np.array([127, -128, 1, 2, 3, 7, 0, 5], np.int8), np.array([1, 3, 2, 127, 0, 5, 7, -128], np.int8))
# run: b_fmin(np.array([18446744073709551615, 0, 1, 2, 3, 7, 0, 5], np.uint64), np.array([1, 3, 2, 2147483647, 0, 5, 7, -2147483648], np.int32))
# run: b_fmod(np.array([1.5, -2.0, 0.0, 3.0, np.inf, np.nan, -0.75, 100.0], np.float64), np.array([2.0, 0.5, -3.0, 0.0, -np.inf, 1.0, 7.0, -0.3], np.float64))
# run: b_greater_equal(np.array([65535, 0, 1, 2, 3, 7, 0, 5], np.uint16), np.array([1, 3, 2, 255, 0, 5, 7, 0], np.uint8))
# run: b_less(np.array([32767, -32768, 1, 2, 3, 7, 0, 5], np.int16), np.array([1, 3, 2, 4294967295, 0, 5, 7, 0], np.uint32))
# run: b_less_equal(np.array([1.5, -2.0, 0.0, 3.0, np.inf, np.nan, -0.75, 100.0], np.float64), np.array([1, 3, 2, 2147483647, 0, 5, 7, -2147483648], np.int32))
# run: b_less_equal(np.array([1.5, -2.0, 0.0, 3.0, np.inf, np.nan, -0.75, 100.0], np.float64), np.array([1, 3, 2, 65535, 0, 5, 7, 0], np.uint16))
# run: b_less_equal(np.array([65535, 0, 1, 2, 3, 7, 0, 5], np.uint16), np.array([1, 3, 2, 9223372036854775807, 0, 5, 7, -9223372036854775808], np.int64))
# run: b_logical_and(np.array([255, 0, 1, 2, 3, 7, 0, 5], np.uint8), np.array([1, 3, 2, 32767, 0, 5, 7, -32768], np.int16))
# run: b_logical_or(np.array([True, False, True, True, False, False, True, False], np.bool_), np.array([2.0, 0.5, -3.0, 0.0, -np.inf, 1.0, 7.0, -0.3], np.float32))
# run: b_logical_xor(np.array([18446744073709551615, 0, 1, 2, 3, 7, 0, 5], np.uint64), np.array([1, 3, 2, 32767, 0, 5, 7, -32768], np.int16))
# run: b_logical_xor(np.array([65535, 0, 1, 2, 3, 7, 0, 5], np.uint16), np.array([1, 3, 2, 4294967295, 0, 5, 7, 0], np.uint32))
# run: b_minimum(np.array([65535, 0, 1, 2, 3, 7, 0, 5], np.uint16), np.array([2.0, 0.5, -3.0, 0.0, -np.inf, 1.0, 7.0, -0.3], np.float64))
# run: b_minimum(np.array([True, False, True, True, False, False, True, False], np.bool_), np.array([1, 3, 2, 255, 0, 5, 7, 0], np.uint8))
# run: b_multiply(np.array([127, -128, 1, 2, 3, 7, 0, 5], np.int8), np.array([1, 3, 2, 2147483647, 0, 5, 7, -2147483648], np.int32))
# run: b_multiply(np.array([255, 0, 1, 2, 3, 7, 0, 5], np.uint8), np.array([2.0, 0.5, -3.0, 0.0, -np.inf, 1.0, 7.0, -0.3], np.float64))
# run: b_not_equal(np.array([9223372036854775807, -9223372036854775808, 1, 2, 3, 7, 0, 5], np.int64), np.array([True, False, True, True, False, False, True, False], np.bool_))
# run: b_power(np.array([127, -128, 1, 2, 3, 7, 0, 5], np.int8), np.array([1, 3, 2, 9223372036854775807, 0, 5, 7, -9223372036854775808], np.int64))
# run: b_subtract(np.array([2147483647, -2147483648, 1, 2, 3, 7, 0, 5], np.int32), np.array([2.0, 0.5, -3.0, 0.0, -np.inf, 1.0, 7.0, -0.3], np.float64))
import numpy as np


def b_minimum(a, b):
    return np.minimum(a, b)


def b_fmin(a, b):
    return np.fmin(a, b)


def b_fmax(a, b):
    return np.fmax(a, b)


def b_copysign(a, b):
    return np.copysign(a, b)


def b_fmod(a, b):
    return np.fmod(a, b)


def b_arctan2(a, b):
    return np.arctan2(a, b)


def b_logical_and(a, b):
    return np.logical_and(a, b)


def b_logical_or(a, b):
    return np.logical_or(a, b)


def b_logical_xor(a, b):
    return np.logical_xor(a, b)


def b_add(a, b):
    return np.add(a, b)


def b_subtract(a, b):
    return np.subtract(a, b)


def b_multiply(a, b):
    return np.multiply(a, b)


def b_divide(a, b):
    return np.divide(a, b)


def b_floor_divide(a, b):
    return np.floor_divide(a, b)


def b_power(a, b):
    return np.power(a, b)


def b_bitwise_and(a, b):
    return np.bitwise_and(a, b)


def b_bitwise_or(a, b):
    return np.bitwise_or(a, b)


def b_bitwise_xor(a, b):
    return np.bitwise_xor(a, b)


def b_equal(a, b):
    return np.equal(a, b)


def b_not_equal(a, b):
    return np.not_equal(a, b)


def b_less(a, b):
    return np.less(a, b)


def b_less_equal(a, b):
    return np.less_equal(a, b)


def b_greater_equal(a, b):
    return np.greater_equal(a, b)
