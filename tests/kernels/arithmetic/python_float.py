"""Python's float: IEEE, but division by zero is an error; floor and modulo have Python's signs."""
# gelcap: export add(float, float)
# gelcap: export div(float, float)
# gelcap: export floordiv(float, float)
# gelcap: export mod(float, float)
# gelcap: export both(float, float)
# gelcap: export mixed(int, float)


def add(a, b):
    return a + b


def div(a, b):
    return a / b


def floordiv(a, b):
    return a // b


def mod(a, b):
    return a % b


def both(a, b):
    return divmod(a, b)


def mixed(n, x):
    return n * x + n


# run: add(0.1, 0.2) == 0.30000000000000004
# run: add(1e308, 1e308) == inf
# run: add(inf, -inf) == nan
# run: add(-0.0, -0.0) == -0.0
# run: add(-0.0, 0.0) == 0.0
# run: add(5e-324, 5e-324) == 1e-323
# run: div(1.0, 3.0) == 0.3333333333333333
# run: div(1.0, 0.0) raises ZeroDivisionError "float division by zero"
# run: div(1.0, -0.0) raises ZeroDivisionError "float division by zero"
# run: div(0.0, 0.0) raises ZeroDivisionError "float division by zero"
# run: div(nan, 0.0) raises ZeroDivisionError "float division by zero"
# run: div(1.0, inf) == 0.0
# run: div(-1.0, inf) == -0.0
# run: div(5e-324, 2.0) == 0.0
# run: floordiv(7.5, 2.0) == 3.0
# run: floordiv(-7.5, 2.0) == -4.0
# run: floordiv(7.5, -2.0) == -4.0
# run: floordiv(-1.0, 3.0) == -1.0
# run: floordiv(-0.0, 2.0) == -0.0
# run: floordiv(1.0, 0.1) == 9.0
# run: floordiv(6.0, 0.1) == 59.0
# run: floordiv(1.0, 0.0) raises ZeroDivisionError "float floor division by zero"
# run: floordiv(inf, 2.0) == nan
# run: floordiv(2.0, inf) == 0.0
# run: floordiv(-2.0, inf) == -1.0
# run: floordiv(nan, 1.0) == nan
# run: floordiv(1e300, 1e-300) == inf
# run: mod(7.5, 2.0) == 1.5
# run: mod(-7.5, 2.0) == 0.5
# run: mod(7.5, -2.0) == -0.5
# run: mod(-0.0, 2.0) == 0.0
# run: mod(0.0, -2.0) == -0.0
# run: mod(-1e-20, 3.0) == 3.0
# run: mod(1.0, 0.0) raises ZeroDivisionError "float modulo"
# run: mod(inf, 2.0) == nan
# run: mod(2.0, inf) == 2.0
# run: mod(-2.0, inf) == inf
# run: mod(5.0, nan) == nan
# run: mod(1e300, 7.0) == 1.0
# run: mod(5e-324, 3e-324) == 0.0
# run: both(-7.5, 2.0) == (-4.0, 0.5)
# run: both(1.0, 0.1) == (9.0, 0.09999999999999995)
# run: both(1.0, 0.0) raises ZeroDivisionError "float divmod()"
# run: mixed(3, 0.5) == 4.5
# run: mixed(9007199254740993, 1.0) == 1.8014398509481984e+16
