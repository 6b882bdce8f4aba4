"""Variables whose type changes: int and float, Python and NumPy scalars."""
# gelcap: export widened(float64*, int)
# gelcap: export mean(float64*, int)
# gelcap: export np_start(float64, int)
# gelcap: export maybe_np(float64, bool)
# gelcap: export divided(float64, bool)
# gelcap: export int_or_float(int, float)
# gelcap: export bool_or_int(int)
# gelcap: export accumulated(int32, int)
# gelcap: export empty_division(float64, int)


def widened(x, n):
    s = 0
    for i in range(n):
        s += x[i]
    return float(s)


def mean(x, n):
    s = 0.0
    for i in range(n):
        s += x[i]
    return s / n


def np_start(x, n):
    s = 0.0
    for i in range(n):
        s += x
    return float(s)


def maybe_np(x, flag):
    y = 1.0
    if flag:
        y = x
    return float(y * 2)


def divided(x, flag):
    y = 0.0
    if flag:
        y = x
    return float(1.0 / y)


def int_or_float(n, x):
    y = n if n > 3 else x
    return float(y)


def bool_or_int(n):
    x = n > 3
    if x:
        x = n
    return int(x)


def accumulated(v, n):
    total = 0
    for i in range(n):
        total += v
    return int(total)


def empty_division(v, n):
    s = 0.0
    for i in range(n):
        s += v
    return float(s / n)


# run: widened(ptr(float64, [1.5, 2.5]), 2) == 4.0
# run: widened(ptr(float64, []), 0) == 0.0
# run: mean(ptr(float64, [1.0, 2.0, 4.0]), 3) == 2.3333333333333335
# run: mean(ptr(float64, []), 0) raises ZeroDivisionError "float division by zero"
# run: np_start(0.1, 3) == 0.30000000000000004
# run: np_start(0.1, 0) == 0.0
# run: maybe_np(2.5, True) == 5.0
# run: maybe_np(2.5, False) == 2.0
# run: divided(0.0, True) == inf
# run: divided(0.0, False) raises ZeroDivisionError "float division by zero"
# run: divided(4.0, True) == 0.25
# run: int_or_float(5, 2.5) == 5.0
# run: int_or_float(1, 2.5) == 2.5
# run: bool_or_int(2) == 0
# run: bool_or_int(7) == 7
# run: accumulated(2147483647, 1) == 2147483647
# run: accumulated(2147483647, 2) == -2
# run: accumulated(5, 0) == 0
# run: empty_division(2.0, 4) == 2.0
# run: empty_division(2.0, 0) raises ZeroDivisionError "float division by zero"
