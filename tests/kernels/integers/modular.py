"""pow(a, b, m): powers by a modulus, inverses for negative exponents, the sign of the modulus.

More points: tests/python/test_rounding.py."""
# types: from-arguments
import numpy as np


def power(a, b, m):
    return pow(a, b, m)


def inverse(a, m):
    return pow(a, -1, m)


def last_digits(a, b):
    return pow(base=a, exp=b, mod=1000), pow(a, 5, -7), pow(a, b, None)


def each(a, b, m):
    out = np.empty_like(a)
    for i in range(len(a)):
        n = int(m[i])
        out[i] = pow(int(a[i]), int(b[i]), n) if n != 0 else 0
    return out


def inverses(a, m):
    # Primes have inverses of all but their multiples.
    out = np.empty_like(a)
    for i in range(len(a)):
        out[i] = pow(int(a[i]), -1, m) if a[i] % m != 0 else 0
    return out


# let: r = np.random.default_rng(11)
# let: any = r.integers(-2**63, 2**63, 24)
# let: a = any >> r.integers(0, 62, 24)
# let: b = np.abs(r.integers(-2**62, 2**62, 24)) >> r.integers(0, 62, 24)
# let: m = r.integers(-2**63, 2**63, 24) >> r.integers(0, 63, 24)
# let: large = r.integers(2**62, 2**63 - 1, 24)
# let: edges = np.array([2**63 - 1, -2**63, 2**32, 2**32 - 1, 2**32 + 1, -2**32, 1, -1, 2, -2, 2**62, 3037000500] * 2)
# run: power(2, 10, 1000) == 24
# run: power(0, 0, 5) == 1
# run: power(0, 0, 1) == 0
# run: power(3, 0, -5) == -4
# run: power(-7, 3, 10) == 7
# run: power(-7, 3, -10) == -3
# run: power(7, 3, -10) == -7
# run: power(3, -1, 11) == 4
# run: power(3, -2, -11) == -6
# run: power(6, -1, 9) raises ValueError "base is not invertible for the given modulus"
# run: power(0, -1, 7) raises ValueError "base is not invertible for the given modulus"
# run: power(0, -1, 1) == 0
# run: power(6, -3, -1) == 0
# run: power(2, 3, 0) raises ValueError "pow() 3rd argument cannot be 0"
# run: power(2, -3, 0) raises ValueError "pow() 3rd argument cannot be 0"
# run: power(True, 2, True) == 0
# run: power(9223372036854775807, 9223372036854775807, -9223372036854775808)
# run: power(-9223372036854775808, 9223372036854775807, 9223372036854775807)
# run: power(3, -9223372036854775808, 9223372036854775807)
# run: power(3, -9223372036854775808, -9223372036854775808)
# run: power(-9223372036854775808, -9223372036854775808, 9223372036854775783)
# run: inverse(3, 9223372036854775783)
# run: inverse(-2, -9223372036854775807)
# run: inverse(4, 6) raises ValueError "base is not invertible for the given modulus"
# run: last_digits(3, 20)
# run: each(a, b, m)
# run: each(any, b, m)
# run: each(any, np.abs(a >> 1), large)
# run: each(any, np.abs(any >> 1), edges)
# run: each(edges, b, large)
# run: each(edges, b, edges[::-1].copy())
# run: inverses(a, 9223372036854775783)
# run: inverses(any, -9223372036854775783)
# run: inverses(any, 4294967291)
# run: inverses(any, 1000003)
