"""NumPy's float64 scalars: division by zero gives inf and nan, floor and modulo follow npy_divmod."""
# gelcap: export div(float64, float64)
# gelcap: export floordiv(float64, float64)
# gelcap: export mod(float64, float64)
# gelcap: export both(float64, float64)
# gelcap: export weak(float64)
# gelcap: export neg(float64)


def div(a, b):
    return a / b


def floordiv(a, b):
    return a // b


def mod(a, b):
    return a % b


def both(a, b):
    return divmod(a, b)


def weak(a):
    return 1 / a + 0.5 - 2 * a


def neg(a):
    return -a, +a, abs(a)


# run: div(1.0, 0.0) == np.float64(inf)
# run: div(-1.0, 0.0) == np.float64(-inf)
# run: div(1.0, -0.0) == np.float64(-inf)
# run: div(0.0, 0.0) == np.float64(nan)
# run: div(nan, 0.0) == np.float64(nan)
# run: floordiv(1.0, 0.0) == np.float64(inf)
# run: floordiv(-1.0, 0.0) == np.float64(-inf)
# run: floordiv(0.0, 0.0) == np.float64(nan)
# run: floordiv(-7.5, 2.0) == np.float64(-4.0)
# run: floordiv(7.5, -2.0) == np.float64(-4.0)
# run: floordiv(-0.0, 2.0) == np.float64(-0.0)
# run: floordiv(inf, 2.0) == np.float64(nan)
# run: floordiv(2.0, inf) == np.float64(0.0)
# run: floordiv(-2.0, inf) == np.float64(-1.0)
# run: floordiv(1.0, 0.1) == np.float64(9.0)
# run: floordiv(6.0, 0.1) == np.float64(59.0)
# run: floordiv(nan, 0.0) == np.float64(nan)
# run: mod(1.0, 0.0) == np.float64(nan)
# run: mod(0.0, 0.0) == np.float64(nan)
# run: mod(-7.5, 2.0) == np.float64(0.5)
# run: mod(7.5, -2.0) == np.float64(-0.5)
# run: mod(-0.0, 2.0) == np.float64(0.0)
# run: mod(0.0, -2.0) == np.float64(-0.0)
# run: mod(inf, 2.0) == np.float64(nan)
# run: mod(2.0, -inf) == np.float64(-inf)
# run: mod(-2.0, inf) == np.float64(inf)
# run: both(7.0, 0.0) == (np.float64(inf), np.float64(nan))
# run: both(-7.0, 3.0) == (np.float64(-3.0), np.float64(2.0))
# run: both(7.0, -3.0) == (np.float64(-3.0), np.float64(-2.0))
# run: weak(4.0) == np.float64(-7.25)
# run: weak(0.0) == np.float64(inf)
# run: neg(0.0) == (np.float64(-0.0), np.float64(0.0), np.float64(0.0))
# run: neg(-2.5) == (np.float64(2.5), np.float64(-2.5), np.float64(2.5))
