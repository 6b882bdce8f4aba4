"""Capsule exports: the scalars of C are Python scalars in the kernel."""
# gelcap: export capsule integrand(int32, float64*)
# gelcap: export capsule weighted(int32, float64*, float64*)
# gelcap: export capsule single(float64)
# gelcap: export capsule ratio(float64, float64)
# gelcap: export capsule filter_mean(float64*, int64, float64*, float64*)
# gelcap: export capsule narrow(int32, int32)


def integrand(n, x):
    s = 0.0
    for i in range(n):
        s += x[i] * x[i]
    return s


def weighted(n, x, user_data):
    return user_data[0] + x[0] - x[1] * x[2]


def single(x):
    return x * x - 1.0


def ratio(a, b):
    return a / b


def filter_mean(buffer, size, result, user_data):
    total = 0.0
    for i in range(size):
        total += buffer[i]
    result[0] = total / size
    return 1


def narrow(a, b):
    return float(a * b)


# run: integrand(3, ptr(float64, [1.0, 2.0, 3.0])) == 14.0
# run: weighted(3, ptr(float64, [1.0, 2.0, 3.0]), ptr(float64, [10.0])) == 5.0
# run: single(3.0) == 8.0
# run: ratio(1.0, 4.0) == 0.25
# run: ratio(1.0, 0.0) raises ZeroDivisionError "float division by zero"
# run: filter_mean(ptr(float64, [1.0, 2.0, 6.0]), 3, ptr(float64, [0.0]), ptr(float64, [0.0])) == 1
# run: filter_mean(ptr(float64, []), 0, ptr(float64, [0.0]), ptr(float64, [0.0])) raises ZeroDivisionError "float division by zero"
# run: narrow(2147483647, 2147483647) == 4.6116860141324206e+18
