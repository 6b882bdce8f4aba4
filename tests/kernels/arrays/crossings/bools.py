"""Arrays of bools, and arrays as conditions element by element."""
import numpy as np

# types: from-arguments
# let: b = np.array([True, False, True, True])
# let: a = np.array([1.5, -2.0, nan, 0.0])


def counted(b):
    n = 0
    for v in b:
        if v:
            n += 1
    return n


def logic(b, c):
    return b & c, b | c, b ^ c, ~b


def negated(b):
    for k in range(len(b)):
        b[k] = not b[k]


def both(a, low, high):
    return (a > low) & (a < high)


def all_any(b):
    return b.all(), b.any()


def all_any_np(b):
    return np.all(b), np.any(b)


def mask_sum(a, low):
    return (a > low).sum()


def times(a, b):
    return a * b


def first(b):
    if b[0]:
        return 1
    return 2


def compared(a, b):
    return (a == b).all()


def xor_in_place(b, c):
    b ^= c


def stored(b, v):
    b[0] = v
    return b[0]


# run: counted(b)
# run: counted(b[:0])
# run: counted(np.array([0, 3, -1]))
# run: counted(a)
# run: logic(b, b[::-1])
# run: logic(b[:0], b[:0])
# run: logic(b.reshape(2, 2), b.reshape(2, 2).T)
# run: negated(b)
# run: negated(b[::-2])
# run: both(a, -3.0, 1.0)
# run: both(np.arange(5), 0, 3)
# run: all_any(b)
# run: all_any(b[:0])
# run: all_any(b.reshape(2, 2).T)
# run: all_any_np(b[2:])
# run: mask_sum(a, -3.0)
# run: mask_sum(a[:0], 0.0)
# run: times(a, b)
# run: times(b, np.array([3, 4, 5, 6], np.uint8))
# run: times(b, 2)
# run: times(b, 2.5)
# run: first(b)
# run: first(b[1:])
# run: first(b[:0]) raises IndexError
# run: compared(a, a)
# run: compared(a[:2], a[:2])
# run: xor_in_place(b, b[::-1])
# run: stored(b, 0)
# run: stored(b, 0.5)
# run: stored(b, np.float32(nan))
# run: stored(b, np.uint8(4))
