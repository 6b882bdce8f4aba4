"""math raises where NumPy gives nan or inf."""
import math

import numpy as np

# ulp: 1
# gelcap: export sqrt(float)
# gelcap: export log(float)
# gelcap: export exp(float)
# gelcap: export power(float, float)
# gelcap: export fmod(float, float)
# gelcap: export sin(float)
# gelcap: export tan(float)
# gelcap: export np_sqrt(float64)
# gelcap: export np_exp(float64)
# gelcap: export np_power(float64, float64)
# gelcap: export np_fmod(float64, float64)
# gelcap: export log_int(int)
# gelcap: export np_scalar_in_math(float64)
# gelcap: export np_sin(float64)


def sqrt(x):
    return math.sqrt(x)


def log(x):
    return math.log(x)


def exp(x):
    return math.exp(x)


def power(x, y):
    return math.pow(x, y)


def fmod(x, y):
    return math.fmod(x, y)


def sin(x):
    return math.sin(x)


def tan(x):
    return math.tan(x)


def np_sqrt(x):
    return np.sqrt(x)


def np_exp(x):
    return np.exp(x)


def np_power(x, y):
    return np.power(x, y)


def np_fmod(x, y):
    return np.fmod(x, y)


def log_int(n):
    return math.log(n)


def np_scalar_in_math(x):
    return math.sqrt(x)


def np_sin(x):
    return np.sin(x)


# run: sqrt(2.0) == 1.4142135623730951
# run: sqrt(-0.0) == -0.0
# run: sqrt(-1.0) raises ValueError "math domain error"
# run: sqrt(-inf) raises ValueError "math domain error"
# run: sqrt(inf) == inf
# run: sqrt(nan) == nan
# run: log(1.0) == 0.0
# run: log(0.0) raises ValueError "math domain error"
# run: log(-0.0) raises ValueError "math domain error"
# run: log(-1.0) raises ValueError "math domain error"
# run: log(inf) == inf
# run: log(-inf) raises ValueError "math domain error"
# run: log(nan) == nan
# run: exp(710.0) raises OverflowError "math range error"
# run: exp(inf) == inf
# run: exp(-1e10) == 0.0
# run: power(2.0, 0.5) == 1.4142135623730951
# run: power(0.0, -1.0) raises ValueError "math domain error"
# run: power(-1.0, 0.5) raises ValueError "math domain error"
# run: power(10.0, 309.0) raises OverflowError "math range error"
# run: power(nan, 0.0) == 1.0
# run: power(1.0, inf) == 1.0
# run: power(-2.0, 3.0) == -8.0
# run: power(inf, 2.0) == inf
# run: fmod(7.5, 2.0) == 1.5
# run: fmod(-7.5, 2.0) == -1.5
# run: fmod(7.5, -2.0) == 1.5
# run: fmod(-0.0, 2.0) == -0.0
# run: fmod(1.0, 0.0) raises ValueError "math domain error"
# run: fmod(inf, 1.0) raises ValueError "math domain error"
# run: fmod(1.0, inf) == 1.0
# run: fmod(nan, 0.0) == nan
# run: fmod(1e300, 7.0) == 1.0
# run: sin(inf) raises ValueError "math domain error"
# run: sin(nan) == nan
# run: tan(-inf) raises ValueError "math domain error"
# run: np_sqrt(-1.0) == np.float64(nan)
# run: np_exp(710.0) == np.float64(inf)
# run: np_power(-1.0, 0.5) == np.float64(nan)
# run: np_power(0.0, -1.0) == np.float64(inf)
# run: np_fmod(1.0, 0.0) == np.float64(nan)
# run: np_fmod(-7.5, 2.0) == np.float64(-1.5)
# run: log_int(100) == 4.605170185988092
# run: log_int(0) raises ValueError "math domain error"
# run: np_scalar_in_math(4.0) == 2.0
# run: np_scalar_in_math(-4.0) raises ValueError "math domain error"
# run: np_sin(inf) == np.float64(nan)
