"""`**` and `pow`: exact for ints, an error where an int would need a fraction, floats as C's pow."""
# ulp: 1
# gelcap: export square(int)
# gelcap: export ints(int, int)
# gelcap: export floats(float, float)
# gelcap: export int_float(int, float)
# gelcap: export float_int(float, int)
# gelcap: export np_floats(float64, float64)
# gelcap: export np_ints(int64, int64)
# gelcap: export np_small(int8, int8)
# gelcap: export np_float_literal(float64)
# gelcap: export half(float)
# gelcap: export f32(float32, float32)
# gelcap: export builtin(int, int)
# gelcap: export inverse(int)


def square(n):
    return n**2, n**3, n**0, n**1


def ints(a, b):
    return a**b


def floats(a, b):
    return a**b


def int_float(a, b):
    return a**b


def float_int(a, b):
    return a**b


def np_floats(a, b):
    return a**b


def np_ints(a, b):
    return a**b


def np_small(a, b):
    return a**b


def np_float_literal(x):
    return x**2, x**3, x**-1, x**0.5


def half(x):
    return x**0.5


def f32(a, b):
    return a**b


def inverse(n):
    return n**-1, n**-2


def builtin(a, b):
    return pow(a, b)


# run: square(-3) == (9, -27, 1, -3)
# run: square(2097151) == (4398042316801, 9223358842721533951, 1, 2097151)
# run: square(3037000500) raises OverflowError
# run: ints(2, 10) == 1024
# run: ints(2, 62) == 4611686018427387904
# run: ints(2, 63) raises OverflowError
# run: ints(-2, 63) == -9223372036854775808
# run: ints(-2, 64) raises OverflowError
# run: ints(0, 0) == 1
# run: ints(0, 5) == 0
# run: ints(1, 9223372036854775807) == 1
# run: ints(-1, 9223372036854775807) == -1
# run: ints(7, 22) == 3909821048582988049
# run: ints(10, 19) raises OverflowError
# run: floats(2.0, 0.5) == 1.4142135623730951
# run: floats(2.0, -1.0) == 0.5
# run: floats(0.0, 0.0) == 1.0
# run: floats(nan, 0.0) == 1.0
# run: floats(1.0, nan) == 1.0
# run: floats(0.0, -1.0) raises ZeroDivisionError "0.0 cannot be raised to a negative power"
# run: floats(-0.0, -1.0) raises ZeroDivisionError "0.0 cannot be raised to a negative power"
# run: floats(inf, -1.0) == 0.0
# run: floats(-inf, 3.0) == -inf
# run: floats(10.0, 400.0) raises OverflowError "(34, 'Numerical result out of range')"
# run: floats(10.0, -400.0) == 0.0
# run: floats(-2.0, 3.0) == -8.0
# run: floats(-2.0, 2.0) == 4.0
# run: floats(1.0000000001, 1e10) == 2.7182820532347876
# run: int_float(2, 0.5) == 1.4142135623730951
# run: int_float(10, -2.0) == 0.01
# run: float_int(1.5, 3) == 3.375
# run: float_int(1.5, -2) == 0.4444444444444444
# run: float_int(0.0, -2) raises ZeroDivisionError "0.0 cannot be raised to a negative power"
# run: np_floats(2.0, 0.5) == np.float64(1.4142135623730951)
# run: np_floats(-2.0, 0.5) == np.float64(nan)
# run: np_floats(0.0, -1.0) == np.float64(inf)
# run: np_floats(10.0, 400.0) == np.float64(inf)
# run: np_floats(-8.0, 3.0) == np.float64(-512.0)
# run: np_ints(3, 5) == np.int64(243)
# run: np_ints(3, 41) == np.int64(-420491770248316829)
# run: np_ints(2, -1) raises ValueError "Integers to negative integer powers are not allowed."
# run: np_small(5, 4) == np.int8(113)
# run: np_small(-2, 7) == np.int8(-128)
# run: np_float_literal(1.5) == (np.float64(2.25), np.float64(3.375), np.float64(0.6666666666666666), np.float64(1.224744871391589))
# run: np_float_literal(0.0) == (np.float64(0.0), np.float64(0.0), np.float64(inf), np.float64(0.0))
# run: half(2.0) == 1.4142135623730951
# run: half(0.0) == 0.0
# run: f32(1.5, 2.5) == np.float32(2.755676031112671)
# run: f32(10.0, 40.0) == np.float32(inf)
# run: builtin(3, 4) == 81
# run: builtin(3, 0) == 1
# run: inverse(4) == (0.25, 0.0625)
# run: inverse(-3) == (-0.3333333333333333, 0.1111111111111111)
# run: inverse(0) raises ZeroDivisionError "0.0 cannot be raised to a negative power"
