"""int(), float(), bool() of Python scalars."""
# gelcap: export float_to_int(float)
# gelcap: export int_to_float(int)
# gelcap: export to_bool(int, float)
# gelcap: export bool_to(bool)
# gelcap: export through(int)
# gelcap: export int_plus_float(int, float)
# gelcap: export bool_arithmetic(bool, int, float)


def float_to_int(x):
    return int(x)


def int_to_float(n):
    return float(n)


def to_bool(n, x):
    return bool(n), bool(x)


def bool_to(b):
    return int(b), float(b), bool(b)


def through(n):
    return int(float(n))


def int_plus_float(n, x):
    return n + x, n - x, n * x


def bool_arithmetic(b, n, x):
    return b + n, b * x, -b, b + b, n - b


# run: float_to_int(2.9) == 2
# run: float_to_int(-2.9) == -2
# run: float_to_int(-0.0) == 0
# run: float_to_int(nan) raises ValueError "cannot convert float NaN to integer"
# run: float_to_int(inf) raises OverflowError "cannot convert float infinity to integer"
# run: float_to_int(-inf) raises OverflowError "cannot convert float infinity to integer"
# run: float_to_int(9223372036854774784.0) == 9223372036854774784
# run: float_to_int(9223372036854775808.0) raises OverflowError
# run: float_to_int(-9223372036854775808.0) == -9223372036854775808
# run: float_to_int(-9223372036854777856.0) raises OverflowError
# run: float_to_int(1e300) raises OverflowError
# run: int_to_float(9007199254740993) == 9007199254740992.0
# run: int_to_float(9223372036854775807) == 9.223372036854776e+18
# run: int_to_float(-9223372036854775808) == -9.223372036854776e+18
# run: to_bool(0, 0.0) == (False, False)
# run: to_bool(256, nan) == (True, True)
# run: to_bool(-1, -0.0) == (True, False)
# run: bool_to(True) == (1, 1.0, True)
# run: bool_to(False) == (0, 0.0, False)
# run: through(9007199254740993) == 9007199254740992
# run: through(9223372036854775807) raises OverflowError
# run: int_plus_float(9007199254740993, 0.5) == (9007199254740992.0, 9007199254740992.0, 4503599627370496.0)
# run: int_plus_float(3, nan) == (nan, nan, nan)
# run: bool_arithmetic(True, 9223372036854775807, 0.5) raises OverflowError
# run: bool_arithmetic(True, 5, 0.5) == (6, 0.5, -1, 2, 4)
# run: bool_arithmetic(False, -5, -0.5) == (-5, -0.0, 0, 0, -5)
