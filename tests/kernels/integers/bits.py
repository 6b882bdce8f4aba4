"""Bit operations and shifts of Python ints."""
# gelcap: export ops(int, int)
# gelcap: export invert(int)
# gelcap: export left(int, int)
# gelcap: export right(int, int)
# gelcap: export bools(bool, bool)
# gelcap: export popcount(int)


def ops(a, b):
    return a & b, a | b, a ^ b


def invert(a):
    return ~a


def left(a, n):
    return a << n


def right(a, n):
    return a >> n


def bools(a, b):
    return a & b, a | b, a ^ b, not a, a + b, a == b, a < b


def popcount(n):
    count = 0
    while n:
        n &= n - 1
        count += 1
    return count


# run: ops(12, 10) == (8, 14, 6)
# run: ops(-1, 255) == (255, -1, -256)
# run: ops(-9223372036854775808, 9223372036854775807) == (0, -1, -1)
# run: invert(0) == -1
# run: invert(9223372036854775807) == -9223372036854775808
# run: left(1, 10) == 1024
# run: left(1, 62) == 4611686018427387904
# run: left(1, 63) raises OverflowError
# run: left(-1, 63) == -9223372036854775808
# run: left(-1, 64) raises OverflowError
# run: left(0, 100) == 0
# run: left(3, 61) == 6917529027641081856
# run: left(5, 0) == 5
# run: left(1, -1) raises ValueError "negative shift count"
# run: left(1, 1000) raises OverflowError
# run: right(1024, 3) == 128
# run: right(-1, 5) == -1
# run: right(-8, 1) == -4
# run: right(-7, 1) == -4
# run: right(7, 64) == 0
# run: right(-7, 64) == -1
# run: right(-7, 9223372036854775807) == -1
# run: right(7, -1) raises ValueError "negative shift count"
# run: bools(True, False) == (False, True, True, False, 1, False, False)
# run: bools(True, True) == (True, True, False, False, 2, True, False)
# run: popcount(255) == 8
# run: popcount(4611686018427387904) == 1
