"""Elementary functions of math and numpy: within one unit in the last place."""
import math

import numpy as np

# ulp: 1
# gelcap: export exponentials(float)
# gelcap: export trigonometry(float)
# gelcap: export arctangents(float, float)
# gelcap: export np_functions(float64)
# gelcap: export np_log(float64)
# gelcap: export np_f32(float32)
# gelcap: export np_two(float64, float64)
# gelcap: export hypotenuse(float, float)
# gelcap: export gaussian(float)
# gelcap: export np_of_python(float)
# gelcap: export np_of_int(int)
# gelcap: export math_of_int(int)


def exponentials(x):
    return math.exp(x), math.tanh(x)


def trigonometry(x):
    return math.sin(x), math.cos(x), math.tan(x), math.atan(x)


def arctangents(y, x):
    return math.atan2(y, x)


def np_functions(x):
    return np.exp(x), np.sin(x), np.cos(x), np.tan(x), np.arctan(x), np.tanh(x)


def np_log(x):
    return np.log(x), np.sqrt(x)


def np_f32(x):
    return np.exp(x), np.sin(x), np.log(x)


def np_two(y, x):
    return np.arctan2(y, x), np.hypot(y, x)


def hypotenuse(a, b):
    return math.hypot(a, b)


def gaussian(x):
    return math.exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi)


def np_of_python(x):
    return np.exp(x), np.sqrt(x)


def np_of_int(n):
    return np.exp(n), np.sqrt(n)


def math_of_int(n):
    return math.exp(n), math.sqrt(n), math.cos(n)


# run: exponentials(0.0) == (1.0, 0.0)
# run: exponentials(1.0) == (2.718281828459045, 0.7615941559557649)
# run: exponentials(-1.5) == (0.22313016014842982, -0.9051482536448664)
# run: exponentials(-745.5) == (0.0, -1.0)
# run: exponentials(709.0) == (8.218407461554972e+307, 1.0)
# run: exponentials(-0.0) == (1.0, -0.0)
# run: exponentials(-inf) == (0.0, -1.0)
# run: exponentials(nan) == (nan, nan)
# run: trigonometry(0.0) == (0.0, 1.0, 0.0, 0.0)
# run: trigonometry(-0.0) == (-0.0, 1.0, -0.0, -0.0)
# run: trigonometry(1.0) == (0.8414709848078965, 0.5403023058681398, 1.5574077246549023, 0.7853981633974483)
# run: trigonometry(3.141592653589793) == (1.2246467991473532e-16, -1.0, -1.2246467991473532e-16, 1.2626272556789118)
# run: trigonometry(1e5) == (0.03574879797201651, -0.9993608074382124, -0.035771662952898776, 1.570786326794897)
# run: trigonometry(1e22) == (-0.8522008497671888, 0.523214785395139, -1.6287782256068988, 1.5707963267948966)
# run: trigonometry(-1e300) == (0.8178819121159085, -0.5753861119575491, -1.4214488238747245, -1.5707963267948966)
# run: trigonometry(nan) == (nan, nan, nan, nan)
# run: arctangents(1.0, 1.0) == 0.7853981633974483
# run: arctangents(0.0, -1.0) == 3.141592653589793
# run: arctangents(-0.0, -1.0) == -3.141592653589793
# run: arctangents(-1.0, 0.0) == -1.5707963267948966
# run: arctangents(inf, -inf) == 2.356194490192345
# run: arctangents(0.0, 0.0) == 0.0
# run: arctangents(nan, 1.0) == nan
# run: np_functions(0.5) == (np.float64(1.6487212707001282), np.float64(0.479425538604203), np.float64(0.8775825618903728), np.float64(0.5463024898437905), np.float64(0.4636476090008061), np.float64(0.46211715726000974))
# run: np_functions(inf) == (np.float64(inf), np.float64(nan), np.float64(nan), np.float64(nan), np.float64(1.5707963267948966), np.float64(1.0))
# run: np_functions(800.0) == (np.float64(inf), np.float64(0.8939696481970214), np.float64(-0.44812751321749233), np.float64(-1.9949001608458392), np.float64(1.5695463274459376), np.float64(1.0))
# run: np_log(10.0) == (np.float64(2.302585092994046), np.float64(3.1622776601683795))
# run: np_log(0.0) == (np.float64(-inf), np.float64(0.0))
# run: np_log(-1.0) == (np.float64(nan), np.float64(nan))
# run: np_log(inf) == (np.float64(inf), np.float64(inf))
# run: np_log(5e-324) == (np.float64(-744.4400719213812), np.float64(2.2227587494850775e-162))
# run: np_f32(0.5) == (np.float32(1.6487212181091309), np.float32(0.4794255495071411), np.float32(-0.6931471824645996))
# run: np_f32(100.0) == (np.float32(inf), np.float32(-0.5063656568527222), np.float32(4.605170249938965))
# run: np_two(3.0, -4.0) == (np.float64(2.498091544796509), np.float64(5.0))
# run: np_two(inf, nan) == (np.float64(nan), np.float64(inf))
# run: hypotenuse(3.0, 4.0) == 5.0
# run: hypotenuse(1e200, 1e200) == 1.414213562373095e+200
# run: hypotenuse(inf, nan) == inf
# run: gaussian(0.7) == 0.31225393336676127
# run: np_of_python(2.0) == (np.float64(7.38905609893065), np.float64(1.4142135623730951))
# run: np_of_int(2) == (np.float64(7.38905609893065), np.float64(1.4142135623730951))
# run: math_of_int(3) == (20.085536923187668, 1.7320508075688772, -0.9899924966004454)
