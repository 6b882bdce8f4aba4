"""round, floor, ceil, trunc: half to even, and errors for what is no number."""
import math

import numpy as np

# gelcap: export to_int(float)
# gelcap: export floor(float)
# gelcap: export ceil(float)
# gelcap: export trunc(float)
# gelcap: export np_rounding(float64)
# gelcap: export f32_rounding(float32)
# gelcap: export of_int(int)


def to_int(x):
    return round(x)


def floor(x):
    return math.floor(x)


def ceil(x):
    return math.ceil(x)


def trunc(x):
    return math.trunc(x)


def np_rounding(x):
    return np.floor(x), np.ceil(x), np.trunc(x)


def f32_rounding(x):
    return np.floor(x), np.ceil(x), np.trunc(x)


def of_int(n):
    return round(n), math.floor(n), math.ceil(n), math.trunc(n)


# run: to_int(0.5) == 0
# run: to_int(1.5) == 2
# run: to_int(2.5) == 2
# run: to_int(-0.5) == 0
# run: to_int(-1.5) == -2
# run: to_int(0.49999999999999994) == 0
# run: to_int(4503599627370497.5) == 4503599627370498
# run: to_int(9223372036854774784.0) == 9223372036854774784
# run: to_int(9223372036854775808.0) raises OverflowError
# run: to_int(-9223372036854775808.0) == -9223372036854775808
# run: to_int(nan) raises ValueError "cannot convert float NaN to integer"
# run: to_int(inf) raises OverflowError "cannot convert float infinity to integer"
# run: floor(-1.5) == -2
# run: floor(1.5) == 1
# run: floor(-0.0) == 0
# run: floor(1e19) raises OverflowError
# run: floor(nan) raises ValueError "cannot convert float NaN to integer"
# run: floor(-inf) raises OverflowError "cannot convert float infinity to integer"
# run: ceil(-1.5) == -1
# run: ceil(1.5) == 2
# run: ceil(nan) raises ValueError "cannot convert float NaN to integer"
# run: trunc(-1.5) == -1
# run: trunc(1.5) == 1
# run: np_rounding(-1.5) == (np.float64(-2.0), np.float64(-1.0), np.float64(-1.0))
# run: np_rounding(-0.5) == (np.float64(-1.0), np.float64(-0.0), np.float64(-0.0))
# run: np_rounding(nan) == (np.float64(nan), np.float64(nan), np.float64(nan))
# run: np_rounding(1e300) == (np.float64(1e+300), np.float64(1e+300), np.float64(1e+300))
# run: f32_rounding(2.5) == (np.float32(2.0), np.float32(3.0), np.float32(2.0))
# run: f32_rounding(-0.25) == (np.float32(-1.0), np.float32(-0.0), np.float32(-0.0))
# run: of_int(-7) == (-7, -7, -7, -7)
