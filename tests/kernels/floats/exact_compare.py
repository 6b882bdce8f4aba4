"""ints and floats are compared by value, also above 2**53."""
# gelcap: export compare(int, float)
# gelcap: export swapped(float, int)
# gelcap: export chain(int, float, int)
# gelcap: export np_compare(int64, float64)
# gelcap: export np_weak(float64, int)
# gelcap: export weak_np(int64, float)


def compare(n, x):
    return n < x, n <= x, n == x, n != x, n >= x, n > x


def swapped(x, n):
    return x < n, x <= n, x == n, x != n, x >= n, x > n


def chain(a, x, b):
    return a < x < b


def np_compare(n, x):
    return n < x, n == x, n > x


def np_weak(x, n):
    return x < n, x == n, x > n


def weak_np(n, x):
    return n < x, n == x, n > x


# run: compare(1, 1.5) == (True, True, False, True, False, False)
# run: compare(9007199254740993, 9007199254740992.0) == (False, False, False, True, True, True)
# run: compare(9007199254740992, 9007199254740992.0) == (False, True, True, False, True, False)
# run: compare(9223372036854775807, 9223372036854775808.0) == (True, True, False, True, False, False)
# run: compare(-9223372036854775808, -9223372036854775808.0) == (False, True, True, False, True, False)
# run: compare(0, nan) == (False, False, False, True, False, False)
# run: compare(5, inf) == (True, True, False, True, False, False)
# run: compare(5, -inf) == (False, False, False, True, True, True)
# run: compare(0, -0.0) == (False, True, True, False, True, False)
# run: compare(-1, -0.5) == (True, True, False, True, False, False)
# run: compare(-9007199254740993, -9007199254740992.0) == (True, True, False, True, False, False)
# run: compare(3, 1e300) == (True, True, False, True, False, False)
# run: swapped(9007199254740992.0, 9007199254740993) == (True, True, False, True, False, False)
# run: swapped(9223372036854775808.0, 9223372036854775807) == (False, False, False, True, True, True)
# run: swapped(nan, 3) == (False, False, False, True, False, False)
# run: chain(9007199254740992, 9007199254740992.0, 9007199254740993) == False
# run: chain(9007199254740991, 9007199254740992.0, 9007199254740993) == True
# run: np_compare(9007199254740993, 9007199254740992.0) == (np.bool_(False), np.bool_(True), np.bool_(False))
# run: np_compare(9223372036854775807, 9223372036854775808.0) == (np.bool_(False), np.bool_(True), np.bool_(False))
# run: np_weak(9007199254740992.0, 9007199254740993) == (np.bool_(False), np.bool_(True), np.bool_(False))
# run: weak_np(9007199254740993, 9007199254740992.0) == (np.bool_(False), np.bool_(True), np.bool_(False))
