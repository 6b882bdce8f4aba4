"""Constants, and what is exact in math and numpy."""
import math

import numpy as np

# gelcap: export constants()
# gelcap: export np_constants()
# gelcap: export infinite(float)
# gelcap: export copysign(float, float)
# gelcap: export np_copysign(float64, float64)
# gelcap: export np_fabs(float64)
# gelcap: export fabs_int(int)
# gelcap: export f32_exact(float32)


def constants():
    return math.pi, math.e, math.tau, math.inf


def np_constants():
    return np.pi, np.e, np.inf


def infinite(x):
    return x < math.inf, x == -np.inf, x != math.nan


def copysign(x, y):
    return math.copysign(x, y)


def np_copysign(x, y):
    return np.copysign(x, y)


def np_fabs(x):
    return np.fabs(x), np.isnan(x)


def fabs_int(n):
    return math.fabs(n)


def f32_exact(x):
    return np.sqrt(x), np.fabs(x), np.isfinite(x)


# run: constants() == (3.141592653589793, 2.718281828459045, 6.283185307179586, inf)
# run: np_constants() == (3.141592653589793, 2.718281828459045, inf)
# run: infinite(1.0) == (True, False, True)
# run: infinite(-inf) == (True, True, True)
# run: infinite(inf) == (False, False, True)
# run: copysign(3.0, -0.0) == -3.0
# run: copysign(-3.0, nan) == 3.0
# run: np_copysign(-3.0, 1.0) == np.float64(3.0)
# run: np_fabs(-2.5) == (np.float64(2.5), np.bool_(False))
# run: np_fabs(nan) == (np.float64(nan), np.bool_(True))
# run: fabs_int(-9007199254740993) == 9007199254740992.0
# run: f32_exact(2.0) == (np.float32(1.4142135381698608), np.float32(2.0), np.bool_(True))
# run: f32_exact(-inf) == (np.float32(nan), np.float32(inf), np.bool_(False))
