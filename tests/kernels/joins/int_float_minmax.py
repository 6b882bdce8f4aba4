"""`min` and `max` of an int and a float are joins: the int becomes the float of the same value, or it is an
OverflowError. Only the type of the answer tells it from CPython's, whose `min(0, 2.5)` is the int itself; so these
results go through `float`."""


# gelcap: export lower(int, float)
def lower(a, b):
    return float(min(a, b))


# gelcap: export upper(int, float)
def upper(a, b):
    return float(max(a, b))


# gelcap: export three(int, float, int)
def three(a, b, c):
    return float(min(a, b, c)), float(max(a, b, c))


# gelcap: export clamped(float)
def clamped(x):
    return float(min(max(x, 0), 1))


# gelcap: export literals(int)
def literals(n):
    return float(min(0, 2.5) + n), max(1, 2.0) * n, min(3, 2.5), max(-1, -0.0)


# gelcap: export compared(int, float)
def compared(a, b):
    return min(a, b) == a, max(a, b) > b, min(a, b) <= max(a, b)


# run: lower(0, 2.5) == 0.0
# run: lower(3, 2.5) == 2.5
# run: lower(2, 2.0) == 2.0
# run: lower(0, -0.0) == 0.0
# run: lower(1, nan) == 1.0
# run: lower(-9007199254740992, 1.0) == -9007199254740992.0
# run: upper(1, 2.0) == 2.0
# run: upper(3, 2.0) == 3.0
# run: upper(3, nan) == 3.0
# run: upper(3, inf) == inf
# run: three(1, 2.5, 3) == (1.0, 3.0)
# run: three(4, -2.5, 3) == (-2.5, 4.0)
# run: clamped(-0.5) == 0.0
# run: clamped(0.25) == 0.25
# run: clamped(7.0) == 1.0
# run: clamped(nan)
# run: literals(3)
# run: compared(1, 2.5)
# run: compared(9007199254740992, 2.5)
