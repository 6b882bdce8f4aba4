"""Powers and inverses of integers by a modulus of up to 2**63.

Products of two residues have 126 bits.  They are reduced 32 bits of one factor at a time: the quotient of that is below
2**32, so that its float64 is off by less than one, and the remainder is had exactly by arithmetic that wraps.
"""

import numpy as np

LOW_32 = 0xFFFFFFFF
# More than the error of a quotient below 2**32, made of four rounded operations.
SLACK = 0.0009765625
# Residues below 2**32 have products of 64 bits.
SMALL = 0x100000000


def magnitude(i: np.int64) -> np.uint64:
    """|i|, which for the smallest integer is 2**63."""
    return np.uint64(-i) if i < 0 else np.uint64(i)


def residue(a: np.int64, size: np.uint64) -> np.uint64:
    """a mod size, from 0 on."""
    rest = magnitude(a) % size
    return size - rest if a < 0 and rest != 0 else rest


def multiply_part(a: np.uint64, part: np.uint64, size: np.uint64, inverse: np.float64) -> np.uint64:
    """a * part mod size, for a below size, part of at most 2**32."""
    estimate = np.floor(np.float64(a) * np.float64(part) * inverse - SLACK)
    quotient = np.uint64(np.int64(estimate)) if estimate > 0.0 else np.uint64(0)
    # At most one too small: below twice the size, which is at most 2**64.
    rest = a * part - quotient * size
    return rest - size if rest >= size else rest


def multiply(a: np.uint64, b: np.uint64, size: np.uint64, inverse: np.float64) -> np.uint64:
    """a * b mod size of residues."""
    if size <= SMALL:
        return a * b % size
    upper = multiply_part(a, b >> 32, size, inverse)
    total = multiply_part(upper, np.uint64(SMALL), size, inverse) + multiply_part(a, b & LOW_32, size, inverse)
    return total - size if total >= size else total


def pow_mod(a: np.int64, b: np.int64, m: np.int64) -> np.int64:
    """a**|b| mod m for m != 0, with the sign of m."""
    size = magnitude(m)
    inverse = np.float64(1.0) / np.float64(size)
    base = residue(a, size)
    exponent = magnitude(b)
    result = np.uint64(1) % size
    while exponent != 0:
        if exponent & 1 != 0:
            result = multiply(result, base, size, inverse)
        base = multiply(base, base, size, inverse)
        exponent = exponent >> 1
    return np.int64(result) + m if m < 0 and result != 0 else np.int64(result)


def mod_inverse(a: np.int64, m: np.int64) -> np.int64:
    """The residue whose product with a is 1 mod |m|, for m != 0; 0 if there is none.

    Euclid's algorithm, with the multiples of a that give each remainder: but for the last, which is not used, they
    are at most half the modulus.
    """
    size = magnitude(m)
    if size == 1:
        return np.int64(1)
    before = size
    rest = residue(a, size)
    factor_before = np.int64(0)
    factor = np.int64(1)
    while rest != 0:
        quotient = before // rest
        before, rest = rest, before - quotient * rest
        factor_before, factor = factor, factor_before - np.int64(quotient) * factor
    if before != 1:
        return np.int64(0)
    return np.int64(np.uint64(factor_before) + size) if factor_before < 0 else factor_before
