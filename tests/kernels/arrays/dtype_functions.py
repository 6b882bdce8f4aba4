# types: from-arguments
# ulp: 2
# run: u_abs(np.array([1, 3, 2, 18446744073709551615, 0, 5, 7, 0], np.uint64))
# run: u_absolute(np.array([1, 3, 2, 18446744073709551615, 0, 5, 7, 0], np.uint64))
# run: u_arccos(np.array([1, 3, 2, 18446744073709551615, 0, 5, 7, 0], np.uint64))
# run: u_arccosh(np.array([1, 3, 2, 2147483647, 0, 5, 7, -2147483648], np.int32))
# run: u_arcsin(np.array([1, 3, 2, 9223372036854775807, 0, 5, 7, -9223372036854775808], np.int64))
# run: u_arctan(np.array([65535, 0, 1, 2, 3, 7, 0, 5], np.uint16))
# run: u_cbrt(np.array([2.0, 0.5, -3.0, 0.0, -np.inf, 1.0, 7.0, -0.3], np.float64))
# run: u_ceil(np.array([1, 3, 2, 32767, 0, 5, 7, -32768], np.int16))
# run: u_cos(np.array([2.0, 0.5, -3.0, 0.0, -np.inf, 1.0, 7.0, -0.3], np.float64))
# run: u_cosh(np.array([1, 3, 2, 65535, 0, 5, 7, 0], np.uint16))
# run: u_exp(np.array([1, 3, 2, 18446744073709551615, 0, 5, 7, 0], np.uint64))
# run: u_exp2(np.array([65535, 0, 1, 2, 3, 7, 0, 5], np.uint16))
# run: u_expm1(np.array([1.5, -2.0, 0.0, 3.0, np.inf, np.nan, -0.75, 100.0], np.float32))
# run: u_fabs(np.array([32767, -32768, 1, 2, 3, 7, 0, 5], np.int16))
# run: u_floor(np.array([18446744073709551615, 0, 1, 2, 3, 7, 0, 5], np.uint64))
# run: u_invert(np.array([True, False, True, True, False, False, True, False], np.bool_))
# run: u_isfinite(np.array([18446744073709551615, 0, 1, 2, 3, 7, 0, 5], np.uint64))
# run: u_isinf(np.array([18446744073709551615, 0, 1, 2, 3, 7, 0, 5], np.uint64))
# run: u_isnan(np.array([18446744073709551615, 0, 1, 2, 3, 7, 0, 5], np.uint64))
# run: u_log10(np.array([4294967295, 0, 1, 2, 3, 7, 0, 5], np.uint32))
# run: u_log1p(np.array([1.5, -2.0, 0.0, 3.0, np.inf, np.nan, -0.75, 100.0], np.float64))
# run: u_log2(np.array([2147483647, -2147483648, 1, 2, 3, 7, 0, 5], np.int32))
# run: u_logical_not(np.array([2147483647, -2147483648, 1, 2, 3, 7, 0, 5], np.int32))
# run: u_negative(np.array([255, 0, 1, 2, 3, 7, 0, 5], np.uint8))
# run: u_rad2deg(np.array([1, 3, 2, 18446744073709551615, 0, 5, 7, 0], np.uint64))
# run: u_rint(np.array([1, 3, 2, 9223372036854775807, 0, 5, 7, -9223372036854775808], np.int64))
# run: u_sign(np.array([9223372036854775807, -9223372036854775808, 1, 2, 3, 7, 0, 5], np.int64))
# run: u_signbit(np.array([18446744073709551615, 0, 1, 2, 3, 7, 0, 5], np.uint64))
# run: u_sinh(np.array([1, 3, 2, 32767, 0, 5, 7, -32768], np.int16))
# run: u_sqrt(np.array([18446744073709551615, 0, 1, 2, 3, 7, 0, 5], np.uint64))
# run: u_square(np.array([18446744073709551615, 0, 1, 2, 3, 7, 0, 5], np.uint64))
# run: u_tanh(np.array([2.0, 0.5, -3.0, 0.0, -np.inf, 1.0, 7.0, -0.3], np.float32))
# run: u_trunc(np.array([1, 3, 2, 32767, 0, 5, 7, -32768], np.int16))
import numpy as np


def u_exp(a):
    return np.exp(a)


def u_exp2(a):
    return np.exp2(a)


def u_expm1(a):
    return np.expm1(a)


def u_log2(a):
    return np.log2(a)


def u_log10(a):
    return np.log10(a)


def u_log1p(a):
    return np.log1p(a)


def u_cos(a):
    return np.cos(a)


def u_arcsin(a):
    return np.arcsin(a)


def u_arccos(a):
    return np.arccos(a)


def u_arctan(a):
    return np.arctan(a)


def u_sinh(a):
    return np.sinh(a)


def u_cosh(a):
    return np.cosh(a)


def u_tanh(a):
    return np.tanh(a)


def u_arccosh(a):
    return np.arccosh(a)


def u_cbrt(a):
    return np.cbrt(a)


def u_sqrt(a):
    return np.sqrt(a)


def u_floor(a):
    return np.floor(a)


def u_ceil(a):
    return np.ceil(a)


def u_trunc(a):
    return np.trunc(a)


def u_rint(a):
    return np.rint(a)


def u_fabs(a):
    return np.fabs(a)


def u_abs(a):
    return np.abs(a)


def u_absolute(a):
    return np.absolute(a)


def u_sign(a):
    return np.sign(a)


def u_negative(a):
    return np.negative(a)


def u_invert(a):
    return np.invert(a)


def u_square(a):
    return np.square(a)


def u_isnan(a):
    return np.isnan(a)


def u_isinf(a):
    return np.isinf(a)


def u_isfinite(a):
    return np.isfinite(a)


def u_signbit(a):
    return np.signbit(a)


def u_rad2deg(a):
    return np.rad2deg(a)


def u_logical_not(a):
    return np.logical_not(a)
