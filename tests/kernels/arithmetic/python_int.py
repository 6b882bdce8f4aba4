"""Python's int: 64-bit here, and checked."""
# gelcap: export add(int, int)
# gelcap: export sub(int, int)
# gelcap: export mul(int, int)
# gelcap: export neg(int)
# gelcap: export floordiv(int, int)
# gelcap: export mod(int, int)
# gelcap: export truediv(int, int)
# gelcap: export both(int, int)


def add(a, b):
    return a + b


def sub(a, b):
    return a - b


def mul(a, b):
    return a * b


def neg(a):
    return -a


def floordiv(a, b):
    return a // b


def mod(a, b):
    return a % b


def truediv(a, b):
    return a / b


def both(a, b):
    return divmod(a, b)


# run: add(2, 40) == 42
# run: add(9223372036854775807, -1) == 9223372036854775806
# run: add(9223372036854775807, 1) raises OverflowError
# run: add(-9223372036854775808, -1) raises OverflowError
# run: sub(-9223372036854775808, 1) raises OverflowError
# run: sub(0, -9223372036854775808) raises OverflowError
# run: sub(-1, -9223372036854775808) == 9223372036854775807
# run: mul(3037000499, 3037000499) == 9223372030926249001
# run: mul(3037000500, 3037000500) raises OverflowError
# run: mul(-9223372036854775808, -1) raises OverflowError
# run: mul(-9223372036854775808, 1) == -9223372036854775808
# run: mul(4294967296, -2147483648) == -9223372036854775808
# run: neg(5) == -5
# run: neg(-9223372036854775808) raises OverflowError
# run: floordiv(7, 2) == 3
# run: floordiv(-7, 2) == -4
# run: floordiv(7, -2) == -4
# run: floordiv(-7, -2) == 3
# run: floordiv(7, 0) raises ZeroDivisionError "integer division or modulo by zero"
# run: floordiv(-9223372036854775808, -1) raises OverflowError
# run: floordiv(-9223372036854775808, 9223372036854775807) == -2
# run: mod(7, 3) == 1
# run: mod(-7, 3) == 2
# run: mod(7, -3) == -2
# run: mod(-7, -3) == -1
# run: mod(6, -3) == 0
# run: mod(5, 0) raises ZeroDivisionError "integer modulo by zero"
# run: mod(-9223372036854775808, -1) == 0
# run: mod(1, -9223372036854775808) == -9223372036854775807
# run: truediv(1, 3) == 0.3333333333333333
# run: truediv(9007199254740993, 1) == 9007199254740992.0
# run: truediv(9223372036854775807, 3) == 3.0744573456182584e+18
# run: truediv(9223372036854775807, 9223372036854775806) == 1.0
# run: truediv(-9223372036854775808, 3) == -3.0744573456182584e+18
# run: truediv(9007199254740995, 9007199254740993) == 1.0000000000000002
# run: truediv(1, -9223372036854775808) == -1.0842021724855044e-19
# run: truediv(0, -5) == -0.0
# run: truediv(4, 0) raises ZeroDivisionError "division by zero"
# run: both(-7, 2) == (-4, 1)
# run: both(7, -2) == (-4, -1)
# run: both(1, 0) raises ZeroDivisionError "integer division or modulo by zero"
