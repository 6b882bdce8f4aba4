"""float32 scalars: every operation is rounded to float32, and Python floats are weak."""
import numpy as np

# gelcap: export ops(float32, float32)
# gelcap: export weak_float(float32)
# gelcap: export weak_int(float32, int)
# gelcap: export poly(float32)
# gelcap: export with_double(float32, float64)
# gelcap: export with_int32(float32, int32)
# gelcap: export with_int16(float32, int16)
# gelcap: export floor_mod(float32, float32)
# gelcap: export root(float32)


def ops(a, b):
    return a + b, a - b, a * b, a / b


def weak_float(a):
    return a * 0.1 + 1e40


def weak_int(a, n):
    return a + n


def poly(x):
    return ((0.1 * x + 0.2) * x + 0.3) * x


def with_double(a, b):
    return a * b


def with_int32(a, n):
    return a * n


def with_int16(a, n):
    return a * n


def floor_mod(a, b):
    return a // b, a % b


def root(a):
    return np.sqrt(a)


# run: ops(0.1, 0.3) == (np.float32(0.4000000059604645), np.float32(-0.20000001788139343), np.float32(0.030000001192092896), np.float32(0.3333333134651184))
# run: ops(1e30, 1e30) == (np.float32(2.0000000300949324e+30), np.float32(0.0), np.float32(inf), np.float32(1.0))
# run: ops(1.0, 0.0) == (np.float32(1.0), np.float32(1.0), np.float32(0.0), np.float32(inf))
# run: ops(16777216.0, 1.0) == (np.float32(16777216.0), np.float32(16777215.0), np.float32(16777216.0), np.float32(16777216.0))
# run: weak_float(1.0) == np.float32(inf)
# run: weak_int(0.5, 16777217) == np.float32(16777216.0)
# run: weak_int(0.5, 9007199254740993) == np.float32(9007199254740992.0)
# run: poly(0.7) == np.float32(0.3422999978065491)
# run: with_double(0.1, 0.1) == np.float64(0.010000000149011612)
# run: with_int32(0.1, 16777217) == np.float64(1677721.7250000015)
# run: with_int16(0.1, 3) == np.float32(0.30000001192092896)
# run: floor_mod(7.5, 2.0) == (np.float32(3.0), np.float32(1.5))
# run: floor_mod(-7.5, 2.0) == (np.float32(-4.0), np.float32(0.5))
# run: floor_mod(1.0, 0.0) == (np.float32(inf), np.float32(nan))
# run: floor_mod(1.0, 0.1) == (np.float32(9.0), np.float32(0.09999998658895493))
# run: root(2.0) == np.float32(1.4142135381698608)
# run: root(-1.0) == np.float32(nan)
