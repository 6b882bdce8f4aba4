"""Conversions between NumPy scalars and Python's, explicit and not."""
import numpy as np

# gelcap: export to_python(int32, float32)
# gelcap: export np_to_int(float64)
# gelcap: export np_f32_to_int(float32)
# gelcap: export narrow(int64)
# gelcap: export unsigned(int8)
# gelcap: export widen(int8, uint8, float32)
# gelcap: export float_to_f32(float)
# gelcap: export int_to_f64(int)
# gelcap: export np_of_python(int, float)
# gelcap: export truth(int8, uint64, float32)
# gelcap: export bool_of(float)
# gelcap: export u64_to_float(uint64)
# gelcap: export u64_to_int(uint64)
# gelcap: export i64_to_f32(int64)


def to_python(n, x):
    return int(n), float(x), float(n), bool(n)


def np_to_int(x):
    return int(x)


def np_f32_to_int(x):
    return int(x)


def narrow(n):
    return np.int8(n), np.uint16(n), np.int32(n)


def unsigned(n):
    return np.uint8(n), np.uint64(n), np.int64(n)


def widen(a, b, c):
    return np.float64(a), np.float32(b), np.float64(c)


def float_to_f32(x):
    return np.float32(x)


def int_to_f64(n):
    return np.float64(n), np.float32(n)


def np_of_python(n, x):
    return np.int64(n), np.float64(x)


def truth(a, b, c):
    return bool(a), bool(b), bool(c), not a, not c


def bool_of(x):
    return np.bool_(x)


def u64_to_float(n):
    return float(n), np.float64(n), np.float32(n)


def u64_to_int(n):
    return int(n)


def i64_to_f32(n):
    return np.float32(n)


# run: to_python(-7, 0.1) == (-7, 0.10000000149011612, -7.0, True)
# run: np_to_int(-2.9) == -2
# run: np_to_int(nan) raises ValueError "cannot convert float NaN to integer"
# run: np_to_int(inf) raises OverflowError "cannot convert float infinity to integer"
# run: np_to_int(1e19) raises OverflowError
# run: np_f32_to_int(16777217.0) == 16777216
# run: np_f32_to_int(nan) raises ValueError "cannot convert float NaN to integer"
# run: narrow(300) == (np.int8(44), np.uint16(300), np.int32(300))
# run: narrow(-1) == (np.int8(-1), np.uint16(65535), np.int32(-1))
# run: narrow(-9223372036854775808) == (np.int8(0), np.uint16(0), np.int32(0))
# run: unsigned(-1) == (np.uint8(255), np.uint64(18446744073709551615), np.int64(-1))
# run: unsigned(100) == (np.uint8(100), np.uint64(100), np.int64(100))
# run: widen(-128, 255, 0.1) == (np.float64(-128.0), np.float32(255.0), np.float64(0.10000000149011612))
# run: float_to_f32(0.1) == np.float32(0.10000000149011612)
# run: float_to_f32(1e300) == np.float32(inf)
# run: float_to_f32(1e-46) == np.float32(0.0)
# run: float_to_f32(nan) == np.float32(nan)
# run: float_to_f32(16777219.0) == np.float32(16777220.0)
# run: int_to_f64(9007199254740993) == (np.float64(9007199254740992.0), np.float32(9007199254740992.0))
# run: int_to_f64(1152921573326323713) == (np.float64(1.1529215733263237e+18), np.float32(1.152921504606847e+18))
# run: np_of_python(5, 0.1) == (np.int64(5), np.float64(0.1))
# run: truth(0, 18446744073709551615, 0.0) == (False, True, False, True, True)
# run: truth(-1, 0, nan) == (True, False, True, False, False)
# run: bool_of(0.0) == np.bool_(False)
# run: bool_of(nan) == np.bool_(True)
# run: u64_to_float(18446744073709551615) == (1.8446744073709552e+19, np.float64(1.8446744073709552e+19), np.float32(1.8446744073709552e+19))
# run: u64_to_int(9223372036854775807) == 9223372036854775807
# run: u64_to_int(9223372036854775808) raises OverflowError
# run: i64_to_f32(1152921573326323713) == np.float32(1.1529216420458004e+18)
