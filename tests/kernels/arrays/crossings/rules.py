"""Small programs against the rules of arrays: kinds of scalars beside arrays, casts in place, views, clamping, order."""
import numpy as np

# types: from-arguments
# let: f = np.array([0.5, -1.5, 2.0, 3.25])
# let: g = np.array([0.1, 0.2, 0.3], np.float32)
# let: i8 = np.array([100, 27, -128, 1], np.int8)
# let: u8 = np.array([200, 100, 255], np.uint8)
# let: u64 = np.array([2**64 - 1, 1], np.uint64)
# let: m = np.arange(12.0).reshape(3, 4)
# let: b = np.array([True, False, True])
# let: z = np.array(2.5)


def scaled_by_sum(a):
    s = 0
    for v in a:
        s += v
    return a * s, a + s


def store_sum(a, out):
    s = 0
    for v in a:
        s += v
    out[0] = s
    out[-1] += s


def signs(a, c):
    return np.minimum(a, c), np.maximum(a, c), np.abs(a), -a


def mod_and_floor(a, k):
    return a % k, a // k, a / k


def shifted(a, k):
    return a << k, a >> k, a & k, a | k, a ^ k, ~a


def in_place(a, k):
    a += k
    a *= k
    a -= 1
    return a


def in_place_float(a):
    a /= 2
    a **= 2
    a %= 0.75
    return a


def floor_in_place(a, k):
    a //= k
    a %= k
    return a


def through_view(m):
    v = m[:, ::-1]
    v[0] += v[1]
    v[:, 1:] -= v[:, :-1]
    return v


def swap(a):
    a[0], a[-1] = a[-1], a[0]
    a[:2], a[2:4] = a[2:4] * 1, a[:2] * 1


def swap_views(a):
    a[:2], a[2:] = a[2:], a[:2]


def zero_d(z):
    y = z + 1
    return y, z * 2, z[()], -z


def ellipsis(m):
    return m[..., 0], m[..., None].shape, m[None, ..., ::-2], m[1, ...], m[1, 2, ...]


def slices(a, i, j, k):
    return a[i:j:k]


def bools(b, c):
    return b & c, b | c, b ^ c, ~b, b == c, b + c, b * c, b.sum(), b.mean()


def compare(a, k):
    return a < k, a == k, a >= k, k > a


def powers(a):
    return a**2, a**3, a**0.5, 2**a


def int_powers(a):
    return a**2, a**0, a * a


def mean_of(a):
    return a.mean(), np.mean(a), a.sum() / len(a)


def raises_late(a, i):
    a[0] = 7
    a[i] = a[1] + 1
    a[1] = 9


def no_store(a, c):
    a[:] = a + c


def stepped_store(a, k):
    a[::k] = a[::-k][: len(a[::k])]


def chained(a):
    c = d = a
    c[0] = 5
    d = d + 1
    return a, d


def rebinding(a):
    v = a
    a = a * 2
    v[0] = -1
    return a, v


def loop_view(m):
    for row in m:
        row *= 2
        row = row + 1
    return m


def accumulate(a):
    for k in range(1, len(a)):
        a[k] += a[k - 1]
    return a


def assign_int(a, x):
    a[1] = x
    a[2:] = x


def where_of(a, k):
    return np.where(a > k, a, k), np.clip(a, -1, k)


def div_zero(a, k):
    return a / k, a // k, a % k


def minmax(a):
    lo, hi = a[0], a[0]
    for v in a:
        lo = min(lo, v)
        hi = max(hi, v)
    return lo, hi, hi - lo


def absolute(a):
    s = 0
    for v in a:
        s = max(s, abs(v))
    return s


def rounding(a):
    return np.round(a), np.floor(a), np.ceil(a), np.trunc(a), np.rint(a), np.sign(a)


# run: scaled_by_sum(f)
# run: scaled_by_sum(g)
# run: scaled_by_sum(i8)
# run: scaled_by_sum(u8)
# run: scaled_by_sum(b)
# run: store_sum(f, np.zeros(3))
# run: store_sum(f[:0], np.zeros(3))
# run: store_sum(u64, np.zeros(2, np.uint64))
# run: store_sum(u64[:1], np.zeros(2, np.uint64))
# run: store_sum(u8, np.zeros(2))
# run: store_sum(i8[:1], np.zeros(2, np.int8))
# run: signs(f, 0.0)
# run: signs(np.array([0.0, -0.0, nan]), -0.0)
# run: signs(np.array([0.0, -0.0, nan]), 0.0)
# run: signs(i8, 3)
# run: signs(g, 0.25)
# run: mod_and_floor(f, 0.75)
# run: mod_and_floor(f, -2)
# run: mod_and_floor(i8, 7)
# run: mod_and_floor(i8, -7)
# run: mod_and_floor(u8, 7)
# run: mod_and_floor(i8, 0)
# run: mod_and_floor(np.array([-128], np.int8), -1)
# run: mod_and_floor(f, 0.0)
# run: mod_and_floor(f, inf)
# run: mod_and_floor(g, 0.1)
# run: shifted(i8, 3)
# run: shifted(i8, 9)
# run: shifted(u8, 7)
# run: shifted(u64, np.uint64(63))
# run: shifted(np.array([1, -1]), 64)
# run: in_place(i8, 3)
# run: in_place(u8, 300) raises OverflowError
# run: in_place(f, 2)
# run: in_place(g, 0.1)
# run: in_place(g, np.float64(0.1))
# run: in_place_float(f)
# run: in_place_float(g)
# run: floor_in_place(f, 0.75)
# run: floor_in_place(i8, 7)
# run: floor_in_place(i8, 0)
# run: through_view(m)
# run: through_view(m.T)
# run: swap(f)
# run: swap_views(f)
# run: zero_d(z)
# run: zero_d(np.array(3, np.int8))
# run: ellipsis(m)
# run: ellipsis(m.T)
# run: slices(f, 1, 99, 1)
# run: slices(f, -99, 99, 2)
# run: slices(f, 3, 0, -1)
# run: slices(f, 99, -99, -2)
# run: slices(f, -1, -99, -3)
# run: slices(f, 2, 1, 1)
# run: slices(f, 0, 2, 0) raises ValueError
# run: slices(f, -2**63, 2**63 - 1, 2**62)
# run: slices(f, 2**63 - 1, -2**63, -2**63)
# run: bools(b, b[::-1])
# run: compare(f, 2)
# run: compare(i8, 300)
# run: compare(u8, -1)
# run: compare(u64, -1)
# run: compare(g, 0.1)
# run: compare(g, np.float64(0.1))
# run: compare(i8, 0.5)
# run: powers(f)
# run: int_powers(i8)
# run: int_powers(u8)
# run: mean_of(i8)
# run: mean_of(u8)
# run: mean_of(b)
# run: mean_of(g)
# run: raises_late(f, 9)
# run: raises_late(f, -1)
# run: raises_late(f, -5)
# run: no_store(f, f[:2])
# run: no_store(f, f[1:2])
# run: no_store(f, f[::-1])
# run: stepped_store(f, 1)
# run: stepped_store(f, 2)
# run: chained(f)
# run: rebinding(f)
# run: loop_view(m)
# run: accumulate(f)
# run: accumulate(i8)
# run: accumulate(u8[::-1])
# run: assign_int(i8, 5)
# run: assign_int(i8, 200) raises OverflowError
# run: assign_int(u8, -1) raises OverflowError
# run: assign_int(f, 2**53 + 1)
# run: assign_int(g, 0.1)
# run: assign_int(b, 3)
# run: where_of(f, 1)
# run: where_of(i8, 5)
# run: where_of(g, 0.2)
# run: div_zero(f, 0)
# run: div_zero(i8, 0)
# run: div_zero(u8, 0)
# run: minmax(f)
# run: minmax(i8)
# run: minmax(np.array([1.0, nan, 0.0]))
# run: absolute(f)
# run: absolute(i8)
# run: absolute(f[:0])
# run: rounding(f)
# run: rounding(g)
# run: rounding(np.array([0.5, 1.5, 2.5, -0.5, -0.0, nan, -inf]))
