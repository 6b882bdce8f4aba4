"""Kernels that call kernels: defaults, keywords, several types, failures that pass through."""
# gelcap: export area(float, float)
# gelcap: export defaults(int)
# gelcap: export keywords(int, int)
# gelcap: export order(int)
# gelcap: export generic(int, float)
# gelcap: export fails_inside(int, int)
# gelcap: export through_pointer(float64*, int)
# gelcap: export twice(int)
# gelcap: export returns_nothing(float64*)
# gelcap: export np_instance(int8, float32)
# gelcap: export called_for_effect(int64*, int)


def square(x):
    return x * x


def area(a, b):
    return square(a) + square(b)


def scaled(x, factor=3, offset=1):
    return x * factor + offset


def defaults(n):
    return scaled(n), scaled(n, 10), scaled(n, 10, 100), scaled(n, offset=7)


def keywords(a, b):
    return scaled(offset=a, x=b), scaled(a, offset=b), scaled(factor=a, x=b, offset=0)


def digit(state, d):
    return state * 10 + d


def order(n):
    return digit(digit(digit(n, 1), 2), 3)


def generic(n, x):
    return square(n), square(x), square(2.5), square(3)


def quotient(a, b):
    return a // b


def fails_inside(a, b):
    return quotient(a, b) + quotient(b, a)


def element(p, i):
    return p[i]


def through_pointer(p, n):
    s = 0.0
    for i in range(n):
        s += element(p, i) * element(p, n - 1 - i)
    return s


def twice(n):
    return square(square(n))


def fill(p, value):
    p[0] = value


def returns_nothing(p):
    fill(p, 2.5)


def np_instance(a, b):
    return square(a), square(b)


def bump(p, by):
    p[0] += by
    return p[0]


def called_for_effect(p, n):
    bump(p, n)
    return bump(p, 1) * 100 + bump(p, 1)


# run: area(3.0, 4.0) == 25.0
# run: defaults(5) == (16, 51, 150, 22)
# run: keywords(2, 9) == (29, 15, 18)
# run: order(4) == 4123
# run: generic(7, 1.5) == (49, 2.25, 6.25, 9)
# run: generic(3037000500, 1.5) raises OverflowError
# run: fails_inside(7, 2) == 3
# run: fails_inside(7, 0) raises ZeroDivisionError "integer division or modulo by zero"
# run: fails_inside(0, 7) raises ZeroDivisionError "integer division or modulo by zero"
# run: through_pointer(ptr(float64, [1.0, 2.0, 3.0]), 3) == 10.0
# run: twice(11) == 14641
# run: twice(65536) raises OverflowError
# run: returns_nothing(ptr(float64, [0.0])) == None
# run: np_instance(16, 0.1) == (np.int8(0), np.float32(0.010000000707805157))
# run: called_for_effect(ptr(int64, [5]), 10) == 1617
