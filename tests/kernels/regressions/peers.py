"""What compilers of this kind have been seen to get wrong."""
# gelcap: export floor_mod(int, int)
# gelcap: export floor_zero(int)
# gelcap: export negative_step_bound(int)
# gelcap: export unsigned_compare(int, uint64)
# gelcap: export nan_max(float, float)
# gelcap: export sum_order(float64*, int)
# gelcap: export no_contraction(float, float, float)
# gelcap: export mean_of_nothing(float64*, int)
# gelcap: export store_then_raise(float64*, int)


def floor_mod(a, b):
    return a % b, a // b


def floor_zero(n):
    return n // 0


def negative_step_bound(n):
    total = 0
    for i in range(n, -1, -1):
        total += i
    return total


def unsigned_compare(a, b):
    return a < b


def nan_max(a, b):
    return max(a, b)


def sum_order(x, n):
    s = 0.0
    for i in range(n):
        s += x[i]
    return s


def no_contraction(a, b, c):
    return a * b + c


def mean_of_nothing(x, n):
    s = 0.0
    for i in range(n):
        s += x[i]
    return s / n


def store_then_raise(x, n):
    for i in range(n):
        x[i] = 1.0 / (2 - i)


# run: floor_mod(7, -3) == (-2, -3)
# run: floor_zero(7) raises ZeroDivisionError "integer division or modulo by zero"
# run: negative_step_bound(5) == 15
# run: unsigned_compare(-1, 18446744073709551615) == np.bool_(True)
# run: nan_max(nan, 1.0) == nan
# run: nan_max(1.0, nan) == 1.0
# run: sum_order(ptr(float64, [1e16, 1.0, -1e16, 1.0]), 4) == 1.0
# run: no_contraction(1.0000000000000002, 1.0000000000000002, -1.0000000000000004) == 0.0
# run: mean_of_nothing(ptr(float64, []), 0) raises ZeroDivisionError "float division by zero"
# run: store_then_raise(ptr(float64, [0.0, 0.0, 0.0, 0.0]), 4) raises ZeroDivisionError "float division by zero"
