"""Pointers: elements are Python scalars, stores are range-checked, memory is as CPython leaves it."""
# gelcap: export axpy(float, float64*, float64*, int)
# gelcap: export total(int32*, int)
# gelcap: export bytes_sum(uint8*, int)
# gelcap: export floats(float32*, int)
# gelcap: export set_all(int16*, int, int)
# gelcap: export reverse(float64*, int)
# gelcap: export prefix(int64*, int)
# gelcap: export store_float(float32*, float)
# gelcap: export store_int_as_float(float64*, int)
# gelcap: export flags(bool*, int)
# gelcap: export swap(float64*, int, int)
# gelcap: export aliased(float64*, float64*, int)
# gelcap: export unsigned(uint64*, int)
# gelcap: export narrow_mix(int8*, uint16*, int)
# gelcap: export convolve(float64*, float64*, float64*, int, int)
# gelcap: export negative_index(float64*)
# gelcap: export sort(int32*, int)


def axpy(a, x, y, n):
    for i in range(n):
        y[i] = a * x[i] + y[i]


def total(p, n):
    s = 0
    for i in range(n):
        s += p[i]
    return s


def bytes_sum(p, n):
    s = 0
    for i in range(n):
        s = (s * 31 + p[i]) % 65521
    return s


def floats(p, n):
    s = 0.0
    for i in range(n):
        s += p[i]
    return s


def set_all(p, n, value):
    for i in range(n):
        p[i] = value + i


def reverse(p, n):
    for i in range(n // 2):
        p[i], p[n - 1 - i] = p[n - 1 - i], p[i]


def prefix(p, n):
    for i in range(1, n):
        p[i] += p[i - 1]
    return p[n - 1]


def store_float(p, x):
    p[0] = x
    return p[0]


def store_int_as_float(p, n):
    p[0] = n
    return p[0]


def flags(p, n):
    count = 0
    for i in range(n):
        if p[i]:
            count += 1
        p[i] = not p[i]
    return count


def swap(p, i, j):
    t = p[i]
    p[i] = p[j]
    p[j] = t


def aliased(p, q, n):
    for i in range(n):
        q[i] = 2.0 * p[i]


def unsigned(p, n):
    p[0] = n
    return p[0]


def narrow_mix(a, b, n):
    s = 0
    for i in range(n):
        s += a[i] * b[i]
        b[i] = a[i] * a[i]
    return s


def convolve(x, w, out, n, m):
    for i in range(n - m + 1):
        s = 0.0
        for k in range(m):
            s += x[i + k] * w[k]
        out[i] = s


def negative_index(p):
    return p[-1]


def sort(p, n):
    for i in range(1, n):
        v = p[i]
        j = i
        while j > 0 and p[j - 1] > v:
            p[j] = p[j - 1]
            j -= 1
        p[j] = v


# run: axpy(2.0, ptr(float64, [1.0, 2.0, 3.0]), ptr(float64, [10.0, 20.0, 30.0]), 3) == None
# run: axpy(nan, ptr(float64, [1.0]), ptr(float64, [1.0]), 1) == None
# run: axpy(2.0, ptr(float64, []), ptr(float64, []), 0) == None
# run: total(ptr(int32, [2147483647, 2147483647, -5]), 3) == 4294967289
# run: bytes_sum(ptr(uint8, [255, 0, 17, 128]), 4) == 62445
# run: floats(ptr(float32, [0.1, 0.2, 0.3]), 3) == 0.6000000163912773
# run: set_all(ptr(int16, [0, 0, 0]), 3, 100) == None
# run: set_all(ptr(int16, [0, 0, 0]), 3, 32766) raises OverflowError
# run: set_all(ptr(int16, [7]), 1, -32769) raises OverflowError
# run: reverse(ptr(float64, [1.0, 2.0, 3.0, 4.0, 5.0]), 5) == None
# run: prefix(ptr(int64, [1, 2, 3, 4]), 4) == 10
# run: prefix(ptr(int64, [9223372036854775807, 1, 5]), 3) raises OverflowError
# run: store_float(ptr(float32, [0.0]), 0.1) == 0.10000000149011612
# run: store_float(ptr(float32, [0.0]), 1e300) == inf
# run: store_float(ptr(float32, [0.0]), 1e-46) == 0.0
# run: store_float(ptr(float32, [0.0]), nan) == nan
# run: store_int_as_float(ptr(float64, [0.0]), 9007199254740993) == 9007199254740992.0
# run: flags(ptr(bool, [True, False, True]), 3) == 2
# run: swap(ptr(float64, [1.0, 2.0]), 0, 1) == None
# run: swap(ptr(float64, [1.0, 2.0]), 1, 1) == None
# run: aliased((p := ptr(float64, [1.0, 1.0, 1.0, 1.0])), p.at(1), 3) == None
# run: aliased((p := ptr(float64, [1.0, 2.0, 3.0])), p, 3) == None
# run: unsigned(ptr(uint64, [0]), 9223372036854775807) == 9223372036854775807
# run: unsigned(ptr(uint64, [3]), -1) raises OverflowError
# run: narrow_mix(ptr(int8, [-128, 127, 3]), ptr(uint16, [65535, 1, 2]), 3) == -8388347
# run: convolve(ptr(float64, [1.0, 2.0, 3.0, 4.0]), ptr(float64, [0.5, 0.25]), ptr(float64, [0.0, 0.0, 0.0]), 4, 2) == None
# run: negative_index((p := ptr(float64, [5.0, 6.0])).at(1)) == 5.0
# run: sort(ptr(int32, [5, -3, 9, 0, 5, -2147483648]), 6) == None
