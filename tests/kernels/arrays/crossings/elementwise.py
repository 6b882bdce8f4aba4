"""Elementwise expressions: broadcasting, dtypes of NEP 50, wrapping, NaN."""
import numpy as np

# types: from-arguments
# let: f = np.array([1.5, -0.0, nan, inf, -2.5])
# let: g = np.array([0.5, 0.0, 1.0, inf, 2.0])
# let: f32 = np.array([0.1, 16777216.0, -3.5], np.float32)
# let: i8 = np.array([127, -128, 5], np.int8)
# let: u8 = np.array([255, 0, 3], np.uint8)
# let: i64 = np.array([2**63 - 1, -2**63, 7])
# let: u64 = np.array([2**64 - 1, 0, 9], np.uint64)
# let: b = np.array([True, False, True])


def add(a, b):
    return a + b


def sub(a, b):
    return a - b


def mul(a, b):
    return a * b


def div(a, b):
    return a / b


def floordiv(a, b):
    return a // b


def mod(a, b):
    return a % b


def power2(a):
    return a**2


def cube(a):
    return a**3


def root(a):
    return a**0.5


def bits(a, b):
    return a & b, a | b, a ^ b


def shifts(a, b):
    return a << b, a >> b


def negative(a):
    return -a


def inverted(a):
    return ~a


def absolute(a):
    return abs(a), np.abs(a)


def less(a, b):
    return a < b


def equal(a, b):
    return a == b, a != b


def polynomial(x):
    return 3.0 * x * x - 2.0 * x + 1.0


def affine(a, x, y):
    return a * x + y


def plus_literal(a):
    return a + 1, 1 - a


def plus_half(a):
    return a + 0.5


def outer(a, b):
    return a[:, None] * b[None, :]


def centred(m):
    return m - m[0]


def sqrt(a):
    return np.sqrt(a)


def rounded(a):
    return np.floor(a), np.ceil(a), np.trunc(a), np.rint(a)


def extremes(a, b):
    return np.minimum(a, b), np.maximum(a, b)


def classified(a):
    return np.isnan(a), np.isinf(a), np.isfinite(a)


def where(a, b):
    return np.where(a > b, a, b)


def casts(a):
    return a.astype(np.int32), a.astype(np.float32)


def long(a, b, c):
    return (a + b) * c - (a - b) / (c + 2.0)


# run: add(f, g)
# run: add(f32, f32)
# run: add(i8, i8)
# run: add(u8, u8)
# run: add(i64, i64)
# run: add(u64, u64)
# run: add(b, b)
# run: add(i8, u8)
# run: add(i8, f32)
# run: add(i64, f32)
# run: add(u64, i64)
# run: add(b, i8)
# run: add(f32, 0.1)
# run: add(i8, 100)
# run: add(i8, 200) raises OverflowError "Python integer 200 out of bounds for int8"
# run: add(u8, -1) raises OverflowError "Python integer -1 out of bounds for uint8"
# run: add(i8[:0], 200) raises OverflowError
# run: add(i8, 1.5)
# run: add(i8, True)
# run: add(i8, np.int16(1000))
# run: add(f32, np.float64(1.0))
# run: add(5, u8)
# run: add(np.float32(0.5), i8)
# run: add(f[::-1], g[::-1])
# run: add(np.arange(6.0).reshape(2, 3), np.arange(3.0))
# run: add(np.arange(6.0).reshape(2, 3), np.arange(2.0).reshape(2, 1))
# run: add(np.arange(3.0), np.arange(2.0).reshape(2, 1))
# run: add(np.arange(6).reshape(2, 3).T, np.arange(6).reshape(3, 2))
# run: add(np.arange(6).reshape(2, 3).T, np.arange(6).reshape(2, 3).T)
# run: add(np.arange(6.0).reshape(2, 3), np.zeros(2)) raises ValueError "operands could not be broadcast together with shapes (2,3) (2,) "
# run: add(np.zeros(3), np.zeros(4)) raises ValueError "operands could not be broadcast together with shapes (3,) (4,) "
# run: add(np.zeros(0), np.zeros(1))
# run: add(np.zeros(0), np.zeros(2)) raises ValueError
# run: add(np.zeros((0, 3)), np.zeros((1, 3)))
# run: add(np.zeros((1, 3)), np.zeros((2, 1)))
# run: add(np.zeros((2, 1, 3)), np.ones((4, 1)))
# run: add(np.ones((2, 1, 2, 1)), np.arange(3.0))
# run: add(np.broadcast_to(np.float64(2.0), (2, 3)), np.arange(3.0))
# run: sub(i8, u8)
# run: sub(u64, u64[::-1])
# run: sub(f, f)
# run: mul(i8, i8)
# run: mul(i64, i64)
# run: mul(f, g)
# run: mul(b, b)
# run: mul(f32, 3)
# run: div(f, g)
# run: div(i8, i8[::-1])
# run: div(i64, np.array([0, 0, -1]))
# run: div(u8, 0)
# run: div(f32, f32)
# run: div(b, b)
# run: floordiv(f, g)
# run: floordiv(i8, np.array([-1, -1, 0], np.int8))
# run: floordiv(i64, np.array([-1, -1, 0]))
# run: floordiv(u8, 7)
# run: floordiv(i8, -3)
# run: floordiv(f32, np.float32(0.3))
# run: mod(f, g)
# run: mod(i8, np.array([-3, 3, 0], np.int8))
# run: mod(i64, 10)
# run: mod(i64, -10)
# run: mod(u64, 10)
# run: mod(np.array([-5.5, 5.5, -0.0]), np.array([2.0, -2.0, 3.0]))
# run: power2(f)
# run: power2(i8)
# run: power2(u8)
# run: cube(i64)
# run: cube(i8)
# run: root(np.array([4.0, 2.0, 0.0, -0.0, inf]))
# run: bits(i8, np.array([15, 15, 15], np.int8))
# run: bits(u64, u64[::-1])
# run: bits(b, b[::-1])
# run: bits(i8, u8)
# run: shifts(np.array([1, -1, 64], np.int8), np.array([3, 7, 9], np.int8))
# run: shifts(u8, 1)
# run: shifts(i64, np.array([63, 64, 65]))
# run: negative(f)
# run: negative(i8)
# run: negative(u8)
# run: inverted(i8)
# run: inverted(u64)
# run: inverted(b)
# run: absolute(f)
# run: absolute(i8)
# run: absolute(i64)
# run: less(f, g)
# run: less(i64, u64)
# run: less(i8, 1000)
# run: less(u8, -1)
# run: less(i64, 0.5)
# run: less(b, b[::-1])
# run: equal(f, f)
# run: equal(i64, np.array([2.0**63, -(2.0**63), 7.0]))
# run: equal(u64, i64)
# run: equal(f32, 0.1)
# run: polynomial(f)
# run: polynomial(f32)
# run: polynomial(i8)
# run: polynomial(np.arange(200.0)[::-3])
# run: affine(f, 2.0, g)
# run: affine(f32, np.float32(2.0), 0.1)
# run: affine(i8, 2, u8)
# run: plus_literal(i8)
# run: plus_literal(u8)
# run: plus_literal(f32)
# run: plus_literal(b)
# run: plus_half(i8)
# run: plus_half(i64)
# run: plus_half(f32)
# run: outer(f, g)
# run: outer(i8, u8)
# run: outer(i8[:0], u8)
# run: centred(np.arange(12.0).reshape(3, 4))
# run: centred(np.arange(12, dtype=np.uint8).reshape(3, 4)[::-1])
# run: centred(np.arange(12.0).reshape(3, 4).T)
# run: sqrt(np.array([4.0, 2.0, -1.0, -0.0, inf, nan]))
# run: sqrt(np.array([4.0, 2.0], np.float32))
# run: sqrt(np.array([4, 2]))
# run: rounded(np.array([0.5, 1.5, 2.5, -0.5, -1.5, 1e300, -0.0]))
# run: rounded(f32)
# run: extremes(f, g)
# run: extremes(np.array([0.0, -0.0, nan]), np.array([-0.0, 0.0, 1.0]))
# run: extremes(i8, u8)
# run: extremes(i8, 3)
# run: classified(f)
# run: classified(f32)
# run: where(f, g)
# run: where(i8, i8[::-1])
# run: where(np.arange(3.0), 1.0)
# run: casts(np.array([1.9, -1.9, 300.5]))
# run: casts(i8)
# run: casts(u64)
# run: casts(b)
# run: long(f, g, g)
# run: long(i8, u8, f32)
# run: long(np.arange(6.0).reshape(2, 3), np.arange(3.0), 2.0)
