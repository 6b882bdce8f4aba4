"""A Python int must fit the NumPy type it meets; conversions of out-of-range Python ints are errors."""
import numpy as np

# gelcap: export make_i8(int)
# gelcap: export make_u64(int)
# gelcap: export literal_too_large(int8, int)
# gelcap: export compare_too_large(uint8, int)
# gelcap: export times_weak(uint8, int)
# gelcap: export augmented(int8, int)
# gelcap: export weak_float_into_int(int32, float)
# gelcap: export shift_weak(int8, int)


def make_i8(n):
    return np.int8(n)


def make_u64(n):
    return np.uint64(n)


def literal_too_large(a, n):
    return a * n


def compare_too_large(a, n):
    return a < n, a >= n, a != n


def times_weak(a, n):
    return a * n


def augmented(a, n):
    a += n
    a *= 2
    return a


def weak_float_into_int(a, x):
    a += x
    return a


def shift_weak(a, n):
    return a << n


# run: make_i8(127) == np.int8(127)
# run: make_i8(128) raises OverflowError "Python integer 128 out of bounds for int8"
# run: make_i8(-129) raises OverflowError "Python integer -129 out of bounds for int8"
# run: make_u64(5) == np.uint64(5)
# run: make_u64(-1) raises OverflowError "Python integer -1 out of bounds for uint64"
# run: literal_too_large(2, 60) == np.int8(120)
# run: literal_too_large(2, 127) == np.int8(-2)
# run: literal_too_large(2, 128) raises OverflowError "Python integer 128 out of bounds for int8"
# run: compare_too_large(5, 300) == (np.bool_(True), np.bool_(False), np.bool_(True))
# run: compare_too_large(5, -1) == (np.bool_(False), np.bool_(True), np.bool_(True))
# run: compare_too_large(5, 5) == (np.bool_(False), np.bool_(True), np.bool_(False))
# run: times_weak(3, 85) == np.uint8(255)
# run: times_weak(3, -1) raises OverflowError "Python integer -1 out of bounds for uint8"
# run: times_weak(3, 256) raises OverflowError "Python integer 256 out of bounds for uint8"
# run: augmented(100, 27) == np.int8(-2)
# run: augmented(100, 28) == np.int8(0)
# run: augmented(100, 200) raises OverflowError "Python integer 200 out of bounds for int8"
# run: weak_float_into_int(3, 0.5) == np.float64(3.5)
# run: shift_weak(1, 6) == np.int8(64)
# run: shift_weak(1, 9) == np.int8(0)
# run: shift_weak(1, 300) raises OverflowError "Python integer 300 out of bounds for int8"
